//! What may be shown of a request: no token, signature or secret beyond its first four
//! characters.

use super::signature_v1::{Pairs, escaped};
use crate::gateway::exchange::Call;
use crate::plan::shortened;
use crate::wire::{field, header};

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

pub struct Veil {
    /// What is hidden wherever it stands: a token may be sent under another name, too.
    texts: Vec<String>,
}

impl Veil {
    pub fn of(call: &Call<'_>) -> Self {
        let request = call.exchange.request;
        let keys = &call.exchange.plan.gateway.keys;
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
            .flat_map(|text| [text.to_owned(), escaped(text)])
            .collect();
        // Longer ones first: one may be part of another.
        texts.sort_by_key(|text| std::cmp::Reverse(text.len()));
        texts.dedup();
        Self { texts }
    }

    pub fn text(&self, text: &str) -> String {
        let mut shown = text.to_owned();
        for hidden in &self.texts {
            if shown.contains(hidden) {
                shown = shown.replace(hidden, &cut(hidden));
            }
        }
        shown
    }

    pub fn value(&self, name: &str, value: &str) -> String {
        if is_named(name) { cut(value) } else { self.text(value) }
    }

    pub fn pairs(&self, pairs: &Pairs) -> Pairs {
        pairs.iter().map(|(name, value)| (self.text(name), self.value(name, value))).collect()
    }
}

fn is_named(name: &str) -> bool {
    NAMES.iter().any(|hidden| name.eq_ignore_ascii_case(hidden))
}

/// With dots that no encoding changes, so that encoded strings stay readable.
fn cut(text: &str) -> String {
    shortened(text).replace('…', "...")
}
