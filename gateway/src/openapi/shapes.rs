//! Schemas of what other crates' types are answered as.

use schemars::{Schema, SchemaGenerator, json_schema};

/// Money with its two decimals.
pub(crate) fn money(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"type": "string", "pattern": "^[0-9]+\\.[0-9]{2}$"})
}

/// The same, or nothing.
pub(crate) fn money_or_null(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"type": ["string", "null"], "pattern": "^[0-9]+\\.[0-9]{2}$"})
}

/// What is reported back to the platform a lead came from.
pub(crate) fn ocpc(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "object",
        "properties": {"value": {"type": "array"}, "display": {"type": "string"}},
        "required": ["value", "display"],
    })
}
