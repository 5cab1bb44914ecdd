//! The trait that a service implements, and what its handlers are given.

use std::fmt;
use std::fmt::Debug;
use std::marker::PhantomData;
use std::sync::Arc;

use http::Method;
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::call::{AuthorizedCall, RequestContext, RoutedCall};
use super::dialect::Dialect;
use super::event_log::Projections;
use super::plan::Plan;
use super::read_snapshot::ReadSnapshot;
use crate::fault::RequestedPage;
use crate::scenario::Base;
use crate::scenario::access::AccessKey;
use crate::scenario::paging::Paging;
use crate::scenario::problem::{DocumentPath, Problem};
use crate::scenario::value::Length;
use crate::wire::error::{ApiError, ErrorEntry, Reason, VendorError};
use crate::wire::{Arguments, EncodingVariant, Format, Payload};
use crate::world::lifecycle_table::DescribeLifecycle;
use crate::world::time::Timestamp;

/// One impersonated service. Its section of the scenario file becomes its plan; the events that
/// clients cause are folded into its projection; handlers answer from both.
pub(crate) trait Service: Sized + 'static {
    type Dialect: Dialect;
    /// Its table in the scenario file. A file without it has the default.
    type Section: DeserializeOwned + Default + JsonSchema;
    type Plan: Debug + Send + Sync + 'static;
    type Event: Event;
    /// The state folded from the events so far.
    type Projection: Clone + Debug + Default + Send + Sync + 'static;

    /// As scenario files and the command line call it.
    const NAME: &'static str;
    /// As its vendor calls it.
    const TITLE: &'static str;
    /// The vendor's product code, as error answers name it.
    const PRODUCT: &'static str;
    const OPERATIONS: &'static [Operation<Self>];
    const LIFECYCLES: &'static [&'static dyn DescribeLifecycle] = &[];
    /// The service's own errors.
    const ERRORS: &'static [ErrorEntry];
    /// Parameters that every operation of the service knows.
    const COMMON_PARAMETERS: &'static [&'static str] = &[];

    /// Checks what the schema cannot express, and prepares everything that requests need.
    fn plan(
        section: Self::Section,
        base: &Base,
        path: DocumentPath,
        problems: &mut Vec<Problem>,
    ) -> Self::Plan;

    /// Adds an event to the projection. Events come in order of virtual time. An event that
    /// earlier ones no longer allow (because somebody turned the clock back and changed the past)
    /// changes nothing. The ordinal identifies what a change creates; a poll has none.
    fn apply(
        projection: &mut Self::Projection,
        plan: &Self::Plan,
        ordinal: u64,
        at: Timestamp,
        event: &Self::Event,
    );

    /// The service's status, code and wording of an error; None leaves it to the dialect.
    fn vendor_error(call: &RoutedCall<'_>, reason: &Reason) -> Option<VendorError>;

    /// The body of an error that the service reports with HTTP 200; None leaves it to the dialect.
    fn soft_error(
        call: &RoutedCall<'_>,
        error: &ApiError,
        vendor_error: &VendorError,
    ) -> Option<Payload> {
        let _ = (call, error, vendor_error);
        None
    }

    /// How reads see concurrent changes.
    fn read_rules(plan: &Self::Plan) -> ReadRules {
        let _ = plan;
        ReadRules::default()
    }

    /// The value of a path parameter that `syncmock call` fills in if it is not given.
    fn default_argument<'p>(plan: &'p Self::Plan, name: &str) -> Option<&'p str> {
        let _ = (plan, name);
        None
    }

    /// The file that a URL of the service leads to; None if the path is not one of its own.
    fn file(
        view: &View<'_, Self>,
        path: &str,
        query: &Arguments<'_>,
    ) -> Option<Result<File, FileError>> {
        let _ = (view, path, query);
        None
    }
}

/// A successful request, as the event log records it: not its result, with ids as on the wire and
/// without secrets.
pub(crate) trait Event:
    Clone + Debug + DeserializeOwned + PartialEq + Send + Serialize + Sync + 'static
{
    /// Whether the request was a read. A read is recorded only if it changes what comes next, as
    /// where the state of an entity lasts for a number of answers. It creates nothing, and is
    /// answered all the same if the log has no room for it.
    fn is_poll(&self) -> bool {
        false
    }
}

/// How reads see concurrent changes: `[SERVICE.paging]` and `stale_reads`.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct ReadRules {
    pub(crate) paging: Paging,
    /// How far reads lag behind.
    pub(crate) stale: Option<Length>,
}

/// A file below `/_syncmock/files/`.
#[derive(Debug)]
pub(crate) struct File {
    /// Visible ASCII without quotes.
    pub(crate) name: String,
    pub(crate) content_type: &'static str,
    pub(crate) bytes: Vec<u8>,
}

/// Why a URL leads to no file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FileError {
    /// The signature does not belong to this path and instant.
    Forged,
    /// The URL has expired. The key of the scenario file that says how long it is valid.
    Expired(&'static str),
    /// Nothing is there (any more: the clock was turned back, or the event log emptied).
    NotFound,
}

/// The prefix of the paths that lead to files: no vendor's path begins like this.
pub(crate) const FILES: &str = "/_syncmock/files/";

/// One operation: a row of a service's table.
pub(crate) struct Operation<S: Service> {
    pub(crate) info: OperationInfo,
    /// Which page a call asks for, by the rules of its handler.
    pub(crate) page: fn(&S::Plan, &Arguments<'_>) -> RequestedPage,
    pub(crate) handler: fn(&Call<'_, S>) -> HandlerResult<S>,
}

impl<S: Service> Operation<S> {
    /// An operation whose answers have no pages.
    pub(crate) const fn new(
        info: OperationInfo,
        handler: fn(&Call<'_, S>) -> HandlerResult<S>,
    ) -> Self {
        Self { info, page: |_, _| RequestedPage::FIRST, handler }
    }

    /// An operation that answers with one page of a list.
    pub(crate) const fn paged(
        info: OperationInfo,
        page: fn(&S::Plan, &Arguments<'_>) -> RequestedPage,
        handler: fn(&Call<'_, S>) -> HandlerResult<S>,
    ) -> Self {
        Self { info, page, handler }
    }
}

/// The properties of an operation that do not depend on its service's types.
pub(crate) struct OperationInfo {
    /// The vendor's name of it.
    pub(crate) name: &'static str,
    pub(crate) summary: &'static str,
    pub(crate) route: Route,
    pub(crate) evidence: Evidence,
    /// Whether it is answered without credentials.
    pub(crate) public: bool,
    /// The parameters it knows, in its query, form or path; `Name.N` is a flat list. Members of a
    /// JSON body are its handler's business.
    pub(crate) parameters: &'static [&'static str],
}

impl OperationInfo {
    /// Whether the operation knows a parameter of that name.
    pub(super) fn knows(&self, parameter: &str) -> bool {
        is_listed(self.parameters, parameter)
    }
}

/// Whether a list of parameters has one of that name; `Name.N` stands for `Name.1`, `Name.2` …
pub(super) fn is_listed(parameters: &[&str], name: &str) -> bool {
    // Most requests send only parameters that are listed by their whole name.
    parameters.contains(&name)
        || parameters.iter().any(|known| match known.strip_suffix('N') {
            Some(list) => list.ends_with('.') && name.starts_with(list),
            None => false,
        })
}

/// How an operation is recognised.
pub(crate) enum Route {
    /// RPC style at `/`, by its action and version.
    Action { version: &'static str, methods: &'static [Method] },
    /// By method and path; `{name}` stands for one segment.
    Path { method: Method, template: &'static str },
}

impl Route {
    /// Matches a path against the template; gives the values of its `{names}`, still encoded.
    pub(super) fn path_values<'p>(&self, path: &'p str) -> Option<Vec<(&'static str, &'p str)>> {
        let Self::Path { template, .. } = self else { return None };
        // Most templates differ from a path in their fixed prefix.
        if !path.starts_with(template.split('{').next().unwrap_or_default()) {
            return None;
        }
        let named = |segment: &'static str| segment.strip_prefix('{')?.strip_suffix('}');
        let (mut wanted, mut given) = (template.split('/'), path.split('/'));
        loop {
            match (wanted.next(), given.next()) {
                (None, None) => break,
                (Some(segment), Some(text)) if named(segment).is_some() && !text.is_empty() => {}
                (Some(segment), Some(text)) if segment == text => {}
                _ => return None,
            }
        }
        let pairs = template.split('/').zip(path.split('/'));
        Some(pairs.filter_map(|(segment, text)| Some((named(segment)?, text))).collect())
    }
}

impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Action { version, methods } => {
                let methods: Vec<&str> = methods.iter().map(Method::as_str).collect();
                write!(f, "{} / Version={version}", methods.join("|"))
            }
            Self::Path { method, template } => write!(f, "{method} {template}"),
        }
    }
}

/// The evidence for an operation's shape on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Evidence {
    /// The vendor's documentation describes it.
    Documented,
    /// A published SDK sends it.
    Sdk,
}

impl fmt::Display for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Documented => "documented",
            Self::Sdk => "seen in an SDK",
        })
    }
}

pub(crate) type HandlerResult<S> = Result<Outcome<S>, ApiError>;

/// The answer of a handler, and the event to record.
pub(crate) struct Outcome<S: Service> {
    pub(crate) payload: Payload,
    pub(crate) event: Option<S::Event>,
}

impl<S: Service> Outcome<S> {
    /// The same answer, with an event that is recorded.
    pub(crate) fn recording(self, event: impl Into<Option<S::Event>>) -> Self {
        Self { event: event.into(), ..self }
    }
}

impl<S: Service> From<Payload> for Outcome<S> {
    fn from(payload: Payload) -> Self {
        Self { payload, event: None }
    }
}

/// A service's part of the world at an instant.
pub(crate) struct View<'a, S: Service> {
    pub(crate) plan: &'a S::Plan,
    pub(crate) projection: &'a S::Projection,
    pub(crate) now: Timestamp,
}

impl<S: Service> Clone for View<'_, S> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<S: Service> Copy for View<'_, S> {}

/// An authorized call, as a handler of the service sees it.
pub(crate) struct Call<'a, S: Service> {
    authorized: &'a AuthorizedCall<'a>,
    plan: &'a S::Plan,
    projection: &'a S::Projection,
    service: PhantomData<S>,
}

impl<'a, S: Service> Call<'a, S> {
    /// None if the world's plan lacks the service.
    pub(super) fn new(authorized: &'a AuthorizedCall<'a>) -> Option<Self> {
        Some(Self {
            authorized,
            plan: authorized.plan().get::<S>()?,
            projection: authorized.projections().get::<S>()?,
            service: PhantomData,
        })
    }

    /// The service's plan.
    pub(crate) fn plan(&self) -> &'a S::Plan {
        self.plan
    }

    /// The whole world's plan, for what other services of the vendor have.
    pub(crate) fn world_plan(&self) -> &'a Plan {
        self.authorized.plan()
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.authorized.now()
    }

    pub(crate) fn context(&self) -> &'a RequestContext<'a> {
        self.authorized.routed().context
    }

    pub(crate) fn arguments(&self) -> &'a Arguments<'a> {
        &self.authorized.routed().arguments
    }

    /// The scenario's access key that the credentials name; in open mode whether or not they are
    /// right.
    pub(crate) fn key(&self) -> Option<&'a AccessKey> {
        self.authorized.key()
    }

    /// The ordinal of the change that this call records, if it records one: how many changes there
    /// are by then. It identifies what the change creates.
    pub(crate) fn change_ordinal(&self) -> u64 {
        self.authorized.log().next_ordinal()
    }

    /// The vendor's name of the operation.
    pub(crate) fn operation_name(&self) -> &'static str {
        self.authorized.routed().operation.name()
    }

    /// The request id, as the vendor spells it.
    pub(crate) fn request_id(&self) -> String {
        S::Dialect::request_id(self.context())
    }

    /// The world as it is now, for writes.
    pub(crate) fn view(&self) -> View<'a, S> {
        View { plan: self.plan, projection: self.projection, now: self.now() }
    }

    /// The world as a read of one resource sees it; a stale read lacks the latest changes.
    pub(crate) fn read_snapshot(&self) -> ReadSnapshot<'a, S> {
        self.snapshot_at(self.stale_now())
    }

    /// The world as a page by number or offset sees it.
    pub(crate) fn page_snapshot(&self) -> ReadSnapshot<'a, S> {
        self.snapshot_at(S::read_rules(self.plan).paging.instant(self.stale_now()))
    }

    /// The world as a cursor traversal sees it that began at an instant when the event of that
    /// number was the last one. If the clock was turned back since, later events are not shown.
    pub(crate) fn traversal_snapshot(&self, began: Timestamp, last: u64) -> ReadSnapshot<'a, S> {
        let at = began.min(self.now());
        let projections = self.authorized.projections_up_to(at, last);
        ReadSnapshot::new(self.plan, projections, at)
    }

    /// The number of the last event so far.
    pub(crate) fn last_event_number(&self) -> u64 {
        self.authorized.log().last_number()
    }

    /// The world as seen by a read with its own lag.
    pub(crate) fn lagging_snapshot(&self, lag: Option<Length>) -> ReadSnapshot<'a, S> {
        self.snapshot_at(self.now().minus(lag.map_or(0, |lag| lag.0)))
    }

    fn stale_now(&self) -> Timestamp {
        self.now().minus(S::read_rules(self.plan).stale.map_or(0, |lag| lag.0))
    }

    fn snapshot_at(&self, at: Timestamp) -> ReadSnapshot<'a, S> {
        let projections: Arc<Projections> = self.authorized.projections_at(at);
        ReadSnapshot::new(self.plan, projections, at)
    }

    /// The answer in the vendor's envelope and the format that was asked for.
    pub(crate) fn render(&self, body: &impl Serialize) -> HandlerResult<S> {
        let routed = self.authorized.routed();
        let body = S::Dialect::envelope(routed, routed.context.format, body)?;
        Ok(Payload { status: 200, headers: Vec::new(), body }.into())
    }

    /// The same in another encoding than the vendor documents; the rows of the answer are the
    /// list of that name.
    pub(crate) fn render_as(
        &self,
        variant: EncodingVariant,
        list: &str,
        body: &impl Serialize,
    ) -> HandlerResult<S> {
        render_as::<S>(self.authorized.routed(), variant, list, body).map(Outcome::from)
    }
}

/// A body in the vendor's envelope, in another encoding than the vendor documents.
pub(crate) fn render_as<S: Service>(
    routed: &RoutedCall<'_>,
    variant: EncodingVariant,
    list: &str,
    body: &impl Serialize,
) -> Result<Payload, ApiError> {
    let format = routed.context.format;
    let plain = Payload { status: 200, headers: Vec::new(), body: Vec::new() };
    match (format, S::Dialect::XML_CONTENT_TYPE) {
        (Format::Json, Some(xml)) if variant.always_xml => {
            let body = S::Dialect::envelope(routed, Format::Xml, body)?;
            let kind = (http::header::CONTENT_TYPE, http::HeaderValue::from_static(xml));
            Ok(Payload { headers: vec![kind], body, ..plain })
        }
        (Format::Json, _) if !variant.is_plain() => {
            let body = variant.apply(list, body)?;
            Ok(Payload { body: S::Dialect::envelope(routed, format, &body)?, ..plain })
        }
        _ => Ok(Payload { body: S::Dialect::envelope(routed, format, body)?, ..plain }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(
        template: &'static str,
        path: &'static str,
    ) -> Option<Vec<(&'static str, &'static str)>> {
        Route::Path { method: Method::GET, template }.path_values(path)
    }

    #[test]
    fn a_name_in_braces_matches_one_segment_that_is_not_empty() {
        assert_eq!(values("/v5/{p}/jobs", "/v5/a%20b/jobs"), Some(vec![("p", "a%20b")]));
        for stranger in ["/v5//jobs", "/v5/a/b/jobs", "/v5/a/job", "/v5/a/jobs/", "/v5/a"] {
            assert_eq!(values("/v5/{p}/jobs", stranger), None, "{stranger}");
        }
    }

    #[test]
    fn a_flat_list_is_known_by_its_name_and_any_number() {
        let known = ["Status", "RegionId.N"];
        let is_known = |name| is_listed(&known, name);
        assert!(is_known("Status") && is_known("RegionId.1") && is_known("RegionId.20"));
        assert!(!is_known("RegionId") && !is_known("status") && !is_known("N"));
    }
}
