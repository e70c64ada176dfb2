//! Teams on the native face.

use cadastre_domain::role::Role;
use serde_json::{Value, json};

use crate::rainbond_fixture::{Fixture, fixtures};
use crate::support::{Answer, NOW};

const TEAMS: &str = "/cadastre/v1/teams";

fn aliases(list: &Answer) -> Vec<String> {
    let body = list.json();
    let items = body["items"].as_array().unwrap_or_else(|| panic!("{list:?}"));
    items.iter().map(|item| item["alias"].as_str().unwrap().to_owned()).collect()
}

fn change(fixture: &Fixture, path: &str, etag: &str, body: &Value) -> Answer {
    fixture.call("{KA}", &format!("PATCH {path}")).header("if-match", etag).json(body).send()
}

#[test]
fn a_team_is_added_and_changed() {
    for fixture in fixtures() {
        let at = fixture.register.name;
        let body = json!({"alias": "Ops", "name": "ops", "limit_memory_mb": 512});
        let added = fixture.send("{KA}", &format!("POST {TEAMS}"), &body);
        let (id, creator) = (added.json()["id"].clone(), added.json()["creator_id"].clone());
        let path = format!("{TEAMS}/{}", id.as_str().unwrap());
        let mut expected = json!({
            "id": id, "enterprise_id": fixture.fill("{E1}"), "name": "ops", "alias": "Ops",
            "namespace": id, "is_active": true, "limit_memory_mb": 512, "creator_id": creator,
            "created_at": NOW, "updated_at": NOW, "expires_at": null, "version": 1,
        });
        assert_eq!((added.status(), added.json()), (201, expected.clone()), "{at}");
        assert_eq!((added.header("location"), added.header("etag")), (path.as_str(), "\"1\""));
        assert_eq!(fixture.get("{KA}", &format!("GET {path}")).json(), expected, "{at}");

        fixture.register.pass(chrono::TimeDelta::seconds(1));
        expected["updated_at"] = json!("2026-11-22T08:06:56.298602Z");
        for (version, patch, field, value) in [
            (2, json!({"alias": "Operations"}), "alias", json!("Operations")),
            (3, json!({"is_active": false}), "is_active", json!(false)),
            (4, json!({"limit_memory_mb": 64}), "limit_memory_mb", json!(64)),
            (5, json!({"limit_memory_mb": null}), "limit_memory_mb", json!(0)),
        ] {
            let changed = change(&fixture, &path, &format!("\"{}\"", version - 1), &patch);
            expected[field] = value;
            expected["version"] = json!(version);
            assert_eq!((changed.status(), changed.json()), (200, expected.clone()), "{at} {patch}");
            assert_eq!(changed.header("etag"), format!("\"{version}\""), "{at}");
        }
        for nothing in [json!({}), json!({"alias": "Operations"})] {
            let same = change(&fixture, &path, "\"5\"", &nothing);
            assert_eq!((same.status(), same.json()), (200, expected.clone()), "{at} {nothing}");
        }
    }
}

#[test]
fn what_is_wrong_about_a_team_is_named() {
    for fixture in fixtures() {
        let path = fixture.fill(&format!("{TEAMS}/{{T}}"));
        for (patch, pointer, code) in [
            (json!({"alias": null}), "/alias", "null"),
            (json!({"alias": ""}), "/alias", "invalid"),
            (json!({"is_active": null}), "/is_active", "null"),
            (json!({"is_active": 1}), "/is_active", "not_boolean"),
            (json!({"limit_memory_mb": -1}), "/limit_memory_mb", "invalid"),
            (json!({"limit_memory_mb": 2_147_483_648_i64}), "/limit_memory_mb", "invalid"),
            (json!({"limit_memory_mb": "1"}), "/limit_memory_mb", "invalid"),
            (json!({"name": "other"}), "/name", "unknown"),
        ] {
            let answer = change(&fixture, &path, "*", &patch);
            assert_eq!(answer.status(), 400, "{} {patch} {answer:?}", fixture.register.name);
            let error = &answer.json()["errors"][0];
            assert_eq!(
                (&error["pointer"], &error["code"]),
                (&json!(pointer), &json!(code)),
                "{patch}"
            );
        }
        let add = |body: Value| fixture.send("{KA}", &format!("POST {TEAMS}"), &body);
        assert_eq!(add(json!({"alias": "a", "name": "same"})).status(), 201);
        let taken = add(json!({"alias": "b", "name": "same"}));
        assert_eq!((taken.status(), &taken.json()["code"]), (409, &json!("taken")));
    }
}

#[test]
fn teams_are_paged_searched_and_counted_and_a_team_token_sees_its_own() {
    for mut fixture in fixtures() {
        // A technical name, which is drawn at random, holds no hyphen.
        for (key, alias) in [("{KA}", "North-1"), ("{KA}", "Far north-2"), ("{KO}", "north-3")] {
            let added = fixture.send(key, &format!("POST {TEAMS}"), &json!({"alias": alias}));
            assert_eq!(added.status(), 201, "{added:?}");
            fixture.call_it(alias, &added.json()["id"]);
        }
        let list = |key: &str, query: &str| fixture.get(key, &format!("GET {TEAMS}{query}"));
        let at = fixture.register.name;
        assert_eq!(aliases(&list("{KA}", "?q=NORTH-")), ["North-1", "Far north-2"], "{at}");
        let all = list("{MK}", "?q=north-&total=true&limit=2");
        assert_eq!((aliases(&all).len(), &all.json()["total"]), (2, &json!(3)), "{at}");
        let next = all.json()["next"].as_str().unwrap().to_owned();
        let rest = list("{MK}", &format!("?q=north-&limit=2&cursor={next}"));
        assert_eq!(aliases(&rest), ["north-3"], "{at}");

        let member = fixture.register.token(Role::Team, fixture.id("{E1}"), &[fixture.id("{T}")]);
        let seen = list(&member, "?total=true");
        assert_eq!((aliases(&seen), &seen.json()["total"]), (vec!["myteam".into()], &json!(1)));
        assert_eq!(
            list("{KP}", "?total=true").json(),
            json!({"items": [], "next": null, "total": 0})
        );
        let own = fixture.get(&member, &format!("GET {TEAMS}/{{T}}?fields=alias"));
        assert_eq!(own.json(), json!({"alias": "myteam"}), "{at}");
        assert_eq!(fixture.get(&member, &format!("GET {TEAMS}/{{North-1}}")).status(), 404, "{at}");
    }
}

#[test]
fn deleting_a_team_closes_what_is_open_for_it_and_says_so_before() {
    for fixture in fixtures() {
        let at = fixture.register.name;
        let path = fixture.fill(&format!("{TEAMS}/{{T}}"));
        for region in ["{r1}", "{pub}"] {
            let body = json!({"region_id": region});
            let opened = fixture.send("{KA}", &format!("POST {path}/openings"), &body);
            assert_eq!(opened.status(), 201, "{at} {opened:?}");
        }
        let member = fixture.register.token(Role::Team, fixture.id("{E1}"), &[fixture.id("{T}")]);
        let dry = fixture.get("{KA}", &format!("DELETE {path}?dry_run=true"));
        let closed = |region| json!({"team_id": "{T}", "region_id": region, "use": "usable"});
        let expected = json!({"allowed": true, "openings": [closed("{r1}"), closed("{pub}")]});
        let expected: Value = serde_json::from_str(&fixture.fill(&expected.to_string())).unwrap();
        assert_eq!((dry.status(), dry.json()), (200, expected), "{at}");
        assert!(fixture.is_open("{T}", "{r1}"), "{at}: nothing was done");

        let deleted = fixture.call("{KA}", &format!("DELETE {path}")).header("if-match", "\"1\"");
        let deleted = deleted.send();
        assert_eq!((deleted.status(), deleted.text.as_str()), (204, ""), "{at}");
        assert!(!fixture.is_open("{T}", "{r1}") && !fixture.is_open("{T}", "{pub}"), "{at}");
        assert_eq!(fixture.get("{KA}", &format!("GET {path}")).status(), 404, "{at}");
        assert_eq!(aliases(&fixture.get(&member, &format!("GET {TEAMS}"))), Vec::<String>::new());
        let again = fixture.call("{KA}", &format!("DELETE {path}")).header("if-match", "*").send();
        assert_eq!(again.status(), 404, "{at}");

        let entries =
            fixture.get("{KA}", "GET /cadastre/v1/audit?operation=remove_team&outcome=done").json();
        let mut kinds: Vec<_> = entries["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|entry| entry["object_kind"].as_str().unwrap_or_default())
            .filter(|kind| !kind.is_empty())
            .collect();
        kinds.sort_unstable();
        assert_eq!(kinds, ["opening", "opening", "team"], "{at} {entries}");
    }
}
