//! Product lines: each customer belongs to one (vendor-surfaces §1).

use crm_core::{Caller, Error, Instant, Patch, Problems, ProductLineId, Result};
use crm_db::audit::Deed;
use crm_db::schema::product_lines;
use crm_db::{Backend, Conn, Db};
use crm_staff::people::note_missing;
use diesel::prelude::*;
use serde::Serialize;

use crate::setup;

const NOT_FOUND: Error = Error::NotFound("产品线");

/// A product line.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Serialize)]
#[diesel(table_name = product_lines)]
pub struct ProductLine {
    /// Its id.
    pub id: ProductLineId,
    /// What it is called.
    pub name: String,
    /// Grows by one with every change.
    pub version: i64,
}

/// What a create or an update says of a product line.
#[derive(Clone, Debug, Default)]
pub struct ProductLineInput {
    /// What the edge could not read; reported together with what the service finds.
    pub problems: Problems,
    /// 1–100 characters; required on create; no two lines have the same.
    pub name: Patch<String>,
}

/// Looks after product lines.
#[derive(Clone, Debug)]
pub struct ProductLines {
    db: Db,
}

impl ProductLines {
    /// The product lines of this database.
    pub fn new(db: &Db) -> Self {
        Self { db: db.clone() }
    }

    /// All of them, oldest first, or the one with this id.
    ///
    /// # Errors
    /// What the database answers.
    pub fn list(&self, id: Option<ProductLineId>) -> Result<Vec<ProductLine>> {
        self.db.read(|conn| {
            let mut query = product_lines::table.into_boxed::<Backend>();
            if let Some(id) = id {
                query = query.filter(product_lines::id.eq(id));
            }
            Ok(query.order(product_lines::id).select(ProductLine::as_select()).load(conn)?)
        })
    }

    /// Makes a product line. Administrators only.
    ///
    /// # Errors
    /// [`Error::Forbidden`], [`Error::Invalid`] for a bad name, [`Error::Conflict`] for one that is taken.
    pub fn create(&self, caller: &Caller, input: &ProductLineInput) -> Result<ProductLineId> {
        caller.require_administrator()?;
        let now = self.db.now();
        self.db.write(|conn| {
            setup::lock(conn)?;
            check_input(conn, input, None)?;
            let name = input.name.value().cloned().unwrap_or_default();
            let id = diesel::insert_into(product_lines::table)
                .values((
                    product_lines::name.eq(&name),
                    product_lines::version.eq(1i64),
                    product_lines::created_at.eq(now),
                    product_lines::updated_at.eq(now),
                ))
                .returning(product_lines::id)
                .get_result(conn)?;
            deed(caller, "create", id, now).created(conn, &ProductLine { id, name, version: 1 })?;
            Ok(id)
        })
    }

    /// Renames a product line. With `version` it is only changed if it still is what was read.
    /// Administrators only.
    ///
    /// # Errors
    /// As [`ProductLines::create`]; [`Error::NotFound`] for one that is missing, [`Error::Stale`]
    /// when `version` is past.
    pub fn update(
        &self,
        caller: &Caller,
        id: ProductLineId,
        version: Option<i64>,
        input: &ProductLineInput,
    ) -> Result<()> {
        caller.require_administrator()?;
        let now = self.db.now();
        self.db.write(|conn| {
            setup::lock(conn)?;
            let before = product_lines::table
                .filter(product_lines::id.eq(id))
                .select(ProductLine::as_select())
                .first(conn)
                .optional()?
                .ok_or(NOT_FOUND)?;
            check_input(conn, input, Some(id))?;
            if version.is_some_and(|version| version != before.version) {
                return Err(Error::Stale);
            }
            let name = input.name.clone().apply_or(Some(before.name.clone()), String::new());
            let after = ProductLine { name, version: before.version + 1, ..before.clone() };
            diesel::update(product_lines::table.filter(product_lines::id.eq(id)))
                .set((
                    product_lines::name.eq(&after.name),
                    product_lines::version.eq(after.version),
                    product_lines::updated_at.eq(now),
                ))
                .execute(conn)?;
            deed(caller, "update", id, now).changed(conn, &before, &after)
        })
    }
}

fn check_input(conn: &mut Conn, input: &ProductLineInput, own: Option<ProductLineId>) -> Result<()> {
    let mut problems = input.problems.clone();
    problems.required("name", &input.name, own.is_none());
    problems.name("name", &input.name);
    problems.finish()?;
    let Some(name) = input.name.value() else { return Ok(()) };
    let taken: Vec<ProductLineId> =
        product_lines::table.filter(product_lines::name.eq(name)).select(product_lines::id).load(conn)?;
    if taken.into_iter().any(|id| Some(id) != own) {
        return Err(Error::conflict("name", "名称已存在"));
    }
    Ok(())
}

fn deed<'a>(caller: &'a Caller, action: &'static str, id: ProductLineId, at: Instant) -> Deed<'a> {
    Deed { caller: Some(caller), action, record: "product_line", id: Some(id.0), at }
}

/// Notes a product line that is missing.
pub(crate) fn check(conn: &mut Conn, problems: &mut Problems, id: &Patch<ProductLineId>) -> Result<()> {
    let Some(id) = id.value() else { return Ok(()) };
    let known: i64 = product_lines::table.filter(product_lines::id.eq(id)).count().get_result(conn)?;
    if known == 0 {
        note_missing(problems, "product_line_id", &[*id], &[]);
    }
    Ok(())
}
