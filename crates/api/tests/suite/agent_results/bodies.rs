//! Bodies: compressed, large, cut, of any type, and posted again.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::json;

use super::{World, line, of, worlds};
use crate::support::Answer;

fn gzip(body: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(body).unwrap();
    encoder.finish().unwrap()
}

fn send(world: &World, coding: &str, body: impl Into<Vec<u8>>) -> Answer {
    world.call(&world.path(), body).header("content-encoding", coding).send()
}

fn check(answer: &Answer, status: u16, code: &str) {
    assert_eq!(answer.status(), status, "{answer:?}");
    let body = answer.json();
    assert_eq!([&body["errorCode"], &body["error_code"]], [code, code], "{answer:?}");
    assert_eq!(body["code"], status, "{answer:?}");
    assert_eq!(body.as_object().unwrap().len(), 4, "{answer:?}");
}

#[test]
fn a_compressed_body_is_taken_as_what_it_holds() {
    for world in worlds() {
        assert_eq!(send(&world, "gzip", gzip(line(0, "OK", 7).as_bytes())).status(), 204);
        assert_eq!(send(&world, "identity", line(1, "OK", 8)).status(), 204);
        assert_eq!(of(&world.results(""), &["response_time_us"]), json!([[8], [7]]));
        for other in ["br", "deflate", "gzip, gzip"] {
            check(&send(&world, other, "x"), 415, "kodo.UnsupportedMediaType");
        }
        check(&send(&world, "gzip", line(2, "OK", 9)), 400, "kodo.InvalidParameter");
    }
}

#[test]
fn a_body_that_is_too_large_is_refused_compressed_or_not() {
    for world in worlds() {
        let spaces = vec![b' '; 8 * 1024 * 1024];
        check(&send(&world, "identity", spaces.clone()), 413, "kodo.PayloadTooLarge");
        // Some kilobytes of a gigabyte.
        let many = gzip(&spaces).repeat(128);
        assert!(many.len() < 1024 * 1024 + 64 * 1024, "{}", many.len());
        check(&send(&world, "gzip", gzip(&spaces)), 413, "kodo.PayloadTooLarge");
        check(&send(&world, "gzip", many), 413, "kodo.PayloadTooLarge");
        assert_eq!(world.results("").len(), 0);
    }
}

#[test]
fn bodies_of_any_type_and_of_nothing_are_taken() {
    for world in worlds() {
        for (second, kind) in (0..).zip(["text/plain", "application/line-protocol", "x/y", ""]) {
            let call = world.register.request("POST", &world.path());
            let answer = call.body(kind, line(second, "OK", 1)).send();
            assert_eq!(answer.status(), 204, "{kind} {answer:?}");
        }
        world.post("");
        world.post("\n# nothing\n");
        assert_eq!(world.results("").len(), 4);
    }
}

#[test]
fn a_point_that_is_posted_again_is_kept_once() {
    for world in worlds() {
        let post = |package: &str, body: &str| {
            let call = world.call(&world.path(), body).header("x-pkg-id", package);
            assert_eq!(call.send().status(), 204);
        };
        let (one, two) = (line(0, "OK", 1), line(1, "OK", 2));
        for _ in 0..3 {
            post("dk_1", &one);
            post("dk_2", &format!("{one}{two}"));
            // Without a package, a line is told by itself.
            world.post(&two);
            world.post(&format!("{two}{one}{two}"));
        }
        let times = of(&world.results(""), &["response_time_us"]);
        assert_eq!(times, json!([[2], [2], [1], [1], [1]]), "{}", world.register.name);
        assert_eq!(world.roll_up(), 5);
        post("dk_1", &one);
        let beside = world.register.beside();
        let call = beside.request("POST", &world.path()).header("x-pkg-id", "dk_1");
        assert_eq!(call.body("", one.clone()).send().status(), 204);
        assert_eq!((world.roll_up(), world.results("").len()), (0, 5));
    }
}

#[test]
fn a_body_cut_anywhere_is_taken_or_refused_as_a_whole() {
    for world in worlds() {
        let body = line(0, "OK", 1) + &line(1, "FAIL", 2);
        for end in (0..body.len()).step_by(3) {
            let answer = world.call(&world.path(), &body.as_bytes()[..end]).send();
            if answer.status() != 204 {
                check(&answer, 400, "kodo.InvalidLineProtocol");
            }
        }
        // A line that is cut in its time is another line; one that is cut before has no field.
        let statuses: Vec<_> =
            world.results("limit=1000").iter().map(|item| item["status"].clone()).collect();
        assert!(statuses.iter().any(|status| status == "OK"), "{statuses:?}");
    }
}

#[test]
fn what_may_hold_secrets_is_not_kept_anywhere() {
    for world in worlds() {
        let secret = "hunter2-in-an-answer";
        let fields = ["message", "task", "config_vars", "steps", "traceroute", "response_message"];
        let fields = fields.map(|name| format!("{name}=\"{secret}\"")).join(",");
        world.post(&format!("multi_dial_testing,status=OK {fields},response_time=1i 7\n"));
        assert_eq!(world.results("").len(), 1);
        let rows = cadastre_testkit::dump::rows(&world.register.database);
        assert!(rows.iter().any(|row| row.contains("multi_dial_testing")), "{rows:?}");
        let binary = cadastre_testkit::dump::hex_digits(secret.as_bytes());
        assert!(!rows.iter().any(|row| row.contains(secret) || row.contains(&binary)), "{rows:?}");
    }
}

#[test]
fn control_characters_in_tags_and_names_are_no_failure_of_the_server() {
    for world in worlds() {
        let point = line(0, "OK", 7);
        let tags = [
            "datakit_version=1\0x",
            "name=a\0b",
            "other\0name=x",
            "url=http://x/\0",
            "city=a\u{1}b",
        ];
        for (second, tag) in tags.into_iter().enumerate() {
            let point = line(second.try_into().unwrap(), "OK", 7);
            world.post(&point.replacen(",name=a", &format!(",{tag}"), 1));
        }
        for field in ["fail_reason=\"a\0b\"", "message=\"\0\"", "new\0field=1i"] {
            world.post(&point.replacen("response_time", &format!("{field},response_time"), 1));
        }
        let other = world.call(&world.path(), point.replacen("http_dial", "http\0dial", 1)).send();
        assert_eq!(other.status(), 400, "{other:?}");
        let found = world.results("");
        let told = serde_json::to_string(&found).unwrap();
        assert!(!told.contains("\\u0000") && told.contains("1 x"), "{told}");
    }
}
