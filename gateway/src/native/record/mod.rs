//! `/api/record`: potentials, follow-ups and demands.

mod demand;
mod follow;
mod potential;
mod potential_id;

use crate::http::Endpoint;

/// The endpoints under `/api/record`.
pub const ENDPOINTS: &[Endpoint] = &[
    Endpoint::get("/api/record/potential", potential::list)
        .listing::<potential::PotentialRow>()
        .says("The potentials the caller may see"),
    Endpoint::post("/api/record/potential", potential::save)
        .needing(&["organization_id", "director_id", "record_time"])
        .says("Enters a potential, or with its id changes one"),
    Endpoint::delete("/api/record/delpotent", potential::set_status)
        .says("Deletes (status -1), or sets the stage (0–3), which restores a deleted one"),
    Endpoint::get("/api/record/follow", follow::list)
        .listing::<follow::FollowRow>()
        .says("The follow-ups the caller may see"),
    Endpoint::post("/api/record/follow", follow::save)
        .needing(&["follower_id", "record_time", "protent_id"])
        .says("Records a follow-up, or with follow_id changes one"),
    Endpoint::delete("/api/record/delfollow", follow::delete).says("Deletes a follow-up"),
    Endpoint::get("/api/record/demand", demand::list)
        .listing::<demand::DemandRow>()
        .says("The demands the caller may see"),
    Endpoint::post("/api/record/demand", demand::save)
        .needing(&["organization_id", "follower_id", "record_time", "content"])
        .says("Records a demand, or with demand_id changes one"),
    Endpoint::delete("/api/record/deldemand", demand::delete).says("Deletes a demand"),
];
