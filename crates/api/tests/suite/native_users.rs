//! Users on the native face.

use serde_json::json;

use crate::rainbond_fixture::{Fixture, bare_fixtures};
use crate::support::{Answer, NOW};

const USERS: &str = "/cadastre/v1/users";

fn add(fixture: &Fixture, key: &str, name: &str) -> Answer {
    fixture.send(key, &format!("POST {USERS}"), &json!({"name": name}))
}

fn names(list: &Answer) -> Vec<String> {
    let body = list.json();
    let items = body["items"].as_array().unwrap_or_else(|| panic!("{list:?}"));
    items.iter().map(|item| item["name"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_user_is_added_and_renamed_and_tokens_go_on_acting_for_it() {
    for fixture in bare_fixtures() {
        let at = fixture.register.name;
        let added = add(&fixture, "{KA}", "ann");
        let id = added.json()["id"].as_i64().unwrap();
        let enterprise = fixture.fill("{E1}");
        let expected = json!({
            "id": id, "name": "ann", "enterprise_id": enterprise,
            "created_at": NOW, "updated_at": NOW, "version": 1,
        });
        assert_eq!((added.status(), added.json()), (201, expected.clone()), "{at}");
        let path = format!("{USERS}/{id}");
        assert_eq!((added.header("location"), added.header("etag")), (path.as_str(), "\"1\""));
        assert_eq!(fixture.get("{KA}", &format!("GET {path}")).json(), expected, "{at}");
        let token = json!({"name": "t", "role": "viewer", "user": "ann"});
        let token = fixture.send("{KA}", "POST /cadastre/v1/tokens", &token).json();
        assert_eq!(token["user_id"], json!(id), "{at}");

        fixture.register.pass(chrono::TimeDelta::seconds(1));
        let call = fixture.call("{KA}", &format!("PATCH {path}")).header("if-match", "\"1\"");
        let renamed = call.json(&json!({"name": "eve"})).send();
        let expected = json!({
            "id": id, "name": "eve", "enterprise_id": enterprise,
            "created_at": NOW, "updated_at": "2026-11-22T08:06:56.298602Z", "version": 2,
        });
        assert_eq!((renamed.status(), renamed.json()), (200, expected), "{at}");
        let path = format!("GET /cadastre/v1/tokens/{}", token["id"].as_str().unwrap());
        assert_eq!(fixture.get("{KA}", &path).json()["user_id"], json!(id), "{at}");
        // The old name is free again.
        assert_eq!(add(&fixture, "{KA}", "ann").status(), 201, "{at}");
    }
}

#[test]
fn a_name_is_taken_in_its_enterprise_only() {
    for fixture in bare_fixtures() {
        let at = fixture.register.name;
        assert_eq!(add(&fixture, "{KA}", "ann").status(), 201, "{at}");
        assert_eq!(add(&fixture, "{KO}", "ann").status(), 201, "{at}");
        let taken = add(&fixture, "{KA}", "ann");
        assert_eq!((taken.status(), &taken.json()["code"]), (409, &json!("taken")), "{at}");
        let other = add(&fixture, "{KA}", "eve").header("location").to_owned();
        let call = fixture.call("{KA}", &format!("PATCH {other}")).header("if-match", "*");
        let taken = call.json(&json!({"name": "ann"})).send();
        assert_eq!((taken.status(), &taken.json()["code"]), (409, &json!("taken")), "{at}");
        assert_eq!(fixture.get("{KA}", &format!("GET {other}")).json()["name"], json!("eve"));
    }
}

#[test]
fn users_are_paged_searched_counted_and_cut_down() {
    for fixture in bare_fixtures() {
        let at = fixture.register.name;
        for (key, name) in [("{KA}", "Zoe 1"), ("{KO}", "zoe 2"), ("{KA}", "zoe 3")] {
            assert_eq!(add(&fixture, key, name).status(), 201, "{at}");
        }
        let list = |key: &str, query: &str| fixture.get(key, &format!("GET {USERS}{query}"));
        let own = list("{KA}", "?q=ZOE&total=true");
        assert_eq!(
            (names(&own), &own.json()["total"]),
            (vec!["Zoe 1".into(), "zoe 3".into()], &json!(2))
        );
        let all = list("{MK}", "?q=zoe&total=true&limit=2");
        assert_eq!(
            (names(&all), &all.json()["total"]),
            (vec!["Zoe 1".into(), "zoe 2".into()], &json!(3))
        );
        let next = all.json()["next"].as_str().unwrap().to_owned();
        let rest = list("{MK}", &format!("?q=zoe&limit=2&cursor={next}"));
        assert_eq!(names(&rest), ["zoe 3"], "{at}");
        let cut = list("{KA}", "?q=zoe%203&fields=name").json();
        assert_eq!(cut, json!({"items": [{"name": "zoe 3"}], "next": null}), "{at}");
    }
}
