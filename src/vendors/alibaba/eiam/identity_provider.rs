//! ListIdentityProviders and GetIdentityProvider.

use serde::Serialize;

use super::parameters::{NumberedPage, check_instance, instance_id, known_provider, provider_id};
use super::provider_config::{
    DingtalkAppConfig, DingtalkProvisioningConfig, LarkConfig, LdapConfig, OidcConfig, WeComConfig,
};
use super::provider_type::Family;
use super::state::PullState;
use super::target::{self, Direction, Provider, Switch, SyncTarget};
use super::ud_configuration::{SyncScope, pull_scope, push_scopes};
use super::{EiamCall, EiamResult, View, render};
use crate::world::ids::{BASE36, HEX};

/// The SDK and jobs have `ingress` and `egress`, the vendor's page has `pull` and `push`; both are
/// accepted.
const DIRECTIONS: &[&str] = &["ingress", "egress", "pull", "push"];

/// Names and order of aliyun-java-sdk-eiam.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct IdentityProviderRow<'v> {
    instance_id: &'v str,
    identity_provider_id: &'v str,
    identity_provider_external_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'v str>,
    identity_provider_name: &'v str,
    ud_pull_status: &'static str,
    authn_source_type: &'static str,
    authn_source_supplier: &'static str,
    authn_status: &'static str,
    incremental_callback_status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    ud_pull_target_scope: Option<String>,
    identity_provider_type: &'static str,
    advanced_status: &'static str,
    ud_push_status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    lock_reason: Option<&'v str>,
    last_status_check_job_result: &'static str,
    /// Unix ms.
    create_time: i64,
    /// Unix ms.
    update_time: i64,
    logo_url: String,
    periodic_sync_status: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct ListIdentityProvidersResponse<'v> {
    request_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    total_count: Option<u64>,
    identity_providers: Vec<IdentityProviderRow<'v>>,
}

pub(crate) fn list_identity_providers(call: &EiamCall<'_>) -> EiamResult {
    let snapshot = call.page_snapshot();
    let view = snapshot.view();
    let instance_id = instance_id(call)?;
    let page = NumberedPage::from_arguments(call.arguments(), &view.plan.quirks)?;
    let direction = match call.arguments().one_of("Direction", DIRECTIONS)? {
        Some("ingress" | "pull") => Some(Direction::Ingress),
        Some(_) => Some(Direction::Egress),
        None => None,
    };
    check_instance(call, instance_id)?;
    let wanted = target::providers(&view).filter(|(_, target, provider)| {
        direction.is_none_or(|wanted| provider.kind.syncs() && target.direction == wanted)
    });
    let (total_count, shown) = page.rows(&view.plan.quirks, wanted.collect())?;
    let row = |(index, target, provider)| IdentityProviderRow::new(&view, index, target, provider);
    let response = ListIdentityProvidersResponse {
        request_id: call.request_id(),
        total_count,
        identity_providers: shown.into_iter().map(row).collect(),
    };
    render(call, "IdentityProviders", &response)
}

impl<'v> IdentityProviderRow<'v> {
    /// `index` is the target's in the plan.
    fn new(view: &View<'v>, index: usize, target: &'v SyncTarget, provider: &'v Provider) -> Self {
        let statuses = Statuses::new(view, index, provider);
        Self {
            instance_id: &view.plan.instance_id,
            identity_provider_id: &target.id,
            identity_provider_external_id: external_id(view, target, provider),
            description: target.description.as_deref(),
            identity_provider_name: &target.name,
            ud_pull_status: statuses.pull.wire(),
            authn_source_type: AUTHN_SOURCE_TYPE,
            authn_source_supplier: provider.kind.supplier(),
            authn_status: provider.authn.wire(),
            incremental_callback_status: statuses.incremental.wire(),
            ud_pull_target_scope: pull_scope(view, target, provider)
                .map(|scope| scope.target_scope),
            identity_provider_type: provider.kind.urn,
            advanced_status: provider.advanced.wire(),
            ud_push_status: provider.push.wire(),
            lock_reason: provider.lock_reason.as_deref(),
            last_status_check_job_result: provider.status_check.wire(),
            create_time: target.created.millis(),
            update_time: target::updated(view, index, target).millis(),
            logo_url: logo_url(view, target),
            periodic_sync_status: statuses.periodic.wire(),
        }
    }
}

/// Every documented type of provider speaks it (inferred).
const AUTHN_SOURCE_TYPE: &str = "urn:alibaba:idaas:authntype:oidc";

/// The automatic synchronizations, as all answers show them: they need the pull, or for providers
/// that are pushed to, the push (inferred).
pub(crate) struct Statuses {
    pub(crate) pull: Switch,
    pub(crate) incremental: Switch,
    pub(crate) periodic: Switch,
}

impl Statuses {
    pub(crate) fn new(view: &View<'_>, index: usize, provider: &Provider) -> Self {
        let pull = Switch::new(target::pull(view, index, provider) == PullState::Enabled);
        let synced = pull.is_on() || provider.push.is_on();
        Self {
            pull,
            incremental: Switch::new(pull.is_on() && provider.incremental.is_on()),
            periodic: Switch::new(synced && provider.periodic.is_on()),
        }
    }

    /// The periodic synchronization in one direction.
    pub(crate) fn periodic_in(&self, provider: &Provider, direction: Direction) -> Switch {
        let on = match direction {
            Direction::Ingress => self.pull,
            Direction::Egress => provider.push,
        };
        Switch::new(on.is_on() && self.periodic.is_on())
    }
}

pub(crate) fn logo_url(view: &View<'_>, target: &SyncTarget) -> String {
    let name = target.own_text(view, "logo", BASE36, 16);
    format!("https://cdn-cn-hangzhou.aliyunidaas.com/{}/logos/{name}", view.plan.instance_id)
}

/// The other side's own id, in its format.
fn external_id(view: &View<'_>, target: &SyncTarget, provider: &Provider) -> String {
    let text = |alphabet, length| target.own_text(view, "external", alphabet, length);
    match provider.kind.family {
        Family::Dingtalk => format!("ding{}", text(HEX, 32)),
        Family::WeCom => format!("ww{}", text(HEX, 16)),
        Family::Lark => format!("FX{}", text(b"0123456789", 8)),
        Family::Ldap => format!("{}.example.com", text(BASE36, 6)),
        Family::Oidc => format!("https://{}.example.com/oauth", text(BASE36, 6)),
    }
}

/// Names of python SDK 3.0.1; the order of aliyun-java-sdk-eiam.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct IdentityProviderDetail<'v> {
    advanced_status: &'static str,
    authn_source_supplier: &'static str,
    authn_source_type: &'static str,
    authn_status: &'static str,
    create_time: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'v str>,
    identity_provider_external_id: String,
    identity_provider_id: &'v str,
    identity_provider_name: &'v str,
    identity_provider_type: &'static str,
    instance_id: &'v str,
    last_status_check_job_result: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    lock_reason: Option<&'v str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    network_access_endpoint_id: Option<String>,
    ud_pull_status: &'static str,
    ud_push_status: &'static str,
    update_time: i64,
    logo_url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    dingtalk_app_config: Option<DingtalkAppConfig>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dingtalk_provisioning_config: Option<DingtalkProvisioningConfig>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lark_config: Option<LarkConfig>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ldap_config: Option<LdapConfig>,
    #[serde(skip_serializing_if = "Option::is_none")]
    oidc_config: Option<OidcConfig>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ud_pull_config: Option<PullConfig>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ud_push_config: Option<PushConfig>,
    #[serde(skip_serializing_if = "Option::is_none")]
    we_com_config: Option<WeComConfig>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct PullConfig {
    group_sync_status: &'static str,
    incremental_callback_status: &'static str,
    ud_sync_scope_config: SyncScope,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct PushConfig {
    /// "Not in use" (python SDK 3.0.1).
    incremental_callback_status: &'static str,
    ud_sync_scope_configs: Vec<SyncScope>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct GetIdentityProviderResponse<'v> {
    request_id: String,
    identity_provider_detail: IdentityProviderDetail<'v>,
}

pub(crate) fn get_identity_provider(call: &EiamCall<'_>) -> EiamResult {
    let snapshot = call.read_snapshot();
    let view = snapshot.view();
    let instance_id = instance_id(call)?;
    let id = provider_id(call)?;
    check_instance(call, instance_id)?;
    let (index, target, provider) = known_provider(&view, id)?;
    let response = GetIdentityProviderResponse {
        request_id: call.request_id(),
        identity_provider_detail: IdentityProviderDetail::new(&view, index, target, provider),
    };
    render(call, "", &response)
}

impl<'v> IdentityProviderDetail<'v> {
    /// `index` is the target's in the plan.
    fn new(view: &View<'v>, index: usize, target: &'v SyncTarget, provider: &'v Provider) -> Self {
        let IdentityProviderRow {
            instance_id,
            identity_provider_id,
            identity_provider_external_id,
            description,
            identity_provider_name,
            ud_pull_status,
            authn_source_type,
            authn_source_supplier,
            authn_status,
            incremental_callback_status,
            identity_provider_type,
            advanced_status,
            ud_push_status,
            lock_reason,
            last_status_check_job_result,
            create_time,
            update_time,
            logo_url,
            ..
        } = IdentityProviderRow::new(view, index, target, provider);
        let family = provider.kind.family;
        let only = |wanted: Family| family == wanted;
        let pull = |ud_sync_scope_config| PullConfig {
            group_sync_status: provider.groups.wire(),
            incremental_callback_status,
            ud_sync_scope_config,
        };
        let scopes = push_scopes(view, target, provider);
        let push = PushConfig {
            incremental_callback_status: Switch::Disabled.wire(),
            ud_sync_scope_configs: scopes,
        };
        let corp_id = identity_provider_external_id.clone();
        Self {
            advanced_status,
            authn_source_supplier,
            authn_source_type,
            authn_status,
            create_time,
            description,
            identity_provider_id,
            identity_provider_name,
            identity_provider_type,
            instance_id,
            last_status_check_job_result,
            lock_reason,
            // Directories are in private networks.
            network_access_endpoint_id: only(Family::Ldap).then(|| target.own_id(view, "nae", 0)),
            ud_pull_status,
            ud_push_status,
            update_time,
            logo_url,
            dingtalk_app_config: only(Family::Dingtalk)
                .then(|| DingtalkAppConfig::new(view, target, &corp_id)),
            dingtalk_provisioning_config: only(Family::Dingtalk)
                .then(|| DingtalkProvisioningConfig::new(view, target, &corp_id)),
            lark_config: only(Family::Lark).then(|| LarkConfig::new(view, target, &corp_id)),
            ldap_config: only(Family::Ldap).then(|| LdapConfig::new(view, target, &corp_id)),
            oidc_config: only(Family::Oidc).then(|| OidcConfig::new(view, target, &corp_id)),
            ud_pull_config: pull_scope(view, target, provider).map(pull),
            ud_push_config: (!push.ud_sync_scope_configs.is_empty()).then_some(push),
            we_com_config: only(Family::WeCom).then(|| WeComConfig::new(view, target, &corp_id)),
            identity_provider_external_id,
        }
    }
}
