//! The mistakes that clients make when they sign. Each is made here as well: if it reproduces the
//! client's signature, it is the cause.

use super::digest::{self, Algorithm};
use super::signature_v1::{self as v1, Encoder, Pairs, joined, sorted};
use super::signature_v3 as v3;
use crate::engine::diagnosis::{SigningMistake, TOO_LARGE};
use crate::scenario::access::AccessKey;
use crate::wire::error::Signed;
use crate::wire::{Request, percent_encoded};

/// Every cause that a diagnosis of this gateway may name, and what it means.
pub(crate) const CAUSES: &[(&str, &str)] = &[
    ("missing-ampersand", "the key of a V1 signature is the secret and an & after it"),
    (
        "superfluous-ampersand",
        "the key of a V3 signature is the secret alone, without an & after it",
    ),
    (
        "unsorted-query",
        "the parameters have to be signed in the order of their names, byte by byte",
    ),
    ("unencoded-query", "names and values have to be percent-encoded before they are signed"),
    ("query-encoded-once", "V1 encodes the joined parameters once more"),
    ("double-encoded-query", "names and values were percent-encoded once too often"),
    ("plus-for-space", "a space is signed as %20, not as +"),
    ("lower-case-escapes", "percent escapes are signed in upper case: %2F, not %2f"),
    ("asterisk-escaped-wrongly", "an asterisk is signed as %2A"),
    ("tilde-escaped-wrongly", "a tilde is signed as it is, not as %7E"),
    ("slash-not-escaped", "a slash in a parameter is signed as %2F"),
    ("empty-value-dropped", "parameters with an empty value are signed, too"),
    ("token-not-signed", "SecurityToken is one of the signed parameters"),
    ("form-not-signed", "V1 signs the parameters of a form, too"),
    ("query-not-signed", "V1 signs the parameters of the URL, too"),
    (
        "query-signed-as-form",
        "V3 signs the parameters of the URL as the canonical query, not as a body",
    ),
    (
        "form-signed-as-query",
        "V3 signs a form as the body it is; only the URL's parameters are the canonical query",
    ),
    ("wrong-method", "another HTTP method was signed than the one sent"),
    ("signed-with-path-missing", "the path / is signed, too (%2F in V1)"),
    ("host-without-port", "the host is signed as it is sent, with its port"),
    ("host-with-port", "the host is signed as it is sent, here without a port"),
    ("header-signed-not-sent", "a header is named in SignedHeaders that was not received"),
    ("header-not-signed", "host and every x-acs-* header have to be in SignedHeaders"),
    ("unsorted-headers", "the signed headers have to be in the order of their names"),
    ("blank-line-missing", "an empty line follows the canonical headers"),
    (
        "body-hash-of-another-body",
        "x-acs-content-sha256 is not the hash of the body that was received",
    ),
    (
        "canonical-request-not-hashed",
        "the string to sign has the hash of the canonical request, not the request",
    ),
    ("hex-case", "hexadecimal digits are in lower case"),
    ("signature-as-hex", "a V1 signature is Base64, not hexadecimal digits"),
    ("signature-as-base64", "a V3 signature is hexadecimal digits, not Base64"),
    ("signature-not-url-encoded", "a + in the Signature parameter has to be sent as %2B"),
    ("wrong-digest", "V1 signs with HMAC-SHA1"),
    ("wrong-secret", "the secret is not that of the key"),
    TOO_LARGE,
    ("nonce-reused", "the nonce was used before: each request, a retry too, needs one of its own"),
    ("clock-skew", "the time stamp is too far from the server's clock"),
    ("local-time-as-utc", "the time stamp is off by a time zone: local time was sent as UTC"),
    ("token-not-sent", "a temporary key was used without its session token"),
    ("token-of-another-key", "the session token is not that of the key"),
    ("unknown-token", "the token is no key's"),
    ("wrong-vendor", "the credentials are of another vendor"),
    (
        "unsupported-algorithm",
        "the vendor knows this kind of signature, but this server cannot check it",
    ),
];

pub(crate) fn meaning(cause: &str) -> &'static str {
    CAUSES.iter().find(|(name, _)| *name == cause).map_or("", |(_, meaning)| meaning)
}

/// Wrong ways to encode, the simple ones first: if several give the same signature, the first is
/// named.
const ENCODERS: &[(&str, Encoder)] = &[
    ("plus-for-space", |text| percent_encoded(text).replace("%20", "+")),
    ("lower-case-escapes", lower_case),
    ("asterisk-escaped-wrongly", |text| percent_encoded(text).replace("%2A", "*")),
    ("tilde-escaped-wrongly", |text| percent_encoded(text).replace('~', "%7E")),
    ("slash-not-escaped", |text| percent_encoded(text).replace("%2F", "/")),
    // encodeURIComponent of JavaScript
    ("asterisk-escaped-wrongly", |text| {
        let kept = [("%2A", "*"), ("%21", "!"), ("%27", "'"), ("%28", "("), ("%29", ")")];
        kept.iter().fold(percent_encoded(text), |text, (escape, sign)| text.replace(escape, sign))
    }),
    // java.net.URLEncoder
    ("plus-for-space", |text| {
        percent_encoded(text).replace("%20", "+").replace("%2A", "*").replace('~', "%7E")
    }),
    ("unencoded-query", str::to_owned),
    ("double-encoded-query", |text| percent_encoded(&percent_encoded(text))),
];

fn lower_case(text: &str) -> String {
    let mut left = 0;
    let lower = |c: char| match c {
        '%' => {
            left = 2;
            c
        }
        _ if left > 0 => {
            left -= 1;
            c.to_ascii_lowercase()
        }
        _ => c,
    };
    percent_encoded(text).chars().map(lower).collect()
}

/// A cause, and the parameters that a client with this mistake signs.
type SignedParameters<Material> = (&'static str, fn(&Material) -> Pairs);

fn in_any_case(mut pairs: Pairs) -> Pairs {
    pairs.sort_by_key(|(name, _)| name.to_lowercase());
    pairs
}

fn without_empty(pairs: Pairs) -> Pairs {
    sorted(pairs.into_iter().filter(|(_, value)| !value.is_empty()).collect())
}

const METHODS: &[fn(&str) -> String] = &[
    |_| "GET".to_owned(),
    |_| "POST".to_owned(),
    |_| "PUT".to_owned(),
    |method| method.to_lowercase(),
];

/// Secrets that the client may have used instead of the key's, and what they are.
fn other_secrets(keys: &[AccessKey], key: &AccessKey) -> Vec<(String, String)> {
    let secret = key.secret.reveal();
    let others = keys.iter().filter(|other| other.id != key.id).map(|other| {
        let detail =
            format!("the request names {}, but is signed with the secret of {}", key.id, other.id);
        (other.secret.reveal().to_owned(), detail)
    });
    let spaced = ["\n", "\r\n", " ", "\t"].map(|end| format!("{secret}{end}"));
    let blank = spaced
        .into_iter()
        .chain([format!(" {secret}"), secret.trim().to_owned()])
        .map(|text| (text, "the secret has white space before or after it".to_owned()));
    let id = (key.id.clone(), "the access key id was taken for the secret".to_owned());
    others.chain(blank).chain([id]).collect()
}

pub(crate) fn v1_mistakes<'a>(
    material: &'a v1::Material,
    shown: &'a v1::Material,
    keys: &'a [AccessKey],
    key: &'a AccessKey,
) -> impl Iterator<Item = SigningMistake<'a>> + use<'a> {
    let secret = key.secret.reveal();
    let correct = v1::Signer::correct;
    let mut signers: Vec<(&'static str, v1::Signer)> = Vec::new();
    let mut add = |cause, signer| signers.push((cause, signer));

    add(
        "signature-not-url-encoded",
        v1::Signer {
            sign: |key, text| digest::base64_sha1_mac(key, text).replace('+', " "),
            ..correct()
        },
    );
    add("signature-as-hex", v1::Signer { sign: digest::hex_sha1_mac, ..correct() });
    add(
        "wrong-digest",
        v1::Signer { sign: |key, text| Algorithm::Sha256.base64_mac(key, text), ..correct() },
    );
    // A client usually has one encoder for all levels, but may have the path as a literal `%2F`.
    for &(cause, encode) in ENCODERS {
        let path = format!("{}&", encode("/"));
        add(cause, v1::Signer { inner: encode, outer: encode, path, ..correct() });
        add(cause, v1::Signer { inner: encode, outer: encode, ..correct() });
        add(cause, v1::Signer { inner: encode, ..correct() });
        let cause = if cause == "unencoded-query" { "query-encoded-once" } else { cause };
        add(cause, v1::Signer { outer: encode, ..correct() });
    }
    let selections: [SignedParameters<v1::Material>; 6] = [
        ("unsorted-query", v1::Material::all),
        ("unsorted-query", |material| in_any_case(material.all())),
        ("empty-value-dropped", |material| without_empty(material.all())),
        ("token-not-signed", |material| {
            sorted(material.all().into_iter().filter(|(name, _)| name != "SecurityToken").collect())
        }),
        ("form-not-signed", |material| sorted(material.query.clone())),
        ("query-not-signed", |material| sorted(material.form.clone())),
    ];
    for (cause, pairs) in selections {
        add(cause, v1::Signer { pairs, ..correct() });
    }
    for &method in METHODS {
        add("wrong-method", v1::Signer { method, ..correct() });
    }
    for path in ["&", ""] {
        add("signed-with-path-missing", v1::Signer { path: path.to_owned(), ..correct() });
    }

    let keyed = signers.into_iter().map(move |(cause, signer)| {
        (cause, meaning(cause).to_owned(), signer, format!("{secret}&"))
    });
    let bare = (
        "missing-ampersand",
        meaning("missing-ampersand").to_owned(),
        correct(),
        secret.to_owned(),
    );
    let others = other_secrets(keys, key)
        .into_iter()
        .map(move |(secret, detail)| ("wrong-secret", detail, correct(), format!("{secret}&")));
    [bare].into_iter().chain(keyed).chain(others).map(move |(cause, detail, signer, key)| {
        SigningMistake {
            cause,
            detail,
            signature: (signer.sign)(&key, &material.string_to_sign(&signer)),
            signed: Box::new(move || Signed {
                string_to_sign: shown.string_to_sign(&signer),
                ..Signed::default()
            }),
        }
    })
}

pub(crate) fn v3_mistakes<'a>(
    material: &'a v3::Material,
    shown: &'a v3::Material,
    keys: &'a [AccessKey],
    key: &'a AccessKey,
) -> impl Iterator<Item = SigningMistake<'a>> + use<'a> {
    let secret = key.secret.reveal();
    let correct = v3::Signer::correct;
    let mut signers: Vec<(&'static str, v3::Signer)> = Vec::new();
    let mut add = |cause, signer| signers.push((cause, signer));

    add(
        "hex-case",
        v3::Signer {
            sign: |algorithm, key, text| algorithm.hex_mac(key, text).to_uppercase(),
            ..correct()
        },
    );
    add("signature-as-base64", v3::Signer { sign: Algorithm::base64_mac, ..correct() });
    add(
        "host-without-port",
        v3::Signer { headers: |m| sorted(with_host(m, without_port)), ..correct() },
    );
    add(
        "host-with-port",
        v3::Signer { headers: |m| sorted(with_host(m, |h| format!("{h}:80"))), ..correct() },
    );
    add(
        "host-with-port",
        v3::Signer { headers: |m| sorted(with_host(m, |h| format!("{h}:443"))), ..correct() },
    );
    for &(cause, encode) in ENCODERS {
        add(cause, v3::Signer { encode, ..correct() });
    }
    let selections: [SignedParameters<v3::Material>; 5] = [
        ("unsorted-query", |material| material.query.clone()),
        ("unsorted-query", |material| in_any_case(material.query.clone())),
        ("empty-value-dropped", |material| without_empty(material.query.clone())),
        ("query-signed-as-form", |_| Pairs::new()),
        ("form-signed-as-query", query_and_form),
    ];
    for (cause, pairs) in selections {
        add(cause, v3::Signer { pairs, ..correct() });
    }
    add(
        "form-signed-as-query",
        v3::Signer { pairs: query_and_form, body_hash: empty_hash, ..correct() },
    );
    add("body-hash-of-another-body", v3::Signer { body_hash: empty_hash, ..correct() });
    add("hex-case", v3::Signer { body_hash: |m| m.body_hash.to_uppercase(), ..correct() });
    for &method in METHODS {
        add("wrong-method", v3::Signer { method, ..correct() });
    }
    add("signed-with-path-missing", v3::Signer { path: "", ..correct() });
    add("blank-line-missing", v3::Signer { blank_line: "", ..correct() });
    add("unsorted-headers", v3::Signer { headers: |m| m.headers.clone(), ..correct() });
    // Signed in order, then named out of order.
    add(
        "unsorted-headers",
        v3::Signer {
            signed_headers: |m| {
                let mut names: Vec<&str> = m.signed_headers.split(';').collect();
                names.sort_unstable();
                names.join(";")
            },
            ..correct()
        },
    );
    add("canonical-request-not-hashed", v3::Signer { hashed: false, ..correct() });

    let keyed = signers
        .into_iter()
        .map(move |(cause, signer)| (cause, meaning(cause).to_owned(), signer, secret.to_owned()));
    let cause = "superfluous-ampersand";
    let and = (cause, meaning(cause).to_owned(), correct(), format!("{secret}&"));
    let others = other_secrets(keys, key)
        .into_iter()
        .map(move |(secret, detail)| ("wrong-secret", detail, correct(), secret));
    [and].into_iter().chain(keyed).chain(others).map(move |(cause, detail, signer, key)| {
        SigningMistake {
            cause,
            detail,
            signature: (signer.sign)(material.algorithm, &key, &material.string_to_sign(&signer)),
            signed: Box::new(move || shown.signed(material, &signer)),
        }
    })
}

fn query_and_form(material: &v3::Material) -> Pairs {
    sorted(material.query.iter().chain(&material.form).cloned().collect())
}

fn with_host(material: &v3::Material, change: fn(&str) -> String) -> Pairs {
    let changed = |(name, value): &(String, String)| {
        let value = if name == "host" { change(value) } else { value.clone() };
        (name.clone(), value)
    };
    material.headers.iter().map(changed).collect()
}

fn without_port(host: &str) -> String {
    host.rsplit_once(':').map_or(host, |(name, _)| name).to_owned()
}

fn empty_hash(material: &v3::Material) -> String {
    material.algorithm.hash(b"")
}

/// The probable input of the hash instead of the body: the cause, and the cause in a sentence.
pub(crate) fn diagnose_body_hash(
    material: &v3::Material,
    request: &Request,
    sent: &str,
) -> (&'static str, String) {
    let is = |bytes: &[u8]| material.algorithm.hash(bytes) == sent;
    let (query, plus) = (&material.query, ENCODERS[0].1);
    let as_form = [
        request.uri().query().unwrap_or_default().to_owned(),
        joined(query, percent_encoded),
        joined(query, plus),
        joined(&sorted(query.clone()), percent_encoded),
        joined(&sorted(query.clone()), plus),
    ];
    let body = request.body();
    let as_sent = |what: &str| format!("{}: {what}", meaning("body-hash-of-another-body"));
    if sent.eq_ignore_ascii_case(&material.body_hash) {
        ("hex-case", meaning("hex-case").to_owned())
    } else if !query.is_empty() && as_form.iter().any(|form| is(form.as_bytes())) {
        let cause = "query-signed-as-form";
        (cause, meaning(cause).to_owned())
    } else if is(b"") {
        let cause = if material.form.is_empty() {
            "body-hash-of-another-body"
        } else {
            "form-signed-as-query"
        };
        (cause, as_sent("it is that of an empty body"))
    } else if is(&[&body[..], b"\n"].concat()) || is(body.trim_ascii_end()) {
        ("body-hash-of-another-body", as_sent("white space at its end makes the difference"))
    } else {
        ("body-hash-of-another-body", as_sent("it is of neither this body nor an empty one"))
    }
}
