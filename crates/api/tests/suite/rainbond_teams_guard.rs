//! What a team has in a region: the register has nothing of it, but tells first whether there could
//! be anything.

use cadastre_domain::role::Role;
use serde_json::json;

use crate::rainbond_fixture::{Fixture, change, fixtures, refusal, required, with};
use crate::rainbond_http::framework;

const UNKNOWN: (i64, &str, &str) = (3000, "the region is not found", "集群不存在");
const NO_TEAM: (i64, &str, &str) = (404, "no found team", "团队不存在");
const UNUSABLE: (i64, &str, &str) =
    (2001, "the team is not initialized in the region", "团队未在该集群中初始化");
const METHODS: [&str; 5] = ["GET", "POST", "PUT", "PATCH", "DELETE"];

/// A fixture in which `{r1}`, `{pub}` and `{was}` are open for the team, the last of which is
/// disabled by now, and `{busy}`, which is in maintenance.
fn opened() -> impl Iterator<Item = Fixture> {
    fixtures().map(|mut fixture| {
        for name in ["was", "busy"] {
            fixture.add_region("{KA}", name, &json!({}));
        }
        for name in ["r1", "pub", "was", "busy"] {
            let request = "POST /openapi/v1/teams/{T}/regions";
            let opened = fixture.send("{KA}", request, &json!({"region": name}));
            assert_eq!(opened.status(), 201, "{opened:?}");
        }
        for (region, status) in [("{was}", 2), ("{busy}", 3)] {
            let body = required(with(change(), &json!({"status": status, "scope": "private"})));
            let request = format!("PUT /openapi/v2/manage/regions/{region}");
            assert_eq!(fixture.send("{MK}", &request, &body).status(), 200);
        }
        fixture
    })
}

fn check(fixture: &Fixture, key: &str, place: &str, expected: &(u16, String)) {
    for method in METHODS {
        for rest in ["resource", "apps/1/services", "apps/"] {
            let request = format!("{method} /openapi/v1/teams/{place}/{rest}");
            let answer = fixture.get(key, &request);
            assert_eq!((answer.status(), answer.text), *expected, "{key} {request}");
        }
    }
}

#[test]
fn whoever_asks_is_told_what_stands_against_it_and_else_that_there_is_nothing() {
    let nothing = (404, framework(404, "NotFound", "未找到。"));
    let (unknown, unusable) = ((404, refusal(UNKNOWN)), (409, refusal(UNUSABLE)));
    let no_team = (404, refusal(NO_TEAM));
    for fixture in opened() {
        for (place, expected) in [
            ("{T}/regions/r1", &nothing),
            ("{T-name}/regions/pub", &nothing),
            ("{T}/regions/was", &unusable),
            ("{T}/regions/busy", &unusable),
            ("{T}/regions/r0", &unusable),
            ("{T}/regions/r3", &unusable),
            ("{T}/regions/zz", &unknown),
            ("{T}/regions/a%20b", &unknown),
            ("{T}/regions/{r1}", &unknown),
            ("{T}/regions/foreign", &unknown),
            ("zz/regions/r1", &no_team),
        ] {
            check(&fixture, "{KA}", place, expected);
        }
        check(&fixture, "{MK}", "{T}/regions/foreign", &unknown);
        check(&fixture, "{KO}", "{T}/regions/r1", &no_team);
    }
}

#[test]
fn a_member_is_not_told_of_regions_that_he_does_not_see() {
    let nothing = (404, framework(404, "NotFound", "未找到。"));
    let (unknown, unusable) = ((404, refusal(UNKNOWN)), (409, refusal(UNUSABLE)));
    for mut fixture in opened() {
        fixture.add_region("{KA}", "pub2", &json!({"scope": "public"}));
        fixture.add_token("member", Role::Team, "{E1}", &["{T}"]);
        for (region, expected) in [
            ("r1", &nothing),
            ("busy", &unusable),
            ("pub2", &unusable),
            ("was", &unknown),
            ("r0", &unknown),
            ("r3", &unknown),
            ("zz", &unknown),
        ] {
            check(&fixture, "{member}", &format!("{{T}}/regions/{region}"), expected);
        }
        check(&fixture, "{KP}", "{T}/regions/r1", &(404, refusal(NO_TEAM)));
    }
}

#[test]
fn strangers_are_told_nothing() {
    let refused = (401, framework(401, "AuthenticationFailed", "No token"));
    for fixture in opened() {
        for place in ["{T}/regions/r1", "{T}/regions/zz", "zz/regions/r1"] {
            check(&fixture, "", place, &refused);
        }
    }
}
