//! What agents get when they pull.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use flate2::read::GzDecoder;
use serde_json::{Value, json};

use crate::agent_fixture::{Agent, STOP, Site, check_refused, pass, task, tasks};
use crate::support::{Register, registers};

#[test]
fn a_pull_brings_the_node_and_its_tasks_once() {
    for register in registers() {
        let site = Site::new(&register);
        let agent = site.node("one");
        let id = site.task("first", &[&agent]);
        let answer = agent.ask(&register, 0);
        let body = answer.json();
        assert_eq!(
            body["content"]["region"],
            json!({
                "uuid": agent.node, "name": "test", "name_en": "", "country": "Afghanistan",
                "province": "", "city": "Shahrak", "isp": "telecom", "internal": false,
                "keycode": "one", "owner": "custom", "region": "one", "status": "OK",
            })
        );
        let names: Vec<_> = body["content"].as_object().unwrap().keys().collect();
        assert_eq!(names, ["region", "HTTP"], "{body}");
        assert!(!answer.text.contains(&agent.sk) && !answer.text.contains(&agent.ak));
        let found = tasks(&body);
        let [first] = &found[..] else { panic!("{body}") };
        let time = first["update_time"].as_i64().unwrap();
        assert_eq!(first["external_id"], json!(id));
        assert!(first["access_key"].as_str().unwrap().starts_with("ak_"));
        let url = first["post_url"].as_str().unwrap();
        assert!(url.contains(&format!("/dial/{}/{id}?token=tkn_", agent.node)), "{url}");
        // The cursor is exclusive.
        for since in [time, time + 1, i64::MAX] {
            let nothing = agent.ask(&register, since).json();
            assert_eq!(nothing, json!({"content": {"region": body["content"]["region"]}}));
        }
        assert_eq!(agent.names(&register, time - 1), ["first ok"]);
    }
}

#[test]
fn a_change_is_delivered_and_a_removal_leaves_a_tombstone() {
    for register in registers() {
        let site = Site::new(&register);
        let (agent, other) = (site.node("one"), site.node("two"));
        let (first, second) = (site.task("first", &[&agent]), site.task("second", &[&agent]));
        let (both, since) = agent.pull(&register, 0);
        assert_eq!(both.len(), 2);
        pass(&register, 1);
        site.dialing("POST", "/dialing_task/delete", &json!({"taskUUIDs": [first]}));
        let mut moved = task("second", &[&other]);
        moved.as_object_mut().unwrap().remove("type");
        site.dialing("POST", &format!("/dialing_task/{second}/modify"), &moved);
        let (gone, since) = agent.pull(&register, since);
        let ended: Vec<_> =
            gone.iter().map(|task| (&task["external_id"], &task["status"])).collect();
        assert_eq!(ended.len(), 2, "{gone:?}");
        assert!(ended.iter().all(|(_, status)| **status == "stop"), "{ended:?}");
        assert_eq!(agent.names(&register, since), [""; 0]);
        assert_eq!(other.names(&register, 0), ["second ok"]);
        // Whoever starts anew is told of them, too, and ends nothing by it.
        assert_eq!(agent.pull(&register, 0).0.len(), 2);
    }
}

#[test]
fn a_disabled_node_is_told_to_stop_and_gets_its_tasks_again_when_it_is_enabled() {
    for register in registers() {
        let site = Site::new(&register);
        let agent = site.node("one");
        site.task("first", &[&agent]);
        site.task("second", &[&agent]);
        let (before, since) = agent.pull(&register, 0);
        let place = format!("/nodes/{}", agent.node);
        let disabled = site.native("POST", &format!("{place}/disable"), &Value::Null);
        assert_eq!((disabled.status(), &disabled.json()["enabled"]), (200, &json!(false)));
        check_refused(&agent.ask(&register, since), 403, STOP, register.name);
        let enabled = site.native("POST", &format!("{place}/enable"), &Value::Null);
        assert_eq!((enabled.status(), &enabled.json()["enabled"]), (200, &json!(true)));
        let (after, later) = agent.pull(&register, since);
        assert_eq!(after.len(), 2, "all tasks come again: {after:?}");
        assert!(later > since);
        for (old, new) in before.iter().zip(&after) {
            let mut same = new.clone();
            same["update_time"] = old["update_time"].clone();
            assert_eq!(&same, old, "but for the time, they are the same");
        }
        // What is so already is not done again.
        for _ in 0..2 {
            site.native("POST", &format!("{place}/enable"), &Value::Null);
        }
        assert_eq!(agent.names(&register, later), [""; 0]);
    }
}

#[test]
fn a_deleted_node_is_told_to_stop_by_its_own_key_only() {
    for register in registers() {
        let site = Site::new(&register);
        let (agent, other) = (site.node("one"), site.node("two"));
        site.dialing("GET", &format!("/dialing_region/{}/delete", agent.node), &Value::Null);
        check_refused(&agent.ask(&register, 0), 403, STOP, register.name);
        let mut stranger = other.clone();
        stranger.node.clone_from(&agent.node);
        check_refused(&stranger.ask(&register, 0), 403, "kodo.AccessDenied", register.name);
        let mut forged = agent.clone();
        forged.sk = "x".repeat(40);
        check_refused(&forged.ask(&register, 0), 401, "kodo.InvalidSignature", register.name);
        assert_eq!(other.ask(&register, 0).status(), 200);
    }
}

#[test]
fn whoever_does_not_sign_rightly_is_refused_and_told_nothing_else() {
    for register in registers() {
        let site = Site::new(&register);
        let agent = site.node("one");
        site.task("first", &[&agent]);
        let path = format!("/v1/task/pull?region_id={}&since=0&variable_since=0", agent.node);
        let [md5, date, authorization] = agent.headers(&register, "GET", b"");
        let check = |headers: &[(&'static str, &str)], at: &str| {
            let call = register.request("GET", &path);
            let call = headers.iter().fold(call, |call, (name, value)| call.header(name, value));
            check_refused(&call.send(), 401, "kodo.InvalidSignature", at);
        };
        let (md5, date) = (("content-md5", md5.as_str()), ("date", date.as_str()));
        check(&[], "nothing");
        check(&[md5, date], "no authorization");
        check(&[date, ("authorization", &authorization)], "no MD5");
        check(&[md5, ("authorization", &authorization)], "no date");
        for wrong in [
            authorization.replace("DIAL_TESTING", "dial_testing"),
            authorization.replace(' ', "  "),
            authorization.replace(&agent.ak, &"x".repeat(20)),
            authorization.replace(':', "::"),
            authorization[..authorization.len() - 2].to_owned(),
            "DIAL_TESTING".to_owned(),
        ] {
            check(&[md5, date, ("authorization", &wrong)], &wrong);
        }
        check(
            &[md5, date, ("authorization", &authorization), ("content-type", "text/plain")],
            "a type that is not signed",
        );
        // A request that was seen can be repeated: it says nothing of freshness.
        let again = agent.signed(&register, "GET", &path, b"");
        pass(&register, 24 * 60 * 60);
        assert_eq!(again.send().status(), 200);
    }
}

#[test]
fn a_cursor_is_a_number_from_0_to_the_largest() {
    for register in registers() {
        let site = Site::new(&register);
        let agent = site.node("one");
        for since in ["abc", "-1", "1.5", "9223372036854775808", "", "%00"] {
            let at = format!("{since} on {}", register.name);
            check_refused(&agent.ask(&register, since), 400, "kodo.InvalidParameter", &at);
            let path = format!("/v1/task/pull?region_id={}&variable_since={since}", agent.node);
            let answer = agent.signed(&register, "GET", &path, b"").send();
            check_refused(&answer, 400, "kodo.InvalidParameter", &at);
        }
        let path = format!("/v1/task/pull?region_id={}", agent.node);
        assert_eq!(agent.signed(&register, "GET", &path, b"").send().status(), 200);
        // One in the future brings nothing, and is noted.
        assert_eq!(agent.names(&register, i64::MAX), [""; 0]);
        let cursor = site.shown(&agent)["cursor"].clone();
        assert_eq!(cursor, json!({"update_time": 0, "read": i64::MAX, "ahead": true}));
    }
}

#[test]
fn two_agents_of_one_node_both_get_everything() {
    for register in registers() {
        let site = Site::new(&register);
        let agent = site.node("one");
        site.task("first", &[&agent]);
        let (one, since) = agent.pull(&register, 0);
        let (other, _) = agent.pull(&register, 0);
        assert_eq!((one.len(), &one), (1, &other));
        site.task("second", &[&agent]);
        assert_eq!(agent.names(&register, since), ["second ok"]);
        assert_eq!(agent.names(&register, 0), ["first ok", "second ok"]);
    }
}

#[test]
fn what_is_done_on_one_server_is_pulled_from_another() {
    for register in registers() {
        let beside = register.beside();
        let site = Site::new(&register);
        let agent = site.node("one");
        assert_eq!(agent.names(&beside, 0), [""; 0]);
        let id = site.task("first", &[&agent]);
        let (found, since) = agent.pull(&beside, 0);
        assert_eq!(found.len(), 1);
        site.dialing("POST", "/dialing_task/delete", &json!({"taskUUIDs": [id]}));
        assert_eq!(agent.names(&beside, since), ["first stop"]);
        site.native("POST", &format!("/nodes/{}/disable", agent.node), &Value::Null);
        check_refused(&agent.ask(&beside, since), 403, STOP, register.name);
    }
}

#[test]
fn a_large_answer_is_compressed_for_those_who_ask_and_comes_in_parts() {
    for register in registers() {
        let site = Site::new(&register);
        let agent = site.node("one");
        for number in 0..4 {
            site.task(&format!("{number} {}", "x".repeat(200)), &[&agent]);
        }
        let plain = agent.ask(&register, 0);
        assert_eq!(tasks(&plain.json()).len(), 4);
        let (head, packed) = packed(&register, &agent);
        assert!(head.contains("content-encoding: gzip"), "{head}");
        assert!(head.contains("vary: accept-encoding"), "{head}");
        assert_eq!(packed, plain.text);
    }
}

/// The head of the answer to an agent that takes compressed ones, and the body, unpacked.
fn packed(register: &Register, agent: &Agent) -> (String, String) {
    let [md5, date, authorization] = agent.headers(register, "GET", b"");
    let mut socket = TcpStream::connect(register.address()).unwrap();
    let request = format!(
        "GET /v1/task/pull?region_id={}&since=0&variable_since=0 HTTP/1.1\r\nHost: x\r\n\
         Connection: close\r\nAccept-Encoding: gzip\r\nContent-MD5: {md5}\r\nDate: {date}\r\n\
         Authorization: {authorization}\r\n\r\n",
        agent.node
    );
    socket.write_all(request.as_bytes()).unwrap();
    let mut answer = Vec::new();
    socket.read_to_end(&mut answer).unwrap();
    let end = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n").unwrap();
    let head = String::from_utf8(answer[..end].to_vec()).unwrap().to_lowercase();
    let mut body = String::new();
    GzDecoder::new(&answer[end + 4..]).read_to_string(&mut body).unwrap();
    (head, body)
}

#[test]
fn other_methods_and_paths_are_refused_in_plain_text() {
    for register in registers() {
        for (method, path, status) in [
            ("POST", "/v1/task/pull", 405),
            ("GET", "/v1/variable/update/reg_cg2britepb7e977fpm8g", 405),
            ("DELETE", "/v1/check/token/x", 405),
            ("POST", "/v1/stream/watch", 405),
            ("GET", "/v1/task/pull/", 404),
            ("GET", "/v1/nothing", 404),
            ("GET", "/v1/check/token", 404),
        ] {
            let answer = register.request(method, path).send();
            assert_eq!(answer.status(), status, "{method} {path}: {answer:?}");
            assert!(answer.header("content-type").starts_with("text/plain"), "{method} {path}");
            assert!(!answer.text.contains('{'), "{method} {path}");
        }
    }
}

#[test]
fn a_token_is_checked() {
    for register in registers() {
        let site = Site::new(&register);
        let agent = site.node("one");
        site.task("first", &[&agent]);
        let (found, _) = agent.pull(&register, 0);
        let url = found[0]["post_url"].as_str().unwrap().to_owned();
        let (_, token) = url.split_once("token=").unwrap();
        let check =
            |token: &str| register.request("GET", &format!("/v1/check/token/{token}")).send();
        assert_eq!(check(token).status(), 200);
        for wrong in [
            "x",
            "tkn_00000000000000000000000000000000",
            &token.to_uppercase(),
            &token[..token.len() - 1],
        ] {
            check_refused(&check(wrong), 403, "kodo.InvalidToken", wrong);
        }
    }
}
