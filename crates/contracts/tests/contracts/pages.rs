//! Lists of contracts.

use crm_contracts::{ContractFilter, ContractInput};
use crm_core::{Page, Patch};
use crm_db::testing::on_each_engine;

use crate::support::*;

#[test]
fn pages_follow_each_other_without_gap_or_overlap_and_cost_the_same() {
    on_each_engine(|test| {
        let world = World::new(&test.db);
        for number in 0..23i64 {
            let input = ContractInput {
                sign_time: Patch::Value(test.db.now().plus_seconds(-(number * 7 % 5))),
                follower_ids: Patch::Value(vec![world.admin.staff_id]),
                ..world.input("合同")
            };
            world.contracts.create(&world.admin, input).expect("created");
        }
        let filter = ContractFilter::default();
        let page = |number, count| Page::new(number, count).expect("a page");
        let whole = world.contracts.list(&world.admin, &filter, page(1, 1000)).expect("the list answers");
        let keys: Vec<_> = whole.rows.iter().map(|row| (row.contract.sign_time, row.contract.id)).collect();
        assert!(keys.windows(2).all(|pair| pair[0] > pair[1]), "newest first, then the larger id");
        assert_eq!(whole.rows[0].follower_names, ["管理员"]);
        for count in [1, 4, 23, 24] {
            let mut pieces = Vec::new();
            for number in 1..=24 {
                pieces.extend(world.ids(&world.admin, &filter, page(number, count)));
            }
            assert_eq!(pieces, whole.rows.iter().map(|row| row.contract.id).collect::<Vec<_>>());
        }
        let past = world.contracts.list(&world.admin, &filter, page(i64::MAX, 1000)).expect("the list answers");
        assert_eq!((past.rows.len(), past.total), (0, 23));
        let cost = |count| {
            let before = test.db.statements();
            world.ids(&world.admin, &filter, page(1, count));
            test.db.statements() - before
        };
        assert_eq!(cost(2), cost(20));
    });
}
