//! The stages of a request, each a type that the one before is needed for.

use std::cell::{Cell, OnceCell};
use std::sync::Arc;

use http::header::CONTENT_TYPE;
use serde::Serialize;

use super::memory::Memory;
use super::nearest::nearest;
use super::{Gateway, alibaba, authing};
use crate::journal::Journal;
use crate::plan::{AccessKey, Credentials, Plan, Quota};
use crate::service::{Changes, Granted, Target};
use crate::wire::refusal::{CredentialProblem, Reason, Refusal, Throttle, ThrottleScope};
use crate::wire::{Arguments, Format, Payload, Request, Spelling, header, json};
use crate::world::draw::{hash_bytes, mix};
use crate::world::ids::uuid;
use crate::world::text::Text;
use crate::world::time::Timestamp;

/// A request that has arrived.
pub struct Exchange<'a> {
    pub plan: &'a Plan,
    pub request: &'a Request,
    pub now: Timestamp,
    pub memory: &'a Memory,
    pub format: Format,
    gateway: Gateway,
    arguments: Arguments<'a>,
    id: OnceCell<[u64; 2]>,
    counted: Cell<bool>,
}

impl<'a> Exchange<'a> {
    pub fn new(
        plan: &'a Plan,
        memory: &'a Memory,
        request: &'a Request,
        now: Timestamp,
        gateway: Gateway,
    ) -> Self {
        let arguments = Arguments::of(request);
        let format = gateway.format(request, &arguments, plan.gateway.default_format);
        let (id, counted) = (OnceCell::new(), Cell::new(false));
        Self { plan, request, now, memory, format, gateway, arguments, id, counted }
    }

    /// Remembers that the key used the nonce; false if it did within `window` (ms).
    pub fn keep_nonce(&self, key: usize, nonce: &str, window: u64) -> bool {
        self.counted.set(true);
        self.memory.keep_nonce(key, nonce, self.now, window)
    }

    /// Counts the call against the quota of that place; false if it is used up.
    fn count(&self, place: usize, quota: &Quota, key: Option<usize>) -> bool {
        self.counted.set(true);
        self.memory.count(place, quota, key, self.now)
    }

    /// Whether something was remembered of the request, so that the same one can be answered
    /// otherwise.
    pub fn counted(&self) -> bool {
        self.counted.get()
    }

    pub fn arguments(&self) -> Result<&Arguments<'a>, Refusal> {
        if self.arguments.undecodable {
            let hint = "a parameter is not UTF-8 once its % escapes are decoded";
            return Err(Refusal::from(Reason::Undecodable).hint(hint));
        }
        Ok(&self.arguments)
    }

    /// Upper case, version nibble 5: Alibaba's spelling of a request id (dumps of 2022-2025).
    pub fn alibaba_id(&self) -> String {
        self.uuid('5').to_ascii_uppercase()
    }

    /// Lower case UUID: Authing's spelling.
    pub fn uuid_id(&self) -> String {
        self.uuid('4')
    }

    /// 32 lower-case hexadecimal digits: Huawei's spelling, and Alibaba's trace id.
    pub fn hex_id(&self) -> String {
        let [a, b] = self.id();
        Text::<32>::default().hex(mix(a), 16).hex(mix(b), 16).to_text()
    }

    fn uuid(&self, version: char) -> String {
        let [a, b] = self.id();
        uuid(version, a, b)
    }

    fn id(&self) -> [u64; 2] {
        *self.id.get_or_init(|| request_id(self.plan, self.request, self.now))
    }

    /// The host the client asked, as its header says.
    pub fn host(&self) -> &str {
        header(self.request, "host").unwrap_or_default()
    }

    /// Whether the caller wants Chinese texts (`X-Language`, `x-authing-lang`).
    pub fn wants_chinese(&self) -> bool {
        ["x-language", "x-authing-lang"]
            .iter()
            .find_map(|name| header(self.request, name))
            .is_some_and(|value| value.to_ascii_lowercase().starts_with("zh"))
    }
}

/// Ids are made from what is asked, not from a counter: the same question to the same
/// world at the same instant has the same id, whatever came before it.
fn request_id(plan: &Plan, request: &Request, now: Timestamp) -> [u64; 2] {
    let mut hash = mix(plan.seed.0) ^ mix(now.millis() as u64);
    let uri = request.uri();
    for part in [
        request.method().as_str().as_bytes(),
        uri.path().as_bytes(),
        uri.query().unwrap_or("").as_bytes(),
        header(request, "x-acs-action").unwrap_or("").as_bytes(),
        header(request, "x-acs-signature-nonce").unwrap_or("").as_bytes(),
        request.body(),
    ] {
        hash = mix(hash ^ hash_bytes(part));
    }
    [hash, mix(hash.wrapping_add(1))]
}

/// A request whose operation is known, its credentials not looked at yet.
pub struct Call<'a> {
    pub exchange: &'a Exchange<'a>,
    pub target: Target,
    pub arguments: Arguments<'a>,
}

/// A call that may be answered. Only [`admit`] makes one.
pub struct Admitted<'a> {
    call: Call<'a>,
    key: Option<usize>,
    journal: Arc<Journal>,
    changes: Arc<Changes>,
}

/// Turns a call into an admitted one, if the scenario's rules on credentials and quotas are
/// met.
pub(super) fn admit(
    call: Call<'_>,
    gateway: Gateway,
    journal: Arc<Journal>,
) -> Result<Admitted<'_>, Refusal> {
    asked_for(&call, gateway)?;
    let plan = &call.exchange.plan.gateway;
    let claimed = || gateway.claimed(&call).and_then(|id| call.key_named(&id));
    let key = match plan.credentials {
        _ if call.target.operation.public => None,
        Credentials::Open => claimed(),
        Credentials::Required => match gateway.presented(&call) {
            None => claimed(),
            Some(problem) => {
                let hint = "this scenario has gateway.credentials = \"required\"; \"open\" needs \
                            no credentials";
                return Err(Refusal::from(Reason::Credentials(problem)).hint(hint));
            }
        },
        Credentials::Verified => Some(gateway.verify(&call).map_err(|refusal| {
            let hint = "this scenario has gateway.credentials = \"verified\"; \"open\" needs no \
                        credentials";
            if refusal.hint.is_some() { refusal } else { refusal.hint(hint) }
        })?),
    };
    if plan.credentials == Credentials::Verified {
        permit(&call, key)?;
    }
    throttle(&call, key)?;
    let changes = journal.changes(call.exchange.plan, call.exchange.now);
    Ok(Admitted { call, key, journal, changes })
}

/// Any error of the catalogue can be had by naming it in the header `x-syncmock-refuse`.
fn asked_for(call: &Call<'_>, gateway: Gateway) -> Result<(), Refusal> {
    let Some(code) = header(call.exchange.request, "x-syncmock-refuse") else { return Ok(()) };
    Err(match call.target.catalogued(code) {
        Some(entry) => Reason::Asked(entry).into(),
        None => {
            let known = call.target.service.catalogue.iter().chain(gateway.catalogue());
            let names = known.map(|entry| entry.code);
            let meant = nearest(code, names).map(|name| format!(": did you mean {name}?"));
            Refusal::from(Reason::Undecodable).hint(format!(
                "x-syncmock-refuse names no error of this gateway{}",
                meant.unwrap_or_default()
            ))
        }
    })
}

/// Whether the key may call the operation.
fn permit(call: &Call<'_>, key: Option<usize>) -> Result<(), Refusal> {
    let Some(key) = key.and_then(|key| call.exchange.plan.gateway.keys.get(key)) else {
        return Ok(());
    };
    let (service, operation) = (call.target.service.name, call.target.operation.name);
    if key.may_call(service, operation) {
        return Ok(());
    }
    let action = format!("{service}:{operation}");
    let hint = format!("the operations of key {} do not have {action}", key.id);
    Err(Refusal::from(Reason::Credentials(CredentialProblem::NotAllowed { action })).hint(hint))
}

/// Counts the call against every quota it falls under.
fn throttle(call: &Call<'_>, key: Option<usize>) -> Result<(), Refusal> {
    let exchange = call.exchange;
    for (place, quota) in call.quotas(key) {
        if !exchange.count(place, quota, key) {
            let into = exchange.now.millis().rem_euclid(quota.window as i64) as u64;
            let reason = Reason::Throttled(Throttle {
                scope: if quota.shared { ThrottleScope::Api } else { ThrottleScope::User },
                limit: quota.limit,
                window: quota.window,
            });
            return Err(Refusal::from(reason).retry_after(quota.window - into));
        }
    }
    Ok(())
}

impl Call<'_> {
    /// The place of the access key of that id.
    pub fn key_named(&self, id: &str) -> Option<usize> {
        self.exchange.plan.gateway.keys.iter().position(|key| key.id == id)
    }

    /// The quotas that the call falls under, with their places in the plan.
    pub fn quotas(&self, key: Option<usize>) -> impl Iterator<Item = (usize, &Quota)> {
        let gateway = &self.exchange.plan.gateway;
        let id = key.and_then(|key| gateway.keys.get(key)).map(|key| key.id.as_str());
        let is = |wanted: &Option<String>, name: &str| wanted.as_deref().is_none_or(|w| w == name);
        gateway.quotas.iter().enumerate().filter(move |(_, quota)| {
            is(&quota.service, self.target.service.name)
                && is(&quota.operation, self.target.operation.name)
                && (quota.credential.is_none() || quota.credential.as_deref() == id)
        })
    }
}

impl<'a> Admitted<'a> {
    /// The same call once clients have changed more.
    pub fn after(self, journal: Arc<Journal>) -> Self {
        let changes = journal.changes(self.plan(), self.now());
        Self { journal, changes, ..self }
    }

    /// The place in the plan of the access key that the call names, if there is such a one.
    pub fn key_place(&self) -> Option<usize> {
        self.key
    }

    /// All that clients changed, in virtual times to come, too.
    pub fn journal(&self) -> &Arc<Journal> {
        &self.journal
    }

    /// What clients changed until now.
    pub fn changes(&self) -> &Changes {
        &self.changes
    }

    /// What clients changed until an instant.
    pub fn changes_at(&self, at: Timestamp) -> Arc<Changes> {
        if at == self.now() {
            return self.changes.clone();
        }
        self.journal.changes(self.plan(), at)
    }

    /// What there was at an instant when the change of a number was the last one.
    pub fn changes_up_to(&self, at: Timestamp, number: u64) -> Arc<Changes> {
        self.journal.changes_up_to(self.plan(), at, number)
    }

    /// The number of the change that this call makes, if it makes one.
    pub fn number(&self) -> u64 {
        self.journal.next_number()
    }

    pub fn plan(&self) -> &'a Plan {
        self.call.exchange.plan
    }

    /// The scenario's access key that the credentials name; in open mode right or wrong.
    pub fn key(&self) -> Option<&'a AccessKey> {
        self.plan().gateway.keys.get(self.key?)
    }

    pub fn now(&self) -> Timestamp {
        self.call.exchange.now
    }

    pub fn exchange(&self) -> &'a Exchange<'a> {
        self.call.exchange
    }

    pub fn target(&self) -> Target {
        self.call.target
    }

    pub fn arguments(&self) -> &Arguments<'a> {
        &self.call.arguments
    }

    /// The answer in the envelope of its gateway and the format that was asked for.
    pub fn render(&self, body: &impl Serialize) -> Result<Granted, Refusal> {
        let exchange = self.call.exchange;
        let body = match exchange.gateway {
            Gateway::Alibaba => alibaba::envelope(&self.call, exchange.format, body)?,
            Gateway::Authing => authing::envelope(exchange, body)?,
            Gateway::Huawei => json(body)?,
        };
        Ok(Payload { status: 200, headers: Vec::new(), body }.into())
    }

    /// The same in another spelling than the vendor documents; the rows of the answer are the
    /// list of that name.
    pub fn render_as(
        &self,
        spelling: Spelling,
        list: &str,
        body: &impl Serialize,
    ) -> Result<Granted, Refusal> {
        match (self.call.exchange.gateway, self.call.exchange.format) {
            (Gateway::Alibaba, Format::Json) if spelling.always_xml => {
                let body = alibaba::envelope(&self.call, Format::Xml, body)?;
                let kind = (CONTENT_TYPE, alibaba::content_type(Format::Xml));
                Ok(Payload { status: 200, headers: vec![kind], body }.into())
            }
            (_, Format::Json) if !spelling.is_plain() => self.render(&spelling.of(list, body)?),
            _ => self.render(body),
        }
    }
}
