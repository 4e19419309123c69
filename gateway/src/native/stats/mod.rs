//! `/api/stats`: statistics.

mod demand;
mod follow;
mod satisfy;
mod sign;

use crm_core::{Page, Result, Span};
use crm_stats::StatsFilter;

use crate::http::{Endpoint, Reader};
use crate::native::Nested;

/// The endpoints under `/api/stats`.
pub const ENDPOINTS: &[Endpoint] = &[
    Endpoint::get("/api/stats/sign", sign::show)
        .listing::<sign::SignRow>()
        .says("How much each organization signed for"),
    Endpoint::get("/api/stats/demand", demand::show)
        .answering::<Nested<demand::DemandRow>>()
        .says("How often each organization changed its demands"),
    Endpoint::get("/api/stats/follow", follow::show)
        .answering::<Nested<follow::FollowRow>>()
        .says("How often each organization was followed up"),
    Endpoint::get("/api/stats/satisfy", satisfy::show)
        .listing::<satisfy::SatisfyRow>()
        .says("How satisfied each organization is"),
];

/// What all of them are asked.
fn question(input: &mut Reader) -> Result<(StatsFilter, Page)> {
    let filter = StatsFilter {
        organizations: input.ids("organization_ids").into_value().unwrap_or_default(),
        range: input.range(Span::Week, false),
    };
    let page = input.page();
    input.finish()?;
    Ok((filter, page))
}
