//! `/api/record/potential` and `/api/record/delpotent`.

use crm_core::{Span, Zone};
use crm_records::potential::PotentialListing;
use crm_records::{PotentialFilter, PotentialInput, Stage};
use schemars::JsonSchema;
use serde::Serialize;

use super::potential_id;
use crate::http::{Call, Outcome, Reader};
use crate::native::envelope::DONE;
use crate::native::{list as answer_list, status, written};

#[derive(JsonSchema, Serialize)]
#[allow(non_snake_case, reason = "the names of the contract")]
pub(super) struct PotentialRow {
    id: i64,
    organization_id: i64,
    organization_name: Option<String>,
    director_id: i64,
    director: Option<String>,
    creator_id: i64,
    recordTime: String,
    follow_count: i64,
    last_follow_time: Option<String>,
    createTime: String,
    updateTime: String,
    status: i16,
    note: Option<String>,
    version: i64,
}

impl PotentialRow {
    fn new(listing: PotentialListing, zone: Zone) -> Self {
        let PotentialListing { potential, director, organization_name, follow_count, last_follow_time } = listing;
        Self {
            id: potential.id.0,
            organization_id: potential.organization_id.0,
            organization_name,
            director_id: potential.director_id.0,
            director,
            creator_id: potential.creator_id.0,
            recordTime: zone.format(potential.record_time),
            follow_count,
            last_follow_time: last_follow_time.map(|at| zone.format(at)),
            createTime: zone.format(potential.created_at),
            updateTime: zone.format(potential.updated_at),
            status: potential.status,
            note: potential.note,
            version: potential.version,
        }
    }
}

/// The potentials the caller may see.
pub(super) fn list(call: &Call<'_>, input: &mut Reader) -> Outcome {
    let id = potential_id::read(input);
    let status = status::read(input, status::OF_STAGES, id.is_some());
    let filter = PotentialFilter {
        id,
        organization_id: input.own_id("organization_id"),
        director_id: input.own_id("director_id"),
        range: input.range(Span::Week, id.is_some()),
        status,
    };
    let page = input.page();
    input.finish()?;
    let found = call.services()?.potentials.list(call.caller()?, &filter, page)?;
    answer_list(found.rows.into_iter().map(|row| PotentialRow::new(row, call.zone)), found.total, page)
}

/// Enters a potential, or with its id changes one.
pub(super) fn save(call: &Call<'_>, input: &mut Reader) -> Outcome {
    let id = potential_id::read(input);
    let version = input.version();
    let potential = PotentialInput {
        organization_id: input.id("organization_id"),
        director_id: input.id("director_id"),
        record_time: input.instant("record_time"),
        note: input.text("note"),
        problems: input.take_problems(),
    };
    let potentials = &call.services()?.potentials;
    let id = match id {
        Some(id) => potentials.update(call.caller()?, id, version, potential).map(|()| id)?,
        None => potentials.create(call.caller()?, potential)?,
    };
    written(DONE, id)
}

/// Deletes (`status` -1), or sets the stage (0–3), which restores a deleted one.
pub(super) fn set_status(call: &Call<'_>, input: &mut Reader) -> Outcome {
    let id = potential_id::read_required(input);
    let status = input.choice(
        "status",
        &[
            ("-1", None),
            ("0", Some(Stage::New)),
            ("1", Some(Stage::Active)),
            ("2", Some(Stage::Expired)),
            ("3", Some(Stage::Done)),
        ],
    );
    input.require("status", &status);
    let (id, status) = input.finish_with(id.zip(status))?;
    match status {
        None => call.services()?.potentials.delete(call.caller()?, id)?,
        Some(stage) => call.services()?.potentials.set_stage(call.caller()?, id, stage)?,
    }
    written(DONE, id)
}
