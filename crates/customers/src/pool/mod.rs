//! The public pool (公海): the rule by which customers go back to it (vendor-surfaces §1).

mod rule;

pub use rule::{Outlook, PoolRule, rule};
