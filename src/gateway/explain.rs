//! Why a signature did not come out. The server can not see what a client signed, but it can
//! guess: it makes each well-known slip itself, and the slip with which the client's
//! signature comes out is the cause.

use crate::wire::refusal::{Explanation, Signed};

/// A slip, and what a client that makes it signs. `signature` is what then comes out.
pub struct Slip {
    pub cause: &'static str,
    /// In a sentence.
    pub detail: String,
    pub signed: Signed,
    pub signature: String,
}

/// The first slip with which the sent signature comes out, or the cause that remains:
/// another secret, or a slip that is not known.
pub fn explain(
    server: Signed,
    sent: &str,
    slips: impl Iterator<Item = Slip>,
    key_id: &str,
) -> Explanation {
    for slip in slips {
        if slip.signature == sent {
            return Explanation {
                cause: slip.cause,
                detail: slip.detail,
                first_difference: difference(&server, &slip.signed),
                signed: server,
                client: Some(slip.signed),
            };
        }
    }
    Explanation {
        cause: "wrong-secret",
        detail: format!(
            "no known slip makes this signature: most likely the secret is not that of {key_id}; \
             if it is, compare your string to sign with the server's"
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

/// Where two texts part, with a little of each from there on.
pub fn first_difference(server: &str, client: &str) -> Option<String> {
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
pub fn skew_cause(sent_ms: i64, server_ms: i64) -> &'static str {
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
