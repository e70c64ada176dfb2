//! Cursors that somebody else was given, or that are those of another list.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::native_conventions::check_wrong;
use crate::native_maintenance::{plan_by, window};
use crate::rainbond_fixture::{Fixture, fixtures};

const LISTS: [&str; 8] = [
    "/cadastre/v1/regions",
    "/cadastre/v1/teams",
    "/cadastre/v1/users",
    "/cadastre/v1/tokens",
    "/cadastre/v1/maintenance",
    "/cadastre/v1/certificates",
    "/cadastre/v1/audit",
    "/cadastre/v1/teams/{T}/openings",
];

/// All cursors that a caller is given in these lists.
fn cursors(fixture: &Fixture, key: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for list in LISTS {
        let mut cursor = String::new();
        loop {
            let page = fixture.get(key, &format!("GET {list}?limit=1{cursor}")).json();
            let Some(next) = page["next"].as_str().map(str::to_owned) else { break };
            cursor = format!("&cursor={next}");
            found.insert(next);
        }
    }
    found
}

#[test]
fn a_cursor_of_somebody_else_shows_nothing_that_is_foreign() {
    for mut fixture in fixtures() {
        fixture.add_team("{KO}", "U");
        plan_by(&fixture, "{KO}", &window("{foreign}", 1, 2));
        plan_by(&fixture, "{KA}", &window("{r1}", 1, 2));
        let (cursors, mut taken) = (cursors(&fixture, "{MK}"), 0);
        assert!(cursors.len() > 20, "{cursors:?}");
        for list in LISTS {
            let own = fixture.get("{KA}", &format!("GET {list}?limit=1000")).json();
            let own = own["items"].as_array().unwrap().clone();
            for cursor in &cursors {
                let request = format!("GET {list}?cursor={cursor}");
                let answer = fixture.get("{KA}", &request);
                if answer.status() != 200 {
                    check_wrong(&answer, "/cursor", "invalid", &request);
                    continue;
                }
                taken += 1;
                let items = answer.json()["items"].as_array().unwrap().clone();
                // Whatever it names, it is a place in the list of the caller.
                assert!(own.ends_with(&items), "{request} {items:?}");
                let foreign = |item: &&Value| item.to_string().contains(&fixture.fill("{E2}"));
                assert_eq!(items.iter().find(foreign), None, "{request}");
                assert_eq!(answer.json()["next"], json!(null), "{request}");
            }
        }
        assert!(taken > 20, "only {taken} cursors were taken");
    }
}
