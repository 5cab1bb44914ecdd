//! The trait that a vendor implements: how its gateway recognises, authenticates, wraps and
//! refuses. A dialect knows no world.

use std::fmt::Debug;

use http::HeaderValue;
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::call::{RequestContext, RoutedCall};
use super::registry::{AnyPlan, OperationRef};
use crate::wire::error::{ApiError, CredentialProblem, ErrorEntry, Reason, VendorError};
use crate::wire::{Arguments, Format, Reply, Request};

/// How strongly a dialect claims a request; the strongest claim wins.
///
/// A signature or header of the vendor's style on a path that the vendor cannot serve is the
/// weakest claim: a client that is configured for the wrong vendor is then refused by the one it
/// called, which can tell it so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Claim {
    /// The signature or a header is the vendor's, but the path is not.
    Stray,
    /// The path has the form of the vendor's paths.
    Path,
    /// As `Path`, and a header is the vendor's.
    Header,
    /// As `Path`, and the signature is of the vendor's style.
    Signature,
}

/// One vendor's gateway.
pub(crate) trait Dialect: 'static {
    /// Its table `[gateway.NAME]` in the scenario file; [`NoSettings`] if there is none.
    type Settings: Debug + Default + DeserializeOwned + JsonSchema + Send + Sync + 'static;

    const NAME: &'static str;
    /// Where [`Dialect::Settings`] stand in the scenario file: `["gateway", NAME]`, or empty.
    const SETTINGS_PATH: &'static [&'static str] = &[];
    /// The gateway's own errors.
    const ERRORS: &'static [ErrorEntry];
    /// The causes that a diagnosis of rejected credentials can name, each with its meaning.
    const CAUSES: &'static [(&'static str, &'static str)];
    /// Parameters that the gateway itself reads, on every operation.
    const COMMON_PARAMETERS: &'static [&'static str] = &[];
    /// The header in which clients ask for Chinese texts.
    const LANGUAGE_HEADER: &'static str = "";
    /// The content type of answers in XML, if the gateway has them.
    const XML_CONTENT_TYPE: Option<&'static str> = None;

    /// Whether the request is for this vendor.
    fn claim(request: &Request) -> Option<Claim>;

    /// The format of the answer.
    fn format(request: &Request, arguments: &Arguments<'_>, settings: &Self::Settings) -> Format {
        let _ = (request, arguments, settings);
        Format::Json
    }

    /// Input of the request id, in addition to method, path, query and body.
    fn identity(request: &Request) -> [&[u8]; 2] {
        let _ = request;
        [b"", b""]
    }

    /// The request id, as the vendor's answers show it.
    fn request_id(context: &RequestContext<'_>) -> String;

    /// Which of the vendor's operations is called, with which arguments.
    ///
    /// # Errors
    /// If it is none of them, or the request cannot be decoded.
    fn route<'a>(
        context: &'a RequestContext<'a>,
        operations: &[OperationRef],
    ) -> Result<RoutedCall<'a>, ApiError>;

    /// The id of the access key that the credentials name, whether or not they are right.
    fn key_id(call: &RoutedCall<'_>) -> Option<String>;

    /// The first problem of the credentials' presence or form, if there is one.
    fn credential_problem(call: &RoutedCall<'_>) -> Option<CredentialProblem>;

    /// The index in the plan of the access key that the credentials verify against.
    ///
    /// # Errors
    /// If they do not verify.
    fn authenticate(call: &RoutedCall<'_>) -> Result<usize, ApiError>;

    /// The body of a successful call.
    ///
    /// # Errors
    /// If the body cannot be serialized, which is a bug.
    fn envelope(
        call: &RoutedCall<'_>,
        format: Format,
        body: &impl Serialize,
    ) -> Result<Vec<u8>, ApiError>;

    /// Sets the vendor's headers on the reply to a successful call.
    fn set_headers(call: &RoutedCall<'_>, reply: &mut Reply);

    /// The gateway's status, code and wording of an error that the service leaves to it.
    fn vendor_error(context: &RequestContext<'_>, reason: &Reason) -> VendorError;

    /// The vendor's error answer, with its headers. `call` is None if no operation was recognised.
    fn render_error(
        context: &RequestContext<'_>,
        call: Option<&RoutedCall<'_>>,
        error: &ApiError,
        vendor_error: &VendorError,
    ) -> Reply;
}

/// The settings of a vendor that has none.
#[derive(Debug, Default, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NoSettings {}

/// A [`Dialect`] with its types erased, as the registry holds it.
pub(crate) trait AnyDialect: Debug + Sync {
    fn name(&self) -> &'static str;
    fn errors(&self) -> &'static [ErrorEntry];
    fn causes(&self) -> &'static [(&'static str, &'static str)];
    fn common_parameters(&self) -> &'static [&'static str];
    fn language_header(&self) -> &'static str;
    fn has_xml(&self) -> bool;
    fn claim(&self, request: &Request) -> Option<Claim>;
    fn format(&self, request: &Request, arguments: &Arguments<'_>, settings: &Settings) -> Format;
    fn identity<'r>(&self, request: &'r Request) -> [&'r [u8]; 2];
    fn request_id(&self, context: &RequestContext<'_>) -> String;
    fn route<'a>(
        &self,
        context: &'a RequestContext<'a>,
        operations: &[OperationRef],
    ) -> Result<RoutedCall<'a>, ApiError>;
    fn key_id(&self, call: &RoutedCall<'_>) -> Option<String>;
    fn credential_problem(&self, call: &RoutedCall<'_>) -> Option<CredentialProblem>;
    fn authenticate(&self, call: &RoutedCall<'_>) -> Result<usize, ApiError>;
    fn set_headers(&self, call: &RoutedCall<'_>, reply: &mut Reply);
    fn vendor_error(&self, context: &RequestContext<'_>, reason: &Reason) -> VendorError;
    fn render_error(
        &self,
        context: &RequestContext<'_>,
        call: Option<&RoutedCall<'_>>,
        error: &ApiError,
        vendor_error: &VendorError,
    ) -> Reply;
    /// Its section of the scenario file, if it has one.
    fn section(&self) -> Option<crate::scenario::Section>;
    /// Reads its settings; the defaults if they are not in the file.
    ///
    /// # Errors
    /// Problems that the schema cannot express.
    fn settings(
        &self,
        parts: &mut crate::scenario::Parts,
    ) -> Result<Settings, crate::scenario::problem::Problem>;
}

/// The settings of a dialect, its type erased.
pub(super) type Settings = Box<dyn AnyPlan>;

/// Erases the types of a dialect.
pub(crate) struct ErasedDialect<D>(std::marker::PhantomData<fn() -> D>);

impl<D> ErasedDialect<D> {
    pub(crate) const NEW: Self = Self(std::marker::PhantomData);
}

impl<D: Dialect> Debug for ErasedDialect<D> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(D::NAME)
    }
}

impl<D: Dialect> AnyDialect for ErasedDialect<D> {
    fn name(&self) -> &'static str {
        D::NAME
    }

    fn errors(&self) -> &'static [ErrorEntry] {
        D::ERRORS
    }

    fn causes(&self) -> &'static [(&'static str, &'static str)] {
        D::CAUSES
    }

    fn common_parameters(&self) -> &'static [&'static str] {
        D::COMMON_PARAMETERS
    }

    fn language_header(&self) -> &'static str {
        D::LANGUAGE_HEADER
    }

    fn has_xml(&self) -> bool {
        D::XML_CONTENT_TYPE.is_some()
    }

    fn claim(&self, request: &Request) -> Option<Claim> {
        D::claim(request)
    }

    #[expect(clippy::expect_used, reason = "settings are stored with their dialect")]
    fn format(&self, request: &Request, arguments: &Arguments<'_>, settings: &Settings) -> Format {
        let settings: &dyn std::any::Any = &**settings;
        let settings = settings.downcast_ref().expect("the settings of this dialect");
        D::format(request, arguments, settings)
    }

    fn identity<'r>(&self, request: &'r Request) -> [&'r [u8]; 2] {
        D::identity(request)
    }

    fn request_id(&self, context: &RequestContext<'_>) -> String {
        D::request_id(context)
    }

    fn route<'a>(
        &self,
        context: &'a RequestContext<'a>,
        operations: &[OperationRef],
    ) -> Result<RoutedCall<'a>, ApiError> {
        D::route(context, operations)
    }

    fn key_id(&self, call: &RoutedCall<'_>) -> Option<String> {
        D::key_id(call)
    }

    fn credential_problem(&self, call: &RoutedCall<'_>) -> Option<CredentialProblem> {
        D::credential_problem(call)
    }

    fn authenticate(&self, call: &RoutedCall<'_>) -> Result<usize, ApiError> {
        D::authenticate(call)
    }

    fn set_headers(&self, call: &RoutedCall<'_>, reply: &mut Reply) {
        D::set_headers(call, reply);
    }

    fn vendor_error(&self, context: &RequestContext<'_>, reason: &Reason) -> VendorError {
        D::vendor_error(context, reason)
    }

    fn render_error(
        &self,
        context: &RequestContext<'_>,
        call: Option<&RoutedCall<'_>>,
        error: &ApiError,
        vendor_error: &VendorError,
    ) -> Reply {
        D::render_error(context, call, error, vendor_error)
    }

    fn section(&self) -> Option<crate::scenario::Section> {
        let has_one = !D::SETTINGS_PATH.is_empty();
        has_one.then(|| crate::scenario::Section::new::<D::Settings>(D::SETTINGS_PATH))
    }

    fn settings(
        &self,
        parts: &mut crate::scenario::Parts,
    ) -> Result<Settings, crate::scenario::problem::Problem> {
        let settings: D::Settings = match self.section() {
            Some(section) => parts.take(&section)?,
            None => D::Settings::default(),
        };
        Ok(Box::new(settings))
    }
}

/// The `content-type` of a format, for dialects that have both.
pub(crate) fn content_type<D: Dialect>(format: Format, json: &'static str) -> HeaderValue {
    HeaderValue::from_static(match (format, D::XML_CONTENT_TYPE) {
        (Format::Xml, Some(xml)) => xml,
        _ => json,
    })
}
