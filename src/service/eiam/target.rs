//! What jobs synchronize with: identity providers and applications.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::View;
use super::provider_type::ProviderType;
use super::state::DISABLED;
use crate::world::draw::{Stream, hash_bytes};
use crate::world::ids::{BASE32, random_text};
use crate::world::lifecycle::State;
use crate::world::time::Timestamp;

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

pub const STREAM: Stream = Stream::named("eiam.target");
/// How people come to use an application (vendor's page).
pub const AUTHORIZATIONS: &[&str] = &["authorize_required", "default_all"];

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
