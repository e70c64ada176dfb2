//! Whoever changes a thing says which version he means.

use serde_json::{Value, json};

use super::{ask, check_refusal, deeds, get, numbered, resources, scenes};
use crate::problems::{NOT_FOUND, check};
use crate::races::at_once;
use crate::rainbond_fixture::Fixture;
use crate::support::Answer;

/// Everything that changes a thing: its path, the method, and the body.
fn writes() -> Vec<(&'static str, String, Option<Value>)> {
    // Deeds first, while the things are there.
    let deed = |(path, method, behind, body): (&'static str, _, _, _)| {
        (path, format!("{method} {path}{behind}"), Some(body))
    };
    let mut writes: Vec<_> = deeds().into_iter().map(deed).collect();
    for resource in resources() {
        if !resource.patch.is_null() {
            writes.push((resource.one, format!("PATCH {}", resource.one), Some(resource.patch)));
        }
        if resource.deleted {
            writes.push((resource.one, format!("DELETE {}", resource.one), None));
        }
    }
    writes
}

fn write(fixture: &Fixture, request: &str, tag: &str, body: Option<&Value>, n: usize) -> Answer {
    let body = body.map(|body| numbered(body, n));
    ask(fixture, request, &[("if-match", tag)], body.as_ref())
}

#[test]
fn a_write_that_does_not_say_which_version_it_means_is_refused() {
    for fixture in scenes() {
        for (path, request, body) in writes() {
            let at = format!("{} {request}", fixture.register.name);
            let before = get(&fixture, path);
            let body = body.map(|body| numbered(&body, 1));
            let refused = ask(&fixture, &request, &[], body.as_ref());
            check_refusal(&refused, 428, "precondition_required", &at);
            for malformed in ["1", "\"1", "\"1\" \"2\"", "x"] {
                let refused = ask(&fixture, &request, &[("if-match", malformed)], body.as_ref());
                check_refusal(&refused, 400, "malformed_body", &format!("{at} {malformed}"));
            }
            assert_eq!(get(&fixture, path).text, before.text, "{at}");
        }
    }
}

#[test]
fn a_write_that_means_another_version_is_refused_and_told_the_present_one() {
    for fixture in scenes() {
        for (path, request, body) in writes() {
            let at = format!("{} {request}", fixture.register.name);
            let before = get(&fixture, path);
            let etag = before.header("etag");
            for stale in ["\"0\"", "\"99\", \"98\"", "\"x\"", &format!("W/{etag}")] {
                let refused = write(&fixture, &request, stale, body.as_ref(), 1);
                check_refusal(&refused, 412, "stale", &format!("{at} {stale}"));
                assert_eq!(refused.json()["current"], json!(etag), "{at} {stale}");
                assert_eq!(refused.header("etag"), etag, "{at} {stale}");
            }
            assert_eq!(get(&fixture, path).text, before.text, "{at}");
        }
    }
}

#[test]
fn a_write_that_means_the_present_version_is_done_once() {
    for fixture in scenes() {
        for (n, (path, request, body)) in writes().into_iter().enumerate() {
            let at = format!("{} {request}", fixture.register.name);
            let etag = get(&fixture, path).header("etag").to_owned();
            let listed = format!("\"77\", {etag}");
            let done = write(&fixture, &request, &listed, body.as_ref(), n + 5);
            assert!(done.status() < 300, "{at} {done:?}");
            let again = write(&fixture, &request, &etag, body.as_ref(), n + 50);
            if request.starts_with("DELETE") {
                check_refusal(&again, 404, "not_found", &at);
                continue;
            }
            assert_eq!(done.header("etag"), get(&fixture, path).header("etag"), "{at}");
            assert_ne!(done.header("etag"), etag, "{at}");
            check_refusal(&again, 412, "stale", &at);
            assert_eq!(again.json()["current"], json!(done.header("etag")), "{at}");
        }
    }
}

#[test]
fn of_many_who_mean_the_same_version_one_changes_it() {
    for fixture in scenes() {
        for (n, (path, request, body)) in writes().into_iter().enumerate() {
            let at = format!("{} {request}", fixture.register.name);
            let etag = get(&fixture, path).header("etag").to_owned();
            let mut answers =
                at_once(8, |who| write(&fixture, &request, &etag, body.as_ref(), n * 10 + who));
            answers.sort_by_key(Answer::status);
            let (done, refused) = answers.split_first().unwrap();
            assert!(done.status() < 300, "{at} {done:?}");
            let deleted = request.starts_with("DELETE");
            for refused in refused {
                let (status, code) = if deleted { (404, "not_found") } else { (412, "stale") };
                check_refusal(refused, status, code, &at);
            }
            if !deleted {
                let present = get(&fixture, path);
                assert_eq!(present.header("etag"), done.header("etag"), "{at}");
                assert_ne!(present.header("etag"), etag, "{at}");
                let told = refused.iter().all(|one| one.json()["current"] == done.header("etag"));
                assert!(told, "{at} {refused:?}");
            }
        }
    }
}

#[test]
fn a_write_about_a_thing_of_others_tells_nothing_of_its_version() {
    for fixture in scenes() {
        for (_, request, body) in writes() {
            let key = if request.contains("{E2}") { "{KA}" } else { "{KO}" };
            let body = body.map(|body| numbered(&body, 1));
            for tag in ["\"99\"", "*"] {
                let call = fixture.call(key, &request).header("if-match", tag);
                let answer = match &body {
                    Some(body) => call.json(body).send(),
                    None => call.send(),
                };
                check(&answer, NOT_FOUND, &format!("{request} {tag}"));
                assert_eq!(answer.header("etag"), "", "{request} {tag}");
            }
        }
    }
}
