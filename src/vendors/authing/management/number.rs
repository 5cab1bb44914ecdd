//! Numbers in a query are read as JavaScript's `Number()` reads text.
//!
//! The Go SDK sends `1e+06` for a million (its source, and its formatting run again), which
//! the vendor's server must understand; that it reads all numbers so is inferred.

/// NaN if the text is no number.
pub(crate) fn javascript_number(text: &str) -> f64 {
    let text = text.trim_matches(is_space);
    match text.get(..2) {
        Some("0x" | "0X") => return whole(text, 16),
        Some("0o" | "0O") => return whole(text, 8),
        Some("0b" | "0B") => return whole(text, 2),
        _ => {}
    }
    match text {
        "" => 0.0,
        "Infinity" | "+Infinity" => f64::INFINITY,
        "-Infinity" => f64::NEG_INFINITY,
        // Rust's grammar is JavaScript's, but for its spellings of infinity and NaN.
        _ if text.bytes().all(|b| b.is_ascii_digit() || b".eE+-".contains(&b)) => {
            text.parse().unwrap_or(f64::NAN)
        }
        _ => f64::NAN,
    }
}

/// The digits after `0x` and the like.
fn whole(text: &str, radix: u32) -> f64 {
    let digits = text.get(2..).unwrap_or_default();
    let value = digits.chars().try_fold(0.0, |value, c| {
        c.to_digit(radix).map(|digit| value * f64::from(radix) + f64::from(digit))
    });
    value.filter(|_| !digits.is_empty()).unwrap_or(f64::NAN)
}

/// ECMAScript's white space and line ends.
fn is_space(c: char) -> bool {
    c == '\u{feff}' || (c.is_whitespace() && c != '\u{85}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn text_is_read_as_javascript_reads_it() {
        for (text, value) in [
            ("1000", 1000.0),
            ("1e+06", 1e6),
            ("2.0999999e+07", 20_999_999.0),
            ("1E6", 1e6),
            (" 7\n", 7.0),
            ("\u{feff}7\u{2003}", 7.0),
            ("", 0.0),
            ("  ", 0.0),
            ("+5", 5.0),
            ("-5", -5.0),
            ("5.", 5.0),
            (".5", 0.5),
            ("1.e2", 100.0),
            ("007", 7.0),
            ("0x3E8", 1000.0),
            ("0o17", 15.0),
            ("0B11", 3.0),
            ("1e400", f64::INFINITY),
            ("Infinity", f64::INFINITY),
            ("-Infinity", f64::NEG_INFINITY),
        ] {
            assert_eq!(javascript_number(text), value, "{text:?}");
        }
        for text in [
            "abc", "1 000", "1,000", "1_000", "1e", "e5", ".", "+", "--5", "0x", "-0x10", "0b2",
            "inf", "infinity", "nan", "NaN", "1e 06", "10n", "１", "\u{85}7",
        ] {
            assert!(javascript_number(text).is_nan(), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "\\PC{0,12}|[0-9eExXoObB.+-]{0,12}") {
            let _ = javascript_number(&text);
        }

        #[test]
        fn every_number_in_gos_spelling_is_itself(value in 1u32..=i32::MAX as u32) {
            prop_assert_eq!(javascript_number(&value.to_string()), f64::from(value));
            let short = format!("{:e}", f64::from(value));
            let go = short.replace("e", "e+");
            prop_assert_eq!(javascript_number(&go), f64::from(value));
        }
    }
}
