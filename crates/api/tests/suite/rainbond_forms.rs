//! Bodies that are forms mean the same as JSON.

use serde_json::{Value, json};

use crate::rainbond_fixture::{Fixture, change, fixtures, full, with};
use crate::support::Answer;

/// The fields of a body, all as text.
fn pairs(body: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    body.as_object().unwrap().iter().map(|(name, value)| (name.clone(), text(value))).collect()
}

fn send_form(fixture: &Fixture, key: &str, request: &str, body: &Value) -> Answer {
    let filled = serde_json::from_str(&fixture.fill(&body.to_string())).unwrap();
    let form = serde_urlencoded::to_string(pairs(&filled)).unwrap();
    fixture.call(key, request).body("application/x-www-form-urlencoded", form).send()
}

fn send_parts(fixture: &Fixture, key: &str, request: &str, body: &Value) -> Answer {
    use std::fmt::Write as _;
    let mut text = String::new();
    for (name, value) in pairs(body) {
        let value = fixture.fill(&value);
        write!(text, "--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
            .unwrap();
    }
    text.push_str("--b--\r\n");
    fixture.call(key, request).body("multipart/form-data; boundary=b", text).send()
}

/// A way to send a body, with a key and a request.
type Way = fn(&Fixture, &str, &str, &Value) -> Answer;

/// The ways to send a form.
const WAYS: [Way; 2] = [send_form, send_parts];

#[test]
fn a_region_is_added_by_a_form() {
    for fixture in fixtures() {
        for (way, name) in WAYS.into_iter().zip(["a", "b"]) {
            let extra = json!({"region_name": name, "desc": "a b+c&d=e é 区", "token": "t%20 t"});
            let added = way(&fixture, "{KA}", "POST /openapi/v1/regions", &with(full(), &extra));
            assert_eq!(added.status(), 201, "{}: {added:?}", fixture.register.name);
            assert_eq!(with(added.json(), &extra), added.json());
            assert_eq!(added.json()["status"], "1");
        }
    }
}

#[test]
fn a_region_is_changed_by_a_form() {
    for fixture in fixtures() {
        for (way, desc) in WAYS.into_iter().zip(["first", ""]) {
            let body =
                with(change(), &json!({"desc": desc, "ssl_ca_cert": "", "wsurl": " ws://h "}));
            let changed = way(&fixture, "{MK}", "PUT /openapi/v2/manage/regions/{r1}", &body);
            assert_eq!(changed.status(), 200, "{}: {changed:?}", fixture.register.name);
            let expected = json!({"desc": desc, "ssl_ca_cert": null, "wsurl": "ws://h"});
            assert_eq!(with(changed.json(), &expected), changed.json());
        }
    }
}

#[test]
fn a_region_is_opened_by_a_form() {
    for fixture in fixtures() {
        for (way, region) in WAYS.into_iter().zip(["r1", "pub"]) {
            let body = json!({"region": region, "other": "x"});
            let opened = way(&fixture, "{KA}", "POST /openapi/v1/teams/{T}/regions", &body);
            assert_eq!(opened.status(), 201, "{}: {opened:?}", fixture.register.name);
            assert!(fixture.is_open("{T}", &format!("{{{region}}}")));
        }
    }
}

#[test]
fn a_team_is_created_by_a_form() {
    for fixture in fixtures() {
        for way in WAYS {
            let body = json!({"tenant_name": "团队 1"});
            let made = way(&fixture, "{KA}", "POST /openapi/v1/teams", &body);
            assert_eq!(made.status(), 201, "{}: {made:?}", fixture.register.name);
            assert_eq!(made.json()["tenant_alias"], "团队 1");
        }
    }
}

#[test]
fn wrong_fields_of_a_form_are_told_as_those_of_json() {
    let wrong =
        with(full(), &json!({"url": "bad", "status": "9", "scope": "", "region_name": " "}));
    for fixture in fixtures() {
        let expected = fixture.send("{KA}", "POST /openapi/v1/regions", &wrong);
        assert_eq!(expected.status(), 400);
        for way in WAYS {
            let answer = way(&fixture, "{KA}", "POST /openapi/v1/regions", &wrong);
            assert_eq!((answer.status(), answer.text), (400, expected.text.clone()));
        }
    }
}

#[test]
fn a_form_that_does_not_parse_is_refused() {
    let kind = "multipart/form-data; boundary=b";
    let part = "--b\r\nContent-Disposition: form-data; name=\"region\"\r\n\r\nr1\r\n";
    for fixture in fixtures() {
        for (kind, body) in [
            ("application/x-www-form-urlencoded", "region=r1&region=r1".to_owned()),
            (kind, format!("{part}{part}--b--\r\n")),
            (kind, part.to_owned()),
            (kind, "nothing".to_owned()),
            ("multipart/form-data", format!("{part}--b--\r\n")),
        ] {
            let call = fixture.call("{KA}", "POST /openapi/v1/teams/{T}/regions");
            let answer = call.body(kind, body.clone()).send();
            let at = format!("{kind} {body:?} on {}", fixture.register.name);
            assert_eq!(answer.status(), 400, "{at}: {answer:?}");
            assert_eq!(answer.json()["error_type"], "ParseError", "{at}");
            assert!(!fixture.is_open("{T}", "{r1}"), "{at}");
        }
    }
}
