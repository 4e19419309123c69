//! Filters, search, paging and the cost of a list.

use crm_core::{CustomerId, Page, Patch, StatusFilter};
use crm_customers::{CustomerFilter, CustomerInput};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::support::*;

#[test]
fn a_name_is_found_by_any_part_of_it() {
    on_each_engine(|world| {
        let long = format!("{}终", "长".repeat(99));
        let caller = own(ANNA);
        let names = ["王小伟", "it's 100%_\"quoted\" \\ McDonald", long.as_str(), "伟王"];
        let [wei, quoted, long_one, other] = names.map(|name| world.enter(&caller, named(name)));
        let nick = world.enter(&caller, CustomerInput { nick_name: "小Wang王".to_owned().into(), ..named("李") });
        let find = |text: &str| world.ids(&caller, &by_name(text));
        assert_eq!(find("伟"), [other, wei]);
        assert_eq!(find("小伟"), [wei]);
        assert_eq!(find("王"), [nick, other, wei]);
        assert_eq!(find("李小"), [], "real name and nickname do not run into each other");
        for part in ["%", "_", "'", "\"", "\\", "0%_\"Q", "mcdonald", "MCD"] {
            assert_eq!(find(part), [quoted], "{part}");
        }
        assert_eq!(find("wANG"), [nick]);
        assert_eq!(find("长终"), [long_one]);
        assert_eq!(find(&long), [long_one]);
        assert_eq!(find("伟 OR 王"), []);

        let renamed = CustomerInput { nick_name: Patch::Null, ..named("赵六") };
        world.customers.update(&caller, nick, None, renamed).expect("renamed");
        assert_eq!((find("李"), find("wang"), find("六")), (vec![], vec![], vec![nick]));
        world.customers.delete(&caller, nick, None).expect("deleted");
        assert_eq!(find("六"), []);
        let all = CustomerFilter { status: StatusFilter::All, ..by_name("六") };
        assert_eq!(world.ids(&caller, &all), [nick]);
    });
}

#[test]
fn filters_narrow_each_other() {
    on_each_engine(|world| {
        let ministry = world.organization(&own(ANNA), "工信部");
        let council = world.organization(&own(ANNA), "国务院");
        let of = |ids: &[_]| CustomerInput { organization_ids: ids.to_vec().into(), ..named("王伟") };
        let both = world.enter(&own(ANNA), of(&[ministry, council]));
        let one = world.enter(&own(ANNA), of(&[council]));
        let none = world.enter(&admin(), CustomerInput { owner_id: ANNA.into(), ..named("王伟") });
        let ids = |filter: CustomerFilter| world.ids(&admin(), &filter);
        let open = CustomerFilter::default;
        let organization_name = |name: &str| Some(name.to_owned());
        assert_eq!(ids(CustomerFilter { organization_name: organization_name("部"), ..open() }), [both]);
        assert_eq!(ids(CustomerFilter { organization_name: organization_name("院"), ..open() }), [one, both]);
        assert_eq!(ids(CustomerFilter { organization_name: organization_name("%"), ..open() }), []);
        assert_eq!(ids(CustomerFilter { organization_id: Some(ministry), ..open() }), [both]);
        let narrow =
            CustomerFilter { organization_id: Some(ministry), organization_name: organization_name("院"), ..open() };
        assert_eq!(ids(narrow), [both]);
        assert_eq!(ids(CustomerFilter { creator_id: Some(ANNA), ..by_name("伟") }), [one, both]);
        assert_eq!(ids(CustomerFilter { creator_id: Some(ADMIN), ..open() }), [none]);
        assert_eq!(ids(CustomerFilter { owner_id: Some(ANNA), ..open() }), [none, one, both]);
        assert_eq!(ids(CustomerFilter { id: Some(one), owner_id: Some(BERT), ..open() }), []);
    });
}

#[test]
fn a_page_costs_the_same_number_of_statements_whatever_its_size() {
    on_each_engine(|world| {
        let organization = world.organization(&own(ANNA), "国务院");
        for number in 0..30 {
            let input = CustomerInput { organization_ids: vec![organization].into(), ..named(&number.to_string()) };
            world.enter(&own(ANNA), input);
        }
        let statements = |count| {
            let page = Page::new(1, count).expect("a page");
            let before = world.db.statements();
            let found = world.customers.list(&own(ANNA), &CustomerFilter::default(), page).expect("read");
            assert_eq!(found.rows.len(), usize::try_from(count).expect("small"));
            world.db.statements() - before
        };
        statements(2);
        assert_eq!(statements(2), statements(30));
    });
}

#[test]
fn what_is_owned_has_an_owner_within_the_scope() {
    on_each_engine(|world| {
        let mine = world.enter(&own(ANNA), named("a"));
        let of_bert =
            world.enter(&admin(), CustomerInput { owner_id: BERT.into(), creator_id: ANNA.into(), ..named("b") });
        let free = world.enter(&admin(), pooled("c"));
        let owned = || CustomerFilter { owned: true, ..CustomerFilter::default() };
        assert_eq!(world.ids(&own(ANNA), &CustomerFilter::default()), [free, of_bert, mine]);
        assert_eq!(world.ids(&own(ANNA), &owned()), [mine]);
        for caller in [admin(), sees_all(CARL), of_departments(ANNA, &[2])] {
            assert_eq!(world.ids(&caller, &owned()), [of_bert, mine]);
        }
        assert_eq!(world.ids(&of_departments(CARL, &[3]), &owned()), []);
        assert_eq!(world.ids(&admin(), &CustomerFilter { owner_id: Some(BERT), ..owned() }), [of_bert]);
    });
}

#[test]
fn pages_of_any_list_neither_overlap_nor_skip() {
    on_each_engine(|world| {
        let mut runner = TestRunner::new(Config { cases: 12, failure_persistence: None, ..Config::default() });
        // Each customer of a case: whose it is (nobody, Anna, Bert), and whether it is deleted.
        let customers = prop::collection::vec((0u8..3, any::<bool>()), 0..12);
        runner
            .run(&(customers, 1i64..6), |(customers, count)| {
                for (owner, delete) in customers {
                    let owner_id = match owner {
                        0 => Patch::Null,
                        1 => ANNA.into(),
                        _ => BERT.into(),
                    };
                    let id = world.enter(&admin(), CustomerInput { owner_id, ..named("x") });
                    if delete {
                        world.customers.delete(&admin(), id, None).expect("deleted");
                    }
                }
                for caller in [admin(), own(ANNA), of_departments(CARL, &[2])] {
                    for status in [StatusFilter::Live, StatusFilter::All, StatusFilter::Exactly(-1)] {
                        let filter = CustomerFilter { status, ..CustomerFilter::default() };
                        let whole = world.ids(&caller, &filter);
                        prop_assert!(whole.windows(2).all(|pair| pair[0] > pair[1]));
                        prop_assert_eq!(&paged(world, &caller, &filter, count), &whole);
                    }
                }
                Ok(())
            })
            .expect("every case holds");
    });
}

/// The list put together from its pages; every page tells the same total, the one past the end too.
fn paged(world: &World, caller: &crm_core::Caller, filter: &CustomerFilter, count: i64) -> Vec<CustomerId> {
    let mut ids = Vec::new();
    let mut total = None;
    for number in 1.. {
        let page = Page::new(number, count).expect("a page");
        let found = world.customers.list(caller, filter, page).expect("read");
        assert_eq!(*total.get_or_insert(found.total), found.total);
        if found.rows.is_empty() {
            break;
        }
        ids.extend(found.rows.iter().map(|row| row.customer.id));
    }
    assert_eq!(i64::try_from(ids.len()).ok(), total);
    ids
}
