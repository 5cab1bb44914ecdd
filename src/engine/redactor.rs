//! Shortens passwords, tokens, signatures and secrets to their first four characters, wherever a
//! request is shown.

use std::sync::Arc;

use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::call::RoutedCall;
use crate::scenario::SecretTexts;
use crate::scenario::access::shortened;
use crate::wire::{field, header, percent_encoded};

/// Names of headers and parameters whose values are the request's credentials, in lower case.
const CREDENTIALS: [&str; 12] = [
    "accesskeysecret",
    "authorization",
    "bearertoken",
    "cookie",
    "proxy-authorization",
    "securitytoken",
    "signature",
    "x-acs-bearer-token",
    "x-acs-security-token",
    "x-acs-zero-trust-idtoken",
    "x-auth-token",
    "x-security-token",
];

/// A name that contains one of these has a secret value, on any operation of any vendor. Every
/// directory has its own names for the keys inside Authing's `clientConfig`.
const SECRET_WORDS: [&str; 6] =
    ["password", "passwd", "secret", "token", "credential", "clientconfig"];

/// Names that contain one of the words, but whose values are no secrets: positions in a list,
/// keys of idempotency, and the kind of a client's credentials.
const OPEN_NAMES: [&str; 5] =
    ["nexttoken", "previoustoken", "pagetoken", "clienttoken", "x-acs-credentials-provider"];

/// Knows the credentials of one request and of the scenario.
pub(crate) struct Redactor {
    /// The scenario's.
    secrets: Arc<SecretTexts>,
    /// The request's, a few. All are hidden wherever they appear: a token may be sent under another
    /// name, too.
    texts: Vec<String>,
}

impl Redactor {
    pub(crate) fn new(call: &RoutedCall<'_>) -> Self {
        let request = call.context.request;
        let headers = CREDENTIALS.iter().filter_map(|name| header(request, name));
        let signature = header(request, "authorization").and_then(|a| field(a, "Signature"));
        // One value for each name, so that a request cannot make the search quadratic.
        let parameters = CREDENTIALS.iter().filter_map(|credential| {
            let mut arguments = call.arguments.iter();
            arguments.find(|(name, _)| name.eq_ignore_ascii_case(credential)).map(|(_, v)| v)
        });
        let mut texts: Vec<String> = headers
            .chain(signature)
            .chain(parameters)
            .filter(|text| text.chars().nth(4).is_some())
            .flat_map(|text| [text.to_owned(), percent_encoded(text)])
            .collect();
        texts.sort_unstable();
        texts.dedup();
        Self { secrets: call.context.plan.access.secrets.clone(), texts }
    }

    /// The text, each credential in it shortened. Where some overlap, all that they cover is
    /// shortened as one.
    pub(crate) fn text(&self, text: &str) -> String {
        let mut hidden = self.secrets.find(text);
        // To search for a long text takes its length, however short the text that is searched.
        for own in self.texts.iter().filter(|own| own.len() <= text.len()) {
            hidden.extend(text.match_indices(own.as_str()).map(|(at, _)| at..at + own.len()));
        }
        hidden.sort_unstable_by_key(|range| (range.start, range.end));
        let mut shown = String::with_capacity(text.len());
        let mut end = 0;
        let mut ranges = hidden.into_iter().peekable();
        while let Some(mut range) = ranges.next() {
            while let Some(other) = ranges.next_if(|other| other.start < range.end) {
                range.end = range.end.max(other.end);
            }
            shown.push_str(text.get(end..range.start).unwrap_or_default());
            shown.push_str(&shortened(text.get(range.clone()).unwrap_or_default()));
            end = range.end;
        }
        shown.push_str(text.get(end..).unwrap_or_default());
        shown
    }

    /// The value of a header or a parameter. Of a value that is a JSON document, its members.
    pub(crate) fn value(&self, name: &str, value: &str) -> String {
        if is_secret_name(name) {
            return shortened(value);
        }
        if value.trim_start().starts_with(['{', '['])
            && let Ok(mut document) = serde_json::from_str(value)
            && self.json(name, &mut document)
        {
            return document.to_string();
        }
        self.text(value)
    }

    pub(crate) fn pairs(&self, pairs: &[(String, String)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| (self.text(name), self.value(name, value))).collect()
    }

    /// An encoded query, in any encoding that keeps `&` and `=`.
    pub(crate) fn query(&self, query: &str) -> String {
        let pairs = query.split('&').map(|pair| {
            let Some((name, value)) = pair.split_once('=') else { return self.text(pair) };
            let decode = |text| percent_decode_str(text).decode_utf8_lossy();
            let decoded = decode(value);
            let shown = self.value(&decode(name), &decoded);
            if shown == decoded {
                pair.to_owned()
            } else {
                format!("{name}={}", percent_encoded(&shown))
            }
        });
        pairs.collect::<Vec<_>>().join("&")
    }

    /// A member of a JSON document, whole if its name is that of a secret. Returns whether it was
    /// changed.
    pub(crate) fn json(&self, name: &str, value: &mut Value) -> bool {
        self.json_below(is_secret_name(name), value)
    }

    fn json_below(&self, is_secret: bool, value: &mut Value) -> bool {
        let mut changed = false;
        match value {
            Value::Array(items) => {
                for item in items {
                    changed |= self.json_below(is_secret, item);
                }
            }
            Value::Object(members) => {
                for (name, member) in members {
                    changed |= self.json_below(is_secret || is_secret_name(name), member);
                }
            }
            Value::String(text) => {
                let shown = if is_secret { shortened(text) } else { self.value("", text) };
                changed = shown != *text;
                *text = shown;
            }
            Value::Number(number) if is_secret => {
                *value = shortened(&number.to_string()).into();
                changed = true;
            }
            _ => {}
        }
        changed
    }
}

fn is_secret_name(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let last = name.rsplit('.').next().unwrap_or(&name);
    CREDENTIALS.contains(&last)
        || (SECRET_WORDS.iter().any(|word| name.contains(word)) && !OPEN_NAMES.contains(&last))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_secrets_are_told_from_names_of_positions_and_kinds() {
        for name in [
            "SourceEndpoint.Password",
            "db_password",
            "X-Auth-Token",
            "SecurityToken",
            "security_token",
            "AccessKeySecret",
            "Signature",
            "clientConfig",
            "Token.1.Value",
        ] {
            assert!(is_secret_name(name), "{name}");
        }
        for name in [
            "NextToken",
            "ClientToken",
            "x-acs-credentials-provider",
            "SignatureMethod",
            "SignatureNonce",
            "SourceEndpoint.UserName",
            "AccessKeyId",
        ] {
            assert!(!is_secret_name(name), "{name}");
        }
    }

    #[test]
    fn a_secret_inside_a_json_document_is_shortened_and_the_rest_stays() {
        let secrets = SecretTexts::new(["the-key-of-a-scenario"].into_iter());
        let redactor = Redactor { secrets: secrets.into(), texts: vec![] };
        let value =
            r#"{"db":{"user":"root","Password":"hunter2-hunter2"},"n":[1,{"token":12345678}]}"#;
        assert_eq!(
            redactor.value("Endpoint", value),
            r#"{"db":{"user":"root","Password":"hunt..."},"n":[1,{"token":"1234..."}]}"#
        );
        let open = r#"{ "a": "b" }"#;
        assert_eq!(redactor.value("Endpoint", open), open);
        assert_eq!(
            redactor.query("a=1&X-Auth-Token=MIIabcdef&b=the-key-of-a-scenario"),
            "a=1&X-Auth-Token=MIIa...&b=the-..."
        );
    }
}
