//! How potentials and follow-ups move the stage of an organization and the stamps of customers.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod common;

use common::{World, day, on_each_engine};
use crm_core::{Error, OrganizationId, Page, Patch, PotentialId, StatusFilter};
use crm_customers::Organizations;
use crm_records::{PotentialFilter, PotentialInput, Stage};

fn set(world: &World, id: PotentialId, stage: Stage) {
    world.potentials.set_stage(&world.admin, id, stage).expect("a stage can be set");
}

fn delete(world: &World, id: PotentialId) {
    world.potentials.delete(&world.admin, id).expect("a potential can be deleted");
}

fn change(world: &World, id: PotentialId, input: PotentialInput) {
    world.potentials.update(&world.admin, id, None, input).expect("a potential can be changed");
}

fn status(world: &World, id: PotentialId) -> (i16, i64) {
    let filter = PotentialFilter { id: Some(id), status: StatusFilter::All, ..PotentialFilter::default() };
    let found = world.potentials.list(&world.admin, &filter, Page::first()).expect("it can be read");
    (found.rows[0].potential.status, found.rows[0].potential.version)
}

/// An organization with a potential of day 1 and one of day 2.
fn two(world: &World) -> (OrganizationId, PotentialId, PotentialId) {
    let organization = world.organization("国务院");
    (organization, world.potential(organization, day(1)), world.potential(organization, day(2)))
}

#[test]
fn entering_a_potential_leaves_the_stage_alone() {
    on_each_engine(|world| {
        let (organization, _, newest) = two(world);
        assert_eq!(world.stage(organization), 1);
        set(world, newest, Stage::Done);
        world.potential(organization, day(3));
        assert_eq!(world.stage(organization), 3);
    });
}

#[test]
fn only_the_newest_potential_sets_the_stage() {
    on_each_engine(|world| {
        let (organization, older, newest) = two(world);
        set(world, older, Stage::Done);
        assert_eq!(world.stage(organization), 1);
        for stage in Stage::ALL {
            set(world, newest, stage);
            assert_eq!(world.stage(organization), stage.status());
        }
    });
}

#[test]
fn of_potentials_of_the_same_time_the_one_entered_last_is_the_newest() {
    on_each_engine(|world| {
        let organization = world.organization("国务院");
        let (first, last) = (world.potential(organization, day(1)), world.potential(organization, day(1)));
        set(world, first, Stage::Done);
        assert_eq!(world.stage(organization), 1);
        set(world, last, Stage::Expired);
        assert_eq!(world.stage(organization), 2);
    });
}

#[test]
fn a_stage_set_again_still_reaches_the_organization() {
    on_each_engine(|world| {
        let (organization, _, newest) = two(world);
        set(world, newest, Stage::Done);
        let newer = world.potential(organization, day(3));
        set(world, newer, Stage::New);
        assert_eq!((world.stage(organization), status(world, newer)), (0, (0, 1)));
        assert_eq!(world.trail("potential", newer.0).len(), 1, "nothing about the potential changed");
    });
}

#[test]
fn deleting_the_newest_falls_back_to_the_next_and_then_to_normal() {
    on_each_engine(|world| {
        let (organization, older, newest) = two(world);
        set(world, older, Stage::Expired);
        set(world, newest, Stage::Done);
        delete(world, newest);
        assert_eq!(world.stage(organization), 2);
        delete(world, newest);
        assert_eq!(world.stage(organization), 2);
        delete(world, older);
        assert_eq!(world.stage(organization), 1);
    });
}

#[test]
fn deleting_another_than_the_newest_changes_nothing() {
    on_each_engine(|world| {
        let (organization, older, newest) = two(world);
        set(world, newest, Stage::Done);
        world.potential(organization, day(3));
        delete(world, older);
        assert_eq!(world.stage(organization), 3);
    });
}

#[test]
fn a_restored_newest_brings_its_stage_along() {
    on_each_engine(|world| {
        let (organization, older, newest) = two(world);
        delete(world, newest);
        delete(world, older);
        set(world, older, Stage::Expired);
        assert_eq!(world.stage(organization), 2);
        set(world, newest, Stage::New);
        assert_eq!(world.stage(organization), 0);
        delete(world, older);
        set(world, older, Stage::Done);
        assert_eq!(world.stage(organization), 0);
    });
}

#[test]
fn a_new_record_time_can_make_another_potential_the_newest() {
    on_each_engine(|world| {
        let (organization, older, newest) = two(world);
        set(world, older, Stage::Expired);
        set(world, newest, Stage::Done);
        let at = |number| PotentialInput { record_time: day(number).into(), ..PotentialInput::default() };
        change(world, older, at(3));
        assert_eq!(world.stage(organization), 2);
        change(world, older, at(0));
        assert_eq!(world.stage(organization), 3);
        let newer = world.potential(organization, day(4));
        change(world, newer, at(5));
        assert_eq!(world.stage(organization), 3, "it was the newest before and nothing was set on it");
    });
}

#[test]
fn a_potential_that_moves_takes_its_stage_along() {
    on_each_engine(|world| {
        let (from, older, newest) = two(world);
        let (to, _, _) = two(world);
        set(world, older, Stage::Expired);
        set(world, newest, Stage::Done);
        let input = PotentialInput {
            organization_id: to.into(),
            record_time: day(9).into(),
            note: Patch::Value("搬".into()),
            ..PotentialInput::default()
        };
        change(world, newest, input);
        assert_eq!((world.stage(from), world.stage(to)), (2, 3));
        change(world, older, PotentialInput { organization_id: to.into(), ..PotentialInput::default() });
        assert_eq!((world.stage(from), world.stage(to)), (1, 3));
    });
}

#[test]
fn a_follow_up_moves_a_new_potential_on_and_the_organization_if_it_is_the_newest() {
    on_each_engine(|world| {
        let (organization, older, newest) = two(world);
        set(world, newest, Stage::New);
        world.follow(older, day(0), &[]);
        assert_eq!((world.stage(organization), status(world, older)), (0, (1, 2)));
        world.follow(newest, day(0), &[]);
        assert_eq!((world.stage(organization), status(world, newest)), (1, (1, 2)));
        world.follow(newest, day(0), &[]);
        assert_eq!(status(world, newest), (1, 2));
        set(world, newest, Stage::Done);
        world.follow(newest, day(0), &[]);
        assert_eq!((world.stage(organization), status(world, newest).0), (3, 3));
        let actions: Vec<String> = world.trail("potential", newest.0).into_iter().map(|row| row.0).collect();
        assert_eq!(actions, ["create", "stage", "stage"]);
    });
}

#[test]
fn a_deleted_organization_keeps_its_mark_whatever_its_potentials_do() {
    on_each_engine(|world| {
        let (organization, older, newest) = two(world);
        Organizations::new(world.db()).delete(&world.admin, organization).expect("it can be deleted");
        set(world, newest, Stage::Done);
        delete(world, newest);
        world.follow(older, day(0), &[]);
        assert_eq!(world.stage(organization), -1);
    });
}

#[test]
fn every_change_of_a_potential_is_one_audit_row_with_what_changed() {
    on_each_engine(|world| {
        let (_, _, id) = two(world);
        change(world, id, PotentialInput { note: Patch::Value("注".into()), ..PotentialInput::default() });
        set(world, id, Stage::Done);
        delete(world, id);
        delete(world, id);
        set(world, id, Stage::New);
        let trail = world.trail("potential", id.0);
        let actions: Vec<&str> = trail.iter().map(|row| row.0.as_str()).collect();
        assert_eq!(actions, ["create", "update", "stage", "delete", "restore"]);
        assert_eq!(trail[1].1.as_deref(), Some(r#"{"note":null,"version":1}"#));
        assert_eq!(trail[1].2.as_deref(), Some(r#"{"note":"注","version":2}"#));
        assert_eq!(trail[3].2.as_deref(), Some(r#"{"status":-1,"version":4}"#));
    });
}

#[test]
fn a_version_that_is_past_writes_nothing() {
    on_each_engine(|world| {
        let (_, _, id) = two(world);
        let note = || PotentialInput { note: Patch::Value("注".into()), ..PotentialInput::default() };
        assert!(world.potentials.update(&world.admin, id, Some(1), note()).is_ok());
        assert!(matches!(world.potentials.update(&world.admin, id, Some(1), note()), Err(Error::Stale)));
        assert_eq!(status(world, id).1, 2);
        delete(world, id);
        assert!(matches!(world.potentials.update(&world.admin, id, None, note()), Err(Error::NotFound(_))));
    });
}

#[test]
fn deleting_both_potentials_at_once_leaves_the_organization_normal() {
    on_each_engine(|world| {
        for _ in 0..10 {
            let (organization, older, newest) = two(world);
            set(world, older, Stage::Expired);
            set(world, newest, Stage::Done);
            std::thread::scope(|scope| {
                for id in [older, newest] {
                    scope.spawn(move || delete(world, id));
                }
            });
            assert_eq!(world.stage(organization), 1);
        }
    });
}
