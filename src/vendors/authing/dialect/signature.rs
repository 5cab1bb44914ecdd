//! `authing <id>:<signature>`: what is signed, and how.
//!
//! Rules of authing-node-sdk 4.0.1 (run; every captured signature is reproduced but one, which
//! signs a parameter that it does not send). The C# and older Java SDKs follow them, too (source).

use std::cmp::Ordering;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::Hmac;
use percent_encoding::{AsciiSet, utf8_percent_encode};
use serde_json::{Map, Number, Value};
use sha1::Sha1;

use crate::engine::credentials::is_same_signature;
use crate::wire::digest::mac;
use crate::wire::{Arguments, Request, UNRESERVED_ONLY, percent_encoded};

/// The parts of a request that its signature covers.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct SignedParts {
    pub(crate) method: String,
    pub(crate) path: String,
    /// `x-authing-*` and `date`, by name.
    pub(crate) headers: Vec<(String, String)>,
    /// Parameters of the query, or members of the body, as sent.
    pub(crate) members: Vec<(String, Value)>,
}

impl SignedParts {
    /// None if there is a body that is not a JSON object: what the client signed is unknown then.
    pub(crate) fn new(request: &Request, arguments: &Arguments) -> Option<Self> {
        let members = if request.method() == http::Method::GET {
            query(arguments)
        } else if request.body().is_empty() {
            Vec::new()
        } else {
            let body: Map<String, Value> = serde_json::from_slice(request.body()).ok()?;
            body.into_iter().collect()
        };
        let mut headers: Vec<(String, String)> = Vec::new();
        for name in request.headers().keys().map(|name| name.as_str()) {
            if name == "date" || name.starts_with("x-authing-") {
                let values: Vec<String> =
                    request.headers().get_all(name).iter().map(header_text).collect();
                headers.push((name.to_owned(), values.join(", ")));
            }
        }
        headers.sort();
        Some(Self {
            method: request.method().to_string(),
            path: request.uri().path().to_owned(),
            headers,
            members,
        })
    }
}

/// Line ends, tabs and form feeds become spaces (node, source).
pub(crate) fn header_text(value: &http::HeaderValue) -> String {
    let text = String::from_utf8_lossy(value.as_bytes());
    text.replace(['\t', '\r', '\n', '\u{c}'], " ").trim().to_owned()
}

/// An array is sent as `status[]=A&status[]=B` (node, run), or as its name again and again.
fn query(arguments: &Arguments) -> Vec<(String, Value)> {
    let mut members: Map<String, Value> = Map::new();
    for (name, text) in arguments.iter() {
        let (name, listed) = match name.strip_suffix("[]") {
            Some(name) => (name, true),
            None => (name, false),
        };
        let value = Value::from(text);
        match members.get_mut(name) {
            Some(Value::Array(values)) => values.push(value),
            Some(first) => *first = Value::Array(vec![first.take(), value]),
            None if listed => drop(members.insert(name.to_owned(), Value::Array(vec![value]))),
            None => drop(members.insert(name.to_owned(), value)),
        }
    }
    members.into_iter().collect()
}

/// How the resource is written. The default is the SDKs' way; the others are other SDKs' ways or
/// mistakes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Style {
    /// A `?` even if nothing follows it.
    pub(crate) mark: bool,
    pub(crate) unsorted: bool,
    pub(crate) lists: Lists,
    pub(crate) nested: Nested,
    pub(crate) encode: Encode,
    /// Only the name if the value is empty.
    pub(crate) bare_empty: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Lists {
    /// `status=["A","B"]`
    #[default]
    Json,
    /// `ids=[1,2]`: the query does not tell numbers from texts.
    Unquoted,
    /// `types=[A, B]`
    Java,
    /// `status[]=A&status[]=B`
    Brackets,
    /// `status=A&status=B`
    Repeated,
}

/// The encoding inside a member.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Nested {
    /// Compact, in the order of the body, as `JSON.stringify` has it.
    #[default]
    AsSent,
    Sorted,
    /// `{"a": 1}`
    Spaced,
    /// `\u4e2d`
    Escaped,
    SpacedEscaped,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Encode {
    #[default]
    None,
    /// RFC 3986, as in most languages.
    Strict,
    /// `encodeURIComponent`
    Component,
    /// `encodeURI`
    Uri,
    /// A space is `+`.
    Form,
}

const COMPONENT: &AsciiSet =
    &UNRESERVED_ONLY.remove(b'!').remove(b'*').remove(b'\'').remove(b'(').remove(b')');
const URI: &AsciiSet = &COMPONENT
    .remove(b';')
    .remove(b',')
    .remove(b'/')
    .remove(b'?')
    .remove(b':')
    .remove(b'@')
    .remove(b'&')
    .remove(b'=')
    .remove(b'+')
    .remove(b'$')
    .remove(b'#');

/// The ways in which the SDKs write this request.
pub(crate) fn accepted(parts: &SignedParts) -> Vec<Style> {
    let plain = Style::default();
    let mut styles = vec![plain];
    // Without parameters the resource ends in `?` if they were undefined, and does not if
    // there were none (node, run).
    if parts.members.is_empty() {
        styles.push(Style { mark: true, ..plain });
    }
    let unquoted = |value: &Value| value.as_str().is_some_and(is_unquoted);
    let ambiguous = |(_, value): &(String, Value)| {
        value.as_array().is_some_and(|values| values.iter().all(unquoted))
    };
    if parts.method == "GET" && parts.members.iter().any(ambiguous) {
        styles.push(Style { lists: Lists::Unquoted, ..plain });
    }
    // Java up to 3.1.3 (source).
    let java = |(name, value): &(String, String)| {
        name == "x-authing-sdk-version" && value.starts_with("authing-java-sdk")
    };
    if parts.headers.iter().any(java) {
        styles.push(Style { lists: Lists::Java, bare_empty: true, ..plain });
    }
    styles
}

fn is_unquoted(text: &str) -> bool {
    matches!(text, "true" | "false") || text.parse::<Number>().is_ok()
}

/// Lines end in `\n`; the last has none.
pub(crate) fn string_to_sign(parts: &SignedParts, style: Style) -> String {
    let mut text = format!("{}\n", parts.method);
    for (name, value) in &parts.headers {
        text.push_str(&format!("{name}:{value}\n"));
    }
    text.push_str(&resource(parts, style));
    text
}

pub(crate) fn resource(parts: &SignedParts, style: Style) -> String {
    let mut members: Vec<&(String, Value)> = parts.members.iter().collect();
    if !style.unsorted {
        members.sort_by(|(a, _), (b, _)| utf16_order(a, b));
    }
    let mut pairs = Vec::new();
    for (name, value) in members {
        match (value, style.lists) {
            (Value::Array(values), Lists::Brackets | Lists::Repeated) => {
                let brackets = if style.lists == Lists::Brackets { "[]" } else { "" };
                let name = encode(format!("{name}{brackets}"), style.encode);
                let text = |value| encode(member_text(value, style), style.encode);
                pairs.extend(values.iter().map(|value| format!("{name}={}", text(value))));
            }
            _ => {
                let name = encode(name.clone(), style.encode);
                let text = encode(member_text(value, style), style.encode);
                let equals = if style.bare_empty && text.is_empty() { "" } else { "=" };
                pairs.push(format!("{name}{equals}{text}"));
            }
        }
    }
    let mark = if pairs.is_empty() && !style.mark { "" } else { "?" };
    format!("{}{mark}{}", parts.path, pairs.join("&"))
}

/// JavaScript sorts texts by their UTF-16 code units.
fn utf16_order(a: &str, b: &str) -> Ordering {
    a.encode_utf16().cmp(b.encode_utf16())
}

/// Text without quotes, everything else as JSON.
fn member_text(value: &Value, style: Style) -> String {
    match (value, style.lists) {
        (Value::String(text), _) => text.clone(),
        (Value::Array(values), Lists::Java) if values.iter().all(Value::is_string) => {
            let texts: Vec<&str> = values.iter().filter_map(Value::as_str).collect();
            format!("[{}]", texts.join(", "))
        }
        (Value::Array(values), Lists::Unquoted) => {
            let unquoted: Vec<String> = values
                .iter()
                .map(|value| match value.as_str() {
                    Some(text) if is_unquoted(text) => text.to_owned(),
                    _ => json_text(value, style.nested),
                })
                .collect();
            format!("[{}]", unquoted.join(","))
        }
        _ => json_text(value, style.nested),
    }
}

fn json_text(value: &Value, nested: Nested) -> String {
    let spaced = matches!(nested, Nested::Spaced | Nested::SpacedEscaped);
    let (comma, colon) = if spaced { (", ", ": ") } else { (",", ":") };
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Number(number) => number_text(number),
        Value::String(text) => quoted(text, nested),
        Value::Array(values) => {
            let texts: Vec<String> = values.iter().map(|value| json_text(value, nested)).collect();
            format!("[{}]", texts.join(comma))
        }
        Value::Object(members) => {
            let mut members: Vec<(&String, &Value)> = members.iter().collect();
            if nested == Nested::Sorted {
                members.sort_by(|(a, _), (b, _)| utf16_order(a, b));
            }
            let texts: Vec<String> = members
                .into_iter()
                .map(|(name, value)| {
                    format!("{}{colon}{}", quoted(name, nested), json_text(value, nested))
                })
                .collect();
            format!("{{{}}}", texts.join(comma))
        }
    }
}

fn quoted(text: &str, nested: Nested) -> String {
    let json = Value::from(text).to_string();
    if !matches!(nested, Nested::Escaped | Nested::SpacedEscaped) {
        return json;
    }
    let mut out = String::new();
    for c in json.chars() {
        if c.is_ascii() {
            out.push(c);
        } else {
            for unit in c.encode_utf16(&mut [0; 2]) {
                out.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    out
}

/// As JavaScript writes numbers (ECMA-262, Number::toString). Whole numbers beyond its precision
/// come from other languages, and stay as they are.
fn number_text(number: &Number) -> String {
    let Some(float) = number.as_f64().filter(|_| number.is_f64()) else {
        return number.to_string();
    };
    // The shortest digits that read back as the same number, as in JavaScript.
    let scientific = format!("{:e}", float.abs());
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let sign = if float < 0.0 { "-" } else { "" };
    if (-6..21).contains(&exponent) {
        return format!("{sign}{}", float.abs());
    }
    let plus = if exponent < 0 { "" } else { "+" };
    format!("{sign}{digits}e{plus}{exponent}")
}

fn encode(text: String, encode: Encode) -> String {
    match encode {
        Encode::None => text,
        Encode::Strict => percent_encoded(&text),
        Encode::Component => utf8_percent_encode(&text, COMPONENT).to_string(),
        Encode::Uri => utf8_percent_encode(&text, URI).to_string(),
        Encode::Form => percent_encoded(&text).replace("%20", "+"),
    }
}

pub(crate) fn hmac_sha1(secret: &str, text: &str) -> Vec<u8> {
    mac::<Hmac<Sha1>>(secret.as_bytes(), text.as_bytes())
}

pub(crate) fn sign(secret: &str, text: &str) -> String {
    STANDARD.encode(hmac_sha1(secret, text))
}

/// Whether an SDK makes this signature for these parts.
pub(crate) fn verifies(parts: &SignedParts, secret: &str, sent: &str) -> bool {
    accepted(parts)
        .into_iter()
        .any(|style| is_same_signature(&sign(secret, &string_to_sign(parts, style)), sent))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn numbers_are_written_as_javascript_writes_them() {
        for (sent, text) in [
            ("1000", "1000"),
            ("1.0", "1"),
            ("-0", "0"),
            ("1e21", "1e+21"),
            ("100000000000000000000", "100000000000000000000"),
            ("1.5e300", "1.5e+300"),
            ("0.000001", "0.000001"),
            ("1e-7", "1e-7"),
            ("-2.5e-9", "-2.5e-9"),
            ("0.1", "0.1"),
        ] {
            let value: Value = serde_json::from_str(sent).unwrap();
            assert_eq!(json_text(&value, Nested::AsSent), text, "{sent}");
        }
    }

    #[test]
    fn java_drops_the_equals_sign_of_empty_values_and_the_quotes_of_lists() {
        let parts = |sdk: &str| SignedParts {
            method: "POST".into(),
            path: "/p".into(),
            headers: vec![("x-authing-sdk-version".into(), sdk.into())],
            members: vec![("b".into(), json!(["A", "B"])), ("a".into(), json!(""))],
        };
        let of = |parts: &SignedParts, text: &str| {
            accepted(parts).into_iter().any(|style| resource(parts, style) == text)
        };
        assert!(of(&parts("authing-java-sdk:3.1.3"), "/p?a&b=[A, B]"));
        assert!(!of(&parts("authing-node-sdk:4.0.1"), "/p?a&b=[A, B]"));
    }

    /// The vendor's SDK on fixed inputs.
    const VECTORS: &str =
        include_str!("../../../../fixtures/authing/authing-signature-vectors.json");

    /// A request whose string to sign is the given one. In a vector, only arrays and objects
    /// of values begin with brackets.
    fn request_of(string_to_sign: &str) -> Request {
        let mut lines: Vec<&str> = string_to_sign.split('\n').collect();
        let resource = lines.pop().unwrap();
        let (path, pairs) = resource.split_once('?').unwrap_or((resource, ""));
        let pairs = pairs.split('&').filter_map(|pair| pair.split_once('='));
        let mut query = Vec::new();
        let mut body = Map::new();
        for (name, text) in pairs {
            let value: Value = serde_json::from_str(text).unwrap_or_else(|_| json!(text));
            match &value {
                Value::Array(values) => query.extend(
                    values.iter().map(|v| format!("{name}%5B%5D={}", v.as_str().unwrap_or(""))),
                ),
                _ => query.push(format!("{name}={text}")),
            }
            body.insert(name.to_owned(), value);
        }
        let get = lines[0] == "GET";
        let uri = if get && !query.is_empty() {
            format!("{path}?{}", query.join("&"))
        } else {
            path.to_owned()
        };
        let mut request = http::Request::builder().method(lines[0]).uri(uri);
        for line in &lines[1..] {
            let (name, value) = line.split_once(':').unwrap();
            request = request.header(name, value);
        }
        let body = if get { Vec::new() } else { serde_json::to_vec(&body).unwrap() };
        request.body(body.into()).unwrap()
    }

    fn verified(request: &Request, secret: &str, signature: &str) -> bool {
        SignedParts::new(request, &Arguments::of(request))
            .is_some_and(|parts| verifies(&parts, secret, signature))
    }

    #[test]
    fn the_vectors_of_the_vendors_sdk_verify() {
        let file: Value = serde_json::from_str(VECTORS).unwrap();
        let secret = file["accessKeySecret"].as_str().unwrap();
        let vectors = file["vectors"].as_array().unwrap();
        assert_eq!(vectors.len(), 6);
        for vector in vectors {
            let text = vector["string_to_sign"].as_str().unwrap();
            let authorization = vector["authorization"].as_str().unwrap();
            let signature = authorization.rsplit_once(':').unwrap().1;
            assert_eq!(sign(secret, text), signature, "{}", vector["case"]);
            assert!(verified(&request_of(text), secret, signature), "{}", vector["case"]);
        }
    }

    pub(crate) const CAPTURES: &str =
        include_str!("../../../../fixtures/authing/requests/node-4.0.1.http");
    pub(crate) const SECRET: &str = "fakesecret0123456789abcdef012345";

    /// Title, request and signature of each.
    fn captures() -> Vec<(String, Request, String)> {
        let mut found = Vec::new();
        for capture in CAPTURES.split("\n### ").skip(1) {
            let (head, body) = capture.split_once("\n\n").unwrap_or((capture, ""));
            let mut lines = head.lines();
            let title = lines.next().unwrap().to_owned();
            let mut first = lines.next().unwrap().split(' ');
            let mut request =
                http::Request::builder().method(first.next().unwrap()).uri(first.next().unwrap());
            let mut signature = String::new();
            for line in lines {
                let (name, value) = line.split_once(": ").unwrap();
                if name == "authorization" {
                    signature = value.rsplit_once(':').unwrap().1.to_owned();
                }
                request = request.header(name, value);
            }
            found.push((title, request.body(body.trim().to_owned().into()).unwrap(), signature));
        }
        found
    }

    #[test]
    fn every_captured_signature_verifies_but_the_one_of_a_parameter_that_was_not_sent() {
        let captures = captures();
        let bad: Vec<&str> = captures
            .iter()
            .filter(|(_, request, signature)| !verified(request, SECRET, signature))
            .map(|(title, _, _)| title.as_str())
            .collect();
        assert_eq!(captures.len(), 18);
        assert!(bad.len() == 1 && bad[0].contains("syncTrigger:null"), "{bad:?}");
    }

    /// Flips a bit of the text; None if it is no longer text.
    fn flipped(text: &str, bit: usize) -> Option<String> {
        let mut bytes = text.as_bytes().to_vec();
        let len = bytes.len() * 8;
        if len == 0 {
            return None;
        }
        bytes[bit % len / 8] ^= 1 << (bit % 8);
        String::from_utf8(bytes).ok()
    }

    proptest! {
        #[test]
        fn a_flipped_bit_in_a_signed_part_never_verifies(
            which: prop::sample::Index, part in 0..5usize, at: prop::sample::Index, bit: usize,
        ) {
            let captures = captures();
            let (_, request, signature) = which.get(&captures);
            let mut parts = SignedParts::new(request, &Arguments::of(request)).unwrap();
            let before = (parts.clone(), signature.clone());
            let mut signature = signature.clone();
            match part {
                0 => parts.method = flipped(&parts.method, bit).unwrap_or_default(),
                1 => parts.path = flipped(&parts.path, bit).unwrap_or_default(),
                2 => {
                    let header = at.index(parts.headers.len());
                    let value = &mut parts.headers[header].1;
                    *value = flipped(value, bit).unwrap_or_default();
                }
                3 if !parts.members.is_empty() => {
                    let member = at.index(parts.members.len());
                    let (name, value) = &mut parts.members[member];
                    let text = value.to_string();
                    let changed = flipped(&text, bit).and_then(|t| serde_json::from_str(&t).ok());
                    match changed {
                        Some(changed) => *value = changed,
                        None => *name = flipped(name, bit).unwrap_or_default(),
                    }
                }
                _ => signature = flipped(&signature, bit).unwrap_or_default(),
            }
            prop_assume!(before != (parts.clone(), signature.clone()));
            prop_assert!(!verifies(&parts, SECRET, &signature));
        }

        #[test]
        fn a_flipped_bit_in_a_body_never_verifies(which: prop::sample::Index, bit: usize) {
            let captures: Vec<_> =
                captures().into_iter().filter(|(_, r, _)| !r.body().is_empty()).collect();
            let (_, request, signature) = which.get(&captures);
            let mut body = request.body().to_vec();
            let bit = bit % (body.len() * 8);
            body[bit / 8] ^= 1 << (bit % 8);
            let (head, _) = request.clone().into_parts();
            prop_assert!(!verified(&Request::from_parts(head, body.into()), SECRET, signature));
        }
    }
}
