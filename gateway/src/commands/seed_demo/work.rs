//! Demonstration data: two years of a sales team's work, written through the services themselves,
//! so that every rule, stamp, total and audit row is as real as if people had done it.
//!
//! The clock of the database is moved through the two years and everything is done at its time.
//! The same seed, size and last day give the same data, passwords aside.

use chrono::{Datelike, NaiveDate, Weekday};
use crm_contracts::{ContractInput, Contracts};
use crm_core::{Caller, CustomerId, Instant, Money, OrganizationId, Patch, PotentialId, ProductLineId, Result, Zone};
use crm_customers::pool::Pool;
use crm_customers::{
    Contacts, CustomerInput, CustomerLabels, Customers, OrganizationInput, Organizations, Teams, WecomContacts,
};
use crm_db::Db;
use crm_feedback::{SatisfactionInput, Satisfactions};
use crm_records::{DemandInput, Demands, FollowInput, Follows, PotentialInput, Potentials, Stage};
use crm_staff::Passwords;
use fastrand::Rng;

use super::{choices, names, team};

const DAYS: u32 = 730;

/// How much demonstration data, and of what time.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// How many customers; a tenth as many organizations, and the rest in proportion.
    pub customers: u32,
    /// The same seed gives the same data.
    pub seed: u64,
    /// The last of the two years' days.
    pub until: NaiveDate,
    /// The zone of the team's working days.
    pub zone: Zone,
}

/// How much was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "counts of what they are called")]
pub struct Made {
    pub staff: u32,
    pub organizations: u32,
    pub customers: u32,
    pub potentials: u32,
    pub follows: u32,
    pub demands: u32,
    pub satisfactions: u32,
    pub contracts: u32,
}

/// Fills an empty database. Its clock must be a manual one: it is moved through the two years.
///
/// # Errors
/// What a service refuses or the database answers.
pub fn fill(db: &Db, passwords: &Passwords, administrator: &Caller, staff_password: &str, plan: Plan) -> Result<Made> {
    fill_by_day(db, passwords, administrator, staff_password, plan, &mut |_, _| ())
}

/// [`fill`], telling `on` after each day how many of how many days are done.
///
/// # Errors
/// As [`fill`].
pub fn fill_by_day(
    db: &Db,
    passwords: &Passwords,
    administrator: &Caller,
    staff_password: &str,
    plan: Plan,
    on: &mut dyn FnMut(u32, u32),
) -> Result<Made> {
    let first_day = plan.until - chrono::Days::new(u64::from(DAYS) - 1);
    move_clock(db, plan.zone.start_of_day(first_day).plus_seconds(8 * 3600));
    let mut rng = Rng::with_seed(plan.seed);
    let team = team::make(db, passwords, administrator, staff_password, &mut rng)?;
    let choices = choices::make(db, administrator, plan.zone)?;
    let mut work = Work::new(db, plan, administrator, team, choices, rng);
    for day in 0..DAYS {
        let date = first_day + chrono::Days::new(u64::from(day));
        move_clock(db, plan.zone.start_of_day(date).plus_seconds(9 * 3600));
        work.day(date, day)?;
        on(day + 1, DAYS);
    }
    Ok(work.made)
}

fn move_clock(db: &Db, to: Instant) {
    db.clock().advance(to.unix() - db.now().unix());
}

/// A customer as the team knows it: whose, and of which organization and potential.
#[derive(Clone, Copy)]
pub(super) struct Known {
    pub(super) customer: CustomerId,
    organization: OrganizationId,
    /// Whose it is, or was before it went to the pool.
    pub(super) owner: usize,
    pub(super) is_pool: bool,
    /// How many stages it has come.
    pub(super) stage: usize,
}

pub(super) struct Work {
    pub(super) db: Db,
    plan: Plan,
    pub(super) rng: Rng,
    pub(super) administrator: Caller,
    pub(super) team: Vec<Caller>,
    pub(super) choices: choices::Made,
    pub(super) contacts: Contacts,
    pub(super) labels: CustomerLabels,
    pub(super) pool: Pool,
    pub(super) teams: Teams,
    pub(super) wecom: WecomContacts,
    /// Who has which customer as a friend at WeCom.
    pub(super) friends: Vec<(CustomerId, Caller)>,
    organizations: Organizations,
    pub(super) customers: Customers,
    potentials: Potentials,
    follows: Follows,
    demands: Demands,
    satisfactions: Satisfactions,
    contracts: Contracts,
    known_organizations: Vec<OrganizationId>,
    pub(super) known_customers: Vec<Known>,
    known_potentials: Vec<(PotentialId, OrganizationId)>,
    made: Made,
}

impl Work {
    fn new(db: &Db, plan: Plan, administrator: &Caller, team: Vec<Caller>, choices: choices::Made, rng: Rng) -> Self {
        let made = Made { staff: u32::try_from(team.len()).unwrap_or(u32::MAX), ..Made::default() };
        Self {
            db: db.clone(),
            plan,
            rng,
            administrator: administrator.clone(),
            team,
            choices,
            contacts: Contacts::new(db),
            labels: CustomerLabels::new(db),
            pool: Pool::new(db, plan.zone),
            teams: Teams::new(db),
            wecom: WecomContacts::new(db),
            friends: Vec::new(),
            organizations: Organizations::new(db),
            customers: Customers::new(db),
            potentials: Potentials::new(db),
            follows: Follows::new(db),
            demands: Demands::new(db),
            satisfactions: Satisfactions::new(db),
            contracts: Contracts::new(db),
            known_organizations: Vec::new(),
            known_customers: Vec::new(),
            known_potentials: Vec::new(),
            made,
        }
    }

    /// One day's work, each thing a little later than the one before.
    fn day(&mut self, date: NaiveDate, day: u32) -> Result<()> {
        let resting = matches!(date.weekday(), Weekday::Sat | Weekday::Sun);
        let total = self.plan.customers;
        self.repeat(due(total / 10, day), Self::organization)?;
        self.repeat(due(total, day), Self::customer)?;
        self.repeat(due(total / 6, day), Self::potential)?;
        let (visits, changes) = if resting { (total, total / 20) } else { (total * 3, total / 3) };
        self.repeat(due(visits, day), Self::follow)?;
        self.repeat(due(changes, day), Self::demand)?;
        self.repeat(due(changes, day), Self::satisfaction)?;
        self.repeat(due(total / 5, day), Self::contract)?;
        if resting {
            return self.night();
        }
        self.repeat(due(total / 2, day), Self::claim)?;
        self.repeat(due(total / 20, day), Self::release)?;
        self.repeat(due(total / 30, day), Self::assign)?;
        self.repeat(due(total * 2, day), Self::advance)?;
        self.repeat(due(total / 2, day), Self::attach)?;
        self.repeat(due(total / 3, day), Self::befriend)?;
        self.night()
    }

    fn repeat(&mut self, times: u32, work: fn(&mut Self) -> Result<()>) -> Result<()> {
        for _ in 0..times {
            // A minute or two, less when there is so much to do that the day would not hold it.
            let pause = if self.plan.customers > 10_000 { 1 } else { self.rng.i64(30..150) };
            self.db.clock().advance(pause);
            work(self)?;
        }
        Ok(())
    }

    pub(super) fn somebody(&mut self) -> usize {
        self.rng.usize(0..self.team.len().max(1))
    }

    pub(super) fn caller(&self, index: usize) -> Result<Caller> {
        self.team.get(index).cloned().ok_or(crm_core::Error::NotFound("员工"))
    }

    fn some_customer(&mut self) -> Option<Known> {
        self.rng.choice(&self.known_customers).copied()
    }

    fn organization(&mut self) -> Result<()> {
        let caller = self.somebody();
        let place = names::place(&mut self.rng);
        let name = names::organization(&mut self.rng, &place);
        let founded = NaiveDate::from_yo_opt(self.rng.i32(1988..2022), self.rng.u32(1..365));
        let id = self.organizations.create(
            &self.caller(caller)?,
            OrganizationInput {
                name: name.into(),
                provience: place.province.to_owned().into(),
                city: place.city.to_owned().into(),
                county: place.county.to_owned().into(),
                address: place.street.into(),
                legal_person: names::person(&mut self.rng).into(),
                register_capital: format!("{}万元", self.rng.u32(1..100) * 50).into(),
                register_date: founded.map_or(Patch::Absent, Patch::Value),
                ..OrganizationInput::default()
            },
        )?;
        self.known_organizations.push(id);
        self.made.organizations += 1;
        Ok(())
    }

    fn customer(&mut self) -> Result<()> {
        let Some(organization) = self.rng.choice(&self.known_organizations).copied() else { return Ok(()) };
        let owner = self.somebody();
        let mut organizations = vec![organization];
        if self.rng.u8(0..8) == 0
            && let Some(second) = self.rng.choice(&self.known_organizations).copied()
            && second != organization
        {
            organizations.push(second);
        }
        let caller = self.caller(owner)?;
        let input = CustomerInput {
            real_name: names::person(&mut self.rng).into(),
            phone: names::mobile(&mut self.rng).into(),
            job: names::job(&mut self.rng).to_owned().into(),
            sex: self.rng.i64(1..=2).into(),
            level: self.rng.i64(0..=3).into(),
            is_vip: i64::from(self.rng.u8(0..10) == 0).into(),
            organization_ids: organizations.into(),
            source_id: self.rng.choice(&self.choices.sources).copied().map(Into::into).unwrap_or_default(),
            category_id: self.rng.choice(&self.choices.categories).copied().map(Into::into).unwrap_or_default(),
            product_line_id: ProductLineId(self.rng.i64(1..=2)).into(),
            address: self.address(),
            project: self.project(),
            clue: self.clue(),
            custom: self.custom().into(),
            next_follow_at: self.db.now().plus_seconds(self.rng.i64(1..30) * 86_400).into(),
            ..CustomerInput::default()
        };
        let customer = self.customers.create(&caller, input)?;
        self.known_customers.push(Known { customer, organization, owner, is_pool: false, stage: 0 });
        self.made.customers += 1;
        Ok(())
    }

    fn potential(&mut self) -> Result<()> {
        let Some(known) = self.some_customer() else { return Ok(()) };
        let director = self.caller(known.owner)?;
        let id = self.potentials.create(
            &director,
            PotentialInput {
                organization_id: known.organization.into(),
                director_id: director.staff_id.into(),
                record_time: self.db.now().into(),
                ..PotentialInput::default()
            },
        )?;
        if let Some((older, _)) = self.known_potentials.get(self.known_potentials.len().wrapping_sub(200)).copied() {
            let stage = if self.rng.bool() { Stage::Done } else { Stage::Expired };
            self.potentials.set_stage(&director, older, stage)?;
        }
        self.known_potentials.push((id, known.organization));
        self.made.potentials += 1;
        Ok(())
    }

    fn follow(&mut self) -> Result<()> {
        let recent = self.known_potentials.len().saturating_sub(150);
        let choice = self.known_potentials.get(recent..).and_then(|open| self.rng.choice(open)).copied();
        let Some((potential, organization)) = choice else { return Ok(()) };
        // Most visits are to somebody of that organization, where somebody is known.
        let (Some(known), owner) = (self.some_customer(), self.somebody()) else { return Ok(()) };
        let operator = self.caller(owner)?;
        let customers =
            if known.organization == organization || self.rng.u8(0..3) > 0 { vec![known.customer] } else { Vec::new() };
        self.follows.create(
            &operator,
            FollowInput {
                potential_id: potential.into(),
                follower_ids: vec![operator.staff_id].into(),
                customer_ids: customers.into(),
                record_time: self.db.now().into(),
                event: self.rng.i64(1..=5).into(),
                gain: names::gain(&mut self.rng).to_owned().into(),
                ..FollowInput::default()
            },
        )?;
        self.made.follows += 1;
        Ok(())
    }

    fn demand(&mut self) -> Result<()> {
        let Some(known) = self.some_customer() else { return Ok(()) };
        let operator = self.caller(known.owner)?;
        self.demands.create(
            &operator,
            DemandInput {
                organization_id: known.organization.into(),
                customer_ids: vec![known.customer].into(),
                follower_ids: vec![operator.staff_id].into(),
                record_time: self.db.now().into(),
                content: names::demand(&mut self.rng).to_owned().into(),
                ..DemandInput::default()
            },
        )?;
        self.made.demands += 1;
        Ok(())
    }

    fn satisfaction(&mut self) -> Result<()> {
        let Some(known) = self.some_customer() else { return Ok(()) };
        let operator = self.caller(known.owner)?;
        let value = self.rng.i64(-4..=10).max(self.rng.i64(-4..=10));
        self.satisfactions.create(
            &operator,
            SatisfactionInput {
                organization_id: known.organization.into(),
                customer_ids: vec![known.customer].into(),
                follower_ids: vec![operator.staff_id].into(),
                record_time: self.db.now().into(),
                value: value.into(),
                ..SatisfactionInput::default()
            },
        )?;
        self.made.satisfactions += 1;
        Ok(())
    }

    fn contract(&mut self) -> Result<()> {
        let Some(known) = self.some_customer() else { return Ok(()) };
        let creator = self.caller(known.owner)?;
        let amount = Money::from_cents(self.rng.i64(20..20_000) * 5_000);
        self.made.contracts += 1;
        self.contracts.create(
            &creator,
            ContractInput {
                organization_id: known.organization.into(),
                customer_id: known.customer.into(),
                name: names::contract(&mut self.rng).to_owned().into(),
                code: format!("HT{}{:06}", self.plan.zone.date(self.db.now()).format("%Y%m%d"), self.made.contracts)
                    .into(),
                sign_time: self.db.now().into(),
                amount: amount.map_or(Patch::Absent, Patch::Value),
                follower_ids: vec![creator.staff_id].into(),
                ..ContractInput::default()
            },
        )?;
        Ok(())
    }
}

/// How many of `total` things spread evenly over all days fall on this one; the first on the first.
fn due(total: u32, day: u32) -> u32 {
    let until = |day: u32| (u64::from(total) * u64::from(day)).div_ceil(u64::from(DAYS));
    u32::try_from(until(day + 1) - until(day)).unwrap_or(0)
}
