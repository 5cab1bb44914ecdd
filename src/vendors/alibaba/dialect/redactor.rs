//! Shortens tokens, signatures and secrets to their first four characters, wherever a request is
//! shown.

use super::signature_v1::Pairs;
use crate::engine::RoutedCall;
use crate::scenario::access::shortened;
use crate::wire::{field, header, percent_encoded};

/// Names whose values are credentials, in lower case.
const NAMES: &[&str] = &[
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
];

pub(crate) struct Redactor {
    /// Hidden wherever they appear: a token may be sent under another name, too.
    texts: Vec<String>,
}

impl Redactor {
    pub(crate) fn new(call: &RoutedCall<'_>) -> Self {
        let request = call.context.request;
        let keys = &call.context.plan.access.keys;
        let secrets = keys.iter().map(|key| key.secret.reveal());
        let tokens = keys.iter().filter_map(|key| key.session_token.as_ref()).map(|t| t.reveal());
        let headers = NAMES.iter().filter_map(|name| header(request, name));
        let signature = header(request, "authorization").and_then(|a| field(a, "Signature"));
        let parameters = call.arguments.iter().filter(|(name, _)| is_named(name)).map(|(_, v)| v);
        let mut texts: Vec<String> = secrets
            .chain(tokens)
            .chain(headers)
            .chain(signature)
            .chain(parameters)
            .filter(|text| text.chars().nth(4).is_some())
            .flat_map(|text| [text.to_owned(), percent_encoded(text)])
            .collect();
        // Longer texts first: one may be part of another.
        texts.sort_by_key(|text| std::cmp::Reverse(text.len()));
        texts.dedup();
        Self { texts }
    }

    pub(crate) fn text(&self, text: &str) -> String {
        let mut shown = text.to_owned();
        for hidden in &self.texts {
            if shown.contains(hidden) {
                shown = shown.replace(hidden, &cut(hidden));
            }
        }
        shown
    }

    pub(crate) fn value(&self, name: &str, value: &str) -> String {
        if is_named(name) { cut(value) } else { self.text(value) }
    }

    pub(crate) fn pairs(&self, pairs: &Pairs) -> Pairs {
        pairs.iter().map(|(name, value)| (self.text(name), self.value(name, value))).collect()
    }
}

fn is_named(name: &str) -> bool {
    NAMES.iter().any(|hidden| name.eq_ignore_ascii_case(hidden))
}

/// Shortened, with dots that no encoding changes, so that encoded strings stay readable.
fn cut(text: &str) -> String {
    shortened(text).replace('…', "...")
}
