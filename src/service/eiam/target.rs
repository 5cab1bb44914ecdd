//! What jobs synchronize with: identity providers and applications. The scenario file says
//! what it wants of them; all the rest is drawn by their ids.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::View;
use super::provider_type::{ProviderType, TYPES};
use super::state::{DISABLED, ENABLED};
use crate::gateway::nearest::nearest;
use crate::plan::Base;
use crate::scenario::parts::one;
use crate::scenario::problem::{Place, Problem};
use crate::world::draw::{Draws, Stream, hash_bytes};
use crate::world::ids::{BASE32, BASE36, random_text};
use crate::world::lifecycle::State;
use crate::world::names;
use crate::world::time::{DAY, Timestamp};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TargetType {
    IdentityProvider,
    Application,
}

impl TargetType {
    pub fn wire(self) -> &'static str {
        match self {
            Self::IdentityProvider => "identity_provider",
            Self::Application => "application",
        }
    }

    /// What an id says by its prefix.
    pub fn of_id(id: &str) -> Self {
        if id.starts_with("app_") { Self::Application } else { Self::IdentityProvider }
    }

    pub fn usual_direction(self) -> Direction {
        match self {
            Self::IdentityProvider => Direction::Ingress,
            Self::Application => Direction::Egress,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    Ingress,
    Egress,
}

impl Direction {
    pub fn wire(self) -> &'static str {
        match self {
            Self::Ingress => "ingress",
            Self::Egress => "egress",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Switch {
    Enabled,
    Disabled,
}

impl Switch {
    pub fn of(on: bool) -> Self {
        if on { Self::Enabled } else { Self::Disabled }
    }

    pub fn is_on(self) -> bool {
        self == Self::Enabled
    }

    pub fn wire(self) -> &'static str {
        match self {
            Self::Enabled => "enabled",
            Self::Disabled => "disabled",
        }
    }
}

/// `success` is the vendor's; what else there is it does not say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StatusCheck {
    Success,
    Failed,
}

impl StatusCheck {
    pub fn wire(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Failed => "failed",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Protocol {
    IdaasCallback,
    Scim2,
}

impl Protocol {
    pub fn wire(self) -> &'static str {
        match self {
            Self::IdaasCallback => "idaas_callback",
            Self::Scim2 => "scim2",
        }
    }
}

/// An exact target; what is left out is generated.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TargetTable {
    /// `idp_…` or `app_…`.
    #[schemars(length(min = 1, max = 128))]
    pub id: String,
    /// Default: by the id, application for `app_…`.
    #[serde(rename = "type")]
    pub kind: Option<TargetType>,
    /// Default: egress for applications and for identity providers of a type that is pushed
    /// to, ingress for the others.
    pub direction: Option<Direction>,
    /// How many of the jobs are its, against the other targets.
    #[serde(default = "one")]
    #[schemars(range(max = 65536))]
    pub weight: u64,
    pub name: Option<String>,
    pub description: Option<String>,
    /// Of an identity provider: its IdentityProviderType, such as
    /// urn:alibaba:idaas:idp:microsoft:ad:pull.
    pub identity_provider_type: Option<String>,
    /// Of an identity provider: LastStatusCheckJobResult. Default: success.
    pub last_status_check: Option<StatusCheck>,
    /// Of an identity provider: why it can not be written to, such as financial.
    pub lock_reason: Option<String>,
    /// Of an identity provider: whether it is pulled from. Default: if its type can be.
    pub ud_pull: Option<Switch>,
    /// Of an identity provider: whether it is pushed to. Default: if it is an egress target.
    pub ud_push: Option<Switch>,
    /// Of an identity provider: whether people log in with it.
    pub authn: Option<Switch>,
    /// Of an identity provider: whether it is synchronized again and again.
    pub periodic_sync: Option<Switch>,
    /// Of an identity provider: the hours of the day in which it is synchronized, instead of
    /// a cron expression.
    #[serde(default)]
    #[schemars(length(max = 24), inner(range(max = 23)))]
    pub periodic_sync_times: Vec<u8>,
    /// Of an identity provider: whether its callbacks are processed.
    pub incremental_callback: Option<Switch>,
    /// Of an application. Default: enabled.
    pub status: Option<Switch>,
    /// Of an application: whether accounts are synchronized to it. Default: enabled.
    pub provisioning: Option<Switch>,
    /// Of an application: how.
    pub provision_protocol: Option<Protocol>,
    /// Of an application: its SsoType, such as saml2, oidc or oauth2/m2m.
    pub sso_type: Option<String>,
}

impl TargetTable {
    /// One of which all is generated.
    pub fn generated(id: String, weight: u64) -> Self {
        Self { id, weight, ..Self::default() }
    }

    fn kind(&self) -> TargetType {
        self.kind.unwrap_or(TargetType::of_id(&self.id))
    }

    pub fn check(&self, place: &Place, problems: &mut Vec<Problem>) {
        let strangers: &[(&str, bool)] = match self.kind() {
            TargetType::Application => &[
                ("identity_provider_type", self.identity_provider_type.is_some()),
                ("last_status_check", self.last_status_check.is_some()),
                ("lock_reason", self.lock_reason.is_some()),
                ("ud_pull", self.ud_pull.is_some()),
                ("ud_push", self.ud_push.is_some()),
                ("authn", self.authn.is_some()),
                ("periodic_sync", self.periodic_sync.is_some()),
                ("periodic_sync_times", !self.periodic_sync_times.is_empty()),
                ("incremental_callback", self.incremental_callback.is_some()),
            ],
            TargetType::IdentityProvider => &[
                ("status", self.status.is_some()),
                ("provisioning", self.provisioning.is_some()),
                ("provision_protocol", self.provision_protocol.is_some()),
                ("sso_type", self.sso_type.is_some()),
            ],
        };
        for (name, _) in strangers.iter().filter(|(_, there)| *there) {
            let text = format!("an {} has no {name}", self.kind().wire().replace('_', " "));
            problems.push(Problem::key(place.clone().key(*name), text));
        }
        if self.kind() == TargetType::IdentityProvider {
            self.check_direction(place, problems);
        }
    }

    fn check_direction(&self, place: &Place, problems: &mut Vec<Problem>) {
        let (what, pulled, pushed) = match &self.identity_provider_type {
            Some(urn) => match ProviderType::named(urn) {
                Some(kind) => (&**urn, kind.can(Direction::Ingress), kind.can(Direction::Egress)),
                None => {
                    let place = place.clone().key("identity_provider_type");
                    problems.push(unknown_type(urn, place));
                    return;
                }
            },
            None => match self.direction.unwrap_or(Direction::Ingress) {
                Direction::Ingress => ("an ingress target", true, false),
                Direction::Egress => ("an egress target", false, true),
            },
        };
        let on = |said: Option<Switch>| said.is_some_and(Switch::is_on);
        let wrong = [
            ("ud_pull", on(self.ud_pull) && !pulled, "pulled from"),
            ("ud_push", on(self.ud_push) && !pushed, "pushed to"),
            ("direction", self.direction == Some(Direction::Ingress) && !pulled, "pulled from"),
            ("direction", self.direction == Some(Direction::Egress) && !pushed, "pushed to"),
        ];
        for (name, _, done) in wrong.iter().filter(|(_, wrong, _)| *wrong) {
            let text = format!("{what} is not {done}");
            problems.push(Problem::value(place.clone().key(*name), text));
        }
    }
}

fn unknown_type(urn: &str, place: Place) -> Problem {
    let urns = || TYPES.iter().map(|row| row.urn);
    let text = format!("there is no identity provider type {urn:?}");
    Problem::value(place, text).hint(match nearest(urn, urns()) {
        Some(meant) => format!("did you mean {meant}?"),
        None => format!("there are {}", urns().collect::<Vec<_>>().join(", ")),
    })
}

#[derive(Clone, Debug)]
pub struct Target {
    pub id: String,
    /// Of its jobs.
    pub direction: Direction,
    /// How many of the jobs are its, against the other targets.
    pub weight: u64,
    pub name: String,
    pub description: Option<String>,
    /// Older than any job.
    pub created: Timestamp,
    /// If no client changed it later.
    pub updated: Timestamp,
    /// What its other values are drawn by.
    pub index: u64,
    pub what: What,
}

#[derive(Clone, Debug)]
pub enum What {
    Provider(Provider),
    Application(Application),
}

#[derive(Clone, Debug)]
pub struct Provider {
    pub kind: &'static ProviderType,
    /// A state of [`super::state::PULL`], if no client changed it.
    pub pull: State,
    pub push: Switch,
    pub authn: Switch,
    pub advanced: Switch,
    pub groups: Switch,
    pub periodic: Switch,
    /// Hours of the day; empty: by a cron expression.
    pub periodic_times: Vec<u8>,
    pub incremental: Switch,
    pub status_check: StatusCheck,
    pub lock_reason: Option<String>,
}

#[derive(Clone, Debug)]
pub struct Application {
    pub status: Switch,
    pub provisioning: Switch,
    pub protocol: Protocol,
    pub sso_type: String,
    /// `AuthorizationType` of the filter; no answer shows it.
    pub authorization: &'static str,
    pub template_id: Option<String>,
    pub resource_server: Switch,
}

const STREAM: Stream = Stream::named("eiam.target");
/// Of an application, and what people authorise to use it (vendor's page).
pub const AUTHORIZATIONS: &[&str] = &["authorize_required", "default_all"];
const SSO_TYPES: [&str; 4] = ["saml2", "oidc", "oauth2/m2m", "oidc+oauth2/m2m"];
/// (Chinese, English)
const SYSTEMS: [(&str, &str); 6] = [
    ("办公系统", "Office"),
    ("客户管理", "CRM"),
    ("人事系统", "HR"),
    ("财务系统", "Finance"),
    ("企业邮箱", "Mail"),
    ("代码仓库", "Code"),
];

/// What the generated values of targets depend on, beside their ids.
pub struct Drawn<'b> {
    pub base: &'b Base,
    /// Everything that is synchronized comes after it.
    pub before: Timestamp,
    /// How many there are.
    pub count: u64,
    /// Weights of the states of [`super::state::PULL`].
    pub pull: [u64; 2],
}

impl Drawn<'_> {
    /// The target at a place of the list. The places are from the youngest to the oldest,
    /// all within three years (inferred: the order of the vendor's lists is not known).
    pub fn target(&self, table: TargetTable, place: u64) -> Target {
        let index = hash_bytes(table.id.as_bytes());
        let mut draws = Draws::new(self.base.seed, STREAM, index);
        let slot = 3 * 365 * DAY / self.count.max(1);
        let age = DAY + place * slot + draws.below(slot);
        let created = self.before.minus(age);
        let updated = created.plus(draws.below(DAY));
        let company = names::company(self.base.seed, STREAM.of(1), index, self.base.tongue);
        let (called, direction, what) = match table.kind() {
            TargetType::IdentityProvider => {
                let provider = self.provider(&table, &mut draws);
                let usual = match provider.kind.is(Direction::Egress) {
                    true => Direction::Egress,
                    false => Direction::Ingress,
                };
                (provider.kind.called, usual, What::Provider(provider))
            }
            TargetType::Application => {
                let system = SYSTEMS[draws.below(SYSTEMS.len() as u64) as usize];
                let application = self.application(&table, index, &mut draws);
                (system, Direction::Egress, What::Application(application))
            }
        };
        let called = self.base.tongue.choose(called.0, called.1);
        Target {
            id: table.id,
            direction: table.direction.unwrap_or(direction),
            weight: table.weight,
            name: table.name.unwrap_or(format!("{company} {called}")),
            description: table.description,
            created,
            updated,
            index,
            what,
        }
    }

    fn provider(&self, table: &TargetTable, draws: &mut Draws) -> Provider {
        let wanted = table.direction.unwrap_or(Direction::Ingress);
        let fit: Vec<&'static ProviderType> = TYPES.iter().filter(|row| row.is(wanted)).collect();
        let drawn = fit.get(draws.below(fit.len() as u64) as usize).copied();
        let named = table.identity_provider_type.as_deref().and_then(ProviderType::named);
        let kind = named.or(drawn).unwrap_or(&TYPES[0]);
        let pulled = kind.is(Direction::Ingress);
        let [on, off] = self.pull;
        let pull = match draws.below(on.saturating_add(off)) < on {
            true if pulled => ENABLED,
            _ => DISABLED,
        };
        let mut some = |part: u64| Switch::of(draws.chance(part, 6));
        let (authn, advanced, groups, periodic, incremental) =
            (some(4), some(1), some(4), some(4), some(3));
        let switch = |said: Option<Switch>, able: bool, drawn: Switch| {
            said.unwrap_or(Switch::of(able && drawn.is_on()))
        };
        let able = kind.syncs();
        Provider {
            kind,
            pull: table.ud_pull.map_or(pull, |said| if said.is_on() { ENABLED } else { DISABLED }),
            push: table.ud_push.unwrap_or(Switch::of(
                kind.is(Direction::Egress) || table.direction == Some(Direction::Egress),
            )),
            authn: switch(table.authn, true, if able { authn } else { Switch::Enabled }),
            advanced: switch(None, able, advanced),
            groups: switch(None, pulled, groups),
            periodic: switch(table.periodic_sync, able, periodic),
            periodic_times: table.periodic_sync_times.clone(),
            incremental: switch(
                table.incremental_callback,
                pulled && kind.calls_back(),
                incremental,
            ),
            status_check: table.last_status_check.unwrap_or(StatusCheck::Success),
            lock_reason: table.lock_reason.clone(),
        }
    }

    fn application(&self, table: &TargetTable, index: u64, draws: &mut Draws) -> Application {
        let sso = SSO_TYPES[draws.below(SSO_TYPES.len() as u64) as usize];
        let protocol = match draws.chance(1, 2) {
            true => Protocol::IdaasCallback,
            false => Protocol::Scim2,
        };
        let authorization = AUTHORIZATIONS[draws.below(2) as usize];
        let from_template = draws.chance(1, 3);
        let resource_server = Switch::of(draws.chance(1, 4));
        let template = || random_text(self.base.seed, STREAM.of(2), index, BASE36, 8);
        Application {
            status: table.status.unwrap_or(Switch::Enabled),
            provisioning: table.provisioning.unwrap_or(Switch::Enabled),
            protocol: table.provision_protocol.unwrap_or(protocol),
            sso_type: table.sso_type.clone().unwrap_or(sso.to_owned()),
            authorization,
            template_id: from_template.then(|| format!("apt_{}_sync", template())),
            resource_server,
        }
    }
}

impl Target {
    pub fn kind(&self) -> TargetType {
        match self.what {
            What::Provider(_) => TargetType::IdentityProvider,
            What::Application(_) => TargetType::Application,
        }
    }

    /// An id of something that belongs to it: a prefix and 26 characters of base32.
    pub fn own_id(&self, view: &View<'_>, prefix: &str, number: u64) -> String {
        let stream = STREAM.of(3).of(hash_bytes(prefix.as_bytes()) ^ number);
        format!("{prefix}_{}", random_text(view.plan.seed, stream, self.index, BASE32, 26))
    }

    /// So many characters of the alphabet, for a member of that name.
    pub fn own_text(&self, view: &View<'_>, name: &str, alphabet: &[u8], length: usize) -> String {
        let stream = STREAM.of(4).of(hash_bytes(name.as_bytes()));
        random_text(view.plan.seed, stream, self.index, alphabet, length)
    }
}

/// The targets that there are at the view's instant, with their places in the plan.
pub fn all<'v>(view: &View<'v>) -> impl Iterator<Item = (usize, &'v Target)> + use<'v> {
    let now = view.now;
    view.plan.targets.iter().enumerate().filter(move |(_, target)| target.created <= now)
}

/// The target of that id and kind.
pub fn find<'v>(view: &View<'v>, kind: TargetType, id: &str) -> Option<(usize, &'v Target)> {
    all(view).find(|(_, target)| target.id == id && target.kind() == kind)
}

/// Whether identity provider `place` is pulled from: a state of [`super::state::PULL`].
pub fn pull(view: &View<'_>, place: usize, provider: &Provider) -> State {
    view.changes.pulls.get(&place).map_or(provider.pull, |pull| pull.state)
}

/// When it was last changed.
pub fn updated(view: &View<'_>, place: usize, target: &Target) -> Timestamp {
    view.changes.pulls.get(&place).map_or(target.updated, |pull| pull.since)
}

/// Why a job can not be run for a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unready {
    /// The provider is locked.
    Locked,
    /// Its last status check did not succeed.
    StatusCheck,
    /// People only log in with it.
    Unsupported,
    PullDisabled,
    PushDisabled,
    ApplicationDisabled,
    ProvisioningDisabled,
}

impl Unready {
    /// That a job can be triggered only after a successful status check is the vendor's word
    /// (ListIdentityProviders, LastStatusCheckJobResult); all else is inferred.
    fn is_certain(self) -> bool {
        self == Self::StatusCheck
    }
}

/// What stands against running a job for the target now.
pub fn unready(view: &View<'_>, place: usize, target: &Target) -> Option<Unready> {
    let reason = match &target.what {
        What::Provider(provider) => {
            let disabled = match target.direction {
                Direction::Ingress => {
                    (pull(view, place, provider) == DISABLED).then_some(Unready::PullDisabled)
                }
                Direction::Egress => (!provider.push.is_on()).then_some(Unready::PushDisabled),
            };
            let unsupported = (!provider.kind.syncs()).then_some(Unready::Unsupported);
            let unchecked = provider.status_check != StatusCheck::Success;
            unchecked
                .then_some(Unready::StatusCheck)
                .or_else(|| provider.lock_reason.is_some().then_some(Unready::Locked))
                .or(unsupported)
                .or(disabled)
        }
        What::Application(application) => {
            let disabled = (!application.status.is_on()).then_some(Unready::ApplicationDisabled);
            let unprovisioned = !application.provisioning.is_on();
            disabled.or(unprovisioned.then_some(Unready::ProvisioningDisabled))
        }
    }?;
    (reason.is_certain() || !view.plan.quirks.run_unready_targets).then_some(reason)
}
