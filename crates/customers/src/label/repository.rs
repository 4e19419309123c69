//! Queries on labels.

use std::collections::HashMap;

use crm_core::{CustomerId, DELETED, Instant, LabelGroupId, LabelId, NORMAL, Result};
use crm_db::schema::{label_groups, labels};
use crm_db::{Backend, Conn, Links, Literal, among, distinct};
use diesel::prelude::*;

use super::{Label, LabelGroup};

/// The labels of customers.
pub(crate) const LABELS: Links<CustomerId, LabelId> = Links::new("customer_labels", "customer_id", "label_id");

/// These labels, those that have left their group too; one statement for a page of customers.
pub(crate) fn known(conn: &mut Conn, ids: impl IntoIterator<Item = LabelId>) -> Result<HashMap<LabelId, Label>> {
    let mut known = HashMap::new();
    let ids = distinct(ids);
    if !ids.is_empty() {
        let rows: Vec<Label> =
            labels::table.filter(among(labels::id, ids.iter().copied())).select(Label::as_select()).load(conn)?;
        known.extend(rows.into_iter().map(|label| (label.id, label)));
    }
    Ok(known)
}

/// Those of these labels that customers may be given: that are in their group.
pub(super) fn live(conn: &mut Conn, ids: &[LabelId]) -> Result<Vec<LabelId>> {
    let mut live = Vec::with_capacity(ids.len());
    if !ids.is_empty() {
        let found: Vec<LabelId> = labels::table
            .filter(among(labels::id, ids.iter().copied()).and(labels::status.ne(Literal::DELETED)))
            .select(labels::id)
            .load(conn)?;
        live.extend(found);
    }
    Ok(live)
}

/// Every group, oldest first, or the one with this id.
pub(super) fn groups(conn: &mut Conn, id: Option<LabelGroupId>) -> Result<Vec<LabelGroup>> {
    let mut query = label_groups::table.into_boxed::<Backend>();
    if let Some(id) = id {
        query = query.filter(label_groups::id.eq(id));
    }
    Ok(query.order(label_groups::id).select(LabelGroup::as_select()).load(conn)?)
}

/// The labels that are in their groups, in order; of all groups, or of one.
pub(super) fn in_groups(conn: &mut Conn, group: Option<LabelGroupId>) -> Result<Vec<Label>> {
    let mut query = labels::table.filter(labels::status.ne(Literal::DELETED)).into_boxed::<Backend>();
    if let Some(group) = group {
        query = query.filter(labels::group_id.eq(group));
    }
    Ok(query.order((labels::group_id, labels::sort_num, labels::id)).select(Label::as_select()).load(conn)?)
}

/// The groups with this name.
pub(super) fn called(conn: &mut Conn, name: &str) -> Result<Vec<LabelGroupId>> {
    Ok(label_groups::table.filter(label_groups::name.eq(name)).select(label_groups::id).load(conn)?)
}

pub(super) fn insert_group(conn: &mut Conn, name: &str, now: Instant) -> Result<LabelGroupId> {
    Ok(diesel::insert_into(label_groups::table)
        .values((
            label_groups::name.eq(name),
            label_groups::version.eq(1i64),
            label_groups::created_at.eq(now),
            label_groups::updated_at.eq(now),
        ))
        .returning(label_groups::id)
        .get_result(conn)?)
}

pub(super) fn update_group(conn: &mut Conn, group: &LabelGroup, now: Instant) -> Result<()> {
    diesel::update(label_groups::table.filter(label_groups::id.eq(group.id)))
        .set((
            label_groups::name.eq(&group.name),
            label_groups::version.eq(group.version),
            label_groups::updated_at.eq(now),
        ))
        .execute(conn)?;
    Ok(())
}

/// Makes a label, or writes one that is there, at this place of its group.
pub(super) fn save(
    conn: &mut Conn,
    id: Option<LabelId>,
    group: LabelGroupId,
    name: &str,
    color: &str,
    place: i64,
) -> Result<LabelId> {
    let values = (labels::name.eq(name), labels::color.eq(color), labels::sort_num.eq(place));
    match id {
        Some(id) => {
            diesel::update(labels::table.filter(labels::id.eq(id))).set(values).execute(conn)?;
            Ok(id)
        }
        None => Ok(diesel::insert_into(labels::table)
            .values((labels::group_id.eq(group), values.0, values.1, values.2, labels::status.eq(NORMAL)))
            .returning(labels::id)
            .get_result(conn)?),
    }
}

/// Takes these labels out of their group.
pub(super) fn retire(conn: &mut Conn, ids: &[LabelId]) -> Result<()> {
    if !ids.is_empty() {
        diesel::update(labels::table.filter(among(labels::id, ids.iter().copied())))
            .set(labels::status.eq(DELETED))
            .execute(conn)?;
    }
    Ok(())
}
