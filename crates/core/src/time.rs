//! Instants, and the local time people write (native-api §1 "Times", "Dates and days").

use std::fmt;
use std::str::FromStr;

use chrono::{
    DateTime, Datelike, Days, Duration, LocalResult, Months, NaiveDate, NaiveDateTime, NaiveTime, SecondsFormat,
    TimeZone, Timelike,
};
use chrono_tz::Tz;
use serde::{Serialize, Serializer};

use crate::Problems;

#[cfg(feature = "diesel")]
mod column;

/// A moment, in UTC, to the second: what is stored and compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "diesel", derive(diesel::expression::AsExpression, diesel::deserialize::FromSqlRow))]
#[cfg_attr(feature = "diesel", diesel(sql_type = diesel::sql_types::Timestamp))]
pub struct Instant(NaiveDateTime);

impl Serialize for Instant {
    /// As RFC 3339 in UTC, which needs no zone to be understood.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&format!("{}Z", written(self.0, 'T')))
    }
}

impl Instant {
    /// The moment of this UTC time; fractions of a second are cut off.
    pub fn from_utc(utc: NaiveDateTime) -> Self {
        Self(utc.with_nanosecond(0).unwrap_or(utc))
    }

    /// The moment this many seconds after 1970 (UTC); the epoch itself for a number out of range.
    pub fn from_unix(seconds: i64) -> Self {
        Self(DateTime::from_timestamp(seconds, 0).unwrap_or_default().naive_utc())
    }

    /// Seconds since 1970 (UTC).
    pub fn unix(self) -> i64 {
        self.0.and_utc().timestamp()
    }

    /// The moment as UTC date and time.
    pub fn utc(self) -> NaiveDateTime {
        self.0
    }

    /// The moment this many seconds later (earlier when negative), kept within the calendar.
    pub fn plus_seconds(self, seconds: i64) -> Self {
        let moved = Duration::try_seconds(seconds).and_then(|by| self.0.checked_add_signed(by));
        Self(moved.unwrap_or(self.0))
    }
}

/// `YYYY-MM-DD HH:MM:SS` with this between day and time. A page has hundreds of them: patterns would be read
/// anew for each, and even `format!` is a tenth of what a page costs.
fn written(at: NaiveDateTime, between: char) -> String {
    let mut text = String::with_capacity(20);
    let year = u32::try_from(at.year()).unwrap_or_default();
    push_two_digits(&mut text, year / 100);
    push_two_digits(&mut text, year % 100);
    for (before, number) in
        [('-', at.month()), ('-', at.day()), (between, at.hour()), (':', at.minute()), (':', at.second())]
    {
        text.push(before);
        push_two_digits(&mut text, number);
    }
    text
}

fn push_two_digits(text: &mut String, number: u32) {
    for digit in [number / 10, number % 10] {
        text.push(char::from_digit(digit, 10).unwrap_or('0'));
    }
}

/// What a date without a time of day stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DayEdge {
    /// The first second of the day.
    Start,
    /// The last second of the day.
    End,
}

/// Why a text is not a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TimeError {
    /// Not one of the accepted forms, or no such day.
    #[error("应为时间,格式:2020-12-11 00:00:02")]
    NotATime,
    /// Not a date, or no such day.
    #[error("应为日期,格式:2020-12-11")]
    NotADate,
    /// The clocks skipped this local time.
    #[error("该时间因时钟调整而不存在")]
    Skipped,
}

/// The years that every part of the system (both databases among them) can hold, whatever the zone.
const YEARS: std::ops::RangeInclusive<i32> = 1000..=9999;

/// The time zone of a deployment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Zone(Tz);

impl Default for Zone {
    /// `Asia/Shanghai`.
    fn default() -> Self {
        Self(Tz::Asia__Shanghai)
    }
}

impl FromStr for Zone {
    type Err = chrono_tz::ParseError;

    /// Reads an IANA name.
    fn from_str(name: &str) -> Result<Self, Self::Err> {
        name.parse().map(Self)
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.name())
    }
}

impl Zone {
    /// The moment as local `YYYY-MM-DD HH:MM:SS`.
    pub fn format(self, instant: Instant) -> String {
        written(self.local(instant), ' ')
    }

    /// The moment as local RFC 3339 with milliseconds and the zone's offset.
    pub fn rfc3339(self, instant: Instant) -> String {
        self.0.from_utc_datetime(&instant.0).to_rfc3339_opts(SecondsFormat::Millis, false)
    }

    /// The local calendar date of the moment.
    pub fn date(self, instant: Instant) -> NaiveDate {
        self.local(instant).date()
    }

    /// The local date and time of the moment.
    pub fn local(self, instant: Instant) -> NaiveDateTime {
        self.0.from_utc_datetime(&instant.0).naive_local()
    }

    /// The moment of a local time; of one that occurs twice, the earlier.
    ///
    /// # Errors
    /// [`TimeError::Skipped`] for a local time that the clocks skipped.
    pub fn instant(self, local: NaiveDateTime) -> Result<Instant, TimeError> {
        match self.0.from_local_datetime(&local) {
            LocalResult::Single(at) | LocalResult::Ambiguous(at, _) => Ok(Instant(at.naive_utc())),
            LocalResult::None => Err(TimeError::Skipped),
        }
    }

    /// Reads `YYYY-MM-DD HH:MM:SS` (local), RFC 3339 with an offset, or `YYYY-MM-DD`, which stands
    /// for the first or the last second of that local day.
    ///
    /// # Errors
    /// [`TimeError::NotATime`] for any other text, a day that does not exist or a year outside
    /// 1000–9999; [`TimeError::Skipped`] for a local time that the clocks skipped.
    pub fn parse(self, text: &str, edge: DayEdge) -> Result<Instant, TimeError> {
        if is_shaped(text, DATE_SHAPE) {
            let date = parse_date(text).map_err(|_| TimeError::NotATime)?;
            return Ok(match edge {
                DayEdge::Start => self.within_calendar(self.start_of_day(date)),
                DayEdge::End => self.within_calendar(self.end_of_day(date)),
            });
        }
        let instant = if is_shaped(text, "0000-00-00 00:00:00") {
            let local = NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S").map_err(|_| TimeError::NotATime)?;
            within_years(local)?;
            self.instant(local)?
        } else {
            let at = DateTime::parse_from_rfc3339(text).map_err(|_| TimeError::NotATime)?;
            within_years(at.naive_local())?;
            Instant::from_utc(at.naive_utc())
        };
        Ok(self.within_calendar(instant))
    }

    /// `9999-12-31` is how people write "never": west of Greenwich its last hours are already year
    /// 10000 in UTC, which no text form here can hold, and so they become the last that can.
    fn within_calendar(self, instant: Instant) -> Instant {
        let last = NaiveDate::from_ymd_opt(*YEARS.end(), 12, 31).and_then(|date| date.and_hms_opt(23, 59, 59));
        let Some(last) = last else { return instant };
        let instant = Instant(instant.0.min(last));
        if self.local(instant) > last { self.instant(last).unwrap_or(instant) } else { instant }
    }

    /// The first second of a local day, also where the clocks skip midnight.
    pub fn start_of_day(self, date: NaiveDate) -> Instant {
        let midnight = date.and_time(NaiveTime::MIN);
        // A gap is at most a day long (Samoa skipped 2011-12-30 whole).
        (0..=24 * 60)
            .find_map(|minutes| self.instant(midnight + Duration::minutes(minutes)).ok())
            .unwrap_or(Instant(midnight))
    }

    /// The last second of a local day.
    pub fn end_of_day(self, date: NaiveDate) -> Instant {
        let next = date.checked_add_days(Days::new(1)).unwrap_or(date);
        self.start_of_day(next).plus_seconds(-1)
    }

    /// The moment `span` before `end` by the local calendar; where the clocks skipped that local
    /// time, the first moment after the gap.
    pub fn before(self, end: Instant, span: Span) -> Instant {
        let local = self.local(end);
        let earlier = match span {
            Span::Week => local.checked_sub_days(Days::new(7)),
            Span::Year => local.checked_sub_months(Months::new(12)),
        };
        let earlier = earlier.unwrap_or(local);
        (0..=24 * 60).find_map(|minutes| self.instant(earlier + Duration::minutes(minutes)).ok()).unwrap_or(end)
    }
}

const DATE_SHAPE: &str = "0000-00-00";

/// Whether `text` has digits where `shape` has zeros, and is like it elsewhere; chrono alone would
/// also take `+2021-1-1`.
fn is_shaped(text: &str, shape: &str) -> bool {
    text.len() == shape.len()
        && text.bytes().zip(shape.bytes()).all(|(b, s)| if s == b'0' { b.is_ascii_digit() } else { b == s })
}

/// Reads a calendar date `YYYY-MM-DD`. It has no zone and never moves with one.
fn parse_date(text: &str) -> Result<NaiveDate, TimeError> {
    if !is_shaped(text, DATE_SHAPE) {
        return Err(TimeError::NotADate);
    }
    let date = NaiveDate::parse_from_str(text, "%Y-%m-%d").map_err(|_| TimeError::NotADate)?;
    if YEARS.contains(&date.year()) { Ok(date) } else { Err(TimeError::NotADate) }
}

fn within_years(at: NaiveDateTime) -> Result<(), TimeError> {
    // Second 60 is read as a fraction beyond 59; no clock here knows it.
    let fits = YEARS.contains(&at.year()) && at.nanosecond() < 1_000_000_000;
    if fits { Ok(()) } else { Err(TimeError::NotATime) }
}

impl Zone {
    /// Reads a calendar date: `YYYY-MM-DD`, or the date part of `YYYY-MM-DD HH:MM:SS`, as the
    /// contract's samples write birthdays. It never moves with the zone.
    ///
    /// # Errors
    /// [`TimeError::NotADate`] for any other text, or a day that does not exist.
    pub fn parse_calendar_date(text: &str) -> Result<NaiveDate, TimeError> {
        match text.split_once(' ') {
            None => parse_date(text),
            Some((date, time)) => {
                if !is_shaped(time, "00:00:00") || NaiveTime::parse_from_str(time, "%H:%M:%S").is_err() {
                    return Err(TimeError::NotADate);
                }
                parse_date(date)
            }
        }
    }
}

/// How far back a range reaches when the request does not say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Span {
    /// Seven local days.
    Week,
    /// Twelve local months.
    Year,
}

/// A range of moments, both ends included; an open end is `None`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TimeRange {
    /// The first moment in the range.
    pub start: Option<Instant>,
    /// The last moment in the range.
    pub end: Option<Instant>,
}

impl TimeRange {
    /// Every moment.
    pub const ALL: TimeRange = TimeRange { start: None, end: None };

    /// The range a list means (native-api §1 "Times"): `end` defaults to now, `start` to `span`
    /// before the end.
    ///
    /// # Errors
    /// Names `start_time` when it is after the end.
    pub fn resolve(
        start: Option<Instant>,
        end: Option<Instant>,
        now: Instant,
        span: Span,
        zone: Zone,
    ) -> Result<Self, Problems> {
        let end = end.unwrap_or(now);
        let start = start.unwrap_or_else(|| zone.before(end, span));
        Self::between(Some(start), Some(end))
    }

    /// The range between two ends, either of which may be open.
    ///
    /// # Errors
    /// Names `start_time` when it is after the end.
    pub fn between(start: Option<Instant>, end: Option<Instant>) -> Result<Self, Problems> {
        if let (Some(start), Some(end)) = (start, end)
            && start > end
        {
            let mut problems = Problems::default();
            problems.push("start_time", "不能晚于end_time");
            return Err(problems);
        }
        Ok(Self { start, end })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn zone(name: &str) -> Zone {
        name.parse().unwrap_or_else(|_| panic!("{name}"))
    }

    #[test]
    fn the_three_forms_mean_the_same_moment() {
        let shanghai = Zone::default();
        let at = shanghai.parse("2021-11-09 14:42:06", DayEdge::Start);
        assert_eq!(at, shanghai.parse("2021-11-09T14:42:06+08:00", DayEdge::Start));
        assert_eq!(at, shanghai.parse("2021-11-09T06:42:06.75Z", DayEdge::Start));
        assert_eq!(at.map(|at| shanghai.format(at)), Ok("2021-11-09 14:42:06".to_owned()));
        let day = |edge| shanghai.parse("2021-11-09", edge).map(|at| shanghai.format(at));
        assert_eq!(day(DayEdge::Start), Ok("2021-11-09 00:00:00".to_owned()));
        assert_eq!(day(DayEdge::End), Ok("2021-11-09 23:59:59".to_owned()));
    }

    #[test]
    fn rfc_3339_tells_the_offset_of_that_moment() {
        let at = Instant::from_unix(1_699_007_141);
        assert_eq!(Zone::default().rfc3339(at), "2023-11-03T18:25:41.000+08:00");
        assert_eq!(zone("UTC").rfc3339(at), "2023-11-03T10:25:41.000+00:00");
        assert_eq!(zone("America/New_York").rfc3339(at), "2023-11-03T06:25:41.000-04:00");
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in [
            "",
            "2021-02-30",
            "2021-02-30 00:00:00",
            "2021-13-01",
            "2021-1-1",
            "21-01-01",
            "2021-01-01 24:00:00",
            "2021-01-01 23:59:60",
            "2021-01-01T00:00:00",
            "0000-01-01",
            "0999-12-31",
            "+2021-01-1",
            "99999-01-01T00:00:00Z",
            "now",
            "1636440126",
            "2021-11-09 1:2:3.123",
            "２021-01-01",
        ] {
            assert_eq!(Zone::default().parse(text, DayEdge::Start), Err(TimeError::NotATime), "{text:?}");
        }
        assert_eq!(zone("Europe/Berlin").parse("2021-03-28 02:30:00", DayEdge::Start), Err(TimeError::Skipped));
    }

    #[test]
    fn the_last_day_of_the_calendar_is_a_time_in_every_zone() {
        for name in ["Asia/Shanghai", "UTC", "America/New_York", "Pacific/Kiritimati"] {
            for text in ["9999-12-31", "9999-12-31 23:59:59", "9999-12-31T23:59:59Z", "9999-12-31T23:59:59-12:00"] {
                let shown = zone(name).parse(text, DayEdge::End).map(|at| zone(name).format(at));
                assert!(shown.as_ref().is_ok_and(|shown| shown.starts_with("9999-12-31 ")), "{name} {text}: {shown:?}");
            }
            let end =
                zone("Asia/Shanghai").parse("9999-12-31", DayEdge::End).map(|at| zone("Asia/Shanghai").format(at));
            assert_eq!(end, Ok("9999-12-31 23:59:59".to_owned()));
        }
    }

    #[test]
    fn of_a_local_time_that_occurs_twice_the_earlier_is_meant() {
        let berlin = zone("Europe/Berlin");
        let at = berlin.parse("2021-10-31 02:30:00", DayEdge::Start);
        assert_eq!(at, berlin.parse("2021-10-31T02:30:00+02:00", DayEdge::Start));
    }

    #[test]
    fn a_day_whose_midnight_was_skipped_starts_after_the_gap() {
        let date = |y, m, d| NaiveDate::from_ymd_opt(y, m, d).unwrap_or_default();
        let paulo = zone("America/Sao_Paulo");
        assert_eq!(paulo.format(paulo.start_of_day(date(2018, 11, 4))), "2018-11-04 01:00:00");
        assert_eq!(paulo.format(paulo.end_of_day(date(2018, 11, 3))), "2018-11-03 23:59:59");
        let apia = zone("Pacific/Apia");
        assert_eq!(apia.start_of_day(date(2011, 12, 30)), apia.start_of_day(date(2011, 12, 31)));
    }

    #[test]
    fn a_birthday_is_read_with_or_without_its_midnight() {
        let date = NaiveDate::from_ymd_opt(1990, 5, 1).ok_or(TimeError::NotADate);
        assert_eq!(Zone::parse_calendar_date("1990-05-01"), date);
        assert_eq!(Zone::parse_calendar_date("1990-05-01 00:00:00"), date);
        assert!(Zone::parse_calendar_date("1990-05-01 25:00:00").is_err());
        assert!(Zone::parse_calendar_date("1990-02-30").is_err());
    }

    #[test]
    fn a_range_needs_its_start_before_its_end() {
        let (a, b) = (Instant::from_unix(10), Instant::from_unix(11));
        assert!(TimeRange::between(Some(b), Some(a)).is_err());
        assert!(TimeRange::between(Some(a), Some(a)).is_ok());
        let week = TimeRange::resolve(None, None, b, Span::Week, Zone::default()).unwrap_or_default();
        assert_eq!(week.start, Some(b.plus_seconds(-7 * 86_400)));
    }

    fn zones() -> impl Strategy<Value = Zone> {
        prop::sample::select(vec![
            "Asia/Shanghai",
            "Europe/Berlin",
            "America/New_York",
            "America/Sao_Paulo",
            "Australia/Lord_Howe",
            "Pacific/Apia",
            "Asia/Kathmandu",
            "UTC",
        ])
        .prop_map(zone)
    }

    proptest! {
        #[test]
        fn days_follow_each_other_without_gap_or_overlap(zone in zones(), day in 0u64..25_000) {
            let date = NaiveDate::default() + Days::new(day);
            prop_assert_eq!(zone.end_of_day(date).plus_seconds(1), zone.start_of_day(date + Days::new(1)));
        }

        #[test]
        fn a_moment_lies_in_the_day_it_is_dated(zone in zones(), seconds in 0i64..2_000_000_000) {
            let at = Instant::from_unix(seconds);
            let date = zone.date(at);
            prop_assert!(zone.start_of_day(date) <= at && at <= zone.end_of_day(date));
        }

        #[test]
        fn what_is_written_is_read_back_unless_it_occurs_twice(zone in zones(), seconds in 0i64..2_000_000_000) {
            let at = Instant::from_unix(seconds);
            let read = zone.parse(&zone.format(at), DayEdge::Start);
            let again = read.map(|read| zone.format(read));
            prop_assert_eq!(again, Ok(zone.format(at)));
            prop_assert!(read.is_ok_and(|read| read <= at && at.unix() - read.unix() <= 7_200));
        }

        #[test]
        fn a_default_range_ends_at_its_end_and_spans_a_calendar_week(zone in zones(), seconds in 1_000_000i64..2_000_000_000) {
            let end = Instant::from_unix(seconds);
            let start = zone.before(end, Span::Week);
            let length = end.unix() - start.unix();
            prop_assert!((7 * 86_400 - 86_400 - 3_600..=7 * 86_400 + 7_200).contains(&length), "{}", length);
        }
    }
}
