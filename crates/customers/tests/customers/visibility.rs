//! Who sees and changes which customers.

use crm_core::{Caller, CustomerId, Error, Page, Patch, Role, Scope, StaffId, StatusFilter};
use crm_customers::{CustomerFilter, CustomerInput, Customers};
use crm_db::testing::rows;

use crate::support::*;

#[test]
fn each_role_and_scope_sees_its_own_and_staff_the_pool() {
    on_each_engine(|world| {
        let anna = world.enter(&own(ANNA), named("anna's"));
        let bert = world.enter(&own(BERT), named("bert's"));
        let carl = world.enter(&own(CARL), named("carl's"));
        let cora = world.enter(&correspondent(), named("cora's"));
        let pool = world.enter(&own(CARL), pooled("nobody's"));
        let given = world.enter(&admin(), CustomerInput { owner_id: ANNA.into(), ..named("given") });
        let cora_pool = world.enter(&admin(), CustomerInput { creator_id: CORA.into(), ..pooled("cora's, pooled") });

        let sees = |caller: &Caller| world.ids(caller, &CustomerFilter::default());
        let all = [cora_pool, given, pool, cora, carl, bert, anna];
        assert_eq!(sees(&admin()), all);
        assert_eq!(sees(&sees_all(BERT)), all);
        assert_eq!(sees(&own(ANNA)), [cora_pool, given, pool, anna]);
        assert_eq!(sees(&of_departments(CARL, &[2])), [cora_pool, given, pool, carl, bert, anna]);
        assert_eq!(sees(&of_departments(LEA, &[1])), [cora_pool, pool], "department 1 has nobody in it");
        assert_eq!(sees(&of_departments(BERT, &[])), [cora_pool, pool, bert], "no departments are oneself");
        assert_eq!(sees(&correspondent()), [cora], "not even what they entered, once it is in the pool");
        // What a list does not show, a single read does not show and a write does not find.
        assert_eq!(world.read_as(&own(ANNA), bert), None);
        assert_eq!(world.read_as(&correspondent(), cora_pool), None);
        for (caller, id) in
            [(own(ANNA), bert), (correspondent(), cora_pool), (correspondent(), pool), (correspondent(), anna)]
        {
            for result in [
                world.customers.update(&caller, id, None, named("x")),
                world.customers.delete(&caller, id, None),
                world.customers.restore(&caller, id, None),
            ] {
                assert!(matches!(result, Err(Error::NotFound(_))), "{result:?}");
            }
        }
    });
}

#[test]
fn phones_in_the_pool_are_masked_for_all_but_administrators() {
    on_each_engine(|world| {
        let pool = world.enter(&own(ANNA), pooled("nobody's"));
        let held = world.enter(&own(ANNA), CustomerInput { phone: "138-1234 1234".to_owned().into(), ..named("held") });
        let phone = |caller: &Caller, id| world.read_as(caller, id).expect("visible").customer.profile.phone;
        assert_eq!(phone(&admin(), pool).as_deref(), Some("13812341234"));
        for caller in [own(ANNA), own(BERT), sees_all(CARL), of_departments(LEA, &[2])] {
            assert_eq!(phone(&caller, pool).as_deref(), Some("138****1234"));
        }
        assert_eq!(phone(&own(ANNA), held).as_deref(), Some("138-1234 1234"));

        let number = CustomerFilter { phone: Some("+13812341234".into()), ..CustomerFilter::default() };
        assert!(world.ids(&admin(), &number).is_empty(), "+ counts");
        let number = CustomerFilter { phone: Some("1381234-1234".into()), ..CustomerFilter::default() };
        assert_eq!(world.ids(&admin(), &number), [held, pool]);
        for caller in [own(ANNA), sees_all(ANNA)] {
            assert_eq!(world.ids(&caller, &number), [held], "the pool is not asked about numbers");
        }
        assert!(world.ids(&own(BERT), &number).is_empty());
    });
}

#[test]
fn a_customer_in_the_pool_is_read_only_for_all_but_administrators() {
    on_each_engine(|world| {
        let pool = world.enter(&own(ANNA), pooled("nobody's"));
        for caller in [own(ANNA), own(BERT), sees_all(CARL)] {
            for result in [
                world.customers.update(&caller, pool, None, named("x")),
                world.customers.delete(&caller, pool, None),
                world.customers.restore(&caller, pool, None),
            ] {
                assert!(matches!(result, Err(Error::Forbidden)), "{result:?}");
            }
        }
        assert_eq!(world.read(pool).customer.version, 1);
        world.customers.update(&admin(), pool, None, named("renamed")).expect("an administrator may");
        world.customers.delete(&admin(), pool, None).expect("an administrator may");
        // Deleted, it is in no pool any more: administrators and those who see all still read it.
        let deleted = CustomerFilter { status: StatusFilter::Exactly(-1), ..CustomerFilter::default() };
        assert!(world.ids(&own(BERT), &deleted).is_empty());
        assert_eq!(world.ids(&admin(), &deleted), [pool]);
    });
}

#[test]
fn an_owner_is_named_by_administrators_and_by_leaders_of_the_owner() {
    on_each_engine(|world| {
        let give = |caller: &Caller, owner: StaffId| {
            let input = CustomerInput { owner_id: owner.into(), ..named("given") };
            world.customers.create(caller, input)
        };
        let owner = |id: CustomerId| world.read(id).customer.holding.owner_id;
        assert_eq!(owner(give(&admin(), CARL).expect("administrators may")), Some(CARL));
        assert_eq!(owner(give(&own(LEA), ANNA).expect("a leader may, also of a department below")), Some(ANNA));
        assert_eq!(owner(give(&own(ANNA), ANNA).expect("oneself is no favour")), Some(ANNA));
        for (caller, named) in [(own(LEA), CARL), (own(ANNA), BERT), (own(ANNA), StaffId(99)), (correspondent(), ANNA)]
        {
            assert!(matches!(give(&caller, named), Err(Error::Forbidden)), "{caller:?} {named}");
        }
        assert_eq!(bad_fields(give(&own(LEA), StaffId(99))), ["owner_id"]);
        assert_eq!(bad_fields(give(&admin(), StaffId(99))), ["owner_id"]);
        world.execute("UPDATE staff SET status = -1 WHERE id = 3");
        assert_eq!(bad_fields(give(&admin(), BERT)), ["owner_id"]);
        assert_eq!(bad_fields(give(&own(LEA), BERT)), ["owner_id"]);
        // A leader who is a correspondent, or whose department is gone, leads nobody.
        let lea = Caller::new(LEA, Role::Correspondent, Scope::All);
        assert!(matches!(give(&lea, ANNA), Err(Error::Forbidden)));
        world.execute("UPDATE departments SET status = -1 WHERE id = 1");
        assert!(matches!(give(&own(LEA), ANNA), Err(Error::Forbidden)));
        // Somebody deleted in the middle of their own request gets nothing.
        assert!(matches!(world.customers.create(&own(BERT), named("late")), Err(Error::Unauthenticated)));
        let to_pool = CustomerInput { owner_id: Patch::Null, ..named("pool") };
        assert!(matches!(world.customers.create(&correspondent(), to_pool), Err(Error::Forbidden)));
    });
}

#[test]
fn a_creator_is_named_by_administrators_and_owns_what_they_are_said_to_have_made() {
    on_each_engine(|world| {
        let by = |creator: StaffId| CustomerInput { creator_id: creator.into(), ..named("made") };
        let listing = world.read(world.enter(&admin(), by(ANNA)));
        assert_eq!(listing.customer.holding.owner_id, Some(ANNA));
        assert_eq!((listing.creator_name.as_deref(), listing.owner_name.as_deref()), (Some("anna"), Some("anna")));
        assert!(matches!(world.customers.create(&own(BERT), by(ANNA)), Err(Error::Forbidden)));
        assert_eq!(bad_fields(world.customers.create(&admin(), by(StaffId(99)))), ["creator_id"]);
        let id = listing.customer.id;
        assert!(matches!(world.customers.update(&own(ANNA), id, None, by(BERT)), Err(Error::Forbidden)));
        world.customers.update(&own(ANNA), id, None, by(ANNA)).expect("what it is already may be said");
        world.customers.update(&admin(), id, None, by(BERT)).expect("an administrator may");
        assert_eq!(world.read(id).customer.profile.creator_id, BERT);
    });
}

/// Rows with every mix of who entered them, whose they are, who assists, who is in the team and whether
/// they are deleted: what the pages of a list show together, and how many rows they say there are, is what
/// one condition asked of every row says.
#[test]
fn the_parts_of_what_is_seen_make_the_whole() {
    on_each_engine(|world| {
        let people = [ADMIN, ANNA, BERT, CARL, LEA, CORA];
        let mut rng = fastrand::Rng::with_seed(7);
        for number in 0..120 {
            let id = world.enter(&admin(), named(&format!("客户{number}")));
            if rng.u8(0..5) == 0 {
                world.customers.delete(&admin(), id, None).expect("deleted");
            }
            // Somebody, or with some of the places nobody.
            let mut pick = |places: usize| people.get(rng.usize(0..places)).copied();
            let somebody = |person: Option<StaffId>| person.map_or("NULL".to_owned(), |person| person.to_string());
            let (creator, owner) = (somebody(pick(people.len())), somebody(pick(people.len() + 3)));
            world.execute(&format!("UPDATE customers SET creator_id = {creator}, owner_id = {owner} WHERE id = {id}"));
            if let Some(person) = pick(people.len() + 3) {
                world.execute(&format!("INSERT INTO customer_assistants VALUES ({id}, {person}, 0)"));
            }
            if let Some(person) = pick(people.len() + 3) {
                world.execute(&format!("INSERT INTO customer_team VALUES ({id}, 1, {person}, 0)"));
            }
        }
        rows::recount_customers(&world.db);
        let callers = [
            admin(),
            sees_all(ANNA),
            own(ANNA),
            own(CARL),
            of_departments(ANNA, &[2]),
            of_departments(LEA, &[1, 2]),
            of_departments(CARL, &[3, 2, 1]),
            correspondent(),
        ];
        for caller in callers {
            for status in [StatusFilter::Live, StatusFilter::All, StatusFilter::Exactly(-1), StatusFilter::Exactly(1)] {
                let filter = CustomerFilter { status, ..CustomerFilter::default() };
                let expected = whole(world, &caller, &filter);
                assert_eq!(paged(world, &caller, &filter), expected, "{caller:?} {filter:?}");
                assert_eq!(world.ids(&caller, &filter), expected, "{caller:?} {filter:?}");
                let filter = CustomerFilter { owner_id: Some(BERT), ..filter };
                assert_eq!(paged(world, &caller, &filter), whole(world, &caller, &filter), "{caller:?} {filter:?}");
            }
        }
    });
}

/// The list as an export walks it: by one condition on each row.
fn whole(world: &World, caller: &Caller, filter: &CustomerFilter) -> Vec<CustomerId> {
    let rows =
        world.db.read(|conn| Customers::list_after(conn, caller, filter, None, 1_000)).expect("the rows are read");
    rows.iter().map(|row| row.customer.id).collect()
}

/// The list page by page, each of which tells the same total.
fn paged(world: &World, caller: &Caller, filter: &CustomerFilter) -> Vec<CustomerId> {
    let (mut ids, mut totals) = (Vec::new(), Vec::new());
    for number in 1.. {
        let page = Page::new(number, 7).expect("a page");
        let found = world.customers.list(caller, filter, page).expect("the page is read");
        totals.push(found.total);
        if found.rows.is_empty() {
            break;
        }
        ids.extend(found.rows.iter().map(|row| row.customer.id));
    }
    assert!(totals.iter().all(|total| usize::try_from(*total) == Ok(ids.len())), "{totals:?} {}", ids.len());
    ids
}
