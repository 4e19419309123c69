//! What administrators do with the option tables, and everybody reads.

use crm_core::{Caller, Error, Id, Instant, Patch, Problems, Result};
use crm_db::audit::Deed;
use crm_db::{Conn, Db};

use super::{Choice, OptionTable};
use crate::setup;

const NOT_FOUND: Error = Error::NotFound("选项");
/// The colour of an option of which it is not said.
const GREY: &str = "#606266";
/// The largest outcome: completed.
const OUTCOME_MAX: i64 = 3;

/// Looks after one option table.
#[derive(Clone, Debug)]
pub struct Choices<I> {
    db: Db,
    table: OptionTable<I>,
}

/// What a create or an update says of an option.
#[derive(Clone, Debug, Default)]
pub struct ChoiceInput {
    /// What the edge could not read; reported together with what the service finds.
    pub problems: Problems,
    /// 1–100 characters; required on create; no two options that are not retired have the same.
    pub name: Patch<String>,
    /// `#rrggbb`; `#606266` by default.
    pub color: Patch<String>,
    /// Any whole number; the place after all others by default.
    pub sort_num: Patch<i64>,
    /// 1 or 0, the default. There is one default option at most: 1 takes the mark from the other.
    pub is_default: Patch<i64>,
    /// 1, the default, or 0 to retire it.
    pub is_active: Patch<i64>,
    /// Of stages alone: 0 open (the default), 1 won, 2 lost, 3 completed.
    pub outcome: Patch<i64>,
}

impl<I: Id> Choices<I> {
    /// The options of this table of this database.
    pub fn new(db: &Db, table: OptionTable<I>) -> Self {
        Self { db: db.clone(), table }
    }

    /// All of them in order, or the one with this id.
    ///
    /// # Errors
    /// What the database answers.
    pub fn list(&self, id: Option<I>) -> Result<Vec<Choice>> {
        self.db.read(|conn| match id {
            Some(id) => Ok(self.table.find(conn, id)?.into_iter().collect()),
            None => self.table.all(conn),
        })
    }

    /// Makes an option. Administrators only.
    ///
    /// # Errors
    /// [`Error::Forbidden`], [`Error::Invalid`] with every bad field, [`Error::Conflict`] for a name
    /// that is taken or a default that is retired.
    pub fn create(&self, caller: &Caller, input: ChoiceInput) -> Result<I> {
        caller.require_administrator()?;
        let now = self.db.now();
        self.db.write(|conn| {
            self.check(&input, true)?;
            setup::lock(conn)?;
            let blank = Choice { sort_num: self.table.next_place(conn)?, ..Choice::blank() };
            let choice = blank.clone().with(&input, blank.sort_num);
            self.settle(conn, caller, None, &choice, now)?;
            let id = self.table.insert(conn, &choice, now)?;
            self.deed(caller, "create", id.raw(), now).created(conn, &Choice { id: id.raw(), ..choice })?;
            Ok(id)
        })
    }

    /// Changes an option. With `version` it is only changed if it still is what was read.
    /// Administrators only.
    ///
    /// # Errors
    /// As [`Choices::create`]; [`Error::NotFound`] for one that is missing, [`Error::Stale`] when
    /// `version` is past, [`Error::Conflict`] when the default one or the last stage is to be retired.
    pub fn update(&self, caller: &Caller, id: I, version: Option<i64>, input: ChoiceInput) -> Result<()> {
        caller.require_administrator()?;
        let now = self.db.now();
        self.db.write(|conn| {
            setup::lock(conn)?;
            let before = self.table.find(conn, id)?.ok_or(NOT_FOUND)?;
            self.check(&input, false)?;
            if version.is_some_and(|version| version != before.version) {
                return Err(Error::Stale);
            }
            let last = if input.sort_num.is_null() { self.table.next_place(conn)? } else { before.sort_num };
            let after = before.clone().with(&input, last).changed();
            self.settle(conn, caller, Some(&before), &after, now)?;
            self.table.update(conn, &after, now)?;
            self.deed(caller, "update", id.raw(), now).changed(conn, &before, &after)
        })
    }

    /// Everything that can be wrong with the input by itself.
    fn check(&self, input: &ChoiceInput, creating: bool) -> Result<()> {
        let mut problems = input.problems.clone();
        problems.required("name", &input.name, creating);
        problems.name("name", &input.name);
        setup::check_color(&mut problems, "color", &input.color);
        problems.range_of("is_default", &input.is_default, 0, 1);
        problems.range_of("is_active", &input.is_active, 0, 1);
        if self.table.has_outcome() {
            problems.range_of("outcome", &input.outcome, 0, OUTCOME_MAX);
        } else if !input.outcome.is_absent() {
            problems.push("outcome", "只有阶段才有结果");
        }
        problems.finish()
    }

    /// Holds what an option is to become against the others, and takes the mark from the default one
    /// if this is to have it.
    fn settle(
        &self,
        conn: &mut Conn,
        caller: &Caller,
        before: Option<&Choice>,
        after: &Choice,
        now: Instant,
    ) -> Result<()> {
        if after.is_default() && !after.is_active() {
            return Err(Error::conflict("is_active", "默认选项不能停用"));
        }
        let others: Vec<Choice> = self
            .table
            .all(conn)?
            .into_iter()
            .filter(|other| before.is_none_or(|before| before.id != other.id))
            .collect();
        let mut active = others.iter().filter(|other| other.is_active());
        if after.is_active() && active.any(|other| other.name == after.name) {
            return Err(Error::conflict("name", "名称已存在"));
        }
        if self.table.has_outcome() && !after.is_active() && !others.iter().any(Choice::is_active) {
            return Err(Error::conflict("is_active", "至少要有一个启用的阶段"));
        }
        for other in others.iter().filter(|other| after.is_default() && other.is_default()) {
            let unmarked = Choice { is_default: 0, ..other.clone() }.changed();
            self.table.update(conn, &unmarked, now)?;
            self.deed(caller, "update", other.id, now).changed(conn, other, &unmarked)?;
        }
        Ok(())
    }

    fn deed<'a>(&self, caller: &'a Caller, action: &'static str, id: i64, at: Instant) -> Deed<'a> {
        Deed { caller: Some(caller), action, record: self.table.record, id: Some(id), at }
    }
}

impl Choice {
    /// An option of which nothing is said yet.
    fn blank() -> Self {
        Self {
            id: 0,
            name: String::new(),
            color: GREY.to_owned(),
            sort_num: 0,
            is_default: 0,
            is_active: 1,
            outcome: 0,
            version: 1,
        }
    }

    /// The option as the input wants it; `last` is the place of one whose place is cleared.
    fn with(self, input: &ChoiceInput, last: i64) -> Self {
        let input = input.clone();
        Self {
            name: input.name.apply_or(Some(self.name), String::new()),
            color: input.color.apply_or(Some(self.color), GREY.to_owned()),
            sort_num: input.sort_num.apply_or(Some(self.sort_num), last),
            is_default: input.is_default.apply_small(self.is_default, 0),
            is_active: input.is_active.apply_small(self.is_active, 1),
            outcome: input.outcome.apply_small(self.outcome, 0),
            ..self
        }
    }

    /// The option one write later.
    fn changed(self) -> Self {
        Self { version: self.version + 1, ..self }
    }

    fn is_default(&self) -> bool {
        self.is_default != 0
    }

    fn is_active(&self) -> bool {
        self.is_active != 0
    }
}
