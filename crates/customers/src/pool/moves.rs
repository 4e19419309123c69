//! How customers change hands: claim, release, assign, and the lock that forbids it.

use std::time::Duration;

use crm_core::{Caller, CustomerId, Error, Instant, NOTE_MAX, Problems, Result, StaffId};
use crm_db::audit::Deed;
use crm_db::{Conn, RowOf, deadline, distinct};
use crm_staff::people;
use serde::Serialize;

use super::{Pool, Room, limit};
use crate::Customer;
use crate::customer::{NOT_FOUND, deed, happened, repository};
use crate::events::Kind;
use crate::leaders::Led;

/// How a customer came into the pool: a person released it.
const RELEASED: i16 = 2;
/// With less time left than this, the rest of an array is not begun: one transaction may have to wait
/// for a connection and for two rows, and all answers are lost when the last comes too late.
const RESERVE: Duration = Duration::from_millis(1_700);
/// How long one of an array waits for a locked row.
const PATIENCE_MS: u16 = 600;

/// What may be done about whose a customer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// Take it from the public pool for oneself.
    Claim,
    /// Put it into the public pool.
    Release,
    /// Give it to this person.
    Assign(StaffId),
    /// Keep it with its owner whatever happens, until it is unlocked.
    Lock,
    /// Take the lock away.
    Unlock,
}

/// What became of one customer of several.
#[derive(Debug)]
pub struct Done {
    /// Which.
    pub id: CustomerId,
    /// Whether it was done, or why not.
    pub result: Result<()>,
}

/// One change of hands, as it is written down.
pub(super) struct Change<'a> {
    /// Nobody for the background task.
    pub(super) caller: Option<&'a Caller>,
    pub(super) action: &'static str,
    pub(super) kind: Kind,
    pub(super) reason: Option<&'a str>,
    pub(super) at: Instant,
}

impl Pool {
    /// Takes a customer from the public pool for the caller, who must be an administrator or staff.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for correspondents, [`Error::NotFound`] for one that is missing or
    /// deleted, or somebody's that the caller may not see and never could in the pool,
    /// [`Error::Conflict`] when it has an owner, when the caller holds as many as one may or
    /// lost this one a short while ago, [`Error::Unauthenticated`] for somebody deleted meanwhile.
    pub fn claim(&self, caller: &Caller, id: CustomerId, reason: Option<&str>) -> Result<()> {
        self.act(caller, Act::Claim, id, reason)
    }

    /// Puts a customer into the public pool: for its owner, leaders of the owner's department or one
    /// above, and administrators.
    ///
    /// # Errors
    /// [`Error::NotFound`] for one that is missing, deleted or not visible, [`Error::Forbidden`],
    /// [`Error::Conflict`] when it is locked, or is no longer whose it was.
    pub fn release(&self, caller: &Caller, id: CustomerId, reason: Option<&str>) -> Result<()> {
        self.act(caller, Act::Release, id, reason)
    }

    /// Gives a customer to an enabled person: for leaders of its owner's department or one above (of
    /// the new owner's, if it is in the public pool), and administrators.
    ///
    /// # Errors
    /// As [`Pool::release`]; [`Error::Invalid`] on `owner_id` for somebody who is not there,
    /// [`Error::Conflict`] also when they hold as many as one may or have it already.
    pub fn assign(&self, caller: &Caller, id: CustomerId, owner: StaffId, reason: Option<&str>) -> Result<()> {
        self.act(caller, Act::Assign(owner), id, reason)
    }

    /// Locks a customer: it is never recycled, and neither released nor assigned. For leaders of its
    /// owner's department or one above, and administrators. Locking twice changes nothing.
    ///
    /// # Errors
    /// As [`Pool::release`]; [`Error::Conflict`] for one in the public pool.
    pub fn lock(&self, caller: &Caller, id: CustomerId, reason: Option<&str>) -> Result<()> {
        self.act(caller, Act::Lock, id, reason)
    }

    /// Takes the lock away. For those who may lock.
    ///
    /// # Errors
    /// As [`Pool::lock`].
    pub fn unlock(&self, caller: &Caller, id: CustomerId, reason: Option<&str>) -> Result<()> {
        self.act(caller, Act::Unlock, id, reason)
    }

    /// Any of these with one customer.
    ///
    /// # Errors
    /// As the method of its name; [`Error::Invalid`] for a reason of more than 10,000 characters.
    pub fn act(&self, caller: &Caller, act: Act, id: CustomerId, reason: Option<&str>) -> Result<()> {
        check(caller, act, reason)?.finish()?;
        let now = self.db.now();
        self.db.write(|conn| self.one(conn, caller, act, id, reason, now))
    }

    /// Any of these with several customers, each in a transaction of its own, in order of their ids.
    /// What there was no time left for is [`Error::Unavailable`], and was not done.
    ///
    /// # Errors
    /// What is wrong with the request itself: the caller's role, the reason, the new owner.
    pub fn act_on_each(
        &self,
        caller: &Caller,
        act: Act,
        ids: &[CustomerId],
        reason: Option<&str>,
    ) -> Result<Vec<Done>> {
        let mut problems = check(caller, act, reason)?;
        if let Act::Assign(owner) = act {
            self.db.read(|conn| self.check_new_owner(conn, caller, &mut problems, owner))?;
        }
        problems.finish()?;
        let done: Vec<Done> = distinct(ids.iter().copied())
            .into_iter()
            .map(|id| Done { id, result: self.one_of_several(caller, act, id, reason) })
            .collect();
        self.note_refusals(caller, act, &done)?;
        Ok(done)
    }

    fn one_of_several(&self, caller: &Caller, act: Act, id: CustomerId, reason: Option<&str>) -> Result<()> {
        let left = deadline::left();
        if left.is_some_and(|left| left < RESERVE) {
            return Err(Error::Unavailable);
        }
        let now = self.db.now();
        self.db.write(|conn| {
            if left.is_some() {
                conn.wait_at_most(PATIENCE_MS)?;
            }
            self.one(conn, caller, act, id, reason, now)
        })
    }

    /// Whether the new owner is there is part of the request, and not told to those who may assign nothing.
    fn check_new_owner(&self, conn: &mut Conn, caller: &Caller, problems: &mut Problems, owner: StaffId) -> Result<()> {
        if people::is_enabled(conn, owner)? {
            return Ok(());
        }
        if caller.is_administrator() || !Led::by(conn, caller)?.is_empty() {
            people::note_missing(problems, "owner_id", &[owner], &[]);
        }
        Ok(())
    }

    fn one(
        &self,
        conn: &mut Conn,
        caller: &Caller,
        act: Act,
        id: CustomerId,
        reason: Option<&str>,
        now: Instant,
    ) -> Result<()> {
        let change = |action, kind| Change { caller: Some(caller), action, kind, reason, at: now };
        match act {
            Act::Claim => self.claim_in(conn, caller, id, &change("claim", Kind::Claimed)),
            Act::Release => release_in(conn, caller, id, &change("release", Kind::Released)),
            Act::Assign(owner) => assign_in(conn, caller, id, owner, &change("assign", Kind::Assigned)),
            Act::Lock => set_locked(conn, caller, id, 1, &change("lock", Kind::Locked)),
            Act::Unlock => set_locked(conn, caller, id, 0, &change("unlock", Kind::Unlocked)),
        }
    }

    fn claim_in(&self, conn: &mut Conn, caller: &Caller, id: CustomerId, change: &Change<'_>) -> Result<()> {
        let (me, now) = (caller.staff_id, change.at);
        let room = Room::hold(conn, me)?;
        if !people::is_live(conn, me)? {
            return Err(Error::Unauthenticated);
        }
        let before = locked(conn, id)?;
        if !before.holding.is_pool() {
            return Err(taken(conn, caller, &before)?);
        }
        room.check(conn, "customer_id")?;
        let rule = super::rule(conn)?;
        limit::check_cooldown(conn, &rule, self.zone, me, id, now)?;
        change.write(conn, &before, before.clone().given(me, now))
    }

    /// One audit row for what an array was refused, as a refused request leaves one.
    fn note_refusals(&self, caller: &Caller, act: Act, done: &[Done]) -> Result<()> {
        #[derive(Serialize)]
        struct Refused {
            action: &'static str,
            customer_id: Vec<CustomerId>,
        }

        let refused: Vec<CustomerId> =
            done.iter().filter(|done| matches!(done.result, Err(Error::Forbidden))).map(|done| done.id).collect();
        if refused.is_empty() {
            return Ok(());
        }
        let deed = Deed { caller: Some(caller), action: "refused", record: "customer", id: None, at: self.db.now() };
        let details = Refused { action: act.word(), customer_id: refused };
        // What was done is done: a trail without this row must not make it look undone.
        match self.db.write(|conn| deed.noted(conn, &details)) {
            Err(Error::Unavailable) => Ok(()),
            written => written,
        }
    }
}

impl Act {
    fn word(self) -> &'static str {
        match self {
            Self::Claim => "claim",
            Self::Release => "release",
            Self::Assign(_) => "assign",
            Self::Lock => "lock",
            Self::Unlock => "unlock",
        }
    }
}

/// What is wrong with the request whichever customer it is about. A correspondent sees no pool and
/// leads nobody, but may release what is theirs.
fn check(caller: &Caller, act: Act, reason: Option<&str>) -> Result<Problems> {
    if act != Act::Release {
        caller.require_staff()?;
    }
    let mut problems = Problems::default();
    problems.plain_text("reason", reason.unwrap_or_default(), NOTE_MAX);
    Ok(problems)
}

/// The customer, locked, whoever sees it.
fn locked(conn: &mut Conn, id: CustomerId) -> Result<Customer> {
    conn.lock_row(RowOf::Customers, id.0)?;
    repository::find_live(conn, id)?.ok_or(NOT_FOUND)
}

fn release_in(conn: &mut Conn, caller: &Caller, id: CustomerId, change: &Change<'_>) -> Result<()> {
    let before = locked(conn, id)?;
    require_right(conn, caller, &before, true)?;
    require_unlocked(&before)?;
    let holding = before.holding.clone().pooled(RELEASED, change.at);
    change.write(conn, &before, Customer { holding, ..before.clone() })
}

fn assign_in(conn: &mut Conn, caller: &Caller, id: CustomerId, owner: StaffId, change: &Change<'_>) -> Result<()> {
    let room = Room::hold(conn, owner)?;
    let before = locked(conn, id)?;
    match before.holding.owner_id {
        Some(_) => require_right(conn, caller, &before, false)?,
        None => require_right_in_pool(conn, caller, &before, owner)?,
    }
    if !people::is_enabled(conn, owner)? {
        return Err(no_such_owner(owner));
    }
    require_unlocked(&before)?;
    if before.holding.owner_id == Some(owner) {
        return Err(Error::conflict("owner_id", "该客户已由此员工负责"));
    }
    room.check(conn, "owner_id")?;
    change.write(conn, &before, before.clone().given(owner, change.at))
}

fn set_locked(conn: &mut Conn, caller: &Caller, id: CustomerId, lock: i16, change: &Change<'_>) -> Result<()> {
    let before = locked(conn, id)?;
    require_right(conn, caller, &before, false)?;
    if before.holding.is_locked == lock {
        return Ok(());
    }
    let mut after = before.clone();
    after.holding.is_locked = lock;
    change.write(conn, &before, after)
}

fn require_unlocked(customer: &Customer) -> Result<()> {
    if customer.holding.is_locked() {
        return Err(Error::conflict("customer_id", "该客户已锁定,请先解锁"));
    }
    Ok(())
}

fn no_such_owner(owner: StaffId) -> Error {
    let mut problems = Problems::default();
    people::note_missing(&mut problems, "owner_id", &[owner], &[]);
    Error::Invalid(problems)
}

/// Why a customer that has an owner cannot be claimed. One that has been in the pool was there for all to
/// see: who comes too late for it is told so. Of another, who may not see it is not told that it exists.
fn taken(conn: &mut Conn, caller: &Caller, customer: &Customer) -> Result<Error> {
    let was_shown = customer.holding.pool_entered_at.is_some();
    let is_known = was_shown || repository::find(conn, caller, customer.id)?.is_some();
    Ok(if is_known { Error::conflict("customer_id", "该客户已有负责人") } else { NOT_FOUND })
}

/// Lets pass who may decide about the customers of its owner: leaders of the owner's department and
/// administrators, and the owner where `own` says so. Who might have before it changed hands lost a
/// race, whether they still see it or not; to others it is forbidden, or not there.
fn require_right(conn: &mut Conn, caller: &Caller, customer: &Customer, own: bool) -> Result<()> {
    let led = if caller.is_administrator() { None } else { Some(Led::by(conn, caller)?) };
    let may = |conn: &mut Conn, person: StaffId| match &led {
        None => Ok(true),
        Some(_) if own && person == caller.staff_id => Ok(true),
        Some(led) => led.includes(conn, person),
    };
    let holding = &customer.holding;
    if let Some(owner) = holding.owner_id
        && may(conn, owner)?
    {
        return Ok(());
    }
    let had = match holding.last_owner_id {
        Some(last) => may(conn, last)?,
        None => led.is_none(),
    };
    match had {
        true if holding.is_pool() => Err(Error::conflict("customer_id", "该客户已在公海中")),
        true => Err(Error::conflict("customer_id", "该客户已归他人负责")),
        false => Err(refusal(conn, caller, customer.id)?),
    }
}

/// Out of the pool, leaders give customers to their own people alone.
fn require_right_in_pool(conn: &mut Conn, caller: &Caller, customer: &Customer, owner: StaffId) -> Result<()> {
    if caller.is_administrator() {
        return Ok(());
    }
    let led = Led::by(conn, caller)?;
    if led.is_empty() {
        return Err(refusal(conn, caller, customer.id)?);
    }
    if !people::is_enabled(conn, owner)? {
        return Err(no_such_owner(owner));
    }
    if led.includes(conn, owner)? {
        return Ok(());
    }
    // The caller could have given it to anybody while it was one of theirs.
    match customer.holding.last_owner_id {
        Some(last) if led.includes(conn, last)? => {
            Err(Error::conflict("customer_id", "该客户已在公海中,只能分配给本部门的员工"))
        }
        _ => Err(refusal(conn, caller, customer.id)?),
    }
}

fn refusal(conn: &mut Conn, caller: &Caller, id: CustomerId) -> Result<Error> {
    let visible = repository::find(conn, caller, id)?.is_some();
    Ok(if visible { Error::Forbidden } else { NOT_FOUND })
}

impl Change<'_> {
    /// Writes the customer as it is now, with its event and its audit row.
    pub(super) fn write(&self, conn: &mut Conn, before: &Customer, after: Customer) -> Result<()> {
        let after = after.changed(self.caller.map(|caller| caller.staff_id), self.at);
        repository::update(conn, before, &after)?;
        let ends = match self.kind {
            Kind::Locked | Kind::Unlocked => (None, None),
            _ => (before.owner_text(), after.owner_text()),
        };
        happened(conn, self.caller, &after, self.kind, ends, self.reason, self.at)?;
        deed(self.caller, self.action, after.id, self.at).changed(conn, before, &after)
    }
}

impl Customer {
    /// The customer when this person gets it now.
    fn given(self, owner: StaffId, now: Instant) -> Self {
        Self { holding: self.holding.given(owner, now), clue: self.clue.claimed(owner, now), ..self }
    }
}
