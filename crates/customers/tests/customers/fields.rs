//! The fields a deployment defines, and what customers have in them.

use crm_core::{CustomerId, Error, FieldId, Patch};
use crm_customers::field::{FieldInput, Given, Value};
use crm_customers::{CustomerInput, Fields};
use crm_db::schema::customers;
use crm_db::text_search::{self, Index};
use diesel::prelude::*;

use crate::support::*;

/// The customers in one of whose texts, as they are indexed, this text stands.
pub(crate) fn found(world: &World, text: &str) -> Vec<CustomerId> {
    let ids = world.db.read(|conn| {
        let condition = text_search::contains(conn.engine(), Index::CustomerTexts, "customers.id", text);
        Ok(customers::table.filter(condition).order(customers::id).select(customers::id).load(conn)?)
    });
    ids.expect("read")
}

fn field(key: &str) -> FieldInput {
    FieldInput { key: key.to_owned().into(), title: key.to_owned().into(), ..FieldInput::default() }
}

fn select(key: &str, options: &[&str]) -> FieldInput {
    FieldInput { options: options.iter().map(|option| (*option).to_owned()).collect::<Vec<_>>().into(), ..field(key) }
}

fn text(text: &str) -> Patch<Given> {
    Given::Text(text.to_owned()).into()
}

fn texts(texts: &[&str]) -> Patch<Given> {
    Given::Texts(texts.iter().map(|text| (*text).to_owned()).collect()).into()
}

/// A customer of whom this is said in the deployment's own fields.
fn saying(custom: &[(&str, Patch<Given>)]) -> CustomerInput {
    let custom: Vec<_> = custom.iter().map(|(key, given)| ((*key).to_owned(), given.clone())).collect();
    CustomerInput { custom: custom.into(), ..named("x") }
}

/// What a customer has, by the keys of the fields.
fn values(world: &World, id: CustomerId) -> Vec<(String, Value)> {
    world.read(id).custom.iter().map(|(field, value)| (field.key.clone(), value)).collect()
}

fn value(world: &World, id: CustomerId, key: &str) -> Value {
    values(world, id).into_iter().find(|(has, _)| has == key).expect("the field is there").1
}

fn has(text: &str) -> Value {
    Value::Text(Some(text.to_owned()))
}

fn selected(texts: &[&str]) -> Value {
    Value::Selected(texts.iter().map(|text| (*text).to_owned()).collect())
}

#[test]
fn a_field_is_defined_by_its_key_its_kind_or_both() {
    on_each_engine(|world| {
        let fields = Fields::new(&world.db);
        let create = |input: FieldInput| fields.create(&admin(), &input);
        let kind = |kind: &str, input: FieldInput| FieldInput { kind: kind.to_owned().into(), ..input };
        let untold = || FieldInput { title: "t".to_owned().into(), ..FieldInput::default() };
        create(field("input_1680509561692")).expect("by its key");
        create(kind("number", field("number_a_B9"))).expect("by both");
        let made = [
            create(kind("date", untold())).expect("by its kind"),
            create(kind("date", untold())).expect("at the same time"),
        ];
        let all = fields.list(None).expect("read");
        let keys: Vec<&str> =
            made.iter().map(|id| all.iter().find(|field| field.id == *id).expect("there").key.as_str()).collect();
        assert!(keys.iter().all(|key| key.starts_with("date_") && key.len() == 18) && keys[0] != keys[1], "{keys:?}");
        let last = all.last().expect("there");
        assert_eq!((last.sort_num, last.required, last.options().len(), last.version), (4, 0, 0, 1));

        for key in [
            "input_",
            "input",
            "Input_1",
            "file_1",
            "input_é",
            "input_a-b",
            " input_1",
            &format!("input_{}", "a".repeat(51)),
        ] {
            assert!(bad_fields(create(field(key))).contains(&"key".to_owned()), "{key}");
        }
        create(field(&format!("input_{}", "a".repeat(50)))).expect("fifty characters");
        assert_eq!(bad_fields(create(kind("date", field("input_2")))), ["key"]);
        assert_eq!(bad_fields(create(kind("file", field("input_2")))), ["kind"]);
        assert_eq!(bad_fields(create(untold())), ["kind"]);
        assert_eq!(bad_fields(create(FieldInput::default())), ["title", "kind"]);
        assert!(matches!(create(field("number_a_B9")), Err(Error::Conflict { field: "key", .. })));
        let bad = FieldInput { title: "字".repeat(256).into(), required: 2.into(), ..field("select_1") };
        assert_eq!(bad_fields(create(bad)), ["title", "required", "options"]);
        for options in [&["a", "a"][..], &[" "], &["a\u{0}"], &[&*"字".repeat(101)]] {
            assert_eq!(bad_fields(create(select("select_1", options))), ["options"], "{options:?}");
        }
        assert_eq!(bad_fields(create(select("input_9", &["a"]))), ["options"]);
        for caller in [sees_all(ANNA), correspondent()] {
            assert!(matches!(fields.create(&caller, &field("input_9")), Err(Error::Forbidden)));
            assert!(matches!(fields.update(&caller, made[0], None, &field("input_9")), Err(Error::Forbidden)));
        }
        assert_eq!(fields.list(None).expect("read").len(), 5);
    });
}

#[test]
fn key_and_kind_of_a_field_stay_and_the_rest_changes() {
    on_each_engine(|world| {
        let fields = Fields::new(&world.db);
        let id = fields.create(&admin(), &select("select_1", &["a", "b"])).expect("defined");
        let update = |version, input: FieldInput| fields.update(&admin(), id, version, &input);
        let kind = FieldInput { kind: "input".to_owned().into(), ..FieldInput::default() };
        assert_eq!(bad_fields(update(None, kind)), ["kind"]);
        assert_eq!(bad_fields(update(None, field("select_2"))), ["key"]);
        assert_eq!(bad_fields(update(None, select("select_1", &[]))), ["options"]);
        let cleared = FieldInput { options: Patch::Null, title: Patch::Null, ..FieldInput::default() };
        assert_eq!(bad_fields(update(None, cleared)), ["title", "options"]);
        let change = FieldInput { required: 1.into(), sort_num: 9.into(), ..select("select_1", &["c", "b"]) };
        update(Some(1), FieldInput { kind: "select".to_owned().into(), ..change }).expect("changed");
        let field = fields.list(Some(id)).expect("read").pop().expect("there");
        assert_eq!(
            (field.required, field.sort_num, field.version, field.options()),
            (1, 9, 2, vec!["c".to_owned(), "b".to_owned()])
        );
        assert!(matches!(update(Some(1), FieldInput::default()), Err(Error::Stale)));
        assert!(matches!(fields.update(&admin(), FieldId(9), None, &FieldInput::default()), Err(Error::NotFound(_))));
        assert_eq!(world.deeds("field", id.0).len(), 2);
    });
}

#[test]
fn a_deployment_defines_two_hundred_fields_at_most() {
    on_each_engine(|world| {
        let fields = Fields::new(&world.db);
        for number in 0..200 {
            fields.create(&admin(), &field(&format!("input_{number}"))).expect("defined");
        }
        let one_more = fields.create(&admin(), &field("input_200"));
        assert!(matches!(one_more, Err(Error::Conflict { field: "key", .. })), "{one_more:?}");
    });
}

#[test]
fn values_are_merged_into_what_a_customer_has() {
    on_each_engine(|world| {
        let fields = Fields::new(&world.db);
        for input in [
            field("input_1"),
            field("textarea_1"),
            field("date_1"),
            field("number_1"),
            select("select_1", &["a", "b", "c"]),
        ] {
            fields.create(&admin(), &input).expect("defined");
        }
        let number = |text: &str| -> Patch<Given> { Given::Number(text.to_owned()).into() };
        let id = world.enter(
            &own(ANNA),
            saying(&[
                ("input_1", text(" 一 ")),
                ("textarea_1", text("二\n三")),
                ("date_1", text("2024-02-29")),
                ("number_1", number("-12345678901234567890.120")),
                ("select_1", texts(&["c", "a"])),
            ]),
        );
        let keys: Vec<String> = values(world, id).into_iter().map(|(key, _)| key).collect();
        assert_eq!(keys, ["input_1", "textarea_1", "date_1", "number_1", "select_1"], "in the order of the fields");
        assert_eq!((value(world, id, "input_1"), value(world, id, "date_1")), (has(" 一 "), has("2024-02-29")));
        assert_eq!(value(world, id, "number_1"), Value::Number(Some("-12345678901234567890.120".to_owned())));
        assert_eq!(value(world, id, "select_1"), selected(&["c", "a"]));

        let change = saying(&[
            ("input_1", Patch::Null),
            ("textarea_1", text("")),
            ("select_1", text("b")),
            ("number_1", text("007")),
        ]);
        assert_eq!(bad_fields(world.customers.update(&own(ANNA), id, None, change)), ["custom.number_1"]);
        assert_eq!(value(world, id, "input_1"), has(" 一 "), "nothing is written");
        let change = saying(&[("input_1", Patch::Null), ("textarea_1", text("")), ("select_1", text("b"))]);
        world.customers.update(&own(ANNA), id, None, change).expect("changed");
        assert_eq!(
            (value(world, id, "input_1"), value(world, id, "textarea_1")),
            (Value::Text(None), Value::Text(None))
        );
        assert_eq!((value(world, id, "select_1"), value(world, id, "date_1")), (selected(&["b"]), has("2024-02-29")));
        let deed = world.deeds("customer", id.0).pop().expect("a deed");
        assert!(deed.2.contains("\"input_1\":\" 一 \"") && !deed.3.contains("input_1"), "{deed:?}");

        world.customers.update(&own(ANNA), id, None, saying(&[("select_1", texts(&[]))])).expect("emptied");
        assert_eq!(value(world, id, "select_1"), selected(&[]));
        world.customers.update(&own(ANNA), id, None, named("y")).expect("absent leaves them");
        assert_eq!(value(world, id, "date_1"), has("2024-02-29"));
        let other = world.enter(&own(ANNA), saying(&[("input_1", text("o"))]));
        let clear = CustomerInput { custom: Patch::Null, ..CustomerInput::default() };
        world.customers.update(&own(ANNA), id, None, clear).expect("null clears them all");
        assert!(
            values(world, id)
                .into_iter()
                .all(|(_, value)| matches!(value, Value::Text(None) | Value::Number(None)) || value == selected(&[]))
        );
        assert_eq!(value(world, other, "input_1"), has("o"));
    });
}

#[test]
fn every_bad_value_is_told_at_once_with_its_key() {
    on_each_engine(|world| {
        let fields = Fields::new(&world.db);
        for input in
            [field("input_1"), field("textarea_1"), field("date_1"), field("number_1"), select("select_1", &["a", "b"])]
        {
            fields.create(&admin(), &input).expect("defined");
        }
        let bad = CustomerInput {
            real_name: Patch::Absent,
            ..saying(&[
                ("input_1", text(&"字".repeat(256))),
                ("textarea_1", text(&"字".repeat(10_001))),
                ("date_1", text("2023-02-29")),
                ("number_1", text("1e5")),
                ("select_1", texts(&["a", "z"])),
                ("input_2", text("x")),
            ])
        };
        let keys =
            ["input_1", "textarea_1", "date_1", "number_1", "select_1", "input_2"].map(|key| format!("custom.{key}"));
        assert_eq!(bad_fields(world.customers.create(&own(ANNA), bad)), [&["realName".to_owned()][..], &keys].concat());
        let digits = "1".repeat(31);
        let number = |text: &str| -> Patch<Given> { Given::Number(text.to_owned()).into() };
        for (key, given) in [
            ("input_1", text("a\u{7}")),
            ("input_1", number("1")),
            ("input_1", texts(&["a"])),
            ("textarea_1", texts(&["a"])),
            ("date_1", text("2024-2-29")),
            ("date_1", text("2024-02-29 00:00:00")),
            ("date_1", number("20240229")),
            ("number_1", text(&digits)),
            ("number_1", number("1e5")),
            ("number_1", texts(&["1"])),
            ("select_1", texts(&["a", "a"])),
            ("select_1", text("a,b")),
            ("select_1", number("1")),
            ("no key", Patch::Null),
        ] {
            let result = world.customers.create(&own(ANNA), saying(&[(key, given.clone())]));
            assert_eq!(bad_fields(result), [format!("custom.{key}")], "{given:?}");
        }
        assert_eq!(world.counted(1), 0);
    });
}

#[test]
fn a_required_field_is_asked_of_new_customers_and_not_cleared() {
    on_each_engine(|world| {
        let fields = Fields::new(&world.db);
        let old = world.enter(&own(ANNA), named("old"));
        fields.create(&admin(), &FieldInput { required: 1.into(), ..field("input_1") }).expect("defined");
        assert_eq!(bad_fields(world.customers.create(&own(ANNA), named("new"))), ["custom.input_1"]);
        for empty in [Patch::Null, text("")] {
            assert_eq!(
                bad_fields(world.customers.create(&own(ANNA), saying(&[("input_1", empty)]))),
                ["custom.input_1"]
            );
        }
        let new = world.enter(&own(ANNA), saying(&[("input_1", text("v"))]));
        world.customers.update(&own(ANNA), old, None, named("older")).expect("an old customer may be without");
        world.customers.update(&own(ANNA), new, None, named("newer")).expect("absent leaves it");
        for input in [saying(&[("input_1", Patch::Null)]), CustomerInput { custom: Patch::Null, ..named("x") }] {
            assert_eq!(bad_fields(world.customers.update(&own(ANNA), new, None, input.clone())), ["custom.input_1"]);
            assert_eq!(bad_fields(world.customers.update(&own(ANNA), old, None, input)), ["custom.input_1"]);
        }
        world.customers.update(&own(ANNA), old, None, saying(&[("input_1", text("w"))])).expect("given");
        assert_eq!(value(world, old, "input_1"), has("w"));
    });
}

#[test]
fn a_customer_keeps_an_option_that_is_gone() {
    on_each_engine(|world| {
        let fields = Fields::new(&world.db);
        let id = fields.create(&admin(), &select("select_1", &["a", "b"])).expect("defined");
        let customer = world.enter(&own(ANNA), saying(&[("select_1", texts(&["a", "b"]))]));
        fields.update(&admin(), id, None, &select("select_1", &["b", "c"])).expect("changed");
        assert_eq!(value(world, customer, "select_1"), selected(&["a", "b"]));
        let set = |options: &[&str]| {
            world.customers.update(&own(ANNA), customer, None, saying(&[("select_1", texts(options))]))
        };
        set(&["c", "a"]).expect("what it has may be said");
        set(&["c"]).expect("and go");
        assert_eq!(bad_fields(set(&["a"])), ["custom.select_1"], "for good");
    });
}

#[test]
fn a_customer_is_found_by_what_is_in_its_fields_now() {
    on_each_engine(|world| {
        let fields = Fields::new(&world.db);
        fields.create(&admin(), &field("input_1")).expect("defined");
        fields.create(&admin(), &select("select_1", &["电话", "上门"])).expect("defined");
        let id =
            world.enter(&own(ANNA), saying(&[("input_1", text("朝南50%")), ("select_1", texts(&["上门", "电话"]))]));
        let other = world.enter(&own(ANNA), saying(&[("select_1", text("电话"))]));
        assert_eq!(found(world, "南50%"), [id]);
        assert_eq!(found(world, "电"), [id, other]);
        assert!(found(world, "门电").is_empty(), "options do not run into each other");
        world.customers.update(&own(ANNA), id, None, saying(&[("select_1", Patch::Null)])).expect("changed");
        assert_eq!((found(world, "电话"), found(world, "朝南")), (vec![other], vec![id]));
    });
}

#[test]
fn a_customer_with_very_long_texts_is_stored_and_found_by_its_short_ones() {
    on_each_engine(|world| {
        let fields = Fields::new(&world.db);
        for number in 0..8 {
            fields.create(&admin(), &field(&format!("textarea_{number}"))).expect("defined");
        }
        fields.create(&admin(), &field("input_1")).expect("defined");
        // Characters that differ: PostgreSQL's limit is on places and on the size of a document.
        let long = |from: u32| -> String { (from..from + 10_000).filter_map(char::from_u32).collect() };
        let keys: Vec<String> = (0..8).map(|number| format!("textarea_{number}")).collect();
        let mut custom: Vec<(&str, Patch<Given>)> =
            keys.iter().map(|key| (key.as_str(), text(&long(0x4e00)))).collect();
        custom.push(("input_1", text("朝南")));
        let note = format!("{}尾", "字".repeat(9_999));
        let input = CustomerInput { note: note.into(), phone: "13812349999".to_owned().into(), ..saying(&custom) };
        let id = world.enter(&own(ANNA), input);
        for found_by in ["13812349999", "朝南", "\u{4e00}\u{4e01}\u{4e02}"] {
            assert_eq!(found(world, found_by), [id], "{found_by}");
        }
    });
}
