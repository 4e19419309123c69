//! Organizations and customers on real databases of both engines.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod departures;
mod lists;
mod organizations;
mod support;
mod visibility;
mod wecom;
mod writes;
