//! `/api/customers/productlines`.

use crm_core::ProductLineId;
use crm_customers::product_line::{ProductLine, ProductLineInput};
use schemars::JsonSchema;
use serde::Serialize;

use crate::http::{Call, Outcome, Reader};
use crate::native::envelope::DONE;
use crate::native::{list_of, written};

#[derive(JsonSchema, Serialize)]
pub(super) struct ProductLineRow {
    id: i64,
    name: String,
    version: i64,
}

impl From<ProductLine> for ProductLineRow {
    fn from(line: ProductLine) -> Self {
        Self { id: line.id.0, name: line.name, version: line.version }
    }
}

/// The product lines.
pub(super) fn list(call: &Call<'_>, input: &mut Reader) -> Outcome {
    let id = input.own_id("product_line_id");
    let page = input.page_if_asked();
    input.finish()?;
    let found = call.services()?.product_lines.list(id)?;
    list_of(found.into_iter().map(ProductLineRow::from).collect(), page)
}

/// Makes a product line, or with `product_line_id` renames one.
pub(super) fn save(call: &Call<'_>, input: &mut Reader) -> Outcome {
    let id = input.own_id::<ProductLineId>("product_line_id");
    let version = input.version();
    let line = ProductLineInput { name: input.text("name"), problems: input.take_problems() };
    let lines = &call.services()?.product_lines;
    let id = match id {
        Some(id) => lines.update(call.caller()?, id, version, &line).map(|()| id)?,
        None => lines.create(call.caller()?, &line)?,
    };
    written(DONE, id)
}
