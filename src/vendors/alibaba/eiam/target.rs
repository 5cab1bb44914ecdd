//! The targets of jobs: identity providers and applications.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::View;
use super::provider_type::ProviderType;
use super::state::PullState;
use crate::world::draw::{Stream, hash_bytes};
use crate::world::ids::{BASE32, random_text};
use crate::world::time::Timestamp;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum TargetType {
    IdentityProvider,
    Application,
}

impl TargetType {
    pub(crate) fn wire(self) -> &'static str {
        match self {
            Self::IdentityProvider => "identity_provider",
            Self::Application => "application",
        }
    }

    /// The type that an id's prefix stands for.
    pub(crate) fn from_id(id: &str) -> Self {
        if id.starts_with("app_") { Self::Application } else { Self::IdentityProvider }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Direction {
    Ingress,
    Egress,
}

impl Direction {
    pub(crate) fn wire(self) -> &'static str {
        match self {
            Self::Ingress => "ingress",
            Self::Egress => "egress",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Switch {
    Enabled,
    Disabled,
}

impl Switch {
    pub(crate) fn new(on: bool) -> Self {
        if on { Self::Enabled } else { Self::Disabled }
    }

    pub(crate) fn is_on(self) -> bool {
        self == Self::Enabled
    }

    pub(crate) fn wire(self) -> &'static str {
        match self {
            Self::Enabled => "enabled",
            Self::Disabled => "disabled",
        }
    }
}

/// `success` is the vendor's; it does not list other values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum StatusCheck {
    Success,
    Failed,
}

impl StatusCheck {
    pub(crate) fn wire(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Failed => "failed",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Protocol {
    IdaasCallback,
    Scim2,
}

impl Protocol {
    pub(crate) fn wire(self) -> &'static str {
        match self {
            Self::IdaasCallback => "idaas_callback",
            Self::Scim2 => "scim2",
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct SyncTarget {
    pub(crate) id: String,
    /// The direction of its jobs.
    pub(crate) direction: Direction,
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    /// Older than any job.
    pub(crate) created: Timestamp,
    /// The last update, unless a client changed it later.
    pub(crate) updated: Timestamp,
    /// The index that its other values are drawn by.
    pub(crate) index: u64,
    pub(crate) details: TargetDetails,
}

#[derive(Clone, Debug)]
pub(crate) enum TargetDetails {
    Provider(Provider),
    Application(Application),
}

#[derive(Clone, Debug)]
pub(crate) struct Provider {
    pub(crate) kind: &'static ProviderType,
    /// Unless a client changed it.
    pub(crate) pull: PullState,
    pub(crate) push: Switch,
    pub(crate) authn: Switch,
    pub(crate) advanced: Switch,
    pub(crate) groups: Switch,
    pub(crate) periodic: Switch,
    /// Hours of the day; empty if a cron expression says when.
    pub(crate) periodic_times: Vec<u8>,
    pub(crate) incremental: Switch,
    pub(crate) status_check: StatusCheck,
    pub(crate) lock_reason: Option<String>,
}

#[derive(Clone, Debug)]
pub(crate) struct Application {
    pub(crate) status: Switch,
    pub(crate) provisioning: Switch,
    pub(crate) protocol: Protocol,
    pub(crate) sso_type: String,
    /// `AuthorizationType` of the filter; no answer shows it.
    pub(crate) authorization: &'static str,
    pub(crate) template_id: Option<String>,
    pub(crate) resource_server: Switch,
}

pub(crate) const STREAM: Stream = Stream::named("eiam.target");
/// How people come to use an application (vendor's page).
pub(crate) const AUTHORIZATIONS: &[&str] = &["authorize_required", "default_all"];

impl SyncTarget {
    pub(crate) fn target_type(&self) -> TargetType {
        match self.details {
            TargetDetails::Provider(_) => TargetType::IdentityProvider,
            TargetDetails::Application(_) => TargetType::Application,
        }
    }

    /// The id of a resource that belongs to it: a prefix and 26 characters of base32.
    pub(crate) fn own_id(&self, view: &View<'_>, prefix: &str, number: u64) -> String {
        let stream = STREAM.of(3).of(hash_bytes(prefix.as_bytes()) ^ number);
        format!("{prefix}_{}", random_text(view.plan.seed, stream, self.index, BASE32, 26))
    }

    /// Generated text of that length, for the field of that name.
    pub(crate) fn own_text(
        &self,
        view: &View<'_>,
        name: &str,
        alphabet: &[u8],
        length: usize,
    ) -> String {
        let stream = STREAM.of(4).of(hash_bytes(name.as_bytes()));
        random_text(view.plan.seed, stream, self.index, alphabet, length)
    }
}

/// The targets that exist at the view's instant, youngest first, with their indexes in the plan.
pub(crate) fn all<'v>(view: &View<'v>) -> impl Iterator<Item = (usize, &'v SyncTarget)> + use<'v> {
    let View { plan, now, .. } = *view;
    let targets = plan.youngest_first.iter();
    let targets = targets.filter_map(|&index| Some((index, plan.targets.get(index)?)));
    targets.filter(move |(_, target)| target.created <= now)
}

/// The identity providers that exist at the view's instant, with their indexes in the plan.
pub(crate) fn providers<'v>(
    view: &View<'v>,
) -> impl Iterator<Item = (usize, &'v SyncTarget, &'v Provider)> + use<'v> {
    all(view).filter_map(|(index, target)| match &target.details {
        TargetDetails::Provider(provider) => Some((index, target, provider)),
        TargetDetails::Application(_) => None,
    })
}

/// The applications that exist at the view's instant.
pub(crate) fn applications<'v>(
    view: &View<'v>,
) -> impl Iterator<Item = (&'v SyncTarget, &'v Application)> + use<'v> {
    all(view).filter_map(|(_, target)| match &target.details {
        TargetDetails::Application(application) => Some((target, application)),
        TargetDetails::Provider(_) => None,
    })
}

/// The target of that type and id, with its index in the plan.
pub(crate) fn find<'v>(
    view: &View<'v>,
    kind: TargetType,
    id: &str,
) -> Option<(usize, &'v SyncTarget)> {
    all(view).find(|(_, target)| target.id == id && target.target_type() == kind)
}

/// Whether the identity provider with that index in the plan is pulled from.
pub(crate) fn pull(view: &View<'_>, index: usize, provider: &Provider) -> PullState {
    view.projection.pulls.get(&index).map_or(provider.pull, |pull| pull.state)
}

/// When the target with that index in the plan was last changed.
pub(crate) fn updated(view: &View<'_>, index: usize, target: &SyncTarget) -> Timestamp {
    view.projection.pulls.get(&index).map_or(target.updated, |pull| pull.since)
}

/// Why no job can be run for a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unready {
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
    /// The vendor says that a job can be triggered only after a successful status check
    /// (ListIdentityProviders, LastStatusCheckJobResult); all else is inferred.
    fn is_certain(self) -> bool {
        self == Self::StatusCheck
    }
}

/// The reason why a job cannot run for the target now.
pub(crate) fn unready(view: &View<'_>, index: usize, target: &SyncTarget) -> Option<Unready> {
    let reason = match &target.details {
        TargetDetails::Provider(provider) => {
            let disabled = match target.direction {
                Direction::Ingress => {
                    let is_disabled = pull(view, index, provider) == PullState::Disabled;
                    is_disabled.then_some(Unready::PullDisabled)
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
        TargetDetails::Application(application) => {
            let disabled = (!application.status.is_on()).then_some(Unready::ApplicationDisabled);
            let unprovisioned = !application.provisioning.is_on();
            disabled.or(unprovisioned.then_some(Unready::ProvisioningDisabled))
        }
    }?;
    (reason.is_certain() || !view.plan.quirks.run_unready_targets).then_some(reason)
}
