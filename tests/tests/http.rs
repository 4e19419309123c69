//! What holds for every route: failures in the envelope, methods, bodies, origins, panics.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use crm_db::schema::menus;
use crm_gateway::http::{Access, Call, Endpoint, Outcome, Reader, Reply};
use crm_tests::{ADMIN_PHONE, Client, PASSWORD, Server, on_each_engine};
use diesel::prelude::*;
use serde_json::json;

const ROUTE: &str = "/api/customers/organization";

fn panics(_: &Call<'_>, _: &mut Reader) -> Outcome {
    panic!("a defect, with a secret in its text");
}

fn panics_in_a_write(call: &Call<'_>, _: &mut Reader) -> Outcome {
    call.services()?.db.write(|_| panic!("a defect in a transaction"))
}

fn panics_in_a_read(call: &Call<'_>, _: &mut Reader) -> Outcome {
    call.services()?.db.read(|_| panic!("a defect in a read, with a secret in its text"))
}

fn writes_too_late(call: &Call<'_>, _: &mut Reader) -> Outcome {
    call.services()?.db.write(|conn| {
        diesel::delete(menus::table).execute(conn)?;
        std::thread::sleep(Duration::from_millis(5_200));
        Ok(())
    })?;
    unreachable!("it was not written")
}

const LATE: &[Endpoint] = &[Endpoint::get("/late", writes_too_late).open_to(Access::Public)];

const DEFECTIVE: &[Endpoint] = &[
    Endpoint::get("/panic", panics).open_to(Access::Public),
    Endpoint::get("/write", panics_in_a_write).open_to(Access::Public),
    Endpoint::get("/read", panics_in_a_read).open_to(Access::Public),
];

#[test]
fn a_panic_is_a_500_in_the_envelope_and_the_next_request_works() {
    on_each_engine(|server| {
        let client = server.serving(DEFECTIVE);
        for path in [
            "/panic", "/read", "/read", "/read", "/read", "/read", "/read", "/write", "/write", "/write", "/write",
            "/write",
        ] {
            let answer = client.get(path);
            assert_eq!(answer.headers["x-request-id"], answer.body["request_id"].as_str().expect("an id"));
            assert!(!answer.text.contains("secret"));
            answer.refused(500, "internal");
        }
        server.admin().post(ROUTE, json!({"groupName": "之后"})).ok();
    });
}

fn reads_slowly(call: &Call<'_>, _: &mut Reader) -> Outcome {
    call.services()?.db.read(|_| {
        std::thread::sleep(Duration::from_secs(3));
        Ok(())
    })?;
    Reply::json(&json!(0))
}

const SLOW: &[Endpoint] = &[Endpoint::get("/slow", reads_slowly).open_to(Access::Public)];

/// Whoever finds everything that reads busy is told so after a second and a half, and nothing else waits for it.
#[test]
fn a_read_waits_for_its_turn_no_longer_than_for_a_connection() {
    on_each_engine(|server| {
        let client = server.serving(SLOW);
        let timed = |path: &str| {
            let asked = Instant::now();
            (client.get(path), asked.elapsed())
        };
        std::thread::scope(|scope| {
            let slow: Vec<_> = (0..8).map(|_| scope.spawn(|| timed("/slow"))).collect();
            std::thread::sleep(Duration::from_millis(300));
            let (health, took) = timed("/healthz");
            assert!(health.status == 200 && took < Duration::from_millis(500), "{took:?}");
            let (mut done, mut refused) = (0, 0);
            for one in slow {
                let (answer, took) = one.join().expect("it is answered");
                match answer.status {
                    200 => done += 1,
                    _ => {
                        answer.refused(503, "unavailable");
                        assert!(took < Duration::from_millis(2_000), "{took:?}");
                        refused += 1;
                    }
                }
            }
            assert!(done >= 4 && refused >= 1, "{done} {refused}");
        });
        assert_eq!(client.get("/slow").status, 200, "and then all is as before");
    });
}

#[test]
fn what_is_answered_503_at_the_deadline_is_not_written_after_it() {
    let Some(server) = Server::start(crm_db::Engine::Sqlite, &[]) else { return };
    let answer = server.serving(LATE).get("/late");
    assert_eq!(answer.headers["retry-after"], "1");
    answer.refused(503, "unavailable");
    std::thread::sleep(Duration::from_secs(1));
    let left = server.database.db.read(|conn| Ok(menus::table.count().get_result::<i64>(conn)?));
    assert_eq!(left.expect("menus can be counted"), 6);
}

#[test]
fn an_unknown_path_and_a_wrong_method_are_told_in_the_envelope() {
    on_each_engine(|server| {
        let admin = server.admin();
        for path in [
            "/",
            "/api",
            "/api/customers/nothing",
            "/api/customers/organization/",
            "/api/customers/organization/1",
            "/..%2f..%2fetc/passwd",
        ] {
            admin.get(path).refused(404, "not_found");
        }
        for (path, expected) in [
            ("/api/crm/client/nothing", json!({"code": 404, "data": null})),
            ("/api/v2/customers/nothing", json!({"code": 100_404, "data": null})),
            ("/business/1/plugin/nothing", json!({"result": 0, "data": []})),
            ("/miaosuan/nothing", json!({"code": 404, "data": null})),
        ] {
            let answer = admin.get(path);
            assert_eq!(answer.status, 404, "{path}");
            for (name, value) in expected.as_object().expect("an object") {
                assert_eq!(&answer.body[name], value, "{path}: {}", answer.text);
            }
        }
        for (method, path, allow) in [
            ("PUT", ROUTE, "GET, POST"),
            ("PATCH", ROUTE, "GET, POST"),
            ("DELETE", ROUTE, "GET, POST"),
            ("BREW", ROUTE, "GET, POST"),
            ("GET", "/api/customers/delorganization", "POST, DELETE"),
            ("GET", "/api/user/login", "POST"),
        ] {
            let answer = admin.send(method, path, &[], None);
            assert_eq!(answer.headers["allow"], allow, "{method} {path}");
            answer.refused(405, "method_not_allowed");
        }
    });
}

#[test]
fn bodies_that_cannot_be_read_are_refused() {
    on_each_engine(|server| {
        let admin = server.admin();
        let post =
            |content_type: &str, body: &[u8]| admin.send("POST", ROUTE, &[("content-type", content_type)], Some(body));
        let json = "application/json";
        for body in [
            "{",
            "[]",
            "null",
            "\"text\"",
            "{\"groupName\":NaN}",
            "{\"groupName\":\"\\ud800\"}",
            "{\"groupName\":\"a\"}}",
        ] {
            post(json, body.as_bytes()).refused(400, "malformed_request");
        }
        post(json, b"{\"groupName\":\"\xff\xfe\"}").refused(400, "malformed_request");
        post(json, format!("{{\"a\":{}", "[".repeat(200_000)).as_bytes()).refused(400, "malformed_request");
        post("application/x-www-form-urlencoded", b"groupName=%ff").refused(400, "malformed_request");
        post("multipart/form-data", b"x").refused(400, "malformed_request");
        post(
            "multipart/form-data; boundary=b",
            b"--b\r\nContent-Disposition: form-data; name=\"groupName\"; filename=\"a\"\r\n\r\nx\r\n--b--\r\n",
        )
        .refused(400, "malformed_request");
        for content_type in ["text/plain", "application/xml", "text/plain; charset=utf-8"] {
            post(content_type, b"groupName=a").refused(415, "unsupported_media_type");
        }
        post(json, format!("{{\"groupName\":\"{}\"}}", "a".repeat(10 << 20)).as_bytes())
            .refused(413, "payload_too_large");
        assert_eq!(post(json, "{\"groupName\":\"a\\u0000b\"}".as_bytes()).bad_fields(), ["groupName"]);
        assert_eq!(admin.get(ROUTE).ok()["page_info"]["total"], 0, "nothing was written");
    });
}

#[test]
fn json_form_and_multipart_say_the_same() {
    on_each_engine(|server| {
        let admin = server.admin();
        let multipart = "--b\r\nContent-Disposition: form-data; name=\"groupName\"\r\n\r\n单位&=%\r\n--b\r\nContent-Disposition: form-data; name=\"city\"\r\n\r\n北京市\r\n--b--\r\n";
        let ids = [
            admin.post(ROUTE, json!({"groupName": "单位&=%", "city": "北京市"})).id(),
            admin.form(ROUTE, "groupName=%E5%8D%95%E4%BD%8D%26%3D%25&city=%E5%8C%97%E4%BA%AC%E5%B8%82").id(),
            admin
                .send("POST", ROUTE, &[("content-type", "multipart/form-data; boundary=b")], Some(multipart.as_bytes()))
                .id(),
        ];
        for id in ids {
            let row = admin.get(&format!("{ROUTE}?organization_id={id}")).row();
            assert_eq!((&row["groupName"], &row["city"]), (&json!("单位&=%"), &json!("北京市")));
        }
    });
}

#[test]
fn delete_routes_take_post_and_delete_with_body_or_query() {
    on_each_engine(|server| {
        let admin = server.admin();
        let path = "/api/customers/delorganization";
        let id = admin.post(ROUTE, json!({"groupName": "甲"})).id();
        admin.send("DELETE", &format!("{path}?organization_id={id}&status=-1"), &[], None).ok();
        admin.send("POST", &format!("{path}?organization_id={id}&status=1"), &[], None).ok();
        admin
            .send(
                "DELETE",
                path,
                &[("content-type", "application/json")],
                Some(format!("{{\"organization_id\":{id},\"status\":-1}}").as_bytes()),
            )
            .ok();
        assert_eq!(admin.get(&format!("{ROUTE}?organization_id={id}")).row()["status"], -1);
    });
}

#[test]
fn with_the_cookie_only_our_own_pages_may_change_anything() {
    on_each_engine(|server| {
        let token = server.admin().token.expect("a token");
        let cookie = format!("crm_session={token}");
        let client = server.anonymous();
        let body = br#"{"groupName":"a"}"#.as_slice();
        let post = |origin: Option<(&str, &str)>| {
            let headers: Vec<(&str, &str)> =
                [("content-type", "application/json"), ("cookie", &cookie)].into_iter().chain(origin).collect();
            client.send("POST", ROUTE, &headers, Some(body))
        };
        post(None).ok();
        post(Some(("origin", &server.url))).ok();
        post(Some(("referer", &format!("{}/page", server.url)))).ok();
        for origin in ["null", "https://evil.example", "http://127.0.0.1", "https://127.0.0.1:1"] {
            post(Some(("origin", origin))).refused(403, "forbidden");
        }
        post(Some(("referer", "https://evil.example/x"))).refused(403, "forbidden");
        client.send("GET", ROUTE, &[("cookie", &cookie), ("origin", "https://evil.example")], None).ok();
        let bearer = format!("Bearer {token}");
        client
            .send(
                "POST",
                ROUTE,
                &[("content-type", "application/json"), ("authorization", &bearer), ("origin", "https://evil.example")],
                Some(body),
            )
            .ok();
    });
}

#[test]
fn signing_in_sets_the_cookie_and_signing_out_takes_it_back() {
    on_each_engine(|server| {
        let answer =
            server.anonymous().post("/api/user/login", json!({"phoneNumber": ADMIN_PHONE, "password": PASSWORD}));
        let cookie = answer.headers["set-cookie"].to_str().expect("text").to_owned();
        let token = answer.body["data"]["token"].as_str().expect("a token").to_owned();
        assert_eq!(cookie, format!("crm_session={token}; HttpOnly; SameSite=Lax; Path=/"));
        let answer =
            server.anonymous().send("POST", "/api/user/logout", &[("cookie", &format!("crm_session={token}"))], None);
        assert!(answer.headers["set-cookie"].to_str().expect("text").starts_with("crm_session=; "));
        answer.ok();
    });
}

#[test]
fn the_session_is_looked_at_before_the_parameters() {
    on_each_engine(|server| {
        let stranger = server.anonymous();
        stranger
            .send("POST", ROUTE, &[("content-type", "application/json")], Some(b"{"))
            .refused(401, "unauthenticated");
        stranger.send("POST", ROUTE, &[("content-type", "text/plain")], Some(b"{")).refused(401, "unauthenticated");
        stranger.get(&format!("{ROUTE}?page=x")).refused(401, "unauthenticated");
        let mut forged = stranger.clone();
        forged.token = Some("0".repeat(64));
        forged.get(ROUTE).refused(401, "unauthenticated");
    });
}

#[test]
fn legacy_clients_get_200_with_the_same_body() {
    on_each_engine(|server| {
        let legacy = Client::new(&server.second(&["--crm-legacy-http-200", "true"]));
        for (answer, code) in [
            (legacy.get(ROUTE), "unauthenticated"),
            (legacy.get("/nowhere"), "not_found"),
            (legacy.send("PUT", ROUTE, &[], None), "method_not_allowed"),
        ] {
            assert_eq!(
                (answer.status, answer.body["status"].as_i64(), answer.body["code"].as_str()),
                (200, Some(1), Some(code))
            );
        }
    });
}

#[test]
fn a_body_that_never_comes_does_not_hold_the_server() {
    let Some(server) = Server::start(crm_db::Engine::Sqlite, &[]) else { return };
    let address = server.url.trim_start_matches("http://").to_owned();
    let mut held: Vec<TcpStream> = (0..64)
        .map(|_| {
            let mut stream = TcpStream::connect(&address).expect("it connects");
            stream.write_all(b"POST /api/user/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n{").expect("it writes");
            stream
        })
        .collect();
    server.admin().get(ROUTE).ok();
    // A body cut short gets an answer or a closed connection, and harms nobody.
    if let Some(stream) = held.first_mut() {
        stream.shutdown(std::net::Shutdown::Write).expect("it closes");
        let mut rest = String::new();
        let _ = stream.read_to_string(&mut rest);
    }
    server.admin().get(ROUTE).ok();
}

#[test]
fn a_preflight_of_a_stranger_is_refused_in_the_envelope() {
    let Some(server) = Server::start(crm_db::Engine::Sqlite, &["--crm-cors-origins", "https://app.example.com"]) else {
        return;
    };
    let preflight = |origin: &str, method: &str| {
        let headers = [("origin", origin), ("access-control-request-method", method)];
        server.anonymous().send("OPTIONS", ROUTE, &headers, None)
    };
    assert_eq!(preflight("https://app.example.com", "POST").status, 200);
    preflight("https://evil.example.com", "POST").refused(403, "forbidden");
    preflight("https://app.example.com", "TRACE").refused(403, "forbidden");
}

#[test]
fn health_needs_no_session() {
    on_each_engine(|server| {
        for path in ["/healthz", "/readyz"] {
            assert_eq!(server.anonymous().get(path).status, 200);
            server.anonymous().send("POST", path, &[], None).refused(405, "method_not_allowed");
        }
        server.database.db.revert_all().expect("down");
        let unready = server.anonymous().get("/readyz");
        assert_eq!(unready.headers["retry-after"], "1");
        unready.refused(503, "unavailable");
    });
}
