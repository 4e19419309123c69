//! The search against a plain reading of what it promises: every filter, column and sort, alone and
//! together, as every kind of caller, page by page.

use std::collections::BTreeSet;

use crm_core::{
    Caller, CategoryId, CustomerId, DepartmentId, Instant, Page, ProductLineId, SourceId, StaffId, StageId, TimeRange,
    Zone,
};
use crm_customers::field::{FieldInput, Given};
use crm_customers::search::{Column, Found, Sort, SortKey, Tab};
use crm_customers::{AddressInput, CustomerInput, CustomerSearch, Fields, SearchFilter};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::search_model::*;
use crate::support::*;

fn rarely(values: Vec<i64>) -> impl Strategy<Value = Option<i64>> {
    prop::option::weighted(0.15, prop::sample::select(values))
}

fn asks() -> impl Strategy<Value = Ask> {
    let range = prop::option::weighted(0.12, (0i64..7, 0i64..4)).prop_map(|days| {
        days.map_or(TimeRange::ALL, |(first, more)| TimeRange {
            start: Some(Instant::from_unix(YEAR_2026 + first * DAY)),
            end: Some(Instant::from_unix(YEAR_2026 + (first + more + 1) * DAY - 1)),
        })
    });
    let sorts =
        vec![SortKey::CreatedAt, SortKey::UpdatedAt, SortKey::LastFollowAt, SortKey::NextFollowAt, SortKey::Name];
    let tabs = vec![Tab::Mine, Tab::Subordinates, Tab::Pool, Tab::Assisting];
    let text = prop::option::weighted(
        0.7,
        (prop::sample::select(QUERIES.to_vec()), prop::option::weighted(0.8, prop::sample::select(columns()))),
    );
    let ids = (
        rarely((1..=7).collect::<Vec<i64>>()),
        rarely((1..=4).collect::<Vec<i64>>()),
        rarely((1..=4).collect::<Vec<i64>>()),
        rarely((1..=3).collect::<Vec<i64>>()),
        rarely((1..=3).collect::<Vec<i64>>()),
        rarely((1..=3).collect::<Vec<i64>>()),
    );
    let ranges = (range.clone(), range.clone(), range.clone(), range);
    let order = (prop::sample::select(sorts), any::<bool>(), 1i64..9);
    (prop::sample::select(callers()), text, prop::option::weighted(0.3, prop::sample::select(tabs)), ids, ranges, order)
        .prop_map(|(caller, text, tab, ids, ranges, (key, ascending, count))| {
            let (owner, department, stage, category, source, line) = ids;
            let (text, column) = text.map_or((None, None), |(text, column)| (Some(text.to_owned()), column));
            let filter = SearchFilter {
                text,
                column,
                tab: tab.unwrap_or_default(),
                owner_id: owner.map(StaffId),
                department_id: department.map(DepartmentId),
                stage_id: stage.map(StageId),
                category_id: category.map(CategoryId),
                source_id: source.map(SourceId),
                product_line_id: line.map(ProductLineId),
                created_at: ranges.0,
                updated_at: ranges.1,
                last_follow_at: ranges.2,
                next_follow_at: ranges.3,
                ..SearchFilter::default()
            };
            Ask { caller, filter, sort: Sort { key, ascending }, count }
        })
}

/// The list put together from its pages, each of which says rightly whether another follows.
fn paged(search: &CustomerSearch, ask: &Ask) -> Vec<CustomerId> {
    let mut ids = Vec::new();
    for number in 1.. {
        let page = Page::new(number, ask.count).expect("a page");
        let Found { rows, has_next_page, .. } =
            search.list(&ask.caller, &ask.filter, ask.sort, page).expect("the page is read");
        let size = i64::try_from(rows.len()).expect("small");
        assert!(if has_next_page { size == ask.count } else { size <= ask.count && (size > 0 || number == 1) });
        ids.extend(rows.iter().map(|row| row.listing.customer.id));
        if !has_next_page {
            break;
        }
    }
    ids
}

#[test]
fn any_filters_and_sort_give_what_a_plain_reading_gives_page_by_page() {
    on_each_engine(|world| {
        let all = world_of(world, 90);
        let search = CustomerSearch::new(&world.db, Zone::default());
        let mut runner = TestRunner::new(Config { cases: 400, failure_persistence: None, ..Config::default() });
        let found = std::cell::Cell::new(0usize);
        runner
            .run(&asks(), |ask| {
                let expected = expected(&all, &ask);
                found.set(found.get() + expected.len());
                prop_assert_eq!(paged(&search, &ask), expected);
                Ok(())
            })
            .expect("every case holds");
        assert!(found.get() > 1_000, "the cases must find something: {}", found.get());
    });
}

#[test]
fn every_column_finds_every_text_as_every_caller_and_nothing_masked() {
    on_each_engine(|world| {
        let all = world_of(world, 40);
        let search = CustomerSearch::new(&world.db, Zone::default());
        let mut hits = BTreeSet::new();
        for caller in [admin(), sees_all(ANNA), correspondent()] {
            for column in columns().into_iter().map(Some).chain([None]) {
                for query in QUERIES {
                    let filter = SearchFilter {
                        text: Some((*query).to_owned()),
                        column: column.clone(),
                        ..SearchFilter::default()
                    };
                    let ask = Ask { caller: caller.clone(), filter, sort: Sort::default(), count: 1000 };
                    let ids = paged(&search, &ask);
                    assert_eq!(ids, expected(&all, &ask), "{column:?} {query:?} as {:?}", caller.role);
                    if !ids.is_empty() {
                        hits.insert(format!("{column:?}"));
                    }
                }
            }
        }
        // Of all the columns only these have nothing in them here.
        assert_eq!(hits.len(), columns().len() + 1 - 4, "{hits:?}");
    });
}

#[test]
fn the_customers_of_subordinates_follow_the_tree_of_departments() {
    on_each_engine(|world| {
        let of = |owner: StaffId| {
            world.enter(&admin(), CustomerInput { owner_id: owner.into(), ..named(person_name(owner.0)) })
        };
        let [annas, berts, carls, leas] = [ANNA, BERT, CARL, LEA].map(of);
        let search = CustomerSearch::new(&world.db, Zone::default());
        let subordinates = |caller: &Caller| {
            let filter = SearchFilter { tab: Tab::Subordinates, ..SearchFilter::default() };
            let ask = Ask { caller: caller.clone(), filter, sort: Sort::default(), count: 3 };
            paged(&search, &ask)
        };
        let lea = of_departments(LEA, &[1, 2]);
        assert_eq!(subordinates(&lea), [berts, annas]);
        assert_eq!(subordinates(&admin()), [], "an administrator leads no department by that alone");
        // A department that comes below hers is hers too; who leads is nobody's subordinate there.
        world.execute(
            "UPDATE departments SET parent_id = 2 WHERE id = 3; UPDATE staff SET department_id = 3 WHERE id = 5",
        );
        assert_eq!(subordinates(&of_departments(LEA, &[1, 2, 3])), [carls, berts, annas]);
        assert_eq!(subordinates(&lea), [berts, annas], "no more than the scope shows");
        world.execute("UPDATE departments SET leader_id = 2 WHERE id = 2");
        assert_eq!(subordinates(&sees_all(ANNA)), [leas, carls, berts]);
        world.execute("UPDATE departments SET status = -1 WHERE id = 1");
        assert_eq!(subordinates(&sees_all(LEA)), []);
        assert_eq!(subordinates(&correspondent()), []);
    });
}

#[test]
fn in_the_pool_everything_that_is_searched_for_is_shown_masked() {
    on_each_engine(|world| {
        let address = AddressInput {
            tel: "0512-3667899".to_owned().into(),
            qq: "10001".to_owned().into(),
            wechat: "wx_wang".to_owned().into(),
            email: "a@b.cn".to_owned().into(),
            ..AddressInput::default()
        };
        world.enter(&admin(), CustomerInput { address, ..pooled("王伟") });
        let search = CustomerSearch::new(&world.db, Zone::default());
        let found = |caller: &Caller, text: &str| {
            let filter = SearchFilter { text: Some(text.to_owned()), ..SearchFilter::default() };
            search.list(caller, &filter, Sort::default(), Page::first()).expect("read").rows.pop()
        };
        for text in ["13812341234", "138 1234-1234", "05123667899", "0512-3667899"] {
            let row = found(&sees_all(ANNA), text).expect("the exact number finds it");
            assert!(row.is_masked);
            assert_eq!(row.listing.customer.profile.phone.as_deref(), Some("138****1234"));
            let address = row.listing.address;
            for (shown, full) in
                [(address.tel, "3667"), (address.qq, "000"), (address.wechat, "x_wa"), (address.email, "@b")]
            {
                assert!(shown.is_some_and(|shown| shown.contains("****") && !shown.contains(full)));
            }
            assert!(found(&correspondent(), text).is_none());
        }
        for text in ["1381234123", "138", "3667899", "+8613812341234"] {
            assert!(found(&sees_all(ANNA), text).is_none(), "{text}");
        }
        assert!(found(&admin(), "3667899").is_some_and(|row| !row.is_masked));
    });
}

#[test]
fn a_text_is_found_at_the_end_of_the_longest_note_of_one_character() {
    on_each_engine(|world| {
        let field = FieldInput {
            key: "textarea_1".to_owned().into(),
            title: "t".to_owned().into(),
            kind: "textarea".to_owned().into(),
            ..FieldInput::default()
        };
        Fields::new(&world.db).create(&admin(), &field).expect("a field");
        let long = |end: &str| "的".repeat(9_997) + end;
        let custom = vec![("textarea_1".to_owned(), Given::Text(long("尾的末")).into())];
        let input = CustomerInput { note: long("尾的巴").into(), custom: custom.into(), ..named("王伟") };
        let id = world.enter(&admin(), input);
        let search = CustomerSearch::new(&world.db, Zone::default());
        let found = |column: Column, text: &str| {
            let filter = SearchFilter { text: Some(text.to_owned()), column: Some(column), ..SearchFilter::default() };
            let found = search.list(&admin(), &filter, Sort::default(), Page::first()).expect("read");
            found.rows.iter().map(|row| row.listing.customer.id).collect::<Vec<_>>()
        };
        let custom = || Column::Custom("textarea_1".to_owned());
        for (column, text, expected) in [
            (Column::Note, "尾的巴", vec![id]),
            (Column::Note, "的尾", vec![id]),
            (Column::Note, "巴的", vec![]),
            (Column::Note, "尾的末", vec![]),
            (custom(), "尾的末", vec![id]),
            (custom(), "尾的巴", vec![]),
        ] {
            assert_eq!(found(column, text), expected, "{text}");
        }
    });
}

#[test]
fn a_customer_with_more_text_than_is_searched_can_be_stored() {
    on_each_engine(|world| {
        let fields = Fields::new(&world.db);
        let custom: Vec<_> = (0..9u32)
            .map(|number| {
                let key = format!("textarea_{number}");
                let field = FieldInput {
                    key: key.clone().into(),
                    title: key.clone().into(),
                    kind: "textarea".to_owned().into(),
                    ..FieldInput::default()
                };
                fields.create(&admin(), &field).expect("a field");
                // No character twice, and each of the longest tokens.
                let start = 0x0010_0000 + number * 7_000;
                let text: String = (start..start + 7_000).filter_map(char::from_u32).collect();
                (key, Given::Text(text).into())
            })
            .collect();
        world.enter(&admin(), CustomerInput { custom: custom.into(), ..named("王伟") });
    });
}

#[test]
fn a_page_of_a_search_costs_the_same_number_of_statements_whatever_its_size() {
    on_each_engine(|world| {
        let all = world_of(world, 40);
        let search = CustomerSearch::new(&world.db, Zone::default());
        let statements = |count: i64| {
            let before = world.db.statements();
            let page = Page::new(1, count).expect("a page");
            let found = search.list(&admin(), &SearchFilter::default(), Sort::default(), page).expect("read");
            (world.db.statements() - before, found.rows.len())
        };
        let live = all.iter().filter(|made| !made.deleted).count();
        let (few, many) = (statements(5), statements(200));
        assert_eq!((few.1, many.1), (5, live));
        assert_eq!(few.0, many.0);
    });
}

#[test]
fn what_cannot_be_searched_for_is_named() {
    on_each_engine(|world| {
        let search = CustomerSearch::new(&world.db, Zone::default());
        let mut filter = SearchFilter {
            text: Some("长".repeat(101)),
            column: Some(Column::Custom("input_9".to_owned())),
            ..SearchFilter::default()
        };
        filter.problems.push("sort", "x");
        let refused = search.list(&admin(), &filter, Sort::default(), Page::first());
        assert_eq!(bad_fields(refused.map(|_| ())), ["sort", "query", "custom_field_name"]);
    });
}
