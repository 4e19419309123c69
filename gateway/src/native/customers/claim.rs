//! `/api/customers/claim`, `release`, `assign`, `lock` and `unlock`: whose customers are.

use crm_core::{CustomerId, Error};
use crm_customers::pool::{Act, Done};
use schemars::JsonSchema;
use serde::Serialize;

use crate::http::{Call, OneOrSeveral, Outcome, Reader};
use crate::native::envelope::DONE;
use crate::native::{message, written};

#[derive(JsonSchema, Serialize)]
pub(super) struct Results {
    results: Vec<ResultRow>,
}

/// What became of one customer of an array.
#[derive(JsonSchema, Serialize)]
pub(super) struct ResultRow {
    id: i64,
    ok: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    msg: Option<String>,
}

impl ResultRow {
    fn new(done: Done) -> Self {
        if let Err(Error::Internal(cause)) = &done.result {
            tracing::error!(cause = %cause, "internal error");
        }
        let error = done.result.err();
        Self {
            id: done.id.0,
            ok: error.is_none(),
            code: error.as_ref().map(|error| error.code().as_str()),
            msg: error.map(|error| error.to_string()),
        }
    }
}

/// Takes customers from the public pool for the caller.
pub(super) fn claim(call: &Call<'_>, input: &mut Reader) -> Outcome {
    act(call, input, |_| Some(Act::Claim))
}

/// Puts customers into the public pool.
pub(super) fn release(call: &Call<'_>, input: &mut Reader) -> Outcome {
    act(call, input, |_| Some(Act::Release))
}

/// Gives customers to the person `owner_id`.
pub(super) fn assign(call: &Call<'_>, input: &mut Reader) -> Outcome {
    act(call, input, |input| input.required_id("owner_id").map(Act::Assign))
}

/// Locks customers.
pub(super) fn lock(call: &Call<'_>, input: &mut Reader) -> Outcome {
    act(call, input, |_| Some(Act::Lock))
}

/// Unlocks customers.
pub(super) fn unlock(call: &Call<'_>, input: &mut Reader) -> Outcome {
    act(call, input, |_| Some(Act::Unlock))
}

/// One bare id is answered like every write; an array with what became of each.
fn act(call: &Call<'_>, input: &mut Reader, act: impl Fn(&mut Reader) -> Option<Act>) -> Outcome {
    let customers = input.one_or_several::<CustomerId>("customer_id");
    let act = act(input);
    let reason = input.reason();
    let (customers, act) = input.finish_with(customers.zip(act))?;
    let (pool, caller) = (&call.services()?.pool, call.caller()?);
    match customers {
        OneOrSeveral::One(id) => {
            pool.act(caller, act, id, reason.as_deref())?;
            written(DONE, id)
        }
        OneOrSeveral::Several(ids) => {
            let done = pool.act_on_each(caller, act, &ids, reason.as_deref())?;
            message(DONE, Results { results: done.into_iter().map(ResultRow::new).collect() })
        }
    }
}
