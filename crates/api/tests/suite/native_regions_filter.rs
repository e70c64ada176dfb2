//! Regions on the native face: which ones a list shows.

use serde_json::{Value, json};

use crate::certificates::Authority;
use crate::native_regions::{REGIONS, names};
use crate::rainbond_fixture::{Fixture, bare_fixtures};

/// Registers regions that differ in what can be asked for.
fn fill(fixture: &Fixture) {
    let authority = Authority::new("ca");
    let credentials = |year| {
        let until = authority.issue_until("client", (year, 1, 1));
        json!({"certificate": until.pem, "key": until.key})
    };
    for (name, changes) in [
        ("one", json!({"alias": "Überall 区域", "labels": {"zone": "east", "tier": "1"}})),
        ("Two", json!({"status": "enabled", "labels": {"zone": "west"}})),
        ("three", json!({"scope": "public", "labels": {"zone": ""}})),
        ("four", json!({"status": "disabled", "credentials": credentials(2030)})),
        ("50%_off", json!({"status": "disabled", "credentials": credentials(2031)})),
    ] {
        let mut body = json!({"name": name, "addresses": {
            "api_url": "http://h", "websocket_url": "ws://h", "http_domain": "h",
            "tcp_address": "1.2.3.4",
        }});
        for (field, value) in changes.as_object().unwrap() {
            body[field] = value.clone();
        }
        // A name with a sign that names may not have is an alias instead.
        if !name.chars().all(char::is_alphanumeric) {
            body["alias"] = name.into();
            body["name"] = "five".into();
        }
        let made = fixture.send("{KA}", &format!("POST {REGIONS}"), &body);
        assert_eq!(made.status(), 201, "{made:?}");
    }
}

#[test]
fn a_list_shows_what_fits_all_that_is_asked_for() {
    for fixture in bare_fixtures() {
        fill(&fixture);
        for (query, expected) in [
            ("", &["one", "Two", "three", "four", "five"][..]),
            ("status=disabled", &["four", "five"]),
            ("status=maintenance", &[]),
            ("scope=public", &["three"]),
            ("scope=private&status=editing", &["one"]),
            ("label=zone", &["one", "Two", "three"]),
            ("label=zone=east", &["one"]),
            ("label=zone=", &["three"]),
            ("label=zone&label=tier=1", &["one"]),
            ("label=zone=west&label=tier", &[]),
            ("label=Zone", &[]),
            ("q=TWO", &["Two"]),
            ("q=t", &["Two", "three"]),
            ("q=%C3%BCBER", &["one"]),
            ("q=%E5%8C%BA", &["one"]),
            ("q=%25", &["five"]),
            ("q=_", &["five"]),
            ("q=%5C", &[]),
            ("q=", &["one", "Two", "three", "four", "five"]),
            ("expires_before=2030-01-01T00:00:00Z", &[]),
            ("expires_before=2030-01-01T00:00:01Z", &["four"]),
            ("expires_before=2031-01-01T08:00:01%2B08:00", &["four", "five"]),
            ("expires_before=9999-12-31T23:59:59Z&q=V", &["five"]),
        ] {
            let list = fixture.get("{KA}", &format!("GET {REGIONS}?total=true&{query}"));
            assert_eq!(names(&list), expected, "{query}");
            assert_eq!(list.json()["total"], expected.len(), "{query}");
        }
    }
}

#[test]
fn pages_of_what_fits_follow_each_other() {
    for fixture in bare_fixtures() {
        fill(&fixture);
        let page = |cursor: &str| -> Value {
            let query = format!("label=zone&limit=1&fields=id,name{cursor}");
            fixture.get("{KA}", &format!("GET {REGIONS}?{query}")).json()
        };
        let mut cursor = String::new();
        for name in ["one", "Two"] {
            let found = page(&cursor);
            let (item, next) = (&found["items"][0], found["next"].as_str().unwrap());
            assert_eq!(item["name"], name);
            assert!(next.starts_with(item["id"].as_str().unwrap()), "{found}");
            cursor = format!("&cursor={next}");
        }
        let last = page(&cursor);
        assert_eq!((&last["items"][0]["name"], &last["next"]), (&"three".into(), &Value::Null));
    }
}
