//! Imports and exports as a front-end sees them.

use crm_db::Engine;
use crm_tests::{Answer, Client, Server, on_each_engine};
use serde_json::json;

const IMPORT: &str = "/api/customers/import";
const EXPORT: &str = "/api/customers/export";
const TEXT: &str = "客户姓名,手机号,客户单位\n李曦宁,13800138000,甲\n=1+1,12,\n";

const KEY: &str = "idempotency-key";

/// Sends a file with these fields; a field called as the header of a key is sent as that.
fn upload(client: &Client, path: &str, fields: &[(&str, &str)], file: &[u8]) -> Answer {
    let mut body = Vec::new();
    for (name, value) in fields.iter().filter(|(name, _)| *name != KEY) {
        body.extend(format!("--edge\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").bytes());
    }
    body.extend(b"--edge\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\n");
    body.extend(file);
    body.extend(b"\r\n--edge--\r\n");
    let mut headers = vec![("content-type", "multipart/form-data; boundary=edge")];
    headers.extend(fields.iter().filter(|(name, _)| *name == KEY));
    client.send("POST", path, &headers, Some(&body))
}

#[test]
fn a_file_is_imported_and_exported() {
    on_each_engine(|server| {
        let admin = server.admin();
        let stopped = upload(&admin, IMPORT, &[("create_missing", "1")], TEXT.as_bytes());
        let stopped = stopped.refused(400, "validation_failed");
        assert_eq!(stopped["errors"][0]["field"], "第3行 phoneNumber", "{stopped}");
        assert_eq!(stopped["data"]["written"], false);
        assert!(stopped["data"]["error_file"].as_str().expect("a file").contains("\"'=1+1\""), "{stopped}");
        assert!(admin.get("/api/customers/customers").rows().is_empty());
        let dry = upload(&admin, IMPORT, &[("create_missing", "1"), ("dry_run", "1")], TEXT.as_bytes()).ok();
        assert_eq!((&dry["data"]["added"], &dry["data"]["failed"]), (&json!(1), &json!(1)));
        let done = upload(&admin, IMPORT, &[("create_missing", "1"), ("on_error", "skip")], TEXT.as_bytes()).ok();
        assert_eq!((&done["data"]["added"], &done["data"]["organizations_added"]), (&json!(1), &json!(1)), "{done}");
        let row = admin.get("/api/customers/customers").row();
        assert_eq!((&row["realName"], &row["organization_name"]), (&json!("李曦宁"), &json!(["甲"])));
        let file = admin.get(&format!("{EXPORT}?headers=api"));
        assert_eq!(file.status, 200);
        assert_eq!(file.headers["content-type"], "text/csv; charset=utf-8");
        assert!(file.headers["content-disposition"].to_str().expect("text").contains("customers.csv"));
        assert!(file.text.lines().count() == 2 && file.text.contains("\"realName\""), "{}", file.text);
        assert_eq!(admin.get(&format!("{EXPORT}?name=%E6%97%A0")).text.lines().count(), 1);
        admin.get(&format!("{EXPORT}?format=pdf&customer_id=x")).bad_fields();
        let trail = admin.get("/api/user/audit?action=export").rows();
        assert_eq!(trail.len(), 2, "{trail:?}");
        assert!(trail[1].to_string().contains("rows"), "{trail:?}");
    });
}

#[test]
fn mapped_columns_and_bad_options_are_told() {
    on_each_engine(|server| {
        let admin = server.admin();
        let fields = [("columns", r#"{"名":"realName","注":"note"}"#)];
        assert_eq!(upload(&admin, IMPORT, &fields, "名,注\n甲,乙\n".as_bytes()).ok()["data"]["added"], 1);
        let wrong = [("mode", "x"), ("on_error", "y"), ("dry_run", "2"), ("encoding", "z")];
        assert_eq!(upload(&admin, IMPORT, &wrong, b"").bad_fields(), ["dry_run", "mode", "on_error", "encoding"]);
        assert_eq!(admin.post(IMPORT, json!({"mode": "add"})).bad_fields(), ["file"]);
        assert_eq!(upload(&admin, IMPORT, &[("key", "cid")], "客户姓名\n甲\n".as_bytes()).bad_fields(), ["key"]);
        let many = format!("客户姓名\n{}", "甲\n".repeat(1_001));
        assert_eq!(upload(&admin, IMPORT, &[], many.as_bytes()).bad_fields(), ["on_error"]);
    });
}

#[test]
fn a_file_that_is_too_large_is_refused_and_strangers_send_none() {
    let Some(server) = Server::start(Engine::Sqlite, &[]) else { return };
    let large = vec![b'a'; 21 << 20];
    upload(&server.admin(), IMPORT, &[], &large).refused(413, "payload_too_large");
    upload(&server.anonymous(), IMPORT, &[], TEXT.as_bytes()).refused(401, "unauthenticated");
    // Where no file is asked for, none is taken.
    upload(&server.admin(), "/api/customers/customers", &[], b"x").refused(400, "malformed_request");
}

#[test]
fn other_writers_get_in_between_batches() {
    on_each_engine(|server| {
        let (admin, other) = (server.admin(), server.admin());
        let rows: String = (0..1_500).map(|row| format!("客户{row},1380013{:04}\n", row % 9_999)).collect();
        let text = format!("客户姓名,手机号\n{rows}");
        std::thread::scope(|scope| {
            let import = scope.spawn(|| upload(&admin, IMPORT, &[("on_error", "skip")], text.as_bytes()).ok());
            let mut written = 0;
            while !import.is_finished() {
                let answer = other.post("/api/customers/organization", json!({"groupName": "单位"}));
                assert_eq!(answer.status, 200, "{}", answer.text);
                written += 1;
            }
            assert!(written > 3, "{written}");
            assert_eq!(import.join().expect("no panic")["data"]["added"], 1_500);
        });
        assert_eq!(admin.get(EXPORT).text.lines().count(), 1_501);
    });
}

#[test]
fn people_import_and_export_what_is_theirs() {
    on_each_engine(|server| {
        let group = server.group("自己", "own");
        let (_, first) = server.person("13900000001", json!({"group_id": [group], "realName": "甲某"}));
        let (_, second) = server.person("13900000002", json!({"group_id": [group], "realName": "乙某"}));
        upload(&first, IMPORT, &[], "客户姓名\n一\n".as_bytes()).ok();
        assert_eq!(second.get(EXPORT).text.lines().count(), 1);
        assert_eq!(first.get(EXPORT).text.lines().count(), 2);
        let update = [("mode", "update"), ("on_error", "skip")];
        let hidden = upload(&second, IMPORT, &update, "id,备注\n1,x\n".as_bytes()).ok();
        assert_eq!(hidden["data"]["failed"], 1, "{hidden}");
        let given = upload(&second, IMPORT, &[("on_error", "skip")], "客户姓名,负责人\n二,甲某\n".as_bytes()).ok();
        assert_eq!(given["data"]["failed"], 1, "owners are named by administrators and leaders: {given}");
        // In the public pool numbers are masked, in files too.
        let pool = "客户姓名,手机号,负责人\n三,13812345678,公海\n";
        upload(&server.admin(), IMPORT, &[], pool.as_bytes()).ok();
        let shown = second.get(EXPORT).text;
        assert!(shown.contains("三") && !shown.contains("13812345678"), "{shown}");
    });
}

#[test]
fn a_keyed_import_is_done_once() {
    on_each_engine(|server| {
        let admin = server.admin();
        let fields = |key: &'static str| [(KEY, key), ("on_error", "skip"), ("create_missing", "1")];
        let first = upload(&admin, IMPORT, &fields("one"), TEXT.as_bytes());
        let again = upload(&admin, IMPORT, &fields("one"), TEXT.as_bytes());
        assert_eq!((first.status, again.status, &first.text), (200, 200, &again.text));
        assert!(again.headers.contains_key("idempotency-replayed") && first.text.contains("错误"), "{}", first.text);
        assert_eq!(admin.get("/api/customers/customers").rows().len(), 1);
        upload(&admin, IMPORT, &fields("one"), "客户姓名\n别人\n".as_bytes()).refused(409, "conflict");
        // What was refused is not kept: put right, it is sent again under the same key.
        let wrong = [(KEY, "two")];
        upload(&admin, IMPORT, &wrong, "客户姓名\n乙\n\"\"\n".as_bytes()).ok();
        let all = [(KEY, "three"), ("mode", "add")];
        upload(&admin, IMPORT, &all, TEXT.as_bytes()).refused(400, "validation_failed");
        upload(&admin, IMPORT, &all, "客户姓名\n丙\n".as_bytes()).ok();
        assert_eq!(admin.get("/api/customers/customers").rows().len(), 3);
        let many = format!("客户姓名\n{}", "甲\n".repeat(1_001));
        assert_eq!(upload(&admin, IMPORT, &fields("many"), many.as_bytes()).bad_fields(), ["file"]);
        // One limit is told once.
        assert_eq!(upload(&admin, IMPORT, &[(KEY, "all-of-many")], many.as_bytes()).bad_fields(), ["file"]);
    });
}

#[test]
fn own_fields_are_columns() {
    on_each_engine(|server| {
        let admin = server.admin();
        let field = |field| admin.post("/api/customers/fields", field).ok();
        field(json!({"key": "number_size", "title": "人数", "kind": "number"}));
        field(json!({"key": "date_since", "title": "合作日期", "kind": "date", "required": 1}));
        field(json!({"key": "select_wants", "title": "兴趣", "kind": "select", "options": ["甲;一", "乙"]}));
        field(json!({"key": "textarea_remark", "title": "备注", "kind": "textarea"}));
        let text = "客户姓名,人数,合作日期,兴趣,备注(textarea_remark),备注\n李,12.25,2021/1/5,甲\\;一;乙,=x,y\n王,,,,,\n张,多,,,,\n";
        let done = upload(&admin, IMPORT, &[("on_error", "skip")], text.as_bytes()).ok();
        assert_eq!((&done["data"]["added"], &done["data"]["failed"]), (&json!(1), &json!(2)), "{done}");
        assert!(done["data"]["error_file"].to_string().contains("合作日期 不能为空"), "{done}");
        let own = json!({"number_size": 12.25, "date_since": "2021-01-05", "select_wants": ["甲;一", "乙"], "textarea_remark": "=x"});
        let row = admin.get("/api/customers/customers").row();
        assert_eq!((row["custom"].to_string(), &row["note"]), (own.to_string(), &json!("y")));
        for headers in ["api", "chinese"] {
            let file = admin.get(&format!("{EXPORT}?headers={headers}"));
            let update = [("mode", "update"), ("clear_empty", "1")];
            let again = upload(&admin, IMPORT, &update, file.text.as_bytes()).ok();
            assert_eq!(again["data"]["updated"], 1, "{again}");
            assert_eq!(admin.get("/api/customers/customers").row()["custom"].to_string(), own.to_string());
        }
        let cleared = [("mode", "update"), ("clear_empty", "1")];
        upload(&admin, IMPORT, &cleared, "id,人数\n1,\n".as_bytes()).ok();
        assert_eq!(admin.get("/api/customers/customers").row()["custom"]["number_size"], json!(null));
    });
}
