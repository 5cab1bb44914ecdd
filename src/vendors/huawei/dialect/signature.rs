//! Signatures made with a secret: SDK-HMAC-SHA256, SDK-HMAC-SM3 and V11-HMAC-SHA256.
//!
//! The canonical request was verified with captures of huaweicloudsdkcore 3.1.219 (PyPI) and
//! @huaweicloud/huaweicloud-sdk-core 3.1.211 (npm), and with the test vectors of
//! huaweicloud-sdk-go-v3.

use hmac::Hmac;
use percent_encoding::{percent_decode_str, percent_encode};
use sha2::{Digest, Sha256};
use sm3::Sm3;

use super::sent_signature::{Algorithm, SentSignature, format_sdk_date};
use super::signing_mistakes;
use crate::engine::credentials::{
    ClockSkew, SessionTokenError, UnknownKey, check_clock, check_session_token, credential_error,
    diagnosed_error, find_key, is_same_signature, listed, signature_mismatch,
};
use crate::engine::diagnosis::{TooLarge, diagnose};
use crate::engine::{Redactor, RoutedCall};
use crate::scenario::access::{AccessKey, KeyState};
use crate::wire::digest::{self, hex};
use crate::wire::error::{ApiError, CredentialProblem, Diagnosis, Signed};
use crate::wire::{Request, UNRESERVED_ONLY, header};

/// The index of the access key that the request was signed with. Checks in this order: form and
/// date, key and its session token, clock, signature.
pub(crate) fn authenticate(call: &RoutedCall<'_>) -> Result<usize, ApiError> {
    let request = call.context.request;
    let sent = SentSignature::from_request(request)
        .map_err(|problem| signing_mistakes::malformed(request, problem))?;
    if sent.algorithm == Algorithm::PublicKey {
        let hint = format!("{} is not checked by this server: use SDK-HMAC-SHA256", sent.name);
        return Err(credential_error(CredentialProblem::UnknownMethod).hint(hint));
    }
    // The one header that has to be signed (vendor's FAQ on signing).
    if !sent.header_names().any(|name| name.eq_ignore_ascii_case("x-sdk-date")) {
        return Err(credential_error(CredentialProblem::Malformed("SignedHeaders"))
            .hint("SignedHeaders must name x-sdk-date"));
    }
    let (index, key) = find_key(&call.context.plan.access, sent.key_id)
        .map_err(|error| unknown_key(call, error))?;
    check_state(key)?;
    check_session_token(call, key, header(request, "x-security-token"))
        .map_err(|error| wrong_session_token(key, error))?;
    check_clock(call, sent.at).map_err(|skew| skewed(&sent, skew))?;
    check_signature(call, &sent, key)?;
    Ok(index)
}

fn unknown_key(call: &RoutedCall<'_>, error: UnknownKey<'_>) -> ApiError {
    let UnknownKey { id, secret_of, .. } = error;
    let (shown, hint) = match secret_of {
        Some(key) => {
            (Redactor::new(call).text(id), format!("that is the secret of {}, not its id", key.id))
        }
        None => {
            let keys = &call.context.plan.access.keys;
            let ids = listed(keys.iter().map(|key| key.id.as_str()));
            (id.to_owned(), format!("the keys of this scenario are {ids}"))
        }
    };
    credential_error(CredentialProblem::UnknownKey(shown)).hint(hint)
}

fn check_state(key: &AccessKey) -> Result<(), ApiError> {
    let (problem, hint) = match key.state {
        KeyState::Active => return Ok(()),
        KeyState::Inactive => (CredentialProblem::InactiveKey, "this scenario's key is inactive"),
        KeyState::Expired => (CredentialProblem::ExpiredKey, "this scenario's key has expired"),
    };
    Err(credential_error(problem).hint(hint))
}

fn wrong_session_token(key: &AccessKey, error: SessionTokenError<'_>) -> ApiError {
    let id = &key.id;
    let (problem, hint) = match error {
        // Inferred: without its token, a temporary key does not exist.
        SessionTokenError::Missing => (
            CredentialProblem::UnknownKey(id.clone()),
            format!("{id} is a temporary key: send X-Security-Token with it"),
        ),
        SessionTokenError::Unexpected => (
            CredentialProblem::TokenMismatch,
            format!("{id} has no session token: leave out X-Security-Token"),
        ),
        SessionTokenError::Mismatch { .. } => {
            (CredentialProblem::TokenMismatch, format!("X-Security-Token is not that of {id}"))
        }
    };
    credential_error(problem).hint(hint)
}

fn skewed(sent: &SentSignature<'_>, skew: ClockSkew) -> ApiError {
    let (date, server) = (sent.date, format_sdk_date(skew.server));
    let detail = match skew.cause {
        "local-time-as-utc" => format!(
            "X-Sdk-Date is {date} and the server's clock {server}: a whole time zone apart, so \
             local time was written with a Z"
        ),
        _ => format!(
            "X-Sdk-Date is {date} and the server's clock, which is the scenario's, {server}"
        ),
    };
    let detail = format!("{detail}; {}", skew.remedy());
    let problem = CredentialProblem::Skewed { sent: date.to_owned(), server };
    diagnosed_error(problem, skew.cause, detail)
}

fn check_signature(
    call: &RoutedCall<'_>,
    sent: &SentSignature<'_>,
    key: &AccessKey,
) -> Result<(), ApiError> {
    let request = call.context.request;
    let canonical = CanonicalRequest::from_request(request, sent);
    if is_same_signature(&sign(sent, &canonical, key.secret.reveal()), sent.signature)
        && canonical.missing_header(request).is_none()
        && payload_hash_matches_body(request, sent)
    {
        return Ok(());
    }
    let large = TooLarge::check(call, true);
    let redactor = Redactor::new(call);
    let signed = large.map_or_else(|| canonical.redacted(sent, &redactor), TooLarge::signed);
    let diagnosis = match (signing_mistakes::visible(request, sent, &canonical), large) {
        (Some((cause, detail)), _) => Diagnosis { cause, detail, signed, ..Diagnosis::default() },
        (None, Some(large)) => large.diagnosis(),
        (None, None) => {
            let mistakes = signing_mistakes::candidates(call, sent, &canonical, key, &redactor);
            diagnose(signed, sent.signature, mistakes, &key.id)
        }
    };
    Err(signature_mismatch(diagnosis))
}

/// The parts of the canonical request, which is what a client signs.
#[derive(Clone, Debug)]
pub(crate) struct CanonicalRequest {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: String,
    /// One entry for each line.
    pub(crate) headers: Vec<(String, Vec<u8>)>,
    /// The empty line after the headers, which is part of their block.
    pub(crate) blank_line: &'static str,
    pub(crate) signed_headers: String,
    pub(crate) payload_hash: String,
}

impl CanonicalRequest {
    /// Built by the gateway from the request that arrived.
    pub(crate) fn from_request(request: &Request, sent: &SentSignature<'_>) -> Self {
        let mut path = canonical_path(request);
        if !path.ends_with('/') {
            path.push('/');
        }
        let mut pairs = query_pairs(request);
        pairs.sort();
        Self {
            method: request.method().to_string(),
            path,
            query: canonical_query(&pairs),
            headers: sent.header_names().flat_map(|name| header_lines(request, name)).collect(),
            blank_line: "\n",
            signed_headers: sent.signed_headers.to_owned(),
            payload_hash: sent_payload_hash(request, sent.algorithm)
                .map_or_else(|| digest(sent.algorithm, request.body()), str::to_owned),
        }
    }

    /// The first signed header that was not sent.
    pub(crate) fn missing_header(&self, request: &Request) -> Option<&str> {
        self.signed_headers.split(';').find(|name| !request.headers().contains_key(*name))
    }

    /// The whole text, each header's value converted.
    fn text(&self, value: impl Fn(&str, &[u8]) -> Vec<u8>) -> Vec<u8> {
        let mut text = format!("{}\n{}\n{}\n", self.method, self.path, self.query).into_bytes();
        for (name, bytes) in &self.headers {
            text.extend_from_slice(name.as_bytes());
            text.push(b':');
            text.extend(value(name, bytes));
            text.push(b'\n');
        }
        text.extend_from_slice(self.blank_line.as_bytes());
        text.extend_from_slice(self.signed_headers.as_bytes());
        text.push(b'\n');
        text.extend_from_slice(self.payload_hash.as_bytes());
        text
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        self.text(|_, value| value.to_vec())
    }

    /// For display. The hash in the string to sign is that of the real request, so that a client
    /// can compare it with its own.
    pub(crate) fn redacted(&self, sent: &SentSignature<'_>, redactor: &Redactor) -> Signed {
        let shown = Self { query: redactor.query(&self.query), ..self.clone() };
        let shown = shown.text(|name, value| {
            redactor.value(name.trim(), &String::from_utf8_lossy(value)).into_bytes()
        });
        Signed {
            string_to_sign: string_to_sign(sent, self),
            canonical_request: String::from_utf8_lossy(&shown).into_owned(),
        }
    }
}

/// The path, its segments decoded and encoded again.
fn canonical_path(request: &Request) -> String {
    let segments = request.uri().path().split('/');
    let encoded: Vec<String> = segments
        .map(|segment| {
            let decoded: Vec<u8> = percent_decode_str(segment).collect();
            percent_encode(&decoded, UNRESERVED_ONLY).to_string()
        })
        .collect();
    encoded.join("/")
}

/// The decoded query; `+` does not stand for a space.
pub(crate) fn query_pairs(request: &Request) -> Vec<(Vec<u8>, Vec<u8>)> {
    let query = request.uri().query().unwrap_or("");
    let decode = |text| percent_decode_str(text).collect();
    query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (decode(name), decode(value)))
        .collect()
}

pub(crate) fn canonical_query(pairs: &[(Vec<u8>, Vec<u8>)]) -> String {
    let encode = |bytes| percent_encode(bytes, UNRESERVED_ONLY);
    let pairs: Vec<String> =
        pairs.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
    pairs.join("&")
}

/// A header that was sent several times has a line for each value, sorted (inferred: no SDK sends
/// such a header). A header that was not sent has a line with an empty value; such a request
/// never verifies.
fn header_lines(request: &Request, name: &str) -> Vec<(String, Vec<u8>)> {
    let values = request.headers().get_all(name);
    let mut values: Vec<Vec<u8>> =
        values.iter().map(|value| value.as_bytes().trim_ascii().to_vec()).collect();
    values.sort();
    if values.is_empty() {
        values.push(Vec::new());
    }
    values.into_iter().map(|value| (name.to_ascii_lowercase(), value)).collect()
}

/// The hash of the body that the client sends; `UNSIGNED-PAYLOAD` for a body that is neither JSON
/// nor BSON (huaweicloudsdkcore 3.1.219).
fn sent_payload_hash(request: &Request, algorithm: Algorithm) -> Option<&str> {
    header(
        request,
        match algorithm {
            Algorithm::Sm3 => "x-sdk-content-sm3",
            _ => "x-sdk-content-sha256",
        },
    )
}

/// Whether the hash that was sent, if any, is the body's.
pub(crate) fn payload_hash_matches_body(request: &Request, sent: &SentSignature<'_>) -> bool {
    sent_payload_hash(request, sent.algorithm).is_none_or(|hash| {
        hash == "UNSIGNED-PAYLOAD"
            || hash.eq_ignore_ascii_case(&digest(sent.algorithm, request.body()))
    })
}

pub(crate) fn digest(algorithm: Algorithm, bytes: &[u8]) -> String {
    match algorithm {
        Algorithm::Sm3 => hex(&Sm3::digest(bytes)),
        _ => hex(&Sha256::digest(bytes)),
    }
}

/// Derived keys add a line that says what they are derived for.
fn string_to_sign(sent: &SentSignature<'_>, canonical: &CanonicalRequest) -> String {
    let hash = digest(sent.algorithm, &canonical.bytes());
    match sent.algorithm {
        Algorithm::Derived => format!("{}\n{}\n{}\n{hash}", sent.name, sent.date, sent.scope),
        _ => format!("{}\n{}\n{hash}", sent.name, sent.date),
    }
}

/// The signature in lower-case hexadecimal.
pub(crate) fn sign(sent: &SentSignature<'_>, canonical: &CanonicalRequest, secret: &str) -> String {
    let text = string_to_sign(sent, canonical);
    let key = match sent.algorithm {
        Algorithm::Derived => derived_key(sent.key_id, secret, sent.scope).into_bytes(),
        _ => secret.as_bytes().to_vec(),
    };
    hex(&mac(sent.algorithm, &key, text.as_bytes()))
}

/// The hexadecimal digits of HKDF's first block (huaweicloudsdkcore 3.1.219).
fn derived_key(key_id: &str, secret: &str, scope: &str) -> String {
    let extracted = mac(Algorithm::Sha256, key_id.as_bytes(), secret.as_bytes());
    let info = [scope.as_bytes(), &[1]].concat();
    hex(&mac(Algorithm::Sha256, &extracted, &info))
}

fn mac(algorithm: Algorithm, key: &[u8], text: &[u8]) -> Vec<u8> {
    match algorithm {
        Algorithm::Sm3 => digest::mac::<Hmac<Sm3>>(key, text),
        _ => digest::mac::<Hmac<Sha256>>(key, text),
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::{HeaderValue, Method, Uri};
    use proptest::prelude::*;

    use super::*;
    use crate::engine::{Options, Plan, QuotaAndNonceStore, respond_first};
    use crate::vendors::huawei::Huawei;
    use crate::vendors::load;
    use crate::wire::error::Reason;
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

    fn checked(plan: &Plan, request: &Request, now: Timestamp) -> Result<usize, ApiError> {
        let store = QuotaAndNonceStore::new(&plan.access);
        crate::engine::authenticate::<Huawei>(plan, &store, request, now)
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

    /// The common headers of a vector, and an Authorization.
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

    fn signed(request: &Request, secret: &str) -> (CanonicalRequest, String) {
        let sent = SentSignature::from_request(request).expect("a signature");
        let canonical = CanonicalRequest::from_request(request, &sent);
        let signature = sign(&sent, &canonical, secret);
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
        assert!(
            canonical.payload_hash.starts_with("1ab21d83")
                && canonical.payload_hash.ends_with("aa2b")
        );
        let sm3 = "db6b1111546dd5995d9fd088863e1305a3a9e5fb20912bb24b93e95666d890bf";
        assert_eq!(digest(Algorithm::Sm3, &canonical.bytes()), sm3);
        assert_eq!(signature, "b5fa12a68edf8059e7454bc2e414d1acbfc0a8733d86471fbfaee40e6f202449");

        let (_, signature) = signed(&vector("GET", &uri, PROJECT, "V11-HMAC-SHA256", ""), "testsk");
        assert_eq!(
            derived_key("testak", "testsk", "20230101/cn-north-4/drs"),
            "f3c3069d034c31b4f59e1d2bec3317fdf854ede1dd8097a6066b9da97c40ec04"
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
    fn signatures_of_the_official_sdks_verify() {
        let keys = |rest| {
            ["testak", "testak2", "testak3", "testak9"].map(|id| key(id, "testsk", rest)).concat()
        };
        let permanent = plan(&keys(""));
        let temporary = plan(&keys("session_token = \"FAKE-STS-TOKEN\""));
        let mut verified = 0;
        for (name, request) in captures() {
            let Ok(sent) = SentSignature::from_request(&request) else {
                assert!(name.contains("noauth"), "{name}");
                continue;
            };
            let sts = request.headers().contains_key("x-security-token");
            let (right, wrong) =
                if sts { (&temporary, &permanent) } else { (&permanent, &temporary) };
            checked(right, &request, sent.at).unwrap_or_else(|error| panic!("{name}: {error:?}"));
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
        let problem = |plan: &Plan, request: &Request, now| {
            let error = checked(plan, request, now).expect_err("an error");
            match error.reason {
                Reason::Credentials(problem) => problem,
                other => panic!("{other:?}"),
            }
        };
        let (known, late) = (plan(&key("testak", "testsk", "")), at().plus(15 * 60_000 + 1));
        let mut request = good("SDK-HMAC-SHA256", "", &[]);
        assert!(checked(&known, &request, at()).is_ok());
        assert!(checked(&known, &request, at().plus(15 * 60_000)).is_ok());
        let skewed = problem(&known, &request, late);
        let date = |text: &str| text.to_owned();
        let (sent, server) = (date("20230101T000000Z"), date("20230101T001500Z"));
        assert_eq!(skewed, CredentialProblem::Skewed { sent, server });
        let stranger = plan(&key("other", "testsk", ""));
        assert_eq!(
            problem(&stranger, &request, late),
            CredentialProblem::UnknownKey("testak".into())
        );
        let inactive = plan(&key("testak", "testsk", "state = \"inactive\""));
        assert_eq!(problem(&inactive, &request, late), CredentialProblem::InactiveKey);
        let swapped = plan(&key("other", "testak", ""));
        assert_eq!(
            problem(&swapped, &request, late),
            CredentialProblem::UnknownKey("test...".into())
        );
        let value = HeaderValue::from_static("2023-01-01T00:00:00Z");
        request.headers_mut().insert("x-sdk-date", value);
        assert_eq!(problem(&stranger, &request, late), CredentialProblem::DateFormat);
    }

    #[test]
    fn algorithms_that_cannot_be_checked_are_refused_by_name() {
        let plan = plan(&key("testak", "testsk", ""));
        for name in ["SDK-ECDSA-P256-SHA256", "SDK-SM2-SM3"] {
            let request = good(name, "", &[]);
            let error = checked(&plan, &request, at()).expect_err("an error");
            assert!(error.hint.is_some_and(|hint| hint.contains(name)));
        }
        let mut request = good("SDK-HMAC-SHA256", "", &[]);
        let value = "SDK-HMAC-SHA256 Access=testak, SignedHeaders=host, Signature=00";
        request.headers_mut().insert("authorization", HeaderValue::from_static(value));
        assert!(checked(&plan, &request, at()).is_err());
    }

    /// In no text that is shown: headers, body, hint or diagnosis.
    #[test]
    fn tokens_secrets_and_signatures_are_never_shown() {
        let rest = "session_token = \"SECRET-SESSION\"";
        let plan = plan(&key("testak", "another-secret", rest));
        let more = [("x-security-token", "SECRET-SESSION"), ("x-auth-token", "MIISECRETTOKEN")];
        let request = good("SDK-HMAC-SHA256", "", &more);
        let signature = signed(&request, "testsk").1;
        let answer = respond_first(&plan, &request, at());
        let refused = answer.refused.expect("a refusal");
        let shown = format!(
            "{:?} {:?} {:?} {}",
            refused.diagnosis,
            refused.hint,
            answer.reply.headers(),
            String::from_utf8_lossy(answer.reply.body())
        );
        for secret in ["SECRET-", "MIISE", "anoth", &signature[..5]] {
            assert!(!shown.contains(secret), "{secret} in {shown}");
        }
        assert!(shown.contains("x-security-token:SECR...|"), "{shown}");
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
            let _ = respond_first(&plan, &request, at());
        }
    }
}
