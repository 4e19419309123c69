//! Groups of labels, and the labels of customers.

use crm_core::{Error, LabelGroupId, LabelId, Patch};
use crm_customers::label::{LabelGroupInput, LabelInput};
use crm_customers::{CustomerLabels, LabelGroups};

use crate::support::*;

fn label(id: Option<i64>, name: &str, color: &str) -> LabelInput {
    let some = |text: &str| if text.is_empty() { Patch::Absent } else { Patch::Value(text.to_owned()) };
    LabelInput { id: id.map(LabelId), name: some(name), color: some(color) }
}

fn group(name: &str, labels: &[LabelInput]) -> LabelGroupInput {
    let name = if name.is_empty() { Patch::Absent } else { name.to_owned().into() };
    LabelGroupInput { name, labels: labels.to_vec().into(), ..LabelGroupInput::default() }
}

/// The labels of a group as told: id, name, colour.
fn told(groups: &LabelGroups, id: LabelGroupId) -> Vec<(i64, String, String)> {
    let listing = groups.list(Some(id)).expect("read").pop().expect("there");
    listing.labels.into_iter().map(|label| (label.id.0, label.name, label.color)).collect()
}

#[test]
fn the_labels_that_are_sent_are_all_a_group_has_and_customers_keep_those_that_go() {
    on_each_engine(|world| {
        let (groups, labels) = (LabelGroups::new(&world.db), CustomerLabels::new(&world.db));
        let id = groups
            .create(
                &admin(),
                &group("规模", &[label(None, "大", "#ffcc00"), label(None, "中", ""), label(None, "小", "")]),
            )
            .expect("made");
        let grey = "#606266".to_owned();
        let big = (1, "大".to_owned(), "#ffcc00".to_owned());
        assert_eq!(
            told(&groups, id),
            [big.clone(), (2, "中".to_owned(), grey.clone()), (3, "小".to_owned(), grey.clone())]
        );
        let customer = world.enter(&own(ANNA), named("x"));
        let ids = |ids: &[i64]| -> Vec<LabelId> { ids.iter().map(|id| LabelId(*id)).collect() };
        labels.set(&own(ANNA), customer, None, &ids(&[3, 1])).expect("labelled");

        groups
            .update(
                &admin(),
                id,
                Some(1),
                &group("", &[label(Some(2), "中型", ""), label(None, "小", "#000000"), label(Some(1), "", "")]),
            )
            .expect("changed");
        let expected = [(2, "中型".to_owned(), grey), (4, "小".to_owned(), "#000000".to_owned()), big];
        assert_eq!(told(&groups, id), expected, "in the order sent");
        assert_eq!(world.read(customer).label_ids, ids(&[3, 1]), "a customer keeps what left its group");
        labels.set(&own(ANNA), customer, None, &ids(&[3, 4])).expect("what it has may be said");
        labels.set(&own(ANNA), customer, None, &ids(&[4])).expect("and go");
        assert_eq!(bad_fields(labels.set(&own(ANNA), customer, None, &ids(&[4, 3]))), ["label_ids"], "for good");
        // Without labels the set stays as it is; null empties it.
        groups
            .update(
                &admin(),
                id,
                None,
                &LabelGroupInput { name: "体量".to_owned().into(), ..LabelGroupInput::default() },
            )
            .expect("renamed");
        assert_eq!(told(&groups, id), expected);
        groups
            .update(&admin(), id, None, &LabelGroupInput { labels: Patch::Null, ..LabelGroupInput::default() })
            .expect("emptied");
        assert_eq!(told(&groups, id), []);
        let listing = groups.list(None).expect("read").pop().expect("there");
        assert_eq!((listing.group.name.as_str(), listing.group.version), ("体量", 4));
        assert_eq!(world.read(customer).label_ids, ids(&[4]));
        let deeds = world.deeds("label_group", id.0);
        assert_eq!(deeds.len(), 4);
        assert!(deeds[1].2.contains("\"小\"") && deeds[1].3.contains("中型"), "{deeds:?}");
    });
}

#[test]
fn what_is_wrong_with_a_label_is_told_with_its_place() {
    on_each_engine(|world| {
        let groups = LabelGroups::new(&world.db);
        let first = groups.create(&admin(), &group("甲", &[label(None, "a", "")])).expect("made");
        groups.create(&admin(), &group("乙", &[label(None, "b", "")])).expect("made");
        let bad = |labels: &[LabelInput]| bad_fields(groups.update(&admin(), first, None, &group("", labels)));
        assert_eq!(bad(&[label(None, "", ""), label(None, "x", "red")]), ["labels.0.name", "labels.1.color"]);
        assert_eq!(bad(&[label(Some(1), " ", "")]), ["labels.0.name"]);
        assert_eq!(bad(&[label(Some(2), "x", "")]), ["labels"], "of another group");
        assert_eq!(bad(&[label(Some(1), "", ""), label(Some(1), "x", "")]), ["labels"], "twice");
        assert_eq!(bad(&[label(Some(1), "", ""), label(None, "a", "")]), ["labels.1.name"], "the same name");
        assert_eq!(bad(&vec![label(None, "x", ""); 1001])[0], "labels");
        assert_eq!(bad_fields(groups.create(&admin(), &LabelGroupInput::default())), ["name"]);
        assert!(matches!(groups.create(&admin(), &group("甲", &[])), Err(Error::Conflict { field: "name", .. })));
        assert!(matches!(groups.update(&admin(), first, Some(9), &group("", &[])), Err(Error::Stale)));
        assert!(matches!(groups.update(&admin(), LabelGroupId(9), None, &group("", &[])), Err(Error::NotFound(_))));
        for caller in [sees_all(ANNA), correspondent()] {
            assert!(matches!(groups.create(&caller, &group("x", &[])), Err(Error::Forbidden)));
            assert!(matches!(groups.update(&caller, first, None, &group("x", &[])), Err(Error::Forbidden)));
        }
        assert_eq!(told(&groups, first).len(), 1);
        // Two may change places, and so their names.
        let swap = [label(Some(1), "b", ""), label(None, "a", "")];
        groups.update(&admin(), first, None, &group("", &swap)).expect("changed");
        let swap = [label(Some(3), "b", ""), label(Some(1), "a", "")];
        groups.update(&admin(), first, None, &group("", &swap)).expect("swapped");
        assert_eq!(
            told(&groups, first).into_iter().map(|label| (label.0, label.1)).collect::<Vec<_>>(),
            [(3, "b".to_owned()), (1, "a".to_owned())]
        );
    });
}

#[test]
fn labelling_is_a_write_of_the_customer() {
    on_each_engine(|world| {
        let (groups, labels) = (LabelGroups::new(&world.db), CustomerLabels::new(&world.db));
        groups.create(&admin(), &group("甲", &[label(None, "a", ""), label(None, "b", "")])).expect("made");
        let id = world.enter(&own(ANNA), named("x"));
        let pool = world.enter(&own(ANNA), pooled("p"));
        let set = |caller: &_, id, ids: &[i64]| {
            let ids: Vec<LabelId> = ids.iter().map(|id| LabelId(*id)).collect();
            labels.set(caller, id, None, &ids)
        };
        set(&own(ANNA), id, &[2, 1]).expect("labelled");
        let customer = world.read(id).customer;
        assert_eq!((customer.version, customer.updated_by), (2, Some(ANNA)));
        set(&own(ANNA), id, &[2, 1]).expect("the same changes nothing");
        assert_eq!(world.read(id).customer.version, 2);
        let deed = world.deeds("customer", id.0).pop().expect("a deed");
        assert_eq!((deed.0.as_str(), deed.1), ("labels", Some(ANNA.0)));
        assert!(deed.2.contains("\"label_ids\":[]") && deed.3.contains("\"label_ids\":[2,1]"), "{deed:?}");
        assert!(matches!(labels.set(&own(ANNA), id, Some(1), &[]), Err(Error::Stale)));
        assert_eq!(bad_fields(set(&own(ANNA), id, &[1, 1])), ["label_ids"]);
        assert_eq!(bad_fields(set(&own(ANNA), id, &[9])), ["label_ids"]);
        assert!(matches!(set(&own(BERT), id, &[1]), Err(Error::NotFound(_))));
        assert!(matches!(set(&own(BERT), pool, &[1]), Err(Error::Forbidden)));
        set(&admin(), pool, &[1]).expect("an administrator may");
        world.customers.delete(&own(ANNA), id, None).expect("deleted");
        assert!(matches!(set(&own(ANNA), id, &[]), Err(Error::NotFound(_))));
    });
}
