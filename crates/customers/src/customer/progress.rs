//! How far a customer has come, whether it is let in, and the marks on it.

use crm_core::{Caller, CustomerId, NOTE_MAX, Patch, Problems, Result, StageId};
use serde::Serialize;

use super::{Approval, Clue, Customer, Customers, NOT_FOUND, Progress, changeable, deed, happened, repository};
use crate::events::Kind;
use crate::{options, team};

#[derive(Serialize)]
struct Favourite {
    is_favourite: bool,
}

impl Customers {
    /// Moves a customer to another stage (生命周期), with the reason (up to 10,000 characters). The
    /// stage it is in already changes nothing. With `version` only if it still is what was read.
    ///
    /// # Errors
    /// As [`Customers::update`]; [`Error::Invalid`](crm_core::Error::Invalid) on `stage_id` for a stage that is missing or retired.
    pub fn move_to_stage(
        &self,
        caller: &Caller,
        id: CustomerId,
        version: Option<i64>,
        stage: StageId,
        reason: Option<&str>,
    ) -> Result<()> {
        let now = self.db.now();
        self.db.write(|conn| {
            let before = changeable(conn, caller, id, version)?;
            let from = before.progress.stage_id;
            let mut problems = with_reason(reason);
            options::check(conn, &mut problems, &options::STAGES, "stage_id", &Patch::Value(stage), Some(from))?;
            problems.finish()?;
            if stage == from {
                return Ok(());
            }
            let progress = Progress { stage_id: stage, last_stage_id: Some(from), ..before.progress.clone() };
            let after = Customer { progress, ..before.clone() }.changed(Some(caller.staff_id), now);
            repository::update(conn, &before, &after)?;
            let ends = (Some(from.to_string()), Some(stage.to_string()));
            happened(conn, caller, &after, Kind::Stage, ends, reason, now)?;
            deed(caller, "stage", id, now).changed(conn, &before, &after)
        })
    }

    /// Lets a customer in or turns it down, with the reason (up to 10,000 characters). Deciding the
    /// same twice changes nothing. With `version` only if it still is what was read.
    /// Administrators only.
    ///
    /// # Errors
    /// [`Error::Forbidden`](crm_core::Error::Forbidden), else as [`Customers::update`].
    pub fn decide(
        &self,
        caller: &Caller,
        id: CustomerId,
        version: Option<i64>,
        approved: bool,
        reason: Option<&str>,
    ) -> Result<()> {
        caller.require_administrator()?;
        with_reason(reason).finish()?;
        let (approval, kind, action) = match approved {
            true => (Approval::Approved, Kind::Approved, "approve"),
            false => (Approval::Rejected, Kind::Rejected, "reject"),
        };
        let now = self.db.now();
        self.db.write(|conn| {
            let before = changeable(conn, caller, id, version)?;
            let from = before.progress.approve_status;
            if from == approval {
                return Ok(());
            }
            let progress = Progress { approve_status: approval, ..before.progress.clone() };
            let after = Customer { progress, ..before.clone() }.changed(Some(caller.staff_id), now);
            repository::update(conn, &before, &after)?;
            let from = Some(from.as_str().to_owned());
            happened(conn, caller, &after, kind, (from, None), reason, now)?;
            deed(caller, action, id, now).changed(conn, &before, &after)
        })
    }

    /// Puts a customer on the blacklist or takes it off; where it is already changes nothing. With
    /// `version` only if it still is what was read.
    ///
    /// # Errors
    /// As [`Customers::update`].
    pub fn set_blacklisted(
        &self,
        caller: &Caller,
        id: CustomerId,
        version: Option<i64>,
        blacklisted: bool,
    ) -> Result<()> {
        let now = self.db.now();
        self.db.write(|conn| {
            let before = changeable(conn, caller, id, version)?;
            let clue = Clue { is_blacklisted: blacklisted.into(), ..before.clue.clone() };
            if clue == before.clue {
                return Ok(());
            }
            let after = Customer { clue, ..before.clone() }.changed(Some(caller.staff_id), now);
            repository::update(conn, &before, &after)?;
            deed(caller, "blacklist", id, now).changed(conn, &before, &after)
        })
    }

    /// Puts a customer among the caller's favourites or takes it out; where it is already changes
    /// nothing. It is the caller's own mark and no change of the customer: one in the public pool
    /// may have it too.
    ///
    /// # Errors
    /// [`Error::NotFound`](crm_core::Error::NotFound) for a customer that is missing, deleted or not visible.
    pub fn set_favourite(&self, caller: &Caller, id: CustomerId, favourite: bool) -> Result<()> {
        let now = self.db.now();
        self.db.write(|conn| {
            let found = repository::find(conn, caller, id)?.filter(|found| !found.is_deleted());
            let id = found.ok_or(NOT_FOUND)?.id;
            if !team::set_favourite(conn, caller.staff_id, id, favourite, now)? {
                return Ok(());
            }
            deed(caller, "favourite", id, now).changed(
                conn,
                &Favourite { is_favourite: !favourite },
                &Favourite { is_favourite: favourite },
            )
        })
    }
}

fn with_reason(reason: Option<&str>) -> Problems {
    let mut problems = Problems::default();
    problems.plain_text("reason", reason.unwrap_or_default(), NOTE_MAX);
    problems
}
