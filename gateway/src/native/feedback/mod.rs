//! `/api/feedback`: satisfaction.

mod satisfy;

use crate::http::Endpoint;

/// The endpoints under `/api/feedback`.
pub const ENDPOINTS: &[Endpoint] = &[
    Endpoint::get("/api/feedback/satisfy", satisfy::list)
        .listing::<satisfy::SatisfyRow>()
        .says("The satisfaction records the caller may see"),
    Endpoint::post("/api/feedback/satisfy", satisfy::save)
        .needing(&["value", "record_time", "organization_id"])
        .says("Enters a satisfaction record, or with satisfy_id changes one"),
    Endpoint::delete("/api/feedback/delsatisfy", satisfy::delete).says("Deletes a satisfaction record"),
];
