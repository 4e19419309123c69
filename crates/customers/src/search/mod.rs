//! Finding customers by anything that is known of them, in any order: the lists people work with
//! (vendor-surfaces §4).

mod columns;
mod filter;
mod repository;

use crm_core::{Caller, Page, Problems, Result, Zone};
use crm_db::Db;

use crate::customer::{CustomerDetail, details, shown};
use crate::field::{self, Field};
use crate::options::{Choice, SOURCES, STAGES};

pub use filter::{AddressColumn, Column, PersonColumn, SearchFilter, Sort, SortKey, Tab};

/// The longest text to search for.
const TEXT_MAX: usize = 100;

/// Finds customers.
#[derive(Clone, Debug)]
pub struct CustomerSearch {
    db: Db,
    zone: Zone,
}

/// A page of a search.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// The customers of the page, in the order asked for.
    pub rows: Vec<CustomerDetail>,
    /// Whether another page comes after this one.
    pub has_next_page: bool,
    /// The fields the deployment defines, in their order.
    pub fields: Vec<Field>,
}

impl CustomerSearch {
    /// The customers of this database; days are those of `zone`.
    pub fn new(db: &Db, zone: Zone) -> Self {
        Self { db: db.clone(), zone }
    }

    /// The customers the filter asks for, live or deleted, among those the caller may see. In the public pool
    /// numbers, e-mail addresses and ids at WeChat and QQ are masked for everybody but administrators, and
    /// only a whole phone number finds its customer by them.
    ///
    /// # Errors
    /// [`Error::Invalid`](crm_core::Error::Invalid) with every bad field.
    pub fn list(&self, caller: &Caller, filter: &SearchFilter, sort: Sort, page: Page) -> Result<Found> {
        let now = self.db.now();
        self.db.read(|conn| {
            let fields = field::all(conn)?;
            let field = check(filter, &fields)?;
            let (ids, has_next_page) = repository::ids(conn, caller, filter, field, sort, page)?;
            let rows = shown::of_all(conn, &ids)?;
            Ok(Found { rows: details(conn, caller, self.zone, now, rows)?, has_next_page, fields })
        })
    }

    /// The stages a customer can be given, in their order.
    ///
    /// # Errors
    /// What the database answers.
    pub fn stages(&self) -> Result<Vec<Choice>> {
        self.db.read(|conn| Ok(active(STAGES.all(conn)?)))
    }

    /// The sources a customer can be given, in their order.
    ///
    /// # Errors
    /// What the database answers.
    pub fn sources(&self) -> Result<Vec<Choice>> {
        self.db.read(|conn| Ok(active(SOURCES.all(conn)?)))
    }
}

fn active(choices: Vec<Choice>) -> Vec<Choice> {
    choices.into_iter().filter(|choice| choice.is_active != 0).collect()
}

/// Everything that is wrong with a filter; the custom field it looks in, if it looks in one.
fn check<'a>(filter: &SearchFilter, fields: &'a [Field]) -> Result<Option<&'a Field>> {
    let mut problems: Problems = filter.problems.clone();
    problems.plain_text("query", filter.text.as_deref().unwrap_or_default(), TEXT_MAX);
    let field = match &filter.column {
        Some(Column::Custom(key)) => {
            let found = fields.iter().find(|field| field.key == *key);
            if found.is_none() {
                problems.push("custom_field_name", "没有该字段");
            }
            found
        }
        _ => None,
    };
    problems.finish()?;
    Ok(field)
}
