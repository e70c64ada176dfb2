//! Lost updates: whoever changes what somebody else has changed meanwhile is told so.

use serde_json::{Value, json};

use crate::native_regions::REGIONS;
use crate::races::at_once;
use crate::rainbond_fixture::{Fixture, change, fixtures, with};
use crate::support::{Answer, Register};

/// How many change the region.
const CLIENTS: usize = 8;
/// How many changes each of them makes.
const CHANGES: usize = 5;

fn patch(fixture: &Fixture, server: &Register, tag: &str, body: &Value) -> Answer {
    let path = fixture.fill(&format!("{REGIONS}/{{r1}}"));
    let call = server.request("PATCH", &path).key(&fixture.fill("{KA}"));
    call.header("if-match", tag).json(body).send()
}

/// Adds one to the number in a label of `{r1}`, as often as it takes; the version that came of it.
fn add_one(fixture: &Fixture, server: &Register) -> String {
    let path = fixture.fill(&format!("{REGIONS}/{{r1}}"));
    loop {
        let shown = server.request("GET", &path).key(&fixture.fill("{KA}")).send();
        let number = shown.json()["labels"]["number"].as_str().unwrap_or("0").to_owned();
        let number = number.parse::<usize>().unwrap() + 1;
        let body = json!({"labels": {"number": number.to_string()}});
        let changed = patch(fixture, server, shown.header("etag"), &body);
        if changed.status() == 200 {
            return changed.header("etag").to_owned();
        }
        assert_eq!((changed.status(), &changed.json()["code"]), (412, &json!("stale")));
        assert_ne!(changed.json()["current"], json!(shown.header("etag")));
    }
}

#[test]
fn no_change_is_lost_among_many_on_two_servers() {
    for fixture in fixtures() {
        let at = fixture.register.name;
        let other = fixture.register.beside();
        let made = at_once(CLIENTS, |client| {
            let server = if client.is_multiple_of(2) { &fixture.register } else { &other };
            (0..CHANGES).map(|_| add_one(&fixture, server)).collect::<Vec<_>>()
        });
        let mut made: Vec<_> = made.into_iter().flatten().collect();
        made.sort_by_key(|tag| tag.trim_matches('"').parse::<usize>().unwrap());
        let count = CLIENTS * CHANGES;
        let expected: Vec<_> = (2..=count + 1).map(|version| format!("\"{version}\"")).collect();
        assert_eq!(made, expected, "{at}: each change made a version of its own");
        let shown = fixture.get("{KA}", &format!("GET {REGIONS}/{{r1}}")).json();
        assert_eq!(shown["labels"], json!({"number": count.to_string()}), "{at}");
        // And each stands on the one before.
        let path = format!("GET {REGIONS}/{{r1}}/revisions?total=true&fields=labels");
        let past = fixture.get("{KA}", &path).json();
        let items = past["items"].as_array().unwrap();
        let labels = |n: usize| json!({"labels": {"number": n.to_string()}});
        let expected: Vec<_> = (1..=count).rev().map(labels).collect();
        assert_eq!((&past["total"], &items[..count]), (&json!(count + 1), &expected[..]), "{at}");
    }
}

#[test]
fn a_change_on_the_other_face_makes_a_version_stale() {
    for fixture in fixtures() {
        let at = fixture.register.name;
        let update = with(change(), &json!({"scope": "private"}));
        let path = "PUT /openapi/v2/manage/regions/{r1}";
        assert_eq!(fixture.send("{MK}", path, &update).status(), 200, "{at}");
        let before = super::kept(&fixture);
        let stale = patch(&fixture, &fixture.register, "\"1\"", &json!({"alias": "lost"}));
        assert_eq!((stale.status(), &stale.json()["current"]), (412, &json!("\"2\"")), "{at}");
        assert_eq!(super::kept(&fixture), before, "{at}");
        let fresh = patch(&fixture, &fixture.register, "\"2\"", &json!({"alias": "found"}));
        assert_eq!((fresh.status(), fresh.header("etag")), (200, "\"3\""), "{at}");
    }
}
