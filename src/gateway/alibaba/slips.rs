//! What clients get wrong when they sign: each slip is made here as well, to see whether
//! their signature then comes out.

use super::digest::{self, Algorithm};
use super::signature_v1::{self as v1, Encoder, Pairs, escaped, joined, sorted};
use super::signature_v3 as v3;
use crate::gateway::explain::Slip;
use crate::plan::AccessKey;
use crate::wire::Request;
use crate::wire::refusal::Signed;

/// Every cause that an explanation of this gateway may name, and what it means.
pub static CAUSES: &[(&str, &str)] = &[
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
    ("nonce-reused", "the nonce was used before: each request, a retry too, needs one of its own"),
    ("clock-skew", "the time stamp is too far from the server's clock"),
    ("local-time-as-utc", "the time stamp is off by a time zone: local time was sent as UTC"),
    ("token-not-sent", "a temporary key was used without its session token"),
    ("token-of-another-key", "the session token is not that of the key"),
    ("unknown-token", "the token is no key's"),
    ("wrong-vendor", "the credentials are of another vendor"),
    (
        "unsupported-algorithm",
        "the vendor knows this kind of signature, but this server can not check it",
    ),
];

pub fn meaning(cause: &str) -> &'static str {
    CAUSES.iter().find(|(name, _)| *name == cause).map_or("", |(_, meaning)| meaning)
}

/// Wrong ways to encode, the plain ones first: where several of them sign the same, the first
/// is named.
const ENCODERS: &[(&str, Encoder)] = &[
    ("plus-for-space", |text| escaped(text).replace("%20", "+")),
    ("lower-case-escapes", lower_case),
    ("asterisk-escaped-wrongly", |text| escaped(text).replace("%2A", "*")),
    ("tilde-escaped-wrongly", |text| escaped(text).replace('~', "%7E")),
    ("slash-not-escaped", |text| escaped(text).replace("%2F", "/")),
    // encodeURIComponent of JavaScript
    ("asterisk-escaped-wrongly", |text| {
        let kept = [("%2A", "*"), ("%21", "!"), ("%27", "'"), ("%28", "("), ("%29", ")")];
        kept.iter().fold(escaped(text), |text, (escape, sign)| text.replace(escape, sign))
    }),
    // java.net.URLEncoder
    ("plus-for-space", |text| {
        escaped(text).replace("%20", "+").replace("%2A", "*").replace('~', "%7E")
    }),
    ("unencoded-query", str::to_owned),
    ("double-encoded-query", |text| escaped(&escaped(text))),
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
    escaped(text).chars().map(lower).collect()
}

/// A cause, and the parameters that are signed by who makes the slip.
type Choice<Material> = (&'static str, fn(&Material) -> Pairs);

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

/// Other secrets than the key's, and what they are.
fn other_secrets(keys: &[AccessKey], place: usize) -> Vec<(String, String)> {
    let Some(key) = keys.get(place) else { return Vec::new() };
    let secret = key.secret.reveal();
    let others = keys.iter().enumerate().filter(|(other, _)| *other != place).map(|(_, other)| {
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

pub fn of_v1<'a>(
    material: &'a v1::Material,
    shown: &'a v1::Material,
    keys: &'a [AccessKey],
    place: usize,
) -> impl Iterator<Item = Slip> + use<'a> {
    let secret = keys.get(place).map_or("", |key| key.secret.reveal());
    let right = v1::Way::right;
    let mut ways: Vec<(&'static str, v1::Way)> = Vec::new();
    let mut add = |cause, way| ways.push((cause, way));

    add(
        "signature-not-url-encoded",
        v1::Way {
            sign: |key, text| digest::base64_sha1_mac(key, text).replace('+', " "),
            ..right()
        },
    );
    add("signature-as-hex", v1::Way { sign: digest::hex_sha1_mac, ..right() });
    add(
        "wrong-digest",
        v1::Way { sign: |key, text| Algorithm::Sha256.base64_mac(key, text), ..right() },
    );
    // The same encoder as a rule works on all levels, but for what is written down as `%2F`.
    for &(cause, encode) in ENCODERS {
        let path = format!("{}&", encode("/"));
        add(cause, v1::Way { inner: encode, outer: encode, path, ..right() });
        add(cause, v1::Way { inner: encode, outer: encode, ..right() });
        add(cause, v1::Way { inner: encode, ..right() });
        let cause = if cause == "unencoded-query" { "query-encoded-once" } else { cause };
        add(cause, v1::Way { outer: encode, ..right() });
    }
    let choices: [Choice<v1::Material>; 6] = [
        ("unsorted-query", v1::Material::all),
        ("unsorted-query", |material| in_any_case(material.all())),
        ("empty-value-dropped", |material| without_empty(material.all())),
        ("token-not-signed", |material| {
            sorted(material.all().into_iter().filter(|(name, _)| name != "SecurityToken").collect())
        }),
        ("form-not-signed", |material| sorted(material.query.clone())),
        ("query-not-signed", |material| sorted(material.form.clone())),
    ];
    for (cause, pairs) in choices {
        add(cause, v1::Way { pairs, ..right() });
    }
    for &method in METHODS {
        add("wrong-method", v1::Way { method, ..right() });
    }
    for path in ["&", ""] {
        add("signed-with-path-missing", v1::Way { path: path.to_owned(), ..right() });
    }

    let keyed = ways
        .into_iter()
        .map(move |(cause, way)| (cause, meaning(cause).to_owned(), way, format!("{secret}&")));
    let bare =
        ("missing-ampersand", meaning("missing-ampersand").to_owned(), right(), secret.to_owned());
    let others = other_secrets(keys, place)
        .into_iter()
        .map(move |(secret, detail)| ("wrong-secret", detail, right(), format!("{secret}&")));
    [bare].into_iter().chain(keyed).chain(others).map(|(cause, detail, way, key)| Slip {
        cause,
        detail,
        signature: (way.sign)(&key, &material.string_to_sign(&way)),
        signed: Signed { string_to_sign: shown.string_to_sign(&way), ..Signed::default() },
    })
}

pub fn of_v3<'a>(
    material: &'a v3::Material,
    shown: &'a v3::Material,
    keys: &'a [AccessKey],
    place: usize,
) -> impl Iterator<Item = Slip> + use<'a> {
    let secret = keys.get(place).map_or("", |key| key.secret.reveal());
    let right = v3::Way::right;
    let mut ways: Vec<(&'static str, v3::Way)> = Vec::new();
    let mut add = |cause, way| ways.push((cause, way));

    add(
        "hex-case",
        v3::Way {
            sign: |algorithm, key, text| algorithm.hex_mac(key, text).to_uppercase(),
            ..right()
        },
    );
    add("signature-as-base64", v3::Way { sign: Algorithm::base64_mac, ..right() });
    add(
        "host-without-port",
        v3::Way { headers: |m| sorted(with_host(m, without_port)), ..right() },
    );
    add(
        "host-with-port",
        v3::Way { headers: |m| sorted(with_host(m, |h| format!("{h}:80"))), ..right() },
    );
    add(
        "host-with-port",
        v3::Way { headers: |m| sorted(with_host(m, |h| format!("{h}:443"))), ..right() },
    );
    for &(cause, encode) in ENCODERS {
        add(cause, v3::Way { encode, ..right() });
    }
    let choices: [Choice<v3::Material>; 5] = [
        ("unsorted-query", |material| material.query.clone()),
        ("unsorted-query", |material| in_any_case(material.query.clone())),
        ("empty-value-dropped", |material| without_empty(material.query.clone())),
        ("query-signed-as-form", |_| Pairs::new()),
        ("form-signed-as-query", query_and_form),
    ];
    for (cause, pairs) in choices {
        add(cause, v3::Way { pairs, ..right() });
    }
    add(
        "form-signed-as-query",
        v3::Way { pairs: query_and_form, body_hash: empty_hash, ..right() },
    );
    add("body-hash-of-another-body", v3::Way { body_hash: empty_hash, ..right() });
    add("hex-case", v3::Way { body_hash: |m| m.body_hash.to_uppercase(), ..right() });
    for &method in METHODS {
        add("wrong-method", v3::Way { method, ..right() });
    }
    add("signed-with-path-missing", v3::Way { path: "", ..right() });
    add("blank-line-missing", v3::Way { blank_line: "", ..right() });
    add("unsorted-headers", v3::Way { headers: |m| m.headers.clone(), ..right() });
    // Signed in order, then named out of order.
    add(
        "unsorted-headers",
        v3::Way {
            signed_headers: |m| {
                let mut names: Vec<&str> = m.signed_headers.split(';').collect();
                names.sort_unstable();
                names.join(";")
            },
            ..right()
        },
    );
    add("canonical-request-not-hashed", v3::Way { hashed: false, ..right() });

    let keyed = ways
        .into_iter()
        .map(move |(cause, way)| (cause, meaning(cause).to_owned(), way, secret.to_owned()));
    let cause = "superfluous-ampersand";
    let and = (cause, meaning(cause).to_owned(), right(), format!("{secret}&"));
    let others = other_secrets(keys, place)
        .into_iter()
        .map(move |(secret, detail)| ("wrong-secret", detail, right(), secret));
    [and].into_iter().chain(keyed).chain(others).map(|(cause, detail, way, key)| Slip {
        cause,
        detail,
        signature: (way.sign)(material.algorithm, &key, &material.string_to_sign(&way)),
        signed: shown.signed(material, &way),
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

/// What may have been hashed instead of the body.
pub fn of_body_hash(
    material: &v3::Material,
    request: &Request,
    sent: &str,
) -> (&'static str, String) {
    let is = |bytes: &[u8]| material.algorithm.hash(bytes) == sent;
    let (query, plus) = (&material.query, ENCODERS[0].1);
    let as_form = [
        request.uri().query().unwrap_or_default().to_owned(),
        joined(query, escaped),
        joined(query, plus),
        joined(&sorted(query.clone()), escaped),
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
