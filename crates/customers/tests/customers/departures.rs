//! What becomes of the customers of somebody who is deleted.

use crm_core::{CustomerId, Error, StaffId};
use crm_customers::{CustomerFilter, CustomerInput, Departures, release_all_of};
use crm_db::RowOf;
use crm_db::schema::staff;
use diesel::prelude::*;

use crate::support::*;

fn release(world: &World, person: StaffId) -> u64 {
    let before = world.db.statements();
    world
        .db
        .write(|conn| release_all_of(conn, &admin(), person, "员工已删除", world.db.now()))
        .expect("the customers are released");
    world.db.statements() - before
}

#[test]
fn every_customer_of_somebody_who_leaves_goes_to_the_pool_with_an_event() {
    on_each_engine(|world| {
        let mine: Vec<CustomerId> =
            ["a", "b", "c"].into_iter().map(|name| world.enter(&own(ANNA), named(name))).collect();
        let deleted = world.enter(&own(ANNA), named("d"));
        world.customers.delete(&own(ANNA), deleted, None).expect("deleted");
        let other = world.enter(&own(BERT), named("e"));
        let made =
            world.enter(&admin(), CustomerInput { owner_id: BERT.into(), creator_id: ANNA.into(), ..named("f") });
        release(world, ANNA);

        for id in &mine {
            let customer = world.read(*id).customer;
            let holding = customer.holding;
            assert_eq!((holding.owner_id, holding.last_owner_id), (None, Some(ANNA)));
            assert_eq!((holding.pool_times, holding.pool_type), (1, 1));
            assert_eq!((holding.pool_entered_at, customer.version), (Some(customer.updated_at), 2));
            let last = world.events(*id).pop().expect("an event");
            let anna = Some(ANNA.to_string());
            assert_eq!(last, ("recycled".to_owned(), Some(ADMIN), anna, None, Some("员工已删除".to_owned())));
            let deed = world.deeds("customer", id.0).pop().expect("a deed");
            assert_eq!((deed.0.as_str(), deed.1, deed.2.as_str()), ("pool", Some(ADMIN.0), "{\"owner_id\":2}"));
            assert!(deed.3.contains("\"owner_id\":null"), "{deed:?}");
        }
        for id in [other, made] {
            assert_eq!(world.read(id).customer.holding.owner_id, Some(BERT));
            assert_eq!(world.events(id).len(), 1);
        }
        // A deleted one loses its owner too, but comes into no pool before it is restored.
        assert_eq!(world.read(deleted).customer.holding.owner_id, None);
        assert_eq!(world.events(deleted).pop().expect("an event").0, "disowned");
        let pool_of_bert = world.ids(&own(BERT), &CustomerFilter::default());
        assert!(!pool_of_bert.contains(&deleted) && mine.iter().all(|id| pool_of_bert.contains(id)));
        world.customers.restore(&admin(), deleted, None).expect("restored");
        assert!(world.ids(&own(BERT), &CustomerFilter::default()).contains(&deleted));
    });
}

#[test]
fn a_departure_and_who_writes_about_several_customers_wait_for_each_other_in_one_order() {
    on_each_engine(|world| {
        let first = world.enter(&own(ANNA), named("a"));
        let second = world.enter(&own(ANNA), named("b"));
        // Rewritten, its row lies behind the other's.
        world.customers.delete(&own(ANNA), first, None).expect("deleted");
        world.customers.restore(&own(ANNA), first, None).expect("restored");
        let (db, (held, is_held)) = (&world.db, std::sync::mpsc::channel());
        std::thread::scope(|scope| {
            scope.spawn(move || {
                db.write(|conn| {
                    conn.lock_row(RowOf::Customers, first.0)?;
                    held.send(()).expect("somebody waits");
                    std::thread::sleep(std::time::Duration::from_millis(400));
                    Ok(conn.lock_row(RowOf::Customers, second.0)?)
                })
                .expect("no deadlock");
            });
            is_held.recv().expect("the first is held");
            release(world, ANNA);
        });
    });
}

#[test]
fn a_departure_costs_the_same_number_of_statements_however_many_customers_there_are() {
    on_each_engine(|world| {
        world.enter(&own(ANNA), named("a"));
        for number in 0..40 {
            world.enter(&own(BERT), named(&number.to_string()));
        }
        assert_eq!(release(world, ANNA), release(world, BERT));
    });
}

#[test]
fn a_person_and_their_customers_go_together_or_not_at_all() {
    on_each_engine(|world| {
        let departures = Departures::new(&world.db);
        let id = world.enter(&own(ANNA), named("a"));
        assert!(matches!(departures.delete(&sees_all(BERT), ANNA), Err(Error::Forbidden)));
        assert!(matches!(departures.delete(&admin(), StaffId(99)), Err(Error::NotFound(_))));
        let mine = world.enter(&admin(), named("m"));
        assert!(matches!(departures.delete(&admin(), ADMIN), Err(Error::Conflict { .. })));
        assert_eq!(world.read(mine).customer.holding.owner_id, Some(ADMIN));
        assert_eq!(world.read(id).customer.holding.owner_id, Some(ANNA));
        departures.delete(&admin(), ANNA).expect("deleted");
        departures.delete(&admin(), ANNA).expect("twice changes nothing");
        assert_eq!(world.read(id).customer.holding.owner_id, None);
        assert_eq!(world.events(id).len(), 2);
        let status: i16 = world
            .db
            .read(|conn| Ok(staff::table.filter(staff::id.eq(ANNA)).select(staff::status).first(conn)?))
            .expect("read");
        assert_eq!(status, -1);
    });
}

#[test]
fn nobody_who_leaves_keeps_a_customer_entered_at_the_same_time() {
    on_each_engine(|world| {
        let departures = Departures::new(&world.db);
        std::thread::scope(|scope| {
            for writer in 0..8 {
                scope.spawn(move || {
                    for round in 0..10 {
                        match world.customers.create(&own(ANNA), named(&format!("{writer}-{round}"))) {
                            Ok(id) => match world.customers.update(&own(ANNA), id, None, named("x")) {
                                Ok(()) | Err(Error::Forbidden) => {}
                                Err(other) => panic!("{other:?}"),
                            },
                            Err(Error::Unauthenticated) => {}
                            Err(other) => panic!("{other:?}"),
                        }
                    }
                });
            }
            scope.spawn(|| {
                std::thread::sleep(std::time::Duration::from_millis(15));
                departures.delete(&admin(), ANNA).expect("deleted");
            });
        });
        let left = CustomerFilter { owner_id: Some(ANNA), ..CustomerFilter::default() };
        assert!(world.ids(&admin(), &left).is_empty());
        let all = world.ids(&admin(), &CustomerFilter::default());
        assert!(all.iter().all(|id| world.events(*id).iter().filter(|event| event.0 == "recycled").count() == 1));
    });
}
