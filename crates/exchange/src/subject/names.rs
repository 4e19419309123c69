//! What the names in a file stand for. Files name the same few organizations and people again and
//! again, so what was found is kept for the next rows.

use std::collections::HashMap;

use crm_core::{Caller, CategoryId, CustomerId, Id, Instant, OrganizationId, ProductLineId, Result, SourceId, StaffId};
use crm_customers::{OrganizationInput, Organizations, lookup, options};
use crm_db::Conn;
use crm_db::counters::Totals;
use crm_staff::directory;

use crate::until::Until;

/// How many names are kept.
const KEPT: usize = 20_000;

/// What a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Found<I> {
    /// Nothing the caller sees.
    None,
    /// This.
    One(I),
    /// More than one.
    Several,
}

impl<I: Id> Found<I> {
    fn among(ids: &[I]) -> Self {
        match ids {
            [] => Self::None,
            [one] => Self::One(*one),
            _ => Self::Several,
        }
    }
}

/// What the names in a file stand for, for one caller.
pub(crate) struct Names {
    /// Enters organizations that are missing.
    missing: Option<Organizations>,
    /// Whether they are entered just now.
    enters: bool,
    /// When to stop.
    pub(crate) until: Until,
    /// How many were entered since it was last asked.
    entered: i64,
    /// What the rows since they were last taken change in the totals.
    pub(crate) totals: Totals,
    now: Instant,
    organizations: HashMap<String, OrganizationId>,
    people: HashMap<String, StaffId>,
    sources: HashMap<String, Found<SourceId>>,
    categories: HashMap<String, Found<CategoryId>>,
    product_lines: HashMap<String, Found<ProductLineId>>,
}

impl Names {
    /// With `missing` an organization that nobody knows is entered.
    pub(crate) fn new(missing: Option<Organizations>, now: Instant, until: Until) -> Self {
        Self {
            missing,
            enters: true,
            until,
            entered: 0,
            totals: Totals::default(),
            now,
            organizations: HashMap::new(),
            people: HashMap::new(),
            sources: HashMap::new(),
            categories: HashMap::new(),
            product_lines: HashMap::new(),
        }
    }

    /// Whether organizations that are missing are entered from here on.
    pub(crate) fn enter(&mut self, enters: bool) {
        self.enters = enters;
    }

    /// How many organizations were entered since this was last asked.
    pub(crate) fn take_entered(&mut self) -> i64 {
        std::mem::take(&mut self.entered)
    }

    /// How many organizations were entered so far.
    pub(crate) fn entered(&self) -> i64 {
        self.entered
    }

    /// What was entered since `entered` was undone again.
    pub(crate) fn undone_to(&mut self, entered: i64) {
        if self.entered != entered {
            self.entered = entered;
            self.organizations.clear();
        }
    }

    pub(crate) fn organization(
        &mut self,
        conn: &mut Conn,
        caller: &Caller,
        name: &str,
    ) -> Result<Found<OrganizationId>> {
        if let Some(known) = self.organizations.get(name) {
            return Ok(Found::One(*known));
        }
        let mut found = Found::among(&lookup::organizations_named(conn, caller, name)?);
        if let (Found::None, true, Some(organizations)) = (found, self.enters, &self.missing) {
            let input = OrganizationInput { name: name.to_owned().into(), ..OrganizationInput::default() };
            found = Found::One(organizations.create_on_conn(conn, caller, input, self.now, &mut self.totals)?);
            self.entered += 1;
        }
        if let Found::One(id) = found {
            keep(&mut self.organizations, name, id);
        }
        Ok(found)
    }

    pub(crate) fn customer(&mut self, conn: &mut Conn, caller: &Caller, name: &str) -> Result<Found<CustomerId>> {
        let by_name = Found::among(&lookup::customers_named(conn, caller, name)?);
        if by_name != Found::None {
            return Ok(by_name);
        }
        Ok(Found::among(&lookup::customers_with_phone(conn, caller, name)?))
    }

    pub(crate) fn person(&mut self, conn: &mut Conn, caller: &Caller, name: &str) -> Result<Found<StaffId>> {
        if let Some(known) = self.people.get(name) {
            return Ok(Found::One(*known));
        }
        let found = Found::among(&directory::known_as(conn, caller, name)?);
        if let Found::One(id) = found {
            keep(&mut self.people, name, id);
        }
        Ok(found)
    }

    pub(crate) fn source(&mut self, conn: &mut Conn, _: &Caller, name: &str) -> Result<Found<SourceId>> {
        if self.sources.is_empty() {
            self.sources = by_name(options::SOURCES.all(conn)?.into_iter().map(|row| (row.name, SourceId(row.id))));
        }
        Ok(self.sources.get(name.trim()).copied().unwrap_or(Found::None))
    }

    pub(crate) fn category(&mut self, conn: &mut Conn, _: &Caller, name: &str) -> Result<Found<CategoryId>> {
        if self.categories.is_empty() {
            let rows = options::CATEGORIES.all(conn)?;
            self.categories = by_name(rows.into_iter().map(|row| (row.name, CategoryId(row.id))));
        }
        Ok(self.categories.get(name.trim()).copied().unwrap_or(Found::None))
    }

    pub(crate) fn product_line(&mut self, conn: &mut Conn, _: &Caller, name: &str) -> Result<Found<ProductLineId>> {
        if self.product_lines.is_empty() {
            let rows = lookup::product_lines(conn)?;
            self.product_lines = by_name(rows.into_iter().map(|(id, name)| (name, id)));
        }
        Ok(self.product_lines.get(name.trim()).copied().unwrap_or(Found::None))
    }
}

fn keep<I>(known: &mut HashMap<String, I>, name: &str, id: I) {
    if known.len() >= KEPT {
        known.clear();
    }
    known.insert(name.to_owned(), id);
}

fn by_name<I>(rows: impl Iterator<Item = (String, I)>) -> HashMap<String, Found<I>> {
    let mut known = HashMap::new();
    for (name, id) in rows {
        known.entry(name).and_modify(|found| *found = Found::Several).or_insert(Found::One(id));
    }
    known
}
