//! Days, ISO weeks and months of the local calendar: pure arithmetic, no database.

use chrono::{Datelike, Days, Months, NaiveDate};
use crm_core::{Instant, TimeRange, Zone};

/// How long a period is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PeriodKind {
    /// A calendar day.
    Day,
    /// An ISO week: Monday to Sunday.
    #[default]
    Week,
    /// A calendar month.
    Month,
}

/// One day, week or month of a local calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    first: NaiveDate,
    kind: PeriodKind,
}

impl Period {
    /// The period in which this date lies.
    pub fn containing(kind: PeriodKind, date: NaiveDate) -> Self {
        let first = match kind {
            PeriodKind::Day => Some(date),
            PeriodKind::Week => date.checked_sub_days(Days::new(date.weekday().num_days_from_monday().into())),
            PeriodKind::Month => date.with_day(1),
        };
        // Only in the first week of a calendar of 262,000 years is there no Monday before.
        Self { first: first.unwrap_or(date), kind }
    }

    /// The whole period before.
    #[must_use]
    pub fn previous(self) -> Self {
        let first = match self.kind {
            PeriodKind::Day => self.first.pred_opt(),
            PeriodKind::Week => self.first.checked_sub_days(Days::new(7)),
            PeriodKind::Month => self.first.checked_sub_months(Months::new(1)),
        };
        Self { first: first.unwrap_or(self.first), ..self }
    }

    /// The whole period after.
    #[must_use]
    pub fn next(self) -> Self {
        let first = match self.kind {
            PeriodKind::Day => self.first.succ_opt(),
            PeriodKind::Week => self.first.checked_add_days(Days::new(7)),
            PeriodKind::Month => self.first.checked_add_months(Months::new(1)),
        };
        Self { first: first.unwrap_or(self.first), ..self }
    }

    /// This period and the six before it, oldest first.
    pub fn seven(self) -> [Self; 7] {
        let mut seven = [self; 7];
        let mut period = self;
        for place in seven.iter_mut().rev() {
            *place = period;
            period = period.previous();
        }
        seven
    }

    /// The first second of the period.
    pub fn start(self, zone: Zone) -> Instant {
        zone.start_of_day(self.first)
    }

    /// The first and the last second of the period, both in it.
    pub fn range(self, zone: Zone) -> TimeRange {
        TimeRange { start: Some(self.start(zone)), end: Some(self.next().start(zone).plus_seconds(-1)) }
    }

    /// What a graph calls it: `2025/12/22`, `2025/52` (ISO year and week) or `2025/12`.
    pub fn label(self) -> String {
        let (date, week) = (self.first, self.first.iso_week());
        match self.kind {
            PeriodKind::Day => date.format("%Y/%m/%d").to_string(),
            PeriodKind::Week => format!("{:04}/{:02}", week.year(), week.week()),
            PeriodKind::Month => date.format("%Y/%m").to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const KINDS: [PeriodKind; 3] = [PeriodKind::Day, PeriodKind::Week, PeriodKind::Month];

    fn zone(name: &str) -> Zone {
        name.parse().unwrap_or_else(|_| panic!("{name}"))
    }

    fn date(year: i32, month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(year, month, day).unwrap_or_else(|| panic!("{year}-{month}-{day}"))
    }

    fn labels(kind: PeriodKind, of: NaiveDate) -> Vec<String> {
        Period::containing(kind, of).seven().iter().map(|period| period.label()).collect()
    }

    #[test]
    fn the_labels_of_the_sample_are_those_of_its_week() {
        let expected = ["2025/46", "2025/47", "2025/48", "2025/49", "2025/50", "2025/51", "2025/52"];
        assert_eq!(labels(PeriodKind::Week, date(2025, 12, 22)), expected);
        assert_eq!(labels(PeriodKind::Week, date(2025, 12, 28)), expected);
        let days = ["2025/12/16", "2025/12/17", "2025/12/18", "2025/12/19", "2025/12/20", "2025/12/21", "2025/12/22"];
        assert_eq!(labels(PeriodKind::Day, date(2025, 12, 22)), days);
        let months = ["2025/06", "2025/07", "2025/08", "2025/09", "2025/10", "2025/11", "2025/12"];
        assert_eq!(labels(PeriodKind::Month, date(2025, 12, 22)), months);
    }

    #[test]
    fn weeks_belong_to_iso_years() {
        let week = |of| Period::containing(PeriodKind::Week, of).label();
        // 2026 has 53 weeks, 2025 has 52.
        assert_eq!(week(date(2025, 12, 31)), "2026/01");
        assert_eq!(week(date(2026, 12, 31)), "2026/53");
        assert_eq!(week(date(2027, 1, 3)), "2026/53");
        assert_eq!(week(date(2027, 1, 4)), "2027/01");
        assert_eq!(week(date(2021, 1, 1)), "2020/53");
        assert_eq!(labels(PeriodKind::Week, date(2027, 1, 10))[4..], ["2026/52", "2026/53", "2027/01"]);
        assert_eq!(labels(PeriodKind::Month, date(2024, 3, 31))[3..], ["2023/12", "2024/01", "2024/02", "2024/03"]);
    }

    #[test]
    fn days_with_a_clock_change_are_whole_days() {
        let berlin = zone("Europe/Berlin");
        let hours = |kind, of| {
            let range = Period::containing(kind, of).range(berlin);
            let (Some(start), Some(end)) = (range.start, range.end) else { panic!("both ends") };
            (end.unix() + 1 - start.unix()) / 3600
        };
        assert_eq!(hours(PeriodKind::Day, date(2026, 3, 29)), 23);
        assert_eq!(hours(PeriodKind::Day, date(2026, 10, 25)), 25);
        assert_eq!(hours(PeriodKind::Week, date(2026, 3, 29)), 7 * 24 - 1);
        assert_eq!(hours(PeriodKind::Month, date(2026, 10, 1)), 31 * 24 + 1);
    }

    #[test]
    fn the_ends_of_the_calendar_do_not_panic() {
        for kind in KINDS {
            for of in [NaiveDate::MIN, NaiveDate::MAX, date(1, 1, 1), date(9999, 12, 31)] {
                let period = Period::containing(kind, of);
                for period in period.seven().into_iter().chain([period.next(), period.next().next()]) {
                    let _ = (period.range(zone("Pacific/Apia")), period.label());
                }
            }
        }
    }

    proptest! {
        #[test]
        fn a_moment_lies_in_its_period_and_periods_meet(
            kind in prop::sample::select(KINDS.to_vec()),
            zone in prop::sample::select(vec!["Asia/Shanghai", "Europe/Berlin", "America/Sao_Paulo", "Pacific/Apia", "Australia/Lord_Howe", "UTC"]).prop_map(zone),
            seconds in 0i64..4_000_000_000,
        ) {
            let at = Instant::from_unix(seconds);
            let period = Period::containing(kind, zone.date(at));
            let range = period.range(zone);
            prop_assert!(range.start <= Some(at) && Some(at) <= range.end);
            prop_assert_eq!(period.next().previous(), period);
            prop_assert_eq!(period.previous().next(), period);
            prop_assert_eq!(range.end.map(|end| end.plus_seconds(1)), period.next().range(zone).start);
            let seven = period.seven();
            prop_assert!(seven.windows(2).all(|pair| pair[0].next() == pair[1]));
            prop_assert_eq!(seven[6], period);
            let mut labels: Vec<String> = seven.iter().map(|period| period.label()).collect();
            let ordered = labels.clone();
            labels.sort();
            labels.dedup();
            prop_assert_eq!(labels, ordered);
        }
    }
}
