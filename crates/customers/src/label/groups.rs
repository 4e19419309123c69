//! What administrators do with groups of labels, and everybody reads.

use std::collections::{HashMap, HashSet};

use crm_core::{ARRAY_MAX, Caller, Error, Instant, LabelGroupId, LabelId, Problems, Result};
use crm_db::audit::Deed;
use crm_db::{Conn, Db};
use crm_staff::people::note_missing;

use super::{Label, LabelGroup, LabelGroupInput, LabelGroupListing, LabelInput, repository};
use crate::setup;

const NOT_FOUND: Error = Error::NotFound("标签组");
/// The colour of a label of which it is not said.
const GREY: &str = "#606266";

/// Looks after groups of labels.
#[derive(Clone, Debug)]
pub struct LabelGroups {
    db: Db,
}

/// A label as its group is to have it.
struct Wanted {
    id: Option<LabelId>,
    name: String,
    color: String,
}

impl LabelGroups {
    /// The groups of this database.
    pub fn new(db: &Db) -> Self {
        Self { db: db.clone() }
    }

    /// All groups with their labels, oldest first, or the one with this id.
    ///
    /// # Errors
    /// What the database answers.
    pub fn list(&self, id: Option<LabelGroupId>) -> Result<Vec<LabelGroupListing>> {
        self.db.read(|conn| {
            let groups = repository::groups(conn, id)?;
            let mut labels: HashMap<LabelGroupId, Vec<Label>> = HashMap::new();
            for label in repository::in_groups(conn, id)? {
                labels.entry(label.group_id).or_default().push(label);
            }
            let listing =
                |group: LabelGroup| LabelGroupListing { labels: labels.remove(&group.id).unwrap_or_default(), group };
            Ok(groups.into_iter().map(listing).collect())
        })
    }

    /// Makes a group with its labels. Administrators only.
    ///
    /// # Errors
    /// [`Error::Forbidden`], [`Error::Invalid`] with every bad field, [`Error::Conflict`] for a name
    /// that is taken.
    pub fn create(&self, caller: &Caller, input: &LabelGroupInput) -> Result<LabelGroupId> {
        caller.require_administrator()?;
        let now = self.db.now();
        self.db.write(|conn| {
            setup::lock(conn)?;
            let wanted = check(conn, input, None, &[])?;
            let name = input.name.value().cloned().unwrap_or_default();
            let id = repository::insert_group(conn, &name, now)?;
            let labels = save_all(conn, id, &wanted)?;
            deed(caller, "create", id, now)
                .created(conn, &LabelGroupListing { group: LabelGroup { id, name, version: 1 }, labels })?;
            Ok(id)
        })
    }

    /// Changes a group. With `version` it is only changed if it still is what was read. The labels
    /// that are sent are all the group has from then on. Administrators only.
    ///
    /// # Errors
    /// As [`LabelGroups::create`]; [`Error::NotFound`] for one that is missing, [`Error::Stale`] when
    /// `version` is past.
    pub fn update(
        &self,
        caller: &Caller,
        id: LabelGroupId,
        version: Option<i64>,
        input: &LabelGroupInput,
    ) -> Result<()> {
        caller.require_administrator()?;
        let now = self.db.now();
        self.db.write(|conn| {
            setup::lock(conn)?;
            let group = repository::groups(conn, Some(id))?.pop().ok_or(NOT_FOUND)?;
            let before = LabelGroupListing { group, labels: repository::in_groups(conn, Some(id))? };
            let wanted = check(conn, input, Some(id), &before.labels)?;
            if version.is_some_and(|version| version != before.group.version) {
                return Err(Error::Stale);
            }
            let name = input.name.clone().apply_or(Some(before.group.name.clone()), String::new());
            let group = LabelGroup { id, name, version: before.group.version + 1 };
            repository::update_group(conn, &group, now)?;
            let labels = if input.labels.is_absent() {
                before.labels.clone()
            } else {
                let stays = |label: &&Label| wanted.iter().any(|wanted| wanted.id == Some(label.id));
                let gone: Vec<LabelId> =
                    before.labels.iter().filter(|label| !stays(label)).map(|label| label.id).collect();
                repository::retire(conn, &gone)?;
                save_all(conn, id, &wanted)?
            };
            deed(caller, "update", id, now).changed(conn, &before, &LabelGroupListing { group, labels })
        })
    }
}

/// Everything that can be wrong with the input, at once; then a name that is taken. Gives the labels
/// as they are to be.
fn check(conn: &mut Conn, input: &LabelGroupInput, own: Option<LabelGroupId>, labels: &[Label]) -> Result<Vec<Wanted>> {
    let mut problems = input.problems.clone();
    problems.required("name", &input.name, own.is_none());
    problems.name("name", &input.name);
    let sent = input.labels.value().map(Vec::as_slice).unwrap_or_default();
    let wanted: Vec<Wanted> = sent.iter().map(|label| wanted(label, labels)).collect();
    check_labels(&mut problems, sent, labels);
    check_names(&mut problems, &wanted);
    problems.finish()?;
    match input.name.value() {
        Some(name) if repository::called(conn, name)?.into_iter().any(|group| Some(group) != own) => {
            Err(Error::conflict("name", "名称已存在"))
        }
        _ => Ok(wanted),
    }
}

fn check_names(problems: &mut Problems, wanted: &[Wanted]) {
    let mut names = HashSet::with_capacity(wanted.len());
    for (number, Wanted { name, .. }) in wanted.iter().enumerate() {
        if !name.is_empty() && !names.insert(name.as_str()) {
            problems.push(&format!("labels.{number}.name"), format!("不能重复:{name}"));
        }
    }
}

fn check_labels(problems: &mut Problems, sent: &[LabelInput], labels: &[Label]) {
    if sent.len() > ARRAY_MAX {
        problems.push("labels", format!("最多{ARRAY_MAX}个"));
        return;
    }
    for (number, label) in sent.iter().enumerate() {
        let name = format!("labels.{number}.name");
        problems.required(&name, &label.name, label.id.is_none());
        problems.name(&name, &label.name);
        setup::check_color(problems, &format!("labels.{number}.color"), &label.color);
    }
    let ids: Vec<LabelId> = sent.iter().filter_map(|label| label.id).collect();
    let known: Vec<LabelId> = labels.iter().map(|label| label.id).collect();
    problems.ids("labels", &ids);
    note_missing(problems, "labels", &ids, &known);
}

/// A label as it is to be, given those the group has.
fn wanted(sent: &LabelInput, labels: &[Label]) -> Wanted {
    let before = labels.iter().find(|label| Some(label.id) == sent.id);
    Wanted {
        id: sent.id,
        name: sent.name.clone().apply_or(before.map(|label| label.name.clone()), String::new()),
        color: sent.color.clone().apply_or(before.map(|label| label.color.clone()), GREY.to_owned()),
    }
}

fn save_all(conn: &mut Conn, group_id: LabelGroupId, wanted: &[Wanted]) -> Result<Vec<Label>> {
    let saved = wanted.iter().zip(1i64..).map(|(Wanted { id, name, color }, place)| {
        let id = repository::save(conn, *id, group_id, name, color, place)?;
        Ok(Label { id, group_id, name: name.clone(), color: color.clone() })
    });
    saved.collect()
}

fn deed<'a>(caller: &'a Caller, action: &'static str, id: LabelGroupId, at: Instant) -> Deed<'a> {
    Deed { caller: Some(caller), action, record: "label_group", id: Some(id.0), at }
}
