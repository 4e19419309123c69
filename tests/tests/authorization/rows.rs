//! Every kind of record through its list, its single read, its update and its deletion, as every caller.

use std::collections::BTreeSet;

use crm_tests::{Answer, Client, on_each_engine};
use serde_json::json;

use crate::MISSING;
use crate::people::{Person, people};

/// A record that belongs to somebody, and how its routes name it.
struct Kind {
    name: &'static str,
    list: &'static str,
    delete: &'static str,
    id: &'static str,
    for_correspondents: bool,
    /// The figure of `/api/stats` that counts it.
    counted: Option<(&'static str, &'static str)>,
}

const KINDS: &[Kind] = &[
    Kind {
        name: "organization",
        list: "/api/customers/organization",
        delete: "/api/customers/delorganization",
        id: "organization_id",
        for_correspondents: true,
        counted: None,
    },
    Kind {
        name: "customer",
        list: "/api/customers/customers",
        delete: "/api/customers/delcustomer",
        id: "customer_id",
        for_correspondents: true,
        counted: None,
    },
    Kind {
        name: "potential",
        list: "/api/record/potential",
        delete: "/api/record/delpotent",
        id: "potent_id",
        for_correspondents: true,
        counted: None,
    },
    Kind {
        name: "follow",
        list: "/api/record/follow",
        delete: "/api/record/delfollow",
        id: "follow_id",
        for_correspondents: true,
        counted: Some(("follow", "follow_count")),
    },
    Kind {
        name: "demand",
        list: "/api/record/demand",
        delete: "/api/record/deldemand",
        id: "demand_id",
        for_correspondents: true,
        counted: Some(("demand", "demand_count")),
    },
    Kind {
        name: "satisfaction",
        list: "/api/feedback/satisfy",
        delete: "/api/feedback/delsatisfy",
        id: "satisfy_id",
        for_correspondents: true,
        counted: Some(("satisfy", "satisfy_count")),
    },
    Kind {
        name: "contract",
        list: "/api/contract/contract",
        delete: "/api/contract/delcontract",
        id: "contract_id",
        for_correspondents: false,
        counted: Some(("sign", "sign_count")),
    },
];

/// A row somebody made.
#[derive(Clone)]
struct Row {
    kind: usize,
    id: i64,
    owner: &'static str,
    deleted: bool,
}

/// One row of every kind, made by this person and belonging together.
fn rows_of(owner: &Person, number: usize) -> Vec<Row> {
    let (client, me, now) = (&owner.client, owner.id, "2026-03-02 09:00:00");
    let organization = client.post(KINDS[0].list, json!({"groupName": format!("{}{number}", owner.name)})).id();
    let customer = client
        .post(KINDS[1].list, json!({"realName": format!("{}{number}", owner.name), "organization_id": [organization]}))
        .id();
    let potential = client
        .post(KINDS[2].list, json!({"organization_id": organization, "director_id": me, "record_time": now}))
        .id();
    let mut ids = vec![
        organization,
        customer,
        potential,
        client
            .post(
                KINDS[3].list,
                json!({"protent_id": potential, "follower_id": [me], "customers_id": [customer], "record_time": now}),
            )
            .id(),
        client
            .post(
                KINDS[4].list,
                json!({"organization_id": organization, "follower_id": [me], "record_time": now, "content": "季报"}),
            )
            .id(),
        client.post(KINDS[5].list, json!({"organization_id": organization, "record_time": now, "value": 3})).id(),
    ];
    if owner.role != 2 {
        ids.push(
            client
                .post(
                    KINDS[6].list,
                    json!({"organization_id": organization, "name": "合同", "sign_time": now, "amount": "1.10"}),
                )
                .id(),
        );
    }
    ids.into_iter().enumerate().map(|(kind, id)| Row { kind, id, owner: owner.name, deleted: false }).collect()
}

fn delete(client: &Client, kind: &Kind, id: i64) -> Answer {
    client.post(kind.delete, json!({kind.id: id, "status": -1}))
}

/// An answer without what may differ between a hidden and a missing row: the id asked for, and the
/// request's own.
fn anonymous(answer: &Answer, id: i64) -> (u16, String) {
    let request = answer.body["request_id"].as_str().unwrap_or("-");
    (answer.status, answer.text.replace(request, "").replace(&id.to_string(), "ID"))
}

#[test]
fn a_row_is_read_changed_and_deleted_by_those_who_see_it_and_hidden_from_all_others() {
    on_each_engine(|server| {
        let people = people(server);
        let owners = ["administrator", "colleague", "below", "other", "correspondent"];
        let mut rows: Vec<Row> = Vec::new();
        for (number, caller) in people.iter().enumerate() {
            for owner in people.iter().filter(|owner| owner.name == caller.name || owners.contains(&owner.name)) {
                let mut live = rows_of(owner, number);
                let mut gone = rows_of(owner, number);
                for row in gone.iter_mut().rev() {
                    delete(&owner.client, &KINDS[row.kind], row.id).ok();
                    row.deleted = true;
                }
                for row in live.iter().chain(&gone) {
                    walk(caller, row);
                }
                for row in live.iter_mut().rev() {
                    row.deleted = try_to_delete(caller, row);
                }
                rows.extend(live.into_iter().chain(gone));
            }
        }
        for caller in &people {
            lists_show_what_is_seen(caller, &rows);
            statistics_count_what_is_seen(caller, &rows);
        }
    });
}

fn sees(caller: &Person, row: &Row) -> bool {
    caller.sees.contains(row.owner)
}

fn may_use(caller: &Person, kind: &Kind) -> bool {
    caller.role != 2 || kind.for_correspondents
}

/// Single read and update.
fn walk(caller: &Person, row: &Row) {
    let kind = &KINDS[row.kind];
    if !may_use(caller, kind) {
        caller.client.get(&format!("{}?{}={}", kind.list, kind.id, row.id)).refused(403, "forbidden");
        caller.client.post(kind.list, json!({kind.id: row.id, "note": "改"})).refused(403, "forbidden");
        return;
    }
    let context = format!("{} of {} as {}, deleted: {}", kind.name, row.owner, caller.name, row.deleted);
    let read = |id: i64| caller.client.get(&format!("{}?{}={id}", kind.list, kind.id));
    let found = read(row.id).rows();
    assert_eq!(found.len(), usize::from(sees(caller, row)), "{context}");
    let note = if matches!(kind.name, "follow") {
        "event_note"
    } else if kind.name == "demand" {
        "demand_note"
    } else {
        "note"
    };
    let change = |id: i64| caller.client.post(kind.list, json!({kind.id: id, note: "改"}));
    let changed = change(row.id);
    if sees(caller, row) && !row.deleted {
        changed.ok();
        assert_eq!(read(row.id).row()["note"], "改", "{context}");
    } else {
        assert_eq!(anonymous(&changed, row.id), anonymous(&change(MISSING), MISSING), "{context}");
        changed.refused(404, "not_found");
        assert_eq!(anonymous(&read(row.id), row.id).0, 200);
        assert_ne!(found.first().map(|row| row["note"].clone()), Some(json!("改")), "{context}");
    }
}

/// Deletes where that is allowed; returns whether the row is deleted now.
fn try_to_delete(caller: &Person, row: &Row) -> bool {
    let kind = &KINDS[row.kind];
    let answer = delete(&caller.client, kind, row.id);
    if !may_use(caller, kind) {
        answer.refused(403, "forbidden");
        return false;
    }
    if !sees(caller, row) {
        assert_eq!(anonymous(&answer, row.id), anonymous(&delete(&caller.client, kind, MISSING), MISSING));
        answer.refused(404, "not_found");
        return false;
    }
    answer.ok();
    delete(&caller.client, kind, row.id).ok();
    true
}

fn lists_show_what_is_seen(caller: &Person, rows: &[Row]) {
    for (index, kind) in KINDS.iter().enumerate().filter(|(_, kind)| may_use(caller, kind)) {
        for (status, deleted) in [("all", true), ("normal", false)] {
            let answer =
                caller.client.get(&format!("{}?status={status}&count=1000&start_time=2020-01-01", kind.list)).ok();
            let shown: BTreeSet<i64> =
                answer["data"].as_array().expect("rows").iter().filter_map(|row| row["id"].as_i64()).collect();
            let expected: BTreeSet<i64> = rows
                .iter()
                .filter(|row| row.kind == index && sees(caller, row) && (deleted || !row.deleted))
                .map(|row| row.id)
                .collect();
            assert_eq!(shown, expected, "{} as {}, status {status}", kind.name, caller.name);
            assert_eq!(answer["page_info"]["total"].as_u64(), Some(expected.len().try_into().expect("a few")));
        }
    }
}

fn statistics_count_what_is_seen(caller: &Person, rows: &[Row]) {
    for (index, kind) in KINDS.iter().enumerate() {
        let Some((route, figure)) = kind.counted else { continue };
        let answer = caller.client.get(&format!("/api/stats/{route}?count=1000&start_time=2020-01-01"));
        if caller.role == 2 {
            answer.refused(403, "forbidden");
            continue;
        }
        let data = answer.ok()["data"].clone();
        let groups = if data[0].is_array() { data[0].clone() } else { data };
        let counted: i64 = groups.as_array().expect("groups").iter().filter_map(|group| group[figure].as_i64()).sum();
        let expected = rows.iter().filter(|row| row.kind == index && sees(caller, row) && !row.deleted).count();
        assert_eq!(counted, i64::try_from(expected).expect("a few"), "{route} as {}", caller.name);
    }
}
