//! Regions on the native face, as members of teams see them.

use cadastre_domain::role::Role;
use serde_json::json;

use crate::native_regions::{REGIONS, names};
use crate::rainbond_fixture::{Fixture, fixtures};

/// What a key sees of a region, one by one and in the list, which must be the same.
fn sees(fixture: &Fixture, key: &str, region: &str) -> bool {
    let shown = fixture.get(key, &format!("GET {REGIONS}/{{{region}}}"));
    let listed = names(&fixture.get(key, &format!("GET {REGIONS}")));
    let listed = listed.iter().any(|name| name == region);
    assert_eq!(shown.status(), if listed { 200 } else { 404 }, "{region} by {key}: {shown:?}");
    listed
}

fn set_status(fixture: &Fixture, region: &str, status: &str) {
    let call = fixture.call("{KA}", &format!("POST {REGIONS}/{{{region}}}/status"));
    let set = call.header("if-match", "*").json(&json!({"status": status})).send();
    assert_eq!(set.status(), 200, "{set:?}");
}

fn open(fixture: &Fixture, region: &str) {
    let body = json!({"region": region});
    let opened = fixture.send("{KA}", "POST /openapi/v1/teams/{T}/regions", &body);
    assert_eq!(opened.status(), 201, "{opened:?}");
}

/// The fixture with a token `{member}` of the team `{T}`, and `{lone}` of no team.
fn fixtures_with_members() -> impl Iterator<Item = Fixture> {
    fixtures().map(|mut fixture| {
        fixture.add_token("member", Role::Team, "{E1}", &["{T}"]);
        fixture.add_token("lone", Role::Team, "{E1}", &[]);
        fixture
    })
}

#[test]
fn members_see_what_is_open_for_their_team_and_what_is_public() {
    for fixture in fixtures_with_members() {
        for region in ["r0", "r1", "r2", "r3", "foreign"] {
            assert!(!sees(&fixture, "{member}", region), "{region}");
        }
        assert!(sees(&fixture, "{member}", "pub") && sees(&fixture, "{lone}", "pub"));
        open(&fixture, "r1");
        assert!(sees(&fixture, "{member}", "r1") && !sees(&fixture, "{lone}", "r1"));
        let list = fixture.get("{member}", &format!("GET {REGIONS}?total=true&limit=1"));
        assert_eq!(list.json()["total"], 2);
        assert_eq!(names(&list), ["r1"]);
    }
}

#[test]
fn members_see_a_region_only_while_it_is_enabled_or_in_maintenance() {
    for fixture in fixtures_with_members() {
        open(&fixture, "r1");
        for region in ["r1", "pub"] {
            for (status, seen) in [
                ("maintenance", true),
                ("enabled", true),
                ("disabled", false),
                ("editing", false),
                ("enabled", true),
            ] {
                set_status(&fixture, region, status);
                assert_eq!(sees(&fixture, "{member}", region), seen, "{region} {status}");
                assert!(sees(&fixture, "{KA}", region), "{region} {status}");
            }
        }
    }
}

#[test]
fn a_region_that_members_do_not_see_has_no_good_copies_either() {
    for fixture in fixtures_with_members() {
        let ask = |tag: &str| {
            let call = fixture.call("{member}", &format!("GET {REGIONS}/{{r1}}"));
            call.header("if-none-match", tag).send().status()
        };
        assert_eq!((ask("\"1\""), ask("*")), (404, 404));
        open(&fixture, "r1");
        assert_eq!((ask("\"1\""), ask("*")), (304, 304));
        set_status(&fixture, "r1", "disabled");
        assert_eq!((ask("\"2\""), ask("*")), (404, 404));
    }
}
