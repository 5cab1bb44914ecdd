//! POST /v3/auth/tokens: a token for a password (huaweicloudsdkiam 3.1.219 as captured, the
//! vendor's page iam_30_0001).
//!
//! Who logs in is only checked where the scenario verifies credentials; elsewhere anybody
//! gets a token.

use http::{HeaderName, HeaderValue, StatusCode};
use serde::{Deserialize, Serialize};

use super::scenario::ProjectTable;
use crate::gateway::{Admitted, Grant, Scope};
use crate::plan::{AccessKey, Credentials, KeyState};
use crate::service::Granted;
use crate::wire::refusal::{CredentialProblem, Reason, Refusal, Rule, Thing};
use crate::world::draw::{Stream, hash_bytes};
use crate::world::ids::{HEX, random_text};
use crate::world::time::Timestamp;

/// Longer names are none.
const LONGEST_NAME: usize = 255;

#[derive(Deserialize)]
struct Body {
    auth: Auth,
}

#[derive(Deserialize)]
struct Auth {
    identity: Identity,
    scope: Option<Wanted>,
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
    domain: Named,
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
struct Named {
    name: String,
}

#[derive(Deserialize)]
struct Wanted {
    project: Option<Reference>,
    domain: Option<Reference>,
}

/// One of the two.
#[derive(Deserialize)]
struct Reference {
    id: Option<String>,
    name: Option<String>,
}

#[derive(Serialize)]
struct Answer<'a> {
    token: Token<'a>,
}

#[derive(Serialize)]
struct Token<'a> {
    expires_at: String,
    issued_at: String,
    methods: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    catalog: Option<Vec<Entry>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    roles: Option<Vec<Pair<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    project: Option<Project<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    domain: Option<Pair<'a>>,
    user: Account<'a>,
}

#[derive(Clone, Copy, Serialize)]
struct Pair<'a> {
    id: &'a str,
    name: &'a str,
}

#[derive(Serialize)]
struct Project<'a> {
    id: &'a str,
    name: &'a str,
    domain: Pair<'a>,
}

#[derive(Serialize)]
struct Account<'a> {
    id: String,
    name: &'a str,
    /// Empty: never.
    password_expires_at: &'static str,
    domain: Pair<'a>,
}

#[derive(Serialize)]
struct Entry {
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

pub fn handle(call: &Admitted<'_>) -> Result<Granted, Refusal> {
    let plan = call.plan();
    let auth = read(call.exchange().request.body())?;
    let user = &auth.identity.password.user;
    let key = login(call, user)?;
    let domain = Pair { id: &plan.iam.domain_id, name: &user.domain.name };
    let scope = scope(call, &auth, domain)?;

    let held = match (&scope.project, scope.domain) {
        (Some(project), _) => Scope::Project(project.id.clone()),
        (None, true) => Scope::Domain(domain.id.to_owned()),
        (None, false) => Scope::Unscoped,
    };
    let scoped = held != Scope::Unscoped;
    let grant = Grant::new(key, user.name.clone(), held, call.now());
    let token = grant.token(plan).ok_or(Refusal::from(Reason::Internal))?;
    // Any text but the empty one leaves the catalogue out (vendor's page); that an empty list
    // is left is inferred.
    let catalog = scoped.then(|| match call.arguments().text("nocatalog") {
        Some(_) => Vec::new(),
        None => catalog(call, scope.project),
    });
    let mut granted = call.render(&Answer {
        token: Token {
            expires_at: micros(grant.expires()),
            issued_at: micros(grant.issued()),
            methods: &auth.identity.methods,
            catalog,
            // The administrator's role (sample of the vendor's page).
            roles: scoped.then(|| vec![Pair { id: "0", name: "te_admin" }]),
            project: scope.project.map(|p| Project { id: &p.id, name: &p.name, domain }),
            domain: scope.domain.then_some(domain),
            user: Account {
                id: id(call, "iam.user", &user.name),
                name: &user.name,
                password_expires_at: "",
                domain,
            },
        },
    })?;
    granted.payload.status = StatusCode::CREATED.as_u16();
    let mut value = HeaderValue::try_from(token).map_err(|_| Refusal::from(Reason::Internal))?;
    value.set_sensitive(true);
    granted.payload.headers.push((HeaderName::from_static("x-subject-token"), value));
    Ok(granted)
}

/// The body, if it holds a password login.
fn read(body: &[u8]) -> Result<Auth, Refusal> {
    let bad = |name, hint: String| Refusal::parameter(name, Rule::Required).hint(hint);
    // The error's text says where, not what: no password gets into a hint.
    let at = |error: serde_json::Error| {
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
    let Body { auth } = serde_json::from_slice(body).map_err(at)?;
    let methods: Vec<&str> = auth.identity.methods.iter().map(String::as_str).collect();
    match methods[..] {
        ["password"] => {}
        // There is no device to ask: any six digits are its passcode.
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
    if [&user.name, &user.domain.name].into_iter().any(|n| n.is_empty() || n.len() > LONGEST_NAME) {
        let hint = format!("the names of user and domain have 1 to {LONGEST_NAME} bytes");
        return Err(bad("auth.identity.password.user", hint));
    }
    Ok(auth)
}

/// The id of the key whose user it is; without verification, the user's name if there is none.
fn login(call: &Admitted<'_>, user: &User) -> Result<String, Refusal> {
    let gateway = &call.plan().gateway;
    let is = |key: &&AccessKey| {
        let domain = key.domain.is_empty() || key.domain == user.domain.name;
        key.user == user.name && domain
    };
    let verified = gateway.credentials == Credentials::Verified;
    let right = |key: &&AccessKey| key.password.is(&user.password) && key.state == KeyState::Active;
    let mut known = gateway.keys.iter().filter(is);
    if let Some(key) = known.clone().find(|key| !verified || right(key)) {
        return Ok(key.id.clone());
    }
    if !verified {
        return Ok(user.name.clone());
    }
    let hint = match known.next() {
        None => {
            let users: Vec<&str> = gateway.keys.iter().map(|key| key.user.as_str()).collect();
            format!(
                "no key has that user in that domain; the users are {} (a key's id unless its user \
                 is set)",
                users.join(", ")
            )
        }
        Some(key) if key.password.is(&user.password) => format!("the key {} is not active", key.id),
        Some(key) => {
            format!("the password of {} is its key's password, or else its secret", key.user)
        }
    };
    let problem = CredentialProblem::UnknownKey(user.name.clone());
    Err(Refusal::from(Reason::Credentials(problem)).hint(hint))
}

struct Scoped<'p> {
    project: Option<&'p ProjectTable>,
    domain: bool,
}

fn scope<'p>(call: &Admitted<'p>, auth: &Auth, own: Pair<'_>) -> Result<Scoped<'p>, Refusal> {
    let projects = &call.plan().iam.projects;
    let Some(wanted) = &auth.scope else { return Ok(Scoped { project: None, domain: false }) };
    let matches = |reference: &Reference, id: &str, name: &str| {
        (reference.id.is_some() || reference.name.is_some())
            && reference.id.as_deref().is_none_or(|wanted| wanted == id)
            && reference.name.as_deref().is_none_or(|wanted| wanted == name)
    };
    let unknown = |reference: &Reference, hint: String| {
        let asked = reference.id.as_deref().or(reference.name.as_deref()).unwrap_or_default();
        Refusal::unknown(Thing::Project, asked).hint(hint)
    };
    if let Some(reference) = &wanted.project {
        let found = projects.iter().find(|p| matches(reference, &p.id, &p.name));
        let project = found.ok_or_else(|| {
            let known: Vec<String> =
                projects.iter().map(|p| format!("{} ({})", p.name, p.id)).collect();
            unknown(reference, format!("the projects of this scenario are {}", known.join(", ")))
        })?;
        return Ok(Scoped { project: Some(project), domain: false });
    }
    if let Some(reference) = &wanted.domain {
        if !matches(reference, own.id, own.name) {
            let hint = format!("the domain is the user's own, {}", own.id);
            return Err(unknown(reference, hint));
        }
        return Ok(Scoped { project: None, domain: true });
    }
    Ok(Scoped { project: None, domain: false })
}

/// The services behind this server, at the address that the client asked.
fn catalog(call: &Admitted<'_>, project: Option<&ProjectTable>) -> Vec<Entry> {
    let host = call.exchange().host();
    let entry = |name: &'static str, region: &str, path: String| Entry {
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
        ["drs", "oms"].map(|name| {
            let version = if name == "drs" { "v5" } else { "v2" };
            entry(name, &project.name, format!("/{version}/{}", project.id))
        })
    });
    [iam].into_iter().chain(of_project.into_iter().flatten()).collect()
}

/// 32 lower-case hexadecimal digits that stay the same for the same name.
fn id(call: &Admitted<'_>, stream: &str, name: &str) -> String {
    random_text(call.plan().seed, Stream::named(stream), hash_bytes(name.as_bytes()), HEX, 32)
}

/// `2022-07-03T02:20:30.000000Z`
fn micros(at: Timestamp) -> String {
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
    use crate::engine::respond;
    use crate::plan::Plan;
    use crate::scenario::{Options, load};
    use crate::wire::Request;

    const NOW: Timestamp = Timestamp::from_millis(1_772_445_600_123);

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
        let answer = respond(plan, &ask(query, body.to_string()), NOW);
        let token = answer.reply.headers().get("x-subject-token");
        let token = token.map(|t| t.to_str().expect("ASCII").to_owned()).unwrap_or_default();
        let hint = answer.hint().unwrap_or_default().to_owned();
        let body = serde_json::from_slice(answer.reply.body()).expect("JSON");
        (answer.reply.status().as_u16(), body, token, hint)
    }

    #[test]
    fn a_password_gets_a_token_and_what_it_is_good_for() {
        let plan = plan("verified", "");
        let asked = body("correct", json!({"project": {"name": "cn-north-4"}}));
        let (status, answer, token, hint) = call(&plan, "?nocatalog=true", &asked);
        assert_eq!(status, 201, "{answer} {hint}");
        assert!(token.starts_with("MII"), "{token}");
        let said = &answer["token"];
        assert_eq!(said["issued_at"], "2026-03-02T10:00:00.123000Z");
        assert_eq!(said["expires_at"], "2026-03-03T10:00:00.123000Z");
        assert_eq!(said["project"]["id"], plan.drs.project_id.as_str());
        assert_eq!(said["catalog"], json!([]));
        assert_eq!(said["user"]["password_expires_at"], "");
        assert_eq!(said.get("domain"), None);
        let (_, with_catalog, ..) = call(&plan, "", &asked);
        assert_eq!(with_catalog["token"]["catalog"].as_array().map(Vec::len), Some(3));
    }

    #[test]
    fn scopes_are_projects_by_id_or_name_a_domain_or_none() {
        let plan = plan("verified", "");
        let project = plan.drs.project_id.as_str();
        for (scope, has, status) in [
            (json!({"project": {"id": project}}), "project", 201),
            (json!({"project": {"id": project, "name": "cn-north-4"}}), "project", 201),
            (json!({"domain": {"name": "domain_name1"}}), "domain", 201),
            (json!({"domain": {"id": plan.iam.domain_id}}), "domain", 201),
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
    fn who_is_not_known_is_refused_in_keystones_shape_only_where_it_is_verified() {
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
            let mut asked = body("correct", Value::Null);
            asked["auth"]["identity"]["methods"] = json!(["password", "totp"]);
            asked["auth"]["identity"]["totp"] = json!({"user": {"id": "x", "passcode": passcode}});
            assert_eq!(call(&plan, "", &asked).0, status, "{passcode}");
        }
    }

    #[test]
    fn what_is_no_login_is_a_bad_request_in_keystones_shape() {
        let plan = plan("verified", "");
        for text in ["", "{}", "[]", "{\"auth\":{\"identity\":{\"methods\":[\"token\"]}}}"] {
            let answer = respond(&plan, &ask("", text.to_owned()), NOW);
            assert_eq!(answer.reply.status(), 400);
            assert!(answer.reply.body().starts_with(b"{\"error\":{\"code\":400,"), "{text}");
            assert!(answer.hint().is_some());
        }
    }

    proptest! {
        #[test]
        fn no_body_panics(body in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = read(&body);
        }

        #[test]
        fn no_name_panics(name in "\\PC{0,300}", scope in "\\PC{0,40}") {
            let plan = plan("open", "");
            let mut asked = body("p", json!({"project": {"name": scope}}));
            asked["auth"]["identity"]["password"]["user"]["name"] = json!(name);
            let (status, ..) = call(&plan, "", &asked);
            prop_assert!([400, 401].contains(&status));
        }
    }
}
