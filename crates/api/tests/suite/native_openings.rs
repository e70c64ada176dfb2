//! Openings on the native face.

use cadastre_domain::role::Role;
use serde_json::{Value, json};

use crate::rainbond_fixture::{Fixture, fixtures};
use crate::support::{Answer, NOW};

const OF_T: &str = "/cadastre/v1/teams/{T}/openings";
const LATER: &str = "2026-11-22T08:06:56.298602Z";

fn open(fixture: &Fixture, key: &str, body: &Value) -> Answer {
    fixture.send(key, &format!("POST {OF_T}"), body)
}

fn change(fixture: &Fixture, etag: &str, body: &Value) -> Answer {
    let call = fixture.call("{KA}", &format!("PATCH {OF_T}/{{r1}}")).header("if-match", etag);
    call.body("application/merge-patch+json", body.to_string()).send()
}

/// An opening of `{r1}` for `{T}`.
fn opening(fixture: &Fixture, memory: i64, cpu: i64, updated_at: &str, version: i64) -> Value {
    json!({
        "team_id": fixture.fill("{T}"), "region_id": fixture.fill("{r1}"),
        "quota": {"memory_mb": memory, "cpu_millicores": cpu},
        "created_at": NOW, "updated_at": updated_at, "version": version,
    })
}

/// Has the region opened for `{T}` whatever its status is: by the time that it was enabled.
fn open_anyway(fixture: &Fixture, region: &str, status: &str) {
    let path = format!("/cadastre/v1/regions/{region}/status");
    let switch = |to: &str| {
        let call = fixture.call("{KA}", &format!("POST {path}")).header("if-match", "*");
        let switched = call.json(&json!({"status": to})).send();
        assert!(switched.status() < 300, "{region} {to}: {switched:?}");
    };
    switch("enabled");
    let opened = open(fixture, "{KA}", &json!({"region_id": fixture.fill(region)}));
    assert_eq!(opened.status(), 201, "{region}: {opened:?}");
    if status == "editing" {
        switch("disabled");
    }
    switch(status);
}

#[test]
fn a_region_is_opened_once_with_its_quota() {
    for fixture in fixtures() {
        let at = fixture.register.name;
        let body = json!({"region_id": "{r1}", "quota": {"memory_mb": 512}});
        let first = open(&fixture, "{KA}", &body);
        let expected = opening(&fixture, 512, 0, NOW, 1);
        assert_eq!((first.status(), first.json()), (201, expected.clone()), "{at}");
        let path = fixture.fill(&format!("{OF_T}/{{r1}}"));
        assert_eq!((first.header("location"), first.header("etag")), (path.as_str(), "\"1\""));

        fixture.register.pass(chrono::TimeDelta::seconds(1));
        let other = json!({"region_id": "{r1}", "quota": {"cpu_millicores": 9}});
        let again = open(&fixture, "{KA}", &other);
        assert_eq!((again.status(), again.json()), (200, expected.clone()), "{at}: as it is");
        assert_eq!((again.header("location"), again.header("etag")), ("", "\"1\""), "{at}");
        let shown = fixture.get("{KA}", &format!("GET {path}"));
        assert_eq!((shown.json(), shown.header("etag")), (expected, "\"1\""), "{at}");
        let audit = "GET /cadastre/v1/audit?operation=create_opening";
        assert_eq!(fixture.get("{KA}", audit).json()["items"].as_array().unwrap().len(), 1, "{at}");
    }
}

#[test]
fn a_quota_is_changed_part_by_part() {
    for fixture in fixtures() {
        let at = fixture.register.name;
        let body = json!({"region_id": "{r1}", "quota": {"memory_mb": 1, "cpu_millicores": 2}});
        assert_eq!(open(&fixture, "{KA}", &body).status(), 201, "{at}");
        fixture.register.pass(chrono::TimeDelta::seconds(1));
        for (version, patch, memory, cpu) in [
            (2, json!({"quota": {"memory_mb": 3}}), 3, 2),
            (3, json!({"quota": {"cpu_millicores": null}}), 3, 0),
            (4, json!({"quota": {"memory_mb": 0, "cpu_millicores": 5}}), 0, 5),
            (5, json!({"quota": {"memory_mb": 2_147_483_647}}), 2_147_483_647, 5),
            (6, json!({"quota": null}), 0, 0),
        ] {
            let changed = change(&fixture, &format!("\"{}\"", version - 1), &patch);
            let expected = opening(&fixture, memory, cpu, LATER, version);
            assert_eq!((changed.status(), changed.json()), (200, expected), "{at} {patch}");
            assert_eq!(changed.header("etag"), format!("\"{version}\""), "{at} {patch}");
        }
        for nothing in [json!({}), json!({"quota": {}}), json!({"quota": {"memory_mb": 0}})] {
            let same = change(&fixture, "\"6\"", &nothing);
            let expected = opening(&fixture, 0, 0, LATER, 6);
            assert_eq!((same.status(), same.json()), (200, expected), "{at} {nothing}");
        }
    }
}

#[test]
fn what_is_wrong_about_a_quota_is_named() {
    for fixture in fixtures() {
        for (quota, pointer, code) in [
            (json!({"memory_mb": -1}), "/quota/memory_mb", "invalid"),
            (json!({"memory_mb": 2_147_483_648_i64}), "/quota/memory_mb", "invalid"),
            (json!({"cpu_millicores": "1"}), "/quota/cpu_millicores", "invalid"),
            (json!({"cpu_millicores": 1.5}), "/quota/cpu_millicores", "invalid"),
            (json!({"disk": 1}), "/quota/disk", "unknown"),
            (json!(7), "/quota", "invalid"),
        ] {
            let body = json!({"region_id": "{r1}", "quota": quota});
            let answer = open(&fixture, "{KA}", &body);
            assert_eq!(answer.status(), 400, "{} {quota}", fixture.register.name);
            let error = &answer.json()["errors"][0];
            assert_eq!(
                (&error["pointer"], &error["code"]),
                (&json!(pointer), &json!(code)),
                "{quota}"
            );
        }
        assert!(!fixture.is_open("{T}", "{r1}"), "{}", fixture.register.name);
        let answer = open(&fixture, "{KA}", &json!({}));
        assert_eq!(answer.json()["errors"][0]["pointer"], json!("/region_id"));
    }
}

#[test]
fn only_an_enabled_region_is_opened() {
    for fixture in fixtures() {
        for (region, status) in [("{r0}", 409), ("{r1}", 201), ("{r2}", 409), ("{r3}", 409)] {
            let opened = open(&fixture, "{KA}", &json!({"region_id": region}));
            assert_eq!(opened.status(), status, "{} {region}", fixture.register.name);
            if status == 409 {
                assert_eq!(opened.json()["code"], json!("opening_refused"), "{region}");
                assert!(!fixture.is_open("{T}", region), "{region}");
            }
        }
    }
}

#[test]
fn what_is_open_for_a_team_is_told_with_what_it_is_worth() {
    for fixture in fixtures() {
        let at = fixture.register.name;
        let statuses = [
            ("{r0}", "editing", "kept"),
            ("{r1}", "enabled", "usable"),
            ("{r2}", "disabled", "not_usable"),
            ("{r3}", "maintenance", "marked"),
        ];
        for (region, status, _) in statuses {
            open_anyway(&fixture, region, status);
        }
        let list = |key: &str, query: &str| fixture.get(key, &format!("GET {OF_T}{query}"));
        let item = |(region, status, worth): (&str, &str, &str)| {
            json!({
                "team_id": fixture.fill("{T}"), "region_id": fixture.fill(region),
                "quota": {"memory_mb": 0, "cpu_millicores": 0}, "created_at": NOW,
                "updated_at": NOW, "version": 1, "use": worth,
                "region": {"name": region.trim_matches(['{', '}']), "alias": "a", "status": status},
            })
        };
        let all = json!({"items": statuses.map(item), "next": null, "total": 4});
        assert_eq!(list("{KA}", "?total=true").json(), all, "{at}");

        // Members see what teams see.
        let member = fixture.register.token(Role::Team, fixture.id("{E1}"), &[fixture.id("{T}")]);
        let seen = [item(statuses[1]), item(statuses[3])];
        let seen = json!({"items": seen, "next": null, "total": 2});
        assert_eq!(list(&member, "?total=true").json(), seen, "{at}");
        for (region, status) in [("{r0}", 404), ("{r1}", 200), ("{r2}", 404), ("{r3}", 200)] {
            let shown = fixture.get(&member, &format!("GET {OF_T}/{region}"));
            assert_eq!(shown.status(), status, "{at} {region}");
        }

        let first = list("{KA}", "?limit=3&fields=use").json();
        let uses = json!([{"use": "kept"}, {"use": "usable"}, {"use": "not_usable"}]);
        assert_eq!(first["items"], uses, "{at}");
        let next = first["next"].as_str().unwrap();
        let rest = list("{KA}", &format!("?limit=3&fields=use&cursor={next}")).json();
        assert_eq!(rest, json!({"items": [{"use": "marked"}], "next": null}), "{at}");
        let found = list("{KA}", "?q=R2&fields=use&total=true").json();
        assert_eq!(found, json!({"items": [{"use": "not_usable"}], "next": null, "total": 1}));
    }
}

#[test]
fn the_teams_of_a_region_are_told_page_by_page() {
    for mut fixture in fixtures() {
        fixture.add_team("{KA}", "V");
        for team in ["{T}", "{V}"] {
            let path = format!("POST /cadastre/v1/teams/{team}/openings");
            let opened = fixture.send("{KA}", &path, &json!({"region_id": "{r1}"}));
            assert_eq!(opened.status(), 201, "{opened:?}");
        }
        let item = |team: &str, name: &str| {
            json!({
                "team_id": fixture.fill(team), "region_id": fixture.fill("{r1}"),
                "quota": {"memory_mb": 0, "cpu_millicores": 0}, "created_at": NOW,
                "updated_at": NOW, "version": 1,
                "team": {"name": fixture.fill(name), "alias": "myteam"},
            })
        };
        let path = "GET /cadastre/v1/regions/{r1}/openings";
        let first = fixture.get("{KA}", &format!("{path}?limit=1&total=true")).json();
        assert_eq!(first["items"], json!([item("{T}", "{T-name}")]), "{}", fixture.register.name);
        assert_eq!(first["total"], json!(2));
        let next = first["next"].as_str().unwrap();
        let rest = fixture.get("{KA}", &format!("{path}?limit=1&cursor={next}")).json();
        assert_eq!(rest, json!({"items": [item("{V}", "{V-name}")], "next": null}));
    }
}

#[test]
fn closing_says_before_what_it_affects_and_is_noted() {
    for fixture in fixtures() {
        let at = fixture.register.name;
        assert_eq!(open(&fixture, "{KA}", &json!({"region_id": "{r1}"})).status(), 201, "{at}");
        let path = format!("DELETE {OF_T}/{{r1}}");
        let dry = fixture.get("{KA}", &format!("{path}?dry_run=true"));
        let expected = json!({"allowed": true, "openings": [{
            "team_id": fixture.fill("{T}"), "region_id": fixture.fill("{r1}"), "use": "usable",
        }]});
        assert_eq!((dry.status(), dry.json()), (200, expected), "{at}");
        assert!(fixture.is_open("{T}", "{r1}"), "{at}: nothing was done");
        let closed = fixture.call("{KA}", &path).header("if-match", "\"1\"").send();
        assert_eq!((closed.status(), closed.text.as_str()), (204, ""), "{at}");
        assert!(!fixture.is_open("{T}", "{r1}"), "{at}");
        for gone in [&path, &format!("{path}?dry_run=true"), &path.replace("DELETE", "GET")] {
            let answer = fixture.call("{KA}", gone).header("if-match", "*").send();
            assert_eq!(
                (answer.status(), &answer.json()["code"]),
                (404, &json!("not_found")),
                "{gone}"
            );
        }
        let entries = fixture.get("{KA}", "GET /cadastre/v1/audit?operation=close_opening").json();
        let done: Vec<_> = entries["items"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|entry| entry["outcome"] == json!("done"))
            .collect();
        assert_eq!(done.len(), 1, "{at} {entries}");
        assert_eq!(done[0]["object_kind"], json!("opening"), "{at}");
    }
}
