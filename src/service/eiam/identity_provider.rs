//! ListIdentityProviders and GetIdentityProvider.

use serde::Serialize;

use super::parameters::{Numbered, identity_provider, instance, known, provider_id};
use super::provider_config::{
    DingtalkAppConfig, DingtalkProvisioningConfig, LarkConfig, LdapConfig, OidcConfig, WeComConfig,
};
use super::provider_type::Family;
use super::state::ENABLED;
use super::target::{self, Direction, Provider, Switch, Target, What};
use super::ud_configuration::{Scope, pull_scope, push_scopes};
use super::{View, listed, read, render, view_as_of};
use crate::gateway::Admitted;
use crate::service::Granted;
use crate::wire::refusal::Refusal;
use crate::world::ids::{BASE36, HEX};

/// The values of either spelling: `ingress` and `egress` are the SDK's and what jobs have,
/// `pull` and `push` the vendor's page's.
const DIRECTIONS: &[&str] = &["ingress", "egress", "pull", "push"];

/// Names and order of aliyun-java-sdk-eiam.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Row<'v> {
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
struct List<'v> {
    request_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    total_count: Option<u64>,
    identity_providers: Vec<Row<'v>>,
}

pub fn list(call: &Admitted<'_>) -> Result<Granted, Refusal> {
    let as_of = listed(call);
    let view = view_as_of(&as_of);
    let instance_id = instance(call)?;
    let page = Numbered::parse(call.arguments(), &view.plan.quirks)?;
    let direction = match call.arguments().one_of("Direction", DIRECTIONS)? {
        Some("ingress" | "pull") => Some(Direction::Ingress),
        Some(_) => Some(Direction::Egress),
        None => None,
    };
    known(call, instance_id)?;
    let providers = target::all(&view).filter_map(|(place, target)| match &target.what {
        What::Provider(provider) => Some((place, target, provider)),
        What::Application(_) => None,
    });
    let wanted = providers.filter(|(_, target, provider)| {
        direction.is_none_or(|wanted| provider.kind.syncs() && target.direction == wanted)
    });
    let (total_count, shown) = page.of(&view.plan.quirks, wanted.collect())?;
    let row = |(place, target, provider)| Row::of(&view, place, target, provider);
    render(
        call,
        "IdentityProviders",
        &List {
            request_id: call.exchange().alibaba_id(),
            total_count,
            identity_providers: shown.into_iter().map(row).collect(),
        },
    )
}

impl<'v> Row<'v> {
    fn of(view: &View<'v>, place: usize, target: &'v Target, provider: &'v Provider) -> Self {
        let statuses = Statuses::of(view, place, provider);
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
            update_time: target::updated(view, place, target).millis(),
            logo_url: logo_url(view, target),
            periodic_sync_status: statuses.periodic.wire(),
        }
    }
}

/// Every documented type of provider speaks it (inferred).
const AUTHN_SOURCE_TYPE: &str = "urn:alibaba:idaas:authntype:oidc";

/// What goes on by itself, as all answers show it: nothing does without the pull, or for
/// those that are pushed to, without the push (inferred).
pub struct Statuses {
    pub pull: Switch,
    pub incremental: Switch,
    pub periodic: Switch,
}

impl Statuses {
    pub fn of(view: &View<'_>, place: usize, provider: &Provider) -> Self {
        let pull = Switch::of(target::pull(view, place, provider) == ENABLED);
        let synced = pull.is_on() || provider.push.is_on();
        Self {
            pull,
            incremental: Switch::of(pull.is_on() && provider.incremental.is_on()),
            periodic: Switch::of(synced && provider.periodic.is_on()),
        }
    }

    /// What goes on in one direction.
    pub fn periodic_of(&self, provider: &Provider, direction: Direction) -> Switch {
        let on = match direction {
            Direction::Ingress => self.pull,
            Direction::Egress => provider.push,
        };
        Switch::of(on.is_on() && self.periodic.is_on())
    }
}

pub fn logo_url(view: &View<'_>, target: &Target) -> String {
    let name = target.own_text(view, "logo", BASE36, 16);
    format!("https://cdn-cn-hangzhou.aliyunidaas.com/{}/logos/{name}", view.plan.instance_id)
}

/// What the other side calls itself, in its own spelling.
fn external_id(view: &View<'_>, target: &Target, provider: &Provider) -> String {
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
struct Detail<'v> {
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
    ud_sync_scope_config: Scope,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct PushConfig {
    /// "Not in use" (python SDK 3.0.1).
    incremental_callback_status: &'static str,
    ud_sync_scope_configs: Vec<Scope>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Answer<'v> {
    request_id: String,
    identity_provider_detail: Detail<'v>,
}

pub fn get(call: &Admitted<'_>) -> Result<Granted, Refusal> {
    let as_of = read(call);
    let view = view_as_of(&as_of);
    let instance_id = instance(call)?;
    let id = provider_id(call)?;
    known(call, instance_id)?;
    let (place, target, provider) = identity_provider(&view, id)?;
    render(
        call,
        "",
        &Answer {
            request_id: call.exchange().alibaba_id(),
            identity_provider_detail: Detail::of(&view, place, target, provider),
        },
    )
}

impl<'v> Detail<'v> {
    fn of(view: &View<'v>, place: usize, target: &'v Target, provider: &'v Provider) -> Self {
        let Row {
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
        } = Row::of(view, place, target, provider);
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
            // Directories stand in networks of their own.
            network_access_endpoint_id: only(Family::Ldap).then(|| target.own_id(view, "nae", 0)),
            ud_pull_status,
            ud_push_status,
            update_time,
            logo_url,
            dingtalk_app_config: only(Family::Dingtalk)
                .then(|| DingtalkAppConfig::of(view, target, &corp_id)),
            dingtalk_provisioning_config: only(Family::Dingtalk)
                .then(|| DingtalkProvisioningConfig::of(view, target, &corp_id)),
            lark_config: only(Family::Lark).then(|| LarkConfig::of(view, target, &corp_id)),
            ldap_config: only(Family::Ldap).then(|| LdapConfig::of(view, target, &corp_id)),
            oidc_config: only(Family::Oidc).then(|| OidcConfig::of(view, target, &corp_id)),
            ud_pull_config: pull_scope(view, target, provider).map(pull),
            ud_push_config: (!push.ud_sync_scope_configs.is_empty()).then_some(push),
            we_com_config: only(Family::WeCom).then(|| WeComConfig::of(view, target, &corp_id)),
            identity_provider_external_id,
        }
    }
}
