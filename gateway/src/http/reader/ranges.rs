//! Pages and ranges of time.

use crm_core::{DayEdge, Page, Span, TimeRange};

use super::arrays::items;
use super::{Kind, Raw, Reader};

/// Of `YYYY-MM-DD`.
const DATE_LENGTH: usize = 10;

impl Reader {
    /// The page wanted.
    pub fn page(&mut self) -> Page {
        self.record("page", || Kind::Integer(1, i64::MAX));
        self.record("count", || Kind::Integer(1, Page::MAX_COUNT));
        let number = self.int("page").into_value().unwrap_or(1);
        let count = self.int("count").into_value().unwrap_or(Page::DEFAULT_COUNT);
        Page::new(number, count).unwrap_or_else(|problems| {
            self.problems.merge(problems);
            Page::first()
        })
    }

    /// The page wanted of a list that is answered whole unless a page of it is asked for.
    pub fn page_if_asked(&mut self) -> Option<Page> {
        let asked = self.has("page") || self.has("count");
        let page = self.page();
        asked.then_some(page)
    }

    /// The range of a list: up to now and back `span`, unless the request says otherwise, or
    /// without default when it asks for one record by id.
    pub fn range(&mut self, span: Span, by_id: bool) -> TimeRange {
        let start = self.instant("start_time").into_value();
        let end = self.instant_at("end_time", DayEdge::End).into_value();
        let range = if by_id {
            TimeRange::between(start, end)
        } else {
            TimeRange::resolve(start, end, self.now, span, self.zone)
        };
        range.unwrap_or_else(|problems| {
            self.problems.merge(problems);
            TimeRange::ALL
        })
    }

    /// The whole local days from one date to another, both included, or one day: `YYYY-MM-DD`, sent as
    /// an array of two or one.
    pub fn days(&mut self, name: &str) -> Option<TimeRange> {
        self.record(name, || Kind::Days);
        let sent: Vec<Raw> = self.params.values(name).cloned().collect();
        let dates: Vec<Option<String>> = sent.iter().flat_map(items).collect();
        let (first, last) = match dates.as_slice() {
            [] => return None,
            [day] => (day, day),
            [first, last] => (first, last),
            _ => return self.bad(name, "应为一个或两个日期").into_value(),
        };
        let zone = self.zone;
        let edge = |date: &Option<String>, edge| {
            date.as_deref().filter(|date| date.len() == DATE_LENGTH).and_then(|date| zone.parse(date, edge).ok())
        };
        let (Some(start), Some(end)) = (edge(first, DayEdge::Start), edge(last, DayEdge::End)) else {
            return self.bad(name, "应为日期,格式:2020-12-11").into_value();
        };
        if start > end {
            return self.bad(name, "开始日期不能晚于结束日期").into_value();
        }
        Some(TimeRange { start: Some(start), end: Some(end) })
    }
}
