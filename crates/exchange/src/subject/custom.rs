//! The columns of the fields (自定义字段) that a deployment gives its customers.

use crm_core::{Patch, Result};
use crm_customers::CustomerInput;
use crm_customers::field::{Field as OwnField, FieldKind, Given, Value};

use super::{Column, CustomerTable, ERROR, Field, Subject, names, text};
use crate::Exchange;
use crate::write::Out;

/// One for each field, headed by its title; by its title and key, or by its name alone, where that
/// stands for another column already.
pub(super) fn columns(exchange: &Exchange) -> Result<Vec<Column<CustomerTable>>> {
    let fields = exchange.fields.list(None)?;
    let mut taken: Vec<String> = vec![ERROR.to_owned()];
    for column in CustomerTable::columns() {
        taken.extend([column.header.into_owned(), column.name.to_lowercase()]);
    }
    taken.extend(fields.iter().map(|field| name(field).to_lowercase()));
    let mut columns = Vec::new();
    for field in fields {
        let titles = [field.title.clone(), format!("{}({})", field.title, field.key)];
        let is_free = |title: &String| {
            let title = title.trim();
            !title.is_empty() && !taken.iter().any(|taken| *taken == title || *taken == title.to_lowercase())
        };
        let header = titles.into_iter().find(is_free).unwrap_or_else(|| name(&field));
        taken.push(header.trim().to_owned());
        columns.push(column(header, field));
    }
    Ok(columns)
}

/// What the API calls the column of a field.
fn name(field: &OwnField) -> String {
    format!("custom.{}", field.key)
}

fn column(header: String, field: OwnField) -> Column<CustomerTable> {
    let name = name(&field);
    let (id, kind, key) = (field.id, field.kind(), field.key);
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
