//! The mistakes that clients make when they sign, each with what such a client signs.

use percent_encoding::{AsciiSet, percent_decode_str, percent_encode};
use serde_json::Value;

use super::sent_signature::{Algorithm, SentSignature};
use super::signature::{
    CanonicalRequest, canonical_query, digest, payload_hash_matches_body, query_pairs, sign,
};
use crate::engine::credentials::{credential_error, diagnosed_error};
use crate::engine::diagnosis::{SigningMistake, TOO_LARGE};
use crate::engine::{Redactor, RoutedCall};
use crate::scenario::access::AccessKey;
use crate::vendors::huawei::iam::projects_of;
use crate::wire::error::{ApiError, CredentialProblem};
use crate::wire::{Request, UNRESERVED_ONLY, header};

/// Every cause that a diagnosis of this gateway can name, with its meaning.
pub(crate) const CAUSES: &[(&str, &str)] = &[
    ("no-trailing-slash", "the canonical path lacks the slash at its end"),
    ("unsorted-query", "the canonical query is not sorted by name and value"),
    ("unencoded-query", "the canonical query is not escaped, or not all that has to be"),
    ("unencoded-path", "the canonical path is not escaped"),
    ("double-encoded", "the path or the query was escaped twice"),
    ("plus-for-space", "a space is `+` where it was sent or signed, not `%20`"),
    ("lower-case-escapes", "escapes such as %2f have lower-case digits"),
    ("tilde-escaped-wrongly", "`~` was escaped; it is one of the four marks that are not"),
    ("host-without-port", "the host was signed without the port it was sent with"),
    ("header-signed-not-sent", "SignedHeaders names a header that did not arrive"),
    ("header-value-not-trimmed", "a header's value was signed with spaces around it"),
    ("blank-line-missing", "the empty line after the canonical headers is missing"),
    ("body-hash-of-another-body", "the hash is not that of the body that arrived"),
    ("reserialised-json-body", "the body was serialised again between signing and sending"),
    ("wrong-method", "another method was signed than sent"),
    ("query-missing", "the query was left out of the canonical request"),
    ("unreplaced-project-id", "`{project_id}` stands where the project's id should"),
    ("upper-case-signature", "the signature's hexadecimal digits are upper case"),
    ("wrong-secret", "the secret is another key's, has something around it, or is not known"),
    TOO_LARGE,
    ("clock-skew", "the date is too far from the server's clock"),
    ("local-time-as-utc", "the date is local time that says it is UTC"),
    ("wrong-vendor", "the Authorization is of another vendor's gateway"),
    ("token-malformed", "the token is not one that this scenario issued"),
    ("token-expired", "the token's 24 hours are over"),
    ("token-revoked", "the token was issued before its key's tokens_valid_from"),
    ("token-of-another-project", "the token is good, but not for the project in the path"),
];

/// The error of credentials that are not well formed. Another vendor's are recognised.
pub(crate) fn malformed(request: &Request, problem: CredentialProblem) -> ApiError {
    if problem != CredentialProblem::UnknownMethod {
        return credential_error(problem);
    }
    let sent = header(request, "authorization").unwrap_or_default();
    let lower = sent.to_ascii_lowercase();
    let vendor = [
        ("acs3-", "Alibaba's V3 signature"),
        ("acs ", "Alibaba's ROA signature"),
        ("authing", "Authing's signature"),
        ("aws4-", "an AWS signature"),
    ];
    let found = vendor.iter().find(|(scheme, _)| lower.starts_with(scheme));
    let Some((_, whose)) = found else {
        return credential_error(problem).hint(
            "Authorization begins with SDK-HMAC-SHA256, SDK-HMAC-SM3 or V11-HMAC-SHA256; a token \
             goes in X-Auth-Token",
        );
    };
    let detail = format!("{whose} was sent to Huawei's gateway");
    diagnosed_error(problem, "wrong-vendor", detail)
}

/// A mistake that shows without trying candidates: its cause and a detail.
pub(crate) fn visible(
    request: &Request,
    sent: &SentSignature<'_>,
    canonical: &CanonicalRequest,
) -> Option<(&'static str, String)> {
    if let Some(name) = canonical.missing_header(request) {
        let detail = format!(
            "SignedHeaders names {name:?}, which did not arrive: it was never sent, or a proxy \
             took it out"
        );
        return Some(("header-signed-not-sent", detail));
    }
    if !payload_hash_matches_body(request, sent) {
        let detail = "the hash sent along is not that of the body that arrived".to_owned();
        return Some(("body-hash-of-another-body", detail));
    }
    None
}

/// One change to what the server signed.
struct SigningVariant {
    cause: &'static str,
    detail: String,
    canonical: CanonicalRequest,
}

/// The most certain mistakes first; each signature is computed when the iterator gets there.
pub(crate) fn candidates<'s>(
    call: &'s RoutedCall<'_>,
    sent: &'s SentSignature<'s>,
    canonical: &'s CanonicalRequest,
    key: &'s AccessKey,
    redactor: &'s Redactor,
) -> impl Iterator<Item = SigningMistake<'s>> + 's {
    let variants = paths(call, canonical)
        .into_iter()
        .chain(queries(call.context.request, canonical))
        .chain(headers(canonical))
        .chain(bodies(call.context.request, sent.algorithm, canonical))
        .chain(methods(canonical));
    let upper = SigningMistake {
        cause: "upper-case-signature",
        detail: "the signature is right, but has to be in lower-case hexadecimal".into(),
        signed: Box::new(move || canonical.redacted(sent, redactor)),
        signature: sign(sent, canonical, key.secret.reveal()).to_ascii_uppercase(),
    };
    let changed = variants.map(move |SigningVariant { cause, detail, canonical }| {
        let signature = sign(sent, &canonical, key.secret.reveal());
        let signed = Box::new(move || canonical.redacted(sent, redactor));
        SigningMistake { cause, detail, signed, signature }
    });
    let other_secrets = secrets(call, key).map(move |(detail, secret)| {
        let signature = sign(sent, canonical, &secret);
        SigningMistake {
            cause: "wrong-secret",
            detail,
            signed: Box::new(move || canonical.redacted(sent, redactor)),
            signature,
        }
    });
    std::iter::once(upper).chain(changed).chain(other_secrets)
}

fn paths(call: &RoutedCall<'_>, right: &CanonicalRequest) -> Vec<SigningVariant> {
    let raw = call.context.request.uri().path();
    let decoded = percent_decode_str(raw).decode_utf8_lossy().into_owned();
    let slash = |path: &str| {
        if path.ends_with('/') { path.to_owned() } else { format!("{path}/") }
    };
    let bare = right.path.trim_end_matches('/');
    let mut found = vec![
        (
            "no-trailing-slash",
            "the path ends with a slash when it is signed, even if it is sent \
          without",
            bare.to_owned(),
        ),
        ("unencoded-path", "the path is escaped when it is signed", slash(&decoded)),
        (
            "double-encoded",
            "the path was escaped twice when it was signed",
            right.path.replace('%', "%25"),
        ),
        (
            "lower-case-escapes",
            "the digits of escapes in the path are upper case",
            lower_escapes(&right.path),
        ),
        ("tilde-escaped-wrongly", "`~` in the path is not escaped", right.path.replace('~', "%7E")),
    ];
    if let Some(project) = call.arguments.text("project_id") {
        let named = header(call.context.request, "x-project-id");
        let projects = projects_of(call.context.plan);
        let ids = projects.iter().map(|project| project.id);
        let project = percent_encode(project.as_bytes(), UNRESERVED_ONLY).to_string();
        let detail = "`{project_id}` was replaced in only one of what was signed and what was sent";
        let others = ["%7Bproject_id%7D", "{project_id}"].into_iter().chain(named).chain(ids);
        for other in others.filter(|other| *other != project) {
            // Only a template that was signed or sent is this mistake.
            if other.contains("project_id") || project.contains("project_id") {
                let path = right.path.replacen(&project, other, 1);
                found.push(("unreplaced-project-id", detail, path));
            }
        }
    }
    found
        .into_iter()
        .map(|(cause, detail, path)| SigningVariant {
            cause,
            detail: detail.into(),
            canonical: CanonicalRequest { path, ..right.clone() },
        })
        .collect()
}

/// The characters that encodeURIComponent, encodeURI and Python's quote keep, beyond the unreserved
/// characters.
const COMPONENT: &AsciiSet =
    &UNRESERVED_ONLY.remove(b'!').remove(b'\'').remove(b'(').remove(b')').remove(b'*');
const WITH_SLASHES: &AsciiSet = &UNRESERVED_ONLY.remove(b'/');
const WHOLE_URI: &AsciiSet = &COMPONENT
    .remove(b'/')
    .remove(b',')
    .remove(b':')
    .remove(b';')
    .remove(b'@')
    .remove(b'+')
    .remove(b'$')
    .remove(b'?');

fn queries(request: &Request, right: &CanonicalRequest) -> Vec<SigningVariant> {
    let raw = request.uri().query().unwrap_or("");
    if raw.is_empty() {
        return Vec::new();
    }
    let as_sent = query_pairs(request);
    let mut sorted = as_sent.clone();
    sorted.sort();
    let joined = |pairs: &[(Vec<u8>, Vec<u8>)], set: Option<&'static AsciiSet>| {
        let encode = |bytes: &[u8]| match set {
            Some(set) => percent_encode(bytes, set).to_string(),
            None => String::from_utf8_lossy(bytes).into_owned(),
        };
        let pairs: Vec<String> =
            pairs.iter().map(|(n, v)| format!("{}={}", encode(n), encode(v))).collect();
        pairs.join("&")
    };
    let mut raw_sorted: Vec<&str> = raw.split('&').collect();
    raw_sorted.sort_unstable();
    let mut spaced: Vec<_> =
        as_sent.iter().map(|(name, value)| (plus_to_space(name), plus_to_space(value))).collect();
    spaced.sort();
    let unsorted = "the query is sorted by name, then value, when it is signed";
    let unencoded = "names and values of the query are escaped when they are signed, all but \
                     letters, digits and -_.~";
    let plus = "a space is escaped as %20, both when it is sent and when it is signed";
    let found = vec![
        ("query-missing", "the canonical request has the query on its third line", String::new()),
        ("unsorted-query", unsorted, canonical_query(&as_sent)),
        ("plus-for-space", plus, canonical_query(&spaced)),
        ("plus-for-space", plus, right.query.replace("%20", "+")),
        ("plus-for-space", plus, right.query.replace("%2B", "+")),
        (
            "tilde-escaped-wrongly",
            "`~` in the query is not escaped",
            right.query.replace('~', "%7E"),
        ),
        (
            "lower-case-escapes",
            "the digits of escapes in the query are upper case",
            lower_escapes(&right.query),
        ),
        ("unencoded-query", unencoded, joined(&sorted, None)),
        ("unencoded-query", unencoded, joined(&sorted, Some(WITH_SLASHES))),
        ("unencoded-query", unencoded, joined(&sorted, Some(COMPONENT))),
        ("unencoded-query", unencoded, joined(&sorted, Some(WHOLE_URI))),
        ("unencoded-query", unencoded, raw_sorted.join("&")),
        ("unencoded-query", "the query was signed as it was sent", raw.to_owned()),
        (
            "unencoded-query",
            "names and values were neither escaped nor sorted",
            joined(&as_sent, None),
        ),
        (
            "double-encoded",
            "the query was escaped twice when it was signed",
            right.query.replace('%', "%25"),
        ),
    ];
    found
        .into_iter()
        .map(|(cause, detail, query)| SigningVariant {
            cause,
            detail: detail.into(),
            canonical: CanonicalRequest { query, ..right.clone() },
        })
        .collect()
}

fn plus_to_space(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().map(|&b| if b == b'+' { b' ' } else { b }).collect()
}

fn lower_escapes(text: &str) -> String {
    let mut parts = text.split('%');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        out.push('%');
        for (i, c) in part.chars().enumerate() {
            out.push(if i < 2 { c.to_ascii_lowercase() } else { c });
        }
    }
    out
}

fn headers(right: &CanonicalRequest) -> Vec<SigningVariant> {
    let mut found = Vec::new();
    let mut add = |cause, detail: String, headers| {
        let canonical = CanonicalRequest { headers, ..right.clone() };
        found.push(SigningVariant { cause, detail, canonical });
    };
    let replaced = |at: usize, value: Vec<u8>| {
        let mut headers = right.headers.clone();
        if let Some((_, old)) = headers.get_mut(at) {
            *old = value;
        }
        headers
    };
    for (at, (name, value)) in right.headers.iter().enumerate() {
        if name == "host"
            && let Some(colon) = value.iter().rposition(|&b| b == b':')
        {
            let detail = "the host is signed as it is sent, with its port".to_owned();
            add("host-without-port", detail, replaced(at, value[..colon].to_vec()));
        }
        let around: [(&[u8], &[u8]); 4] = [(b" ", b""), (b"", b" "), (b" ", b" "), (b"", b"\n")];
        for (before, after) in around {
            let detail = format!("the value of {name} is signed without spaces around it");
            let value = [before, value, after].concat();
            add("header-value-not-trimmed", detail, replaced(at, value));
        }
    }
    let spaced = |(name, value): &(String, Vec<u8>)| (name.clone(), [b" ", &value[..]].concat());
    let detail = "the values of headers are signed without spaces around them".to_owned();
    add("header-value-not-trimmed", detail, right.headers.iter().map(spaced).collect());
    found.push(SigningVariant {
        cause: "blank-line-missing",
        detail: "an empty line stands between the canonical headers and SignedHeaders".into(),
        canonical: CanonicalRequest { blank_line: "", ..right.clone() },
    });
    found
}

fn bodies(
    request: &Request,
    algorithm: Algorithm,
    right: &CanonicalRequest,
) -> Vec<SigningVariant> {
    let body = &request.body()[..];
    let other = |detail: &str, bytes: &[u8]| {
        ("body-hash-of-another-body", detail.to_owned(), digest(algorithm, bytes))
    };
    let mut found = vec![
        other("the hash of no body was signed, but there is one", b""),
        other("the hash of `{}` was signed, but the body is another", b"{}"),
        other("the hash of `null` was signed, but the body is another", b"null"),
        other("the body was signed without the space around it", body.trim_ascii()),
        other("the body was signed with a newline that was not sent", &[body, b"\n"].concat()),
        (
            "body-hash-of-another-body",
            "UNSIGNED-PAYLOAD was signed, but no X-Sdk-Content-Sha256 was sent".to_owned(),
            "UNSIGNED-PAYLOAD".to_owned(),
        ),
        ("body-hash-of-another-body", "an empty hash was signed".to_owned(), String::new()),
    ];
    if let Ok(value) = serde_json::from_slice::<Value>(body) {
        let detail =
            "another serialisation of the same JSON was signed: hash the bytes that are sent";
        let compact = value.to_string();
        let pretty = serde_json::to_string_pretty(&value).unwrap_or_default();
        let mut sorted = value.clone();
        sorted.sort_all_objects();
        for text in [
            compact.clone() + "\n",
            spaced(&compact),
            pretty,
            sorted.to_string(),
            spaced(&sorted.to_string()),
            compact,
        ] {
            let hash = digest(algorithm, text.as_bytes());
            found.push(("reserialised-json-body", detail.to_owned(), hash));
        }
    }
    found
        .into_iter()
        .map(|(cause, detail, payload_hash)| SigningVariant {
            cause,
            detail,
            canonical: CanonicalRequest { payload_hash, ..right.clone() },
        })
        .collect()
}

/// The compact JSON as Python's json.dumps writes it: with a space after each comma and colon, and
/// ASCII only.
fn spaced(compact: &str) -> String {
    let (mut out, mut in_text, mut escaped) = (String::new(), false, false);
    for c in compact.chars() {
        match c {
            _ if c.is_ascii() => out.push(c),
            _ => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    out.push_str(&format!("\\u{unit:04x}"));
                }
            }
        }
        match c {
            _ if escaped => escaped = false,
            '\\' if in_text => escaped = true,
            '"' => in_text = !in_text,
            ',' | ':' if !in_text => out.push(' '),
            _ => {}
        }
    }
    out
}

fn methods(right: &CanonicalRequest) -> Vec<SigningVariant> {
    let sent = &right.method;
    ["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD"]
        .into_iter()
        .filter(|other| other != sent)
        .map(str::to_owned)
        .chain([sent.to_ascii_lowercase()])
        .map(|method| SigningVariant {
            cause: "wrong-method",
            detail: format!("{method} was signed, but {sent} was sent"),
            canonical: CanonicalRequest { method, ..right.clone() },
        })
        .collect()
}

/// Secrets that a client may have signed with by mistake, each with a detail.
fn secrets<'s>(
    call: &'s RoutedCall<'_>,
    key: &'s AccessKey,
) -> impl Iterator<Item = (String, String)> + 's {
    let secret = key.secret.reveal();
    let around = [
        ("a newline after it", format!("{secret}\n")),
        ("a carriage return and a newline after it", format!("{secret}\r\n")),
        ("a space after it", format!("{secret} ")),
        ("a space before it", format!(" {secret}")),
        ("quotes around it", format!("\"{secret}\"")),
        ("nothing around it, but it has space here", secret.trim().to_owned()),
    ];
    let around = around.into_iter().map(|(what, signed)| {
        (format!("the request was signed with the secret and {what}"), signed)
    });
    let keys = call.context.plan.access.tried_keys().iter();
    let others = keys.filter(move |other| other.id != key.id).map(move |other| {
        let detail = format!("it was signed with the secret of {}, not of {}", other.id, key.id);
        (detail, other.secret.reveal().to_owned())
    });
    let id = ("it was signed with the key's id in place of its secret".into(), key.id.clone());
    let none = ("it was signed with an empty secret".to_owned(), String::new());
    around.chain(others).chain([id, none])
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use serde_json::Value;

    use super::*;
    use crate::engine::Options;
    use crate::engine::respond_first;
    use crate::vendors::load;
    use crate::world::time::Timestamp;

    /// Requests of independently written signers that make one mistake each.
    #[test]
    fn each_signing_mistake_is_diagnosed() {
        let text = "version = 1\n[gateway]\ncredentials = \"verified\"\n[[credentials]]\n\
                    id = \"testid\"\nsecret = \"testsecret\"\n[[credentials]]\nid = \"other\"\n\
                    secret = \"othersecret\"\n[drs]\nproject_id = \
                    \"054ba152d480d55b2f5dc0069e7ddef0\"\n";
        let loaded = load("test", text, &Options::default(), Timestamp::from_millis(0));
        let plan = loaded.expect("options").outcome.expect("no problems");
        let corpus = std::fs::read("fixtures/wrong-signers/huawei.json").expect("a corpus");
        let corpus: Vec<Value> = serde_json::from_slice(&corpus).expect("JSON");
        assert!(corpus.len() >= 12);
        for case in &corpus {
            let text = |name: &str| case[name].as_str().expect("text");
            let mut request = http::Request::builder().method(text("method")).uri(text("uri"));
            for header in case["headers"].as_array().expect("headers") {
                let part = |i: usize| header[i].as_str().expect("text");
                request = request.header(part(0), part(1));
            }
            let request = request.body(Bytes::from(text("body").to_owned())).expect("a request");
            let now: jiff::Timestamp = text("now").parse().expect("a time");
            let now = Timestamp::from_millis(now.as_millisecond());
            let refused = respond_first(&plan, &request, now).refused.expect("a refusal");
            let diagnosis = refused.diagnosis.expect("a diagnosis");
            let cause = diagnosis.cause;
            assert_eq!(cause, text("cause"), "{}: {diagnosis:#?}", text("name"));
            assert!(CAUSES.iter().any(|(known, _)| *known == cause), "{cause} is not listed");
            let hint = refused.hint.expect("a hint");
            assert!(hint.starts_with(cause) && hint.is_ascii(), "{hint}");
            let other = ["wrong-secret", "upper-case-signature"].contains(&cause);
            let differs = diagnosis.first_difference.is_some();
            assert_eq!(differs, diagnosis.client.is_some() && !other, "{}", text("name"));
        }
    }

    #[test]
    fn json_is_spaced_as_python_writes_it() {
        assert_eq!(spaced(r#"{"a,b:":[1,"\",é"]}"#), r#"{"a,b:": [1, "\",\u00e9"]}"#);
        assert_eq!(lower_escapes("a%2Fb%C3%BC/ABC"), "a%2fb%c3%bc/ABC");
    }
}
