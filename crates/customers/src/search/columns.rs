//! Which customers a text finds in a column, as SQL.
//!
//! What is masked in the public pool must not be found out by searching either: there the numbers,
//! e-mail addresses and ids at WeChat and QQ of customers and contacts are left out, and of phone
//! numbers only the whole one finds its customer (vendor-surfaces §4).
//!
//! Texts are narrowed down by the text index first; then the very column is asked. Digits are not: nearly
//! every document has each of them, and the index takes longer (measured with 100,000 customers: 90 ms
//! on SQLite, 300 on PostgreSQL) than reading all numbers (20 ms).

use crm_core::{Caller, phone_key};
use crm_db::text_search::{self, Index};
use crm_db::{Engine, Predicate};

use super::filter::{AddressColumn, Column, PersonColumn};
use crate::customer::{Approval, pool_is_closed};
use crate::field::Field;

/// A search text, and who asks.
pub(super) struct Wanted<'a> {
    engine: Engine,
    text: &'a str,
    /// The text as a number is compared, if it can be one.
    number: Option<String>,
    /// Whether what is masked in the pool is masked for who asks.
    pool_is_closed: bool,
}

/// Where a number is kept: rows with the customer's id and the number as it is compared. `p` is the
/// customer.
struct Number {
    rows: &'static str,
    id: &'static str,
    key: &'static str,
}

const PHONE: Number = Number { rows: "customers p", id: "p.id", key: "p.phone_key" };
const TEL: Number = Number {
    rows: "customer_addresses t JOIN customers p ON t.tel IS NOT NULL AND p.id = t.customer_id",
    id: "t.customer_id",
    key: "REPLACE(REPLACE(t.tel, '-', ''), ' ', '')",
};
const CONTACT_PHONE: Number = Number {
    rows: "customer_contacts t JOIN customers p ON t.status <> -1 AND p.id = t.customer_id",
    id: "t.customer_id",
    key: "REPLACE(REPLACE(t.phone, '-', ''), ' ', '')",
};
const CONTACT_TEL: Number = Number { key: "REPLACE(REPLACE(t.tel, '-', ''), ' ', '')", ..CONTACT_PHONE };

impl<'a> Wanted<'a> {
    pub(super) fn new(engine: Engine, caller: &Caller, text: &'a str) -> Self {
        let is_number = text.chars().all(|c| c.is_ascii_digit() || matches!(c, '+' | '-' | ' '));
        let number = Some(phone_key(text)).filter(|key| is_number && !key.is_empty());
        Self { engine, text, number, pool_is_closed: pool_is_closed(caller) }
    }

    /// The rows of `customers` with the text in their names, their numbers, their contacts' numbers or
    /// the names of their organizations.
    pub(super) fn anywhere(&self) -> Predicate {
        let names = text_search::ids(self.engine, Index::Customers, self.text);
        let numbers =
            [&PHONE, &TEL, &CONTACT_PHONE, &CONTACT_TEL].into_iter().flat_map(|number| self.ids_of_number(number));
        self.among_any([names, self.ids_of_company()].into_iter().chain(numbers))
    }

    /// The rows of `customers` with the text in this column; `field` is the custom field it means.
    pub(super) fn within(&self, column: &Column, field: Option<&Field>) -> Predicate {
        match column {
            Column::Name => among(text_search::ids(self.engine, Index::Customers, self.text)),
            Column::Company => among(self.ids_of_company()),
            Column::Phone => self.among_any(self.ids_of_number(&PHONE)),
            Column::Tel => self.among_any(self.ids_of_number(&TEL)),
            Column::Address(column) => self.address(*column),
            Column::Note => self.indexed("customers.id").then(self.like("customers.note")),
            // Follow-ups write it by the way, into no index: every customer with one is read.
            Column::FollowLog => {
                Predicate::new("customers.last_follow_log IS NOT NULL AND ").then(self.like("customers.last_follow_log"))
            }
            Column::Stage => self.option("customers.stage_id IN (SELECT o.id FROM customer_stages o WHERE "),
            Column::Source => self.option("customers.source_id IN (SELECT o.id FROM customer_sources o WHERE "),
            Column::Category => self.option("customers.category_id IN (SELECT o.id FROM customer_categories o WHERE "),
            Column::Approval => self.approval(),
            Column::Labels => self.option(
                "customers.id IN (SELECT l.customer_id FROM customer_labels l JOIN labels o ON o.id = l.label_id WHERE ",
            ),
            Column::Contacts => self.contacts(),
            Column::Person(person) => {
                Predicate::new(person.column()).sql(" IN (SELECT s.id FROM staff s WHERE ").then(self.staff()).sql(")")
            }
            Column::Assistants => {
                let links = "SELECT l.customer_id FROM customer_assistants l JOIN staff s ON s.id = l.staff_id WHERE ";
                among(Predicate::new(links).then(self.staff()))
            }
            Column::Department(person) => Predicate::new(person.column())
                .sql(" IN (SELECT s.id FROM staff s JOIN departments d ON d.id = s.department_id WHERE ")
                .then(self.like("d.name"))
                .sql(")"),
            Column::Custom(_) => field.map_or_else(nothing, |field| self.custom(field)),
            Column::Blank => nothing(),
        }
    }

    /// The text stands in this column, whatever the case of ASCII letters. PostgreSQL would fold other
    /// letters too, by the language of the database.
    fn like(&self, column: &str) -> Predicate {
        let lower = match self.engine {
            Engine::Sqlite => format!("LOWER({column})"),
            Engine::Postgres => format!("LOWER({column} COLLATE \"C\")"),
        };
        Predicate::new(lower).sql(" LIKE ").text(pattern(&self.text.to_ascii_lowercase())).sql(" ESCAPE '\\'")
    }

    /// The customer with this id may have the text in its texts, AND … in which of them is to be asked next.
    fn indexed(&self, id: &'static str) -> Predicate {
        if self.number.is_some() {
            return Predicate::default();
        }
        text_search::may_contain(self.engine, Index::CustomerTexts, id, self.text).sql(" AND ")
    }

    /// The rows of `customers` with an id of any of these queries. SQLite collects them all at once;
    /// PostgreSQL walks the order of the list and asks each set, and so ends early where they are many.
    fn among_any(&self, queries: impl IntoIterator<Item = Predicate>) -> Predicate {
        let queries = queries.into_iter();
        let any = match self.engine {
            Engine::Sqlite => queries.reduce(|any, ids| any.sql(" UNION ALL ").then(ids)).map(among),
            Engine::Postgres => queries.map(among).reduce(|any, one| any.sql(" OR ").then(one)),
        };
        any.map_or_else(nothing, |any| Predicate::new("(").then(any).sql(")"))
    }

    /// What is masked in the pool for who asks is not looked at there; `p` is the customer.
    fn unmasked(&self) -> &'static str {
        if self.pool_is_closed { " AND p.owner_id IS NOT NULL" } else { "" }
    }

    fn ids_of_company(&self) -> Predicate {
        Predicate::new("SELECT l.customer_id FROM customer_organizations l WHERE ").then(text_search::contains(
            self.engine,
            Index::Organizations,
            "l.organization_id",
            self.text,
        ))
    }

    /// The customers that have the text in this number; in the pool only those of whom it is the
    /// number, unless it is not masked there.
    fn ids_of_number(&self, of: &Number) -> Vec<Predicate> {
        let Number { rows, id, key } = of;
        let Some(number) = &self.number else { return Vec::new() };
        let select = format!("SELECT {id} FROM {rows} WHERE {key}");
        let part = Predicate::new(format!("{select} LIKE ")).text(pattern(number)).sql(" ESCAPE '\\'");
        let part = part.sql(self.unmasked());
        let whole = self.pool_is_closed.then(|| Predicate::new(format!("{select} = ")).text(number.as_str()));
        [part].into_iter().chain(whole).collect()
    }

    fn address(&self, column: AddressColumn) -> Predicate {
        // Regions are few, and so each of them is that of very many.
        let narrowed =
            if column == AddressColumn::Region { Predicate::default() } else { self.indexed("t.customer_id") };
        let found = among(
            Predicate::new("SELECT t.customer_id FROM customer_addresses t WHERE ")
                .then(narrowed)
                .then(self.like(column.sql())),
        );
        let masked = column.is_masked() && self.pool_is_closed;
        if masked { found.sql(" AND customers.owner_id IS NOT NULL") } else { found }
    }

    fn contacts(&self) -> Predicate {
        let select = |one: &str, other: &str| {
            let rows = CONTACT_PHONE.rows;
            let narrowed = self.indexed("t.customer_id");
            Predicate::new(format!("SELECT t.customer_id FROM {rows} WHERE "))
                .then(narrowed)
                .sql("(")
                .then(self.like(one))
                .sql(" OR ")
                .then(self.like(other))
                .sql(")")
        };
        let texts = [select("t.name", "t.job"), select("t.email", "t.wechat").sql(self.unmasked())];
        let numbers = [&CONTACT_PHONE, &CONTACT_TEL].into_iter().flat_map(|number| self.ids_of_number(number));
        self.among_any(texts.into_iter().chain(numbers))
    }

    /// A table of few rows, `o`, whose name is asked.
    fn option(&self, rows: &'static str) -> Predicate {
        Predicate::new(rows).then(self.like("o.name")).sql(")")
    }

    /// The name a person is shown by, of the row `s` of `staff`.
    fn staff(&self) -> Predicate {
        self.like("COALESCE(s.real_name, s.nick_name, s.phone)")
    }

    fn approval(&self) -> Predicate {
        let meant = Approval::ALL.into_iter().filter(|approval| approval.label().contains(self.text));
        let list = meant.map(|approval| format!("'{}'", approval.as_str())).collect::<Vec<_>>().join(", ");
        if list.is_empty() { nothing() } else { Predicate::new(format!("customers.approve_status IN ({list})")) }
    }

    fn custom(&self, field: &Field) -> Predicate {
        let narrowed = self.indexed("v.customer_id");
        let rows = Predicate::new("SELECT v.customer_id FROM customer_field_values v WHERE ").then(narrowed);
        let rows = rows.sql("v.field_id = ").int(field.id.0).sql(" AND ");
        if !field.is_select() {
            return among(rows.then(self.like("v.value")));
        }
        // Each of the texts that were selected, without the JSON around them.
        let texts = match self.engine {
            Engine::Sqlite => "EXISTS (SELECT 1 FROM json_each(v.value) e WHERE ",
            Engine::Postgres => "EXISTS (SELECT 1 FROM json_array_elements_text(v.value::json) AS e (value) WHERE ",
        };
        among(rows.sql(texts).then(self.like("e.value")).sql(")"))
    }
}

impl AddressColumn {
    fn sql(self) -> &'static str {
        match self {
            Self::Wechat => "t.wechat",
            Self::Qq => "t.qq",
            Self::Wangwang => "t.wangwang",
            Self::Email => "t.email",
            Self::Fax => "t.fax",
            Self::Url => "t.url",
            Self::Region => {
                "(COALESCE(t.country, '') || COALESCE(t.province, '') || COALESCE(t.city, '') || COALESCE(t.district, ''))"
            }
            Self::Detail => "t.detail_address",
            Self::Zip => "t.zip",
        }
    }

    fn is_masked(self) -> bool {
        matches!(self, Self::Wechat | Self::Qq | Self::Email)
    }
}

impl PersonColumn {
    fn column(self) -> &'static str {
        match self {
            Self::Owner => "customers.owner_id",
            Self::LastOwner => "customers.last_owner_id",
            Self::Creator => "customers.creator_id",
        }
    }
}

/// The rows of `customers` with one of these ids.
fn among(ids: Predicate) -> Predicate {
    Predicate::new("customers.id IN (").then(ids).sql(")")
}

/// No row.
pub(super) fn nothing() -> Predicate {
    Predicate::new("1 = 0")
}

/// What matches a text that contains this one, in which no character means anything else.
fn pattern(text: &str) -> String {
    format!("%{}%", text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_"))
}
