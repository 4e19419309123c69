//! Reading parameters by name and type. What cannot be read is noted, not thrown, so that a person
//! sees everything that is wrong at once.

mod arrays;
mod ranges;
mod recording;
#[cfg(test)]
mod tests;

use chrono::NaiveDate;
use crm_core::{DayEdge, Id, Instant, Money, NOTE_MAX, Patch, Problems, Result, Zone};
use serde_json::Value;

use super::{Call, Handler, Params, Raw};
pub use arrays::OneOrSeveral;
pub use recording::{Kind, Parameter};
use recording::{Recording, Way};

/// The longest text to search for.
const SEARCH_MAX: usize = 100;

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
    /// What is read, where that is all that is asked.
    recording: Option<Recording>,
}

impl Reader {
    /// Reads these parameters; local times are of this zone, and default ranges end now.
    pub fn new(params: Params, zone: Zone, now: Instant) -> Self {
        Self { params, problems: Problems::default(), zone, now, recording: None }
    }

    /// What a handler reads, found out by running it with nothing sent and with everything sent. It stops
    /// before it does anything: nothing it reads is ever complete, and there are no services.
    pub fn describe(handler: Handler) -> Vec<Parameter> {
        let [absent, present] = [Way::Absent, Way::Present].map(|way| {
            let mut reader = Self::describing(way);
            // How it stopped tells nothing.
            let _ = handler(&Call::describing(), &mut reader);
            reader.described()
        });
        recording::joined(absent, present)
    }

    fn describing(way: Way) -> Self {
        let reader = Self::new(Params::default(), Zone::default(), Instant::from_unix(0));
        Self { recording: Some(Recording::new(way)), ..reader }
    }

    fn described(self) -> Vec<Parameter> {
        self.recording.map(|recording| recording.parameters).unwrap_or_default()
    }

    /// Notes that this parameter is read, where that is all that is asked.
    fn record(&mut self, name: &str, kind: impl FnOnce() -> Kind) {
        if let Some(recording) = &mut self.recording {
            recording.add(name, kind());
        }
    }

    /// Whether the handler is to see everything as sent.
    fn is_as_if_sent(&self) -> bool {
        self.recording.as_ref().is_some_and(|recording| recording.way == Way::Present)
    }

    /// Notes that this parameter must be there.
    fn record_required(&mut self, name: &str) {
        if let Some(recording) = &mut self.recording {
            recording.require(name);
        }
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
        if self.recording.is_some() {
            return Err(crm_core::Error::internal("a reader that only describes has read nothing"));
        }
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
        self.params.has(name) || self.is_as_if_sent()
    }

    /// Whether the request mentions any parameter beside these.
    pub fn has_beside(&self, names: &[&str]) -> bool {
        self.params.names().any(|sent| !names.contains(&sent))
    }

    /// Notes that a parameter is missing where there is no value of it.
    pub fn require<T>(&mut self, name: &str, value: &Option<T>) {
        self.record_required(name);
        if value.is_none() {
            self.note(name, "不能为空");
        }
    }

    /// Text.
    pub fn text(&mut self, name: &str) -> Patch<String> {
        self.record(name, || Kind::Text(None));
        if self.is_as_if_sent() {
            return Patch::Value("x".to_owned());
        }
        match self.single(name) {
            Patch::Value(Raw::Text(text)) => Patch::Value(text),
            Patch::Value(Raw::Json(_)) => self.bad(name, NOT_TEXT),
            Patch::Null => Patch::Null,
            Patch::Absent => Patch::Absent,
        }
    }

    /// Text that must be there.
    pub fn required_text(&mut self, name: &str) -> Option<String> {
        let text = self.text(name);
        self.record_required(name);
        self.problems.required(name, &text, true);
        text.into_value()
    }

    /// Text that the published documents also show as a number.
    pub fn text_or_number(&mut self, name: &str) -> Patch<String> {
        self.record(name, || Kind::TextOrNumber);
        match self.single(name) {
            Patch::Value(Raw::Json(Value::Number(number))) => Patch::Value(number.to_string()),
            _ => self.text(name),
        }
    }

    /// Text to search for: at most 100 characters; empty is absent.
    pub fn search(&mut self, name: &str) -> Option<String> {
        self.record(name, || Kind::Text(Some(SEARCH_MAX)));
        let text = self.text(name);
        self.problems.text(name, &text, SEARCH_MAX);
        text.into_value()
    }

    /// The reason of a change, which belongs to no record's input: at most 10,000 characters; empty is
    /// absent.
    pub fn reason(&mut self) -> Option<String> {
        self.record("reason", || Kind::Text(Some(NOTE_MAX)));
        let text = self.text("reason");
        self.problems.text("reason", &text, NOTE_MAX);
        text.into_value()
    }

    /// A whole number, also as a numeric string.
    pub fn int(&mut self, name: &str) -> Patch<i64> {
        self.record(name, || Kind::Integer(i64::MIN, i64::MAX));
        if self.is_as_if_sent() {
            return Patch::Value(1);
        }
        self.parsed(name, |text| text.parse().map_err(|_| NOT_INTEGER.to_owned()))
    }

    /// A whole number between `min` and `max`.
    pub fn int_in(&mut self, name: &str, min: i64, max: i64) -> Patch<i64> {
        self.record(name, || Kind::Integer(min, max));
        let number = self.int(name);
        self.problems.range_of(name, &number, min, max);
        number
    }

    /// An id that a record may point at.
    pub fn id<I: Id>(&mut self, name: &str) -> Patch<I> {
        self.record(name, || Kind::Id);
        if self.is_as_if_sent() {
            return Patch::Value(I::from_raw(1));
        }
        self.parsed(name, |text| parse_id(text).ok_or_else(|| NOT_ID.to_owned()))
    }

    /// An id that filters, or the request's own: `null` is absent.
    pub fn own_id<I: Id>(&mut self, name: &str) -> Option<I> {
        self.id(name).into_value()
    }

    /// An own id that must be there.
    pub fn required_id<I: Id>(&mut self, name: &str) -> Option<I> {
        let id = self.id(name);
        self.record_required(name);
        self.problems.required(name, &id, true);
        id.into_value()
    }

    /// 1 or 0, which must be there.
    pub fn required_flag(&mut self, name: &str) -> Option<bool> {
        let flag = self.choice(name, &[("1", true), ("0", false)]);
        self.require(name, &flag);
        flag
    }

    /// An amount of money: a JSON number or a decimal string, never through a float.
    pub fn money(&mut self, name: &str) -> Patch<Money> {
        self.record(name, || Kind::Money);
        self.parsed(name, |text| text.parse::<Money>().map_err(|error| error.to_string()))
    }

    /// A moment; a bare date is the start of its day.
    pub fn instant(&mut self, name: &str) -> Patch<Instant> {
        self.instant_at(name, DayEdge::Start)
    }

    fn instant_at(&mut self, name: &str, edge: DayEdge) -> Patch<Instant> {
        self.record(name, || Kind::Moment);
        let zone = self.zone;
        let text = self.text(name);
        self.parse(name, text, |text| zone.parse(text, edge).map_err(|error| error.to_string()))
    }

    /// A number that need not be whole.
    pub fn number(&mut self, name: &str) -> Patch<f64> {
        self.record(name, || Kind::Number);
        self.parsed(name, |text| {
            text.parse().ok().filter(|number: &f64| number.is_finite()).ok_or_else(|| NOT_NUMBER.to_owned())
        })
    }

    /// A JSON object or array, sent as such or as its text, of a shape the caller knows.
    pub fn object<T: serde::de::DeserializeOwned>(&mut self, name: &str) -> Patch<T> {
        self.record(name, || Kind::Object);
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
        self.record(name, || Kind::Date);
        let text = self.text(name);
        self.parse(name, text, |text| Zone::parse_calendar_date(text).map_err(|error| error.to_string()))
    }

    /// One of several words.
    pub fn choice<T: Copy>(&mut self, name: &str, choices: &[(&str, T)]) -> Option<T> {
        self.choice_of(name, choices).into_value()
    }

    /// The same for a field of an update.
    pub fn choice_of<T: Copy>(&mut self, name: &str, choices: &[(&str, T)]) -> Patch<T> {
        self.record(name, || Kind::Word(choices.iter().map(|(word, _)| (*word).to_owned()).collect()));
        if let (true, Some((_, first))) = (self.is_as_if_sent(), choices.first()) {
            return Patch::Value(*first);
        }
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

fn parse_id<I: Id>(text: &str) -> Option<I> {
    let plain = text.bytes().all(|b| b.is_ascii_digit());
    text.parse().ok().filter(|id: &i64| plain && *id > 0).map(I::from_raw)
}
