//! `/api/customers/stage`, `/api/customers/approve`, `/api/customers/blacklist` and
//! `/api/customers/favourite`.

use crm_core::CustomerId;

use crate::http::{Call, Outcome, Reader};
use crate::native::envelope::DONE;
use crate::native::written;

/// Moves a customer to another stage.
pub(super) fn stage(call: &Call<'_>, input: &mut Reader) -> Outcome {
    let id = input.required_id::<CustomerId>("customer_id");
    let version = input.version();
    let stage = input.required_id("stage_id");
    let reason = input.reason();
    let (id, stage) = input.finish_with(id.zip(stage))?;
    call.services()?.customers.move_to_stage(call.caller()?, id, version, stage, reason.as_deref())?;
    written(DONE, id)
}

/// Lets a customer in, or turns it down.
pub(super) fn approve(call: &Call<'_>, input: &mut Reader) -> Outcome {
    let id = input.required_id::<CustomerId>("customer_id");
    let version = input.version();
    let approved = input.choice("approve_status", &[("approved", true), ("rejected", false)]);
    input.require("approve_status", &approved);
    let reason = input.reason();
    let (id, approved) = input.finish_with(id.zip(approved))?;
    call.services()?.customers.decide(call.caller()?, id, version, approved, reason.as_deref())?;
    written(DONE, id)
}

/// Puts a customer on the blacklist, or takes it off.
pub(super) fn blacklist(call: &Call<'_>, input: &mut Reader) -> Outcome {
    let id = input.required_id::<CustomerId>("customer_id");
    let version = input.version();
    let blacklisted = input.required_flag("is_blacklisted");
    let (id, blacklisted) = input.finish_with(id.zip(blacklisted))?;
    call.services()?.customers.set_blacklisted(call.caller()?, id, version, blacklisted)?;
    written(DONE, id)
}

/// Puts a customer among the caller's favourites, or takes it out.
pub(super) fn favourite(call: &Call<'_>, input: &mut Reader) -> Outcome {
    let id = input.required_id::<CustomerId>("customer_id");
    let favourite = input.required_flag("favourite");
    let (id, favourite) = input.finish_with(id.zip(favourite))?;
    call.services()?.customers.set_favourite(call.caller()?, id, favourite)?;
    written(DONE, id)
}
