//! The database against what writers were told: nothing acknowledged is lost, nothing is there twice, and
//! nothing is there that nobody asked for.

use std::collections::HashMap;
use std::time::Instant;

use anyhow::{Result, anyhow};
use crm_db::Db;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text};

use crate::writers::{Customer, Doubt, Journal, Kind, Record, Write};

#[derive(Debug, QueryableByName)]
struct Row {
    #[diesel(sql_type = BigInt)]
    id: i64,
    #[diesel(sql_type = Text)]
    text: String,
    #[diesel(sql_type = Nullable<Text>)]
    note: Option<String>,
    #[diesel(sql_type = BigInt)]
    number: i64,
    #[diesel(sql_type = Nullable<BigInt>)]
    of: Option<i64>,
}

/// What the database says.
pub(crate) struct Books {
    customers: HashMap<i64, Row>,
    customer_ids: HashMap<String, i64>,
    organizations_of: HashMap<i64, Vec<i64>>,
    custom: HashMap<i64, String>,
    records: HashMap<(u8, i64), Row>,
    record_ids: HashMap<(u8, String), i64>,
    customers_of: HashMap<i64, Vec<i64>>,
}

/// What a comparison found.
#[derive(Default)]
pub(crate) struct Found {
    /// Acknowledged, and not there as it was acknowledged.
    pub(crate) lost: Vec<String>,
    /// There in part, twice, or asked for by nobody.
    pub(crate) wrong: Vec<String>,
    /// In doubt, and done after all.
    pub(crate) done_unanswered: usize,
}

fn rows(db: &Db, text: &str) -> Result<Vec<Row>> {
    db.read(|conn| Ok(diesel::sql_query(text).load(conn)?)).map_err(|error| anyhow!("{text}: {error:?}"))
}

fn links(db: &Db, table: &str, of: &str, to: &str) -> Result<HashMap<i64, Vec<i64>>> {
    let text = format!(
        "SELECT {of} AS id, '' AS text, NULL AS note, CAST(position AS BIGINT) AS number, {to} AS of FROM {table} \
         ORDER BY {of}, position"
    );
    let mut links: HashMap<i64, Vec<i64>> = HashMap::new();
    for row in rows(db, &text)? {
        links.entry(row.id).or_default().extend(row.of);
    }
    Ok(links)
}

const RECORDS: [(Kind, &str); 4] = [
    (
        Kind::Contact,
        "SELECT id, name AS text, NULL AS note, version AS number, customer_id AS of FROM customer_contacts",
    ),
    (
        Kind::Contract,
        "SELECT id, name AS text, code AS note, COALESCE(amount, 0) AS number, customer_id AS of FROM contracts",
    ),
    (
        Kind::Follow,
        "SELECT id, COALESCE(note, '') AS text, NULL AS note, version AS number, potential_id AS of FROM follows",
    ),
    (
        Kind::Organization,
        "SELECT id, name AS text, NULL AS note, version AS number, NULL AS of FROM organizations WHERE name LIKE 'w%'",
    ),
];

impl Books {
    /// Reads them.
    ///
    /// # Errors
    /// What the database answers.
    pub(crate) fn read(db: &Db) -> Result<Self> {
        let customers =
            rows(db, "SELECT id, real_name AS text, note, version AS number, owner_id AS of FROM customers")?;
        let custom = "SELECT customer_id AS id, value AS text, NULL AS note, field_id AS number, NULL AS of \
                      FROM customer_field_values";
        let (mut records, mut record_ids) = (HashMap::new(), HashMap::new());
        for (kind, text) in RECORDS {
            for row in rows(db, text)? {
                record_ids.insert((kind as u8, row.text.clone()), row.id);
                records.insert((kind as u8, row.id), row);
            }
        }
        Ok(Self {
            customer_ids: customers.iter().map(|row| (row.text.clone(), row.id)).collect(),
            customers: customers.into_iter().map(|row| (row.id, row)).collect(),
            organizations_of: links(db, "customer_organizations", "customer_id", "organization_id")?,
            custom: rows(db, custom)?.into_iter().map(|row| (row.id, row.text)).collect(),
            records,
            record_ids,
            customers_of: links(db, "follow_customers", "follow_id", "customer_id")?,
        })
    }

    /// Settles what these writers were in doubt about, and compares all they know.
    pub(crate) fn compare(&self, journals: &mut [Journal]) -> Found {
        let mut found = Found::default();
        for journal in journals.iter_mut() {
            if let Some(doubt) = journal.doubt.take() {
                self.settle(journal, &doubt, &mut found);
            }
            journal.customers.iter().for_each(|customer| self.customer(customer, &mut found));
            journal.records.iter().for_each(|record| self.record(record, &mut found));
        }
        let asked = journals.iter().map(|journal| journal.customers.len()).sum::<usize>();
        let mut count = |what: &str, there: usize, distinct: usize, asked: usize| {
            if there != asked || distinct != asked {
                found.wrong.push(format!("{there} {what} ({distinct} of them distinct) where {asked} were asked for"));
            }
        };
        count("customers", self.customers.len(), self.customer_ids.len(), asked);
        let asked = journals.iter().map(|journal| journal.records.len()).sum::<usize>();
        count("other records", self.records.len(), self.record_ids.len(), asked);
        found
    }

    /// What these writers had acknowledged before this moment and is not there. Changes made since are no loss.
    pub(crate) fn missing(&self, journals: &[Journal], before: Instant) -> Vec<String> {
        let customers = journals.iter().flat_map(|journal| &journal.customers).filter(|known| known.at < before);
        let records = journals.iter().flat_map(|journal| &journal.records).filter(|known| known.at < before);
        let lost_customer = |known: &&Customer| self.customers.get(&known.id).is_none_or(|row| row.text != known.name);
        let lost_record =
            |known: &&Record| self.records.get(&(known.kind as u8, known.id)).is_none_or(|row| row.text != known.text);
        let customers = customers.filter(lost_customer).map(|known| format!("{known:?}"));
        customers.chain(records.filter(lost_record).map(|known| format!("{known:?}"))).collect()
    }

    /// How many customers and other records there are.
    pub(crate) fn len(&self) -> usize {
        self.customers.len() + self.records.len()
    }

    /// Adopts what was done of a write without an answer.
    fn settle(&self, journal: &mut Journal, doubt: &Doubt, found: &mut Found) {
        let (before, now) = (found.done_unanswered, Instant::now());
        match doubt.write.clone() {
            Write::Customer { name, organizations, custom } => {
                if let Some(id) = self.customer_ids.get(&name).copied() {
                    let owner = Some(journal.seat.id);
                    journal.customers.push(Customer {
                        id,
                        name,
                        organizations,
                        custom,
                        note: None,
                        version: 1,
                        owner,
                        at: now,
                    });
                    found.done_unanswered += 1;
                }
            }
            Write::Record { kind, at, text, cents } => {
                if let Some(id) = self.record_ids.get(&(kind as u8, text.clone())).copied() {
                    let customers = at.iter().map(|at| journal.customers[*at].id).collect();
                    journal.records.push(Record { kind, id, text, customers, cents, at: now });
                    found.done_unanswered += 1;
                }
            }
            Write::Update { at, note } => {
                let customer = &mut journal.customers[at];
                if self.version(customer.id) == customer.version + 1 {
                    customer.version += 1;
                    customer.note = Some(note);
                    found.done_unanswered += 1;
                }
            }
            Write::Hands { owner, at, .. } => {
                let mut done = 0;
                for at in &at {
                    let customer = &mut journal.customers[*at];
                    if self.version(customer.id) == customer.version + 1 {
                        customer.version += 1;
                        customer.owner = owner;
                        done += 1;
                    }
                }
                if doubt.key.is_some() && done != 0 && done != at.len() {
                    found.wrong.push(format!("{done} of {} customers of one keyed array changed hands", at.len()));
                }
                found.done_unanswered += usize::from(done > 0);
            }
        }
        if doubt.key.is_some() && found.done_unanswered > before {
            // One whose answer could not be had again by its key either.
            found.wrong.push(format!("{:?} was done, and its key did not answer for it", doubt.write));
        }
    }

    fn version(&self, customer: i64) -> i64 {
        self.customers.get(&customer).map_or(0, |row| row.number)
    }

    fn customer(&self, known: &Customer, found: &mut Found) {
        let Some(row) = self.customers.get(&known.id) else {
            return found.lost.push(format!("customer {}", known.name));
        };
        let same = row.text == known.name
            && row.note == known.note
            && row.number == known.version
            && row.of == known.owner
            && self.organizations_of.get(&known.id) == Some(&known.organizations)
            && self.custom.get(&known.id) == Some(&known.custom);
        if !same {
            found.lost.push(format!("{known:?} is {row:?}"));
        }
    }

    fn record(&self, known: &Record, found: &mut Found) {
        let Some(row) = self.records.get(&(known.kind as u8, known.id)) else {
            return found.lost.push(format!("{known:?}"));
        };
        let more = match known.kind {
            Kind::Contract => {
                row.number == known.cents
                    && row.of == Some(known.customers[0])
                    && row.note.as_ref() == Some(&known.text)
            }
            Kind::Contact => row.of == Some(known.customers[0]),
            Kind::Follow => self.customers_of.get(&known.id) == Some(&known.customers),
            Kind::Organization => true,
        };
        if row.text != known.text || !more {
            found.lost.push(format!("{known:?} is {row:?}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use crm_db::testing::{on_each_engine, rows};
    use diesel::connection::SimpleConnection;

    use super::*;
    use crate::world::Seat;

    #[test]
    fn what_is_lost_changed_or_unasked_for_is_found() {
        on_each_engine(|test| {
            let db = &test.db;
            let owner = rows::person(db, "13800000000", "某人", crm_core::Role::Staff, None);
            let id = rows::customer(db, "李伟", owner).0;
            let seat = Seat { id: owner.0, token: String::new(), is_administrator: false, potential: 1 };
            let known = Customer {
                id,
                name: "李伟".to_owned(),
                organizations: Vec::new(),
                custom: String::new(),
                note: None,
                version: 1,
                owner: Some(owner.0),
                at: Instant::now(),
            };
            let compare = |customers: Vec<Customer>| {
                let journal = Journal { customers, ..Journal::new(0, seat.clone(), 1) };
                let found = Books::read(db).expect("they can be read").compare(&mut [journal]);
                (found.lost.len(), found.wrong.len())
            };
            db.write(|conn| {
                let links = "INSERT INTO organizations (id, name, creator_id, status, version, created_at, updated_at) \
                             SELECT 9, '单位', id, 1, 1, created_at, created_at FROM staff; \
                             INSERT INTO customer_organizations SELECT id, 9, 0 FROM customers; \
                             INSERT INTO custom_fields (id, key, title, kind, options, required, sort_num, version, \
                             created_at, updated_at) SELECT 9, 'input_1', '编号', 'input', '[]', 0, 0, 1, created_at, \
                             created_at FROM staff; INSERT INTO customer_field_values SELECT id, 9, 'x' FROM customers";
                Ok(conn.batch_execute(links)?)
            })
            .expect("the links are made");
            let known = Customer { organizations: vec![9], custom: "x".to_owned(), ..known };
            assert_eq!(compare(vec![known.clone()]), (0, 0));
            assert_eq!(compare(Vec::new()), (0, 1), "nobody asked for it");
            for changed in [
                Customer { id: id + 1, ..known.clone() },
                Customer { note: Some("备注".to_owned()), ..known.clone() },
                Customer { version: 2, ..known.clone() },
                Customer { owner: None, ..known.clone() },
                Customer { organizations: vec![9, 10], ..known.clone() },
                Customer { custom: "y".to_owned(), ..known.clone() },
            ] {
                assert_eq!(compare(vec![changed]), (1, 0));
            }
        });
    }
}
