//! The promises of `Contracts` on both engines.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod pages;
mod rights;
mod rules;
mod stamps;
mod support;
