//! `DELETE /openapi/v2/manage/regions/{region_id}`: when it may be, and what goes with a region.

use serde_json::json;

use crate::material::MATERIAL;
use crate::rainbond_fixture::{Fixture, bare_fixtures, fixtures, with};
use crate::support::Answer;

fn delete(fixture: &Fixture, region: &str, query: &str) -> Answer {
    fixture.get("{MK}", &format!("DELETE /openapi/v2/manage/regions/{region}{query}"))
}

fn switch(fixture: &Fixture, region: &str, status: &str) {
    let request = format!("PUT /openapi/v1/regions/{region}/status");
    let answer = fixture.send("{KA}", &request, &json!({"status": status}));
    assert_eq!(answer.status(), 200, "{answer:?}");
}

/// Adds a region in this status, open for the team `{T}` or not.
fn add(fixture: &mut Fixture, name: &str, status: &str, open: bool) {
    fixture.add_region("{KA}", name, &json!({}));
    if open {
        let body = json!({"region": name});
        let opened = fixture.send("{KA}", "POST /openapi/v1/teams/{T}/regions", &body);
        assert_eq!(opened.status(), 201, "{opened:?}");
    }
    if status == "NOTREADY" {
        switch(fixture, &format!("{{{name}}}"), "OFFLINE");
    }
    switch(fixture, &format!("{{{name}}}"), status);
}

const ENABLED: &str = "集群处于启用状态，请先停用后再删除";
const MAINTENANCE: &str = "集群正在维护中，不能删除";
const OPEN: &str = "仍有 1 个团队开通了此集群，请先关闭或使用 force=true 强制删除";

/// For each status: what is said about a region that no team has open, about one that a team has
/// open, and about that one when it is forced.
const RULES: [(&str, [Option<&str>; 3]); 4] = [
    ("NOTREADY", [None, None, None]),
    ("ONLINE", [Some(ENABLED), Some(ENABLED), Some(ENABLED)]),
    ("OFFLINE", [None, Some(OPEN), None]),
    ("MAINTAIN", [Some(MAINTENANCE), Some(MAINTENANCE), Some(MAINTENANCE)]),
];

#[test]
fn a_region_is_deleted_when_the_rules_allow_it_and_otherwise_the_reason_is_told() {
    for mut fixture in fixtures() {
        for (status, rules) in RULES {
            for (place, (open, query)) in
                [(false, ""), (true, ""), (true, "?force=true")].into_iter().enumerate()
            {
                let name = format!("{status}{place}");
                add(&mut fixture, &name, status, open);
                let answer = delete(&fixture, &format!("{{{name}}}"), query);
                let at = format!("{status} {open} {query} on {}", fixture.register.name);
                let stays = fixture.listed("{KA}").contains(&name);
                if let Some(reason) = rules[place] {
                    assert_eq!(answer.text, json!({"msg": reason}).to_string(), "{at}");
                    assert_eq!((answer.status(), stays), (400, true), "{at}");
                    assert_eq!(fixture.is_open("{T}", &format!("{{{name}}}")), open, "{at}");
                } else {
                    assert_eq!(answer.status(), 200, "{at}: {answer:?}");
                    assert_eq!(answer.json()["region_name"], name, "{at}");
                    assert!(!stays && !fixture.is_open("{T}", &format!("{{{name}}}")), "{at}");
                }
            }
        }
    }
}

#[test]
fn only_force_true_is_force() {
    for mut fixture in fixtures() {
        add(&mut fixture, "r", "OFFLINE", true);
        for query in ["?force=1", "?force=True", "?force", "?Force=true", "?force=true&force=false"]
        {
            let answer = delete(&fixture, "{r}", query);
            assert_eq!(
                (answer.status(), answer.json()["msg"].clone()),
                (400, json!(OPEN)),
                "{query}"
            );
        }
        assert_eq!(delete(&fixture, "{r}", "?force=true").status(), 200);
    }
}

#[test]
fn a_deleted_region_is_shown_a_last_time_and_then_nowhere() {
    let given = with(MATERIAL.clone(), &json!({"token": "tk", "status": 2}));
    for mut fixture in bare_fixtures() {
        fixture.add_region("{KA}", "safe", &given);
        let shown = fixture.get("{MK}", "GET /openapi/v2/manage/regions/{safe}").text;
        let deleted = delete(&fixture, "{safe}", "");
        assert_eq!((deleted.status(), deleted.text), (200, shown));
        let entry = &fixture.entries("delete_managed_region")[0];
        let (object, revealed) = (entry.object_id.clone(), entry.revealed.as_str());
        assert_eq!((object, revealed), (Some(fixture.fill("{safe}")), "token,key"));

        let gone = r#"{"msg":"修改的数据中心不存在"}"#;
        let again = delete(&fixture, "{safe}", "");
        assert_eq!((again.status(), again.text.as_str()), (404, gone));
        for request in [
            "GET /openapi/v1/regions/safe",
            "GET /openapi/v1/regions/{safe}",
            "GET /openapi/v2/manage/regions/{safe}",
        ] {
            assert_eq!(fixture.get("{MK}", request).status(), 404, "{request}");
        }
        assert!(fixture.listed("{KA}").is_empty(), "{}", fixture.register.name);
    }
}

#[test]
fn a_name_is_free_again_and_nothing_of_the_region_before_comes_back() {
    for mut fixture in fixtures() {
        add(&mut fixture, "again", "OFFLINE", true);
        let before = fixture.fill("{again}");
        assert_eq!(delete(&fixture, "{again}", "?force=true").status(), 200);
        fixture.forget("again");
        add(&mut fixture, "again", "ONLINE", false);
        assert_ne!(fixture.fill("{again}"), before);
        assert!(!fixture.is_open("{T}", "{again}"), "{}", fixture.register.name);
        let found = fixture.get("{MK}", "GET /openapi/v1/regions/again").json();
        assert_eq!(found["key_file"], json!(null), "{}", fixture.register.name);
    }
}

#[test]
fn an_unknown_region_is_told_as_published() {
    for fixture in fixtures() {
        for region in ["zz", "r2", "0123456789abcdef0123456789abcdef", "{T}"] {
            for query in ["", "?force=true"] {
                let answer = delete(&fixture, region, query);
                let expected = r#"{"msg":"修改的数据中心不存在"}"#;
                assert_eq!((answer.status(), answer.text.as_str()), (404, expected), "{region}");
            }
        }
        assert_eq!(fixture.listed("{KA}").len(), 5, "{}", fixture.register.name);
    }
}

#[test]
fn openings_that_go_with_a_region_are_told_in_the_audit() {
    for mut fixture in fixtures() {
        fixture.add_team("{KA}", "V");
        fixture.add_region("{KA}", "wide", &json!({}));
        for team in ["T", "V"] {
            let request = format!("POST /openapi/v1/teams/{{{team}}}/regions");
            let opened = fixture.send("{KA}", &request, &json!({"region": "wide"}));
            assert_eq!(opened.status(), 201, "{opened:?}");
        }
        switch(&fixture, "{wide}", "OFFLINE");
        let refused = delete(&fixture, "{wide}", "").json();
        assert_eq!(refused["msg"], OPEN.replace('1', "2"), "{}", fixture.register.name);
        assert_eq!(delete(&fixture, "{wide}", "?force=true").status(), 200);
        let entries = fixture.entries("delete_managed_region");
        let told = |kind: &str| {
            let of_kind = entries.iter().filter(|entry| {
                entry.outcome == "done" && entry.object_kind.as_deref() == Some(kind)
            });
            of_kind.count()
        };
        assert_eq!((told("region"), told("opening")), (1, 2), "{}", fixture.register.name);
    }
}
