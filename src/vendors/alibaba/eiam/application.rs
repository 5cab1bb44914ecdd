//! ListApplications and GetApplicationProvisioningConfig.

use std::collections::BTreeSet;

use serde::Serialize;

use super::identity_provider::logo_url;
use super::parameters::{
    NumberedPage, application_id, check_instance, flag, id_list, instance_id, known_application,
};
use super::provider_config::MASKED;
use super::target::{self, AUTHORIZATIONS, Application, Protocol, Switch, SyncTarget};
use super::{EiamCall, EiamResult, View, render};
use crate::wire::Arguments;
use crate::wire::error::ApiError;
use crate::world::ids::BASE36;

/// Names and order of aliyun-java-sdk-eiam, then the newer ones (python SDK 3.0.1).
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct ApplicationRow<'v> {
    instance_id: &'v str,
    application_id: &'v str,
    client_id: &'v str,
    logo_url: String,
    application_name: &'v str,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'v str>,
    sso_type: &'v str,
    application_source_type: &'static str,
    /// A JSON array in a text.
    features: String,
    status: &'static str,
    /// Unix ms.
    create_time: i64,
    /// Unix ms.
    update_time: i64,
    service_managed: bool,
    application_creation_type: &'static str,
    application_identity_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    application_template_id: Option<&'v str>,
    resource_server_status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource_server_source_type: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource_server_identifier: Option<String>,
}

/// The defaults of the two parameters (python SDK 3.0.1). All applications here are of this kind:
/// created by people, and managed by no other cloud service.
const CREATION_TYPE: &str = "user_custom";
const IDENTITY_TYPE: &str = "application";

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct ListApplicationsResponse<'v> {
    request_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    total_count: Option<u64>,
    applications: Vec<ApplicationRow<'v>>,
}

const STATUSES: &[&str] = &["enabled", "disabled"];

pub(crate) fn list_applications(call: &EiamCall<'_>) -> EiamResult {
    let snapshot = call.page_snapshot();
    let view = snapshot.view();
    let instance_id = instance_id(call)?;
    let page = NumberedPage::from_arguments(call.arguments(), &view.plan.quirks)?;
    let query = ListApplicationsQuery::from_arguments(call.arguments())?;
    check_instance(call, instance_id)?;
    let wanted = target::applications(&view).filter(|(target, found)| query.matches(target, found));
    let (total_count, shown) = page.rows(&view.plan.quirks, wanted.collect())?;
    let row = |(target, application)| ApplicationRow::new(&view, target, application);
    let response = ListApplicationsResponse {
        request_id: call.request_id(),
        total_count,
        applications: shown.into_iter().map(row).collect(),
    };
    render(call, "Applications", &response)
}

struct ListApplicationsQuery<'a> {
    ids: BTreeSet<&'a str>,
    /// A prefix of the name.
    name: Option<&'a str>,
    template_id: Option<&'a str>,
    authorization: Option<&'a str>,
    status: Option<&'a str>,
    /// One of these; all if empty.
    sso_types: BTreeSet<&'a str>,
    m2m_client: Option<&'a str>,
    resource_server: Option<&'a str>,
    /// It asks for applications that do not exist here: those that are managed by a cloud
    /// service, or created by another, or have custom fields.
    matches_none: bool,
}

impl<'a> ListApplicationsQuery<'a> {
    fn from_arguments(arguments: &'a Arguments) -> Result<Self, ApiError> {
        let differs = |name, default: &str| {
            arguments.text(name).is_some_and(|wanted| wanted != default && wanted != "all")
        };
        let is_custom_field =
            |(name, value): (&str, &str)| name.starts_with("CustomFields.") && !value.is_empty();
        let is_managed = flag(arguments, "ServiceManaged")? == Some(true)
            || arguments.text("ManagedServiceCode").is_some();
        Ok(Self {
            ids: id_list(arguments, "ApplicationIds"),
            name: arguments.text("ApplicationName"),
            template_id: arguments.text("ApplicationTemplateId"),
            authorization: arguments.one_of("AuthorizationType", AUTHORIZATIONS)?,
            status: arguments.one_of("Status", STATUSES)?,
            sso_types: arguments.text("SsoType").map(split).unwrap_or_default(),
            m2m_client: arguments.one_of("M2MClientStatus", STATUSES)?,
            resource_server: arguments.one_of("ResourceServerStatus", STATUSES)?,
            matches_none: is_managed
                || differs("ApplicationCreationType", CREATION_TYPE)
                || differs("ApplicationIdentityType", IDENTITY_TYPE)
                || arguments.iter().any(is_custom_field),
        })
    }

    fn matches(&self, target: &SyncTarget, application: &Application) -> bool {
        let is = |wanted: Option<&str>, found: &str| wanted.is_none_or(|wanted| wanted == found);
        !self.matches_none
            && (self.ids.is_empty() || self.ids.contains(target.id.as_str()))
            && self.name.is_none_or(|prefix| target.name.starts_with(prefix))
            && is(self.template_id, application.template_id.as_deref().unwrap_or_default())
            && is(self.authorization, application.authorization)
            && is(self.status, application.status.wire())
            && (self.sso_types.is_empty() || self.sso_types.contains(&*application.sso_type))
            && is(self.m2m_client, application.m2m_client().wire())
            && is(self.resource_server, application.resource_server.wire())
    }
}

fn split(text: &str) -> BTreeSet<&str> {
    text.split(',').map(str::trim).filter(|part| !part.is_empty()).collect()
}

impl Application {
    fn m2m_client(&self) -> Switch {
        Switch::new(self.sso_type.contains("m2m"))
    }

    /// In the order of the vendor's page.
    fn features(&self) -> Vec<&'static str> {
        let resource_server = self.resource_server.is_on();
        let features = [
            ("sso", self.sso_type != "oauth2/m2m"),
            ("slo", self.sso_type == "saml2"),
            ("provision", true),
            ("api_invoke", resource_server),
            ("m2m_client", self.m2m_client().is_on()),
            ("resource_server", resource_server),
        ];
        features.into_iter().filter(|(_, has)| *has).map(|(name, _)| name).collect()
    }
}

impl<'v> ApplicationRow<'v> {
    fn new(view: &View<'v>, target: &'v SyncTarget, application: &'v Application) -> Self {
        let server = application.resource_server.is_on();
        let source = match application.template_id {
            Some(_) => "urn:alibaba:idaas:app:source:template",
            None => "urn:alibaba:idaas:app:source:standard",
        };
        Self {
            instance_id: &view.plan.instance_id,
            application_id: &target.id,
            client_id: &target.id,
            logo_url: logo_url(view, target),
            application_name: &target.name,
            description: target.description.as_deref(),
            sso_type: &application.sso_type,
            application_source_type: source,
            features: serde_json::Value::from(application.features()).to_string(),
            status: application.status.wire(),
            create_time: target.created.millis(),
            update_time: target.updated.millis(),
            service_managed: false,
            application_creation_type: CREATION_TYPE,
            application_identity_type: IDENTITY_TYPE,
            application_template_id: application.template_id.as_deref(),
            resource_server_status: application.resource_server.wire(),
            resource_server_source_type: server
                .then_some("urn:cloud:idaas:resourceserver:source:custom"),
            resource_server_identifier: server.then(|| base_url(view, target)),
        }
    }
}

/// The address of the application.
fn base_url(view: &View<'_>, target: &SyncTarget) -> String {
    format!("https://{}.example.com", target.own_text(view, "host", BASE36, 6))
}

/// Names and order of the vendor's page. The configuration of the other protocol is left
/// out (inferred; the page's sample has both).
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct ProvisioningConfig<'v> {
    instance_id: &'v str,
    application_id: &'v str,
    provision_protocol_type: &'static str,
    provision_jwks_endpoint: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    callback_provisioning_config: Option<Callback>,
    provision_password: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    scim_provisioning_config: Option<Scim>,
    status: &'static str,
    config_operate_mode: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    network_access_endpoint_id: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Callback {
    callback_url: String,
    encrypt_key: &'static str,
    encrypt_required: bool,
    listen_event_scopes: Vec<&'static str>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Scim {
    scim_base_url: String,
    authn_configuration: ScimAuthn,
    provisioning_actions: Vec<&'static str>,
    full_push_scopes: Vec<&'static str>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct ScimAuthn {
    authn_mode: &'static str,
    grant_type: &'static str,
    authn_param: ScimParam,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct ScimParam {
    #[serde(skip_serializing_if = "Option::is_none")]
    access_token: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_secret: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    authn_method: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    token_endpoint: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct GetApplicationProvisioningConfigResponse<'v> {
    request_id: String,
    application_provisioning_config: ProvisioningConfig<'v>,
}

pub(crate) fn get_application_provisioning_config(call: &EiamCall<'_>) -> EiamResult {
    let snapshot = call.read_snapshot();
    let view = snapshot.view();
    let instance_id = instance_id(call)?;
    let id = application_id(call)?;
    check_instance(call, instance_id)?;
    let (target, application) = known_application(&view, id)?;
    let response = GetApplicationProvisioningConfigResponse {
        request_id: call.request_id(),
        application_provisioning_config: ProvisioningConfig::new(&view, target, application),
    };
    render(call, "", &response)
}

impl<'v> ProvisioningConfig<'v> {
    fn new(view: &View<'v>, target: &'v SyncTarget, application: &Application) -> Self {
        let (instance, host) = (&view.plan.instance_id, base_url(view, target));
        // Bits of the index, so that not all applications are alike.
        let some = |bit: u32| target.index >> bit & 1 == 1;
        let callback = Callback {
            callback_url: format!("{host}/event/callback"),
            encrypt_key: MASKED,
            encrypt_required: some(0),
            listen_event_scopes: vec![
                "urn:alibaba:idaas:app:event:ud:user:create",
                "urn:alibaba:idaas:app:event:ud:user:update_info",
                "urn:alibaba:idaas:app:event:ud:user:delete",
                "urn:alibaba:idaas:app:event:ud:user:push",
            ],
        };
        let param = match some(1) {
            true => ScimParam {
                access_token: Some(MASKED),
                client_id: None,
                client_secret: None,
                authn_method: None,
                token_endpoint: None,
            },
            false => ScimParam {
                access_token: None,
                client_id: Some(target.own_text(view, "client_id", BASE36, 26)),
                client_secret: Some(MASKED),
                authn_method: Some("client_secret_basic"),
                token_endpoint: Some(format!("{host}/oauth/token")),
            },
        };
        let scim = Scim {
            scim_base_url: format!("{host}/scim"),
            authn_configuration: ScimAuthn {
                authn_mode: "oauth2",
                grant_type: if some(1) { "bearer_token" } else { "client_credentials" },
                authn_param: param,
            },
            provisioning_actions: vec![
                "urn:alibaba:idaas:app:scim:User:CREATE",
                "urn:alibaba:idaas:app:scim:User:UPDATE",
                "urn:alibaba:idaas:app:scim:User:DELETE",
            ],
            full_push_scopes: vec!["urn:alibaba:idaas:app:scim:User:PUSH"],
        };
        let by_callback = application.protocol == Protocol::IdaasCallback;
        Self {
            instance_id: instance,
            application_id: &target.id,
            provision_protocol_type: application.protocol.wire(),
            provision_jwks_endpoint: format!(
                "https://eiam-api-cn-hangzhou.aliyuncs.com/v2/{instance}/{}/provisioning/jwks",
                target.id
            ),
            callback_provisioning_config: by_callback.then_some(callback),
            provision_password: some(2),
            scim_provisioning_config: (!by_callback).then_some(scim),
            status: application.provisioning.wire(),
            config_operate_mode: match application.template_id {
                Some(_) => "template",
                None => "standard",
            },
            network_access_endpoint_id: some(3).then(|| target.own_id(view, "nae", 0)),
        }
    }
}
