//! Menu items (菜单配置项) and who has which (员工菜单): native-api §3 "menu", "usermenu".

mod model;
mod repository;

use std::collections::HashMap;

use crm_core::{Caller, DELETED, Error, MenuId, NOTE_MAX, Page, Paged, Patch, Problems, Result, StaffId, StatusFilter};
use crm_db::audit::Deed;
use crm_db::{Conn, Db, RowOf, distinct, in_order};
use serde::Serialize;

use crate::member::{self, MemberFilter};
use crate::people::note_missing;
pub use model::{MemberMenus, Menu, MenuInput};

const NOT_FOUND: Error = Error::NotFound("菜单项");

/// Looks after menu items and who has which.
#[derive(Clone, Debug)]
pub struct Menus {
    db: Db,
}

/// The menu of a person, for the audit trail.
#[derive(Serialize)]
struct Audited<'a> {
    menu: &'a [MenuId],
    version: i64,
}

impl Menus {
    /// The menus of this database.
    pub fn new(db: &Db) -> Self {
        Self { db: db.clone() }
    }

    /// The items there are (or the one with this id), oldest first. Everybody may read them.
    ///
    /// # Errors
    /// What the database answers.
    pub fn list(&self, id: Option<MenuId>, page: Page) -> Result<Paged<Menu>> {
        self.db.read(|conn| repository::list(conn, id, page))
    }

    /// Makes an item. Administrators only.
    ///
    /// # Errors
    /// [`Error::Forbidden`], [`Error::Invalid`] with every bad field.
    pub fn create(&self, caller: &Caller, input: MenuInput) -> Result<MenuId> {
        caller.require_administrator()?;
        let now = self.db.now();
        self.db.write(|conn| {
            check(&input, true)?;
            let menu = Menu::blank(now).with(input);
            let id = repository::insert(conn, &menu)?;
            Deed { caller: Some(caller), action: "create", record: "menu", id: Some(id.0), at: now }
                .created(conn, &Menu { id, ..menu })?;
            Ok(id)
        })
    }

    /// Changes an item. With `version` it is only changed if it still is what was read.
    /// Administrators only.
    ///
    /// # Errors
    /// [`Error::Forbidden`], [`Error::NotFound`] for one that is missing or deleted, [`Error::Stale`]
    /// when `version` is past, [`Error::Invalid`] with every bad field.
    pub fn update(&self, caller: &Caller, id: MenuId, version: Option<i64>, input: MenuInput) -> Result<()> {
        caller.require_administrator()?;
        let now = self.db.now();
        self.db.write(|conn| {
            conn.lock_row(RowOf::Menus, id.0)?;
            let before = repository::find(conn, id)?.filter(|menu| menu.status != DELETED).ok_or(NOT_FOUND)?;
            check(&input, false)?;
            if version.is_some_and(|version| version != before.version) {
                return Err(Error::Stale);
            }
            let after = before.clone().with(input).changed(now);
            repository::update(conn, &after)?;
            Deed { caller: Some(caller), action: "update", record: "menu", id: Some(id.0), at: now }
                .changed(conn, &before, &after)
        })
    }

    /// Deletes an item; nobody has it any more. Deleting twice changes nothing. Administrators only.
    ///
    /// # Errors
    /// [`Error::Forbidden`], [`Error::NotFound`] for one that never was, [`Error::Stale`] when
    /// `version` is past.
    pub fn delete(&self, caller: &Caller, id: MenuId, version: Option<i64>) -> Result<()> {
        caller.require_administrator()?;
        let now = self.db.now();
        self.db.write(|conn| {
            conn.lock_row(RowOf::Menus, id.0)?;
            let before = repository::find(conn, id)?.ok_or(NOT_FOUND)?;
            if before.status == DELETED {
                return Ok(());
            }
            if version.is_some_and(|version| version != before.version) {
                return Err(Error::Stale);
            }
            let after = Menu { status: DELETED, ..before.clone() }.changed(now);
            repository::update(conn, &after)?;
            Deed { caller: Some(caller), action: "delete", record: "menu", id: Some(id.0), at: now }
                .changed(conn, &before, &after)
        })
    }

    /// The people (or this one) with the menus configured for them, newest first. Administrators see
    /// all who are not deleted, others themself.
    ///
    /// # Errors
    /// What the database answers.
    pub fn of_members(&self, caller: &Caller, person: Option<StaffId>, page: Page) -> Result<Paged<MemberMenus>> {
        let me = caller.staff_id;
        let filter = match (caller.is_administrator(), person) {
            (true, None) => MemberFilter::default(),
            (true, Some(id)) => one(id),
            (false, None) => one(me),
            (false, Some(id)) if id == me => one(me),
            (false, Some(_)) => return Ok(Paged::empty()),
        };
        self.db.read(|conn| {
            let Paged { rows, total } = member::repository::list(conn, &filter, page)?;
            let ids: Vec<StaffId> = rows.iter().map(|member| member.id).collect();
            let mut menus = of_people(conn, &ids)?;
            let rows = rows
                .into_iter()
                .map(|member| MemberMenus { menus: menus.remove(&member.id).unwrap_or_default(), member })
                .collect();
            Ok(Paged { rows, total })
        })
    }

    /// Gives a person exactly these items, in this order. `menu` must be there, though it may be
    /// empty. The person's `version` counts it. Administrators only.
    ///
    /// # Errors
    /// [`Error::Forbidden`], [`Error::NotFound`] for a person who is missing or deleted,
    /// [`Error::Invalid`] for items that do not exist, [`Error::Stale`] when `version` is past.
    pub fn set_of_member(
        &self,
        caller: &Caller,
        person: StaffId,
        version: Option<i64>,
        menu: &Patch<Vec<MenuId>>,
        mut problems: Problems,
    ) -> Result<()> {
        caller.require_administrator()?;
        let now = self.db.now();
        self.db.write(|conn| {
            conn.lock_row(RowOf::Staff, person.0)?;
            let before = member::repository::find(conn, person)?
                .filter(|member| member.status != DELETED)
                .ok_or(Error::NotFound("员工"))?;
            let had = repository::OF_PEOPLE.of(conn, person)?;
            problems.required("menu", menu, true);
            let wanted = menu.value().map(Vec::as_slice).unwrap_or_default();
            problems.ids("menu", wanted);
            let new: Vec<MenuId> = wanted.iter().copied().filter(|id| !had.contains(id)).collect();
            let known: Vec<MenuId> = repository::live(conn, &new)?.iter().map(|menu| menu.id).collect();
            note_missing(&mut problems, "menu", &new, &known);
            problems.finish()?;
            if version.is_some_and(|version| version != before.version) {
                return Err(Error::Stale);
            }
            let after = before.clone().changed(now);
            member::repository::update(conn, &after)?;
            repository::OF_PEOPLE.replace(conn, person, wanted)?;
            Deed { caller: Some(caller), action: "set_menu", record: "staff", id: Some(person.0), at: now }.changed(
                conn,
                &Audited { menu: &had, version: before.version },
                &Audited { menu: wanted, version: after.version },
            )
        })
    }
}

fn one(id: StaffId) -> MemberFilter {
    MemberFilter { id: Some(id), status: StatusFilter::All, ..MemberFilter::default() }
}

fn check(input: &MenuInput, creating: bool) -> Result<()> {
    let mut problems = input.problems.clone();
    problems.required("name", &input.name, creating);
    problems.name("name", &input.name);
    problems.text("content", &input.content, NOTE_MAX);
    problems.text("note", &input.note, NOTE_MAX);
    problems.finish()
}

/// The menus configured for these people, in the order given, without deleted items.
pub(crate) fn of_people(conn: &mut Conn, people: &[StaffId]) -> Result<HashMap<StaffId, Vec<Menu>>> {
    let links = repository::OF_PEOPLE.of_all(conn, people)?;
    let ids = distinct(links.values().flatten().copied());
    let menus: HashMap<MenuId, Menu> = repository::live(conn, &ids)?.into_iter().map(|menu| (menu.id, menu)).collect();
    Ok(links.into_iter().map(|(person, ids)| (person, in_order(&ids, &menus))).collect())
}
