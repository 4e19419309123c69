//! Organizations and customers on real databases of both engines.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod departures;
mod lists;
mod organizations;
mod search;
mod search_model;
mod support;
mod visibility;
mod writes;
