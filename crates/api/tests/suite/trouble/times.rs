//! Times that are over, and times at the end of all calendars.

use serde_json::{Value, json};

use super::kept;
use crate::certificates::Authority;
use crate::native_credentials_change::{material, replace};
use crate::native_maintenance::{extend, plan, window};
use crate::native_regions::{names, wrong_fields};
use crate::rainbond_fixture::{Fixture, fixtures, with};
use crate::support::NOW;

const WINDOWS: &str = "POST /cadastre/v1/maintenance";
const TOKENS: &str = "POST /cadastre/v1/tokens";
const LAST: &str = "9999-12-31T23:59:59.999999Z";

/// Times that have more digits, or none, where the year is told in UTC.
const BEYOND: [&str; 6] = [
    "9999-12-31T23:59:59-00:01",
    "9999-12-31T23:59:60Z",
    "0000-01-01T00:00:00+00:01",
    "10000-01-01T00:00:00Z",
    "+10000-01-01T00:00:00Z",
    "-0001-01-01T00:00:00Z",
];

#[test]
fn a_window_that_has_passed_is_neither_planned_nor_moved_there() {
    for fixture in fixtures() {
        let planned = plan(&fixture, &window("{r1}", 1, 2));
        let before = kept(&fixture);
        let (old, older) = ("2020-01-02T00:00:00Z", "2020-01-01T00:00:00Z");
        for (times, field) in [
            (json!({"starts_at": older, "ends_at": old}), "/starts_at"),
            (json!({"starts_at": "0000-01-01T00:00:00Z"}), "/starts_at"),
            (json!({"starts_at": older}), "/starts_at"),
            (json!({"starts_at": NOW, "ends_at": NOW}), "/ends_at"),
        ] {
            let refused = fixture.send("{KA}", WINDOWS, &with(window("{r2}", 1, 2), &times));
            assert_eq!(wrong_fields(&refused), [(field.into(), "invalid".into())], "{times}");
        }
        for ends_at in [old, NOW] {
            let refused = extend(&fixture, &planned, "*", &json!({"ends_at": ends_at}));
            assert_eq!(wrong_fields(&refused), [("/ends_at".into(), "invalid".into())]);
        }
        assert_eq!(kept(&fixture), before, "{}", fixture.register.name);
    }
}

#[test]
fn a_time_that_is_not_in_four_digits_is_refused_everywhere() {
    for fixture in fixtures() {
        let planned = plan(&fixture, &window("{r1}", 1, 2));
        let before = kept(&fixture);
        for time in BEYOND {
            let token = json!({"name": "n", "role": "viewer", "expires_at": time});
            let start = with(window("{r2}", 1, 2), &json!({"starts_at": time}));
            let end = with(window("{r2}", 1, 2), &json!({"ends_at": time}));
            for (request, body, field) in [
                (TOKENS, token, "/expires_at"),
                (WINDOWS, start, "/starts_at"),
                (WINDOWS, end, "/ends_at"),
            ] {
                let refused = fixture.send("{KA}", request, &body);
                assert_eq!(wrong_fields(&refused), [(field.into(), "invalid".into())], "{time}");
            }
            let refused = extend(&fixture, &planned, "*", &json!({"ends_at": time}));
            assert_eq!(wrong_fields(&refused), [("/ends_at".into(), "invalid".into())], "{time}");
            let time = time.replace('+', "%2B");
            for (list, filter) in [
                ("regions", "expires_before"),
                ("certificates", "expires_before"),
                ("audit", "since"),
                ("audit", "until"),
            ] {
                let path = format!("GET /cadastre/v1/{list}?{filter}={time}");
                let refused = fixture.get("{KA}", &path);
                let expected = [(format!("/{filter}"), "invalid".into())];
                assert_eq!(wrong_fields(&refused), expected, "{path}");
            }
        }
        assert_eq!(kept(&fixture), before, "{}", fixture.register.name);
    }
}

/// The names of the regions whose own certificates a list shows, in its order.
fn certified(fixture: &Fixture, query: &str) -> Vec<String> {
    let path = format!("GET /cadastre/v1/certificates?{query}");
    let answer = fixture.get("{KA}", &path);
    assert_eq!(answer.status(), 200, "{path} {answer:?}");
    let items = answer.json()["items"].as_array().unwrap().clone();
    let own = items.iter().filter(|item| item["certificate"]["part"] == "certificate");
    own.map(|item| item["region_name"].as_str().unwrap().to_owned()).collect()
}

fn check_filters(fixture: &Fixture) {
    for (time, expected) in [
        ("9999-12-30T23:59:59Z", &["r2"][..]),
        ("9999-12-31T00:00:00Z", &["r2"]),
        ("9999-12-31T23:59:59Z", &["r2", "r1"]),
        (LAST, &["r2", "r1"]),
    ] {
        assert_eq!(certified(fixture, &format!("expires_before={time}")), expected, "{time}");
        let path = format!("GET /cadastre/v1/regions?expires_before={time}");
        let mut found = names(&fixture.get("{KA}", &path));
        found.sort_by_key(|name| expected.iter().position(|expected| expected == name));
        assert_eq!(found, expected, "{time}");
    }
    let count = |query: &str| {
        let path = format!("GET /cadastre/v1/audit?total=true&limit=1&{query}");
        fixture.get("{MK}", &path).json()["total"].as_i64().unwrap()
    };
    assert_eq!(count(&format!("since={LAST}")), 0);
    assert_eq!(count(&format!("until={LAST}")), count(""));
}

#[test]
fn the_end_of_the_year_9999_is_a_time_like_any_other() {
    let authority = Authority::until("authority", (9999, 12, 31));
    for mut fixture in fixtures() {
        let at = fixture.register.name;
        for (region, year) in [("{r1}", 9999), ("{r2}", 2030)] {
            let own = authority.issue_until("own", (year, 12, 31));
            replace(&fixture, region, &material(&authority, &own));
        }
        let shown = fixture.get("{KA}", "GET /cadastre/v1/regions/{r1}").json();
        assert_eq!(shown["certificates_expire_at"], json!("9999-12-31T00:00:00Z"), "{at}");
        check_filters(&fixture);
        let pages =
            crate::pages::walk(&fixture, "{KA}", "/cadastre/v1/certificates", "limit=1", || {});
        assert_eq!(
            (pages.len(), certified(&fixture, "")),
            (4, vec!["r2".into(), "r1".into()]),
            "{at}"
        );

        let body = json!({"name": "n", "role": "viewer", "expires_at": LAST});
        let made = fixture.send("{KA}", TOKENS, &body);
        assert_eq!(made.status(), 201, "{at} {made:?}");
        fixture.call_it("forever", &made.json()["secret"]);
        let id = made.json()["id"].as_str().unwrap().to_owned();
        let told = fixture.get("{KA}", &format!("GET /cadastre/v1/tokens/{id}")).json();
        assert_eq!((&told["expires_at"], &told["state"]), (&json!(LAST), &json!("live")), "{at}");
        let listed = fixture.get("{KA}", "GET /cadastre/v1/tokens").json();
        let has: Vec<&Value> = listed["items"].as_array().unwrap().iter().collect();
        assert!(has.contains(&&told), "{at}");
        assert_eq!(fixture.get("{forever}", "GET /cadastre/v1/regions").status(), 200, "{at}");
    }
}
