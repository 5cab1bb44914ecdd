//! Virtual instants. Durations are plain `u64` milliseconds throughout.

use std::fmt;

use jiff::SignedDuration;
use jiff::civil::{Date, DateTime, Time};
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

/// 9999-12-31T15:59:59.999Z: the last instant that has a date, in UTC and in China.
const LAST: i64 = 253_402_271_999_999;

const EPOCH: DateTime = DateTime::constant(1970, 1, 1, 0, 0, 0, 0);

/// The date and time that many ms after 1970, in whichever time zone they are counted.
fn civil(millis: i64) -> DateTime {
    match jiff::Timestamp::from_millisecond(millis) {
        Ok(stamp) => Offset::UTC.to_datetime(stamp),
        // The last day of the calendar has no such stamp.
        Err(_) => EPOCH.checked_add(SignedDuration::from_millis(millis)).unwrap_or(DateTime::MAX),
    }
}

/// The inverse of [`civil`].
fn millis_until(civil: DateTime) -> i64 {
    i64::try_from(civil.duration_since(EPOCH).as_millis()).unwrap_or(i64::MAX)
}

impl Timestamp {
    /// The last instant that can be shown.
    pub(crate) const MAX: Self = Self(LAST);

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
        let date = self.china_civil().date();
        let begins = |date: Date| from_china(date.to_datetime(Time::midnight()));
        let last = date.last_of_month();
        (begins(date.first_of_month()), last.tomorrow().map_or(Self::MAX, begins))
    }

    fn civil(self) -> DateTime {
        civil(self.0)
    }

    fn china_civil(self) -> DateTime {
        civil(self.0.saturating_add(CHINA_OFFSET as i64))
    }

    /// `2022-11-07T06:41:08Z`
    pub(crate) fn iso_seconds(self) -> String {
        dated(self.civil(), 'T').put("Z").to_text()
    }

    /// `2022-07-03T02:20:30.000Z`
    pub(crate) fn iso_millis(self) -> String {
        let millis = self.0.rem_euclid(1_000) as u64;
        dated(self.civil(), 'T').put(".").decimal(millis, 3).put("Z").to_text()
    }

    /// The same day and time of day `months` later, in China time; the last day of the month
    /// if it has no such day.
    pub(crate) fn plus_months_in_china(self, months: u64) -> Self {
        let months = i64::try_from(months).unwrap_or(i64::MAX);
        let moved = jiff::Span::new()
            .try_months(months)
            .and_then(|months| self.china_civil().checked_add(months));
        moved.map_or(Self::MAX, from_china)
    }

    /// `2021-06-28 17:34:53.0`, in China time.
    pub(crate) fn china_datetime(self) -> String {
        let tenths = self.0.rem_euclid(1_000) as u64 / 100;
        dated(self.china_civil(), ' ').put(".").decimal(tenths, 1).to_text()
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

/// The instant of a date and time in China.
fn from_china(civil: DateTime) -> Timestamp {
    Timestamp::from_millis(millis_until(civil).saturating_sub(CHINA_OFFSET as i64))
}

/// Date and time to the second, with `between` between them.
fn dated(civil: DateTime, between: char) -> Text<32> {
    let mut text = Text::default();
    text.decimal(civil.year().unsigned_abs().into(), 4)
        .put("-")
        .two(civil.month())
        .put("-")
        .two(civil.day())
        .put(between.encode_utf8(&mut [0; 4]))
        .two(civil.hour())
        .put(":")
        .two(civil.minute())
        .put(":")
        .two(civil.second());
    text
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
    fn the_last_day_of_the_calendar_is_shown_as_it_is() {
        // 9999-12-31T00:00:00Z
        let t = Timestamp::from_millis(253_402_214_400_000);
        assert_eq!(t.iso_seconds(), "9999-12-31T00:00:00Z");
        assert_eq!(t.china_datetime(), "9999-12-31 08:00:00.0");
        assert_eq!(t.http_date(), "Fri, 31 Dec 9999 00:00:00 GMT");
        assert_eq!(Timestamp::MAX.china_datetime(), "9999-12-31 23:59:59.9");
        assert_eq!(t.china_month(), (t.minus(30 * DAY + 8 * HOUR), Timestamp::MAX));
        // October has this day, too.
        assert_eq!(t.minus(61 * DAY).plus_months_in_china(2), t);
        assert_eq!(t.plus_months_in_china(1), Timestamp::MAX);
    }

    #[test]
    fn arithmetic_stays_inside_the_calendar() {
        let far = Timestamp::from_millis(i64::MAX);
        assert_eq!(far.plus(u64::MAX), far);
        assert_eq!(far.iso_millis(), "9999-12-31T15:59:59.999Z");
        let early = Timestamp::from_millis(i64::MIN).minus(u64::MAX);
        assert!(early.iso_millis().ends_with('Z'));
    }
}
