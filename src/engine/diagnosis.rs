//! Why a signature did not verify. The server cannot see what a client signed, but it can guess: it
//! makes each well-known signing mistake itself, and the mistake that reproduces the client's
//! signature is the cause.

use crate::wire::error::{Diagnosis, Signed};

/// A mistake, and what a client that makes it signs.
pub(crate) struct SigningMistake {
    pub(crate) cause: &'static str,
    /// In a sentence.
    pub(crate) detail: String,
    pub(crate) signed: Signed,
    pub(crate) signature: String,
}

/// The first mistake that reproduces the signature that was sent, or the cause that remains:
/// another secret, or an unknown mistake.
pub(crate) fn diagnose(
    server: Signed,
    sent: &str,
    mistakes: impl Iterator<Item = SigningMistake>,
    key_id: &str,
) -> Diagnosis {
    for mistake in mistakes {
        if mistake.signature == sent {
            return Diagnosis {
                cause: mistake.cause,
                detail: mistake.detail,
                first_difference: difference(&server, &mistake.signed),
                signed: server,
                client: Some(mistake.signed),
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
