//! Windows of maintenance on the native face: planning, listing, extending and calling off.

use cadastre_api::service::maintenance;
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::native_regions::wrong_fields;
use crate::rainbond_fixture::{Fixture, fixtures, with};
use crate::support::Answer;

const WINDOWS: &str = "/cadastre/v1/maintenance";

/// The day after that of the tests, at this hour.
pub fn at(hour: u32) -> String {
    format!("2026-11-23T{hour:02}:00:00Z")
}

/// A window from one hour of that day to another.
pub fn window(region: &str, from: u32, to: u32) -> Value {
    json!({
        "region_id": region, "starts_at": at(from), "ends_at": at(to), "owner": "ops",
        "reason": "new switches",
    })
}

/// Plans a window, which must be possible; its path.
pub fn plan(fixture: &Fixture, body: &Value) -> String {
    plan_by(fixture, "{KA}", body)
}

/// The same, by another caller.
pub fn plan_by(fixture: &Fixture, key: &str, body: &Value) -> String {
    let answer = fixture.send(key, &format!("POST {WINDOWS}"), body);
    assert_eq!(answer.status(), 201, "{answer:?}");
    answer.header("location").to_owned()
}

/// A window as it is now.
pub fn read(fixture: &Fixture, path: &str) -> Value {
    let answer = fixture.get("{KA}", &format!("GET {path}"));
    assert_eq!(answer.status(), 200, "{answer:?}");
    assert_eq!(answer.header("etag"), format!("\"{}\"", answer.json()["version"]));
    answer.json()
}

/// The state and the note of a window.
pub fn state(fixture: &Fixture, path: &str) -> (String, String) {
    let window = read(fixture, path);
    let text = |name: &str| window[name].as_str().unwrap().to_owned();
    (text("state"), text("note"))
}

/// The status of a region.
pub fn status(fixture: &Fixture, region: &str) -> String {
    fixture.stored(region).region.status.to_string()
}

/// Does what is due, as servers do by themselves; how many windows began or ended.
pub fn run_due(fixture: &Fixture) -> usize {
    let (app, now) = (fixture.register.app.clone(), fixture.register.app.clock.now());
    let due = async move { maintenance::run_due(&app, now).await };
    actix_web::rt::System::new().block_on(due).unwrap()
}

pub fn extend(fixture: &Fixture, path: &str, tag: &str, body: &Value) -> Answer {
    let call = fixture.call("{KA}", &format!("PATCH {path}"));
    call.header("if-match", tag).json(body).send()
}

pub fn cancel(fixture: &Fixture, path: &str, tag: &str) -> Answer {
    fixture.call("{KA}", &format!("POST {path}/cancel")).header("if-match", tag).send()
}

#[test]
fn a_window_is_planned_and_told_whole() {
    for fixture in fixtures() {
        let made = fixture.send("{KA}", &format!("POST {WINDOWS}"), &window("{r1}", 1, 2));
        let id = made.json()["id"].as_str().unwrap().to_owned();
        let expected = json!({
            "id": id, "region_id": fixture.fill("{r1}"), "enterprise_id": fixture.fill("{E1}"),
            "starts_at": at(1), "ends_at": at(2), "owner": "ops", "reason": "new switches",
            "state": "planned", "note": "", "created_at": "2026-11-22T08:06:55.298602Z",
            "updated_at": "2026-11-22T08:06:55.298602Z", "version": 1,
        });
        assert_eq!((made.status(), made.header("etag")), (201, "\"1\""));
        assert_eq!(made.header("location"), format!("{WINDOWS}/{id}"));
        assert_eq!(
            (&made.json(), &read(&fixture, made.header("location"))),
            (&expected, &expected)
        );
        let copy = fixture.call("{KA}", &format!("GET {WINDOWS}/{id}"));
        assert_eq!(copy.header("if-none-match", "\"1\"").send().status(), 304);
        let some = fixture.get("{KA}", &format!("GET {WINDOWS}/{id}?fields=state,version"));
        assert_eq!(some.json(), json!({"state": "planned", "version": 1}));
        assert_eq!(status(&fixture, "{r1}"), "enabled");
        let entries =
            fixture.get("{KA}", "GET /cadastre/v1/audit?operation=plan_maintenance_window");
        let entry = entries.json()["items"][0].clone();
        assert_eq!(
            (&entry["object_kind"], &entry["object_id"]),
            (&"maintenance_window".into(), &id.into())
        );
    }
}

#[test]
fn a_time_that_cannot_be_is_refused_naming_the_field() {
    for fixture in fixtures() {
        for (changes, field) in [
            (json!({"ends_at": at(1)}), "/ends_at"),
            (json!({"ends_at": at(0)}), "/ends_at"),
            (json!({"starts_at": "2026-11-22T08:05:55Z"}), "/starts_at"),
            (
                json!({"starts_at": "2020-01-01T00:00:00Z", "ends_at": "2020-01-02T00:00:00Z"}),
                "/starts_at",
            ),
            (
                json!({"starts_at": "9999-12-30T00:00:00Z", "ends_at": "9999-12-31T00:00:00Z"}),
                "/starts_at",
            ),
            (json!({"ends_at": "9999-12-31T23:59:59Z"}), "/ends_at"),
            (json!({"ends_at": "2026-12-24T00:00:00Z"}), "/ends_at"),
            (json!({"starts_at": "2026-11-23"}), "/starts_at"),
            (json!({"starts_at": "2026-11-23T01:00:00"}), "/starts_at"),
            (json!({"ends_at": "2026-02-30T00:00:00Z"}), "/ends_at"),
            (json!({"owner": "o".repeat(65)}), "/owner"),
            (json!({"reason": ""}), "/reason"),
        ] {
            let body = with(window("{r1}", 1, 2), &changes);
            let refused = fixture.send("{KA}", &format!("POST {WINDOWS}"), &body);
            assert_eq!(wrong_fields(&refused), [(field.into(), "invalid".into())], "{changes}");
        }
        let none = fixture.send("{KA}", &format!("POST {WINDOWS}"), &json!({"state": "planned"}));
        let named: Vec<_> = wrong_fields(&none).into_iter().map(|(pointer, _)| pointer).collect();
        let missing = ["/region_id", "/starts_at", "/ends_at", "/owner", "/reason", "/state"];
        assert_eq!(named, missing);
        let listed = fixture.get("{MK}", &format!("GET {WINDOWS}"));
        assert_eq!(listed.json(), json!({"items": [], "next": null}));
    }
}

#[test]
fn windows_of_one_region_do_not_overlap_but_may_touch() {
    for fixture in fixtures() {
        plan(&fixture, &window("{r1}", 4, 8));
        for (from, to) in [(4, 8), (5, 6), (1, 5), (7, 9), (1, 9)] {
            let body = window("{r1}", from, to);
            let refused = fixture.send("{KA}", &format!("POST {WINDOWS}"), &body);
            let code = refused.json()["code"].clone();
            assert_eq!((refused.status(), code), (409, "window_refused".into()), "{from} {to}");
        }
        let later = plan(&fixture, &window("{r1}", 8, 9));
        let earlier = plan(&fixture, &window("{r1}", 3, 4));
        plan(&fixture, &window("{r2}", 4, 8));
        assert_eq!(extend(&fixture, &earlier, "*", &json!({"ends_at": at(5)})).status(), 409);
        assert_eq!(cancel(&fixture, &later, "*").status(), 200);
        // What was called off keeps its time from nobody.
        plan(&fixture, &window("{r1}", 8, 9));
    }
}

#[test]
fn a_window_is_planned_once_for_a_key() {
    for fixture in fixtures() {
        let ask = |to| {
            let body = fixture.fill(&window("{r1}", 1, to).to_string());
            let call = fixture.call("{KA}", &format!("POST {WINDOWS}"));
            call.header("idempotency-key", "k").body("application/json", body).send()
        };
        let (first, again, other) = (ask(2), ask(2), ask(3));
        assert_eq!((first.status(), &first.text), (201, &again.text));
        assert_eq!((again.status(), again.header("location")), (201, first.header("location")));
        assert_eq!(
            (other.status(), &other.json()["code"]),
            (422, &"idempotency_key_reused".into())
        );
    }
}

#[test]
fn a_window_is_extended_and_shortened_while_it_is_open() {
    for fixture in fixtures() {
        let path = plan(&fixture, &window("{r1}", 4, 8));
        fixture.register.pass(TimeDelta::seconds(1));
        for (version, hour) in [(2, 9), (3, 6)] {
            let tag = format!("\"{}\"", version - 1);
            let changed = extend(&fixture, &path, &tag, &json!({"ends_at": at(hour)}));
            assert_eq!(changed.header("etag"), format!("\"{version}\""), "{changed:?}");
            let found = (changed.json()["ends_at"].clone(), changed.json()["updated_at"].clone());
            assert_eq!(found, (at(hour).into(), "2026-11-22T08:06:56.298602Z".into()));
        }
        let same = extend(&fixture, &path, "\"3\"", &json!({}));
        assert_eq!((same.status(), same.header("etag")), (200, "\"3\""));
        let stale = extend(&fixture, &path, "\"2\"", &json!({"ends_at": at(9)}));
        assert_eq!((stale.status(), &stale.json()["current"]), (412, &"\"3\"".into()));
        for (body, code) in [
            (json!({"ends_at": null}), "null"),
            (json!({"ends_at": at(4)}), "invalid"),
            (json!({"ends_at": "2026-11-22T08:00:00Z"}), "invalid"),
        ] {
            let refused = extend(&fixture, &path, "*", &body);
            assert_eq!(wrong_fields(&refused), [("/ends_at".into(), code.into())], "{body}");
        }
        let unknown = extend(&fixture, &path, "*", &json!({"owner": "x"}));
        assert_eq!(wrong_fields(&unknown), [("/owner".into(), "unknown".into())]);
        assert_eq!(cancel(&fixture, &path, "\"3\"").json()["state"], "cancelled");
        let closed = extend(&fixture, &path, "*", &json!({"ends_at": at(9)}));
        assert_eq!((closed.status(), &closed.json()["code"]), (409, &"window_refused".into()));
        assert_eq!(cancel(&fixture, &path, "*").status(), 409);
    }
}

#[test]
fn changes_of_windows_say_for_which_version_they_are_meant() {
    for fixture in fixtures() {
        let path = plan(&fixture, &window("{r1}", 4, 8));
        for missing in [
            fixture.send("{KA}", &format!("PATCH {path}"), &json!({"ends_at": at(9)})),
            fixture.send("{KA}", &format!("POST {path}/cancel"), &json!({})),
        ] {
            let code = missing.json()["code"].clone();
            assert_eq!((missing.status(), code), (428, "precondition_required".into()));
        }
        assert_eq!(cancel(&fixture, &path, "\"7\"").status(), 412);
        let call = fixture.call("{KA}", &format!("POST {path}/cancel")).header("if-match", "*");
        let unknown = call.json(&json!({"reason": "x"})).send();
        assert_eq!(wrong_fields(&unknown), [("/reason".into(), "unknown".into())]);
        assert_eq!(state(&fixture, &path).0, "planned");
    }
}

#[test]
fn windows_are_listed_by_region_and_state_and_only_those_of_the_enterprise() {
    for fixture in fixtures() {
        let (first, second) = (window("{r1}", 1, 2), window("{r2}", 1, 2));
        let paths = [
            plan(&fixture, &first),
            plan(&fixture, &second),
            plan(&fixture, &window("{r1}", 3, 4)),
        ];
        cancel(&fixture, &paths[2], "*");
        let foreign = plan_by(&fixture, "{KO}", &window("{foreign}", 1, 2));
        let ids = |key: &str, query: &str| -> Vec<String> {
            let listed = fixture.get(key, &format!("GET {WINDOWS}?{query}")).json();
            let path = |item: &Value| format!("{WINDOWS}/{}", item["id"].as_str().unwrap());
            listed["items"].as_array().unwrap().iter().map(path).collect()
        };
        let [one, two, three] = paths.each_ref().map(String::as_str);
        assert_eq!(ids("{KA}", ""), paths);
        assert_eq!(ids("{MK}", ""), [one, two, three, foreign.as_str()]);
        assert_eq!(ids("{KA}", "region_id={r1}"), [one, three]);
        assert_eq!(ids("{KA}", "region_id={r1}&state=cancelled"), [three]);
        assert_eq!(ids("{KA}", "state=planned"), [one, two]);
        assert_eq!(ids("{KA}", "region_id={foreign}"), [""; 0]);
        let page = fixture.get("{KA}", &format!("GET {WINDOWS}?limit=2&total=true&fields=state"));
        let page = page.json();
        let planned = json!({"state": "planned"});
        assert_eq!((&page["items"], &page["total"]), (&json!([planned, planned]), &json!(3)));
        let next = page["next"].as_str().unwrap();
        assert_eq!(ids("{KA}", &format!("cursor={next}")), [three]);
        for wrong in ["state=open", "region_id=x", "cursor=x", "fields=secret"] {
            let refused = fixture.get("{KA}", &format!("GET {WINDOWS}?{wrong}"));
            let field = format!("/{}", wrong.split('=').next().unwrap());
            assert_eq!(wrong_fields(&refused), [(field, "invalid".to_owned())]);
        }
    }
}
