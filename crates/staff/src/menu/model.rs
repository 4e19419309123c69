//! What a menu item is, and what may be said about one.

use crm_core::{Instant, MenuId, Patch, Problems};
use crm_db::schema::menus;
use diesel::prelude::*;
use serde::Serialize;

use crate::member::Member;
use crate::status::ENABLED;

/// A menu item that people can be given.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset, Serialize)]
#[diesel(table_name = menus, treat_none_as_default_value = false)]
pub struct Menu {
    /// Its id; 0 before it is stored.
    #[diesel(skip_insertion)]
    pub id: MenuId,
    /// The name it is shown by.
    pub name: String,
    /// A description; empty when unset.
    pub content: String,
    /// A note; empty when unset.
    pub note: String,
    /// 1 in use, -1 deleted.
    pub status: i16,
    /// Grows by one with every change.
    pub version: i64,
    /// When it was made.
    pub created_at: Instant,
    /// When it was last changed.
    pub updated_at: Instant,
}

/// What a create or an update says of a menu item.
#[derive(Clone, Debug, Default)]
pub struct MenuInput {
    /// What the edge could not read; reported together with what the service finds.
    pub problems: Problems,
    /// 1–100 characters; required on create.
    pub name: Patch<String>,
    /// Up to 10,000 characters, as the next.
    pub content: Patch<String>,
    /// A note.
    pub note: Patch<String>,
}

/// A person and the menu configured for them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberMenus {
    /// The person.
    pub member: Member,
    /// Their menu, in the order given.
    pub menus: Vec<Menu>,
}

impl Menu {
    /// A new item without a name.
    pub(super) fn blank(now: Instant) -> Self {
        Self {
            id: MenuId(0),
            name: String::new(),
            content: String::new(),
            note: String::new(),
            status: ENABLED,
            version: 1,
            created_at: now,
            updated_at: now,
        }
    }

    /// The item as the input wants it.
    pub(super) fn with(self, input: MenuInput) -> Self {
        Self {
            name: input.name.apply_or(Some(self.name), String::new()),
            content: input.content.apply_or(Some(self.content), String::new()),
            note: input.note.apply_or(Some(self.note), String::new()),
            ..self
        }
    }

    /// The item one write later.
    pub(super) fn changed(self, now: Instant) -> Self {
        Self { version: self.version + 1, updated_at: now, ..self }
    }
}
