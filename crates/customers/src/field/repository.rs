//! Queries on custom fields and their values.

use std::collections::HashMap;

use crm_core::{CustomerId, FieldId, Instant, Result};
use crm_db::schema::{custom_fields, customer_field_values};
use crm_db::{Conn, among, chunks, per_backend};
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
    if !customers.is_empty() {
        let rows: Vec<FieldValue> = customer_field_values::table
            .filter(among(customer_field_values::customer_id, customers.iter().copied()))
            .select(FieldValue::as_select())
            .load(conn)?;
        for value in rows {
            found.entry(value.customer_id).or_default().push(value);
        }
    }
    Ok(found)
}

pub(super) fn insert(conn: &mut Conn, field: &Field, now: Instant) -> QueryResult<FieldId> {
    diesel::insert_into(custom_fields::table)
        .values((
            custom_fields::key.eq(&field.key),
            custom_fields::title.eq(&field.title),
            custom_fields::kind.eq(&field.kind),
            custom_fields::options.eq(&field.options),
            custom_fields::required.eq(field.required),
            custom_fields::sort_num.eq(field.sort_num),
            custom_fields::version.eq(field.version),
            custom_fields::created_at.eq(now),
            custom_fields::updated_at.eq(now),
        ))
        .returning(custom_fields::id)
        .get_result(conn)
}

/// Writes what may change of a field: not its key and kind.
pub(super) fn update(conn: &mut Conn, field: &Field, now: Instant) -> Result<()> {
    diesel::update(custom_fields::table.filter(custom_fields::id.eq(field.id)))
        .set((
            custom_fields::title.eq(&field.title),
            custom_fields::options.eq(&field.options),
            custom_fields::required.eq(field.required),
            custom_fields::sort_num.eq(field.sort_num),
            custom_fields::version.eq(field.version),
            custom_fields::updated_at.eq(now),
        ))
        .execute(conn)?;
    Ok(())
}

/// Makes these what a customer has in the fields, and no others.
pub(super) fn replace(conn: &mut Conn, customer: CustomerId, values: &[FieldValue]) -> Result<()> {
    let own = customer_field_values::customer_id.eq(customer);
    diesel::delete(customer_field_values::table.filter(own)).execute(conn)?;
    for values in chunks(values) {
        let insert = diesel::insert_into(customer_field_values::table).values(values);
        per_backend!(conn, conn => insert.execute(conn))?;
    }
    Ok(())
}
