//! Values that are written as text in a scenario: durations, instants and sizes.

use std::fmt;
use std::str::FromStr;

use jiff::SignedDuration;
use jiff::civil::DateTime;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, Visitor};
use serde::ser::{Serialize, Serializer};
use toml::value::{Datetime, Offset};

use super::problem::quoted;
use crate::world::time::Timestamp;

/// The error for a text that is not a valid duration, instant or size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidValue {
    /// The message, which quotes the text.
    pub(crate) message: String,
    /// The correct format.
    pub(crate) hint: &'static str,
}

impl InvalidValue {
    fn new(kind: &str, shown: &str, reason: &str, hint: &'static str) -> Self {
        let message = format!("not {kind}: {shown} ({reason})");
        Self { message, hint }
    }
}

impl fmt::Display for InvalidValue {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}; {}", self.message, self.hint)
    }
}

impl std::error::Error for InvalidValue {}

/// A duration in milliseconds, from 0 to [`Length::MAX`], written like `1h30m`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Length(pub u64);

impl Length {
    /// 100 years of 365.25 days.
    pub(crate) const MAX: Self = Self(36_525 * 86_400_000);
    /// The format, for messages.
    pub(crate) const HINT: &'static str = r#"write it like "40s", "5m", "1h30m" or "7d""#;
    const UNITS: [(&'static str, u64); 6] = [
        ("w", 604_800_000),
        ("d", 86_400_000),
        ("h", 3_600_000),
        ("m", 60_000),
        ("s", 1_000),
        ("ms", 1),
    ];

    fn parse(text: &str) -> Result<Self, String> {
        let mut total = 0_u64;
        let mut smallest = u64::MAX;
        let mut rest = text;
        while !rest.is_empty() || text.is_empty() {
            let (count, scale, tail) = quantity(rest, &Self::UNITS)?;
            if scale >= smallest {
                return Err("units go from large to small, each once".into());
            }
            total = count
                .checked_mul(scale)
                .and_then(|part| part.checked_add(total))
                .filter(|sum| *sum <= Self::MAX.0)
                .ok_or("more than 100 years")?;
            (smallest, rest) = (scale, tail);
        }
        Ok(Self(total))
    }
}

impl FromStr for Length {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        let error =
            |reason: String| InvalidValue::new("a duration", &quoted(text), &reason, Self::HINT);
        Self::parse(text).map_err(error)
    }
}

impl fmt::Display for Length {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == 0 {
            return out.write_str("0s");
        }
        let mut rest = self.0;
        // Weeks are parsed but not written, as "14d" is easier to compare with "13d" than "2w".
        for (unit, scale) in Self::UNITS.iter().skip(1) {
            if rest >= *scale {
                write!(out, "{}{unit}", rest / scale)?;
                rest %= scale;
            }
        }
        Ok(())
    }
}

/// A number of bytes, from 0 to 2⁶⁴ − 1, written like `3MB`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Size(pub u64);

impl Size {
    /// The format, for messages.
    pub(crate) const HINT: &'static str = r#"write it like "512B", "64KB", "3MB" or "1GiB""#;
    const UNITS: [(&'static str, u64); 9] = [
        ("B", 1),
        ("KB", 1_000),
        ("MB", 1_000_000),
        ("GB", 1_000_000_000),
        ("TB", 1_000_000_000_000),
        ("KiB", 1 << 10),
        ("MiB", 1 << 20),
        ("GiB", 1 << 30),
        ("TiB", 1 << 40),
    ];

    fn parse(text: &str) -> Result<Self, String> {
        match quantity(text, &Self::UNITS)? {
            (count, scale, "") => Ok(Self(count.checked_mul(scale).ok_or("too large")?)),
            _ => Err("one number with one unit is needed".into()),
        }
    }
}

impl FromStr for Size {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        let error =
            |reason: String| InvalidValue::new("a size", &quoted(text), &reason, Self::HINT);
        Self::parse(text).map_err(error)
    }
}

impl fmt::Display for Size {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let exact = Self::UNITS.iter().filter(|(_, scale)| self.0.is_multiple_of(*scale));
        let shortest = exact.min_by_key(|(_, scale)| self.0 / scale);
        let (unit, scale) = shortest.copied().unwrap_or(("B", 1));
        write!(out, "{}{unit}", self.0 / scale)
    }
}

/// Parses the first number and its unit: the number, the value of the unit, and the rest.
fn quantity<'a>(text: &'a str, units: &[(&str, u64)]) -> Result<(u64, u64, &'a str), String> {
    let end = text.find(|c: char| !c.is_ascii_digit());
    let (digits, tail) = text.split_at(end.unwrap_or(text.len()));
    let end = tail.find(|c: char| c.is_ascii_digit());
    let (unit, rest) = tail.split_at(end.unwrap_or(tail.len()));
    if unit.contains('-') {
        return Err("it cannot be negative".into());
    }
    if unit.contains(['.', ',']) {
        return Err("fractions are not allowed, use a smaller unit".into());
    }
    if text.is_empty() {
        return Err("it is empty".into());
    }
    if digits.is_empty() {
        return Err(format!("a number is needed before {}", quoted(unit)));
    }
    if unit.is_empty() {
        return Err("it needs a unit".into());
    }
    let count = digits.parse().map_err(|_| "too large".to_owned())?;
    match units.iter().find(|(name, _)| *name == unit) {
        Some((_, scale)) => Ok((count, *scale, rest)),
        None if units.iter().any(|(name, _)| *name == unit.trim()) => {
            Err("spaces are not allowed".into())
        }
        None => Err(format!("unknown unit {}", quoted(unit.trim()))),
    }
}

/// A point in time, in milliseconds since 1970-01-01T00:00:00Z, up to the end of the year 9999 in
/// China, where it ends first of all places whose time is shown.
///
/// Written as a TOML offset date-time or as a text in the same format. Fractions of a millisecond
/// are dropped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Moment(pub i64);

impl Moment {
    /// 9999-12-31T15:59:59.999Z.
    pub(crate) const MAX: Self = Self(Timestamp::MAX.millis());
    /// The format, for messages.
    pub(crate) const HINT: &'static str = "write it like 2026-01-31T08:00:00Z";
    /// The hint for a date-time without an offset.
    pub(crate) const OFFSET_HINT: &'static str =
        "add Z or an offset, as in 2026-01-31T08:00:00Z or 2026-01-31T16:00:00+08:00";

    fn from_parts(datetime: &Datetime, shown: &str) -> Result<Self, InvalidValue> {
        let error = |reason: &str, hint| InvalidValue::new("an instant", shown, reason, hint);
        let minutes = match (&datetime.date, &datetime.time, &datetime.offset) {
            (None, ..) => return Err(error("it has no date", Self::HINT)),
            (_, None, _) => return Err(error("it has no time of day", Self::HINT)),
            (_, _, None) => return Err(error("it has no offset", Self::OFFSET_HINT)),
            (_, _, Some(Offset::Z)) => 0,
            (_, _, Some(Offset::Custom { minutes })) => i64::from(*minutes),
        };
        let local = to_civil(datetime).ok_or_else(|| error("no such date or time", Self::HINT))?;
        let since = local.duration_since(DateTime::constant(1970, 1, 1, 0, 0, 0, 0));
        let millis = i64::try_from(since.as_millis()).unwrap_or(i64::MAX);
        let moment = Self(millis.saturating_sub(minutes * 60_000));
        if moment >= Self(0) && moment <= Self::MAX {
            Ok(moment)
        } else {
            Err(error("the year must be 1970 to 9999, in UTC and in China", Self::HINT))
        }
    }
}

fn to_civil(datetime: &Datetime) -> Option<DateTime> {
    let (date, time) = (datetime.date?, datetime.time?);
    let small = |part: u8| i8::try_from(part).ok();
    DateTime::new(
        i16::try_from(date.year).ok()?,
        small(date.month)?,
        small(date.day)?,
        small(time.hour)?,
        small(time.minute)?,
        small(time.second.unwrap_or(0))?,
        i32::try_from(time.nanosecond.unwrap_or(0)).ok()?,
    )
    .ok()
}

impl TryFrom<&Datetime> for Moment {
    type Error = InvalidValue;

    fn try_from(datetime: &Datetime) -> Result<Self, InvalidValue> {
        Self::from_parts(datetime, &datetime.to_string())
    }
}

impl FromStr for Moment {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        let shown = quoted(text);
        match text.parse::<Datetime>() {
            Ok(datetime) => Self::from_parts(&datetime, &shown),
            Err(_) => Err(InvalidValue::new("an instant", &shown, "no date and time", Self::HINT)),
        }
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let since = SignedDuration::from_millis(self.0);
        let Ok(at) = DateTime::constant(1970, 1, 1, 0, 0, 0, 0).checked_add(since) else {
            // Only possible outside the documented range.
            return write!(out, "{}ms since 1970", self.0);
        };
        write!(out, "{:04}-{:02}-{:02}", at.year(), at.month(), at.day())?;
        write!(out, "T{:02}:{:02}:{:02}", at.hour(), at.minute(), at.second())?;
        match at.millisecond() {
            0 => out.write_str("Z"),
            millis => write!(out, ".{millis:03}Z"),
        }
    }
}

struct MomentVisitor;

impl<'de> Visitor<'de> for MomentVisitor {
    type Value = Moment;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a date-time with an offset")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Moment, E> {
        text.parse().map_err(E::custom)
    }

    // The toml crate deserializes a date-time as a map with one private key.
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Moment, A::Error> {
        let datetime = Datetime::deserialize(MapAccessDeserializer::new(map))?;
        Moment::try_from(&datetime).map_err(A::Error::custom)
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(MomentVisitor)
    }
}

impl<'de> Deserialize<'de> for Length {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.parse().map_err(D::Error::custom)
    }
}

impl<'de> Deserialize<'de> for Size {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.parse().map_err(D::Error::custom)
    }
}

macro_rules! written_as_text {
    ($name:ident, $format:literal, $description:literal, $examples:expr) => {
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.collect_str(self)
            }
        }

        impl JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({
                    "type": "string",
                    "format": $format,
                    "description": $description,
                    "examples": $examples,
                })
            }
        }
    };
}

written_as_text!(
    Length,
    "duration",
    "A duration: whole numbers with units w, d, h, m, s, ms from large to small, at most 100 years.",
    ["250ms", "40s", "5m", "1h30m", "7d"]
);
written_as_text!(
    Moment,
    "instant",
    "A date and time with Z or an offset, from 1970 to 9999 (in UTC and in China), to the millisecond.",
    ["2026-01-31T08:00:00Z", "2026-01-31T16:00:00.250+08:00"]
);
written_as_text!(
    Size,
    "size",
    "A number of bytes: a whole number with B, KB, MB, GB, TB (powers of 1000) or KiB, MiB, GiB, TiB (powers of 1024).",
    ["512B", "64KB", "3MB", "1GiB"]
);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn error_message<T: FromStr<Err = InvalidValue>>(text: &str) -> String {
        match text.parse::<T>() {
            Ok(_) => format!("{text:?} was accepted"),
            Err(malformed) => malformed.message,
        }
    }

    #[test]
    fn durations_are_parsed_in_every_unit_and_combination() {
        let millis = |text: &str| text.parse::<Length>().map(|length| length.0);
        assert_eq!(millis("250ms"), Ok(250));
        assert_eq!(millis("40s"), Ok(40_000));
        assert_eq!(millis("1h30m"), Ok(5_400_000));
        assert_eq!(millis("90m"), Ok(5_400_000));
        assert_eq!(millis("2w"), Ok(1_209_600_000));
        assert_eq!(millis("1m1ms"), Ok(60_001));
        assert_eq!(millis("0s"), Ok(0));
        assert_eq!(millis("36525d"), Ok(Length::MAX.0));
    }

    #[test]
    fn an_invalid_duration_is_explained() {
        let why = error_message::<Length>;
        assert_eq!(why("5 minuts"), r#"not a duration: "5 minuts" (unknown unit "minuts")"#);
        assert!(why("1.5s").ends_with("(fractions are not allowed, use a smaller unit)"));
        assert!(why("5").ends_with("(it needs a unit)"));
        assert!(why("").ends_with("(it is empty)"));
        assert!(why("5 m").ends_with("(spaces are not allowed)"));
        assert!(why("-5m").ends_with("(it cannot be negative)"));
        assert!(why("s").ends_with(r#"(a number is needed before "s")"#));
        assert!(why("5m1h").ends_with("(units go from large to small, each once)"));
        assert!(why("5m5m").ends_with("(units go from large to small, each once)"));
        assert!(why("36525d1ms").ends_with("(more than 100 years)"));
        assert!(why("99999999999999999999s").ends_with("(too large)"));
        assert!(why("18446744073709551615w").ends_with("(more than 100 years)"));
        assert!(why("５m").contains("not a duration"));
    }

    #[test]
    fn sizes_are_decimal_or_binary() {
        let bytes = |text: &str| text.parse::<Size>().map(|size| size.0);
        assert_eq!(bytes("512B"), Ok(512));
        assert_eq!(bytes("64KB"), Ok(64_000));
        assert_eq!(bytes("1GiB"), Ok(1 << 30));
        assert_eq!(bytes("2TB"), Ok(2_000_000_000_000));
        assert!(error_message::<Size>("1MB5KB").contains("one number with one unit"));
        assert!(error_message::<Size>("3mb").contains(r#"unknown unit "mb""#));
        assert!(error_message::<Size>("99999999TiB").contains("too large"));
        assert_eq!(Size(1_048_576).to_string(), "1MiB");
        assert_eq!(Size(3_000_000).to_string(), "3MB");
        assert_eq!(Size(0).to_string(), "0B");
    }

    #[test]
    fn instants_are_counted_from_1970_in_utc() {
        let millis = |text: &str| text.parse::<Moment>().map(|moment| moment.0);
        assert_eq!(millis("1970-01-01T00:00:00Z"), Ok(0));
        assert_eq!(millis("2026-01-31T16:00:00.2509+08:00"), Ok(1_769_846_400_250));
        assert_eq!(millis("9999-12-31T00:00:00Z"), Ok(253_402_214_400_000));
        assert_eq!(millis("9999-12-31T23:59:59.999+08:00"), Ok(Moment::MAX.0));
        assert_eq!(Moment(1_769_846_400_250).to_string(), "2026-01-31T08:00:00.250Z");
        assert_eq!(Moment(i64::MIN).to_string(), "-9223372036854775808ms since 1970");
    }

    #[test]
    fn an_instant_without_an_offset_is_rejected_with_a_hint() {
        let malformed = "2026-01-31T08:00:00".parse::<Moment>().err();
        assert_eq!(
            malformed.map(|it| (it.message, it.hint)),
            Some((
                r#"not an instant: "2026-01-31T08:00:00" (it has no offset)"#.to_owned(),
                Moment::OFFSET_HINT
            ))
        );
        let why = error_message::<Moment>;
        assert!(why("2026-01-31").ends_with("(it has no time of day)"));
        assert!(why("08:00:00").ends_with("(it has no date)"));
        assert!(
            why("1969-12-31T23:59:59Z")
                .ends_with("(the year must be 1970 to 9999, in UTC and in China)")
        );
        assert!(
            why("1970-01-01T00:00:00+01:00")
                .ends_with("(the year must be 1970 to 9999, in UTC and in China)")
        );
        assert!(
            why("9999-12-31T16:00:00Z")
                .ends_with("(the year must be 1970 to 9999, in UTC and in China)")
        );
        assert!(
            why("9999-12-31T23:59:59-01:00")
                .ends_with("(the year must be 1970 to 9999, in UTC and in China)")
        );
        assert!(why("2016-12-31T23:59:60Z").ends_with("(no such date or time)"));
        assert!(why("yesterday").ends_with("(no date and time)"));
    }

    #[derive(Debug, PartialEq, serde::Serialize, serde::Deserialize)]
    struct Sample {
        at: Moment,
        every: Length,
        size: Size,
    }

    #[test]
    fn instants_deserialize_from_toml_date_times_and_text() {
        let expected =
            Sample { at: Moment(1_769_846_400_000), every: Length(300_000), size: Size(3_000_000) };
        for at in ["2026-01-31T08:00:00Z", "'2026-01-31T08:00:00Z'"] {
            let text = format!("at = {at}\nevery = '5m'\nsize = '3MB'");
            assert_eq!(toml::from_str::<Sample>(&text).as_ref(), Ok(&expected));
            let value = text.parse::<toml::Table>().map(toml::Value::Table);
            assert_eq!(value.and_then(toml::Value::try_into::<Sample>).as_ref(), Ok(&expected));
        }
        let json = serde_json::to_string(&expected).unwrap_or_default();
        assert_eq!(serde_json::from_str::<Sample>(&json).ok(), Some(expected));
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..Default::default() })]

        #[test]
        fn any_length_round_trips(millis in 0..=Length::MAX.0) {
            prop_assert_eq!(Length(millis).to_string().parse(), Ok(Length(millis)));
        }

        #[test]
        fn any_size_round_trips(bytes: u64) {
            prop_assert_eq!(Size(bytes).to_string().parse(), Ok(Size(bytes)));
        }

        #[test]
        fn any_moment_round_trips(millis in 0..=Moment::MAX.0) {
            prop_assert_eq!(Moment(millis).to_string().parse(), Ok(Moment(millis)));
        }

        #[test]
        fn no_text_makes_a_value_panic(text in r"[-+0-9wdhmsKMGTiBZ:.TÖ日 ]{0,30}", millis: i64) {
            let _ = (text.parse::<Length>(), text.parse::<Size>(), text.parse::<Moment>());
            let _ = (Moment(millis).to_string(), Length(millis as u64).to_string());
        }
    }
}
