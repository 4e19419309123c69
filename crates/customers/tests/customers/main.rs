//! Organizations and customers on real databases of both engines.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod around;
mod contacts;
mod departures;
mod fields;
mod labels;
mod lists;
mod options;
mod organizations;
mod progress;
mod support;
mod visibility;
mod writes;
