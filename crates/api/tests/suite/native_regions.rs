//! Regions on the native face: reading one, and reading all page by page.

use serde_json::{Value, json};

use crate::rainbond_fixture::{Fixture, fixtures, with};
use crate::support::{Answer, NOW};

/// The path of the regions.
pub const REGIONS: &str = "/cadastre/v1/regions";

/// The body that shows a region of the fixture.
pub fn region(fixture: &Fixture, name: &str, status: &str) -> Value {
    let (id, enterprise) = (fixture.fill(&format!("{{{name}}}")), fixture.fill("{E1}"));
    json!({
        "id": id, "enterprise_id": enterprise, "name": name, "alias": "a",
        "addresses": {
            "api_url": "https://127.0.0.1:18080", "websocket_url": "ws://127.0.0.1:6060",
            "http_domain": "h.example.com", "tcp_address": "1.2.3.4",
        },
        "scope": "private", "status": status, "description": "d", "labels": {},
        "certificates_expire_at": null, "created_at": NOW, "updated_at": NOW, "version": 1,
    })
}

/// The five regions of the enterprise of the fixture, the oldest first.
fn all(fixture: &Fixture) -> Vec<Value> {
    let public = with(region(fixture, "pub", "enabled"), &json!({"scope": "public"}));
    let others = [("r0", "editing"), ("r1", "enabled"), ("r2", "disabled"), ("r3", "maintenance")];
    let others = others.map(|(name, status)| region(fixture, name, status));
    others.into_iter().chain([public]).collect()
}

/// The names of the regions on a page.
pub fn names(answer: &Answer) -> Vec<String> {
    assert_eq!(answer.status(), 200, "{answer:?}");
    let name = |item: &Value| item["name"].as_str().unwrap().to_owned();
    answer.json()["items"].as_array().unwrap().iter().map(name).collect()
}

/// A refusal with these wrong fields, as far as it is the same each time.
pub fn wrong_fields(answer: &Answer) -> Vec<(String, String)> {
    assert_eq!(answer.status(), 400, "{answer:?}");
    assert_eq!(answer.header("content-type"), "application/problem+json");
    let body = answer.json();
    assert_eq!(body["code"], "invalid_fields", "{body}");
    let text = |error: &Value, name: &str| error[name].as_str().unwrap().to_owned();
    let errors = body["errors"].as_array().unwrap().iter();
    errors.map(|error| (text(error, "pointer"), text(error, "code"))).collect()
}

#[test]
fn a_region_is_shown_whole_and_without_its_credentials() {
    for fixture in fixtures() {
        for key in ["{MK}", "{KA}"] {
            let shown = fixture.get(key, &format!("GET {REGIONS}/{{r1}}"));
            assert_eq!(shown.status(), 200, "{shown:?}");
            assert_eq!(shown.text, region(&fixture, "r1", "enabled").to_string());
            assert_eq!(shown.header("content-type"), "application/json");
            assert_eq!(shown.header("etag"), "\"1\"");
            assert_eq!(shown.header("cache-control"), "private, no-cache");
        }
        for nobodys in ["{foreign}", "0123456789abcdef0123456789abcdef", "r1", "x", "%00"] {
            let none = fixture.get("{KA}", &format!("GET {REGIONS}/{nobodys}"));
            assert_eq!(none.status(), 404, "{none:?}");
            assert_eq!(none.json()["code"], "not_found");
        }
    }
}

#[test]
fn a_copy_that_is_still_good_is_not_sent_again() {
    for fixture in fixtures() {
        let ask = |tags: &str| {
            let call = fixture.call("{KA}", &format!("GET {REGIONS}/{{r1}}"));
            call.header("if-none-match", tags).send()
        };
        for good in ["\"1\"", "W/\"1\"", "\"x\", \"1\"", "*"] {
            let answer = ask(good);
            assert_eq!((answer.status(), answer.text.as_str()), (304, ""), "{good}: {answer:?}");
            assert_eq!(answer.header("etag"), "\"1\"");
        }
        for other in ["\"2\"", "1", "\"\"", "\"1"] {
            assert_eq!(ask(other).status(), 200, "{other}");
        }
        let edited = fixture
            .call("{KA}", &format!("PATCH {REGIONS}/{{r1}}"))
            .header("if-match", "\"1\"")
            .json(&json!({"alias": "new"}))
            .send();
        assert_eq!(edited.status(), 200, "{edited:?}");
        let answer = ask("\"1\"");
        assert_eq!((answer.status(), answer.header("etag")), (200, "\"2\""));
        assert_eq!(answer.json()["alias"], "new");
    }
}

#[test]
fn a_list_shows_the_regions_of_the_enterprise_and_to_the_platform_all() {
    for fixture in fixtures() {
        let list = fixture.get("{KA}", &format!("GET {REGIONS}"));
        let expected = json!({"items": all(&fixture), "next": null});
        assert_eq!((list.status(), list.text.clone()), (200, expected.to_string()));
        assert_eq!(names(&fixture.get("{KO}", &format!("GET {REGIONS}"))), ["foreign"]);
        let everywhere = names(&fixture.get("{MK}", &format!("GET {REGIONS}?total=true")));
        assert_eq!(everywhere, ["r0", "r1", "r2", "r3", "pub", "foreign"]);
    }
}

#[test]
fn pages_follow_each_other_and_count_only_when_asked_to() {
    for fixture in fixtures() {
        let all = all(&fixture);
        let (mut found, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = fixture.get("{KA}", &format!("GET {REGIONS}?total=true&limit=2{cursor}"));
            let body = page.json();
            assert_eq!(body["total"], 5, "{body}");
            found.extend(body["items"].as_array().unwrap().clone());
            match body["next"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        assert_eq!(found, all);
        let exact = fixture.get("{KA}", &format!("GET {REGIONS}?limit=5"));
        assert_eq!(exact.json(), json!({"items": all, "next": null}));
        // A place in the list stays one when its region is gone.
        let first = fixture.get("{KA}", &format!("GET {REGIONS}?limit=1")).json();
        let gone = first["next"].as_str().unwrap();
        fixture.call("{KA}", &format!("DELETE {REGIONS}/{{r0}}")).header("if-match", "*").send();
        let rest = fixture.get("{KA}", &format!("GET {REGIONS}?cursor={gone}"));
        assert_eq!(names(&rest), ["r1", "r2", "r3", "pub"]);
    }
}

#[test]
fn a_page_has_a_tag_that_changes_with_what_is_on_it() {
    for fixture in fixtures() {
        let ask = |tag: &str| {
            let call = fixture.call("{KA}", &format!("GET {REGIONS}?limit=2"));
            call.header("if-none-match", tag).send()
        };
        let first = ask("\"none\"");
        let tag = first.header("etag").to_owned();
        let again = ask(&tag);
        assert_eq!((again.status(), again.text.as_str(), again.header("etag")), (304, "", &*tag));
        let edit = |region: &str| {
            let call = fixture.call("{KA}", &format!("PATCH {REGIONS}/{region}"));
            let edited = call.header("if-match", "*").json(&json!({"alias": "new"})).send();
            assert_eq!(edited.status(), 200, "{edited:?}");
        };
        edit("{r3}");
        assert_eq!(ask(&tag).status(), 304, "another page changed");
        edit("{r1}");
        let changed = ask(&tag);
        assert_eq!(changed.status(), 200);
        assert_ne!(changed.header("etag"), tag);
        assert_eq!(changed.json()["items"][1]["alias"], "new");
    }
}

#[test]
fn only_the_fields_that_are_asked_for_are_shown() {
    for fixture in fixtures() {
        let some = fixture.get("{KA}", &format!("GET {REGIONS}?limit=1&fields=version,name"));
        let next = some.json()["next"].clone();
        assert!(next.as_str().is_some_and(|next| next.starts_with(&fixture.fill("{r0}."))));
        assert_eq!(
            some.text,
            json!({"items": [{"name": "r0", "version": 1}], "next": next}).to_string()
        );
        let one = fixture.get("{KA}", &format!("GET {REGIONS}/{{r1}}?fields=status"));
        assert_eq!((one.text.as_str(), one.header("etag")), (r#"{"status":"enabled"}"#, "\"1\""));
    }
}

#[test]
fn wrong_parameters_are_refused_one_by_one() {
    for fixture in fixtures() {
        for (query, pointer, code) in [
            ("limit=0", "/limit", "invalid"),
            ("limit=1001", "/limit", "invalid"),
            ("limit=x", "/limit", "invalid"),
            ("cursor=x", "/cursor", "invalid"),
            ("cursor=0123456789ABCDEF0123456789abcdef", "/cursor", "invalid"),
            ("total=1", "/total", "invalid"),
            ("status=1", "/status", "invalid"),
            ("scope=all", "/scope", "invalid"),
            ("label=", "/label", "invalid"),
            ("label=-x", "/label", "invalid"),
            ("label=a&label=b%0A=c", "/label", "invalid"),
            ("expires_before=tomorrow", "/expires_before", "invalid"),
            ("fields=id,secret", "/fields", "invalid"),
            ("fields=", "/fields", "invalid"),
            ("status=enabled&status=enabled", "/status", "repeated"),
            ("Status=enabled", "/Status", "unknown"),
        ] {
            let refused = fixture.get("{KA}", &format!("GET {REGIONS}?{query}"));
            assert_eq!(wrong_fields(&refused), [(pointer.to_owned(), code.to_owned())], "{query}");
        }
        let refused = fixture.get("{KA}", &format!("GET {REGIONS}/{{r1}}?limit=1"));
        assert_eq!(wrong_fields(&refused), [("/limit".to_owned(), "unknown".to_owned())]);
    }
}
