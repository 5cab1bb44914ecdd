//! KeystoneCreateUserTokenByPassword: a token for a password (huaweicloudsdkiam 3.1.219 as
//! captured, the vendor's page iam_30_0001).
//!
//! The password is checked only where the scenario verifies credentials; elsewhere every login
//! gets a token.

use http::{HeaderName, HeaderValue, StatusCode};
use serde::{Deserialize, Serialize};

use super::projects::{ProjectRef, projects_of};
use super::{IamCall, IamResult};
use crate::engine::credentials::{credential_error, listed};
use crate::scenario::access::{AccessKey, CredentialsMode, KeyState};
use crate::vendors::huawei::dialect::{PROJECT, TokenClaims, TokenScope};
use crate::wire::error::{ApiError, CredentialProblem, Reason, Rule};
use crate::world::draw::{Stream, hash_bytes};
use crate::world::ids::{HEX, random_text};
use crate::world::time::Timestamp;

/// Maximum length of a name (bytes).
const MAX_NAME_LENGTH: usize = 255;

#[derive(Deserialize)]
struct LoginBody {
    auth: Auth,
}

#[derive(Deserialize)]
struct Auth {
    identity: Identity,
    scope: Option<RequestedScope>,
}

#[derive(Deserialize)]
struct Identity {
    methods: Vec<String>,
    password: Password,
    totp: Option<Totp>,
}

#[derive(Deserialize)]
struct Password {
    user: User,
}

#[derive(Deserialize)]
struct User {
    name: String,
    password: String,
    domain: Domain,
}

#[derive(Deserialize)]
struct Totp {
    user: TotpUser,
}

#[derive(Deserialize)]
struct TotpUser {
    passcode: String,
}

#[derive(Deserialize)]
struct Domain {
    name: String,
}

#[derive(Deserialize)]
struct RequestedScope {
    project: Option<IdOrName>,
    domain: Option<IdOrName>,
}

/// One of the two, or both.
#[derive(Deserialize)]
struct IdOrName {
    id: Option<String>,
    name: Option<String>,
}

#[derive(Serialize)]
struct KeystoneCreateUserTokenResponse<'a> {
    token: Token<'a>,
}

#[derive(Serialize)]
struct Token<'a> {
    expires_at: String,
    issued_at: String,
    methods: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    catalog: Option<Vec<CatalogEntry>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    roles: Option<Vec<IdAndName<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    project: Option<Project<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    domain: Option<IdAndName<'a>>,
    user: Account<'a>,
}

#[derive(Clone, Copy, Serialize)]
struct IdAndName<'a> {
    id: &'a str,
    name: &'a str,
}

#[derive(Serialize)]
struct Project<'a> {
    id: &'a str,
    name: &'a str,
    domain: IdAndName<'a>,
}

#[derive(Serialize)]
struct Account<'a> {
    id: String,
    name: &'a str,
    /// Empty: it never expires.
    password_expires_at: &'static str,
    domain: IdAndName<'a>,
}

#[derive(Serialize)]
struct CatalogEntry {
    #[serde(rename = "type")]
    kind: &'static str,
    id: String,
    name: &'static str,
    endpoints: [Endpoint; 1],
}

#[derive(Serialize)]
struct Endpoint {
    id: String,
    interface: &'static str,
    region: String,
    region_id: String,
    url: String,
}

pub(crate) fn keystone_create_user_token_by_password(call: &IamCall<'_>) -> IamResult {
    let plan = call.plan();
    let auth = parse_login(call.context().request.body())?;
    let user = &auth.identity.password.user;
    let key = find_user_key(call, user)?;
    let domain = IdAndName { id: &plan.domain_id, name: &user.domain.name };
    let scope = authorized_scope(call, auth.scope.as_ref(), domain)?;

    let token_scope = match scope {
        GrantedScope::Project(project) => TokenScope::Project(project.id.to_owned()),
        GrantedScope::Domain => TokenScope::Domain(domain.id.to_owned()),
        GrantedScope::Unscoped => TokenScope::Unscoped,
    };
    let is_scoped = token_scope != TokenScope::Unscoped;
    let project = match scope {
        GrantedScope::Project(project) => Some(project),
        GrantedScope::Domain | GrantedScope::Unscoped => None,
    };
    let claims = TokenClaims::new(key, user.name.clone(), token_scope, call.now());
    let token = claims.to_token(call.world_plan()).ok_or(ApiError::from(Reason::Internal))?;
    // Any value but the empty one leaves the catalogue out (vendor's page); that an empty list
    // stays is inferred.
    let catalog = is_scoped.then(|| match call.arguments().text("nocatalog") {
        Some(_) => Vec::new(),
        None => catalog(call, project),
    });
    let mut outcome = call.render(&KeystoneCreateUserTokenResponse {
        token: Token {
            expires_at: iso_micros(claims.expires()),
            issued_at: iso_micros(claims.issued()),
            methods: &auth.identity.methods,
            catalog,
            // The administrator's role (sample of the vendor's page).
            roles: is_scoped.then(|| vec![IdAndName { id: "0", name: "te_admin" }]),
            project: project.map(|p| Project { id: p.id, name: p.name, domain }),
            domain: matches!(scope, GrantedScope::Domain).then_some(domain),
            user: Account {
                id: id(call, "iam.user", &user.name),
                name: &user.name,
                password_expires_at: "",
                domain,
            },
        },
    })?;
    outcome.payload.status = StatusCode::CREATED.as_u16();
    let mut value = HeaderValue::try_from(token).map_err(|_| ApiError::from(Reason::Internal))?;
    value.set_sensitive(true);
    outcome.payload.headers.push((HeaderName::from_static("x-subject-token"), value));
    Ok(outcome)
}

/// The password login in the body.
fn parse_login(body: &[u8]) -> Result<Auth, ApiError> {
    let bad = |name, hint: String| ApiError::parameter(name, Rule::Required).hint(hint);
    // Only the position of the error is shown, so that no password gets into a hint.
    let malformed = |error: serde_json::Error| {
        let (line, column) = (error.line(), error.column());
        bad(
            "auth",
            format!(
                "the body is JSON: {{\"auth\": {{\"identity\": {{\"methods\": [\"password\"], \
                 \"password\": {{\"user\": {{\"name\", \"password\", \"domain\": {{\"name\"}}}}}}}}, \
                 \"scope\": {{\"project\": {{\"name\"}}}}}}}}; it is not at line {line}, column \
                 {column}"
            ),
        )
    };
    let LoginBody { auth } = serde_json::from_slice(body).map_err(malformed)?;
    let methods: Vec<&str> = auth.identity.methods.iter().map(String::as_str).collect();
    match methods[..] {
        ["password"] => {}
        // There is no device to verify the passcode with: any six digits are accepted.
        ["password", "totp"] | ["totp", "password"] => {
            let passcode = auth.identity.totp.as_ref().map(|totp| totp.user.passcode.as_str());
            if !passcode.is_some_and(|p| p.len() == 6 && p.bytes().all(|b| b.is_ascii_digit())) {
                let hint = "auth.identity.totp.user.passcode is six digits (here any six)";
                return Err(bad("auth.identity.totp", hint.into()));
            }
        }
        _ => {
            let hint = "auth.identity.methods is [\"password\"] or [\"password\", \"totp\"]";
            return Err(bad("auth.identity.methods", hint.into()));
        }
    }
    let user = &auth.identity.password.user;
    if [&user.name, &user.domain.name]
        .into_iter()
        .any(|n| n.is_empty() || n.len() > MAX_NAME_LENGTH)
    {
        let hint = format!("the names of user and domain have 1 to {MAX_NAME_LENGTH} bytes");
        return Err(bad("auth.identity.password.user", hint));
    }
    Ok(auth)
}

/// The id of the access key that belongs to the user. Where credentials are not verified and no
/// key has the user, the user's name.
fn find_user_key(call: &IamCall<'_>, user: &User) -> Result<String, ApiError> {
    let access = &call.world_plan().access;
    let is_users = |key: &&AccessKey| {
        let domain = key.domain.is_empty() || key.domain == user.domain.name;
        key.user == user.name && domain
    };
    let is_verified = access.credentials == CredentialsMode::Verified;
    let is_right =
        |key: &&AccessKey| key.password.is(&user.password) && key.state == KeyState::Active;
    let mut keys = access.keys.iter().filter(is_users);
    if let Some(key) = keys.clone().find(|key| !is_verified || is_right(key)) {
        return Ok(key.id.clone());
    }
    if !is_verified {
        return Ok(user.name.clone());
    }
    let hint = match keys.next() {
        None => {
            let users = listed(access.keys.iter().map(|key| key.user.as_str()));
            format!(
                "no key has that user in that domain; the users are {users} (a key's id unless its \
                 user is set)"
            )
        }
        Some(key) if key.password.is(&user.password) => format!("the key {} is not active", key.id),
        Some(key) => {
            format!("the password of {} is its key's password, or else its secret", key.user)
        }
    };
    let problem = CredentialProblem::UnknownKey(user.name.clone());
    Err(credential_error(problem).hint(hint))
}

#[derive(Clone, Copy)]
enum GrantedScope<'p> {
    Project(ProjectRef<'p>),
    /// The user's own domain.
    Domain,
    Unscoped,
}

fn authorized_scope<'p>(
    call: &IamCall<'p>,
    requested: Option<&RequestedScope>,
    own_domain: IdAndName<'_>,
) -> Result<GrantedScope<'p>, ApiError> {
    let matches = |wanted: &IdOrName, id: &str, name: &str| {
        (wanted.id.is_some() || wanted.name.is_some())
            && wanted.id.as_deref().is_none_or(|wanted| wanted == id)
            && wanted.name.as_deref().is_none_or(|wanted| wanted == name)
    };
    let unknown = |wanted: &IdOrName, hint: String| {
        let requested = wanted.id.as_deref().or(wanted.name.as_deref()).unwrap_or_default();
        ApiError::not_found(PROJECT, requested).hint(hint)
    };
    match requested {
        Some(RequestedScope { project: Some(wanted), .. }) => {
            let projects = projects_of(call.world_plan());
            let found = projects.iter().find(|project| matches(wanted, project.id, project.name));
            found.map(|project| GrantedScope::Project(*project)).ok_or_else(|| {
                let known: Vec<String> =
                    projects.iter().map(|p| format!("{} ({})", p.name, p.id)).collect();
                unknown(wanted, format!("the projects of this scenario are {}", known.join(", ")))
            })
        }
        Some(RequestedScope { domain: Some(wanted), .. }) => {
            if matches(wanted, own_domain.id, own_domain.name) {
                return Ok(GrantedScope::Domain);
            }
            let hint = format!("the domain is the user's own, {}", own_domain.id);
            Err(unknown(wanted, hint))
        }
        _ => Ok(GrantedScope::Unscoped),
    }
}

/// The services of this server, at the address that the client called.
fn catalog(call: &IamCall<'_>, project: Option<ProjectRef<'_>>) -> Vec<CatalogEntry> {
    let host = call.context().host();
    let entry = |name: &'static str, region: &str, path: String| CatalogEntry {
        kind: name,
        id: id(call, "iam.catalog", name),
        name,
        endpoints: [Endpoint {
            id: id(call, "iam.endpoint", &format!("{name} {region}")),
            interface: "public",
            region: region.to_owned(),
            region_id: region.to_owned(),
            url: format!("http://{host}{path}"),
        }],
    };
    let iam = entry("iam", "*", "/v3".into());
    let of_project = project.map(|project| {
        [("drs", "v5"), ("oms", "v2")]
            .map(|(name, version)| entry(name, project.name, format!("/{version}/{}", project.id)))
    });
    [iam].into_iter().chain(of_project.into_iter().flatten()).collect()
}

/// 32 lower-case hexadecimal digits, always the same for the same name.
fn id(call: &IamCall<'_>, stream: &str, name: &str) -> String {
    random_text(call.world_plan().seed, Stream::named(stream), hash_bytes(name.as_bytes()), HEX, 32)
}

/// `2022-07-03T02:20:30.000000Z`
fn iso_micros(at: Timestamp) -> String {
    let mut text = at.iso_millis();
    text.pop();
    text + "000Z"
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;
    use crate::engine::{Options, Plan, respond_first};
    use crate::vendors::huawei::iam::Iam;
    use crate::vendors::load;
    use crate::wire::Request;

    const NOW: Timestamp = Timestamp::from_millis(1_772_445_600_123);
    /// The default of `drs.project_id`.
    const DRS_PROJECT: &str = "054ba152d480d55b2f5dc0069e7ddef0";

    fn plan(mode: &str, rest: &str) -> Box<Plan> {
        let text = format!(
            "version = 1\n[gateway]\ncredentials = \"{mode}\"\n[[credentials]]\nid = \"testid\"\n\
             secret = \"testsecret\"\nuser = \"user_name1\"\npassword = \"correct\"\n\
             domain = \"domain_name1\"\n{rest}"
        );
        let loaded = load("test", &text, &Options::default(), NOW).expect("options");
        loaded.outcome.expect("a scenario without problems")
    }

    fn body(password: &str, scope: Value) -> Value {
        json!({"auth": {
            "identity": {"methods": ["password"], "password": {"user": {
                "domain": {"name": "domain_name1"}, "name": "user_name1", "password": password,
            }}},
            "scope": scope,
        }})
    }

    fn ask(query: &str, body: impl Into<Bytes>) -> Request {
        http::Request::post(format!("/v3/auth/tokens{query}"))
            .header("host", "127.0.0.1:1")
            .body(body.into())
            .expect("a request")
    }

    fn call(plan: &Plan, query: &str, body: &Value) -> (u16, Value, String, String) {
        let answer = respond_first(plan, &ask(query, body.to_string()), NOW);
        let token = answer.reply.headers().get("x-subject-token");
        let token = token.map(|t| t.to_str().expect("ASCII").to_owned()).unwrap_or_default();
        let hint = answer.hint().unwrap_or_default().to_owned();
        let body = serde_json::from_slice(answer.reply.body()).expect("JSON");
        (answer.reply.status().as_u16(), body, token, hint)
    }

    #[test]
    fn a_password_gets_a_token_and_its_scope() {
        let plan = plan("verified", "");
        let login_body = body("correct", json!({"project": {"name": "cn-north-4"}}));
        let (status, answer, token, hint) = call(&plan, "?nocatalog=true", &login_body);
        assert_eq!(status, 201, "{answer} {hint}");
        assert!(token.starts_with("MII"), "{token}");
        let shown = &answer["token"];
        assert_eq!(shown["issued_at"], "2026-03-02T10:00:00.123000Z");
        assert_eq!(shown["expires_at"], "2026-03-03T10:00:00.123000Z");
        assert_eq!(shown["project"]["id"], DRS_PROJECT);
        assert_eq!(shown["catalog"], json!([]));
        assert_eq!(shown["user"]["password_expires_at"], "");
        assert_eq!(shown.get("domain"), None);
        let (_, with_catalog, ..) = call(&plan, "", &login_body);
        assert_eq!(with_catalog["token"]["catalog"].as_array().map(Vec::len), Some(3));
    }

    #[test]
    fn scopes_are_projects_by_id_or_name_a_domain_or_none() {
        let plan = plan("verified", "");
        let project = DRS_PROJECT;
        for (scope, has, status) in [
            (json!({"project": {"id": project}}), "project", 201),
            (json!({"project": {"id": project, "name": "cn-north-4"}}), "project", 201),
            (json!({"domain": {"name": "domain_name1"}}), "domain", 201),
            (json!({"domain": {"id": plan.of::<Iam>().domain_id}}), "domain", 201),
            (Value::Null, "user", 201),
            (json!({"project": {"name": "nowhere"}}), "", 401),
            (json!({"project": {}}), "", 401),
            (json!({"domain": {"name": "other"}}), "", 401),
        ] {
            let (got, answer, _, hint) = call(&plan, "", &body("correct", scope.clone()));
            assert_eq!(got, status, "{scope}: {answer}");
            assert!(status != 201 || answer["token"].get(has).is_some(), "{scope}: {answer}");
            assert_eq!(hint.is_empty(), status == 201);
        }
    }

    #[test]
    fn an_unknown_user_is_refused_in_keystones_shape_only_in_verified_mode() {
        let wrong = body("wrong", Value::Null);
        let plan = plan("verified", "");
        let (status, answer, token, hint) = call(&plan, "", &wrong);
        assert_eq!((status, token.as_str()), (401, ""));
        assert_eq!(
            answer.to_string(),
            r#"{"error":{"code":401,"message":"The username or password is wrong.","title":"Unauthorized"}}"#
        );
        assert!(!hint.contains("correct") && !hint.contains("wrong"), "{hint}");
        let mut elsewhere = body("correct", Value::Null);
        elsewhere["auth"]["identity"]["password"]["user"]["domain"]["name"] = json!("other");
        assert_eq!(call(&plan, "", &elsewhere).0, 401);
        for mode in ["open", "required"] {
            assert_eq!(call(&self::plan(mode, ""), "", &wrong).0, 201);
        }
        let inactive = self::plan("verified", "state = \"inactive\"");
        assert_eq!(call(&inactive, "", &body("correct", Value::Null)).0, 401);
    }

    #[test]
    fn a_second_factor_is_any_six_digits() {
        let plan = plan("verified", "");
        for (passcode, status) in [("123456", 201), ("12345", 400), ("12345x", 400), ("", 400)] {
            let mut login_body = body("correct", Value::Null);
            login_body["auth"]["identity"]["methods"] = json!(["password", "totp"]);
            login_body["auth"]["identity"]["totp"] =
                json!({"user": {"id": "x", "passcode": passcode}});
            assert_eq!(call(&plan, "", &login_body).0, status, "{passcode}");
        }
    }

    #[test]
    fn a_body_without_a_login_is_a_bad_request_in_keystones_shape() {
        let plan = plan("verified", "");
        for text in ["", "{}", "[]", "{\"auth\":{\"identity\":{\"methods\":[\"token\"]}}}"] {
            let answer = respond_first(&plan, &ask("", text.to_owned()), NOW);
            assert_eq!(answer.reply.status(), 400);
            assert!(answer.reply.body().starts_with(b"{\"error\":{\"code\":400,"), "{text}");
            assert!(answer.hint().is_some());
        }
    }

    proptest! {
        #[test]
        fn no_body_panics(body in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = parse_login(&body);
        }

        #[test]
        fn no_name_panics(name in "\\PC{0,300}", scope in "\\PC{0,40}") {
            let plan = plan("open", "");
            let mut login_body = body("p", json!({"project": {"name": scope}}));
            login_body["auth"]["identity"]["password"]["user"]["name"] = json!(name);
            let (status, ..) = call(&plan, "", &login_body);
            prop_assert!([400, 401].contains(&status));
        }
    }
}
