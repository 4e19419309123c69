//! Random histories of potentials and follow-ups against a model too simple to be wrong: stages,
//! counts and stamps are compared after every step.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod common;

use common::{World, day, on_each_engine};
use crm_core::{CustomerId, FollowId, Instant, OrganizationId, Page, Patch, PotentialId, StatusFilter};
use crm_records::{FollowFilter, FollowInput, PotentialFilter, PotentialInput, Stage};
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::{Config, TestRunner};

#[derive(Clone, Debug)]
enum Step {
    Enter { organization: usize, at: i64 },
    Change { which: Index, organization: Option<usize>, at: Option<i64> },
    Set { which: Index, status: i16 },
    Follow { which: Index, at: i64, customers: u8, gain: bool },
    Refollow { which: Index, at: Option<i64>, customers: Option<u8>, gain: Option<bool> },
    Unfollow { which: Index },
    Wait,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    // Days around the clock's: some records are dated in the future, some alike.
    let at = || -3i64..6;
    let step = prop_oneof![
        2 => (0usize..2, at()).prop_map(|(organization, at)| Step::Enter { organization, at }),
        2 => (any::<Index>(), prop::option::of(0usize..2), prop::option::of(at()))
            .prop_map(|(which, organization, at)| Step::Change { which, organization, at }),
        4 => (any::<Index>(), -1i16..4).prop_map(|(which, status)| Step::Set { which, status }),
        4 => (any::<Index>(), at(), 0u8..8, any::<bool>())
            .prop_map(|(which, at, customers, gain)| Step::Follow { which, at, customers, gain }),
        2 => (any::<Index>(), prop::option::of(at()), prop::option::of(0u8..8), prop::option::of(any::<bool>()))
            .prop_map(|(which, at, customers, gain)| Step::Refollow { which, at, customers, gain }),
        2 => any::<Index>().prop_map(|which| Step::Unfollow { which }),
        1 => Just(Step::Wait),
    ];
    prop::collection::vec(step, 1..30)
}

struct Potential {
    id: PotentialId,
    organization: usize,
    at: Instant,
    status: i16,
}

struct Follow {
    id: FollowId,
    potential: usize,
    at: Instant,
    customers: Vec<usize>,
    gain: Option<String>,
    note: String,
    live: bool,
}

type Stamp = (Option<Instant>, Option<String>);

struct Model<'a> {
    world: &'a World,
    organizations: Vec<(OrganizationId, i16)>,
    customers: Vec<(CustomerId, Stamp)>,
    potentials: Vec<Potential>,
    follows: Vec<Follow>,
}

impl<'a> Model<'a> {
    fn new(world: &'a World) -> Self {
        Self {
            world,
            organizations: (0..2).map(|_| (world.organization("单位"), 1)).collect(),
            customers: (0..3).map(|_| (world.customer("客户"), (None, None))).collect(),
            potentials: Vec::new(),
            follows: Vec::new(),
        }
    }

    fn newest(&self, organization: usize) -> Option<&Potential> {
        self.potentials.iter().filter(|p| p.organization == organization && p.status != -1).max_by_key(|p| (p.at, p.id))
    }

    fn newest_ids(&self) -> Vec<Option<PotentialId>> {
        (0..2).map(|organization| self.newest(organization).map(|p| p.id)).collect()
    }

    /// Organizations whose newest potential is another one now take its stage.
    fn restage(&mut self, before: &[Option<PotentialId>], set: Option<PotentialId>) {
        for (organization, was) in before.iter().enumerate() {
            let (id, status) = self.newest(organization).map_or((None, 1), |p| (Some(p.id), p.status));
            if id != *was || id.is_some() && id == set {
                self.organizations[organization].1 = status;
            }
        }
    }

    fn restamp(&mut self, customers: &[usize]) {
        let now = self.world.db().now();
        for customer in customers {
            let live =
                |f: &&Follow| f.live && self.potentials[f.potential].status != -1 && f.customers.contains(customer);
            let latest = self.follows.iter().filter(live).max_by_key(|f| (f.at, f.id));
            self.customers[*customer].1 = latest.map_or((None, None), |f| {
                (Some(f.at.min(now)), Some(f.gain.clone().unwrap_or_else(|| f.note.clone())))
            });
        }
    }

    fn ids(&self, customers: &[usize]) -> Vec<CustomerId> {
        customers.iter().map(|customer| self.customers[*customer].0).collect()
    }

    fn run(&mut self, step: &Step) {
        match step {
            Step::Enter { organization, at } => {
                let id = self.world.potential(self.organizations[*organization].0, day(*at));
                self.potentials.push(Potential { id, organization: *organization, at: day(*at), status: 0 });
            }
            Step::Wait => self.world.clock.advance(86_400),
            Step::Change { which, organization, at } if !self.potentials.is_empty() => {
                self.change(which.index(self.potentials.len()), *organization, *at);
            }
            Step::Set { which, status } if !self.potentials.is_empty() => {
                self.set(which.index(self.potentials.len()), *status);
            }
            Step::Follow { which, at, customers, gain } if !self.potentials.is_empty() => {
                self.follow(which.index(self.potentials.len()), *at, *customers, *gain);
            }
            Step::Refollow { which, at, customers, gain } if !self.follows.is_empty() => {
                self.refollow(which.index(self.follows.len()), *at, *customers, *gain);
            }
            Step::Unfollow { which } if !self.follows.is_empty() => self.unfollow(which.index(self.follows.len())),
            _ => {}
        }
    }

    fn change(&mut self, which: usize, organization: Option<usize>, at: Option<i64>) {
        let before = self.newest_ids();
        let input = PotentialInput {
            organization_id: organization.map_or(Patch::Absent, |o| self.organizations[o].0.into()),
            record_time: at.map_or(Patch::Absent, |at| day(at).into()),
            ..PotentialInput::default()
        };
        let potential = &mut self.potentials[which];
        let result = self.world.potentials.update(&self.world.admin, potential.id, None, input);
        assert_eq!(result.is_ok(), potential.status != -1);
        if result.is_ok() {
            potential.organization = organization.unwrap_or(potential.organization);
            potential.at = at.map_or(potential.at, day);
            self.restage(&before, None);
        }
    }

    fn set(&mut self, which: usize, status: i16) {
        let before = self.newest_ids();
        let id = self.potentials[which].id;
        let was = std::mem::replace(&mut self.potentials[which].status, status);
        let stage = Stage::ALL.into_iter().find(|stage| stage.status() == status);
        match stage {
            Some(stage) => self.world.potentials.set_stage(&self.world.admin, id, stage),
            None => self.world.potentials.delete(&self.world.admin, id),
        }
        .expect("any status can be set");
        self.restage(&before, stage.map(|_| id));
        if (was == -1) != (status == -1) {
            let customers: Vec<usize> = self
                .follows
                .iter()
                .filter(|f| f.potential == which && f.live)
                .flat_map(|f| f.customers.clone())
                .collect();
            self.restamp(&customers);
        }
    }

    fn follow(&mut self, which: usize, at: i64, mask: u8, gain: bool) {
        let before = self.newest_ids();
        let customers = picked(mask);
        let note = format!("note {}", self.follows.len());
        let gain = gain.then(|| format!("gain {}", self.follows.len()));
        let id = self.potentials[which].id;
        let input = FollowInput {
            gain: gain.clone().map_or(Patch::Absent, Patch::Value),
            note: note.clone().into(),
            ..self.world.follow_input(id, day(at), &self.ids(&customers))
        };
        let result = self.world.follows.create(&self.world.admin, input);
        assert_eq!(result.is_ok(), self.potentials[which].status != -1);
        let Ok(follow) = result else { return };
        let all = customers.clone();
        self.follows.push(Follow { id: follow, potential: which, at: day(at), customers, gain, note, live: true });
        if self.potentials[which].status == 0 {
            self.potentials[which].status = 1;
            self.restage(&before, Some(id));
        }
        self.restamp(&all);
    }

    fn refollow(&mut self, which: usize, at: Option<i64>, mask: Option<u8>, gain: Option<bool>) {
        let customers = mask.map(picked);
        let gain = gain.map(|some| some.then(|| "new gain".to_owned()));
        let input = FollowInput {
            record_time: at.map_or(Patch::Absent, |at| day(at).into()),
            customer_ids: customers.as_ref().map_or(Patch::Absent, |customers| self.ids(customers).into()),
            gain: gain.clone().map_or(Patch::Absent, |gain| gain.map_or(Patch::Null, Patch::Value)),
            ..FollowInput::default()
        };
        let follow = &mut self.follows[which];
        let result = self.world.follows.update(&self.world.admin, follow.id, None, input);
        assert_eq!(result.is_ok(), follow.live && self.potentials[follow.potential].status != -1);
        if result.is_ok() {
            let mut touched = follow.customers.clone();
            follow.at = at.map_or(follow.at, day);
            follow.customers = customers.unwrap_or_else(|| follow.customers.clone());
            follow.gain = gain.unwrap_or_else(|| follow.gain.clone());
            touched.extend(follow.customers.clone());
            self.restamp(&touched);
        }
    }

    fn unfollow(&mut self, which: usize) {
        self.world.follows.delete(&self.world.admin, self.follows[which].id).expect("it can be deleted, also twice");
        if std::mem::replace(&mut self.follows[which].live, false) {
            let customers = self.follows[which].customers.clone();
            self.restamp(&customers);
        }
    }

    fn compare(&self) {
        for (id, status) in &self.organizations {
            assert_eq!(self.world.stage(*id), *status, "stage of organization {id}");
        }
        for (id, stamp) in &self.customers {
            assert_eq!(self.world.stamp(*id), *stamp, "stamp of customer {id}");
        }
        for (index, (organization, _)) in self.organizations.iter().enumerate() {
            let filter = PotentialFilter {
                organization_id: Some(*organization),
                status: StatusFilter::All,
                ..PotentialFilter::default()
            };
            let found = self.world.potentials.list(&self.world.admin, &filter, Page::first()).expect("a list");
            let found: Vec<_> = found
                .rows
                .iter()
                .map(|row| (row.potential.id, row.potential.status, row.follow_count, row.last_follow_time))
                .collect();
            let mut expected: Vec<usize> = (0..self.potentials.len()).collect();
            expected.retain(|p| self.potentials[*p].organization == index);
            expected.sort_by_key(|p| std::cmp::Reverse((self.potentials[*p].at, self.potentials[*p].id)));
            let expected: Vec<_> = expected.iter().take(20).map(|p| self.outline(*p)).collect();
            assert_eq!(found, expected);
            let filter = FollowFilter { organization_id: Some(*organization), ..FollowFilter::default() };
            let total = self.world.follows.list(&self.world.admin, &filter, Page::first()).expect("a list").total;
            assert_eq!(total, expected.iter().map(|(_, _, count, _)| count).sum::<i64>());
        }
    }

    fn outline(&self, which: usize) -> (PotentialId, i16, i64, Option<Instant>) {
        let potential = &self.potentials[which];
        let live: Vec<Instant> = self
            .follows
            .iter()
            .filter(|f| f.live && f.potential == which && potential.status != -1)
            .map(|f| f.at)
            .collect();
        (potential.id, potential.status, i64::try_from(live.len()).expect("few"), live.into_iter().max())
    }
}

fn picked(mask: u8) -> Vec<usize> {
    (0..3).filter(|bit| mask & (1 << bit) != 0).collect()
}

#[test]
fn any_history_leaves_what_the_model_says() {
    on_each_engine(|world| {
        let config = Config { cases: 40, failure_persistence: None, ..Config::default() };
        TestRunner::new(config)
            .run(&steps(), |steps| {
                let mut model = Model::new(world);
                for step in &steps {
                    model.run(step);
                    model.compare();
                }
                Ok(())
            })
            .expect("every history");
    });
}
