//! Organizations and customers on real databases of both engines.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod around;
mod contacts;
mod departures;
mod fields;
mod labels;
mod lists;
mod names;
mod options;
mod organizations;
mod pool;
mod pool_history;
mod pool_property;
mod pool_races;
mod pool_recycler;
mod pool_rule;
mod pool_support;
mod progress;
mod search;
mod search_model;
mod support;
mod totals;
mod visibility;
mod wecom;
mod writes;
