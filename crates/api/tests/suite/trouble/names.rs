//! Names of regions that were deleted.

use serde_json::{Value, json};

use crate::material::MATERIAL;
use crate::native_maintenance::{plan, run_due, window};
use crate::native_regions::REGIONS;
use crate::native_regions_register::least;
use crate::races::at_once;
use crate::rainbond_fixture::{Fixture, fixtures, full, with};
use crate::support::Answer;

fn register(fixture: &Fixture, key: &str, body: &Value) -> Answer {
    fixture.send(key, &format!("POST {REGIONS}"), body)
}

fn delete(fixture: &Fixture, region: &str) -> Answer {
    let call = fixture.call("{KA}", &format!("DELETE {REGIONS}/{region}?force=true"));
    call.header("if-match", "*").send()
}

/// Registers a region, does to it whatever can be done, and deletes it again; its identifier, and
/// the path of a window that was planned for it.
fn live_and_die(fixture: &Fixture) -> (String, String) {
    let credentials = json!({
        "token": "of the one before", "ca": MATERIAL["ssl_ca_cert"],
        "certificate": MATERIAL["cert_file"], "key": MATERIAL["key_file"],
    });
    let changes = json!({
        "status": "enabled", "labels": {"zone": "east"}, "description": "the one before",
        "credentials": credentials,
    });
    let made = register(fixture, "{KA}", &with(least("again"), &changes));
    assert_eq!(made.status(), 201, "{made:?}");
    let id = made.json()["id"].as_str().unwrap().to_owned();
    let body = json!({"region_id": id, "quota": {"memory_mb": 7}});
    let opened = fixture.send("{KA}", "POST /cadastre/v1/teams/{T}/openings", &body);
    assert_eq!(opened.status(), 201, "{opened:?}");
    let planned = plan(fixture, &window(&id, 1, 2));
    for (request, body) in [
        (format!("PATCH {REGIONS}/{id}"), json!({"alias": "the one before"})),
        (format!("POST {REGIONS}/{id}/status"), json!({"status": "disabled"})),
    ] {
        let done = fixture.call("{KA}", &request).header("if-match", "*").json(&body).send();
        assert_eq!(done.status(), 200, "{done:?}");
    }
    assert_eq!(delete(fixture, &id).status(), 204);
    (id, planned)
}

/// Checks that nothing is told any more of a region and of its window.
fn check_gone(fixture: &Fixture, region: &str, window: String) {
    for gone in [
        window,
        format!("{REGIONS}/{region}"),
        format!("{REGIONS}/{region}/credentials"),
        format!("{REGIONS}/{region}/revisions"),
        format!("{REGIONS}/{region}/revisions/1"),
        format!("{REGIONS}/{region}/openings"),
        format!("/cadastre/v1/teams/{{T}}/openings/{region}"),
    ] {
        let answer = fixture.get("{KA}", &format!("GET {gone}"));
        assert_eq!((answer.status(), &answer.json()["code"]), (404, &json!("not_found")), "{gone}");
    }
}

#[test]
fn a_region_of_a_name_that_was_deleted_has_nothing_of_the_one_before() {
    for fixture in fixtures() {
        let at = fixture.register.name;
        let (before, planned) = live_and_die(&fixture);
        assert_eq!(super::left_of(&fixture, &before), [""; 0], "{at}");
        let body = with(least("again"), &json!({"status": "enabled"}));
        let made = register(&fixture, "{KA}", &body);
        assert_eq!((made.status(), made.header("etag")), (201, "\"1\""), "{at} {made:?}");
        let id = made.json()["id"].as_str().unwrap().to_owned();
        assert_ne!(id, before, "{at}");
        let read = |path: &str| fixture.get("{KA}", &format!("GET {path}")).json();
        let shown = read(&format!("{REGIONS}/{id}"));
        assert_eq!((&shown["labels"], &shown["alias"]), (&json!({}), &json!("again")), "{at}");
        for (list, count) in [("revisions", 1), ("openings", 0), ("certificates", 0)] {
            let told = read(&format!("{REGIONS}/{id}/{list}?total=true"));
            assert_eq!(told["total"], json!(count), "{at} {list} {told}");
        }
        assert_eq!(read(&format!("{REGIONS}/{id}/credentials"))["secrets"], json!([]), "{at}");
        let windows = read(&format!("/cadastre/v1/maintenance?region_id={id}"));
        assert_eq!(windows["items"], json!([]), "{at}");
        check_gone(&fixture, &before, planned);
        // The time of the window comes, and means nobody.
        fixture.register.pass(chrono::TimeDelta::hours(18));
        assert_eq!(run_due(&fixture), 0, "{at}");
        assert_eq!(fixture.stored(&id).region.status.to_string(), "enabled", "{at}");
    }
}

/// One who deletes the region `{wanted}`, and nine of two enterprises who want its name, on both
/// faces.
fn delete_and_want(fixture: &Fixture) -> Vec<Answer> {
    at_once(10, |n| match n {
        0 => delete(fixture, "{wanted}"),
        n if n.is_multiple_of(3) => {
            let body = with(full(), &json!({"region_name": "wanted"}));
            fixture.send("{KA}", "POST /openapi/v1/regions", &body)
        }
        n => register(fixture, ["{KA}", "{KO}"][n % 2], &least("wanted")),
    })
}

#[test]
fn a_name_that_becomes_free_goes_to_one_of_many_who_want_it() {
    for mut fixture in fixtures() {
        for round in 0..6 {
            let at = format!("{round} on {}", fixture.register.name);
            fixture.add_region("{KA}", "wanted", &json!({"status": 2}));
            let answers = delete_and_want(&fixture);
            let (deleted, wanting) = answers.split_first().unwrap();
            assert_eq!(deleted.status(), 204, "{at} {deleted:?}");
            let (mut got, refused): (Vec<_>, Vec<_>) =
                wanting.iter().partition(|one| one.status() == 201);
            for refused in refused {
                let body = refused.json();
                let is_told = match refused.status() {
                    409 => body["code"] == "taken",
                    status => status == 400 && body["err"]["region_name"].is_array(),
                };
                assert!(is_told, "{at} {refused:?}");
            }
            // All may have come before it was free.
            let late = register(&fixture, "{KA}", &least("wanted"));
            assert_eq!(late.status(), if got.is_empty() { 201 } else { 409 }, "{at}");
            got.extend(Some(&late).filter(|late| late.status() == 201));
            let found = fixture.get("{MK}", &format!("GET {REGIONS}?q=wanted&total=true")).json();
            assert_eq!((got.len(), &found["total"]), (1, &json!(1)), "{at}");
            fixture.forget("wanted");
            free(&fixture, &found["items"][0]);
        }
    }
}

/// Deletes a region, whatever its status.
fn free(fixture: &Fixture, region: &Value) {
    let path = format!("{REGIONS}/{}", region["id"].as_str().unwrap());
    let call = fixture.call("{MK}", &format!("POST {path}/status")).header("if-match", "*");
    assert_eq!(call.json(&json!({"status": "disabled"})).send().status(), 200, "{region}");
    let call = fixture.call("{MK}", &format!("DELETE {path}")).header("if-match", "*");
    assert_eq!(call.send().status(), 204, "{region}");
}
