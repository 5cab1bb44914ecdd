//! The mistakes that clients make when they sign, and what a client with each mistake signs.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE, URL_SAFE_NO_PAD};
use hmac::Hmac;
use serde_json::Value;
use sha2::Sha256;

use super::signature::{
    Encode, Lists, Nested, SignedParts, Style, accepted, hmac_sha1, resource, sign, string_to_sign,
};
use crate::engine::Redactor;
use crate::engine::diagnosis::{SigningMistake, TOO_LARGE};
use crate::scenario::access::AccessKey;
use crate::wire::digest::{hex, mac};
use crate::wire::error::Signed;

/// Every cause that this gateway names, and its meaning in a line.
pub(crate) static CAUSES: &[(&str, &str)] = &[
    ("wrong-secret", "another secret than the key's"),
    (
        "reordered-json-body",
        "objects inside the body were signed with their members sorted, and sent in another order",
    ),
    ("spaced-json-body", "objects and lists were signed with blanks after commas and colons"),
    ("escaped-json-body", "what is not ASCII was signed as \\u escapes"),
    (
        "bracketed-arrays",
        "arrays were signed as they are sent (status[]=A&status[]=B), not as JSON (status=[\"A\",\"B\"])",
    ),
    ("url-encoded-values", "values were signed percent-encoded, not as they are"),
    ("unsorted-query", "parameters were signed in the order they were sent, not by name"),
    ("parameters-left-out", "only the path was signed, without its parameters"),
    ("null-parameter-signed", "a parameter without a value was signed, and not sent"),
    (
        "java-lists",
        "lists were signed as [A, B], or empty values without =, as Java SDKs up to 3.1.3 do",
    ),
    (
        "path-with-host-or-prefix",
        "the path was signed with the host or something else before it, or without its beginning",
    ),
    ("missing-headers", "an x-authing-* header was sent and not signed"),
    ("other-headers-signed", "a header was signed that is neither date nor x-authing-*"),
    ("date-left-out", "the date was sent and not signed"),
    ("wrong-method", "another method was signed, or the method in lower case"),
    ("trailing-newline", "a line end was signed after the last line"),
    ("hex-instead-of-base64", "the signature is hexadecimal, not base64"),
    ("url-safe-base64", "the signature is in the alphabet of URLs, or without its padding"),
    ("sha256-instead-of-sha1", "the signature was made with HMAC-SHA256, not HMAC-SHA1"),
    (
        "old-string-to-sign",
        "the string to sign is that of the vendor's older documentation, with a line for Content-Type",
    ),
    TOO_LARGE,
    ("body-not-json", "the body is no JSON object, so what was signed is not to be known"),
    ("missing-signature-headers", "x-authing-signature-method, -version or -nonce is not there"),
    ("wrong-signature-method", "x-authing-signature-method is not HMAC-SHA1"),
    ("wrong-signature-version", "x-authing-signature-version is not 1.0"),
    ("missing-date", "there is neither date nor x-authing-date"),
    ("wrong-date-format", "the date is neither GMT nor milliseconds since 1970"),
    ("date-in-seconds", "the date is in seconds since 1970, not milliseconds"),
    ("local-time-as-utc", "the date is off by a time zone: local time was sent as GMT"),
    ("clock-skew", "the date is too far from the server's clock"),
    ("nonce-reused", "the nonce was used before"),
    ("wrong-vendor", "the signature is of another vendor's scheme"),
    ("malformed-authorization", "authorization is neither a token nor authing <id>:<signature>"),
    ("unknown-key", "there is no such access key"),
    ("inactive-key", "the access key is not active"),
    ("token-tampered", "the token is not signed by this server, or was changed since"),
    ("token-algorithm", "the algorithm of the token is not HS256"),
    (
        "token-without-userpool",
        "the token has no scoped_userpool_id: no get-management-token made it",
    ),
    ("token-expired", "the token is older than its lifetime"),
    ("token-revoked", "the token was issued before tokens_valid_from of its key"),
    ("userpool-mismatch", "x-authing-userpool-id is not the scoped_userpool_id of the token"),
];

/// The meaning of a cause.
pub(crate) fn meaning(cause: &str) -> &'static str {
    CAUSES.iter().find(|(name, _)| *name == cause).map_or("", |(_, meaning)| meaning)
}

/// Optional parameters, which clients may have and leave unset (vendor's OpenAPI document).
const OPTIONAL: &[(&str, &[&str])] = &[
    ("list-sync-jobs", &["syncTrigger", "page", "limit"]),
    ("list-sync-tasks", &["page", "limit"]),
    ("get-sync-task", &["syncTaskId"]),
    ("get-sync-job", &["syncJobId"]),
    ("list-sync-job-logs", &["success", "action", "objectType", "page", "limit"]),
    ("list-sync-risk-operations", &["status", "objectType", "page", "limit"]),
];

/// A request whose signature did not verify.
pub(crate) struct Attempt<'a> {
    pub(crate) parts: &'a SignedParts,
    /// The parts as they may be shown.
    pub(crate) redacted: &'a SignedParts,
    pub(crate) key: &'a AccessKey,
    pub(crate) keys: &'a [AccessKey],
    pub(crate) host: &'a str,
    pub(crate) content_type: &'a str,
    /// Headers that are not signed.
    pub(crate) others: &'a [(String, String)],
}

/// The signature of the request under each known signing mistake.
pub(crate) fn signing_mistakes(attempt: &Attempt<'_>) -> Vec<SigningMistake<'static>> {
    let mut mistakes = Mistakes { attempt, found: Vec::new() };
    mistakes.secrets();
    mistakes.resource();
    mistakes.path();
    mistakes.headers();
    mistakes.whole();
    mistakes.digests();
    mistakes.unsent();
    mistakes.missing_headers();
    mistakes.found
}

struct Mistakes<'a> {
    attempt: &'a Attempt<'a>,
    found: Vec<SigningMistake<'static>>,
}

const PLAIN: Style = Style {
    mark: false,
    unsorted: false,
    lists: Lists::Json,
    nested: Nested::AsSent,
    encode: Encode::None,
    bare_empty: false,
};

impl Mistakes<'_> {
    fn push(&mut self, cause: &'static str, more: &str, shown: String, signature: String) {
        let detail = match more {
            "" => meaning(cause).to_owned(),
            more => format!("{}: {more}", meaning(cause)),
        };
        let signed = Signed { string_to_sign: shown, canonical_request: String::new() };
        let signed = Box::new(move || signed.clone());
        self.found.push(SigningMistake { cause, detail, signed, signature });
    }

    /// A client that signs another text.
    fn text(&mut self, cause: &'static str, more: &str, text: impl Fn(&SignedParts) -> String) {
        let signature = sign(self.attempt.key.secret.reveal(), &text(self.attempt.parts));
        let shown = text(self.attempt.redacted);
        self.push(cause, more, shown, signature);
    }

    /// A client that signs other parts, with and without the lone `?`.
    fn parts(
        &mut self,
        cause: &'static str,
        more: &str,
        style: Style,
        change: impl Fn(&mut SignedParts),
    ) {
        for mark in [false, true] {
            let style = Style { mark, ..style };
            self.text(cause, more, |parts| {
                let mut parts = parts.clone();
                change(&mut parts);
                string_to_sign(&parts, style)
            });
            let mut changed = self.attempt.parts.clone();
            change(&mut changed);
            if !changed.members.is_empty() {
                break;
            }
        }
    }

    fn style(&mut self, cause: &'static str, style: Style) {
        self.parts(cause, "", style, |_| {});
    }

    /// A client that makes a wrong signature from the right text.
    fn digest(&mut self, cause: &'static str, make: impl Fn(&str, &str) -> String) {
        for style in accepted(self.attempt.parts) {
            let text = string_to_sign(self.attempt.parts, style);
            let signature = make(self.attempt.key.secret.reveal(), &text);
            self.push(cause, "", string_to_sign(self.attempt.redacted, style), signature);
        }
    }

    fn secrets(&mut self) {
        let own = self.attempt.key;
        let secret = own.secret.reveal();
        let mut wrong: Vec<(String, String)> = [
            (format!("{secret}\n"), "a line end after the secret"),
            (format!("{secret} "), "a blank after the secret"),
            (format!(" {secret}"), "a blank before the secret"),
            (format!("{secret}&"), "a & after the secret, as another vendor's signatures have it"),
            (own.id.clone(), "the id was taken for the secret"),
            (String::new(), "the secret is empty"),
        ]
        .into_iter()
        .map(|(secret, what)| (secret, what.to_owned()))
        .collect();
        for key in self.attempt.keys.iter().filter(|key| key.id != own.id) {
            wrong.push((key.secret.reveal().to_owned(), format!("it is that of key {}", key.id)));
        }
        for (secret, what) in wrong {
            self.digest_with("wrong-secret", &what, &secret);
        }
    }

    fn digest_with(&mut self, cause: &'static str, more: &str, secret: &str) {
        for style in accepted(self.attempt.parts) {
            let signature = sign(secret, &string_to_sign(self.attempt.parts, style));
            self.push(cause, more, string_to_sign(self.attempt.redacted, style), signature);
        }
    }

    fn resource(&mut self) {
        self.style("unsorted-query", Style { unsorted: true, ..PLAIN });
        self.style("reordered-json-body", Style { nested: Nested::Sorted, ..PLAIN });
        self.style("spaced-json-body", Style { nested: Nested::Spaced, ..PLAIN });
        self.style("spaced-json-body", Style { nested: Nested::SpacedEscaped, ..PLAIN });
        self.style("escaped-json-body", Style { nested: Nested::Escaped, ..PLAIN });
        let encodings = [Encode::Strict, Encode::Component, Encode::Uri, Encode::Form];
        let arrays = self.attempt.parts.members.iter().any(|(_, value)| value.is_array());
        for lists in [Lists::Brackets, Lists::Repeated].into_iter().filter(|_| arrays) {
            for encode in [Encode::None].into_iter().chain(encodings) {
                for unsorted in [false, true] {
                    self.style("bracketed-arrays", Style { lists, encode, unsorted, ..PLAIN });
                }
            }
        }
        for encode in encodings {
            for unsorted in [false, true] {
                self.style("url-encoded-values", Style { encode, unsorted, ..PLAIN });
            }
        }
        self.style("java-lists", Style { lists: Lists::Java, bare_empty: true, ..PLAIN });
        self.parts("parameters-left-out", "", PLAIN, |parts| parts.members.clear());
    }

    fn path(&mut self) {
        let host = self.attempt.host;
        for before in [
            format!("http://{host}"),
            format!("https://{host}"),
            format!("//{host}"),
            host.to_owned(),
            "https://api.authing.cn".to_owned(),
            "https://core.authing.cn".to_owned(),
            "/api/v3".to_owned(),
            "/authing".to_owned(),
        ] {
            if !before.is_empty() {
                let change =
                    |parts: &mut SignedParts| parts.path = format!("{before}{}", parts.path);
                self.parts("path-with-host-or-prefix", &before, PLAIN, change);
            }
        }
        for prefix in ["/api/v3", "/api", "/"] {
            let change = |parts: &mut SignedParts| {
                if let Some(rest) = parts.path.strip_prefix(prefix) {
                    parts.path = rest.to_owned();
                }
            };
            let more = format!("{prefix} is missing");
            self.parts("path-with-host-or-prefix", &more, PLAIN, change);
        }
    }

    fn headers(&mut self) {
        let is_date = |name: &str| name == "date" || name == "x-authing-date";
        self.parts("date-left-out", "", PLAIN, |parts| {
            parts.headers.retain(|(name, _)| !is_date(name));
        });
        for (name, value) in self.attempt.others {
            self.parts("other-headers-signed", name, PLAIN, |parts| {
                parts.headers.push((name.clone(), value.clone()));
                parts.headers.sort();
            });
        }
    }

    /// Every subset of them, unless there are very many.
    fn missing_headers(&mut self) {
        let names: Vec<String> = self
            .attempt
            .parts
            .headers
            .iter()
            .map(|(name, _)| name.clone())
            .filter(|name| name.starts_with("x-authing-") && name != "x-authing-date")
            .collect();
        for left_out in subsets(&names) {
            self.parts("missing-headers", &left_out.join(", "), PLAIN, |parts| {
                parts.headers.retain(|(name, _)| !left_out.contains(&name.as_str()));
            });
        }
    }

    /// In a GET, a null of JavaScript is signed as `null` and not sent (node, run).
    fn unsent(&mut self) {
        let parts = self.attempt.parts;
        let operation = parts.path.rsplit('/').next().unwrap_or_default();
        let Some((_, optional)) = OPTIONAL.iter().find(|(name, _)| *name == operation) else {
            return;
        };
        let names: Vec<String> = optional
            .iter()
            .filter(|name| parts.members.iter().all(|(sent, _)| sent != *name))
            .map(|name| (*name).to_owned())
            .collect();
        for unset in subsets(&names) {
            for value in [Value::Null, "undefined".into(), "None".into(), "".into()] {
                self.parts("null-parameter-signed", &unset.join(", "), PLAIN, |parts| {
                    for name in &unset {
                        parts.members.push(((*name).to_owned(), value.clone()));
                    }
                });
            }
        }
    }

    fn whole(&mut self) {
        let method = self.attempt.parts.method.clone();
        for other in ["GET", "POST", "PUT", "DELETE", "get", "post"] {
            if other != method {
                let change = |parts: &mut SignedParts| parts.method = other.to_owned();
                self.parts("wrong-method", other, PLAIN, change);
            }
        }
        self.text("trailing-newline", "", |parts| format!("{}\n", string_to_sign(parts, PLAIN)));
        // The vendor's page gives its lines and that objects are encoded, not their exact
        // order (inferred: that of the cloud whose scheme it resembles).
        let content_type = self.attempt.content_type;
        for accept in ["", "application/json\n"] {
            for digest in ["", "\n"] {
                for encode in [Encode::None, Encode::Uri, Encode::Component] {
                    self.text("old-string-to-sign", "", |parts| {
                        old_string_to_sign(parts, accept, digest, content_type, encode)
                    });
                }
            }
        }
    }

    fn digests(&mut self) {
        self.digest("hex-instead-of-base64", |secret, text| hex(&hmac_sha1(secret, text)));
        self.digest("hex-instead-of-base64", |secret, text| {
            hex(&hmac_sha1(secret, text)).to_ascii_uppercase()
        });
        self.digest("hex-instead-of-base64", |secret, text| {
            STANDARD.encode(hex(&hmac_sha1(secret, text)))
        });
        self.digest("url-safe-base64", |secret, text| URL_SAFE.encode(hmac_sha1(secret, text)));
        self.digest("url-safe-base64", |secret, text| {
            URL_SAFE_NO_PAD.encode(hmac_sha1(secret, text))
        });
        self.digest("url-safe-base64", |secret, text| {
            sign(secret, text).trim_end_matches('=').to_owned()
        });
        self.digest("sha256-instead-of-sha1", |secret, text| {
            STANDARD.encode(hmac_sha256(secret, text))
        });
        self.digest("sha256-instead-of-sha1", |secret, text| hex(&hmac_sha256(secret, text)));
    }
}

/// All subsets but the empty one, small ones first. Of more than seven names, only single ones,
/// and of those the first sixty-four: a client chooses how many headers it sends.
fn subsets(names: &[String]) -> Vec<Vec<&str>> {
    if names.len() > 7 {
        return names.iter().take(64).map(|name| vec![name.as_str()]).collect();
    }
    let mut masks: Vec<u8> = (1..1 << names.len()).collect();
    masks.sort_by_key(|mask| mask.count_ones());
    let chosen = |mask: u8| names.iter().enumerate().filter(move |(i, _)| mask >> i & 1 == 1);
    masks.into_iter().map(|mask| chosen(mask).map(|(_, name)| name.as_str()).collect()).collect()
}

fn old_string_to_sign(
    parts: &SignedParts,
    accept: &str,
    digest: &str,
    content_type: &str,
    encode: Encode,
) -> String {
    let is_date = |name: &str| name == "date" || name == "x-authing-date";
    let date = parts.headers.iter().find(|(name, _)| is_date(name));
    let date = date.map_or("", |(_, value)| value);
    let mut text = format!("{}\n{accept}{digest}{content_type}\n{date}\n", parts.method);
    for (name, value) in parts.headers.iter().filter(|(name, _)| !is_date(name)) {
        text.push_str(&format!("{name}:{value}\n"));
    }
    text + &resource(parts, Style { encode, ..PLAIN })
}

fn hmac_sha256(secret: &str, text: &str) -> Vec<u8> {
    mac::<Hmac<Sha256>>(secret.as_bytes(), text.as_bytes())
}

/// The parts with every secret in them shortened; bodies contain those of directories.
pub(crate) fn redacted(parts: &SignedParts, redactor: &Redactor) -> SignedParts {
    let mut parts = parts.clone();
    for (name, value) in &mut parts.headers {
        *value = redactor.value(name, value);
    }
    for (name, value) in &mut parts.members {
        redactor.json(name, value);
    }
    parts
}
