//! Opening a region while it is disabled or deleted, or while the team is.

use std::thread;
use std::time::{Duration, Instant};

use cadastre_storage::{AuditFilter, AuditRecord};
use serde_json::json;

use super::left_of;
use crate::native_regions::REGIONS;
use crate::races::at_once;
use crate::rainbond_fixture::{Fixture, fixtures};
use crate::support::Answer;

const ROUNDS: usize = 8;
/// How many open a region at once, each for a team of his own.
const OPENERS: usize = 6;

/// Some milliseconds, so that not all come at the very same moment.
fn wait(millis: usize) {
    thread::sleep(Duration::from_millis(millis as u64));
}

/// What came of a request, and when it was sent and answered.
struct Told {
    from: Instant,
    to: Instant,
    answer: Answer,
}

fn timed(request: impl FnOnce() -> Answer) -> Told {
    let from = Instant::now();
    let answer = request();
    Told { from, to: Instant::now(), answer }
}

/// The fixture with teams `{N0}` and so on.
fn scenes() -> impl Iterator<Item = Fixture> {
    fixtures().map(|mut fixture| {
        (0..OPENERS).for_each(|n| fixture.add_team("{KA}", &format!("N{n}")));
        fixture
    })
}

/// Opens a region for the team of this number, on one face or the other.
fn open(fixture: &Fixture, n: usize, region: &str) -> Answer {
    if n.is_multiple_of(2) {
        let path = format!("POST /cadastre/v1/teams/{{N{n}}}/openings");
        fixture.send("{KA}", &path, &json!({"region_id": format!("{{{region}}}")}))
    } else {
        let path = format!("POST /openapi/v1/teams/{{N{n}}}/regions");
        fixture.send("{KA}", &path, &json!({"region": region}))
    }
}

fn disable(fixture: &Fixture, round: usize, region: &str) -> Answer {
    if round.is_multiple_of(2) {
        let call = fixture.call("{KA}", &format!("POST {REGIONS}/{{{region}}}/status"));
        call.header("if-match", "*").json(&json!({"status": "disabled"})).send()
    } else {
        let path = format!("PUT /openapi/v1/regions/{{{region}}}/status");
        fixture.send("{KA}", &path, &json!({"status": "OFFLINE"}))
    }
}

/// What was done to a thing and to its openings, the first first.
fn done(fixture: &Fixture, id: &str) -> Vec<AuditRecord> {
    let outcome = Some("done".to_owned());
    let filter = AuditFilter { outcome, ..AuditFilter::default() };
    let mut entries = fixture.read(|tx| Ok(tx.list_audit(&filter, 1000)?));
    entries.retain(|entry| entry.object_id.as_deref().is_some_and(|object| object.contains(id)));
    entries.reverse();
    entries
}

/// How many of these are about openings.
fn about_openings(entries: &[AuditRecord]) -> usize {
    entries.iter().filter(|entry| entry.object_kind.as_deref() == Some("opening")).count()
}

fn check_is_open(fixture: &Fixture, opened: &[Told], region: &str, at: &str) {
    let path = format!("GET {REGIONS}/{{{region}}}/openings?total=true");
    let made = opened.iter().filter(|told| told.answer.status() == 201).count();
    assert_eq!(fixture.get("{KA}", &path).json()["total"], json!(made), "{at}");
    for (n, told) in opened.iter().enumerate() {
        let is_open = fixture.is_open(&format!("{{N{n}}}"), &format!("{{{region}}}"));
        assert_eq!(is_open, told.answer.status() == 201, "{at} {:?}", told.answer);
    }
}

#[test]
fn no_region_is_opened_after_it_was_disabled() {
    for mut fixture in scenes() {
        for round in 0..ROUNDS {
            let (name, at) =
                (format!("round-{round}"), format!("{round} on {}", fixture.register.name));
            fixture.add_region("{KA}", &name, &json!({}));
            let mut told = at_once(OPENERS + 1, |n| {
                // Some come before it and some behind it, more or less.
                wait(if n == OPENERS { round } else { 2 * n });
                timed(|| match n {
                    OPENERS => disable(&fixture, round, &name),
                    _ => open(&fixture, n, &name),
                })
            });
            let disabled = told.pop().unwrap();
            assert_eq!(disabled.answer.status(), 200, "{at} {:?}", disabled.answer);
            for Told { from, answer, .. } in &told {
                assert!([201, 409].contains(&answer.status()), "{at} {answer:?}");
                let late = *from > disabled.to;
                assert!(!late || answer.status() == 409, "{at} opened when it was disabled");
            }
            // Whoever asks now is refused.
            let late = open(&fixture, 0, &name).status();
            assert_eq!(late, if told[0].answer.status() == 201 { 200 } else { 409 }, "{at}");
            check_is_open(&fixture, &told, &name, &at);
            let entries = done(&fixture, &fixture.fill(&format!("{{{name}}}")));
            let last = entries.last().unwrap().object_kind.as_deref();
            assert_eq!(last, Some("region"), "{at}: the last thing is that it was disabled");
            let made = told.iter().filter(|told| told.answer.status() == 201).count();
            assert_eq!(about_openings(&entries), made, "{at}");
            let shown = fixture.get("{KA}", &format!("GET {REGIONS}/{{{name}}}")).json();
            assert_eq!(shown["status"], json!("disabled"), "{at}");
        }
    }
}

#[test]
fn a_region_that_is_deleted_while_it_is_opened_leaves_nothing_behind() {
    for mut fixture in scenes() {
        for round in 0..ROUNDS {
            let (name, at) =
                (format!("round-{round}"), format!("{round} on {}", fixture.register.name));
            fixture.add_region("{KA}", &name, &json!({}));
            let answers = at_once(OPENERS + 1, |n| {
                if n < OPENERS {
                    wait(2 * n);
                    return open(&fixture, n, &name);
                }
                wait(round);
                assert_eq!(disable(&fixture, round, &name).status(), 200, "{at}");
                let call = fixture.call("{KA}", &format!("DELETE {REGIONS}/{{{name}}}?force=true"));
                call.header("if-match", "*").send()
            });
            let (deleted, opened) = answers.split_last().unwrap();
            assert_eq!(deleted.status(), 204, "{at} {deleted:?}");
            for answer in opened {
                assert!([201, 404, 409].contains(&answer.status()), "{at} {answer:?}");
            }
            let id = fixture.forget(&name);
            assert_eq!(fixture.get("{KA}", &format!("GET {REGIONS}/{id}")).status(), 404, "{at}");
            assert_eq!(left_of(&fixture, &id), [""; 0], "{at}");
            // Whatever was opened was closed, too.
            let made = opened.iter().filter(|answer| answer.status() == 201).count();
            assert_eq!(about_openings(&done(&fixture, &id)), 2 * made, "{at}");
        }
    }
}

#[test]
fn a_team_that_is_deleted_while_regions_are_opened_for_it_leaves_nothing_behind() {
    for mut fixture in fixtures() {
        for round in 0..ROUNDS {
            let at = format!("{round} on {}", fixture.register.name);
            let regions = ["{r1}", "{pub}"];
            let answers = at_once(5, |n| {
                wait(n);
                if n < 4 {
                    let body = json!({"region_id": regions[n % 2]});
                    return fixture.send("{KA}", "POST /cadastre/v1/teams/{T}/openings", &body);
                }
                let call = fixture.call("{KA}", "DELETE /cadastre/v1/teams/{T}");
                call.header("if-match", "*").send()
            });
            let (deleted, opened) = answers.split_last().unwrap();
            assert_eq!(deleted.status(), 204, "{at} {deleted:?}");
            for answer in opened {
                assert!([200, 201, 404].contains(&answer.status()), "{at} {answer:?}");
            }
            let made = opened.iter().filter(|answer| answer.status() == 201).count();
            fixture.forget("T-name");
            let id = fixture.forget("T");
            assert_eq!(left_of(&fixture, &id), [""; 0], "{at}");
            assert_eq!(about_openings(&done(&fixture, &id)), 2 * made, "{at}");
            fixture.add_team("{KA}", "T");
        }
    }
}
