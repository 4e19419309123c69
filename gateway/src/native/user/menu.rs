//! `/api/user/menu`.

use crm_core::MenuId;
use crm_staff::{Menu, MenuInput};
use schemars::JsonSchema;
use serde::Serialize;

use crate::http::{Call, Outcome, Reader};
use crate::native::envelope::DONE;
use crate::native::{list as answer_list, written};

#[derive(JsonSchema, Serialize)]
pub(super) struct ListedMenu {
    #[serde(flatten)]
    menu: MenuRow,
    version: i64,
}

/// A menu item as the document shows it, alone and in a person's menu.
#[derive(JsonSchema, Serialize)]
pub(super) struct MenuRow {
    id: i64,
    name: String,
    content: String,
    note: String,
}

impl From<Menu> for MenuRow {
    fn from(menu: Menu) -> Self {
        Self { id: menu.id.0, name: menu.name, content: menu.content, note: menu.note }
    }
}

/// The items there are.
pub(super) fn list(call: &Call<'_>, input: &mut Reader) -> Outcome {
    let id = input.own_id("menu_id");
    let page = input.page();
    input.finish()?;
    let found = call.services()?.menus.list(id, page)?;
    let rows = found.rows.into_iter().map(|menu| ListedMenu { version: menu.version, menu: menu.into() });
    answer_list(rows, found.total, page)
}

/// Makes an item; with `menu_id` changes it, and with `menu_id` alone deletes it.
pub(super) fn save(call: &Call<'_>, input: &mut Reader) -> Outcome {
    let id = input.own_id::<MenuId>("menu_id");
    let version = input.version();
    let says_something = ["name", "content", "note"].into_iter().any(|field| input.has(field));
    let menu = MenuInput {
        name: input.text("name"),
        content: input.text("content"),
        note: input.text("note"),
        problems: input.take_problems(),
    };
    let menus = &call.services()?.menus;
    let caller = call.caller()?;
    let id = match id {
        Some(id) if says_something => menus.update(caller, id, version, menu).map(|()| id)?,
        Some(id) => {
            menu.problems.finish()?;
            menus.delete(caller, id, version).map(|()| id)?
        }
        None => menus.create(caller, menu)?,
    };
    written(DONE, id)
}
