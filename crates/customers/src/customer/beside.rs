//! What other tables keep of the customers of a page, in one statement: a page has a dozen kinds of it, and
//! asking costs more than answering. Of one customer it is a part of the statement that reads it.

use std::collections::{HashMap, HashSet};

use crm_core::{Caller, CustomerId, Error, FieldId, Id, LabelId, OrganizationId, Result, StaffId};
use crm_db::{Conn, Engine, Predicate, Statement};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Integer, Nullable, Text};
use serde::Deserialize;

use crate::field::{CustomValues, FieldValue};
use crate::team::TeamMember;

/// What other tables keep of some customers.
#[derive(Default)]
pub(super) struct Beside {
    /// Their organizations with the names of these, in order.
    pub(super) organizations: HashMap<CustomerId, Vec<(OrganizationId, String)>>,
    pub(super) labels: HashMap<CustomerId, Vec<LabelId>>,
    pub(super) assistants: HashMap<CustomerId, Vec<StaffId>>,
    pub(super) teams: HashMap<CustomerId, Vec<TeamMember>>,
    /// Those among the caller's favourites.
    pub(super) favourites: HashSet<CustomerId>,
    pub(super) values: HashMap<CustomerId, Vec<FieldValue>>,
    /// The fields there are, with nothing in them.
    pub(super) fields: CustomValues,
}

const ORGANIZATION: i32 = 0;
const LABEL: i32 = 1;
const ASSISTANT: i32 = 2;
const FAVOURITE: i32 = 3;
const VALUE: i32 = 4;
/// How many fields the deployment has: mostly none, and then they are not asked for.
const FIELDS: i32 = 5;
/// And from here on the team, by role.
const TEAM: i32 = 10;

type Types = (Integer, BigInt, BigInt, BigInt, Nullable<Text>);

#[derive(Deserialize, Queryable)]
struct Row {
    kind: i32,
    customer_id: i64,
    /// Its place among those of its kind.
    place: i64,
    /// The id of what the customer is linked to.
    other: i64,
    text: Option<String>,
}

impl Beside {
    /// What there is of these customers, of whom there is at least one.
    pub(super) fn of_all(conn: &mut Conn, caller: &Caller, ids: &[CustomerId]) -> Result<Self> {
        let rows: Vec<Row> = Statement::new(query(caller, ids)).rows::<Types>().load(conn)?;
        Self::of_rows(conn, rows)
    }

    /// What there is of one customer, as an expression of JSON.
    pub(super) fn json(engine: Engine, caller: &Caller, id: CustomerId) -> Predicate {
        let (from, name) = match engine {
            Engine::Sqlite => ("JSON_GROUP_ARRAY(JSON_ARRAY(kind, customer_id, place, other, text))", ""),
            Engine::Postgres => {
                ("CAST(JSON_AGG(JSON_BUILD_ARRAY(kind, customer_id, place, other, text)) AS TEXT)", " AS beside")
            }
        };
        let all = Predicate::new("(SELECT ").sql(from).sql(" FROM (").then(query(caller, &[id]));
        all.sql(")").sql(name).sql(")")
    }

    /// What that expression came to.
    pub(super) fn from_json(conn: &mut Conn, text: &str) -> Result<Self> {
        let rows = serde_json::from_str(text).map_err(Error::internal)?;
        Self::of_rows(conn, rows)
    }

    fn of_rows(conn: &mut Conn, mut rows: Vec<Row>) -> Result<Self> {
        rows.sort_unstable_by_key(|row| (row.kind, row.customer_id, row.place));
        let mut found = Self::default();
        for row in rows {
            if row.kind == FIELDS {
                if row.other > 0 {
                    found.fields = CustomValues::none(conn)?;
                }
                continue;
            }
            found.take(row);
        }
        Ok(found)
    }

    fn take(&mut self, row: Row) {
        let Row { kind, customer_id, other, text, .. } = row;
        let (customer_id, text) = (CustomerId::from_raw(customer_id), text.unwrap_or_default());
        match kind {
            ORGANIZATION => push(&mut self.organizations, customer_id, (OrganizationId::from_raw(other), text)),
            LABEL => push(&mut self.labels, customer_id, LabelId::from_raw(other)),
            ASSISTANT => push(&mut self.assistants, customer_id, StaffId::from_raw(other)),
            FAVOURITE => {
                self.favourites.insert(customer_id);
            }
            VALUE => {
                let value = FieldValue { customer_id, field_id: FieldId::from_raw(other), value: text };
                push(&mut self.values, customer_id, value);
            }
            role => {
                // Roles are small numbers.
                let role_type = i16::try_from(role - TEAM).unwrap_or_default();
                push(&mut self.teams, customer_id, TeamMember { role_type, staff_id: StaffId::from_raw(other) });
            }
        }
    }
}

fn query(caller: &Caller, ids: &[CustomerId]) -> Predicate {
    let of = |query: Predicate, column: &'static str| query.sql(column).among(ids.iter().copied());
    let query = Predicate::new(
        "SELECT 0 AS kind, l.customer_id, l.position AS place, l.organization_id AS other, o.name AS text \
         FROM customer_organizations l JOIN organizations o ON o.id = l.organization_id WHERE ",
    );
    let query = of(query, "l.customer_id")
        .sql(" UNION ALL SELECT 1, customer_id, position, label_id, NULL FROM customer_labels WHERE ");
    let query = of(query, "customer_id")
        .sql(" UNION ALL SELECT 2, customer_id, position, staff_id, NULL FROM customer_assistants WHERE ");
    let query = of(query, "customer_id")
        .sql(" UNION ALL SELECT 3, customer_id, 0, staff_id, NULL FROM customer_favourites WHERE staff_id = ")
        .int(caller.staff_id.0)
        .sql(" AND ");
    let query = of(query, "customer_id")
        .sql(" UNION ALL SELECT 4, customer_id, 0, field_id, value FROM customer_field_values WHERE ");
    let query = of(query, "customer_id")
        .sql(" UNION ALL SELECT 10 + role_type, customer_id, position, staff_id, NULL FROM customer_team WHERE ");
    of(query, "customer_id").sql(" UNION ALL SELECT 5, 0, 0, COUNT(*), NULL FROM custom_fields")
}

fn push<T>(all: &mut HashMap<CustomerId, Vec<T>>, customer: CustomerId, one: T) {
    all.entry(customer).or_default().push(one);
}
