//! The public pool (公海): whose customers are, how they change hands, and the rule by which they go
//! back to nobody (vendor-surfaces §1).
//!
//! The rule is defined once, in `rule`; everything else asks it.

mod due;
mod history;
mod limit;
mod moves;
mod recycle;
mod rule;
mod settings;

use crm_core::Zone;
use crm_db::Db;

pub use due::{DueFilter, DueListing};
pub use history::{HistoryFilter, HistoryRow, Kinds};
pub(crate) use limit::Room;
pub use moves::{Act, Done};
pub use rule::{Outlook, PoolRule, rule};
pub use settings::{PoolRuleInput, Preview};

/// Looks after the public pool.
#[derive(Clone, Debug)]
pub struct Pool {
    db: Db,
    zone: Zone,
}

impl Pool {
    /// The public pool of this database; days are those of this time zone.
    pub fn new(db: &Db, zone: Zone) -> Self {
        Self { db: db.clone(), zone }
    }
}
