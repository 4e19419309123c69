//! `/api/customers/fields`.

use crm_core::FieldId;
use crm_customers::field::{Field, FieldInput};
use schemars::JsonSchema;
use serde::Serialize;

use crate::http::{Call, Outcome, Reader};
use crate::native::envelope::DONE;
use crate::native::{list_of, written};

#[derive(JsonSchema, Serialize)]
pub(super) struct FieldRow {
    id: i64,
    key: String,
    title: String,
    kind: String,
    options: Vec<String>,
    required: i16,
    sort_num: i64,
    version: i64,
}

impl From<Field> for FieldRow {
    fn from(field: Field) -> Self {
        Self {
            id: field.id.0,
            options: field.options(),
            key: field.key,
            title: field.title,
            kind: field.kind,
            required: field.required,
            sort_num: field.sort_num,
            version: field.version,
        }
    }
}

/// The fields the deployment defines, in order.
pub(super) fn list(call: &Call<'_>, input: &mut Reader) -> Outcome {
    let id = input.own_id("field_id");
    let page = input.page_if_asked();
    input.finish()?;
    let found = call.services()?.fields.list(id)?;
    list_of(found.into_iter().map(FieldRow::from).collect(), page)
}

/// Defines a field, or with `field_id` changes one.
pub(super) fn save(call: &Call<'_>, input: &mut Reader) -> Outcome {
    let id = input.own_id::<FieldId>("field_id");
    let version = input.version();
    let field = FieldInput {
        key: input.text("key"),
        title: input.text("title"),
        kind: input.text("kind"),
        options: input.texts("options"),
        required: input.int("required"),
        sort_num: input.int("sort_num"),
        problems: input.take_problems(),
    };
    let fields = &call.services()?.fields;
    let id = match id {
        Some(id) => fields.update(call.caller()?, id, version, &field).map(|()| id)?,
        None => fields.create(call.caller()?, &field)?,
    };
    written(DONE, id)
}
