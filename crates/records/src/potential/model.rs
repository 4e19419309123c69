//! What a potential is, and what may be said about one.

use crm_core::{Instant, OrganizationId, Patch, PotentialId, Problems, StaffId, StatusFilter, TimeRange};
use crm_db::schema::potentials;
use diesel::prelude::*;
use serde::Serialize;

/// The names under which requests send the id of a potential; the published document uses each of
/// the first two.
pub const POTENTIAL_ID_NAMES: [&str; 3] = ["potent_id", "protent_id", "potential_id"];

/// A potential: an organization that somebody tries to win.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset, Serialize)]
#[diesel(table_name = potentials, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct Potential {
    /// Its id; 0 before it is stored.
    #[diesel(skip_insertion)]
    pub id: PotentialId,
    /// The organization.
    pub organization_id: OrganizationId,
    /// Who is in charge.
    pub director_id: StaffId,
    /// Who entered it.
    pub creator_id: StaffId,
    /// When it began.
    pub record_time: Instant,
    /// A note.
    pub note: Option<String>,
    /// -1 deleted, else the number of its [`Stage`].
    pub status: i16,
    /// Grows by one with every change.
    pub version: i64,
    /// When it was entered.
    pub created_at: Instant,
    /// When it was last changed.
    pub updated_at: Instant,
}

/// How far a potential has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// 刚介入,待跟进: waits for its first follow-up.
    New,
    /// 跟进中: being followed up.
    Active,
    /// 过期: too late.
    Expired,
    /// 完成: done.
    Done,
}

impl Stage {
    /// Every stage.
    pub const ALL: [Stage; 4] = [Stage::New, Stage::Active, Stage::Expired, Stage::Done];

    /// The status of a potential, and of its organization, in this stage.
    pub fn status(self) -> i16 {
        match self {
            Self::New => 0,
            Self::Active => 1,
            Self::Expired => 2,
            Self::Done => 3,
        }
    }
}

/// A potential as lists show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PotentialListing {
    /// The potential.
    pub potential: Potential,
    /// The name of who is in charge.
    pub director: Option<String>,
    /// The name of the organization.
    pub organization_name: Option<String>,
    /// How many live follow-ups it has; none while it is deleted.
    pub follow_count: i64,
    /// The latest record time of those.
    pub last_follow_time: Option<Instant>,
}

/// What a create or an update says of a potential.
#[derive(Clone, Debug, Default)]
pub struct PotentialInput {
    /// What the edge could not read; reported together with what the service finds.
    pub problems: Problems,
    /// Required on create.
    pub organization_id: Patch<OrganizationId>,
    /// Required on create.
    pub director_id: Patch<StaffId>,
    /// Required on create.
    pub record_time: Patch<Instant>,
    /// Up to 10,000 characters.
    pub note: Patch<String>,
}

/// Which potentials a list shows.
#[derive(Clone, Debug, Default)]
pub struct PotentialFilter {
    /// This one alone.
    pub id: Option<PotentialId>,
    /// Those of this organization.
    pub organization_id: Option<OrganizationId>,
    /// Those this person is in charge of.
    pub director_id: Option<StaffId>,
    /// Those whose record time lies here.
    pub range: TimeRange,
    /// Those in this state.
    pub status: StatusFilter,
}

impl Potential {
    /// A new potential that nothing is said about yet.
    pub(super) fn blank(creator_id: StaffId, now: Instant) -> Self {
        Self {
            id: PotentialId(0),
            organization_id: OrganizationId(0),
            director_id: creator_id,
            creator_id,
            record_time: now,
            note: None,
            status: Stage::New.status(),
            version: 1,
            created_at: now,
            updated_at: now,
        }
    }

    /// The potential as the input wants it.
    pub(super) fn with(self, input: PotentialInput) -> Self {
        Self {
            organization_id: input.organization_id.apply_or(Some(self.organization_id), self.organization_id),
            director_id: input.director_id.apply_or(Some(self.director_id), self.director_id),
            record_time: input.record_time.apply_or(Some(self.record_time), self.record_time),
            note: input.note.apply(self.note),
            ..self
        }
    }

    /// The potential one write later.
    pub(super) fn changed(self, now: Instant) -> Self {
        Self { version: self.version + 1, updated_at: now, ..self }
    }
}
