//! Why a signature did not verify. The server cannot see what a client signed, but it can guess: it
//! makes each well-known signing mistake itself, and the mistake that reproduces the client's
//! signature is the cause.

use super::call::RoutedCall;
use crate::wire::Request;
use crate::wire::error::{Diagnosis, Signed};

/// Maximum size of a request (bytes: target, headers and body) whose wrong signature is explained.
/// Each known mistake costs several passes over the request.
pub(crate) const MAX_EXPLAINED: usize = 64 << 10;

/// The cause of a wrong signature on a request above [`MAX_EXPLAINED`], and its meaning.
pub(crate) const TOO_LARGE: (&str, &str) =
    ("too-large-to-explain", "the signature is wrong, and the request is too large to say why");

/// A mistake, and what a client that makes it signs.
pub(crate) struct SigningMistake<'a> {
    pub(crate) cause: &'static str,
    /// In a sentence.
    pub(crate) detail: String,
    /// For display; made only for the mistake that is the cause.
    pub(crate) signed: Box<dyn Fn() -> Signed + 'a>,
    pub(crate) signature: String,
}

/// A request above [`MAX_EXPLAINED`]: the texts that it signs are neither shown nor searched for
/// mistakes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TooLarge {
    size: usize,
    has_canonical_request: bool,
}

impl TooLarge {
    /// None if the request is small enough. Not every scheme has a canonical request.
    pub(crate) fn check(call: &RoutedCall<'_>, has_canonical_request: bool) -> Option<Self> {
        let size = size(call.context.request);
        (size > MAX_EXPLAINED).then_some(Self { size, has_canonical_request })
    }

    /// What is shown instead of the texts.
    pub(crate) fn signed(self) -> Signed {
        let text = format!("(not shown: the request has {} bytes)", self.size);
        let canonical_request =
            if self.has_canonical_request { text.clone() } else { String::new() };
        Signed { string_to_sign: text, canonical_request }
    }

    pub(crate) fn diagnosis(self) -> Diagnosis {
        let (cause, meaning) = TOO_LARGE;
        let size = self.size;
        let detail = format!("{meaning}: it has {size} bytes, up to {MAX_EXPLAINED} are explained");
        Diagnosis { cause, detail, signed: self.signed(), ..Diagnosis::default() }
    }
}

fn size(request: &Request) -> usize {
    let uri = request.uri();
    let headers = request.headers().iter();
    let headers: usize = headers.map(|(name, value)| name.as_str().len() + value.len()).sum();
    uri.path().len() + uri.query().unwrap_or_default().len() + headers + request.body().len()
}

/// The first mistake that reproduces the signature that was sent, or the cause that remains:
/// another secret, or an unknown mistake.
pub(crate) fn diagnose<'a>(
    server: Signed,
    sent: &str,
    mistakes: impl Iterator<Item = SigningMistake<'a>>,
    key_id: &str,
) -> Diagnosis {
    for mistake in mistakes {
        if mistake.signature == sent {
            let client = (mistake.signed)();
            return Diagnosis {
                cause: mistake.cause,
                detail: mistake.detail,
                first_difference: difference(&server, &client),
                signed: server,
                client: Some(client),
            };
        }
    }
    Diagnosis {
        cause: "wrong-secret",
        detail: format!(
            "no known signing mistake makes this signature: most likely the secret is not that of \
             {key_id}; if it is, compare your string to sign with the server's"
        ),
        signed: server,
        client: None,
        first_difference: None,
    }
}

fn difference(server: &Signed, client: &Signed) -> Option<String> {
    let part = |what: &str, server: &str, client: &str| {
        first_difference(server, client).map(|text| format!("{what}, {text}"))
    };
    part("canonical request", &server.canonical_request, &client.canonical_request)
        .or_else(|| part("string to sign", &server.string_to_sign, &client.string_to_sign))
}

/// Where two texts first differ, with a little of each from there on.
fn first_difference(server: &str, client: &str) -> Option<String> {
    if server == client {
        return None;
    }
    let same = server.chars().zip(client.chars()).take_while(|(a, b)| a == b).count();
    let from = |text: &str| text.chars().skip(same.saturating_sub(8)).take(40).collect::<String>();
    let line = server.chars().take(same).filter(|c| *c == '\n').count() + 1;
    Some(format!(
        "line {line}, character {}: the server has {:?}, the client {:?}",
        same + 1,
        from(server),
        from(client)
    ))
}

/// Tells a clock that is off by a time zone from one that is merely off: the distance is
/// then a whole number of quarter hours, up to 14 hours, give or take two minutes.
pub(super) fn skew_cause(sent_ms: i64, server_ms: i64) -> &'static str {
    const QUARTER: i64 = 15 * 60 * 1_000;
    let off = (sent_ms - server_ms).abs();
    let rest = off % QUARTER;
    let near = rest.min(QUARTER - rest) <= 2 * 60 * 1_000;
    if near && (2 * QUARTER - QUARTER / 4..=56 * QUARTER + QUARTER / 4).contains(&off) {
        "local-time-as-utc"
    } else {
        "clock-skew"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_difference_is_named_with_its_line_and_both_sides() {
        let text = first_difference("GET\nhost:a:80\n", "GET\nhost:a\n");
        assert_eq!(
            text.as_deref(),
            Some(
                "line 2, character 11: the server has \"T\\nhost:a:80\\n\", the client \"T\\nhost:a\\n\""
            )
        );
        assert_eq!(first_difference("x", "x"), None);
    }

    #[test]
    fn a_whole_time_zone_is_told_from_a_clock_that_is_off() {
        const HOUR: i64 = 3_600_000;
        assert_eq!(skew_cause(8 * HOUR + 1_000, 0), "local-time-as-utc");
        assert_eq!(skew_cause(0, 5 * HOUR + HOUR / 2), "local-time-as-utc");
        assert_eq!(skew_cause(16 * 60_000, 0), "clock-skew");
        assert_eq!(skew_cause(100 * HOUR, 0), "clock-skew");
    }
}
