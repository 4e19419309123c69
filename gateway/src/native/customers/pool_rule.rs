//! `/api/customers/poolrule`.

use crm_core::Zone;
use crm_customers::pool::{PoolRule, PoolRuleInput};
use schemars::JsonSchema;
use serde::Serialize;

use super::due::DueRow;
use crate::http::{Call, Outcome, Reader};
use crate::native::envelope::DONE;
use crate::native::{message, one};

#[derive(JsonSchema, Serialize)]
pub(super) struct RuleRow {
    enabled: i16,
    contact_days: i64,
    deal_days: i64,
    notice_days: i64,
    hold_limit: i64,
    cooldown_days: i64,
    tightened_at: Option<String>,
    updated_at: String,
    version: i64,
}

impl RuleRow {
    fn new(rule: PoolRule, zone: Zone) -> Self {
        Self {
            enabled: rule.enabled,
            contact_days: rule.contact_days,
            deal_days: rule.deal_days,
            notice_days: rule.notice_days,
            hold_limit: rule.hold_limit,
            cooldown_days: rule.cooldown_days,
            tightened_at: rule.tightened_at.map(|at| zone.format(at)),
            updated_at: zone.format(rule.updated_at),
            version: rule.version,
        }
    }
}

/// The id of the one rule there is.
const THE_RULE: i64 = 1;

#[derive(JsonSchema, Serialize)]
struct Saved {
    id: i64,
}

#[derive(JsonSchema, Serialize)]
pub(super) struct PreviewData {
    count: i64,
    customers: Vec<DueRow>,
}

/// The rule in force.
pub(super) fn show(call: &Call<'_>, _: &mut Reader) -> Outcome {
    one(RuleRow::new(call.services()?.pool.rule()?, call.zone))
}

/// Changes the rule, or with `preview` tells what a change would announce.
pub(super) fn save(call: &Call<'_>, input: &mut Reader) -> Outcome {
    const YES_OR_NO: &[(&str, bool)] = &[("true", true), ("1", true), ("false", false), ("0", false)];
    let preview = input.choice("preview", YES_OR_NO).unwrap_or(false);
    let version = input.version();
    let rule = PoolRuleInput {
        enabled: input.choice_of("enabled", YES_OR_NO).map(i64::from),
        contact_days: input.int("contact_days"),
        deal_days: input.int("deal_days"),
        notice_days: input.int("notice_days"),
        hold_limit: input.int("hold_limit"),
        cooldown_days: input.int("cooldown_days"),
        problems: input.take_problems(),
    };
    let (pool, caller) = (&call.services()?.pool, call.caller()?);
    if !preview {
        pool.set_rule(caller, version, rule)?;
        return message(DONE, Saved { id: THE_RULE });
    }
    let found = pool.preview(caller, version, rule)?;
    let customers = found.customers.into_iter().map(|due| DueRow::new(due, call.zone)).collect();
    one(PreviewData { count: found.count, customers })
}
