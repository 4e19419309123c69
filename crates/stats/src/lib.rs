//! Read-only aggregates over the other crates' records.
