//! Stages, sources, categories and product lines.

use crm_core::{CategoryId, Error, Patch, ProductLineId, SourceId, StageId};
use crm_customers::options::{self, Choice, ChoiceInput};
use crm_customers::product_line::ProductLineInput;
use crm_customers::{Choices, CustomerInput, ProductLines};

use crate::support::*;

fn called(name: &str) -> ChoiceInput {
    ChoiceInput { name: name.to_owned().into(), ..ChoiceInput::default() }
}

fn stages(world: &World) -> Choices<StageId> {
    Choices::new(&world.db, options::STAGES)
}

fn sources(world: &World) -> Choices<SourceId> {
    Choices::new(&world.db, options::SOURCES)
}

fn field<T: std::fmt::Debug>(result: Result<T, Error>) -> &'static str {
    match result {
        Err(Error::Conflict { field, .. }) => field,
        other => panic!("not a conflict: {other:?}"),
    }
}

#[test]
fn a_new_database_has_the_stages_of_the_contract() {
    on_each_engine(|world| {
        let all = stages(world).list(None).expect("read");
        let told: Vec<(i64, &str, i16, i16)> =
            all.iter().map(|stage| (stage.id, stage.name.as_str(), stage.outcome, stage.is_default)).collect();
        let expected = [
            (1, "意向", 0, 1),
            (2, "定金", 0, 0),
            (3, "量房", 0, 0),
            (4, "设计", 0, 0),
            (5, "预算", 0, 0),
            (6, "合同", 1, 0),
            (7, "施工", 1, 0),
            (8, "交付", 3, 0),
            (9, "丢单", 2, 0),
        ];
        assert_eq!(told, expected);
    });
}

#[test]
fn an_option_is_made_with_defaults_and_changed_field_by_field() {
    on_each_engine(|world| {
        let sources = sources(world);
        let (first, second) = (
            sources.create(&admin(), called("线上")).expect("made"),
            sources.create(&admin(), called("线下")).expect("made"),
        );
        let read = |id| sources.list(Some(id)).expect("read").pop().expect("there");
        let expected = Choice {
            id: second.0,
            name: "线下".to_owned(),
            color: "#606266".to_owned(),
            sort_num: 2,
            is_default: 0,
            is_active: 1,
            outcome: 0,
            version: 1,
        };
        assert_eq!(read(second), expected);
        let change =
            ChoiceInput { color: "#39B54a".to_owned().into(), sort_num: (-1).into(), ..ChoiceInput::default() };
        sources.update(&admin(), second, Some(1), change).expect("changed");
        let expected = Choice { color: "#39B54a".to_owned(), sort_num: -1, version: 2, ..expected };
        assert_eq!(read(second), expected);
        let order: Vec<i64> = sources.list(None).expect("read").iter().map(|source| source.id).collect();
        assert_eq!(order, [second.0, first.0]);
        assert!(matches!(sources.update(&admin(), second, Some(1), called("x")), Err(Error::Stale)));
        assert!(matches!(sources.update(&admin(), SourceId(99), None, called("x")), Err(Error::NotFound(_))));
        let deeds = world.deeds("source", second.0);
        assert_eq!((deeds.len(), deeds[1].0.as_str()), (2, "update"));
        assert!(deeds[1].2.contains("\"sort_num\":2") && deeds[1].3.contains("\"sort_num\":-1"), "{deeds:?}");
    });
}

#[test]
fn options_are_the_administrators_to_write_and_all_bad_fields_are_told() {
    on_each_engine(|world| {
        let stages = stages(world);
        for caller in [sees_all(ANNA), correspondent()] {
            assert!(matches!(stages.create(&caller, called("x")), Err(Error::Forbidden)));
            assert!(matches!(stages.update(&caller, StageId(1), None, called("x")), Err(Error::Forbidden)));
        }
        let bad = ChoiceInput {
            name: " ".to_owned().into(),
            color: "#12345g".to_owned().into(),
            is_default: 2.into(),
            is_active: (-1).into(),
            outcome: 4.into(),
            ..ChoiceInput::default()
        };
        let fields = ["name", "color", "is_default", "is_active", "outcome"];
        assert_eq!(bad_fields(stages.create(&admin(), bad.clone())), fields);
        assert_eq!(bad_fields(stages.update(&admin(), StageId(1), None, bad)), fields);
        assert_eq!(bad_fields(stages.create(&admin(), ChoiceInput::default())), ["name"]);
        for color in ["606266", "#60626", "#6062666", "red", "＃606266"] {
            let input = ChoiceInput { color: color.to_owned().into(), ..called("x") };
            assert_eq!(bad_fields(stages.create(&admin(), input)), ["color"], "{color}");
        }
        let outcome = ChoiceInput { outcome: 1.into(), ..called("x") };
        assert_eq!(bad_fields(sources(world).create(&admin(), outcome)), ["outcome"]);
        assert_eq!(stages.list(None).expect("read").len(), 9);
    });
}

#[test]
fn a_name_is_taken_only_while_its_option_is_active() {
    on_each_engine(|world| {
        let categories = Choices::<CategoryId>::new(&world.db, options::CATEGORIES);
        let first = categories.create(&admin(), called("A类")).expect("made");
        assert_eq!(field(categories.create(&admin(), called("A类"))), "name");
        categories.update(&admin(), first, None, called("A类")).expect("its own name may be said");
        let active = |mark: i64| ChoiceInput { is_active: mark.into(), ..ChoiceInput::default() };
        categories.update(&admin(), first, None, active(0)).expect("retired");
        let second = categories.create(&admin(), called("A类")).expect("the name is free");
        assert_eq!(field(categories.update(&admin(), first, None, active(1))), "name");
        categories.update(&admin(), second, None, called("B类")).expect("renamed");
        categories.update(&admin(), first, None, active(1)).expect("back");
    });
}

#[test]
fn there_is_one_default_which_is_not_retired_and_one_active_stage_is_left() {
    on_each_engine(|world| {
        let stages = stages(world);
        let retire = || ChoiceInput { is_active: 0.into(), ..ChoiceInput::default() };
        let mark = |mark: i64| ChoiceInput { is_default: mark.into(), ..ChoiceInput::default() };
        assert_eq!(field(stages.update(&admin(), StageId(1), None, retire())), "is_active");
        stages.update(&admin(), StageId(2), None, mark(1)).expect("marked");
        let defaults = || -> Vec<(i64, i64)> {
            let all = stages.list(None).expect("read");
            all.iter().filter(|stage| stage.is_default == 1).map(|stage| (stage.id, stage.version)).collect()
        };
        assert_eq!(defaults(), [(2, 2)]);
        let old = stages.list(Some(StageId(1))).expect("read").pop().expect("there");
        assert_eq!((old.is_default, old.version), (0, 2));
        assert_eq!(world.deeds("stage", 1).len(), 1, "the loss of the mark is told as well");
        assert_eq!(world.read(world.enter(&own(ANNA), named("x"))).customer.progress.stage_id, StageId(2));

        let made = stages.create(&admin(), ChoiceInput { is_default: 1.into(), ..called("初访") }).expect("made");
        assert_eq!(defaults(), [(made.0, 1)]);
        stages.update(&admin(), StageId(2), None, retire()).expect("no longer the default");
        assert_eq!(field(stages.update(&admin(), StageId(2), None, mark(1))), "is_active");
        let both = ChoiceInput { is_active: 0.into(), is_default: 1.into(), ..called("y") };
        assert_eq!(field(stages.create(&admin(), both)), "is_active");

        stages.update(&admin(), made, None, mark(0)).expect("there need be no default");
        for id in [1, 3, 4, 5, 6, 7, 8, 9] {
            stages.update(&admin(), StageId(id), None, retire()).expect("retired");
        }
        assert_eq!(field(stages.update(&admin(), made, None, retire())), "is_active", "the last one");
        assert_eq!(world.read(world.enter(&own(ANNA), named("y"))).customer.progress.stage_id, made);
    });
}

#[test]
fn of_many_who_take_a_name_or_the_mark_at_once_one_has_it() {
    on_each_engine(|world| {
        let sources = sources(world);
        let made: usize = std::thread::scope(|scope| {
            let writers: Vec<_> = (0..6)
                .map(|_| {
                    let input = ChoiceInput { is_default: 1.into(), ..called("线上") };
                    scope.spawn(|| usize::from(sources.create(&admin(), input).is_ok()))
                })
                .collect();
            writers.into_iter().map(|writer| writer.join().expect("it ends")).sum()
        });
        assert_eq!(made, 1);
        std::thread::scope(|scope| {
            for number in 0..6 {
                let input = ChoiceInput { is_default: 1.into(), ..called(&number.to_string()) };
                scope.spawn(|| sources.create(&admin(), input).expect("made"));
            }
        });
        let all = sources.list(None).expect("read");
        assert_eq!((all.len(), all.iter().filter(|source| source.is_default == 1).count()), (7, 1));
    });
}

#[test]
fn of_stages_retired_at_once_one_is_left() {
    on_each_engine(|world| {
        let stages = stages(world);
        let unmark = ChoiceInput { is_default: 0.into(), ..ChoiceInput::default() };
        stages.update(&admin(), StageId(1), None, unmark).expect("unmarked");
        std::thread::scope(|scope| {
            for id in 1..=9 {
                let stages = &stages;
                let retire = ChoiceInput { is_active: 0.into(), ..ChoiceInput::default() };
                scope.spawn(move || drop(stages.update(&admin(), StageId(id), None, retire)));
            }
        });
        let left = stages.list(None).expect("read").iter().filter(|stage| stage.is_active == 1).count();
        assert_eq!(left, 1);
    });
}

#[test]
fn customers_keep_a_retired_option_and_new_ones_get_the_default() {
    on_each_engine(|world| {
        let sources = sources(world);
        let old = sources.create(&admin(), called("旧")).expect("made");
        let with = |source: Patch<SourceId>| CustomerInput { source_id: source, ..named("x") };
        let source = |id| world.read(id).source.map(|source| source.name);
        let kept = world.enter(&own(ANNA), with(old.into()));
        sources
            .update(&admin(), old, None, ChoiceInput { is_active: 0.into(), ..ChoiceInput::default() })
            .expect("retired");
        assert_eq!(source(kept).as_deref(), Some("旧"));
        world.customers.update(&own(ANNA), kept, None, with(old.into())).expect("what it has may be said");
        assert_eq!(bad_fields(world.customers.create(&own(ANNA), with(old.into()))), ["source_id"]);
        assert_eq!(source(world.enter(&own(ANNA), named("y"))), None, "there is no default yet");
        sources.create(&admin(), ChoiceInput { is_default: 1.into(), ..called("新") }).expect("made");
        assert_eq!(source(world.enter(&own(ANNA), named("y"))).as_deref(), Some("新"));
        assert_eq!(source(world.enter(&own(ANNA), with(Patch::Null))), None);
        assert_eq!(source(kept).as_deref(), Some("旧"));
    });
}

#[test]
fn product_lines_have_names_of_their_own() {
    on_each_engine(|world| {
        let lines = ProductLines::new(&world.db);
        let called = |name: &str| ProductLineInput { name: name.to_owned().into(), ..ProductLineInput::default() };
        let second = lines.create(&admin(), &called("整装")).expect("made");
        assert_eq!(second, ProductLineId(2));
        assert_eq!(field(lines.create(&admin(), &called("整装"))), "name");
        assert_eq!(field(lines.update(&admin(), second, None, &called("默认产品线"))), "name");
        lines.update(&admin(), second, Some(1), &called("整装")).expect("its own name may be said");
        assert!(matches!(lines.update(&admin(), second, Some(1), &called("x")), Err(Error::Stale)));
        assert!(matches!(lines.update(&admin(), ProductLineId(9), None, &called("x")), Err(Error::NotFound(_))));
        assert!(matches!(lines.create(&sees_all(ANNA), &called("x")), Err(Error::Forbidden)));
        assert_eq!(bad_fields(lines.create(&admin(), &ProductLineInput::default())), ["name"]);
        let names: Vec<String> = lines.list(None).expect("read").into_iter().map(|line| line.name).collect();
        assert_eq!(names, ["默认产品线", "整装"]);
        assert_eq!(world.deeds("product_line", 2).len(), 2);
    });
}
