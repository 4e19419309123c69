//! Which fields there are: what administrators define, and everybody reads.

use std::collections::HashSet;

use crm_core::{ARRAY_MAX, Caller, Error, FieldId, Instant, NAME_MAX, Problems, Result, SHORT_MAX};
use crm_db::audit::Deed;
use crm_db::{Db, OnUnique};

use super::{Field, FieldInput, FieldKind, repository, to_json};
use crate::setup;

const NOT_FOUND: Error = Error::NotFound("自定义字段");
/// How many fields a deployment may define.
const FIELDS_MAX: usize = 200;
/// How many characters a key may have after its kind.
const KEY_MAX: usize = 50;

/// Looks after the fields the deployment defines.
#[derive(Clone, Debug)]
pub struct Fields {
    db: Db,
}

impl Fields {
    /// The fields of this database.
    pub fn new(db: &Db) -> Self {
        Self { db: db.clone() }
    }

    /// All of them in order, or the one with this id.
    ///
    /// # Errors
    /// What the database answers.
    pub fn list(&self, id: Option<FieldId>) -> Result<Vec<Field>> {
        let all = self.db.read(repository::all)?;
        Ok(all.into_iter().filter(|field| id.is_none_or(|id| id == field.id)).collect())
    }

    /// Defines a field. Administrators only.
    ///
    /// # Errors
    /// [`Error::Forbidden`], [`Error::Invalid`] with every bad field, [`Error::Conflict`] for a key
    /// that is taken or when there are 200 fields already.
    pub fn create(&self, caller: &Caller, input: &FieldInput) -> Result<FieldId> {
        caller.require_administrator()?;
        let now = self.db.now();
        self.db.write(|conn| {
            setup::lock(conn)?;
            let all = repository::all(conn)?;
            let mut problems = check(input, true);
            let kind = new_kind(&mut problems, input);
            check_options(&mut problems, input, kind, true);
            problems.finish()?;
            let kind = kind.ok_or_else(|| Error::internal("a missing kind was not noted"))?;
            if all.len() >= FIELDS_MAX {
                return Err(Error::conflict("key", format!("最多{FIELDS_MAX}个自定义字段")));
            }
            let key = input.key.value().cloned().unwrap_or_else(|| free_key(&all, kind, now));
            let last = all.iter().map(|field| field.sort_num).max().unwrap_or(0).saturating_add(1);
            let field = Field::blank(key, kind, last).with(input, last);
            let id = repository::insert(conn, &field, now).on_unique("key", "字段标识已存在")?;
            deed(caller, "create", id, now).created(conn, &Field { id, ..field })?;
            Ok(id)
        })
    }

    /// Changes a field. With `version` it is only changed if it still is what was read.
    /// Administrators only.
    ///
    /// # Errors
    /// As [`Fields::create`], also for another key or kind than it has; [`Error::NotFound`] for one
    /// that is missing, [`Error::Stale`] when `version` is past.
    pub fn update(&self, caller: &Caller, id: FieldId, version: Option<i64>, input: &FieldInput) -> Result<()> {
        caller.require_administrator()?;
        let now = self.db.now();
        self.db.write(|conn| {
            setup::lock(conn)?;
            let all = repository::all(conn)?;
            let before = all.iter().find(|field| field.id == id).ok_or(NOT_FOUND)?;
            let mut problems = check(input, false);
            for (name, sent, has) in [("key", &input.key, &before.key), ("kind", &input.kind, &before.kind)] {
                if sent.is_null() || sent.value().is_some_and(|sent| sent != has) {
                    problems.push(name, "不能变更");
                }
            }
            check_options(&mut problems, input, Some(before.kind()), false);
            problems.finish()?;
            if version.is_some_and(|version| version != before.version) {
                return Err(Error::Stale);
            }
            let last = all.iter().map(|field| field.sort_num).max().unwrap_or(0).saturating_add(1);
            let after = Field { version: before.version + 1, ..before.clone().with(input, last) };
            repository::update(conn, &after, now)?;
            deed(caller, "update", id, now).changed(conn, before, &after)
        })
    }
}

fn check(input: &FieldInput, creating: bool) -> Problems {
    let mut problems = input.problems.clone();
    problems.required("title", &input.title, creating);
    problems.text("title", &input.title, SHORT_MAX);
    if input.title.value().is_some_and(|title| title.trim().is_empty()) {
        problems.push("title", "不能为空");
    }
    problems.range_of("required", &input.required, 0, 1);
    problems
}

/// The kind of a new field: the one that is said, which its key must start with, or that of its key.
fn new_kind(problems: &mut Problems, input: &FieldInput) -> Option<FieldKind> {
    let of_key = input.key.value().map(|key| key_kind(key));
    if of_key == Some(None) {
        problems.push("key", "应以input_、textarea_、select_、date_或number_开头,后接1至50个字母、数字或_");
    }
    let of_key = of_key.flatten();
    let Some(word) = input.kind.value() else {
        if of_key.is_none() {
            problems.push("kind", "不能为空");
        }
        return of_key;
    };
    let said = FieldKind::called(word);
    if said.is_none() {
        problems.push("kind", "应为input、textarea、select、date、number之一");
    } else if of_key.is_some_and(|kind| Some(kind) != said) {
        problems.push("key", format!("应以{word}_开头"));
    }
    said
}

/// The kind a well-formed key starts with.
fn key_kind(key: &str) -> Option<FieldKind> {
    let (kind, rest) = key.split_once('_')?;
    let is_formed =
        (1..=KEY_MAX).contains(&rest.len()) && rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    FieldKind::called(kind).filter(|_| is_formed)
}

/// A key that no field has: the kind and the time in milliseconds.
fn free_key(all: &[Field], kind: FieldKind, now: Instant) -> String {
    let mut millis = now.unix().saturating_mul(1000);
    loop {
        let key = format!("{}_{millis}", kind.as_str());
        if all.iter().all(|field| field.key != key) {
            return key;
        }
        millis = millis.saturating_add(1);
    }
}

fn check_options(problems: &mut Problems, input: &FieldInput, kind: Option<FieldKind>, creating: bool) {
    let options = input.options.value().map(Vec::as_slice).unwrap_or_default();
    let is_set = !options.is_empty();
    match kind {
        Some(FieldKind::Select) if !is_set && (creating || !input.options.is_absent()) => {
            problems.push("options", "不能为空");
        }
        Some(kind) if is_set && kind != FieldKind::Select => problems.push("options", "只有select字段才有选项"),
        Some(_) | None => {}
    }
    if options.len() > ARRAY_MAX {
        problems.push("options", format!("最多{ARRAY_MAX}个"));
    }
    let mut seen = HashSet::with_capacity(options.len());
    for option in options {
        problems.plain_text("options", option, NAME_MAX);
        if option.trim().is_empty() {
            problems.push("options", "选项不能为空");
        } else if !seen.insert(option) {
            problems.push("options", format!("不能重复:{option}"));
        }
    }
}

fn deed<'a>(caller: &'a Caller, action: &'static str, id: FieldId, at: Instant) -> Deed<'a> {
    Deed { caller: Some(caller), action, record: "field", id: Some(id.0), at }
}

impl Field {
    /// A field of which nothing but this is said yet.
    fn blank(key: String, kind: FieldKind, sort_num: i64) -> Self {
        Self {
            id: FieldId(0),
            key,
            title: String::new(),
            kind: kind.as_str().to_owned(),
            options: to_json(&[]),
            required: 0,
            sort_num,
            version: 1,
        }
    }

    /// The field as the input wants it; `last` is the place of one whose place is cleared.
    fn with(self, input: &FieldInput, last: i64) -> Self {
        let input = input.clone();
        Self {
            title: input.title.apply_or(Some(self.title), String::new()),
            options: input.options.map(|options| to_json(&options)).apply_or(Some(self.options), to_json(&[])),
            required: input.required.apply_small(self.required, 0),
            sort_num: input.sort_num.apply_or(Some(self.sort_num), last),
            ..self
        }
    }
}
