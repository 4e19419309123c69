//! Pages of a list.

use crate::{Error, Problems};

/// Which page of a list is wanted (contract: native-api §1 "Paging").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    number: i64,
    count: i64,
}

impl Page {
    /// Rows per page when the request does not say.
    pub const DEFAULT_COUNT: i64 = 20;
    /// The most rows a page may have.
    pub const MAX_COUNT: i64 = 1000;

    /// Page `number` (from 1) of `count` rows (1–1000); anything else names the field at fault.
    pub fn new(number: i64, count: i64) -> Result<Self, Problems> {
        let mut problems = Problems::default();
        problems.range("page", number, 1, i64::MAX);
        problems.range("count", count, 1, Self::MAX_COUNT);
        if problems.is_empty() { Ok(Self { number, count }) } else { Err(problems) }
    }

    /// The first page of the default size.
    pub fn first() -> Self {
        Self { number: 1, count: Self::DEFAULT_COUNT }
    }

    /// The number of this page, from 1.
    pub fn number(self) -> i64 {
        self.number
    }

    /// How many rows a page has.
    pub fn count(self) -> i64 {
        self.count
    }

    /// How many rows stand before this page.
    pub fn offset(self) -> i64 {
        (self.number - 1).saturating_mul(self.count)
    }
}

/// The rows of one page and the exact number of rows of the whole list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paged<T> {
    /// The rows of the page, in the list's order.
    pub rows: Vec<T>,
    /// How many rows the list has on all its pages.
    pub total: i64,
}

impl<T> Paged<T> {
    /// The page of a list of `total` rows. `rows` is asked for them only if the page has any.
    ///
    /// # Errors
    /// What `rows` answers.
    pub fn load<E>(total: i64, page: Page, rows: impl FnOnce() -> Result<Vec<T>, E>) -> Result<Self, Error>
    where
        Error: From<E>,
    {
        let rows = if total <= page.offset() { Vec::new() } else { rows()? };
        Ok(Self { rows, total })
    }

    /// The page of a list whose total is not known: counted only where the rows do not tell it, as
    /// those of a page that is not full do.
    ///
    /// # Errors
    /// What `total` answers.
    pub fn counted(page: Page, rows: Vec<T>, total: impl FnOnce() -> Result<i64, Error>) -> Result<Self, Error> {
        let found = i64::try_from(rows.len()).unwrap_or(i64::MAX);
        let is_last = found < page.count() && (found > 0 || page.offset() == 0);
        let total = if is_last { page.offset().saturating_add(found) } else { total()? };
        Ok(Self { rows, total })
    }

    /// A list without rows.
    pub fn empty() -> Self {
        Self { rows: Vec::new(), total: 0 }
    }
}
