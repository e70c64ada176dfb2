//! Enterprises on the native face.

use serde_json::{Value, json};

use crate::rainbond_fixture::{Fixture, bare_fixtures};
use crate::support::{Answer, NOW};

const ENTERPRISES: &str = "/cadastre/v1/enterprises";

fn add(fixture: &Fixture, name: &str) -> Answer {
    fixture.send("{MK}", &format!("POST {ENTERPRISES}"), &json!({"name": name}))
}

fn names(list: &Answer) -> Vec<String> {
    let body = list.json();
    let items = body["items"].as_array().unwrap_or_else(|| panic!("{list:?}"));
    items.iter().map(|item| item["name"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn an_enterprise_is_added_and_renamed_and_each_step_is_noted() {
    for fixture in bare_fixtures() {
        let at = fixture.register.name;
        let added = add(&fixture, "Example");
        let id = added.json()["id"].as_str().unwrap().to_owned();
        let expected = json!({
            "id": id, "name": "Example", "workspace": format!("wksp_{id}"),
            "created_at": NOW, "updated_at": NOW, "version": 1,
        });
        assert_eq!((added.status(), added.json()), (201, expected.clone()), "{at}");
        assert_eq!(added.header("etag"), "\"1\"", "{at}");
        let path = added.header("location").to_owned();
        assert_eq!(path, format!("{ENTERPRISES}/{id}"), "{at}");
        let shown = fixture.get("{MK}", &format!("GET {path}"));
        assert_eq!((shown.json(), shown.header("etag")), (expected, "\"1\""), "{at}");

        fixture.register.pass(chrono::TimeDelta::seconds(1));
        let renamed = fixture
            .call("{MK}", &format!("PATCH {path}"))
            .header("if-match", "\"1\"")
            .body("application/merge-patch+json", json!({"name": "Other"}).to_string())
            .send();
        let expected = json!({
            "id": id, "name": "Other", "workspace": format!("wksp_{id}"),
            "created_at": NOW, "updated_at": "2026-11-22T08:06:56.298602Z", "version": 2,
        });
        assert_eq!((renamed.status(), renamed.json()), (200, expected.clone()), "{at}");
        assert_eq!(renamed.header("etag"), "\"2\"", "{at}");
        assert_eq!(fixture.get("{MK}", &format!("GET {path}")).json(), expected, "{at}");

        let audit = format!("GET /cadastre/v1/audit?object_kind=enterprise&object_id={id}");
        let entries = fixture.get("{MK}", &audit).json();
        let told: Vec<_> = entries["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|entry| entry["operation"].as_str().unwrap())
            .collect();
        assert_eq!(told, ["rename_enterprise", "create_enterprise"], "{at}");
    }
}

#[test]
fn renaming_to_the_same_name_changes_nothing() {
    for fixture in bare_fixtures() {
        let path = fixture.fill(&format!("PATCH {ENTERPRISES}/{{E1}}"));
        for body in [json!({"name": "default"}), json!({})] {
            let call = fixture.call("{KA}", &path).header("if-match", "*").json(&body);
            let renamed = call.send();
            assert_eq!(renamed.status(), 200, "{renamed:?}");
            assert_eq!(renamed.header("etag"), "\"1\"", "{}", fixture.register.name);
        }
    }
}

#[test]
fn a_name_that_is_taken_or_no_name_is_refused() {
    for fixture in bare_fixtures() {
        let at = fixture.register.name;
        let taken = add(&fixture, "other");
        assert_eq!((taken.status(), &taken.json()["code"]), (409, &json!("taken")), "{at}");
        let path = fixture.fill(&format!("PATCH {ENTERPRISES}/{{E1}}"));
        let rename =
            |body: &Value| fixture.call("{MK}", &path).header("if-match", "*").json(body).send();
        let taken = rename(&json!({"name": "other"}));
        assert_eq!((taken.status(), &taken.json()["code"]), (409, &json!("taken")), "{at}");
        for (wrong, code) in [
            (json!({"name": ""}), "invalid"),
            (json!({"name": null}), "null"),
            (json!({"name": 7}), "not_text"),
            (json!({"name": "a\nb"}), "invalid"),
            (json!({"name": "x".repeat(65)}), "invalid"),
        ] {
            for answer in
                [fixture.send("{MK}", &format!("POST {ENTERPRISES}"), &wrong), rename(&wrong)]
            {
                assert_eq!(answer.status(), 400, "{at} {wrong} {answer:?}");
                let errors = &answer.json()["errors"];
                let found = (&errors[0]["pointer"], &errors[0]["code"]);
                assert_eq!(found, (&json!("/name"), &json!(code)), "{at} {wrong}");
            }
        }
    }
}

#[test]
fn enterprises_are_paged_searched_counted_and_cut_down() {
    for fixture in bare_fixtures() {
        let at = fixture.register.name;
        for name in ["North", "north-2", "South"] {
            assert_eq!(add(&fixture, name).status(), 201, "{at}");
        }
        let list = |query: &str| fixture.get("{MK}", &format!("GET {ENTERPRISES}{query}"));
        assert_eq!(names(&list("")), ["default", "other", "North", "north-2", "South"], "{at}");
        let first = list("?q=NORTH&limit=1&total=true");
        assert_eq!((names(&first), &first.json()["total"]), (vec!["North".into()], &json!(2)));
        let next = first.json()["next"].as_str().unwrap().to_owned();
        let second = list(&format!("?q=NORTH&limit=1&total=true&cursor={next}"));
        assert_eq!((names(&second), &second.json()["total"]), (vec!["north-2".into()], &json!(2)));
        assert_eq!(second.json()["next"], json!(null), "{at}");
        let cut = list("?q=south&fields=name,version").json();
        let expected = json!({"items": [{"name": "South", "version": 1}], "next": null});
        assert_eq!(cut, expected, "{at}");
    }
}

#[test]
fn for_all_but_the_platform_there_is_only_the_own_enterprise() {
    for fixture in bare_fixtures() {
        for (key, name) in [("{KA}", "default"), ("{KP}", "default"), ("{KO}", "other")] {
            let list = fixture.get(key, &format!("GET {ENTERPRISES}?total=true"));
            assert_eq!(names(&list), [name], "{} {key}", fixture.register.name);
            assert_eq!(list.json()["total"], json!(1), "{} {key}", fixture.register.name);
            let none = fixture.get(key, &format!("GET {ENTERPRISES}?q=nothing&total=true"));
            assert_eq!(none.json(), json!({"items": [], "next": null, "total": 0}));
        }
    }
}
