//! What administrators set up for all customers: options, product lines, labels and fields.

use crm_core::{Patch, Problems, Result};
use crm_db::{Conn, RowOf};

/// The product line every database starts with; no line is ever deleted.
const FIRST_PRODUCT_LINE: i64 = 1;

/// Makes others who set something up wait until this transaction ends: that a name is free, that one
/// option is the default and that one stage is left is asked of several rows at once, some of which
/// may not be there yet. It is a row that always is.
pub(crate) fn lock(conn: &mut Conn) -> Result<()> {
    Ok(conn.lock_row(RowOf::ProductLines, FIRST_PRODUCT_LINE)?)
}

/// A colour: `#rrggbb`.
pub(crate) fn check_color(problems: &mut Problems, field: &str, color: &Patch<String>) {
    let Some(color) = color.value() else { return };
    let digits = color.strip_prefix('#').unwrap_or_default();
    if digits.len() != 6 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        problems.push(field, "应为颜色,格式:#39b54a");
    }
}
