//! Reading parameters by name and type. What cannot be read is noted, not thrown, so that a person
//! sees everything that is wrong at once.

use chrono::NaiveDate;
use crm_core::{
    ARRAY_MAX, DayEdge, Id, Instant, Money, NOTE_MAX, Page, Patch, Problems, Result, Span, TimeRange, Zone,
};
use serde_json::{Map, Value};

use super::{Params, Raw};

/// The longest text to search for.
const SEARCH_MAX: usize = 100;

/// Of `YYYY-MM-DD`.
const DATE_LENGTH: usize = 10;

const NOT_TEXT: &str = "应为文本";
const NOT_INTEGER: &str = "应为整数";
const NOT_NUMBER: &str = "应为数字";
const NOT_ID: &str = "应为正整数";

/// Reads the parameters of one request.
#[derive(Debug)]
pub struct Reader {
    params: Params,
    problems: Problems,
    zone: Zone,
    now: Instant,
}

impl Reader {
    /// Reads these parameters; local times are of this zone, and default ranges end now.
    pub fn new(params: Params, zone: Zone, now: Instant) -> Self {
        Self { params, problems: Problems::default(), zone, now }
    }

    /// What could not be read so far, for a service to report together with its own findings.
    pub fn take_problems(&mut self) -> Problems {
        std::mem::take(&mut self.problems)
    }

    /// Notes that a parameter is wrong in a way only its route can tell.
    pub fn note(&mut self, name: &str, message: &str) {
        self.problems.push(name, message);
    }

    /// Refuses the request if something could not be read.
    ///
    /// # Errors
    /// [`crm_core::Error::Invalid`] with every bad field.
    pub fn finish(&mut self) -> Result<()> {
        self.take_problems().finish()
    }

    /// [`Reader::finish`] for a request that cannot do without `value`: its absence was noted when it
    /// was read.
    ///
    /// # Errors
    /// As [`Reader::finish`].
    pub fn finish_with<T>(&mut self, value: Option<T>) -> Result<T> {
        self.finish()?;
        value.ok_or_else(|| crm_core::Error::internal("a missing parameter was not noted"))
    }

    /// Whether the request mentions this parameter.
    pub fn has(&self, name: &str) -> bool {
        self.params.has(name)
    }

    /// Whether the request mentions any parameter beside these.
    pub fn has_beside(&self, names: &[&str]) -> bool {
        self.params.names().any(|sent| !names.contains(&sent))
    }

    /// Text.
    pub fn text(&mut self, name: &str) -> Patch<String> {
        match self.single(name) {
            Patch::Value(Raw::Text(text)) => Patch::Value(text),
            Patch::Value(Raw::Json(_)) => self.bad(name, NOT_TEXT),
            Patch::Null => Patch::Null,
            Patch::Absent => Patch::Absent,
        }
    }

    /// Text that the published documents also show as a number.
    pub fn text_or_number(&mut self, name: &str) -> Patch<String> {
        match self.single(name) {
            Patch::Value(Raw::Json(Value::Number(number))) => Patch::Value(number.to_string()),
            _ => self.text(name),
        }
    }

    /// Text to search for: at most 100 characters; empty is absent.
    pub fn search(&mut self, name: &str) -> Option<String> {
        let text = self.text(name);
        self.problems.text(name, &text, SEARCH_MAX);
        text.into_value()
    }

    /// The reason of a change, which belongs to no record's input: at most 10,000 characters; empty is
    /// absent.
    pub fn reason(&mut self) -> Option<String> {
        let text = self.text("reason");
        self.problems.text("reason", &text, NOTE_MAX);
        text.into_value()
    }

    /// A whole number, also as a numeric string.
    pub fn int(&mut self, name: &str) -> Patch<i64> {
        self.parsed(name, |text| text.parse().map_err(|_| NOT_INTEGER.to_owned()))
    }

    /// A whole number between `min` and `max`.
    pub fn int_in(&mut self, name: &str, min: i64, max: i64) -> Patch<i64> {
        let number = self.int(name);
        self.problems.range_of(name, &number, min, max);
        number
    }

    /// An id that a record may point at.
    pub fn id<I: Id>(&mut self, name: &str) -> Patch<I> {
        self.parsed(name, |text| parse_id(text).ok_or_else(|| NOT_ID.to_owned()))
    }

    /// An id that filters, or the request's own: `null` is absent.
    pub fn own_id<I: Id>(&mut self, name: &str) -> Option<I> {
        self.id(name).into_value()
    }

    /// An own id that must be there.
    pub fn required_id<I: Id>(&mut self, name: &str) -> Option<I> {
        let id = self.id(name);
        self.problems.required(name, &id, true);
        id.into_value()
    }

    /// An array of ids in any of its spellings, without repetition.
    pub fn ids<I: Id>(&mut self, name: &str) -> Patch<Vec<I>> {
        if !self.params.has(name) {
            return Patch::Absent;
        }
        let sent: Vec<Raw> = self.params.values(name).cloned().collect();
        if let [Raw::Json(Value::Null)] = sent.as_slice() {
            return Patch::Null;
        }
        if let [Raw::Text(text)] = sent.as_slice()
            && text.is_empty()
        {
            return Patch::Null;
        }
        let mut ids: Vec<I> = Vec::new();
        for item in sent.iter().flat_map(items) {
            let Some(id) = item.as_deref().and_then(parse_id::<I>) else {
                return self.bad(name, "应为正整数的数组");
            };
            if ids.contains(&id) {
                return self.bad(name, format!("不能重复:{id}"));
            }
            if ids.len() == ARRAY_MAX {
                return self.bad(name, format!("最多{ARRAY_MAX}个"));
            }
            ids.push(id);
        }
        Patch::Value(ids)
    }

    /// One bare id, or an array of at least one, which must be there.
    pub fn one_or_several<I: Id>(&mut self, name: &str) -> Option<OneOrSeveral<I>> {
        let is_bare = match self.params.values(name).collect::<Vec<_>>().as_slice() {
            [Raw::Text(text)] => !text.contains(',') && !text.trim_start().starts_with('['),
            [Raw::Json(value)] => !value.is_array(),
            _ => false,
        };
        let ids = self.ids(name);
        self.problems.required(name, &ids, true);
        self.problems.not_empty(name, &ids);
        match (is_bare, ids.into_value()?.as_slice()) {
            (true, [id]) => Some(OneOrSeveral::One(*id)),
            (_, ids) => Some(OneOrSeveral::Several(ids.to_vec())),
        }
    }
    /// An array of ids that replaces a whole set, and so must be there: `null` is the empty set.
    pub fn id_set<I: Id>(&mut self, name: &str) -> Option<Vec<I>> {
        match self.ids(name) {
            Patch::Value(ids) => Some(ids),
            Patch::Null => Some(Vec::new()),
            Patch::Absent => {
                self.note(name, "不能为空");
                None
            }
        }
    }

    /// 1 or 0, which must be there.
    pub fn required_flag(&mut self, name: &str) -> Option<bool> {
        let flag = self.choice(name, &[("1", true), ("0", false)]);
        if flag.is_none() {
            self.note(name, "不能为空");
        }
        flag
    }

    /// An array of texts in any of its spellings.
    pub fn texts(&mut self, name: &str) -> Patch<Vec<String>> {
        let sent: Vec<Raw> = self.params.values(name).cloned().collect();
        match sent.as_slice() {
            [] => return Patch::Absent,
            [Raw::Json(Value::Null)] => return Patch::Null,
            [Raw::Text(text)] if text.is_empty() => return Patch::Null,
            _ => {}
        }
        match sent.iter().flat_map(items).collect::<Option<Vec<String>>>() {
            Some(texts) => Patch::Value(texts),
            None => self.bad(name, "应为文本的数组"),
        }
    }

    /// An array of JSON objects, sent as such or as its text. `read` reads each of them; what is wrong
    /// with one is noted as `name.<place from 0>.<parameter>`.
    pub fn objects<T>(&mut self, name: &str, read: impl Fn(&mut Reader) -> T) -> Patch<Vec<T>> {
        let objects = self.object::<Vec<Map<String, Value>>>(name);
        objects.map(|objects| {
            let one = |(place, object): (usize, Map<String, Value>)| {
                let mut reader = Reader::new(Params::from_object(object), self.zone, self.now);
                let value = read(&mut reader);
                for error in reader.problems.iter() {
                    self.problems.push(&format!("{name}.{place}.{}", error.field), error.message.as_str());
                }
                value
            };
            objects.into_iter().enumerate().map(one).collect()
        })
    }
    /// An amount of money: a JSON number or a decimal string, never through a float.
    pub fn money(&mut self, name: &str) -> Patch<Money> {
        self.parsed(name, |text| text.parse::<Money>().map_err(|error| error.to_string()))
    }

    /// A moment; a bare date is the start of its day.
    pub fn instant(&mut self, name: &str) -> Patch<Instant> {
        self.instant_at(name, DayEdge::Start)
    }

    fn instant_at(&mut self, name: &str, edge: DayEdge) -> Patch<Instant> {
        let zone = self.zone;
        let text = self.text(name);
        self.parse(name, text, |text| zone.parse(text, edge).map_err(|error| error.to_string()))
    }

    /// A number that need not be whole.
    pub fn number(&mut self, name: &str) -> Patch<f64> {
        self.parsed(name, |text| {
            text.parse().ok().filter(|number: &f64| number.is_finite()).ok_or_else(|| NOT_NUMBER.to_owned())
        })
    }

    /// A JSON object or array, sent as such or as its text, of a shape the caller knows.
    pub fn object<T: serde::de::DeserializeOwned>(&mut self, name: &str) -> Patch<T> {
        let mut sent: Vec<Raw> = self.params.values(name).take(2).cloned().collect();
        if sent.len() > 1 {
            return self.bad(name, "只能出现一次");
        }
        let parsed = match sent.pop() {
            None => return Patch::Absent,
            Some(Raw::Json(Value::Null)) => return Patch::Null,
            Some(Raw::Text(text)) if text.is_empty() => return Patch::Null,
            Some(Raw::Text(text)) => serde_json::from_str(&text),
            Some(Raw::Json(value)) => serde_json::from_value(value),
        };
        match parsed {
            Ok(value) => Patch::Value(value),
            Err(_) => self.bad(name, "格式错误"),
        }
    }

    /// A calendar date, which never moves with the zone.
    pub fn date(&mut self, name: &str) -> Patch<NaiveDate> {
        let text = self.text(name);
        self.parse(name, text, |text| Zone::parse_calendar_date(text).map_err(|error| error.to_string()))
    }

    /// The whole local days from one date to another, both included, or one day: `YYYY-MM-DD`, sent as
    /// an array of two or one.
    pub fn days(&mut self, name: &str) -> Option<TimeRange> {
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

    /// One of several words.
    pub fn choice<T: Copy>(&mut self, name: &str, choices: &[(&str, T)]) -> Option<T> {
        self.choice_of(name, choices).into_value()
    }

    /// The same for a field of an update.
    pub fn choice_of<T: Copy>(&mut self, name: &str, choices: &[(&str, T)]) -> Patch<T> {
        let words = || choices.iter().map(|(word, _)| *word).collect::<Vec<_>>().join("、");
        let text = self.parsed(name, |text| Ok(text.to_owned()));
        self.parse(name, text, |text| {
            choices
                .iter()
                .find(|(word, _)| *word == text)
                .map(|(_, value)| *value)
                .ok_or_else(|| format!("应为{}之一", words()))
        })
    }

    /// The version the client read, for an update that must not overwrite somebody else's.
    pub fn version(&mut self) -> Option<i64> {
        self.int_in("version", 1, i64::MAX).into_value()
    }

    /// The page wanted.
    pub fn page(&mut self) -> Page {
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

    /// The one value sent under this name; an empty text is `null`.
    fn single(&mut self, name: &str) -> Patch<Raw> {
        let mut sent: Vec<Raw> = self.params.values(name).take(2).cloned().collect();
        if sent.len() > 1 {
            return self.bad(name, "只能出现一次");
        }
        let Some(value) = sent.pop() else { return Patch::Absent };
        match value {
            Raw::Json(Value::Null) => Patch::Null,
            Raw::Text(text) if text.is_empty() => Patch::Null,
            Raw::Json(Value::Array(_) | Value::Object(_)) => self.bad(name, "应为单个值"),
            value => Patch::Value(value),
        }
    }

    /// A value written as a JSON number or as text.
    fn parsed<T>(&mut self, name: &str, parse: impl FnOnce(&str) -> Result<T, String>) -> Patch<T> {
        let text = match self.single(name) {
            Patch::Value(Raw::Text(text)) => Patch::Value(text),
            Patch::Value(Raw::Json(Value::Number(number))) => Patch::Value(number.to_string()),
            Patch::Value(Raw::Json(other)) => Patch::Value(other.to_string()),
            Patch::Null => Patch::Null,
            Patch::Absent => Patch::Absent,
        };
        self.parse(name, text, parse)
    }

    fn parse<T>(&mut self, name: &str, text: Patch<String>, parse: impl FnOnce(&str) -> Result<T, String>) -> Patch<T> {
        match text {
            Patch::Value(text) => match parse(&text) {
                Ok(value) => Patch::Value(value),
                Err(message) => self.bad(name, message),
            },
            Patch::Null => Patch::Null,
            Patch::Absent => Patch::Absent,
        }
    }

    /// Notes that a field is wrong. It counts as absent from here on; the note makes sure that
    /// nothing is done with it.
    fn bad<T>(&mut self, name: &str, message: impl Into<String>) -> Patch<T> {
        self.problems.push(name, message);
        Patch::Absent
    }
}

/// What was sent where one id or several may be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OneOrSeveral<I> {
    /// One bare id.
    One(I),
    /// An array, perhaps of one.
    Several(Vec<I>),
}

fn parse_id<I: Id>(text: &str) -> Option<I> {
    let plain = text.bytes().all(|b| b.is_ascii_digit());
    text.parse().ok().filter(|id: &i64| plain && *id > 0).map(I::from_raw)
}

/// The elements of one value sent for an array: a JSON array, its text, `1,2,3`, or one bare value.
/// `None` stands for an element that cannot be an id.
fn items(value: &Raw) -> Vec<Option<String>> {
    match value {
        Raw::Json(Value::Array(elements)) => elements.iter().map(scalar).collect(),
        Raw::Json(other) => vec![scalar(other)],
        Raw::Text(text) if text.trim_start().starts_with('[') => match serde_json::from_str::<Vec<Value>>(text) {
            Ok(elements) => elements.iter().map(scalar).collect(),
            Err(_) => vec![None],
        },
        Raw::Text(text) => text.split(',').map(|item| Some(item.trim().to_owned())).collect(),
    }
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crm_core::CustomerId;

    fn reader(params: Params) -> Reader {
        Reader::new(params, Zone::default(), Instant::from_unix(1_700_000_000))
    }

    fn json(text: &str) -> Reader {
        reader(Params::from_json(text.as_bytes()).expect("the test's JSON is right"))
    }

    fn query(text: &str) -> Reader {
        reader(Params::from_query(text).expect("the test's query is right"))
    }

    fn wrong(reader: &mut Reader) -> Vec<String> {
        reader.take_problems().iter().map(|error| error.field.clone()).collect()
    }

    #[test]
    fn all_spellings_of_an_array_are_the_same() {
        let expected = Patch::Value(vec![CustomerId(1), CustomerId(2), CustomerId(3)]);
        for body in
            [r#"{"a":[1,2,3]}"#, r#"{"a":"[1,2,3]"}"#, r#"{"a":"1,2,3"}"#, r#"{"a":["1","2",3]}"#, r#"{"a[]":[1,2,3]}"#]
        {
            assert_eq!(json(body).ids("a"), expected, "{body}");
        }
        for text in ["a=1&a=2&a=3", "a[]=1&a[]=2&a[]=3", "a=1,2,3", "a=[1,2,3]", "a=%5B1%2C2%2C3%5D", "a=1, 2, 3"] {
            assert_eq!(query(text).ids("a"), expected, "{text}");
        }
        assert_eq!(json(r#"{"a":1}"#).ids("a"), Patch::Value(vec![CustomerId(1)]));
        assert_eq!(json(r#"{"a":[]}"#).ids::<CustomerId>("a"), Patch::Value(vec![]));
        assert_eq!(json(r#"{"a":null}"#).ids::<CustomerId>("a"), Patch::Null);
        assert_eq!(query("a=").ids::<CustomerId>("a"), Patch::Absent);
    }

    #[test]
    fn one_bare_id_is_told_from_an_array_of_one() {
        for one in [json(r#"{"a":7}"#), json(r#"{"a":"7"}"#), query("a=7")] {
            let mut reader = one;
            assert_eq!(reader.one_or_several("a"), Some(OneOrSeveral::One(CustomerId(7))));
            assert!(wrong(&mut reader).is_empty());
        }
        for several in [json(r#"{"a":[7]}"#), json(r#"{"a":"[7]"}"#), query("a=[7]")] {
            let mut reader = several;
            assert_eq!(reader.one_or_several("a"), Some(OneOrSeveral::Several(vec![CustomerId(7)])));
        }
        let both = Some(OneOrSeveral::Several(vec![CustomerId(7), CustomerId(8)]));
        for several in [json(r#"{"a":"7,8"}"#), query("a=7&a=8"), query("a=7,8")] {
            let mut reader = several;
            assert_eq!(reader.one_or_several("a"), both);
        }
        for bad in
            [json("{}"), json(r#"{"a":[]}"#), json(r#"{"a":null}"#), json(r#"{"a":"x"}"#), json(r#"{"a":[7,7]}"#)]
        {
            let mut reader = bad;
            assert_eq!(reader.one_or_several::<CustomerId>("a").filter(|_| false), None);
            assert_eq!(wrong(&mut reader), ["a"]);
        }
    }

    #[test]
    fn what_is_no_array_of_ids_names_the_field() {
        for body in [
            r#"{"a":[1,"x"]}"#,
            r#"{"a":[-1]}"#,
            r#"{"a":[0]}"#,
            r#"{"a":[1.5]}"#,
            r#"{"a":[1,1]}"#,
            r#"{"a":[[1]]}"#,
            r#"{"a":{"b":1}}"#,
            r#"{"a":true}"#,
            r#"{"a":"[1,2"}"#,
            r#"{"a":"1,,2"}"#,
            r#"{"a":[99999999999999999999]}"#,
            r#"{"a":[null]}"#,
        ] {
            let mut reader = json(body);
            assert_eq!(reader.ids::<CustomerId>("a"), Patch::Absent, "{body}");
            assert_eq!(wrong(&mut reader), ["a"], "{body}");
        }
        let long = format!("a={}", (1..=1001).map(|n| n.to_string()).collect::<Vec<_>>().join(","));
        let mut reader = query(&long);
        let _ = reader.ids::<CustomerId>("a");
        assert_eq!(wrong(&mut reader), ["a"]);
    }

    #[test]
    fn numbers_are_read_as_text_and_never_rounded() {
        let mut reader = json(r#"{"m":123456789012345.67,"n":0.1,"big":9007199254740993}"#);
        assert_eq!(reader.money("m"), Patch::Value("123456789012345.67".parse().expect("money")));
        assert_eq!(reader.money("n"), Patch::Value("0.10".parse().expect("money")));
        assert_eq!(reader.int("big"), Patch::Value(9_007_199_254_740_993));
        assert!(wrong(&mut reader).is_empty());
    }

    #[test]
    fn every_bad_field_is_noted() {
        let mut reader =
            json(r#"{"a":"x","b":1.5,"c":true,"d":[1],"e":"2021-02-30","f":1e3,"g":12345678901234567890,"h":" 1"}"#);
        for name in ["a", "b", "c", "d", "f", "g", "h"] {
            assert_eq!(reader.int(name), Patch::Absent, "{name}");
        }
        let _ = reader.instant("e");
        assert_eq!(wrong(&mut reader), ["a", "b", "c", "d", "f", "g", "h", "e"]);
    }

    #[test]
    fn a_single_value_sent_twice_is_an_error() {
        for mut reader in [query("a=1&a=1"), json(r#"{"a":1,"a":1}"#)] {
            let _ = reader.int("a");
            assert_eq!(wrong(&mut reader), ["a"]);
        }
    }

    #[test]
    fn empty_is_absent_in_a_query_and_clears_in_a_body() {
        assert_eq!(query("a=").text("a"), Patch::Absent);
        assert_eq!(json(r#"{"a":""}"#).text("a"), Patch::Null);
        assert_eq!(json(r#"{"a":null}"#).text("a"), Patch::Null);
        assert_eq!(json("{}").text("a"), Patch::Absent);
    }

    #[test]
    fn text_is_text() {
        let mut reader = json(r#"{"a":1,"b":"1","c":1}"#);
        assert_eq!(reader.text("a"), Patch::Absent);
        assert_eq!(reader.text("b"), Patch::Value("1".to_owned()));
        assert_eq!(reader.text_or_number("c"), Patch::Value("1".to_owned()));
        assert_eq!(wrong(&mut reader), ["a"]);
    }

    #[test]
    fn what_is_no_json_object_is_malformed() {
        for body in ["{", "[1]", "1", "null", "{\"a\":NaN}", "{\"a\":\"\\ud800\"}", "{\"a\":1}x", "\u{0}"] {
            assert!(Params::from_json(body.as_bytes()).is_err(), "{body:?}");
        }
        assert!(Params::from_json(b"{\"a\":\"\xff\"}").is_err());
        assert!(Params::from_form(b"a=%ff").is_err());
        let deep = "[".repeat(100_000);
        assert!(Params::from_json(format!("{{\"a\":{deep}").as_bytes()).is_err());
    }

    #[test]
    fn days_are_whole_and_one_date_is_one_day() {
        let range = |text: &str| {
            let mut reader = query(text);
            let range = reader.days("a").and_then(|range| range.start.zip(range.end));
            (range.map(|(start, end)| (start.unix(), end.unix() + 1 - start.unix())), wrong(&mut reader))
        };
        let start = 1_546_272_000; // 2019-01-01 in Shanghai
        let day = 86_400;
        for text in
            ["a[]=2019-01-01&a[]=2019-02-01", "a=2019-01-01&a=2019-02-01", "a%5B%5D=2019-01-01&a%5b%5d=2019-02-01"]
        {
            assert_eq!(range(text), (Some((start, 32 * day)), vec![]), "{text}");
        }
        assert_eq!(range("a=2019-01-01"), (Some((start, day)), vec![]));
        assert_eq!(range("b=1&a="), (None, vec![]));
        for text in [
            "a=2019-01-02&a=2019-01-01",
            "a=2019-01-01&a=2019-01-01&a=2019-01-01",
            "a=2019-02-30",
            "a=2019-01-01 10:00:00",
            "a=2019-1-1",
            "a=x",
        ] {
            assert_eq!(range(text), (None, vec!["a".to_owned()]), "{text}");
        }
    }

    #[test]
    fn a_range_is_inclusive_to_the_end_of_the_day() {
        let mut reader = query("start_time=2021-01-02&end_time=2021-01-02");
        let range = reader.range(Span::Week, false);
        let length = range.end.zip(range.start).map(|(end, start)| end.unix() - start.unix());
        assert_eq!(length, Some(86_399));
        let mut reader = query("start_time=2021-01-03&end_time=2021-01-02");
        let _ = reader.range(Span::Week, false);
        assert_eq!(wrong(&mut reader), ["start_time"]);
    }
}
