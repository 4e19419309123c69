//! Outside contacts at WeCom: what happened counts, not the order in which it becomes known.

use crm_core::{Caller, Error, Instant, Page, Patch, StaffId, TimeRange, WecomId};
use crm_customers::wecom::{Change, Received, WecomEvent, WecomEventKind, WecomListing, WecomState};
use crm_customers::{WecomContacts, WecomFilter, WecomInput};
use crm_db::schema::wecom_events;
use diesel::prelude::*;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::support::*;

/// The moment this many seconds after the time tests' contacts live in.
fn at(seconds: i64) -> Instant {
    Instant::from_unix(1_760_000_000 + seconds)
}

fn event(kind: WecomEventKind, seconds: i64) -> WecomEvent {
    WecomEvent { wecom_userid: "anna".to_owned(), external_userid: "wm1".to_owned(), kind, at: at(seconds) }
}

fn of(external: &str, person: StaffId) -> WecomInput {
    WecomInput {
        external_userid: external.to_owned().into(),
        staff_id: person.into(),
        added_at: at(1).into(),
        ..WecomInput::default()
    }
}

fn all() -> WecomFilter {
    WecomFilter { state: WecomState::All, ..WecomFilter::default() }
}

fn ids(world: &World, caller: &Caller, filter: &WecomFilter) -> Vec<i64> {
    let page = Page::new(1, 1000).expect("a page");
    let found = WecomContacts::new(&world.db).list(caller, filter, page).expect("the list is read");
    assert_eq!(usize::try_from(found.total), Ok(found.rows.len()));
    found.rows.iter().map(|row| row.contact.id.0).collect()
}

fn read(world: &World, id: WecomId) -> WecomListing {
    let filter = WecomFilter { id: Some(id), state: WecomState::All, ..WecomFilter::default() };
    let found = WecomContacts::new(&world.db).list(&admin(), &filter, Page::first()).expect("the list is read");
    found.rows.into_iter().next().expect("the contact is there")
}

fn events(world: &World) -> Vec<(String, i64)> {
    let rows: Vec<(String, Instant)> = world
        .db
        .read(|conn| {
            Ok(wecom_events::table
                .order((wecom_events::happened_at, wecom_events::kind))
                .select((wecom_events::kind, wecom_events::happened_at))
                .load(conn)?)
        })
        .expect("the events are read");
    rows.into_iter().map(|(kind, time)| (kind, time.unix() - at(0).unix())).collect()
}

/// Added and lost time of the only contact, and all events.
type State = (Option<(i64, Option<i64>)>, Vec<(String, i64)>);

fn told(world: &World, story: &[WecomEvent]) -> State {
    world.execute("DELETE FROM wecom_events; DELETE FROM wecom_contacts;");
    let contacts = WecomContacts::new(&world.db);
    for event in story {
        assert_ne!(contacts.receive(event).expect("taken in"), Received::UnknownPerson);
    }
    let found = contacts.list(&admin(), &all(), Page::first()).expect("the list is read").rows;
    assert!(found.len() <= 1);
    let seconds = |time: Instant| time.unix() - at(0).unix();
    let state = found.first().map(|row| (seconds(row.contact.added_at), row.contact.lost_at.map(seconds)));
    (state, events(world))
}

/// The same worked out from all that happened, in one look.
fn expected(story: &[WecomEvent]) -> State {
    let times = |wanted: WecomEventKind| -> Vec<i64> {
        let mut times: Vec<i64> =
            story.iter().filter(|event| event.kind == wanted).map(|event| event.at.unix() - at(0).unix()).collect();
        times.sort_unstable();
        times.dedup();
        times
    };
    let (mut added, lost) = (times(WecomEventKind::Added), times(WecomEventKind::Lost));
    let mut rows: Vec<(i64, String)> = added.iter().map(|time| (*time, "added".to_owned())).collect();
    rows.extend(lost.iter().map(|time| (*time, "lost".to_owned())));
    if let Some(edited) = times(WecomEventKind::Edited).first()
        && rows.iter().all(|(time, _)| time > edited)
    {
        rows.push((*edited, "appeared".to_owned()));
        added.push(*edited);
    }
    rows.sort();
    let last_added = added.iter().max().copied();
    let state = last_added
        .or(lost.first().copied())
        .map(|added_at| (added_at, lost.last().copied().filter(|lost| last_added.is_none_or(|added| *lost >= added))));
    (state, rows.into_iter().map(|(time, kind)| (kind, time)).collect())
}

#[test]
fn the_same_events_end_in_the_same_state_in_every_order_and_however_often_they_come() {
    let kind = prop_oneof![Just(WecomEventKind::Added), Just(WecomEventKind::Edited), Just(WecomEventKind::Lost)];
    let story = proptest::collection::vec((kind, 0i64..6).prop_map(|(kind, seconds)| event(kind, seconds)), 1..8);
    let stories = story.prop_flat_map(|story| {
        let doubled: Vec<WecomEvent> = story.iter().chain(&story).cloned().collect();
        (Just(story.clone()), Just(story).prop_shuffle(), Just(doubled).prop_shuffle())
    });
    on_each_engine(|world| {
        world.execute("UPDATE staff SET wecom_userid = 'Anna' WHERE id = 2;");
        let mut runner = TestRunner::new(Config { cases: 60, failure_persistence: None, ..Config::default() });
        runner
            .run(&stories, |(story, shuffled, doubled)| {
                let state = expected(&story);
                prop_assert_eq!(&told(world, &story), &state);
                prop_assert_eq!(&told(world, &shuffled), &state);
                prop_assert_eq!(&told(world, &doubled), &state);
                Ok(())
            })
            .expect("every order is the same");
    });
}

#[test]
fn all_orders_of_a_contact_that_comes_goes_and_comes_back_are_the_same() {
    use WecomEventKind::{Added, Edited, Lost};
    let story = [event(Edited, 2), event(Added, 1), event(Lost, 3), event(Added, 5)];
    on_each_engine(|world| {
        world.execute("UPDATE staff SET wecom_userid = 'anna' WHERE id = 2;");
        let state = expected(&story);
        assert_eq!(state.0, Some((5, None)));
        for first in 0..4 {
            for second in (0..4).filter(|second| *second != first) {
                let mut rest = (0..4).filter(|other| *other != first && *other != second);
                let (third, fourth) = (rest.next().expect("third"), rest.next().expect("fourth"));
                for order in [[first, second, third, fourth], [first, second, fourth, third]] {
                    let story: Vec<WecomEvent> = order.iter().map(|index| story[*index].clone()).collect();
                    assert_eq!(told(world, &story), state, "{order:?}");
                }
            }
        }
    });
}

#[test]
fn an_event_of_nobody_known_leaves_nothing_and_a_replay_leaves_no_second_deed() {
    on_each_engine(|world| {
        let contacts = WecomContacts::new(&world.db);
        let added = event(WecomEventKind::Added, 1);
        assert_eq!(contacts.receive(&added).expect("taken in"), Received::UnknownPerson);
        world.execute("UPDATE staff SET wecom_userid = 'anna', status = -1 WHERE id = 2;");
        assert_eq!(contacts.receive(&added).expect("taken in"), Received::UnknownPerson);
        assert!(ids(world, &admin(), &all()).is_empty());
        world.execute("UPDATE staff SET status = 1 WHERE id = 2;");
        assert_eq!(contacts.receive(&added).expect("taken in"), Received::Applied);
        assert_eq!(contacts.receive(&added).expect("taken in"), Received::Nothing);
        let id = WecomId(ids(world, &admin(), &all())[0]);
        assert_eq!(contacts.receive(&event(WecomEventKind::Lost, 2)).expect("taken in"), Received::Applied);
        assert_eq!(contacts.receive(&added).expect("taken in"), Received::Nothing);
        let deeds = world.deeds("wecom", id.0);
        let told: Vec<(&str, Option<i64>)> = deeds.iter().map(|deed| (deed.0.as_str(), deed.1)).collect();
        assert_eq!(told, [("create", None), ("update", None)]);
        assert_eq!(read(world, id).contact.version, 2);
    });
}

#[test]
fn a_person_enters_changes_loses_revives_and_deletes_a_contact() {
    on_each_engine(|world| {
        let contacts = WecomContacts::new(&world.db);
        let customer = world.enter(&own(ANNA), named("王伟"));
        let input = WecomInput {
            name: "小王".to_owned().into(),
            avatar: "/a.png".to_owned().into(),
            customer_id: customer.into(),
            ..of("wm1", ANNA)
        };
        let id = contacts.save(&own(ANNA), None, input).expect("entered");
        let row = read(world, id);
        assert_eq!((row.staff_name.as_deref(), row.customer_name.as_deref()), (Some("anna"), Some("王伟")));
        assert_eq!((row.contact.added_at, row.contact.lost_at, row.contact.version), (at(1), None, 1));

        let lost = WecomInput { lost_at: at(9).into(), ..of("wm1", ANNA) };
        assert_eq!(contacts.save(&own(ANNA), Some(1), lost).expect("saved"), id);
        assert_eq!(read(world, id).contact.lost_at, Some(at(9)));
        assert_eq!(read(world, id).contact.name.as_deref(), Some("小王"), "what is not said stays");
        assert!(matches!(contacts.save(&own(ANNA), Some(1), of("wm1", ANNA)), Err(Error::Stale)));
        // An older state does not undo the loss.
        contacts.save(&own(ANNA), None, of("wm1", ANNA)).expect("saved");
        assert_eq!(read(world, id).contact.lost_at, Some(at(9)));

        let revived = WecomInput { lost_at: Patch::Null, ..of("wm1", ANNA) };
        let before = world.db.now();
        contacts.save(&own(ANNA), None, revived).expect("saved");
        let contact = read(world, id).contact;
        assert_eq!(contact.lost_at, None);
        assert!((before..=world.db.now()).contains(&contact.added_at), "{:?}", contact.added_at);
        let back = WecomInput { lost_at: Patch::Null, ..of("wm1", ANNA) };
        contacts.save(&own(ANNA), None, back).expect("saved");
        let again = contact.added_at.unix() - at(0).unix();
        let history = [("added", 1), ("lost", 9), ("added", again)].map(|(kind, time)| (kind.to_owned(), time));
        assert_eq!(events(world), history);

        contacts.delete(&own(ANNA), id).expect("deleted");
        contacts.delete(&own(ANNA), id).expect("twice changes nothing");
        assert_eq!((read(world, id).contact.status, events(world)), (-1, vec![]));
        world.execute("UPDATE staff SET wecom_userid = 'anna' WHERE id = 2;");
        let replayed = contacts.receive(&event(WecomEventKind::Lost, 9)).expect("taken in");
        assert_eq!((replayed, read(world, id).contact.status), (Received::Nothing, -1));
        let new = WecomEvent { at: world.db.now().plus_seconds(5), ..event(WecomEventKind::Added, 0) };
        assert_eq!(contacts.receive(&new).expect("taken in"), Received::Applied);
        assert_eq!((read(world, id).contact.status, read(world, id).contact.added_at), (1, new.at));
        assert_eq!(world.deeds("wecom", id.0).len(), 7);
    });
}

#[test]
fn every_bad_field_is_named_and_nothing_is_written() {
    on_each_engine(|world| {
        let contacts = WecomContacts::new(&world.db);
        let hidden = world.enter(&own(CARL), named("x"));
        assert_eq!(bad_fields(contacts.save(&admin(), None, WecomInput::default())), ["external_userid", "user_id"]);
        let wrong = WecomInput {
            name: " ".to_owned().into(),
            avatar: "javascript:1".to_owned().into(),
            lost_at: at(0).into(),
            customer_id: hidden.into(),
            ..of(&"w".repeat(256), StaffId(99))
        };
        let fields = ["external_userid", "name", "avatar", "lost_at", "user_id", "customer_id"];
        assert_eq!(bad_fields(contacts.save(&own(ANNA), None, wrong)), fields);
        // Somebody outside the scope is as if they were not there.
        let bad = |caller: &Caller, person| bad_fields(contacts.save(caller, None, of("wm1", person)));
        for (caller, person) in
            [(own(ANNA), BERT), (correspondent(), ANNA), (of_departments(ANNA, &[2]), CARL), (admin(), StaffId(99))]
        {
            assert_eq!(bad(&caller, person), ["user_id"], "{person}");
        }
        world.execute("UPDATE staff SET status = -1 WHERE id = 3;");
        assert_eq!(bad(&admin(), BERT), ["user_id"]);
        assert!(ids(world, &admin(), &all()).is_empty() && events(world).is_empty());
    });
}

#[test]
fn lists_show_what_is_asked_for_within_the_scope() {
    on_each_engine(|world| {
        let contacts = WecomContacts::new(&world.db);
        let enter = |input: WecomInput| contacts.save(&admin(), None, input).expect("entered").0;
        let anna = enter(of("wm1", ANNA));
        let bert = enter(WecomInput { lost_at: at(50).into(), ..of("wm1", BERT) });
        let carl = enter(WecomInput { added_at: at(100).into(), ..of("wm2", CARL) });
        let cora = enter(of("wm3", CORA));
        let gone = enter(of("wm4", ANNA));
        contacts.delete(&admin(), WecomId(gone)).expect("deleted");

        let current = WecomFilter::default();
        assert_eq!(ids(world, &admin(), &current), [cora, carl, anna]);
        assert_eq!(ids(world, &admin(), &all()), [gone, cora, carl, bert, anna]);
        assert_eq!(ids(world, &admin(), &WecomFilter { state: WecomState::Lost, ..all() }), [bert]);
        assert_eq!(ids(world, &own(ANNA), &all()), [gone, anna]);
        assert_eq!(ids(world, &of_departments(ANNA, &[2]), &all()), [gone, bert, anna]);
        assert_eq!(ids(world, &correspondent(), &all()), [cora]);
        let filter = |change: fn(&mut WecomFilter)| {
            let mut filter = all();
            change(&mut filter);
            ids(world, &admin(), &filter)
        };
        assert_eq!(filter(|f| f.department_id = Some(crm_core::DepartmentId(1))), [gone, bert, anna]);
        assert_eq!(filter(|f| f.staff_id = Some(CARL)), [carl]);
        assert_eq!(filter(|f| f.external_userid = Some("wm1".to_owned())), [bert, anna]);
        assert_eq!(filter(|f| f.customer_id = Some(crm_core::CustomerId(1))), Vec::<i64>::new());
        let in_range = |start, end| TimeRange { start: Some(at(start)), end: Some(at(end)) };
        let happened = |change, range| ids(world, &admin(), &WecomFilter { event: Some((change, range)), ..all() });
        assert_eq!(happened(Change::Added, in_range(0, 50)), [cora, bert, anna]);
        assert_eq!(happened(Change::Added, in_range(100, 100)), [carl]);
        assert_eq!(happened(Change::Lost, in_range(50, 99)), [bert]);
        assert!(matches!(contacts.delete(&own(ANNA), WecomId(bert)), Err(Error::NotFound(_))));
    });
}

#[test]
fn one_contact_entered_by_many_at_once_is_one_contact() {
    on_each_engine(|world| {
        let contacts = WecomContacts::new(&world.db);
        std::thread::scope(|scope| {
            for second in 0..8 {
                let contacts = &contacts;
                scope.spawn(move || {
                    let input = WecomInput { added_at: at(second).into(), ..of("wm1", ANNA) };
                    contacts.save(&admin(), None, input).expect("saved")
                });
            }
        });
        let found = ids(world, &admin(), &all());
        assert_eq!((found.len(), events(world).len()), (1, 8));
        assert_eq!(read(world, WecomId(found[0])).contact.added_at, at(7));
    });
}
