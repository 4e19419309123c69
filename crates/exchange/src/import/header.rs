//! Which cell of a row belongs to which column.

use std::rc::Rc;

use crm_core::{Problems, Result};

use super::{ImportOptions, Mode};
use crate::read::Row;
use crate::subject::{Column, ERROR, ID, Subject};

/// The first row of a file, understood.
pub(super) struct Header<S: Subject> {
    /// As it stands there.
    pub(super) titles: Vec<String>,
    /// All columns there are.
    pub(super) all: Vec<Rc<Column<S>>>,
    /// Those that are read, and where they stand.
    pub(super) columns: Vec<(usize, Rc<Column<S>>)>,
    /// By what records are matched: the API's name of the column, and where it stands.
    pub(super) key: Option<(&'static str, usize)>,
    /// Where the column stands that a file of errors has more than the file that was imported: the last.
    pub(super) errors: Option<usize>,
    pub(super) unknown: Vec<String>,
    pub(super) ignored: Vec<String>,
}

impl<S: Subject> Header<S> {
    pub(super) fn of(row: &Row, all: Vec<Column<S>>, options: &ImportOptions) -> Result<Self> {
        let all: Vec<Rc<Column<S>>> = all.into_iter().map(Rc::new).collect();
        let titles: Vec<String> = row.cells.iter().map(|cell| cell.shown().trim().to_owned()).collect();
        let mut problems = Problems::default();
        let wanted = wanted_key(options, &all, S::KEYS, &mut problems);
        check_mapping(&titles, &all, options, &mut problems);
        let mut header = Self {
            titles: titles.clone(),
            all: all.clone(),
            columns: Vec::new(),
            key: None,
            errors: None,
            unknown: Vec::new(),
            ignored: Vec::new(),
        };
        let mut places: Vec<&str> = Vec::new();
        for (place, title) in titles.iter().enumerate() {
            let Some(column) = meant(title, &all, options) else {
                if title == ERROR && place + 1 == titles.len() {
                    header.errors = Some(place);
                }
                let is_ours = title == ERROR || options.columns.iter().any(|(from, to)| from == title && to.is_empty());
                let list = if is_ours { &mut header.ignored } else { &mut header.unknown };
                list.push(if title.is_empty() { format!("第{}列", place + 1) } else { title.clone() });
                continue;
            };
            if places.contains(&&*column.name) {
                problems.push("file", format!("列重复:{}", column.header));
            }
            places.push(&column.name);
            let key = wanted.filter(|wanted| *wanted == column.name);
            header.key = key.map(|key| (key, place)).or(header.key);
            if column.read.is_some() {
                header.columns.push((place, Rc::clone(column)));
            } else if key.is_none() {
                header.ignored.push(title.clone());
            }
        }
        header.check(options, wanted, &places, &mut problems);
        problems.finish()?;
        Ok(header)
    }

    fn check(&self, options: &ImportOptions, wanted: Option<&str>, places: &[&str], problems: &mut Problems) {
        let title =
            |name: &str| self.all.iter().find(|column| column.name == name).map_or("", |column| &*column.header);
        if places.is_empty() {
            problems.push("file", "没有可识别的列");
            return;
        }
        if let Some(wanted) = wanted.filter(|_| self.key.is_none()) {
            problems.push("key", format!("文件中没有列:{}", title(wanted)));
        }
        if options.mode == Mode::Update {
            return;
        }
        let missing: Vec<&str> =
            S::REQUIRED.iter().filter(|name| !places.contains(name)).map(|name| title(name)).collect();
        // What is only changed may do without.
        if !missing.is_empty() && options.mode == Mode::Add {
            problems.push("file", format!("缺少列:{}", missing.join("、")));
        }
    }
}

/// The column a title stands for: that of the mapping, else the one with this name.
fn meant<'a, S: Subject>(title: &str, all: &'a [Rc<Column<S>>], options: &ImportOptions) -> Option<&'a Rc<Column<S>>> {
    let mapped = options.columns.iter().find(|(from, _)| from.trim() == title).map(|(_, to)| to.trim());
    let called = |name: &str| all.iter().find(|column| is_called(column, name));
    match mapped {
        Some(name) => called(name),
        // People mark what must be filled in.
        None => called(title).or_else(|| called(title.trim_matches(['*', ' ']))),
    }
}

fn is_called<S: Subject>(column: &Column<S>, name: &str) -> bool {
    !name.is_empty() && (column.header.trim() == name || column.name.eq_ignore_ascii_case(name))
}

fn check_mapping<S: Subject>(
    titles: &[String],
    all: &[Rc<Column<S>>],
    options: &ImportOptions,
    problems: &mut Problems,
) {
    for (from, to) in &options.columns {
        if !titles.iter().any(|title| title == from.trim()) {
            problems.push("columns", format!("文件中没有列:{from}"));
        } else if !to.trim().is_empty() && !all.iter().any(|column| is_called(column, to.trim())) {
            problems.push("columns", format!("没有这个字段:{to}"));
        }
    }
}

/// The key that was asked for; to change records, the id unless another was.
fn wanted_key<S: Subject>(
    options: &ImportOptions,
    columns: &[Rc<Column<S>>],
    keys: &'static [&'static str],
    problems: &mut Problems,
) -> Option<&'static str> {
    let Some(asked) = options.key.as_deref().map(str::trim).filter(|key| !key.is_empty()) else {
        return if options.mode == Mode::Add { None } else { Some(ID) };
    };
    let all: Vec<&'static str> = std::iter::once(ID).chain(keys.iter().copied()).collect();
    // `name` is the name, whatever the column is called.
    let by_name = keys.iter().copied().find(|key| asked == "name" && matches!(*key, "realName" | "groupName" | "name"));
    let column = columns.iter().find(|column| is_called(column, asked));
    let found = by_name.or_else(|| all.iter().copied().find(|key| column.is_some_and(|column| column.name == *key)));
    if found.is_none() {
        problems.push("key", format!("应为{}之一", all.join("、")));
    }
    found
}
