//! Queries on menu items.

use crm_core::{MenuId, Page, Paged, Result, StaffId};
use crm_db::schema::menus;
use crm_db::{Backend, Conn, Links, Literal, among};
use diesel::prelude::*;

use super::Menu;

/// Which items a person has.
pub(super) const OF_PEOPLE: Links<StaffId, MenuId> = Links::new("staff_menus", "staff_id", "menu_id");

pub(super) fn insert(conn: &mut Conn, menu: &Menu) -> Result<MenuId> {
    Ok(diesel::insert_into(menus::table).values(menu).returning(menus::id).get_result(conn)?)
}

pub(super) fn update(conn: &mut Conn, menu: &Menu) -> Result<()> {
    diesel::update(menus::table.filter(menus::id.eq(menu.id))).set(menu).execute(conn)?;
    Ok(())
}

/// An item, deleted or not.
pub(super) fn find(conn: &mut Conn, id: MenuId) -> Result<Option<Menu>> {
    Ok(menus::table.filter(menus::id.eq(id)).select(Menu::as_select()).first(conn).optional()?)
}

/// Those of these items that are not deleted.
pub(super) fn live(conn: &mut Conn, ids: &[MenuId]) -> Result<Vec<Menu>> {
    let mut live = Vec::with_capacity(ids.len());
    if !ids.is_empty() {
        let found: Vec<Menu> = menus::table
            .filter(among(menus::id, ids.iter().copied()).and(menus::status.ne(Literal::DELETED)))
            .select(Menu::as_select())
            .load(conn)?;
        live.extend(found);
    }
    Ok(live)
}

pub(super) fn list(conn: &mut Conn, id: Option<MenuId>, page: Page) -> Result<Paged<Menu>> {
    let total = filtered(id).count().get_result(conn)?;
    Paged::load(total, page, || {
        filtered(id).order(menus::id).limit(page.count()).offset(page.offset()).select(Menu::as_select()).load(conn)
    })
}

fn filtered<'a>(id: Option<MenuId>) -> menus::BoxedQuery<'a, Backend> {
    let query = menus::table.filter(menus::status.ne(Literal::DELETED)).into_boxed::<Backend>();
    match id {
        Some(id) => query.filter(menus::id.eq(id)),
        None => query,
    }
}
