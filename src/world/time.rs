//! Virtual instants. Durations are plain `u64` milliseconds throughout.

use std::fmt;

use jiff::tz::Offset;

use super::text::Text;

pub(crate) const SECOND: u64 = 1_000;
pub(crate) const MINUTE: u64 = 60 * SECOND;
pub(crate) const HOUR: u64 = 60 * MINUTE;
pub(crate) const DAY: u64 = 24 * HOUR;

/// China's time zone (UTC+8): daily curves and months follow it.
pub(crate) const CHINA_OFFSET: u64 = 8 * HOUR;

/// An instant of virtual time, to the millisecond. Displayed as RFC 3339, in the years 0 to 9999.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

/// 9999-12-30T00:00:00Z (the calendar ends that day): nothing later is ever shown, so nothing later is computed.
const LAST: i64 = 253_402_128_000_000;

impl Timestamp {
    /// Out-of-range instants are clamped, so that arithmetic on what a person or a socket
    /// sends can never leave the calendar.
    pub(crate) const fn from_millis(millis: i64) -> Self {
        if millis > LAST {
            Self(LAST)
        } else if millis < -LAST / 8 {
            Self(-LAST / 8)
        } else {
            Self(millis)
        }
    }

    /// Milliseconds since 1970-01-01T00:00:00Z.
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// Whole seconds since the epoch, rounded down.
    pub(crate) const fn seconds(self) -> i64 {
        self.0.div_euclid(1_000)
    }

    pub(crate) const fn plus(self, millis: u64) -> Self {
        let millis = if millis > LAST as u64 { LAST } else { millis as i64 };
        Self::from_millis(self.0.saturating_add(millis))
    }

    pub(crate) const fn minus(self, millis: u64) -> Self {
        let millis = if millis > LAST as u64 { LAST } else { millis as i64 };
        Self::from_millis(self.0.saturating_sub(millis))
    }

    /// Milliseconds from `earlier` to `self`; 0 if `earlier` is the later one.
    pub(crate) const fn since(self, earlier: Self) -> u64 {
        if self.0 > earlier.0 { (self.0 - earlier.0) as u64 } else { 0 }
    }

    /// The start of its month and that of the next one, in China time.
    pub(crate) fn china_month(self) -> (Self, Self) {
        let date = self.plus(CHINA_OFFSET).civil().date();
        let begins = |date: jiff::civil::Date| {
            let instant = Offset::UTC.to_timestamp(date.to_datetime(jiff::civil::Time::midnight()));
            let millis = instant.map_or(LAST, jiff::Timestamp::as_millisecond);
            Self(millis.min(LAST)).minus(CHINA_OFFSET)
        };
        let last = date.last_of_month();
        (begins(date.first_of_month()), last.tomorrow().map_or(Self(LAST), begins))
    }

    fn civil(self) -> jiff::civil::DateTime {
        let stamp = jiff::Timestamp::from_millisecond(self.0).unwrap_or_default();
        Offset::UTC.to_datetime(stamp)
    }

    /// `2022-11-07T06:41:08Z`
    pub(crate) fn iso_seconds(self) -> String {
        self.dated('T').put("Z").to_text()
    }

    /// `2022-07-03T02:20:30.000Z`
    pub(crate) fn iso_millis(self) -> String {
        self.dated('T').put(".").decimal(self.0.rem_euclid(1_000) as u64, 3).put("Z").to_text()
    }

    /// Date and time to the second, with `between` between them.
    fn dated(self, between: char) -> Text<32> {
        let c = self.civil();
        let mut text = Text::default();
        text.decimal(c.year().unsigned_abs().into(), 4)
            .put("-")
            .two(c.month())
            .put("-")
            .two(c.day())
            .put(between.encode_utf8(&mut [0; 4]))
            .two(c.hour())
            .put(":")
            .two(c.minute())
            .put(":")
            .two(c.second());
        text
    }

    /// The same day and time of day `months` later, in China time; the last day of the month
    /// if it has no such day.
    pub(crate) fn plus_months_in_china(self, months: u64) -> Self {
        let months = i64::try_from(months).unwrap_or(i64::MAX);
        let moved = jiff::Span::new()
            .try_months(months)
            .and_then(|months| self.plus(CHINA_OFFSET).civil().checked_add(months))
            .and_then(|civil| Offset::UTC.to_timestamp(civil));
        let last = Self::from_millis(LAST);
        moved.map_or(last, |t| Self::from_millis(t.as_millisecond()).minus(CHINA_OFFSET))
    }

    /// `2021-06-28 17:34:53.0`, in China time.
    pub(crate) fn china_datetime(self) -> String {
        let tenths = self.0.rem_euclid(1_000) as u64 / 100;
        self.plus(CHINA_OFFSET).dated(' ').put(".").decimal(tenths, 1).to_text()
    }

    /// `Sun, 03 Jul 2022 02:20:30 GMT` (IMF-fixdate, RFC 9110).
    pub(crate) fn http_date(self) -> String {
        const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
        const MONTHS: [&str; 12] =
            ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
        let c = self.civil();
        let day = DAYS[c.weekday().to_monday_zero_offset() as usize % 7];
        let month = MONTHS[(c.month() as usize + 11) % 12];
        Text::<29>::default()
            .put(day)
            .put(", ")
            .two(c.day())
            .put(" ")
            .put(month)
            .put(" ")
            .decimal(c.year().unsigned_abs().into(), 4)
            .put(" ")
            .two(c.hour())
            .put(":")
            .two(c.minute())
            .put(":")
            .two(c.second())
            .put(" GMT")
            .to_text()
    }
}

impl<const N: usize> Text<N> {
    #[inline]
    fn two(&mut self, part: i8) -> &mut Self {
        self.decimal(u64::from(part.unsigned_abs()), 2)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.iso_millis())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_written_in_each_vendors_spelling() {
        let t = Timestamp::from_millis(1_656_814_830_123);
        assert_eq!(t.iso_seconds(), "2022-07-03T02:20:30Z");
        assert_eq!(t.iso_millis(), "2022-07-03T02:20:30.123Z");
        assert_eq!(t.china_datetime(), "2022-07-03 10:20:30.1");
        assert_eq!(t.http_date(), "Sun, 03 Jul 2022 02:20:30 GMT");
    }

    #[test]
    fn months_are_those_of_china() {
        let month = |text: &str| {
            let instant: jiff::Timestamp = text.parse().unwrap();
            let (from, until) = Timestamp::from_millis(instant.as_millisecond()).china_month();
            (from.iso_seconds(), until.iso_seconds())
        };
        let pair = |from: &str, until: &str| (from.to_owned(), until.to_owned());
        let november = pair("2023-10-31T16:00:00Z", "2023-11-30T16:00:00Z");
        assert_eq!(month("2023-10-31T16:00:00Z"), november);
        assert_eq!(month("2023-11-30T15:59:59.999Z"), november);
        let december = pair("2023-11-30T16:00:00Z", "2023-12-31T16:00:00Z");
        assert_eq!(month("2023-11-30T16:00:00Z"), december);
        let (from, until) = Timestamp::from_millis(i64::MAX).china_month();
        assert!(from < until);
        let (from, until) = Timestamp::from_millis(i64::MIN).china_month();
        assert!(from < until);
    }

    #[test]
    fn arithmetic_stays_inside_the_calendar() {
        let far = Timestamp::from_millis(i64::MAX);
        assert_eq!(far.plus(u64::MAX), far);
        assert_eq!(far.iso_seconds(), "9999-12-30T00:00:00Z");
        let early = Timestamp::from_millis(i64::MIN).minus(u64::MAX);
        assert!(early.iso_millis().ends_with('Z'));
    }
}
