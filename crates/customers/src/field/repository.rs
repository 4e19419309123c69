//! Queries on custom fields and their values.

use std::collections::HashMap;

use crm_core::{CustomerId, Result};
use crm_db::schema::{custom_fields, customer_field_values};
use crm_db::{Conn, chunks};
use diesel::prelude::*;

use super::{Field, FieldValue};

/// Every field, in order.
pub(crate) fn all(conn: &mut Conn) -> Result<Vec<Field>> {
    Ok(custom_fields::table
        .order((custom_fields::sort_num, custom_fields::id))
        .select(Field::as_select())
        .load(conn)?)
}

/// What each of these customers has in the fields; one statement for a page of customers.
pub(crate) fn values_of_all(conn: &mut Conn, customers: &[CustomerId]) -> Result<HashMap<CustomerId, Vec<FieldValue>>> {
    let mut found: HashMap<CustomerId, Vec<FieldValue>> = HashMap::new();
    for customers in chunks(customers) {
        let rows: Vec<FieldValue> = customer_field_values::table
            .filter(customer_field_values::customer_id.eq_any(customers))
            .select(FieldValue::as_select())
            .load(conn)?;
        for value in rows {
            found.entry(value.customer_id).or_default().push(value);
        }
    }
    Ok(found)
}
