//! How an identity provider is connected, with the fields of its family. Names and values as in
//! the models of python SDK 3.0.1 and TypeScript SDK 2.18.2; secrets are masked, as some of their
//! examples are (that all are is inferred).

use serde::Serialize;

use super::View;
use super::target::SyncTarget;
use crate::world::draw::Stream;
use crate::world::ids::{BASE36, HEX};
use crate::world::names;

pub(crate) const MASKED: &str = "***";
const DIGITS: &[u8] = b"0123456789";
const PEOPLE: Stream = Stream::named("eiam.authed_user");

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DingtalkAppConfig {
    app_key: String,
    app_secret: &'static str,
    corp_id: String,
    dingtalk_version: &'static str,
    encrypt_key: &'static str,
    verification_token: &'static str,
    dingtalk_login_version: &'static str,
}

impl DingtalkAppConfig {
    pub(crate) fn new(view: &View<'_>, target: &SyncTarget, corp_id: &str) -> Self {
        Self {
            app_key: format!("ding{}", target.own_text(view, "app_key", BASE36, 16)),
            app_secret: MASKED,
            corp_id: corp_id.to_owned(),
            dingtalk_version: "public_dingtalk",
            encrypt_key: MASKED,
            verification_token: MASKED,
            dingtalk_login_version: "new_version",
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DingtalkProvisioningConfig {
    corp_id: String,
    corp_name: String,
    authed_department_ids: Vec<Department>,
    authed_users: Vec<User>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Department {
    dept_id: String,
    dept_name: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct User {
    user_id: String,
    name: String,
}

impl DingtalkProvisioningConfig {
    pub(crate) fn new(view: &View<'_>, target: &SyncTarget, corp_id: &str) -> Self {
        let plan = view.plan;
        let user = |number: u64| User {
            user_id: target.own_text(view, &format!("user {number}"), DIGITS, 18),
            name: names::person(plan.seed, PEOPLE.of(number), target.index, plan.locale),
        };
        Self {
            corp_id: corp_id.to_owned(),
            corp_name: target.name.clone(),
            // The root department is 1 there.
            authed_department_ids: vec![Department {
                dept_id: "1".to_owned(),
                dept_name: target.name.clone(),
            }],
            authed_users: (0..2).map(user).collect(),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct LarkConfig {
    app_id: String,
    app_secret: &'static str,
    enterprise_number: String,
    encrypt_key: &'static str,
    verification_token: &'static str,
}

impl LarkConfig {
    pub(crate) fn new(view: &View<'_>, target: &SyncTarget, number: &str) -> Self {
        Self {
            app_id: format!("cli_{}", target.own_text(view, "app_id", HEX, 16)),
            app_secret: MASKED,
            enterprise_number: number.to_owned(),
            encrypt_key: MASKED,
            verification_token: MASKED,
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct LdapConfig {
    administrator_password: &'static str,
    administrator_username: String,
    certificate_fingerprint_status: &'static str,
    ldap_protocol: &'static str,
    ldap_server_host: String,
    ldap_server_port: u16,
    start_tls_status: &'static str,
    certificate_fingerprints: Vec<String>,
}

impl LdapConfig {
    pub(crate) fn new(view: &View<'_>, target: &SyncTarget, domain: &str) -> Self {
        Self {
            administrator_password: MASKED,
            administrator_username: format!("idaas@{domain}"),
            certificate_fingerprint_status: "enabled",
            ldap_protocol: "ldap",
            ldap_server_host: format!("ldap.{domain}"),
            ldap_server_port: 389,
            start_tls_status: "enabled",
            certificate_fingerprints: vec![target.own_text(view, "fingerprint", HEX, 40)],
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct OidcConfig {
    grant_type: &'static str,
    pkce_challenge_method: &'static str,
    pkce_required: bool,
    grant_scopes: Vec<&'static str>,
    authn_param: OidcAuthnParam,
    endpoint_config: OidcEndpoints,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct OidcAuthnParam {
    authn_method: &'static str,
    client_id: String,
    client_secret: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct OidcEndpoints {
    authorization_endpoint: String,
    issuer: String,
    jwks_uri: String,
    token_endpoint: String,
    userinfo_endpoint: String,
}

impl OidcConfig {
    pub(crate) fn new(view: &View<'_>, target: &SyncTarget, issuer: &str) -> Self {
        Self {
            grant_type: "authorization_code",
            pkce_challenge_method: "S256",
            pkce_required: true,
            grant_scopes: vec!["openid", "profile"],
            authn_param: OidcAuthnParam {
                authn_method: "client_secret_post",
                client_id: target.own_text(view, "client_id", BASE36, 26),
                client_secret: MASKED,
            },
            endpoint_config: OidcEndpoints {
                authorization_endpoint: format!("{issuer}/authorize"),
                issuer: issuer.to_owned(),
                jwks_uri: format!("{issuer}/jwks"),
                token_endpoint: format!("{issuer}/token"),
                userinfo_endpoint: format!("{issuer}/userinfo"),
            },
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct WeComConfig {
    agent_id: String,
    authorize_callback_domain: String,
    contact_secret: &'static str,
    corp_id: String,
    corp_secret: &'static str,
    trustable_domain: String,
}

impl WeComConfig {
    pub(crate) fn new(view: &View<'_>, target: &SyncTarget, corp_id: &str) -> Self {
        let domain = view.plan.endpoint.clone();
        Self {
            agent_id: format!("1{}", target.own_text(view, "agent_id", DIGITS, 6)),
            authorize_callback_domain: domain.clone(),
            contact_secret: MASKED,
            corp_id: corp_id.to_owned(),
            corp_secret: MASKED,
            trustable_domain: domain,
        }
    }
}
