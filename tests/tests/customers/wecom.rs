//! WeCom customers over HTTP: what people enter, and what WeCom tells.

use crm_db::schema::{audit, wecom_contacts, wecom_events};
use crm_tests::wecom::{AES_KEY, CORP_ID, Sealed, TOKEN, body, encrypt, event, seal_for, sign};
use crm_tests::{Answer, Client, Server, on_each_engine, on_each_engine_with, query};
use diesel::prelude::*;
use serde_json::{Value, json};

const WECOM: &str = "/api/customers/wecom";
const CALLBACK: &str = "/wecom/callback";
const FLAGS: &[&str] = &["--crm-wecom-token", TOKEN, "--crm-wecom-aes-key", AES_KEY, "--crm-wecom-corp-id", CORP_ID];

fn post(client: &Client, sealed: &Sealed) -> Answer {
    let path = format!("{CALLBACK}?{}", sealed.query);
    client.send("POST", &path, &[("content-type", "text/xml")], Some(body(&sealed.encrypted).as_bytes()))
}

fn tell(server: &Server, change: &str, time: i64) {
    let answer = post(&server.anonymous(), &seal_for(CORP_ID, &event(change, "ZhangSan", "wmA", time)));
    assert_eq!((answer.status, answer.text.as_str()), (200, "success"));
    assert_eq!(answer.headers["content-type"], "text/plain; charset=utf-8");
}

/// Rows of contacts, of events and of the audit trail.
fn rows(server: &Server) -> (i64, i64, i64) {
    server
        .database
        .db
        .read(|conn| {
            Ok((
                wecom_contacts::table.count().get_result(conn)?,
                wecom_events::table.count().get_result(conn)?,
                audit::table.count().get_result(conn)?,
            ))
        })
        .expect("counted")
}

fn zhang_san(server: &Server) -> i64 {
    server
        .admin()
        .post(
            "/api/user/user",
            json!({"phoneNumber": "13900000001", "realName": "张三", "group_id": 1, "wecom_userid": "zhangsan"}),
        )
        .id()
}

/// The example of WeCom's own documentation, signed and encrypted by WeCom.
#[test]
fn the_documented_example_is_read() {
    on_each_engine_with(FLAGS, |server| {
        let echo = "P9nAzCzyDtyTWESHep1vC5X9xho/qYX3Zpb4yKa9SKld1DsH3Iyt3tP3zNdtp+4RPcs8TgAE7OaBO+FZXvnaqQ==";
        let sent = query(&[
            ("msg_signature", &"5c45ff5e21c57e6ad56bac8758b79b1d9ac89fd3"),
            ("timestamp", &"1409659589"),
            ("nonce", &"263014780"),
            ("echostr", &echo),
        ]);
        let answer = server.anonymous().get(&format!("{CALLBACK}?{sent}"));
        assert_eq!((answer.status, answer.text.as_str()), (200, "1616140317555161061"));
        let ours = sign(echo);
        assert!(ours.query.contains("5c45ff5e21c57e6ad56bac8758b79b1d9ac89fd3"), "{}", ours.query);
    });
}

#[test]
fn contacts_come_and_go_with_the_events_in_any_order() {
    on_each_engine_with(FLAGS, |server| {
        let person = zhang_san(server);
        let admin = server.admin();
        let start = 1_772_000_000;
        for (change, time) in [
            ("del_follow_user", start + 50),
            ("add_external_contact", start + 10),
            ("edit_external_contact", start + 20),
            ("add_half_external_contact", start + 5),
        ] {
            tell(server, change, time);
        }
        let row = admin.get(&format!("{WECOM}?state=all")).row();
        assert_eq!((row["user_id"].as_i64(), &row["user_name"]), (Some(person), &json!("张三")));
        assert_eq!((&row["external_userid"], &row["lost_at"]), (&json!("wmA"), &json!("2026-02-25 14:14:10")));
        assert_eq!(row["added_at"], "2026-02-25 14:13:30");
        assert!(admin.get(WECOM).rows().is_empty());

        let before = rows(server);
        for (change, time) in [("del_follow_user", start + 50), ("add_external_contact", start + 10)] {
            tell(server, change, time);
        }
        tell(server, "edit_external_contact", start + 60);
        tell(server, "transfer_fail", start + 70);
        assert_eq!(rows(server), before, "replays and what is of no concern leave nothing");
        tell(server, "add_external_contact", start + 100);
        assert_eq!(admin.get(WECOM).row()["lost_at"], Value::Null);
        tell(server, "del_external_contact", start + 99);
        assert_eq!(admin.get(WECOM).row()["lost_at"], Value::Null);
        // Any sender may leave the content type out.
        let sealed = seal_for(CORP_ID, &event("del_external_contact", "zhangsan", "wmA", start + 200));
        let path = format!("{CALLBACK}?{}", sealed.query);
        let answer = server.anonymous().send("POST", &path, &[], Some(body(&sealed.encrypted).as_bytes()));
        assert_eq!((answer.status, answer.text.as_str()), (200, "success"));
        assert!(admin.get(WECOM).rows().is_empty());
    });
}

#[test]
fn what_is_not_wecoms_is_refused_and_writes_nothing() {
    on_each_engine_with(FLAGS, |server| {
        zhang_san(server);
        let client = server.anonymous();
        let message = event("add_external_contact", "zhangsan", "wmA", 1_772_000_000);
        let good = seal_for(CORP_ID, &message);
        let before = rows(server);

        // A signature that is wrong, of another ciphertext, short, long, missing.
        let other = seal_for(CORP_ID, "x");
        let digit = if good.query.contains("msg_signature=0") { "msg_signature=1" } else { "msg_signature=0" };
        let flipped = format!("{digit}{}", &good.query[digit.len()..]);
        for query in [flipped.as_str(), &other.query, "msg_signature=&timestamp=1&nonce=1", "msg_signature=ab", ""] {
            let answer = post(&client, &Sealed { encrypted: good.encrypted.clone(), query: query.to_owned() });
            assert_eq!(answer.status, 403, "{query}: {}", answer.text);
            let answer = client.get(&format!("{CALLBACK}?{query}"));
            assert_eq!(answer.status, 403, "{query}: {}", answer.text);
        }
        // Signed, but no message for this company.
        let blocks = |last: u8| {
            let mut plain = vec![0u8; 64];
            plain[63] = last;
            sign(&encrypt(&plain))
        };
        let unread = [
            seal_for("wx0000000000000000", &message),
            seal_for("", &message),
            seal_for(&format!("{CORP_ID}x"), &message),
            seal_for(CORP_ID, "<xml>"),
            seal_for(CORP_ID, &message.replace("1772000000", "x")),
            sign("!!!"),
            sign(""),
            sign("AAAA"),
            sign(&encrypt(&[255u8; 32])),
            blocks(0),
            blocks(33),
            blocks(2),
        ];
        for (number, sealed) in unread.iter().enumerate() {
            let answer = post(&client, sealed);
            assert_eq!(answer.status, 400, "{number}: {}", answer.text);
            assert!(!answer.text.contains("zhangsan") && !answer.text.contains(TOKEN), "{}", answer.text);
        }
        let send = |content_type: &str, body: &str| {
            let path = format!("{CALLBACK}?{}", good.query);
            client.send("POST", &path, &[("content-type", content_type)], Some(body.as_bytes())).status
        };
        assert_eq!(send("text/xml", "<xml>"), 400);
        let laughs = "<!DOCTYPE x [<!ENTITY a \"ha\">]><xml><Encrypt>&a;</Encrypt></xml>";
        assert_eq!(send("text/xml", laughs), 400);
        assert_eq!(send("application/json", "{}"), 415);
        assert_eq!(send("text/xml", &"a".repeat((1 << 20) + 1)), 413);
        let answer = client.send("DELETE", CALLBACK, &[], None);
        assert_eq!((answer.status, &answer.headers["allow"]), (405, &"GET, POST".parse().expect("a header")));
        assert_eq!(rows(server), before);
        // The same message, as it is, is taken.
        assert_eq!(post(&client, &good).text, "success");
        // And one about somebody nobody knows is acknowledged and leaves nothing.
        let before = rows(server);
        let stranger = seal_for(CORP_ID, &event("add_external_contact", "lisi", "wmA", 1_772_000_000));
        assert_eq!(post(&client, &stranger).text, "success");
        assert_eq!(rows(server), before);
    });
}

#[test]
fn without_its_settings_there_is_no_callback() {
    on_each_engine(|server| {
        let sealed = seal_for(CORP_ID, "x");
        post(&server.anonymous(), &sealed).refused(404, "not_found");
        server.anonymous().get(&format!("{CALLBACK}?echostr=x")).refused(404, "not_found");
    });
}

#[test]
fn a_contact_is_entered_listed_and_deleted() {
    on_each_engine(|server| {
        let admin = server.admin();
        let group = server.group("own", "own");
        let (me, client) = server.person("13900000001", json!({"realName": "李", "group_id": group}));
        let (other, _) = server.person("13900000002", json!({"realName": "王", "group_id": group}));
        let customer = client.post("/api/customers/customers", json!({"realName": "客户"})).id();
        let sent = json!({
            "external_userid": "wm1", "user_id": me, "name": "小王", "avatar": "https://a.cn/1.png",
            "added_at": "2026-03-01 09:00:00", "customer_id": customer
        });
        let id = client.post(WECOM, sent.clone()).id();
        let expected = json!({
            "id": id, "external_userid": "wm1", "user_id": me, "user_name": "李", "name": "小王",
            "avatar": "https://a.cn/1.png", "added_at": "2026-03-01 09:00:00", "lost_at": null,
            "customer_id": customer, "customer_name": "客户", "status": 1, "createTime": "2026-03-02 10:00:00",
            "updateTime": "2026-03-02 10:00:00", "version": 1
        });
        assert_eq!(client.get(WECOM).row(), expected);
        assert_eq!(client.post(WECOM, sent).id(), id, "the same contact, once more");
        let form = format!("external_userid=wm1&user_id={me}&name=%E5%A4%A7&lost_at=2026-03-02");
        assert_eq!(client.form(WECOM, &form).id(), id);
        let row = client.get(&format!("{WECOM}?state=lost")).row();
        assert_eq!((&row["name"], &row["lost_at"]), (&json!("大"), &json!("2026-03-02 00:00:00")));
        assert_eq!(client.get(&format!("{WECOM}?event=lost")).row()["id"], id);
        assert_eq!(client.get(&format!("{WECOM}?event=added&end_time=2026-02-28")).rows().len(), 0);
        client.post(WECOM, json!({"external_userid": "wm1", "user_id": me, "lost_at": null})).ok();
        assert_eq!(client.get(WECOM).row()["lost_at"], Value::Null);
        let bad = client.post(WECOM, json!({"external_userid": 5, "user_id": other, "added_at": "x"})).bad_fields();
        assert_eq!(bad, ["external_userid", "added_at"]);
        let hidden = json!({"external_userid": "wm1", "user_id": other});
        assert_eq!(client.post(WECOM, hidden.clone()).bad_fields(), ["user_id"]);
        let theirs = admin.post(WECOM, hidden).id();
        client.post("/api/customers/delwecom", json!({"wecom_id": theirs})).refused(404, "not_found");
        assert_eq!(client.get(&format!("{WECOM}?wecom_id={theirs}")).rows().len(), 0);
        client.send("DELETE", &format!("/api/customers/delwecom?wecom_id={id}"), &[], None).ok();
        assert_eq!(client.get(WECOM).rows().len(), 0);
        assert_eq!(client.get(&format!("{WECOM}?wecom_id={id}")).row()["status"], -1);
    });
}

#[test]
fn an_id_at_wecom_is_one_persons() {
    on_each_engine(|server| {
        let admin = server.admin();
        let first = zhang_san(server);
        assert_eq!(admin.get(&format!("/api/user/user?user_id={first}")).row()["wecom_userid"], "zhangsan");
        assert_eq!(admin.get("/api/user/profile").ok()["data"]["wecom_userid"], Value::Null);
        let second = json!({"phoneNumber": "13900000002", "group_id": 1, "wecom_userid": "ZhangSan"});
        assert_eq!(
            admin.post("/api/user/user", second.clone()).refused(409, "conflict")["errors"][0]["field"],
            "wecom_userid"
        );
        admin.post("/api/user/user", json!({"user_id": first, "wecom_userid": "zhangsan", "note": "n"})).ok();
        let long = json!({"user_id": first, "wecom_userid": "w".repeat(256)});
        assert_eq!(admin.post("/api/user/user", long).bad_fields(), ["wecom_userid"]);
        admin.post("/api/user/deluser", json!({"user_id": first})).ok();
        let second = admin.post("/api/user/user", second).id();
        admin.post("/api/user/user", json!({"user_id": second, "wecom_userid": null})).ok();
        assert_eq!(admin.get(&format!("/api/user/user?user_id={second}")).row()["wecom_userid"], Value::Null);
    });
}
