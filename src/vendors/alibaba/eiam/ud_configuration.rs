//! GetIdentityProviderUdPullConfiguration and GetIdentityProviderUdPushConfiguration.

use serde::Serialize;

use super::identity_provider::Statuses;
use super::parameters::{check_instance, instance_id, known_provider, provider_id};
use super::provider_type::Family;
use super::target::{Direction, Provider, Switch, SyncTarget};
use super::{EiamCall, EiamResult, View, render};
use crate::wire::error::ApiError;
use crate::world::draw::{Stream, draw, scale};

/// Source and destination: nodes of one side, and a node of the other.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct SyncScope {
    pub(crate) source_scopes: Vec<String>,
    pub(crate) target_scope: String,
}

/// The scope of a provider that is pulled from; None for others.
pub(crate) fn pull_scope(
    view: &View<'_>,
    target: &SyncTarget,
    provider: &Provider,
) -> Option<SyncScope> {
    provider.kind.is(Direction::Ingress).then(|| SyncScope {
        source_scopes: vec![root(provider.kind.family).to_owned()],
        target_scope: target.own_id(view, "ou", 0),
    })
}

/// The scopes of a provider that is pushed to; empty for others.
pub(crate) fn push_scopes(
    view: &View<'_>,
    target: &SyncTarget,
    provider: &Provider,
) -> Vec<SyncScope> {
    if !provider.kind.is(Direction::Egress) && !provider.push.is_on() {
        return Vec::new();
    }
    vec![SyncScope {
        source_scopes: vec![target.own_id(view, "ou", 0)],
        target_scope: root(provider.kind.family).to_owned(),
    }]
}

/// The root node of the other side.
fn root(family: Family) -> &'static str {
    match family {
        Family::Dingtalk | Family::WeCom => "1",
        Family::Lark | Family::Oidc => "0",
        Family::Ldap => "dc=example,dc=com",
    }
}

/// Names and order of the vendor's page.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct PullConfiguration<'v> {
    instance_id: &'v str,
    identity_provider_id: &'v str,
    incremental_callback_status: &'static str,
    periodic_sync_status: &'static str,
    group_sync_status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    ud_sync_scope_config: Option<SyncScope>,
    pull_protected_rule: ProtectedRule,
    #[serde(skip_serializing_if = "Option::is_none")]
    ldap_ud_pull_config: Option<LdapPull>,
    periodic_sync_config: Periodic<'v>,
}

/// A job that would delete more is aborted.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct ProtectedRule {
    user_deleted_threshold: u64,
    organizational_unit_deleted_threshold: u64,
    group_deleted_threshold: u64,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct LdapPull {
    user_object_class: &'static str,
    organization_unit_object_class: &'static str,
    user_object_class_custom_filter: &'static str,
    group_object_class: &'static str,
    group_member_attribute_name: &'static str,
    group_object_class_custom_filter: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Periodic<'v> {
    periodic_sync_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    periodic_sync_cron: Option<String>,
    /// A list on the vendor's page, but a single number in the SDKs' model of the pull. So it is
    /// sent only if the scenario gives it.
    #[serde(skip_serializing_if = "<[u8]>::is_empty")]
    periodic_sync_times: &'v [u8],
}

impl<'v> Periodic<'v> {
    fn new(view: &View<'_>, target: &SyncTarget, provider: &'v Provider) -> Self {
        let by_cron = provider.periodic_times.is_empty();
        let stream = Stream::named("eiam.cron");
        let part = |n: u64, bound| scale(draw(view.plan.seed, stream.of(n), target.index), bound);
        Self {
            periodic_sync_type: if by_cron { "cron" } else { "time" },
            periodic_sync_cron: by_cron
                .then(|| format!("0 {} {} * * ?", 5 * part(0, 12), part(1, 6))),
            periodic_sync_times: &provider.periodic_times,
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct GetUdPullConfigurationResponse<'v> {
    request_id: String,
    ud_pull_configuration: PullConfiguration<'v>,
}

pub(crate) fn get_identity_provider_ud_pull_configuration(call: &EiamCall<'_>) -> EiamResult {
    let snapshot = call.read_snapshot();
    let view = snapshot.view();
    let (index, target, provider) = named_provider(call, &view)?;
    let statuses = Statuses::new(&view, index, provider);
    // The examples of the vendor's page; for huge directories larger, so that no job of this
    // server deletes more.
    let entities = view.plan.entities;
    let threshold = |default: u64, count: u64| default.max(count / 50);
    let ldap = LdapPull {
        user_object_class: "user,person",
        organization_unit_object_class: "organizationalUnit,top",
        user_object_class_custom_filter: "(mail=*)",
        group_object_class: "group",
        group_member_attribute_name: "member",
        group_object_class_custom_filter: "(cn=*)",
    };
    render(
        call,
        "",
        &GetUdPullConfigurationResponse {
            request_id: call.request_id(),
            ud_pull_configuration: PullConfiguration {
                instance_id: &view.plan.instance_id,
                identity_provider_id: &target.id,
                incremental_callback_status: statuses.incremental.wire(),
                periodic_sync_status: statuses.periodic_in(provider, Direction::Ingress).wire(),
                group_sync_status: provider.groups.wire(),
                ud_sync_scope_config: pull_scope(&view, target, provider),
                pull_protected_rule: ProtectedRule {
                    user_deleted_threshold: threshold(30, entities.users),
                    organizational_unit_deleted_threshold: threshold(
                        10,
                        entities.organizational_units,
                    ),
                    group_deleted_threshold: threshold(10, entities.groups),
                },
                ldap_ud_pull_config: (provider.kind.family == Family::Ldap).then_some(ldap),
                periodic_sync_config: Periodic::new(&view, target, provider),
            },
        },
    )
}

/// Names of python SDK 3.0.1; the order of the vendor's page.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct PushConfiguration<'v> {
    instance_id: &'v str,
    identity_provider_id: &'v str,
    incremental_callback_status: &'static str,
    ud_sync_scope_configs: Vec<SyncScope>,
    periodic_sync_status: &'static str,
    periodic_sync_config: Periodic<'v>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ldap_ud_push_config: Option<LdapPush>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct LdapPush {
    user_object_class: &'static str,
    organization_unit_object_class: &'static str,
    user_rdn: &'static str,
    organizational_unit_rdn: &'static str,
    password_sync_status: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct GetUdPushConfigurationResponse<'v> {
    request_id: String,
    ud_push_configuration: PushConfiguration<'v>,
}

pub(crate) fn get_identity_provider_ud_push_configuration(call: &EiamCall<'_>) -> EiamResult {
    let snapshot = call.read_snapshot();
    let view = snapshot.view();
    let (index, target, provider) = named_provider(call, &view)?;
    let statuses = Statuses::new(&view, index, provider);
    let ldap = LdapPush {
        user_object_class: "user,person",
        organization_unit_object_class: "organizationalUnit,top",
        user_rdn: "cn",
        organizational_unit_rdn: "ou",
        password_sync_status: "disabled",
    };
    render(
        call,
        "",
        &GetUdPushConfigurationResponse {
            request_id: call.request_id(),
            ud_push_configuration: PushConfiguration {
                instance_id: &view.plan.instance_id,
                identity_provider_id: &target.id,
                // Callbacks come only from providers that are pulled from.
                incremental_callback_status: Switch::Disabled.wire(),
                ud_sync_scope_configs: push_scopes(&view, target, provider),
                periodic_sync_status: statuses.periodic_in(provider, Direction::Egress).wire(),
                periodic_sync_config: Periodic::new(&view, target, provider),
                ldap_ud_push_config: (provider.kind.family == Family::Ldap).then_some(ldap),
            },
        },
    )
}

/// The provider that the call names.
fn named_provider<'v>(
    call: &EiamCall<'_>,
    view: &View<'v>,
) -> Result<(usize, &'v SyncTarget, &'v Provider), ApiError> {
    let instance_id = instance_id(call)?;
    let id = provider_id(call)?;
    check_instance(call, instance_id)?;
    known_provider(view, id)
}
