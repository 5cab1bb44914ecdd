//! Signatures made with a secret: SDK-HMAC-SHA256, SDK-HMAC-SM3 and V11-HMAC-SHA256.
//!
//! The canonical request was recomputed on captures of huaweicloudsdkcore 3.1.219 (PyPI) and
//! @huaweicloud/huaweicloud-sdk-core 3.1.211 (npm), and on the test vectors of
//! huaweicloud-sdk-go-v3.

use hmac::Hmac;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, percent_encode};
use sha2::{Digest, Sha256};
use sm3::Sm3;
use subtle::ConstantTimeEq;

use super::credentials::{Algorithm, Sent, in_sdk_form};
use super::slips;
use crate::gateway::exchange::Call;
use crate::gateway::explain::{explain, skew_cause};
use crate::gateway::mac::{self, hex};
use crate::plan::{AccessKey, KeyState, shortened};
use crate::wire::refusal::{CredentialProblem, Explanation, Reason, Refusal, Signed};
use crate::wire::{Request, header};

/// What is not escaped: letters, digits and `-_.~`.
pub const ESCAPED: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// Headers whose values are never shown whole.
const SECRET_HEADERS: [&str; 5] =
    ["x-auth-token", "x-security-token", "x-subject-token", "authorization", "cookie"];

/// The place of the key whose signature it is.
pub fn verify(call: &Call<'_>) -> Result<usize, Refusal> {
    let exchange = call.exchange;
    let request = exchange.request;
    let sent = Sent::of(request).map_err(|problem| slips::malformed(request, problem))?;
    if sent.algorithm == Algorithm::PublicKey {
        let hint = format!("{} is not checked by this server: use SDK-HMAC-SHA256", sent.name);
        return Err(no(CredentialProblem::UnknownMethod).hint(hint));
    }
    // The one header that has to be signed (vendor's FAQ on signing).
    if !sent.names().any(|name| name.eq_ignore_ascii_case("x-sdk-date")) {
        return Err(no(CredentialProblem::Malformed("SignedHeaders"))
            .hint("SignedHeaders must name x-sdk-date"));
    }
    let (place, key) = known(call, &sent)?;
    if sent.at.millis().abs_diff(exchange.now.millis()) > exchange.plan.gateway.clock_skew {
        return Err(skewed(call, &sent));
    }
    let canonical = Canonical::of(request, &sent);
    let expected = sign(&sent, &canonical, key.secret.reveal());
    let expected = expected.ok_or(Refusal::from(Reason::Internal))?;
    let right: bool = expected.as_bytes().ct_eq(sent.signature.as_bytes()).into();
    if right && canonical.absent(request).is_none() && is_of_the_body(request, &sent) {
        return Ok(place);
    }
    let signed = canonical.signed(&sent);
    let explanation = match slips::apparent(request, &sent, &canonical) {
        Some((cause, detail)) => {
            Explanation { cause, detail, signed: signed.clone(), ..Explanation::default() }
        }
        None => {
            let slips = slips::slips(call, &sent, &canonical, key);
            explain(signed.clone(), sent.signature, slips, &key.id)
        }
    };
    let hint = format!("{}: {}", explanation.cause, explanation.detail);
    Err(no(CredentialProblem::SignatureMismatch(signed)).hint(hint).explained(Some(explanation)))
}

fn no(problem: CredentialProblem) -> Refusal {
    Reason::Credentials(problem).into()
}

/// The key the signature names, if it may be used.
fn known<'c>(call: &Call<'c>, sent: &Sent<'_>) -> Result<(usize, &'c AccessKey), Refusal> {
    let keys = &call.exchange.plan.gateway.keys;
    let Some((place, key)) = call.key_named(sent.key_id).and_then(|at| Some((at, keys.get(at)?)))
    else {
        // Whoever mixes up the two must not find the secret in an answer.
        let swapped = keys.iter().find(|key| key.secret.is(sent.key_id));
        let shown = if swapped.is_some() { shortened(sent.key_id) } else { sent.key_id.into() };
        let hint = match swapped {
            Some(key) => format!("that is the secret of {}, not its id", key.id),
            None => {
                let ids: Vec<&str> = keys.iter().map(|key| key.id.as_str()).collect();
                format!("the keys of this scenario are {}", ids.join(", "))
            }
        };
        return Err(no(CredentialProblem::UnknownKey(shown)).hint(hint));
    };
    match key.state {
        KeyState::Active => {}
        KeyState::Inactive => {
            return Err(no(CredentialProblem::InactiveKey).hint("this scenario's key is inactive"));
        }
        KeyState::Expired => {
            return Err(no(CredentialProblem::ExpiredKey).hint("this scenario's key has expired"));
        }
    }
    let brought = header(call.exchange.request, "x-security-token");
    match (&key.session_token, brought) {
        (None, None) => Ok((place, key)),
        (Some(wanted), Some(brought)) if wanted.is(brought) => Ok((place, key)),
        // Inferred: a temporary key is none without its token.
        (Some(_), None) => {
            let hint = format!("{} is a temporary key: send X-Security-Token with it", key.id);
            Err(no(CredentialProblem::UnknownKey(key.id.clone())).hint(hint))
        }
        (Some(_), Some(_)) => Err(no(CredentialProblem::TokenMismatch)
            .hint(format!("X-Security-Token is not that of {}", key.id))),
        (None, Some(_)) => Err(no(CredentialProblem::TokenMismatch)
            .hint(format!("{} has no session token: leave out X-Security-Token", key.id))),
    }
}

fn skewed(call: &Call<'_>, sent: &Sent<'_>) -> Refusal {
    let now = call.exchange.now;
    let server = in_sdk_form(now);
    let cause = skew_cause(sent.at.millis(), now.millis());
    let detail = match cause {
        "local-time-as-utc" => format!(
            "X-Sdk-Date is {} and the server's clock {server}: a whole time zone apart, so local \
             time was written with a Z",
            sent.date
        ),
        _ => format!(
            "X-Sdk-Date is {} and the server's clock, which is the scenario's, {server}",
            sent.date
        ),
    };
    let problem = CredentialProblem::Skewed { sent: sent.date.to_owned(), server };
    let hint = format!("{cause}: {detail}");
    let explanation = Explanation { cause, detail, ..Explanation::default() };
    no(problem).hint(hint).explained(Some(explanation))
}

/// What is signed, in its parts.
#[derive(Clone, Debug)]
pub struct Canonical {
    pub method: String,
    pub path: String,
    pub query: String,
    /// One line for each.
    pub headers: Vec<(String, Vec<u8>)>,
    /// The empty line after the headers, which is part of their block.
    pub blank: &'static str,
    pub names: String,
    pub payload: String,
}

impl Canonical {
    /// As the gateway sees it.
    pub fn of(request: &Request, sent: &Sent<'_>) -> Self {
        let mut path = path(request);
        if !path.ends_with('/') {
            path.push('/');
        }
        let mut pairs = pairs(request);
        pairs.sort();
        Self {
            method: request.method().to_string(),
            path,
            query: query(&pairs),
            headers: sent.names().flat_map(|name| lines(request, name)).collect(),
            blank: "\n",
            names: sent.signed_headers.to_owned(),
            payload: claimed_payload(request, sent.algorithm)
                .map_or_else(|| digest(sent.algorithm, request.body()), str::to_owned),
        }
    }

    /// A signed header that was not sent.
    pub fn absent(&self, request: &Request) -> Option<&str> {
        let names = self.names.split(';');
        names.into_iter().find(|name| !request.headers().contains_key(*name))
    }

    fn text(&self, value: impl Fn(&str, &[u8]) -> Vec<u8>) -> Vec<u8> {
        let mut text = format!("{}\n{}\n{}\n", self.method, self.path, self.query).into_bytes();
        for (name, bytes) in &self.headers {
            text.extend_from_slice(name.as_bytes());
            text.push(b':');
            text.extend(value(name, bytes));
            text.push(b'\n');
        }
        text.extend_from_slice(self.blank.as_bytes());
        text.extend_from_slice(self.names.as_bytes());
        text.push(b'\n');
        text.extend_from_slice(self.payload.as_bytes());
        text
    }

    pub fn bytes(&self) -> Vec<u8> {
        self.text(|_, value| value.to_vec())
    }

    /// What may be shown of it: tokens shortened.
    pub fn signed(&self, sent: &Sent<'_>) -> Signed {
        let shown = self.text(|name, value| {
            if SECRET_HEADERS.contains(&name.trim()) {
                shortened(&String::from_utf8_lossy(value)).into_bytes()
            } else {
                value.to_vec()
            }
        });
        Signed {
            string_to_sign: string_to_sign(sent, self),
            canonical_request: String::from_utf8_lossy(&shown).into_owned(),
        }
    }
}

/// Decoded and encoded again.
fn path(request: &Request) -> String {
    let segments = request.uri().path().split('/');
    let encoded: Vec<String> = segments
        .map(|segment| {
            let decoded: Vec<u8> = percent_decode_str(segment).collect();
            percent_encode(&decoded, ESCAPED).to_string()
        })
        .collect();
    encoded.join("/")
}

/// The query, decoded; a `+` is a `+`.
pub fn pairs(request: &Request) -> Vec<(Vec<u8>, Vec<u8>)> {
    let query = request.uri().query().unwrap_or("");
    let decode = |text| percent_decode_str(text).collect();
    query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (decode(name), decode(value)))
        .collect()
}

pub fn query(pairs: &[(Vec<u8>, Vec<u8>)]) -> String {
    let encode = |bytes| percent_encode(bytes, ESCAPED);
    let pairs: Vec<String> =
        pairs.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
    pairs.join("&")
}

/// A header sent several times has a line for each value, sorted (inferred: no SDK sends
/// one); a header that was not sent has an empty one, and never verifies.
fn lines(request: &Request, name: &str) -> Vec<(String, Vec<u8>)> {
    let values = request.headers().get_all(name);
    let mut values: Vec<Vec<u8>> =
        values.iter().map(|value| value.as_bytes().trim_ascii().to_vec()).collect();
    values.sort();
    if values.is_empty() {
        values.push(Vec::new());
    }
    values.into_iter().map(|value| (name.to_ascii_lowercase(), value)).collect()
}

/// The hash the client sends along; `UNSIGNED-PAYLOAD` for what is neither JSON nor BSON
/// (huaweicloudsdkcore 3.1.219).
fn claimed_payload(request: &Request, algorithm: Algorithm) -> Option<&str> {
    header(
        request,
        match algorithm {
            Algorithm::Sm3 => "x-sdk-content-sm3",
            _ => "x-sdk-content-sha256",
        },
    )
}

/// Whether a hash that was sent along is the body's.
pub fn is_of_the_body(request: &Request, sent: &Sent<'_>) -> bool {
    claimed_payload(request, sent.algorithm).is_none_or(|hash| {
        hash == "UNSIGNED-PAYLOAD"
            || hash.eq_ignore_ascii_case(&digest(sent.algorithm, request.body()))
    })
}

pub fn digest(algorithm: Algorithm, bytes: &[u8]) -> String {
    match algorithm {
        Algorithm::Sm3 => hex(&Sm3::digest(bytes)),
        _ => hex(&Sha256::digest(bytes)),
    }
}

/// Of derived keys a line more: what they are derived for.
fn string_to_sign(sent: &Sent<'_>, canonical: &Canonical) -> String {
    let hash = digest(sent.algorithm, &canonical.bytes());
    match sent.algorithm {
        Algorithm::Derived => format!("{}\n{}\n{}\n{hash}", sent.name, sent.date, sent.scope),
        _ => format!("{}\n{}\n{hash}", sent.name, sent.date),
    }
}

/// The signature in lower-case hexadecimal; none is never seen, HMAC takes keys of any length.
pub fn sign(sent: &Sent<'_>, canonical: &Canonical, secret: &str) -> Option<String> {
    let text = string_to_sign(sent, canonical);
    let key = match sent.algorithm {
        Algorithm::Derived => derived_key(sent.key_id, secret, sent.scope)?.into_bytes(),
        _ => secret.as_bytes().to_vec(),
    };
    Some(hex(&mac(sent.algorithm, &key, text.as_bytes())?))
}

/// HKDF's first block, in the text of its hexadecimal digits (huaweicloudsdkcore 3.1.219).
fn derived_key(key_id: &str, secret: &str, scope: &str) -> Option<String> {
    let extracted = mac(Algorithm::Sha256, key_id.as_bytes(), secret.as_bytes())?;
    let info = [scope.as_bytes(), &[1]].concat();
    Some(hex(&mac(Algorithm::Sha256, &extracted, &info)?))
}

fn mac(algorithm: Algorithm, key: &[u8], text: &[u8]) -> Option<Vec<u8>> {
    match algorithm {
        Algorithm::Sm3 => mac::mac::<Hmac<Sm3>>(key, text),
        _ => mac::mac::<Hmac<Sha256>>(key, text),
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::{HeaderValue, Method, Uri};
    use proptest::prelude::*;

    use super::*;
    use crate::gateway::{Exchange, Gateway, Memory};
    use crate::plan::Plan;
    use crate::scenario::{Options, load};
    use crate::service::targets;
    use crate::world::time::Timestamp;

    const PROJECT: &str = "054ba152d480d55b2f5dc0069e7ddef0";
    const NAMES: &str = "content-type;host;x-language;x-project-id;x-sdk-date";

    fn plan(keys: &str) -> Box<Plan> {
        let text = format!("version = 1\n[gateway]\ncredentials = \"verified\"\n{keys}");
        let now = Timestamp::from_millis(0);
        let loaded = load("test", &text, &Options::default(), now).expect("options");
        loaded.outcome.expect("a scenario without problems")
    }

    fn key(id: &str, secret: &str, rest: &str) -> String {
        format!("[[credentials]]\nid = {id:?}\nsecret = {secret:?}\n{rest}\n")
    }

    fn checked(plan: &Plan, request: &Request, now: Timestamp) -> Result<usize, Refusal> {
        let memory = Memory::new(&plan.gateway);
        let exchange = Exchange::new(plan, &memory, request, now, Gateway::Huawei);
        // A signature covers whatever is asked, also what is not impersonated.
        let target = targets(Gateway::Huawei).next().expect("an operation");
        let arguments = exchange.arguments()?.clone();
        let unknown = Call { exchange: &exchange, target, arguments };
        super::super::verify(&super::super::recognise(&exchange).unwrap_or(unknown))
    }

    fn request(
        method: &str,
        uri: &str,
        headers: &[(&str, &str)],
        body: impl Into<Bytes>,
    ) -> Request {
        let mut request = http::Request::builder().method(method).uri(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(body.into()).expect("a request")
    }

    /// Of a vector: its common headers, and an Authorization.
    fn vector(method: &str, uri: &str, project: &str, algorithm: &str, body: &str) -> Request {
        let access = match algorithm {
            "V11-HMAC-SHA256" => "Credential=testak/20230101/cn-north-4/drs",
            _ => "Access=testak",
        };
        let authorization = format!("{algorithm} {access}, SignedHeaders={NAMES}, Signature=00");
        let headers = [
            ("host", "127.0.0.1:8080"),
            ("content-type", "application/json"),
            ("x-language", "en-us"),
            ("x-project-id", project),
            ("x-sdk-date", "20230101T000000Z"),
            ("authorization", &*authorization),
        ];
        request(method, uri, &headers, body.to_owned())
    }

    fn signed(request: &Request, secret: &str) -> (Canonical, String) {
        let sent = Sent::of(request).expect("a signature");
        let canonical = Canonical::of(request, &sent);
        let signature = sign(&sent, &canonical, secret).expect("a signature");
        (canonical, signature)
    }

    /// Vector A of huaweicloudsdkcore 3.1.219, in each algorithm.
    #[test]
    fn the_vendors_vector_comes_out_in_three_algorithms() {
        let uri = format!(
            "/v5/{PROJECT}/batch-async-jobs?status=COMMIT_SUCCESS&limit=10&offset=0&async_job_id=\
             &domain_name=&sort_dir=desc&sort_key=create_time&user_name=user%20name%2B1%2F%C3%BC"
        );
        let text = "GET\n\
            /v5/054ba152d480d55b2f5dc0069e7ddef0/batch-async-jobs/\n\
            async_job_id=&domain_name=&limit=10&offset=0&sort_dir=desc&sort_key=create_time&\
            status=COMMIT_SUCCESS&user_name=user%20name%2B1%2F%C3%BC\n\
            content-type:application/json\nhost:127.0.0.1:8080\nx-language:en-us\n\
            x-project-id:054ba152d480d55b2f5dc0069e7ddef0\nx-sdk-date:20230101T000000Z\n\n\
            content-type;host;x-language;x-project-id;x-sdk-date\n\
            e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        let sha256 = "28be9ddcff1494f29ae465dfd87443f888fa2c338fd16cc9d23d7b7d99f9f5ac";
        let (canonical, signature) =
            signed(&vector("GET", &uri, PROJECT, "SDK-HMAC-SHA256", ""), "testsk");
        assert_eq!(String::from_utf8_lossy(&canonical.bytes()), text);
        assert_eq!(digest(Algorithm::Sha256, &canonical.bytes()), sha256);
        assert_eq!(signature, "b5f475645da0f69e20b2bfbbbd3eb4ca4e4706bd782434025537c05f2d7b99d4");

        let (canonical, signature) =
            signed(&vector("GET", &uri, PROJECT, "SDK-HMAC-SM3", ""), "testsk");
        assert!(canonical.payload.starts_with("1ab21d83") && canonical.payload.ends_with("aa2b"));
        let sm3 = "db6b1111546dd5995d9fd088863e1305a3a9e5fb20912bb24b93e95666d890bf";
        assert_eq!(digest(Algorithm::Sm3, &canonical.bytes()), sm3);
        assert_eq!(signature, "b5fa12a68edf8059e7454bc2e414d1acbfc0a8733d86471fbfaee40e6f202449");

        let (_, signature) = signed(&vector("GET", &uri, PROJECT, "V11-HMAC-SHA256", ""), "testsk");
        assert_eq!(
            derived_key("testak", "testsk", "20230101/cn-north-4/drs").as_deref(),
            Some("f3c3069d034c31b4f59e1d2bec3317fdf854ede1dd8097a6066b9da97c40ec04")
        );
        assert_eq!(signature, "0887f7718384fd3dc58cfd297dbf9087b13e7bde768f9be566802bee5e1fc8b8");
    }

    /// Vectors B, C and D of huaweicloudsdkcore 3.1.219.
    #[test]
    fn the_vendors_vectors_with_and_without_a_body_come_out() {
        let theirs = "2c0689c860ad4728a497c91ec0844383";
        let commit = "batch-async-jobs/bd4193aa-072d-4ce6-beec-adffc7252341/commit";
        for (method, uri, project, body, expected) in [
            (
                "GET",
                format!(
                    "/v2/{theirs}/sync-tasks/4fb05cd2-c94e-44e4-a07f-e65a2f01ebcb/statistics?\
                     data_type=REQUEST%2CSIZE&end_time=1700188200000&start_time=1700150400000"
                ),
                theirs,
                "",
                "c824c7c1f6893eac478d516fbcb28d6b78ea2405c3f483ab9daab0be565d78f6",
            ),
            (
                "POST",
                format!("/v5/{PROJECT}/jobs/batch-async-create"),
                PROJECT,
                r#"{"jobs": []}"#,
                "5071c4df14c51c489f019fb3095e7babdaae16a1f40b8c1e3dfef741b18edf14",
            ),
            (
                "POST",
                format!("/v5/{PROJECT}/{commit}"),
                PROJECT,
                "",
                "0014dc259ef1d963fa0b5c5298fbbd7c5b28b6a61dfabdff2d46060dde7e4ad9",
            ),
        ] {
            let request = vector(method, &uri, project, "SDK-HMAC-SHA256", body);
            assert_eq!(signed(&request, "testsk").1, expected, "{method} {uri}");
        }
    }

    /// core/auth/signer/signer_test.go of huaweicloud-sdk-go-v3: one signed header, and a
    /// body that ends with a newline.
    #[test]
    fn the_vectors_of_the_go_sdk_come_out() {
        for (method, uri, body, expected) in [
            (
                "GET",
                "/path?limit=1",
                "",
                "5a2ce64c865e0e6046321c6f3d5a77ba8413eeaf355c3166c03d58d02ac79624",
            ),
            (
                "POST",
                "/path?key=value",
                "{\"Name\":\"test\",\"Id\":1}\n",
                "cecc2af119b18ab70b4d094c0750f3b42c02f254903179a0fc2cc72fc9db4f59",
            ),
        ] {
            let authorization =
                "SDK-HMAC-SHA256 Access=AccessKey, SignedHeaders=x-sdk-date, Signature=00";
            let headers = [("X-Sdk-Date", "20060102T150405Z"), ("Authorization", authorization)];
            assert_eq!(signed(&request(method, uri, &headers, body), "SecretKey").1, expected);
        }
    }

    fn captures() -> Vec<(String, Request)> {
        let mut found = Vec::new();
        let folders = ["drs/requests", "oms/requests", "iam/requests"];
        for folder in folders {
            for file in std::fs::read_dir(format!("fixtures/{folder}")).expect("a folder") {
                let path = file.expect("a file").path();
                let text = std::fs::read_to_string(&path).expect("text").replace("\r\n", "\n");
                let (head, body) = text.split_once("\n\n").expect("a head");
                let mut lines = head.lines();
                let mut words = lines.next().expect("a line").split(' ');
                let (method, uri) = (words.next().expect("GET"), words.next().expect("/"));
                let headers: Vec<(&str, &str)> =
                    lines.filter_map(|line| line.split_once(':')).collect();
                let headers: Vec<_> = headers.iter().map(|(n, v)| (*n, v.trim())).collect();
                let request = request(method, uri, &headers, body.to_owned());
                found.push((path.display().to_string(), request));
            }
        }
        assert!(found.len() > 15, "{} captures", found.len());
        found
    }

    #[test]
    fn what_the_official_sdks_signed_verifies() {
        let keys = |rest| {
            ["testak", "testak2", "testak3", "testak9"].map(|id| key(id, "testsk", rest)).concat()
        };
        let permanent = plan(&keys(""));
        let temporary = plan(&keys("session_token = \"FAKE-STS-TOKEN\""));
        let mut verified = 0;
        for (name, request) in captures() {
            let Ok(sent) = Sent::of(&request) else {
                assert!(name.contains("noauth"), "{name}");
                continue;
            };
            let sts = request.headers().contains_key("x-security-token");
            let (right, wrong) =
                if sts { (&temporary, &permanent) } else { (&permanent, &temporary) };
            checked(right, &request, sent.at).unwrap_or_else(|no| panic!("{name}: {no:?}"));
            assert!(checked(wrong, &request, sent.at).is_err(), "{name}");
            verified += 1;
        }
        assert!(verified > 28, "{verified} verified");
    }

    /// A request that verifies, with every part that a signature covers.
    fn good(algorithm: &str, body: &str, more: &[(&str, &str)]) -> Request {
        let uri = format!("/v5/{PROJECT}/batch-async-jobs?user_name=a%20b&limit=10&status=");
        let access = match algorithm {
            "V11-HMAC-SHA256" => "Credential=testak/20230101/cn-north-4/drs",
            _ => "Access=testak",
        };
        let mut names = vec!["content-type", "host", "x-sdk-date"];
        names.extend(more.iter().map(|(name, _)| *name));
        let authorization = |signature: &str| {
            format!(
                "{algorithm} {access}, SignedHeaders={}, Signature={signature}",
                names.join(";")
            )
        };
        let unsigned = authorization("00");
        let mut headers = vec![
            ("host", "127.0.0.1:8080"),
            ("content-type", "application/json"),
            ("x-sdk-date", "20230101T000000Z"),
            ("authorization", &*unsigned),
        ];
        headers.extend(more);
        let mut request = request("GET", &uri, &headers, body.to_owned());
        let signature = authorization(&signed(&request, "testsk").1);
        let value = HeaderValue::try_from(signature).expect("a value");
        request.headers_mut().insert("authorization", value);
        request
    }

    fn at() -> Timestamp {
        Timestamp::from_millis(1_672_531_200_000)
    }

    #[test]
    fn a_hash_that_is_sent_along_must_be_the_bodys_unless_it_says_it_is_none() {
        let plan = plan(&key("testak", "testsk", ""));
        let is = |hash| {
            let request = good("SDK-HMAC-SHA256", "{}", &[("x-sdk-content-sha256", hash)]);
            checked(&plan, &request, at()).is_ok()
        };
        assert!(is("UNSIGNED-PAYLOAD"));
        assert!(is("44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"));
        assert!(!is("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));
    }

    #[test]
    fn the_order_of_checks_is_date_key_skew_signature() {
        let code = |plan: &Plan, request: &Request, now| {
            let refusal = checked(plan, request, now).expect_err("a refusal");
            match refusal.reason {
                Reason::Credentials(problem) => problem,
                other => panic!("{other:?}"),
            }
        };
        let (known, late) = (plan(&key("testak", "testsk", "")), at().plus(15 * 60_000 + 1));
        let mut request = good("SDK-HMAC-SHA256", "", &[]);
        assert!(checked(&known, &request, at()).is_ok());
        assert!(checked(&known, &request, at().plus(15 * 60_000)).is_ok());
        let skewed = code(&known, &request, late);
        let date = |text: &str| text.to_owned();
        let (sent, server) = (date("20230101T000000Z"), date("20230101T001500Z"));
        assert_eq!(skewed, CredentialProblem::Skewed { sent, server });
        let stranger = plan(&key("other", "testsk", ""));
        assert_eq!(code(&stranger, &request, late), CredentialProblem::UnknownKey("testak".into()));
        let inactive = plan(&key("testak", "testsk", "state = \"inactive\""));
        assert_eq!(code(&inactive, &request, late), CredentialProblem::InactiveKey);
        let swapped = plan(&key("other", "testak", ""));
        assert_eq!(code(&swapped, &request, late), CredentialProblem::UnknownKey("test…".into()));
        let value = HeaderValue::from_static("2023-01-01T00:00:00Z");
        request.headers_mut().insert("x-sdk-date", value);
        assert_eq!(code(&stranger, &request, late), CredentialProblem::DateFormat);
    }

    #[test]
    fn what_can_not_be_checked_is_refused_by_name() {
        let plan = plan(&key("testak", "testsk", ""));
        for name in ["SDK-ECDSA-P256-SHA256", "SDK-SM2-SM3"] {
            let request = good(name, "", &[]);
            let refusal = checked(&plan, &request, at()).expect_err("a refusal");
            assert!(refusal.hint.is_some_and(|hint| hint.contains(name)));
        }
        let mut request = good("SDK-HMAC-SHA256", "", &[]);
        let value = "SDK-HMAC-SHA256 Access=testak, SignedHeaders=host, Signature=00";
        request.headers_mut().insert("authorization", HeaderValue::from_static(value));
        assert!(checked(&plan, &request, at()).is_err());
    }

    /// In no text that is shown: headers, body, hint or explanation.
    #[test]
    fn tokens_secrets_and_signatures_are_never_shown() {
        let rest = "session_token = \"SECRET-SESSION\"";
        let plan = plan(&key("testak", "another-secret", rest));
        let more = [("x-security-token", "SECRET-SESSION"), ("x-auth-token", "MIISECRETTOKEN")];
        let request = good("SDK-HMAC-SHA256", "", &more);
        let signature = signed(&request, "testsk").1;
        let answer = crate::engine::respond(&plan, &request, at());
        let refused = answer.refused.expect("a refusal");
        let shown = format!(
            "{:?} {:?} {:?} {}",
            refused.explanation,
            refused.hint,
            answer.reply.headers(),
            String::from_utf8_lossy(answer.reply.body())
        );
        for secret in ["SECRET-", "MIISE", "anoth", &signature[..5]] {
            assert!(!shown.contains(secret), "{secret} in {shown}");
        }
        assert!(shown.contains("x-security-token:SECR…|"), "{shown}");
        assert!(shown.contains("verify aksk signature fail, canonicalRequest:GET|/v5/"), "{shown}");
    }

    fn flipped(text: &[u8], at: prop::sample::Index, bit: u8) -> Vec<u8> {
        let mut bytes = text.to_vec();
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        bytes
    }

    proptest! {
        #[test]
        fn a_flipped_bit_never_verifies(
            algorithm in prop::sample::select(vec![
                "SDK-HMAC-SHA256", "SDK-HMAC-SM3", "V11-HMAC-SHA256",
            ]),
            part in 0usize..6,
            place: prop::sample::Index,
            bit in 0u8..8,
        ) {
            let plan = plan(&key("testak", "testsk", ""));
            let mut request = good(algorithm, r#"{"a": 1}"#, &[("x-language", "en-us")]);
            prop_assert!(checked(&plan, &request, at()).is_ok());
            let spoilt = match part {
                0 => {
                    let method = flipped(request.method().as_str().as_bytes(), place, bit);
                    Method::from_bytes(&method).map(|m| *request.method_mut() = m).is_ok()
                }
                1 => {
                    let uri = flipped(request.uri().to_string().as_bytes(), place, bit);
                    Uri::try_from(&uri[..]).map(|uri| *request.uri_mut() = uri).is_ok()
                }
                2 => {
                    let body = flipped(request.body(), place, bit);
                    *request.body_mut() = body.into();
                    true
                }
                _ => {
                    let names = ["content-type", "host", "x-language", "x-sdk-date"];
                    let name = if part == 3 { "authorization" } else { names[place.index(4)] };
                    let value = flipped(request.headers()[name].as_bytes(), place, bit);
                    let value = HeaderValue::from_bytes(&value);
                    value.map(|value| request.headers_mut().insert(name, value)).is_ok()
                }
            };
            prop_assert!(!spoilt || checked(&plan, &request, at()).is_err(), "{request:?}");
        }

        #[test]
        fn nothing_malformed_panics(
            authorization in "(SDK-HMAC-SHA256|V11-HMAC-SHA256|SDK-HMAC-SM3|ACS3-x|)( ?(Access|Credential)=testak/?,? ?)?(SignedHeaders=[a-z;\\-é]*x-sdk-date[;a-z\u{7f}]*,)?( Signature=[0-9a-f]*)?",
            date in "20230101T000000Z|[0-9TZ]{15,17}|\\PC{0,5}",
            token in "|MII[A-Za-z0-9+=-]{0,40}|\\PC{0,9}",
            query in "[!-~]{0,30}",
            body: Vec<u8>,
        ) {
            let plan = plan(&key("testak", "testsk", ""));
            let Ok(uri) = Uri::try_from(format!("/v5/%7Bproject_id%7D/batch-async-jobs?{query}"))
            else { return Ok(()) };
            let mut request = http::Request::new(Bytes::from(body));
            *request.uri_mut() = uri;
            for (name, text) in
                [("authorization", authorization), ("x-sdk-date", date), ("x-auth-token", token)]
            {
                if let Ok(value) = HeaderValue::from_bytes(text.as_bytes()) {
                    request.headers_mut().insert(name, value);
                }
            }
            prop_assert!(checked(&plan, &request, at()).is_err());
            let _ = crate::engine::respond(&plan, &request, at());
        }
    }
}
