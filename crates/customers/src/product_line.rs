//! Product lines: each customer belongs to one (vendor-surfaces §1).

use crm_core::{Patch, Problems, ProductLineId, Result};
use crm_db::Conn;
use crm_db::schema::product_lines;
use crm_staff::people::note_missing;
use diesel::prelude::*;

/// Notes a product line that is missing.
pub(crate) fn check(conn: &mut Conn, problems: &mut Problems, id: &Patch<ProductLineId>) -> Result<()> {
    let Some(id) = id.value() else { return Ok(()) };
    let known: i64 = product_lines::table.filter(product_lines::id.eq(id)).count().get_result(conn)?;
    if known == 0 {
        note_missing(problems, "product_line_id", &[*id], &[]);
    }
    Ok(())
}
