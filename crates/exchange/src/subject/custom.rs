//! The columns of the fields (自定义字段) that a deployment gives its customers.

use crm_core::{Patch, Result};
use crm_customers::CustomerInput;
use crm_customers::field::{Field as OwnField, FieldKind, Given, Value};

use super::{Column, CustomerTable, Field, Subject, names, text};
use crate::Exchange;
use crate::write::Out;

/// One for each field, headed by its title. A title that stands for another column already has the
/// field's key behind it.
pub(super) fn columns(exchange: &Exchange) -> Result<Vec<Column<CustomerTable>>> {
    let mut columns: Vec<Column<CustomerTable>> = Vec::new();
    let others = CustomerTable::columns();
    for field in exchange.fields.list(None)? {
        let is_taken = others
            .iter()
            .chain(&columns)
            .any(|column| column.header == field.title || column.name.eq_ignore_ascii_case(&field.title));
        let header = if is_taken { format!("{}({})", field.title, field.key) } else { field.title.clone() };
        columns.push(column(header, field));
    }
    Ok(columns)
}

fn column(header: String, field: OwnField) -> Column<CustomerTable> {
    let (id, kind, key) = (field.id, field.kind(), field.key);
    let name = format!("custom.{key}");
    Column {
        header: header.into(),
        name: name.into(),
        show: Some(Box::new(move |row, _| {
            row.custom.iter().find(|(field, _)| field.id == id).map_or(Out::Empty, |(_, value)| shown(value))
        })),
        read: Some(Box::new(move |input, field| {
            say(input, &key, given(kind, field));
            Ok(())
        })),
    }
}

fn shown(value: Value) -> Out {
    match value {
        Value::Text(value) => text(&value),
        Value::Number(value) => value.map_or(Out::Empty, Out::Number),
        Value::Selected(values) => names(&values),
    }
}

fn given(kind: FieldKind, field: &mut Field<'_>) -> Patch<Given> {
    match kind {
        FieldKind::Select => field.texts().map(Given::Texts),
        // Spreadsheets and people write dates in more ways than the API.
        FieldKind::Date => field.date().map(|date| Given::Text(date.to_string())),
        FieldKind::Number => field.text().map(|text| Given::Number(text.trim().to_owned())),
        FieldKind::Input | FieldKind::Textarea => field.text().map(Given::Text),
    }
}

fn say(input: &mut CustomerInput, key: &str, given: Patch<Given>) {
    let said = (key.to_owned(), given);
    match &mut input.custom {
        Patch::Value(all) => all.push(said),
        custom => *custom = Patch::Value(vec![said]),
    }
}
