//! `/business/{uniacid}/plugin/CrmDashboard/getCustomerData`.

use crm_core::{Error, Instant};
use crm_stats::DashboardQuery;
use crm_stats::dashboard::PeriodKind;

use super::answer::Answer;
use super::envelope::success;
use crate::http::{Call, Outcome, Reader};

/// A timestamp from here on is in milliseconds: in seconds it would be the year 5138, and in
/// milliseconds everything since March 1973 is above it.
const MILLISECONDS_FROM: i64 = 100_000_000_000;
/// The last millisecond of the year 9999, which every part of the system can hold.
const LAST_MILLISECOND: i64 = 253_402_300_799_999;

/// The numbers of the account's customers and WeCom contacts.
pub(super) fn read(call: &Call<'_>, input: &mut Reader) -> Outcome {
    let words = [("day", PeriodKind::Day), ("week", PeriodKind::Week), ("month", PeriodKind::Month)];
    let kind = input.choice("date_type", &words).unwrap_or_default();
    let query = DashboardQuery {
        kind,
        at: input.int_in("date_time", 0, LAST_MILLISECOND).into_value().map(instant),
        department_id: input.own_id("department_id"),
        subordinate_id: input.own_id("subordinate_id"),
    };
    if call.path("uniacid") != Some(call.settings()?.account_id.as_str()) {
        return Err(Error::NotFound("账号"));
    }
    input.finish()?;
    let numbers = call.services()?.dashboard.read(call.caller()?, &query)?;
    success(Answer::new(&numbers, kind))
}

fn instant(timestamp: i64) -> Instant {
    Instant::from_unix(if timestamp >= MILLISECONDS_FROM { timestamp / 1000 } else { timestamp })
}
