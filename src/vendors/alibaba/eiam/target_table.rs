//! The targets of a scenario file. Values that the file leaves out are drawn by the target's id, so
//! that another target changes nothing about the others.

use schemars::JsonSchema;
use serde::Deserialize;

use super::provider_type::{ProviderType, TYPES};
use super::state::{PULL, PullState};
use super::target::{
    AUTHORIZATIONS, Application, Direction, Protocol, Provider, STREAM, StatusCheck, Switch,
    SyncTarget, TargetDetails, TargetType,
};
use crate::scenario::Base;
use crate::scenario::population::one;
use crate::scenario::problem::{DocumentPath, Problem};
use crate::wire::nearest;
use crate::world::draw::{Draws, hash_bytes};
use crate::world::ids::{BASE36, random_text};
use crate::world::names;
use crate::world::time::{DAY, Timestamp};

/// An exact target; what is left out is generated.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TargetTable {
    /// `idp_…` or `app_…`.
    #[schemars(length(min = 1, max = 128))]
    pub(crate) id: String,
    /// Default: application if the id begins with `app_`, else identity_provider.
    #[serde(rename = "type")]
    pub(crate) kind: Option<TargetType>,
    /// Default: egress for applications and for identity providers of a type that is pushed
    /// to, ingress for the others.
    pub(crate) direction: Option<Direction>,
    /// Its share of the jobs, relative to the other targets.
    #[serde(default = "one")]
    #[schemars(range(max = 65536))]
    pub(crate) weight: u64,
    pub(crate) name: Option<String>,
    pub(crate) description: Option<String>,
    /// Identity providers: IdentityProviderType, such as urn:alibaba:idaas:idp:microsoft:ad:pull.
    pub(crate) identity_provider_type: Option<String>,
    /// Identity providers: LastStatusCheckJobResult. Default: success.
    pub(crate) last_status_check: Option<StatusCheck>,
    /// Identity providers: the reason for a lock against changes, such as financial.
    pub(crate) lock_reason: Option<String>,
    /// Identity providers: whether users are pulled from it. Default: yes, if its type allows that.
    pub(crate) ud_pull: Option<Switch>,
    /// Identity providers: whether users are pushed to it. Default: yes, if it is an egress target.
    pub(crate) ud_push: Option<Switch>,
    /// Identity providers: whether it is enabled for login.
    pub(crate) authn: Option<Switch>,
    /// Identity providers: whether it is synchronized periodically.
    pub(crate) periodic_sync: Option<Switch>,
    /// Identity providers: the hours of the day in which it is synchronized, instead of a cron
    /// expression.
    #[serde(default)]
    #[schemars(length(max = 24), inner(range(max = 23)))]
    pub(crate) periodic_sync_times: Vec<u8>,
    /// Identity providers: whether its callbacks are processed.
    pub(crate) incremental_callback: Option<Switch>,
    /// Applications: the status. Default: enabled.
    pub(crate) status: Option<Switch>,
    /// Applications: whether accounts are synchronized to it. Default: enabled.
    pub(crate) provisioning: Option<Switch>,
    /// Applications: the protocol of that synchronization.
    pub(crate) provision_protocol: Option<Protocol>,
    /// Applications: SsoType, such as saml2, oidc or oauth2/m2m.
    pub(crate) sso_type: Option<String>,
}

impl TargetTable {
    /// A target whose values are all generated.
    pub(crate) fn generated(id: String, weight: u64) -> Self {
        Self { id, weight, ..Self::default() }
    }

    fn target_type(&self) -> TargetType {
        self.kind.unwrap_or(TargetType::from_id(&self.id))
    }

    pub(crate) fn check(&self, path: &DocumentPath, problems: &mut Vec<Problem>) {
        let misplaced: &[(&str, bool)] = match self.target_type() {
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
        for (name, _) in misplaced.iter().filter(|(_, is_given)| *is_given) {
            let text = format!("an {} has no {name}", self.target_type().wire().replace('_', " "));
            problems.push(Problem::key(path.clone().key(*name), text));
        }
        if self.target_type() == TargetType::IdentityProvider {
            self.check_direction(path, problems);
        }
    }

    fn check_direction(&self, path: &DocumentPath, problems: &mut Vec<Problem>) {
        let (what, pulled, pushed) = match &self.identity_provider_type {
            Some(urn) => match ProviderType::named(urn) {
                Some(kind) => (&**urn, kind.can(Direction::Ingress), kind.can(Direction::Egress)),
                None => {
                    let path = path.clone().key("identity_provider_type");
                    problems.push(unknown_type(urn, path));
                    return;
                }
            },
            None => match self.direction.unwrap_or(Direction::Ingress) {
                Direction::Ingress => ("an ingress target", true, false),
                Direction::Egress => ("an egress target", false, true),
            },
        };
        let on = |given: Option<Switch>| given.is_some_and(Switch::is_on);
        let wrong = [
            ("ud_pull", on(self.ud_pull) && !pulled, "pulled from"),
            ("ud_push", on(self.ud_push) && !pushed, "pushed to"),
            ("direction", self.direction == Some(Direction::Ingress) && !pulled, "pulled from"),
            ("direction", self.direction == Some(Direction::Egress) && !pushed, "pushed to"),
        ];
        for (name, _, done) in wrong.iter().filter(|(_, wrong, _)| *wrong) {
            let text = format!("{what} is not {done}");
            problems.push(Problem::value(path.clone().key(*name), text));
        }
    }
}

fn unknown_type(urn: &str, path: DocumentPath) -> Problem {
    let urns = || TYPES.iter().map(|row| row.urn);
    let text = format!("there is no identity provider type {urn:?}");
    Problem::value(path, text).hint(match nearest(urn, urns()) {
        Some(meant) => format!("did you mean {meant}?"),
        None => format!("there are {}", urns().collect::<Vec<_>>().join(", ")),
    })
}

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

/// The length of the time in which all targets were created (ms).
pub(crate) const TARGETS_CREATED_WITHIN: u64 = 3 * 365 * DAY;

/// The inputs of the generated values of targets, apart from their ids.
pub(crate) struct TargetGenerator<'b> {
    pub(crate) base: &'b Base,
    /// All targets are older than this.
    pub(crate) before: Timestamp,
    /// Weights of the paths of [`super::state::PULL`].
    pub(crate) pull: &'b [u64],
}

impl TargetGenerator<'_> {
    pub(crate) fn target(&self, table: TargetTable) -> SyncTarget {
        let index = hash_bytes(table.id.as_bytes());
        let mut draws = Draws::new(self.base.seed, STREAM, index);
        let age = DAY + draws.below(TARGETS_CREATED_WITHIN);
        let created = self.before.minus(age);
        let updated = created.plus(draws.below(DAY));
        let company = names::company(self.base.seed, STREAM.of(1), index, self.base.locale);
        let (names, direction, details) = match table.target_type() {
            TargetType::IdentityProvider => {
                let provider = self.provider(&table, &mut draws);
                let direction = match provider.kind.is(Direction::Egress) {
                    true => Direction::Egress,
                    false => Direction::Ingress,
                };
                (provider.kind.names, direction, TargetDetails::Provider(provider))
            }
            TargetType::Application => {
                let system = SYSTEMS[draws.below(SYSTEMS.len() as u64) as usize];
                let application = self.application(&table, index, &mut draws);
                (system, Direction::Egress, TargetDetails::Application(application))
            }
        };
        let name = self.base.locale.choose(names.0, names.1);
        SyncTarget {
            id: table.id,
            direction: table.direction.unwrap_or(direction),
            name: table.name.unwrap_or(format!("{company} {name}")),
            description: table.description,
            created,
            updated,
            index,
            details,
        }
    }

    fn provider(&self, table: &TargetTable, draws: &mut Draws) -> Provider {
        let wanted = table.direction.unwrap_or(Direction::Ingress);
        let fit: Vec<&'static ProviderType> = TYPES.iter().filter(|row| row.is(wanted)).collect();
        let drawn = fit.get(draws.below(fit.len() as u64) as usize).copied();
        let named = table.identity_provider_type.as_deref().and_then(ProviderType::named);
        let kind = named.or(drawn).unwrap_or(&TYPES[0]);
        let pulled = kind.is(Direction::Ingress);
        let pull = match self.drawn_pull(draws) {
            pull if pulled => pull,
            _ => PullState::Disabled,
        };
        let mut some = |part: u64| Switch::new(draws.chance(part, 6));
        let (authn, advanced, groups, periodic, incremental) =
            (some(4), some(1), some(4), some(4), some(3));
        let switch = |given: Option<Switch>, able: bool, drawn: Switch| {
            given.unwrap_or(Switch::new(able && drawn.is_on()))
        };
        let able = kind.syncs();
        Provider {
            kind,
            pull: match table.ud_pull {
                Some(Switch::Enabled) => PullState::Enabled,
                Some(Switch::Disabled) => PullState::Disabled,
                None => pull,
            },
            push: table.ud_push.unwrap_or(Switch::new(
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

    fn drawn_pull(&self, draws: &mut Draws) -> PullState {
        let sum = self.pull.iter().fold(0, |sum: u64, weight| sum.saturating_add(*weight));
        let mut draw = draws.below(sum);
        for (path, &weight) in PULL.paths.iter().zip(self.pull) {
            match draw.checked_sub(weight) {
                Some(rest) => draw = rest,
                None => return path.terminal,
            }
        }
        // All weights are 0: the scenario is refused.
        PullState::Disabled
    }

    fn application(&self, table: &TargetTable, index: u64, draws: &mut Draws) -> Application {
        let sso = SSO_TYPES[draws.below(SSO_TYPES.len() as u64) as usize];
        let protocol = match draws.chance(1, 2) {
            true => Protocol::IdaasCallback,
            false => Protocol::Scim2,
        };
        let authorization = AUTHORIZATIONS[draws.below(2) as usize];
        let from_template = draws.chance(1, 3);
        let resource_server = Switch::new(draws.chance(1, 4));
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
