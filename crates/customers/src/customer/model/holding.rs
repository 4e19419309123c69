//! Whose a customer is, and how it changes hands.

use crm_core::{Instant, StaffId};
use crm_db::schema::customers;
use diesel::prelude::*;
use serde::Serialize;

/// Whose a customer is, and how it came to be.
#[derive(Clone, Debug, Default, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset, Serialize)]
#[diesel(table_name = customers, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct Holding {
    /// Whose it is; `None` in the public pool (公海).
    pub owner_id: Option<StaffId>,
    /// Whose it was before.
    pub last_owner_id: Option<StaffId>,
    /// Since when it is its owner's.
    pub assigned_at: Option<Instant>,
    /// When it last came into the public pool.
    pub pool_entered_at: Option<Instant>,
    /// How often an owner lost it to the public pool.
    pub pool_times: i64,
    /// 1 the system put it into the pool last, 2 a person did; 0 neither ever.
    pub pool_type: i16,
    /// 1 when it is never recycled, released or assigned, else 0.
    pub is_locked: i16,
}

impl Holding {
    /// How a customer that starts with this owner, or in the public pool, is held.
    pub(in crate::customer) fn first(owner_id: Option<StaffId>, now: Instant) -> Self {
        match owner_id {
            Some(_) => Self { owner_id, assigned_at: Some(now), ..Self::default() },
            None => Self { pool_entered_at: Some(now), ..Self::default() },
        }
    }

    /// How it is held when this person gets it now.
    pub(crate) fn given(self, owner: StaffId, now: Instant) -> Self {
        Self {
            owner_id: Some(owner),
            last_owner_id: self.owner_id.or(self.last_owner_id),
            assigned_at: Some(now),
            ..self
        }
    }

    /// How it is held when its owner loses it to the public pool now.
    pub(crate) fn pooled(self, pool_type: i16, now: Instant) -> Self {
        Self {
            owner_id: None,
            last_owner_id: self.owner_id.or(self.last_owner_id),
            pool_entered_at: Some(now),
            pool_times: self.pool_times + 1,
            pool_type,
            ..self
        }
    }

    /// Whether it is locked: never recycled, released or assigned.
    pub fn is_locked(&self) -> bool {
        self.is_locked != 0
    }

    /// Whether the customer is in the public pool.
    pub fn is_pool(&self) -> bool {
        self.owner_id.is_none()
    }
}
