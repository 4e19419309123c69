//! Reading one cell as what its column says. What cannot be read is noted, so that a person sees
//! everything that is wrong with a row at once.

use chrono::NaiveDate;
use crm_core::{ARRAY_MAX, Caller, DayEdge, Id, Instant, Money, Patch, Problems, Result, Zone};
use crm_db::Conn;
use serde::de::DeserializeOwned;

use super::names::{Found, Names};

/// One cell that has something to say.
pub(crate) struct Field<'a> {
    /// The name of its column.
    pub(crate) name: &'a str,
    /// Its text; empty: the field is cleared.
    pub(crate) text: &'a str,
    pub(crate) zone: Zone,
    pub(crate) problems: &'a mut Problems,
    pub(crate) names: &'a mut Names,
    pub(crate) conn: &'a mut Conn,
    pub(crate) caller: &'a Caller,
}

impl Field<'_> {
    /// Several texts, in the way in which names stand in one cell.
    pub(crate) fn texts(&mut self) -> Patch<Vec<String>> {
        self.as_is(|text| few(split_names(text)))
    }

    /// Text as it stands.
    pub(crate) fn text(&mut self) -> Patch<String> {
        self.as_is(|text| Ok(text.to_owned()))
    }

    /// A whole number.
    pub(crate) fn int(&mut self) -> Patch<i64> {
        self.parsed(|text| text.parse().map_err(|_| "应为整数".to_owned()))
    }

    /// A number that need not be whole.
    pub(crate) fn number(&mut self) -> Patch<f64> {
        self.parsed(|text| {
            let number = text.parse().ok().filter(|number: &f64| number.is_finite());
            number.ok_or_else(|| "应为数字".to_owned())
        })
    }

    /// A whole number or the word that stands for it.
    pub(crate) fn word(&mut self, words: &[(&str, i64)]) -> Patch<i64> {
        self.parsed(|text| {
            let found = words.iter().find(|(word, _)| *word == text).map(|(_, number)| *number);
            found.or_else(|| text.parse().ok()).ok_or_else(|| {
                let words: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
                format!("应为{}之一", words.join("、"))
            })
        })
    }

    /// An amount, perhaps with commas between thousands and a yuan sign, as people write them.
    pub(crate) fn money(&mut self) -> Patch<Money> {
        self.parsed(|text| {
            let bare = text.trim_start_matches(['¥', '￥']);
            let plain = if has_thousands(bare) { bare.replace(',', "") } else { bare.to_owned() };
            plain.parse::<Money>().map_err(|error| error.to_string())
        })
    }

    /// A moment; a bare date is the start of its day.
    pub(crate) fn instant(&mut self) -> Patch<Instant> {
        let zone = self.zone;
        self.parsed(|text| zone.parse(&plain_time(text), DayEdge::Start).map_err(|error| error.to_string()))
    }

    /// A calendar date.
    pub(crate) fn date(&mut self) -> Patch<NaiveDate> {
        self.parsed(|text| Zone::parse_calendar_date(&plain_time(text)).map_err(|error| error.to_string()))
    }

    /// An id.
    pub(crate) fn id<I: Id>(&mut self) -> Patch<I> {
        self.parsed(|text| id(text).ok_or_else(|| "应为正整数".to_owned()))
    }

    /// Ids with a comma or semicolon between them.
    pub(crate) fn ids<I: Id>(&mut self) -> Patch<Vec<I>> {
        self.parsed(|text| {
            let ids = few(text.split([',', ';', '，', '；']).collect())?.into_iter().map(|part| id(part.trim()));
            ids.collect::<Option<Vec<I>>>().ok_or_else(|| "应为正整数,以分号分隔".to_owned())
        })
    }

    /// A JSON object of a known shape.
    pub(crate) fn object<T: DeserializeOwned>(&mut self) -> Patch<T> {
        self.parsed(|text| serde_json::from_str(text).map_err(|_| "格式错误,应为JSON对象".to_owned()))
    }

    /// What one name stands for.
    pub(crate) fn named<I: Id>(
        &mut self,
        find: fn(&mut Names, &mut Conn, &Caller, &str) -> Result<Found<I>>,
    ) -> Result<Patch<I>> {
        if self.text.trim().is_empty() {
            return Ok(Patch::Null);
        }
        let found = find(self.names, self.conn, self.caller, self.text)?;
        Ok(self.one(self.text, found).map_or(Patch::Absent, Patch::Value))
    }

    /// What several names stand for.
    pub(crate) fn all_named<I: Id>(
        &mut self,
        find: fn(&mut Names, &mut Conn, &Caller, &str) -> Result<Found<I>>,
    ) -> Result<Patch<Vec<I>>> {
        if self.text.trim().is_empty() {
            return Ok(Patch::Null);
        }
        let names = match few(split_names(self.text)) {
            Ok(names) => names,
            Err(message) => {
                self.problems.push(self.name, message);
                return Ok(Patch::Absent);
            }
        };
        let mut ids = Vec::new();
        for name in names {
            // Each may be looked for, and even entered.
            self.names.until.check()?;
            let found = find(self.names, self.conn, self.caller, &name)?;
            let Some(id) = self.one(&name, found) else { return Ok(Patch::Absent) };
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
        Ok(Patch::Value(ids))
    }

    fn one<I: Id>(&mut self, name: &str, found: Found<I>) -> Option<I> {
        match found {
            Found::One(id) => return Some(id),
            Found::None => self.problems.push(self.name, format!("不存在:{name}")),
            Found::Several => self.problems.push(self.name, format!("有多个同名的:{name}")),
        }
        None
    }

    fn parsed<T>(&mut self, parse: impl FnOnce(&str) -> Result<T, String>) -> Patch<T> {
        let text = self.text.trim();
        self.read(text, parse)
    }

    fn as_is<T>(&mut self, parse: impl FnOnce(&str) -> Result<T, String>) -> Patch<T> {
        self.read(self.text, parse)
    }

    fn read<T>(&mut self, text: &str, parse: impl FnOnce(&str) -> Result<T, String>) -> Patch<T> {
        if text.is_empty() {
            return Patch::Null;
        }
        match parse(text) {
            Ok(value) => Patch::Value(value),
            Err(message) => {
                self.problems.push(self.name, message);
                Patch::Absent
            }
        }
    }
}

/// Refuses more than a request may say in one array.
fn few<T>(all: Vec<T>) -> Result<Vec<T>, String> {
    if all.len() > ARRAY_MAX { Err(format!("最多{ARRAY_MAX}个")) } else { Ok(all) }
}

pub(crate) fn id<I: Id>(text: &str) -> Option<I> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|id: &i64| plain && *id > 0).map(I::from_raw)
}

/// `1,234,567.89`, and not `1,5`.
fn has_thousands(text: &str) -> bool {
    let whole = text.split('.').next().unwrap_or_default();
    let mut groups = whole.split(',');
    let first = groups.next().unwrap_or_default();
    let rest: Vec<&str> = groups.collect();
    !rest.is_empty()
        && (1..=3).contains(&first.len())
        && rest.iter().all(|group| group.len() == 3 && group.bytes().all(|byte| byte.is_ascii_digit()))
}

/// `2021/1/5 9:30` and `2021年1月5日` as the API writes them; anything else as it is.
fn plain_time(text: &str) -> String {
    let (day, rest) = match text.split_once(' ') {
        Some((day, rest)) => (day, rest.trim()),
        None => (text, ""),
    };
    let day = day.trim_end_matches('日').replace(['年', '月', '/', '.'], "-");
    let (Some(day), Some(rest)) = (numbers(&day, '-', &[4, 2, 2]), clock(rest)) else { return text.to_owned() };
    if rest.is_empty() { day } else { format!("{day} {rest}") }
}

fn clock(text: &str) -> Option<String> {
    match text.matches(':').count() {
        0 if text.is_empty() => Some(String::new()),
        1 => Some(format!("{}:00", numbers(text, ':', &[2, 2])?)),
        2 => numbers(text, ':', &[2, 2, 2]),
        _ => None,
    }
}

/// Numbers between separators, filled up with zeros to these widths.
fn numbers(text: &str, separator: char, widths: &[usize]) -> Option<String> {
    let parts: Vec<&str> = text.split(separator).collect();
    let fits = |(part, width): (&&str, &usize)| {
        !part.is_empty() && part.len() <= *width && part.bytes().all(|byte| byte.is_ascii_digit())
    };
    if parts.len() != widths.len() || !parts.iter().zip(widths).all(fits) {
        return None;
    }
    let filled = parts.iter().zip(widths).map(|(part, width)| format!("{part:0>width$}"));
    Some(filled.collect::<Vec<_>>().join(&separator.to_string()))
}

/// Names with `;`, `；` or line breaks between them; `\` keeps the next character in the name.
fn split_names(text: &str) -> Vec<String> {
    let mut names = vec![String::new()];
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        let (ends, kept) = match character {
            '\\' => (false, characters.next()),
            ';' | '；' | '\n' => (true, None),
            other => (false, Some(other)),
        };
        if ends {
            names.push(String::new());
        } else if let (Some(name), Some(kept)) = (names.last_mut(), kept) {
            name.push(kept);
        }
    }
    names.retain(|name| !name.trim().is_empty());
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_as_people_write_them() {
        for (written, plain) in [
            ("2021/1/5", "2021-01-05"),
            ("2021-1-5 9:30", "2021-01-05 09:30:00"),
            ("2021年1月5日", "2021-01-05"),
            ("2021.01.05 09:30:07", "2021-01-05 09:30:07"),
            ("2021-01-05T09:30:00+08:00", "2021-01-05T09:30:00+08:00"),
            ("1/5/2021", "1/5/2021"),
            ("21/1/5", "0021-01-05"),
            ("soon", "soon"),
        ] {
            assert_eq!(plain_time(written), plain, "{written}");
        }
    }

    #[test]
    fn names_in_one_cell() {
        assert_eq!(split_names("甲;乙；丙\n丁;;"), ["甲", "乙", "丙", "丁"]);
        assert_eq!(split_names("a\\;b;c\\\\"), ["a;b", "c\\"]);
    }

    #[test]
    fn commas_between_thousands_and_no_others() {
        for (text, has) in [("1,234", true), ("1,234,567.89", true), ("1,5", false), ("12", false), ("1234,567", false)]
        {
            assert_eq!(has_thousands(text), has, "{text}");
        }
    }
}
