//! The stages of a request before its handler: [`RequestContext`] (arrived) → [`RoutedCall`]
//! (operation recognised) → [`AuthorizedCall`] (credentials and quotas checked). Each stage is made
//! from the one before it, and keeps it: what one stage found out, later ones read.

use std::cell::{Cell, OnceCell};
use std::sync::Arc;

use super::dialect::{AnyDialect, Dialect};
use super::event_log::{EventLog, Projections};
use super::key_counts::Caller;
use super::plan::{ClaimedBy, ClockReading, Plan};
use super::quotas::QuotaAndNonceStore;
use super::registry::OperationRef;
use super::service::{Service, is_listed};
use crate::scenario::access::{AccessKey, CredentialsMode, Quota};
use crate::scenario::value::Length;
use crate::wire::error::{
    ApiError, CredentialProblem, ErrorEntry, Reason, Rule, Throttle, ThrottleScope, Violation,
};
use crate::wire::{Arguments, Format, MAX_PARAMETERS, Problem, Request, header, nearest};
use crate::world::draw::{hash_bytes, mix};
use crate::world::ids::uuid;
use crate::world::text::Text;
use crate::world::time::Timestamp;

/// How many unknown parameters are compared with the known ones.
const MAX_COMPARED_PARAMETERS: usize = 16;

/// A request that has arrived.
pub(crate) struct RequestContext<'a> {
    pub(crate) plan: &'a Plan,
    pub(crate) request: &'a Request,
    pub(crate) now: Timestamp,
    /// Virtual milliseconds per real second; 0 is frozen.
    speed: u64,
    pub(crate) store: &'a QuotaAndNonceStore,
    pub(crate) format: Format,
    pub(crate) dialect: &'static dyn AnyDialect,
    arguments: Arguments<'a>,
    id: OnceCell<[u64; 2]>,
    counted: Cell<bool>,
}

impl<'a> RequestContext<'a> {
    pub(super) fn new(
        plan: &'a Plan,
        store: &'a QuotaAndNonceStore,
        request: &'a Request,
        clock: ClockReading,
        claimed_by: ClaimedBy<'a>,
    ) -> Self {
        let ClockReading { now, speed } = clock;
        let dialect = claimed_by.vendor.dialect;
        let arguments = Arguments::of(request);
        let format = dialect.format(request, &arguments, claimed_by.settings);
        let (id, counted) = (OnceCell::new(), Cell::new(false));
        Self { plan, request, now, speed, store, format, dialect, arguments, id, counted }
    }

    /// Remembers that the key used the nonce; false if it did within `window` (ms).
    pub(super) fn keep_nonce(&self, key: usize, nonce: &str, window: u64) -> bool {
        self.counted.set(true);
        self.store.keep_nonce(key, nonce, self.now, window)
    }

    /// Counts the call against the quota with that index; false if it is used up.
    fn count(&self, index: usize, quota: &Quota, caller: Caller) -> bool {
        self.counted.set(true);
        self.store.count(index, quota, caller, self.now)
    }

    /// Whether the request changed the store, so that the same request can be answered differently.
    pub(super) fn counted(&self) -> bool {
        self.counted.get()
    }

    /// The parameters of the query and of a form.
    ///
    /// # Errors
    /// If one of them is not UTF-8, or if there are too many.
    pub(crate) fn arguments(&self) -> Result<&Arguments<'a>, ApiError> {
        if self.arguments.too_many {
            let hint = format!("a request has {MAX_PARAMETERS} parameters at most");
            return Err(ApiError::from(Reason::Undecodable).hint(hint));
        }
        if self.arguments.undecodable {
            let hint = "a parameter is not UTF-8 once its % escapes are decoded";
            return Err(ApiError::from(Reason::Undecodable).hint(hint));
        }
        Ok(&self.arguments)
    }

    /// The settings of the vendor's gateway, if this world has the vendor.
    pub(crate) fn settings<D: Dialect>(&self) -> Option<&'a D::Settings> {
        self.plan.settings::<D>()
    }

    /// The request id as a lower-case UUID of that version.
    pub(crate) fn id_as_uuid(&self, version: char) -> String {
        let [a, b] = self.id();
        uuid(version, a, b)
    }

    /// The request id as 32 lower-case hexadecimal digits.
    pub(crate) fn id_as_hex(&self) -> String {
        let [a, b] = self.id();
        Text::<32>::default().hex(mix(a), 16).hex(mix(b), 16).to_text()
    }

    fn id(&self) -> [u64; 2] {
        *self.id.get_or_init(|| self.draw_id())
    }

    /// Ids are made from the request, not from a counter: the same request to the same world at
    /// the same instant has the same id, whatever came before it.
    fn draw_id(&self) -> [u64; 2] {
        let mut hash = mix(self.plan.seed.0) ^ mix(self.now.millis() as u64);
        let uri = self.request.uri();
        let [first, second] = self.dialect.identity(self.request);
        for part in [
            self.request.method().as_str().as_bytes(),
            uri.path().as_bytes(),
            uri.query().unwrap_or("").as_bytes(),
            first,
            second,
            self.request.body(),
        ] {
            hash = mix(hash ^ hash_bytes(part));
        }
        [hash, mix(hash.wrapping_add(1))]
    }

    /// The host that the client called, as its header says.
    pub(crate) fn host(&self) -> &str {
        header(self.request, "host").unwrap_or_default()
    }

    /// Whether the caller wants Chinese texts.
    pub(crate) fn wants_chinese(&self) -> bool {
        header(self.request, self.dialect.language_header())
            .is_some_and(|value| value.to_ascii_lowercase().starts_with("zh"))
    }
}

/// A request whose operation is known, its credentials not checked yet.
pub(crate) struct RoutedCall<'a> {
    pub(crate) context: &'a RequestContext<'a>,
    pub(crate) operation: OperationRef,
    pub(crate) arguments: Arguments<'a>,
    claimed_by: OnceCell<Caller>,
}

impl<'a> RoutedCall<'a> {
    pub(crate) fn new(
        context: &'a RequestContext<'a>,
        operation: OperationRef,
        arguments: Arguments<'a>,
    ) -> Self {
        Self { context, operation, arguments, claimed_by: OnceCell::new() }
    }

    /// The plan of a service, if this world has it.
    pub(crate) fn plan_of<S: Service>(&self) -> Option<&'a S::Plan> {
        self.context.plan.get::<S>()
    }

    /// The access key that the credentials name, whether or not they are right.
    pub(crate) fn claimed_by(&self) -> Caller {
        let find = || {
            let Some(id) = self.context.dialect.key_id(self) else { return Caller::Nobody };
            let listed = self.context.plan.access.key_index(&id);
            listed.map_or_else(|| Caller::unlisted(&id), Caller::Listed)
        };
        *self.claimed_by.get_or_init(find)
    }

    /// The index in the plan of the access key that the credentials name, if the scenario lists it.
    pub(crate) fn claimed_key(&self) -> Option<usize> {
        self.claimed_by().listed()
    }

    /// The quotas that apply to the call, with their indexes in the plan.
    pub(crate) fn quotas(&self, caller: Caller) -> impl Iterator<Item = (usize, &Quota)> {
        let access = &self.context.plan.access;
        let key = caller.listed().and_then(|key| access.keys.get(key));
        let id = key.map(|key| key.id.as_str());
        let is = |wanted: &Option<String>, name: &str| wanted.as_deref().is_none_or(|w| w == name);
        let (service, operation) = (self.operation.service().name(), self.operation.name());
        access.quotas.iter().enumerate().filter(move |(_, quota)| {
            is(&quota.service, service)
                && is(&quota.operation, operation)
                && (quota.credential.is_none() || quota.credential.as_deref() == id)
        })
    }

    /// A hint that names the known parameter nearest to an unknown one, of the first few.
    pub(super) fn hint_for_unknown_parameter(&self) -> Option<String> {
        let unknown = unknown_parameters(self.operation, &self.arguments);
        unknown.take(MAX_COMPARED_PARAMETERS).find_map(|sent| {
            let common = self.operation.service().common_parameters();
            let known = self.operation.info().parameters.iter().chain(common).copied();
            let meant = nearest(sent, known)?;
            Some(format!("{sent} is not a parameter of this operation: did you mean {meant}?"))
        })
    }
}

/// The parameters that were sent but that neither the operation, nor its service, nor the gateway knows.
pub(super) fn unknown_parameters<'r>(
    operation: OperationRef,
    arguments: &'r Arguments<'_>,
) -> impl Iterator<Item = &'r str> {
    let (gateway, service) = (operation.of.dialect, operation.of.service);
    let is_known = move |name: &str| {
        is_listed(gateway.common_parameters(), name)
            || is_listed(service.common_parameters(), name)
            || operation.info().knows(name)
    };
    arguments.iter().map(|(name, _)| name).filter(move |name| !is_known(name))
}

/// A call that may be answered. Only [`authorize`] makes one.
pub(crate) struct AuthorizedCall<'a> {
    routed: &'a RoutedCall<'a>,
    caller: Caller,
    log: Arc<EventLog>,
    projections: Arc<Projections>,
}

/// Checks a call against the scenario's rules on credentials, permissions and quotas.
///
/// # Errors
/// If one of them refuses it.
pub(super) fn authorize<'a>(
    call: &'a RoutedCall<'a>,
    log: Arc<EventLog>,
) -> Result<AuthorizedCall<'a>, ApiError> {
    let mode = call.context.plan.access.credentials;
    let caller = match mode {
        _ if call.operation.info().public => Caller::Nobody,
        CredentialsMode::Open => call.claimed_by(),
        CredentialsMode::Required => match call.context.dialect.credential_problem(call) {
            None => call.claimed_by(),
            Some(problem) => {
                let hint = "this scenario has gateway.credentials = \"required\"; \"open\" needs \
                            no credentials";
                return Err(ApiError::from(Reason::Credentials(problem)).hint(hint));
            }
        },
        CredentialsMode::Verified => {
            Caller::Listed(call.context.dialect.authenticate(call).map_err(|error| {
                let hint = "this scenario has gateway.credentials = \"verified\"; \"open\" needs \
                            no credentials";
                if error.hint.is_some() { error } else { error.hint(hint) }
            })?)
        }
    };
    if mode == CredentialsMode::Verified {
        check_permission(call, caller)?;
    }
    count_against_quotas(call, caller)?;
    let projections = log.projections(call.context.plan, call.context.now);
    Ok(AuthorizedCall { routed: call, caller, log, projections })
}

/// Any error of the catalogue can be had by naming it in the header `x-syncmock-refuse`.
///
/// # Errors
/// 400 of syncmock's own if the header names none.
pub(super) fn requested_error(
    call: &RoutedCall<'_>,
) -> Result<Option<&'static ErrorEntry>, Problem> {
    let Some(code) = header(call.context.request, "x-syncmock-refuse") else { return Ok(None) };
    let errors = call.operation.of.errors();
    if let Some(entry) = errors.named(code) {
        return Ok(Some(entry));
    }
    let (service, operation) = (call.operation.service().name(), call.operation.name());
    let detail = format!("x-syncmock-refuse names no error of {service} {operation}");
    let hint = match nearest(code, errors.iter().map(|entry| entry.code)) {
        Some(meant) => format!("did you mean {meant}?"),
        None => format!("syncmock operations --errors lists those of {service}"),
    };
    Err(Problem::bad(detail).hint(hint))
}

fn check_permission(call: &RoutedCall<'_>, caller: Caller) -> Result<(), ApiError> {
    let Some(key) = caller.listed().and_then(|key| call.context.plan.access.keys.get(key)) else {
        return Ok(());
    };
    let (service, operation) = (call.operation.service().name(), call.operation.name());
    if key.may_call(service, operation) {
        return Ok(());
    }
    let action = format!("{service}:{operation}");
    let hint = format!("the operations of key {} do not have {action}", key.id);
    Err(ApiError::from(Reason::Credentials(CredentialProblem::NotAllowed { action })).hint(hint))
}

fn count_against_quotas(call: &RoutedCall<'_>, caller: Caller) -> Result<(), ApiError> {
    let context = call.context;
    for (index, quota) in call.quotas(caller) {
        if !context.count(index, quota, caller) {
            let into = context.now.millis().rem_euclid(quota.window as i64) as u64;
            let reason = Reason::Throttled(Throttle {
                scope: if quota.shared { ThrottleScope::Api } else { ThrottleScope::User },
                limit: quota.limit,
                window: quota.window,
            });
            let rest = quota.window - into;
            let hint = hint_for_quota(context, index, quota, rest);
            return Err(ApiError::from(reason).retry_after(rest).hint(hint));
        }
    }
    Ok(())
}

/// Names the quota, and says when it begins anew; `rest` is in ms of virtual time.
fn hint_for_quota(context: &RequestContext<'_>, index: usize, quota: &Quota, rest: u64) -> String {
    let number = index + 1;
    let rest = Length(rest);
    let mut hint = format!("entry {number} of [[gateway.quota]] is used up: {quota}; ");
    hint.push_str(&match context.speed {
        0 => format!(
            "the clock is frozen, so it stays so until POST /_syncmock/clock/advance \
             {{\"by\": \"{rest}\"}} or POST /_syncmock/reset"
        ),
        _ => format!("it begins anew in {rest} of virtual time"),
    });
    hint
}

impl<'a> AuthorizedCall<'a> {
    /// The same call once clients have recorded more events.
    pub(super) fn after(self, log: Arc<EventLog>) -> Self {
        let projections = log.projections(self.plan(), self.now());
        Self { log, projections, ..self }
    }

    pub(super) fn routed(&self) -> &'a RoutedCall<'a> {
        self.routed
    }

    /// Whose calls this one is counted with.
    pub(super) fn caller(&self) -> Caller {
        self.caller
    }

    /// The scenario's access key that the credentials name; in open mode whether or not they are
    /// right.
    pub(super) fn key(&self) -> Option<&'a AccessKey> {
        self.plan().access.keys.get(self.caller.listed()?)
    }

    /// All events, including those of later virtual times.
    pub(super) fn log(&self) -> &Arc<EventLog> {
        &self.log
    }

    /// The projections of the events until now.
    pub(super) fn projections(&self) -> &Projections {
        &self.projections
    }

    /// The projections of the events until an instant.
    pub(super) fn projections_at(&self, at: Timestamp) -> Arc<Projections> {
        if at == self.now() {
            return self.projections.clone();
        }
        self.log.projections(self.plan(), at)
    }

    /// The projections at an instant, with no event after that number.
    pub(super) fn projections_up_to(&self, at: Timestamp, number: u64) -> Arc<Projections> {
        self.log.projections_up_to(self.plan(), at, number)
    }

    pub(super) fn plan(&self) -> &'a Plan {
        self.routed.context.plan
    }

    pub(super) fn now(&self) -> Timestamp {
        self.routed.context.now
    }
}

/// Whether the error is about a parameter that was not sent.
pub(super) fn is_missing_parameter(reason: &Reason) -> bool {
    let Reason::Parameters(violations) = reason else { return false };
    violations.iter().any(|Violation { rule, .. }| *rule == Rule::Required)
}
