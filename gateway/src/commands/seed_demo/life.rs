//! What happens to the demonstration team's customers beside visits and contracts: they come from the
//! pool and go back to it, move from stage to stage, and get labels, teams, contacts and WeCom friends.

use crm_core::{Caller, Page, Result, StageId, TimeRange};
use crm_customers::WecomInput;
use crm_customers::contact::ContactInput;
use crm_customers::events::Kind;
use crm_customers::pool::{HistoryFilter, Kinds};

use super::names;
use super::work::{Known, Work};

/// Of ten customers that move on, how many come this far: most that are in a stage leave it once.
const STAGES: &[i64] = &[2, 3, 4, 5, 6, 7, 8];
const LOST: StageId = StageId(9);

impl Work {
    /// The night's work: what is due goes back to the pool.
    pub(super) fn night(&mut self) -> Result<()> {
        let since = self.db.now();
        if self.pool.recycle_due("seed-demo")? == 0 {
            return Ok(());
        }
        let filter = HistoryFilter {
            kinds: Some(Kinds::One(Kind::Recycled)),
            range: TimeRange { start: Some(since), end: None },
            ..HistoryFilter::default()
        };
        let mut page = Page::new(1, 1_000).map_err(crm_core::Error::Invalid)?;
        loop {
            let rows = self.pool.history(&self.administrator, &filter, page)?.rows;
            for row in &rows {
                if let Some(known) = self.known_customers.iter_mut().find(|known| known.customer == row.customer_id) {
                    known.is_pool = true;
                }
            }
            if rows.len() < 1_000 {
                return Ok(());
            }
            page = Page::new(page.number() + 1, 1_000).map_err(crm_core::Error::Invalid)?;
        }
    }

    /// Somebody claims a customer from the pool, if there is one they may have again.
    pub(super) fn claim(&mut self) -> Result<()> {
        let free: Vec<usize> = self.places(|known| known.is_pool);
        let (Some(place), owner) = (self.rng.choice(&free).copied(), self.somebody()) else { return Ok(()) };
        let Some(known) = self.known_customers.get_mut(place) else { return Ok(()) };
        // Whoever had it last waits for a few days; somebody else takes it.
        if known.owner == owner {
            return Ok(());
        }
        let claimer = self.team.get(owner).cloned().ok_or(crm_core::Error::NotFound("员工"))?;
        match self.pool.claim(&claimer, known.customer, None) {
            // The one before the last waits too.
            Err(crm_core::Error::Conflict { .. }) => return Ok(()),
            other => other?,
        }
        (known.owner, known.is_pool) = (owner, false);
        Ok(())
    }

    /// An owner gives a customer up.
    pub(super) fn release(&mut self) -> Result<()> {
        let Some((place, owner)) = self.some_owned()? else { return Ok(()) };
        let Some(known) = self.known_customers.get_mut(place) else { return Ok(()) };
        self.pool.release(&owner, known.customer, Some("暂无需求,转给其他同事"))?;
        known.is_pool = true;
        Ok(())
    }

    /// The administrator gives a customer to somebody else.
    pub(super) fn assign(&mut self) -> Result<()> {
        let Some((place, _)) = self.some_owned()? else { return Ok(()) };
        let to = self.somebody();
        let person = self.caller(to)?.staff_id;
        let Some(known) = self.known_customers.get_mut(place) else { return Ok(()) };
        if known.owner != to {
            self.pool.assign(&self.administrator, known.customer, person, Some("区域调整"))?;
            known.owner = to;
        }
        Ok(())
    }

    /// A customer comes a stage further, or is lost.
    pub(super) fn advance(&mut self) -> Result<()> {
        let Some((place, owner)) = self.some_owned()? else { return Ok(()) };
        let is_lost = self.rng.u8(0..12) == 0;
        let Some(known) = self.known_customers.get_mut(place) else { return Ok(()) };
        let stage = match STAGES.get(known.stage) {
            _ if is_lost => LOST,
            Some(stage) => StageId(*stage),
            None => return Ok(()),
        };
        self.customers.move_to_stage(&owner, known.customer, None, stage, is_lost.then_some("选择了竞争对手"))?;
        known.stage = if is_lost { STAGES.len() } else { known.stage + 1 };
        Ok(())
    }

    /// A customer gets what people attach to one: labels, now and then a team, an assistant, a contact.
    pub(super) fn attach(&mut self) -> Result<()> {
        let Some((place, owner)) = self.some_owned()? else { return Ok(()) };
        let Some(customer) = self.known_customers.get(place).map(|known| known.customer) else { return Ok(()) };
        let labels = self.rng.choose_multiple(self.choices.labels.clone(), 2);
        self.labels.set(&owner, customer, None, &labels)?;
        let colleague = self.somebody();
        let colleague = self.caller(colleague)?.staff_id;
        match self.rng.u8(0..4) {
            0 => self.teams.set_role(&owner, customer, None, self.rng.i64(0..=5), &[colleague])?,
            1 => self.teams.set_assistants(&owner, customer, None, &[colleague])?,
            2 => self.customers.set_favourite(&owner, customer, true)?,
            _ => {
                let input = ContactInput {
                    customer_id: customer.into(),
                    name: names::person(&mut self.rng).into(),
                    phone: names::mobile(&mut self.rng).into(),
                    job: names::job(&mut self.rng).to_owned().into(),
                    ..ContactInput::default()
                };
                self.contacts.create(&owner, &input)?;
            }
        }
        Ok(())
    }

    /// A customer becomes somebody's friend at WeCom; every fifth leaves again another day.
    pub(super) fn befriend(&mut self) -> Result<()> {
        let Some((place, owner)) = self.some_owned()? else { return Ok(()) };
        let Some(customer) = self.known_customers.get(place).map(|known| known.customer) else { return Ok(()) };
        let input = WecomInput {
            external_userid: format!("wmDemo{:06}", customer.0).into(),
            staff_id: owner.staff_id.into(),
            name: names::person(&mut self.rng).into(),
            added_at: self.db.now().into(),
            customer_id: customer.into(),
            ..WecomInput::default()
        };
        let is_new = !self.friends.iter().any(|(id, _)| *id == customer);
        if is_new {
            self.wecom.save(&owner, None, input)?;
            self.friends.push((customer, owner));
        }
        if self.rng.u8(0..5) == 0 && !self.friends.is_empty() {
            let (customer, owner) = self.friends.swap_remove(self.rng.usize(0..self.friends.len()));
            let input = WecomInput {
                external_userid: format!("wmDemo{:06}", customer.0).into(),
                staff_id: owner.staff_id.into(),
                lost_at: self.db.now().into(),
                ..WecomInput::default()
            };
            self.wecom.save(&owner, None, input)?;
        }
        Ok(())
    }

    fn places(&self, wanted: impl Fn(&Known) -> bool) -> Vec<usize> {
        self.known_customers.iter().enumerate().filter(|(_, known)| wanted(known)).map(|(place, _)| place).collect()
    }

    /// A customer that is somebody's, and its owner.
    fn some_owned(&mut self) -> Result<Option<(usize, Caller)>> {
        let count = self.known_customers.len();
        if count == 0 {
            return Ok(None);
        }
        let place = self.rng.usize(0..count);
        let owned = self.known_customers.get(place).filter(|known| !known.is_pool).map(|known| known.owner);
        owned.map(|owner| Ok((place, self.caller(owner)?))).transpose()
    }
}
