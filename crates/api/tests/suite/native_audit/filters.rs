//! Which entries are listed.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{AUDIT, items};
use crate::problems::{Wrong, check_wrong};
use crate::rainbond_fixture::{Fixture, REGIONS, SOMEWHERE};
use crate::support::registers_with;

/// Registers in which several have done several things, from several addresses, at several times: a
/// second lies between two of them.
fn histories() -> impl Iterator<Item = Fixture> {
    let trusting = registers_with(|options| {
        options.door.trusted_proxies = Some("127.0.0.1".to_owned());
    });
    trusting.map(|register| {
        let mut fixture = Fixture::bare(register, SOMEWHERE);
        fixture.add_region("{KA}", "secretive", &json!({"token": "a token of a cluster"}));
        let acts = [
            ("{KA}", "POST /cadastre/v1/users", json!({"name": "ann"})),
            ("{KA}", "POST /cadastre/v1/users", json!({"name": "ann"})),
            ("{KO}", "POST /cadastre/v1/users", json!({"name": "otto"})),
            ("{MK}", "POST /cadastre/v1/users", json!({"name": "eve", "enterprise_id": "{E2}"})),
            ("{KX}", "GET /openapi/v1/regions", json!({})),
            ("wrong", "GET /cadastre/v1/tokens", json!({})),
            ("{KP}", "POST /openapi/v1/regions", json!({})),
            ("{KA}", "GET /cadastre/v1/regions/{secretive}/credentials", json!({})),
            ("{MK}", "GET /cadastre/v1/regions/{secretive}/credentials", json!({})),
            ("{KA}", "POST /cadastre/v1/tokens", json!({"name": "n", "role": "viewer"})),
        ];
        for (number, (key, request, body)) in acts.iter().enumerate() {
            fixture.register.pass(TimeDelta::seconds(1));
            let from = format!("192.0.2.{}", number % 3);
            let call = fixture.call(key, request).header("x-forwarded-for", &from);
            let body = fixture.fill(&body.to_string());
            call.body("application/json", body).send();
        }
        fixture
    })
}

/// A filter: the parameters, and which entries fit.
type Filter = (String, Box<dyn Fn(&Value) -> bool>);

/// Filters for what entries tell of themselves: one of each kind for each value that there is.
fn filters(all: &[Value]) -> Vec<Filter> {
    let mut filters = Vec::<Filter>::new();
    let names = [
        "enterprise_id",
        "token_id",
        "user_id",
        "operation",
        "outcome",
        "object_kind",
        "object_id",
        "address",
    ];
    for name in names {
        let mut values: Vec<_> = all.iter().map(|entry| entry[name].clone()).collect();
        values.sort_by_key(Value::to_string);
        values.dedup();
        values.retain(|value| !value.is_null());
        assert!(values.len() > 1, "entries differ in {name}");
        for value in values {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            let fits = move |entry: &Value| entry[name] == value;
            filters.push((format!("{name}={text}"), Box::new(fits)));
        }
    }
    let is_reveal = |entry: &Value| !entry["revealed"].as_array().unwrap().is_empty();
    filters.push(("revealed=true".to_owned(), Box::new(is_reveal)));
    filters.push(("revealed=false".to_owned(), Box::new(|_| true)));
    for at in all.iter().map(|entry| entry["at"].as_str().unwrap().to_owned()) {
        let (since, until) = (at.clone(), at.clone());
        let not_before = move |entry: &Value| entry["at"].as_str().unwrap() >= since.as_str();
        filters.push((format!("since={at}"), Box::new(not_before)));
        let before = move |entry: &Value| entry["at"].as_str().unwrap() < until.as_str();
        filters.push((format!("until={at}"), Box::new(before)));
    }
    filters
}

#[test]
fn every_filter_lists_the_entries_that_fit_and_no_others() {
    for fixture in histories() {
        let all = items(&fixture, "{MK}", "");
        for (query, fits) in filters(&all) {
            let expected: Vec<_> = all.iter().filter(|entry| fits(entry)).cloned().collect();
            assert_eq!(items(&fixture, "{MK}", &query), expected, "{query}");
        }
        // PostgreSQL does not read NUL, which nothing contains.
        let nul = ["operation", "object_kind", "object_id", "address"]
            .into_iter()
            .flat_map(|name| ["%00", "a%00b"].map(|text| format!("{name}={text}")));
        let nothing = ["operation=create", "object_id=x", "address=192.0.2.9", "user_id=0"];
        for nothing in nothing.map(str::to_owned).into_iter().chain(nul) {
            let nothing = nothing.as_str();
            assert_eq!(items(&fixture, "{MK}", nothing), [] as [Value; 0], "{nothing}");
        }
    }
}

#[test]
fn filters_work_together_and_page_by_page() {
    for fixture in histories() {
        let all = items(&fixture, "{MK}", "");
        let filters = filters(&all);
        for (first, fits_first) in filters.iter().step_by(5) {
            for (second, fits_second) in filters.iter().step_by(3) {
                if first.split('=').next() == second.split('=').next() {
                    continue;
                }
                let fits = |entry: &&Value| fits_first(entry) && fits_second(entry);
                let expected: Vec<_> = all.iter().filter(fits).cloned().collect();
                let query = format!("{first}&{second}");
                assert_eq!(items(&fixture, "{MK}", &query), expected, "{query}");
            }
        }
        let refused = "outcome=refused&object_kind=path";
        let pages =
            crate::pages::walk(&fixture, "{MK}", AUDIT, &format!("{refused}&limit=1"), || {});
        assert_eq!(pages.concat(), items(&fixture, "{MK}", refused));
        assert_eq!(pages.len(), 2);
    }
}

#[test]
fn an_admin_lists_the_entries_of_his_enterprise_and_of_no_other() {
    for fixture in histories() {
        let all = items(&fixture, "{MK}", "");
        for (key, own, other) in [("{KA}", "{E1}", "{E2}"), ("{KO}", "{E2}", "{E1}")] {
            let (own, other) = (fixture.fill(own), fixture.fill(other));
            let is_own = |entry: &&Value| entry["enterprise_id"] == own;
            let expected: Vec<_> = all.iter().filter(is_own).cloned().collect();
            assert!(!expected.is_empty() && expected.len() < all.len());
            assert_eq!(items(&fixture, key, ""), expected, "{key}");
            assert_eq!(items(&fixture, key, &format!("enterprise_id={own}")), expected, "{key}");
            let foreign = fixture.get(key, &format!("GET {AUDIT}?enterprise_id={other}"));
            assert_eq!(
                (foreign.status(), foreign.text.as_str()),
                (200, r#"{"items":[],"next":null}"#)
            );
            // Nobody known belongs to no enterprise: only the platform sees who tried.
            let strangers = items(&fixture, key, "outcome=sign_in_failed");
            assert!(strangers.iter().all(|entry| entry["token_id"].is_string()), "{key}");
        }
        assert_eq!(items(&fixture, "{MK}", "outcome=sign_in_failed").len(), 2);
    }
}

#[test]
fn a_filter_that_does_not_parse_is_refused_and_all_that_do_not_are_told() {
    const ID: &str = "an identifier has 32 digits of 0-9 and a-f";
    const TIME: &str = "must be a time as 2026-11-24T08:00:00Z";
    let invalid = |pointer, detail| -> Wrong { (pointer, "invalid", detail) };
    let cases = [
        ("enterprise_id=x", vec![invalid("/enterprise_id", ID)]),
        ("token_id=", vec![invalid("/token_id", ID)]),
        ("user_id=ann", vec![invalid("/user_id", "invalid digit found in string")]),
        ("outcome=Done", vec![invalid("/outcome", "must be done, refused or sign_in_failed")]),
        ("revealed=1", vec![invalid("/revealed", "must be true or false")]),
        ("since=today", vec![invalid("/since", TIME)]),
        ("until=2026-11-24", vec![invalid("/until", TIME)]),
        (
            "until=x&limit=0&who=me&since=y",
            vec![
                invalid("/limit", "must be a number from 1 to 1000"),
                invalid("/since", TIME),
                invalid("/until", TIME),
                ("/who", "unknown", "there is no such field"),
            ],
        ),
        (
            "operation=a&operation=b",
            vec![("/operation", "repeated", "must not be given more than once")],
        ),
    ];
    for fixture in histories() {
        for (query, wrong) in &cases {
            let answer = fixture.get("{KA}", &format!("GET {AUDIT}?{query}"));
            check_wrong(&answer, wrong, query);
        }
        // Times of other zones are the same moments.
        let utc = items(&fixture, "{KA}", "since=2026-11-22T08:07:00Z");
        assert_eq!(items(&fixture, "{KA}", "since=2026-11-22T09:07:00%2B01:00"), utc);
        assert!(!utc.is_empty());
        assert_eq!(fixture.get("{KA}", &format!("GET {REGIONS}")).status(), 200);
    }
}
