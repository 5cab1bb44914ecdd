//! Errors as values, before a vendor has given them a status, a code and a wording.

use std::borrow::Cow;

/// Why a request is refused, and a hint for its sender.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ApiError {
    pub(crate) reason: Reason,
    /// Never part of the vendor's body: it goes to the log and the `x-syncmock-hint` header.
    pub(crate) hint: Option<String>,
    /// Time until a retry (ms), if the vendor's answer has it.
    pub(crate) retry_after: Option<u64>,
    /// Why a signature or token did not verify: for the log and `/_syncmock/refusals`.
    pub(crate) diagnosis: Option<Box<Diagnosis>>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Reason {
    /// Not UTF-8, or otherwise not to be read.
    Undecodable,
    /// A `Format` that is neither JSON nor XML.
    UnknownFormat,
    UnknownVersion,
    /// No such action or path.
    UnknownOperation,
    /// The path or action exists, but not with this method.
    WrongMethod,
    Credentials(CredentialProblem),
    /// An error that the request asked for by the header `x-syncmock-refuse`, or a fault.
    Requested(&'static ErrorEntry),
    /// An error of the service's own catalogue that no other reason stands for, and the text that
    /// replaces each `{…}`.
    Own(&'static ErrorEntry, String),
    /// More calls than the scenario allows in a window of time.
    Throttled(Throttle),
    /// At least one; in the order of the operation's parameters.
    Parameters(Vec<Violation>),
    /// An id that does not exist here.
    NotFound {
        kind: ResourceKind,
        id: String,
    },
    /// The resource is in a state that does not allow this.
    WrongState {
        kind: ResourceKind,
        id: String,
        /// As on the wire.
        state: &'static str,
    },
    Internal,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum CredentialProblem {
    /// None were sent.
    Absent,
    /// One part of them is missing.
    Missing(&'static str),
    /// They do not have the form they claim to have.
    Malformed(&'static str),
    /// A signature method or version that the gateway does not know, or that this server
    /// cannot check.
    UnknownMethod,
    /// A date or time stamp that is not in the gateway's format.
    DateFormat,
    /// A date or time stamp too far from the server's clock.
    Skewed {
        sent: String,
        server: String,
    },
    /// No such access key.
    UnknownKey(String),
    InactiveKey,
    ExpiredKey,
    NonceUsed,
    SignatureMismatch(Signed),
    TokenMalformed,
    /// The token is of another access key.
    TokenMismatch,
    TokenExpired {
        at: String,
    },
    /// The token is good, but for another project or region.
    TokenElsewhere,
    /// The credentials are good, but may not call this.
    NotAllowed {
        action: String,
    },
}

/// The signed texts. Secrets are shortened.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Signed {
    pub(crate) string_to_sign: String,
    /// Empty where the scheme has none.
    pub(crate) canonical_request: String,
}

/// Why credentials did not verify, for the person who writes the client. Secrets, signatures and
/// tokens are cut to four characters.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Diagnosis {
    /// One of the causes that the documentation lists, such as `host-without-port`.
    pub(crate) cause: &'static str,
    /// The cause in a sentence.
    pub(crate) detail: String,
    /// The texts that the server signed.
    pub(crate) signed: Signed,
    /// The texts that the client signed, if a cause was found that reproduces its signature.
    pub(crate) client: Option<Signed>,
    /// Where the two differ.
    pub(crate) first_difference: Option<String>,
}

/// A quota that is used up.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Throttle {
    pub(crate) scope: ThrottleScope,
    pub(crate) limit: u64,
    /// ms
    pub(crate) window: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ThrottleScope {
    /// The calls of one access key.
    User,
    /// The calls of one operation, whoever makes them.
    Api,
}

/// The kind of resource that an id names, such as `job`. Vendors and services declare their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ResourceKind(pub(crate) &'static str);

/// A parameter that breaks a rule.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Violation {
    pub(crate) parameter: Cow<'static, str>,
    pub(crate) rule: Rule,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Rule {
    Required,
    /// A value of JSON that is not text.
    Text,
    Number,
    /// A value of JSON that is neither true nor false.
    Boolean,
    /// A value of JSON that is not a list.
    List,
    /// A value of JSON that is not an object.
    Object,
    WholeNumber,
    AtLeast(i64),
    AtMost(i64),
    /// Maximum length in characters.
    Length(usize),
    /// Minimum number of items in a list.
    FewestItems(usize),
    MostItems(usize),
    Ascii,
    OneOf(&'static [&'static str]),
    JsonArrayOfText,
    /// A token that this server did not hand out, or not for this question.
    Token,
    /// An end that lies before its start.
    NotBefore(&'static str),
}

impl ApiError {
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// In ms.
    pub(crate) fn retry_after(mut self, millis: u64) -> Self {
        self.retry_after = Some(millis);
        self
    }

    pub(crate) fn diagnosed(mut self, diagnosis: Option<Diagnosis>) -> Self {
        self.diagnosis = diagnosis.map(Box::new);
        self
    }

    /// One parameter that breaks one rule.
    pub(crate) fn parameter(parameter: &'static str, rule: Rule) -> Self {
        Violation { parameter: parameter.into(), rule }.into()
    }

    /// An error of the service's own catalogue; `value` replaces each `{…}`.
    pub(crate) fn own(entry: &'static ErrorEntry, value: impl Into<String>) -> Self {
        Reason::Own(entry, value.into()).into()
    }

    /// Says which states would be allowed, too.
    pub(crate) fn wrong_state(
        kind: ResourceKind,
        id: &str,
        state: &'static str,
        allowed: &[&str],
    ) -> Self {
        let hint = format!("it is {state}; this is done to one that is {}", allowed.join(" or "));
        Self::from(Reason::WrongState { kind, id: id.to_owned(), state }).hint(hint)
    }

    pub(crate) fn not_found(kind: ResourceKind, id: &str) -> Self {
        Reason::NotFound { kind, id: id.to_owned() }.into()
    }
}

impl From<Reason> for ApiError {
    fn from(reason: Reason) -> Self {
        Self { reason, hint: None, retry_after: None, diagnosis: None }
    }
}

impl From<Violation> for ApiError {
    fn from(violation: Violation) -> Self {
        Reason::Parameters(vec![violation]).into()
    }
}

/// One error of a vendor, as its pages have it.
#[derive(Debug, PartialEq)]
pub(crate) struct ErrorEntry {
    /// The HTTP status, or for Authing the `statusCode` of the body.
    pub(crate) status: u16,
    /// Empty if the vendor gives none; `{Name}` stands for the name of a parameter.
    pub(crate) code: &'static str,
    /// `{…}` stands for what depends on the request.
    pub(crate) message: &'static str,
    /// The Chinese message, if the vendor has one.
    pub(crate) chinese: Option<&'static str>,
    /// How to trigger it.
    pub(crate) trigger: &'static str,
}

/// The errors that a call can be answered with: the service's own, then its vendor's.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ErrorCatalog {
    pub(crate) service: &'static [ErrorEntry],
    pub(crate) vendor: &'static [ErrorEntry],
}

impl ErrorCatalog {
    pub(crate) fn iter(self) -> impl Iterator<Item = &'static ErrorEntry> {
        self.service.iter().chain(self.vendor)
    }

    /// The error of that name: its code, `CODE/STATUS` where several share a code, its status
    /// where the vendor gives no code, or the message as it is listed.
    pub(crate) fn named(self, name: &str) -> Option<&'static ErrorEntry> {
        self.iter().find(|entry| {
            entry.code == name
                || name.split_once('/') == Some((entry.code, &*entry.status.to_string()))
                || (entry.code.is_empty() && entry.status.to_string() == name)
                || entry.message == name
        })
    }
}

/// An error in the vendor's words.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct VendorError {
    /// The HTTP status, or for Authing the `statusCode` of the body.
    pub(crate) status: u16,
    /// Empty if the vendor gives none.
    pub(crate) code: Cow<'static, str>,
    pub(crate) message: Cow<'static, str>,
    /// A detail that some vendors add to the message.
    pub(crate) detail: Option<Cow<'static, str>>,
}

impl VendorError {
    pub(crate) fn new(
        status: u16,
        code: impl Into<Cow<'static, str>>,
        message: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self { status, code: code.into(), message: message.into(), detail: None }
    }

    /// The error of that code in the catalogue, with `value` in the place of each `{…}`.
    pub(crate) fn of(
        catalogue: &'static [ErrorEntry],
        code: &'static str,
        chinese: bool,
        value: &str,
    ) -> Self {
        let Some(entry) = catalogue.iter().find(|entry| entry.code == code) else {
            debug_assert!(false, "{code} is not in the catalogue");
            return Self::new(500, code, "");
        };
        Self::from_entry(entry, chinese, value)
    }

    /// The entry's error, with `value` in the place of each `{…}`.
    pub(crate) fn from_entry(entry: &'static ErrorEntry, chinese: bool, value: &str) -> Self {
        let message = entry.chinese.filter(|_| chinese).unwrap_or(entry.message);
        Self::new(entry.status, filled(entry.code, value), filled(message, value))
    }

    pub(crate) fn detail(mut self, detail: impl Into<Cow<'static, str>>) -> Self {
        self.detail = Some(detail.into());
        self
    }
}

/// The template with `value` in the place of each `{…}`.
pub(crate) fn filled(template: &'static str, value: &str) -> Cow<'static, str> {
    let Some((before, rest)) = template.split_once('{') else { return template.into() };
    let mut out = String::from(before);
    for part in rest.split('{') {
        out.push_str(value);
        out.push_str(part.split_once('}').map_or(part, |(_, after)| after));
    }
    out.into()
}
