//! `/api/stats`: statistics.

mod demand;
mod follow;
mod satisfy;
mod sign;

use crm_core::{Page, Result, Span};
use crm_stats::StatsFilter;

use crate::http::{Endpoint, Reader};

/// The endpoints under `/api/stats`.
pub const ENDPOINTS: &[Endpoint] = &[
    Endpoint::get("/api/stats/sign", sign::show),
    Endpoint::get("/api/stats/demand", demand::show),
    Endpoint::get("/api/stats/follow", follow::show),
    Endpoint::get("/api/stats/satisfy", satisfy::show),
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
