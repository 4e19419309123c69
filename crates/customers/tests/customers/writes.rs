//! Entering, changing, deleting and restoring customers.

use crm_core::{Error, Patch, StaffId, StatusFilter};
use crm_customers::stamps::{self, Deals, LastFollow};
use crm_customers::{CustomerFilter, CustomerInput};
use diesel::prelude::*;

use crate::support::*;

fn text(text: &str) -> Option<String> {
    Some(text.to_owned())
}

#[test]
fn a_new_customer_has_the_defaults_of_the_contract() {
    on_each_engine(|world| {
        let listing = world.read(world.enter(&own(ANNA), named("王伟")));
        let customer = listing.customer;
        let (profile, holding) = (&customer.profile, &customer.holding);
        assert_eq!((profile.sex, profile.level, profile.is_vip, profile.is_senior), (3, 0, 0, 0));
        assert_eq!((holding.owner_id, holding.assigned_at), (Some(ANNA), Some(customer.created_at)));
        assert_eq!((holding.pool_entered_at, holding.pool_times, holding.pool_type), (None, 0, 0));
        assert_eq!(customer.activity.order_money().to_string(), "0.00");
        assert_eq!((customer.version, customer.deletion.status), (1, 1));
        assert_eq!((listing.owner_name.as_deref(), listing.creator_name.as_deref()), (Some("anna"), Some("anna")));

        let customer = world.read(world.enter(&own(ANNA), pooled("李"))).customer;
        let holding = customer.holding;
        assert_eq!((holding.owner_id, holding.assigned_at, holding.last_owner_id), (None, None, None));
        assert_eq!((holding.pool_entered_at, holding.pool_times, holding.pool_type), (Some(customer.created_at), 0, 0));
    });
}

#[test]
fn links_keep_their_order_and_those_it_has_may_be_said_again() {
    on_each_engine(|world| {
        let [a, b, c] = ["甲", "乙", "丙"].map(|name| world.organization(&own(ANNA), name));
        let with = |ids: &[_]| CustomerInput { organization_ids: ids.to_vec().into(), ..CustomerInput::default() };
        let id = world.enter(&own(ANNA), CustomerInput { real_name: "x".to_owned().into(), ..with(&[c, a, b]) });
        assert_eq!(world.read(id).organization_ids, [c, a, b]);
        assert_eq!(world.read(id).organization_names, ["丙", "甲", "乙"]);
        world.customers.update(&own(ANNA), id, None, CustomerInput::default()).expect("absent leaves them");
        assert_eq!(world.read(id).organization_ids, [c, a, b]);

        world.organizations.delete(&own(ANNA), c).expect("deleted");
        assert_eq!(world.read(id).organization_names, ["丙", "甲", "乙"], "a deleted one keeps its name");
        world.customers.update(&own(ANNA), id, None, with(&[b, c])).expect("a deleted one may stay");
        assert_eq!(world.read(id).organization_ids, [b, c]);
        world.customers.update(&own(ANNA), id, None, with(&[b])).expect("and go");
        let foreign = world.organization(&own(CARL), "丁");
        for wrong in [c, foreign, crm_core::OrganizationId(99)] {
            let result = world.customers.update(&own(ANNA), id, None, with(&[b, wrong]));
            assert_eq!(bad_fields(result), ["organization_id"], "{wrong}");
        }
        assert_eq!(world.read(id).organization_ids, [b]);
        let clear = CustomerInput { organization_ids: Patch::Null, ..CustomerInput::default() };
        world.customers.update(&own(ANNA), id, None, clear).expect("null clears");
        assert!(world.read(id).organization_ids.is_empty());

        let deeds = world.deeds("customer", id.0);
        assert!(deeds[0].3.contains(&format!("\"organization_ids\":[{c},{a},{b}]")), "{deeds:?}");
        assert!(deeds[2].2.contains(&format!("\"organization_ids\":[{c},{a},{b}]")), "{deeds:?}");
        assert!(deeds[2].3.contains(&format!("\"organization_ids\":[{b},{c}]")), "{deeds:?}");
    });
}

#[test]
fn an_update_leaves_what_it_does_not_mention_and_clears_what_is_null() {
    on_each_engine(|world| {
        let id = world.enter(
            &own(ANNA),
            CustomerInput {
                phone: "+86 138-0000".to_owned().into(),
                sex: 1.into(),
                level: (-7).into(),
                is_vip: 1.into(),
                note: "n".to_owned().into(),
                ..named("王伟")
            },
        );
        let change = CustomerInput {
            sex: Patch::Null,
            level: Patch::Null,
            phone: Patch::Null,
            note: "m".to_owned().into(),
            ..CustomerInput::default()
        };
        world.customers.update(&own(ANNA), id, Some(1), change).expect("changed");
        let customer = world.read(id).customer;
        assert_eq!((customer.profile.sex, customer.profile.level, customer.profile.is_vip), (3, 0, 1));
        assert_eq!((customer.profile.phone, customer.profile.phone_key), (None, None));
        assert_eq!((customer.profile.real_name.as_str(), customer.profile.note), ("王伟", text("m")));
        assert_eq!(customer.version, 2);
        assert!(matches!(world.customers.update(&own(ANNA), id, Some(1), named("x")), Err(Error::Stale)));
        assert_eq!(world.read(id).customer.version, 2);
        let deeds = world.deeds("customer", id.0);
        assert_eq!(
            deeds.iter().map(|deed| (deed.0.as_str(), deed.1)).collect::<Vec<_>>(),
            [("create", Some(ANNA.0)), ("update", Some(ANNA.0))]
        );
        assert!(deeds[1].2.contains("\"note\":\"n\"") && deeds[1].3.contains("\"note\":\"m\""), "{deeds:?}");
        assert!(!deeds[1].3.contains("real_name"), "{deeds:?}");
    });
}

#[test]
fn every_bad_field_is_named_at_once_and_nothing_is_written() {
    on_each_engine(|world| {
        let long = "字".repeat(256);
        let bad = CustomerInput {
            kind: long.clone().into(),
            nick_name: "字".repeat(101).into(),
            real_name: " ".to_owned().into(),
            avatar: "javascript:1".to_owned().into(),
            phone: "12a45".to_owned().into(),
            job: long.clone().into(),
            sex: 4.into(),
            cid: "a\u{7}".to_owned().into(),
            open_id: long.clone().into(),
            is_vip: 2.into(),
            is_senior: (-1).into(),
            legal_person: "字".repeat(101).into(),
            register_capital: long.into(),
            website: "ftp://a.cn".to_owned().into(),
            note: "字".repeat(10_001).into(),
            organization_ids: vec![crm_core::OrganizationId(99)].into(),
            owner_id: StaffId(99).into(),
            creator_id: StaffId(98).into(),
            ..CustomerInput::default()
        };
        let mut fields = bad_fields(world.customers.create(&admin(), bad));
        fields.sort();
        let mut expected = [
            "type",
            "nickName",
            "realName",
            "avatar",
            "phoneNumber",
            "job",
            "sex",
            "cid",
            "openId",
            "isVip",
            "isSenior",
            "legal_person",
            "register_capital",
            "website",
            "note",
            "organization_id",
            "owner_id",
            "creator_id",
        ];
        expected.sort_unstable();
        assert_eq!(fields, expected);
        assert_eq!(bad_fields(world.customers.create(&admin(), CustomerInput::default())), ["realName"]);
        assert_eq!(world.counted(1), 0);
        assert!(world.ids(&admin(), &CustomerFilter::default()).is_empty());
    });
}

#[test]
fn the_owner_does_not_change_by_an_update() {
    on_each_engine(|world| {
        let to = |owner_id: Patch<StaffId>| CustomerInput { owner_id, ..CustomerInput::default() };
        let id = world.enter(&own(ANNA), named("x"));
        world.customers.update(&own(ANNA), id, None, to(ANNA.into())).expect("what it is already may be said");
        for owner in [Patch::Null, BERT.into(), StaffId(99).into()] {
            assert_eq!(bad_fields(world.customers.update(&admin(), id, None, to(owner))), ["owner_id"]);
        }
        let pool = world.enter(&admin(), pooled("p"));
        world.customers.update(&admin(), pool, None, to(Patch::Null)).expect("what it is already may be said");
        assert_eq!(bad_fields(world.customers.update(&admin(), pool, None, to(ANNA.into()))), ["owner_id"]);
    });
}

#[test]
fn deletion_keeps_its_reason_and_restoring_clears_it() {
    on_each_engine(|world| {
        let id = world.enter(&own(ANNA), named("x"));
        let too_long = world.customers.delete(&own(ANNA), id, Some("字".repeat(10_001)));
        assert_eq!(bad_fields(too_long), ["reason"]);
        world.customers.delete(&own(ANNA), id, text("搬走了")).expect("deleted");
        world.customers.delete(&own(ANNA), id, text("another reason")).expect("twice changes nothing");
        let customer = world.read(id).customer;
        assert!(customer.is_deleted() && customer.version == 2);
        assert_eq!((customer.deletion.deleted_by, customer.deletion.deleted_reason), (Some(ANNA), text("搬走了")));
        assert_eq!(customer.deletion.deleted_at, Some(customer.updated_at));
        assert_eq!(customer.holding.owner_id, Some(ANNA), "whose it was is known when it comes back");
        assert!(world.ids(&own(ANNA), &CustomerFilter::default()).is_empty());
        let result = world.customers.update(&own(ANNA), id, None, named("y"));
        assert!(matches!(result, Err(Error::NotFound(_))), "{result:?}");

        world.customers.restore(&own(ANNA), id, text("回来了")).expect("restored");
        world.customers.restore(&own(ANNA), id, None).expect("twice changes nothing");
        let deletion = world.read(id).customer.deletion;
        assert_eq!(
            (deletion.status, deletion.deleted_at, deletion.deleted_by, deletion.deleted_reason),
            (1, None, None, None)
        );
        let anna = Some(ANNA.to_string());
        assert_eq!(
            world.events(id),
            [
                ("created".to_owned(), Some(ANNA), None, anna.clone(), None),
                ("deleted".to_owned(), Some(ANNA), anna.clone(), None, text("搬走了")),
                ("restored".to_owned(), Some(ANNA), None, anna, text("回来了")),
            ]
        );
        let actions: Vec<String> = world.deeds("customer", id.0).into_iter().map(|deed| deed.0).collect();
        assert_eq!(actions, ["create", "delete", "restore"]);
    });
}

#[test]
fn stamps_raise_no_version_and_survive_an_update() {
    on_each_engine(|world| {
        let id = world.enter(&own(ANNA), named("x"));
        let now = world.db.now();
        let follow = LastFollow { at: Some(now), log: text("谈了"), called_at: Some(now) };
        let amount: crm_core::Money = "999999999999999.99".parse().expect("money");
        let deals = Deals { last_at: Some(now), last_money: Some(amount), total: [amount; 3].into_iter().sum() };
        world
            .db
            .write(|conn| {
                stamps::last_follow(conn, id, &follow)?;
                stamps::deals(conn, id, &deals)
            })
            .expect("stamped");
        world.customers.update(&own(ANNA), id, Some(1), named("y")).expect("the version is still 1");
        let activity = world.read(id).customer.activity;
        assert_eq!((activity.last_follow_at, activity.last_follow_log.as_deref()), (Some(now), Some("谈了")));
        assert_eq!(activity.last_deal_money, Some(amount));
        assert_eq!(activity.order_money().to_string(), "2999999999999999.97");
    });
}

#[test]
fn totals_are_exact_under_many_writers() {
    on_each_engine(|world| {
        std::thread::scope(|scope| {
            for writer in 0..10 {
                scope.spawn(move || {
                    for round in 0..12 {
                        let id = world.enter(&own(ANNA), named(&format!("{writer}-{round}")));
                        if round % 3 > 0 {
                            world.customers.delete(&own(ANNA), id, None).expect("deleted");
                        }
                        if round % 3 > 1 {
                            world.customers.restore(&own(ANNA), id, None).expect("restored");
                        }
                    }
                });
            }
        });
        let total = |status| {
            let filter = CustomerFilter { status, ..CustomerFilter::default() };
            world.customers.list(&admin(), &filter, crm_core::Page::first()).expect("read").total
        };
        assert_eq!((world.counted(1), world.counted(-1)), (80, 40));
        assert_eq!(total(StatusFilter::Live), 80);
        assert_eq!(total(StatusFilter::Exactly(-1)), 40);
        assert_eq!(total(StatusFilter::All), 120);
    });
}

#[test]
fn of_many_who_delete_at_once_one_does() {
    on_each_engine(|world| {
        let id = world.enter(&own(ANNA), named("x"));
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| world.customers.delete(&own(ANNA), id, None).expect("deleting twice is a success"));
            }
        });
        assert_eq!(world.events(id).len(), 2);
        assert_eq!(world.read(id).customer.version, 2);
        let live = world.customers.list(&admin(), &CustomerFilter::default(), crm_core::Page::first());
        assert_eq!(live.expect("read").total, 0);
    });
}

#[test]
fn of_many_updates_from_one_version_one_is_written() {
    on_each_engine(|world| {
        let id = world.enter(&own(ANNA), named("x"));
        let written: usize = std::thread::scope(|scope| {
            let writers: Vec<_> = (0..8)
                .map(|n| scope.spawn(move || world.customers.update(&own(ANNA), id, Some(1), named(&n.to_string()))))
                .collect();
            writers.into_iter().map(|writer| usize::from(writer.join().expect("it ends").is_ok())).sum()
        });
        assert_eq!(written, 1);
        assert_eq!(world.read(id).customer.version, 2);
    });
}

#[test]
fn ids_are_not_burnt_by_refused_input() {
    on_each_engine(|world| {
        let first = world.enter(&own(ANNA), named("x"));
        assert!(world.customers.create(&own(ANNA), named("")).is_err());
        assert_eq!(world.enter(&own(ANNA), named("y")).0, first.0 + 1);
        let rows: i64 =
            world.db.read(|conn| Ok(crm_db::schema::customers::table.count().get_result(conn)?)).expect("counted");
        assert_eq!(rows, 2);
    });
}
