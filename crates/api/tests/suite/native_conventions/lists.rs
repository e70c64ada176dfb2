//! Lists page by page, counted, and cut down to some fields.

use serde_json::{Value, json};

use super::{OTHER_LISTS, check_wrong, get, resources, scenes, with_parameter};
use crate::rainbond_fixture::Fixture;

fn lists() -> Vec<&'static str> {
    resources().into_iter().map(|resource| resource.list).chain(OTHER_LISTS).collect()
}

fn items(fixture: &Fixture, path: &str) -> (Vec<Value>, Value) {
    let page = get(fixture, path).json();
    (page["items"].as_array().unwrap().clone(), page["next"].clone())
}

#[test]
fn a_limit_is_from_1_to_1000() {
    for fixture in scenes() {
        for path in lists() {
            for limit in ["0", "1001", "-1", "x", "", "1.5", "99999999999999999999"] {
                let asked = with_parameter(path, &format!("limit={limit}"));
                let refused = fixture.get("{MK}", &format!("GET {asked}"));
                check_wrong(&refused, "/limit", "invalid", &asked);
            }
            for limit in ["1", "1000"] {
                get(&fixture, &with_parameter(path, &format!("limit={limit}")));
            }
        }
    }
}

#[test]
fn the_pages_of_a_list_are_the_list() {
    for fixture in scenes() {
        for path in lists() {
            let at = format!("{} {path}", fixture.register.name);
            let (all, next) = items(&fixture, path);
            assert_eq!(next, Value::Null, "{at}");
            assert!(all.len() > 1 || path.ends_with("{T}/openings"), "{at}: {all:?}");
            let (mut paged, mut cursor) = (Vec::new(), String::new());
            loop {
                let asked = with_parameter(path, &format!("limit=1{cursor}"));
                let (page, next) = items(&fixture, &asked);
                assert!(page.len() <= 1, "{at}");
                paged.extend(page);
                let Some(next) = next.as_str() else { break };
                cursor = format!("&cursor={next}");
            }
            assert_eq!(paged, all, "{at}");
        }
    }
}

#[test]
fn a_cursor_that_was_tampered_with_is_refused() {
    for fixture in scenes() {
        for path in lists() {
            let (_, next) = items(&fixture, &with_parameter(path, "limit=1"));
            // An opening alone has no second page.
            let good = next.as_str().unwrap_or("0.00000000").to_owned();
            let flipped = |at: usize| {
                let other = if good.as_bytes()[at] == b'1' { "2" } else { "1" };
                format!("{}{other}{}", &good[..at], &good[at + 1..])
            };
            let mut wrong: Vec<String> = (0..good.len()).map(flipped).collect();
            wrong.extend([String::new(), "x".to_owned(), format!("{good}0"), good[1..].to_owned()]);
            wrong.extend([good[..good.len() - 1].to_owned(), format!("%00{good}")]);
            for cursor in wrong {
                let asked = with_parameter(path, &format!("limit=1&cursor={cursor}"));
                let refused = fixture.get("{MK}", &format!("GET {asked}"));
                check_wrong(&refused, "/cursor", "invalid", &asked);
            }
        }
    }
}

#[test]
fn things_are_counted_when_that_is_asked_for() {
    for fixture in scenes() {
        for path in lists() {
            let at = format!("{} {path}", fixture.register.name);
            assert!(get(&fixture, path).json().get("total").is_none(), "{at}");
            let (all, _) = items(&fixture, path);
            let asked = with_parameter(path, "limit=1&total=true");
            assert_eq!(get(&fixture, &asked).json()["total"], json!(all.len()), "{at}");
            assert!(
                get(&fixture, &with_parameter(path, "total=false")).json().get("total").is_none()
            );
            let refused = fixture.get("{MK}", &format!("GET {}", with_parameter(path, "total=1")));
            check_wrong(&refused, "/total", "invalid", &at);
        }
    }
}

#[test]
fn the_fields_that_are_asked_for_are_shown_and_no_others() {
    for fixture in scenes() {
        for path in lists() {
            let at = format!("{} {path}", fixture.register.name);
            let (all, _) = items(&fixture, path);
            let names: Vec<_> = all[0].as_object().unwrap().keys().cloned().collect();
            for name in &names {
                let (cut, _) = items(&fixture, &with_parameter(path, &format!("fields={name}")));
                for (cut, whole) in cut.iter().zip(&all) {
                    assert_eq!(*cut, json!({name: whole[name]}), "{at} {name}");
                }
            }
            let every = with_parameter(path, &format!("fields={}", names.join(",")));
            assert_eq!(items(&fixture, &every).0, all, "{at}");
            for wrong in ["nothing", "", &format!("{},nothing", names[0])] {
                let asked = with_parameter(path, &format!("fields={wrong}"));
                check_wrong(
                    &fixture.get("{MK}", &format!("GET {asked}")),
                    "/fields",
                    "invalid",
                    &at,
                );
            }
        }
    }
}

#[test]
fn of_a_single_thing_too_the_fields_are_shown_that_are_asked_for() {
    for fixture in scenes() {
        for path in resources().into_iter().map(|resource| resource.one) {
            let whole = get(&fixture, path).json();
            for (name, value) in whole.as_object().unwrap() {
                let cut = get(&fixture, &with_parameter(path, &format!("fields={name}")));
                assert_eq!(cut.json(), json!({name: value}), "{path} {name}");
            }
            let refused =
                fixture.get("{MK}", &format!("GET {}", with_parameter(path, "fields=nothing")));
            check_wrong(&refused, "/fields", "invalid", path);
        }
    }
}
