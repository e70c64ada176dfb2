//! Every operation of every face, by everybody, about things of everybody: what comes of it is what
//! the table says, and what is foreign is as if it did not exist.

pub mod table;
pub mod world;

use std::collections::{BTreeSet, HashMap};
use std::thread;

use crate::documents::Documents;
use crate::rainbond_fixture::Fixture;
use crate::support::{Answer, registers};
use table::{CALLERS, Row, TOLD_APART, Whose, rows};
use world::{ask, steady, world};

/// What came of every row, for each caller.
type Outcomes = HashMap<(&'static str, &'static str, Whose), Vec<Answer>>;

/// Runs `check` on both databases at once, each with a world of its own.
fn in_each_world(check: impl Fn(&Fixture) + Sync) {
    thread::scope(|scope| {
        for register in registers() {
            let check = &check;
            scope.spawn(move || check(&world(register)));
        }
    });
}

/// The status, and behind it the code of a refusal as the face tells it.
pub fn outcome(answer: &Answer) -> String {
    let status = answer.status().to_string();
    if answer.status() < 400 {
        return status;
    }
    let body = answer.json();
    let text = |name: &str| body[name].as_str().map(str::to_owned);
    // On the native face `code` is a word; on the rainbond face it is a number beside which shapes
    // A and B have a word.
    let code = text("errorCode").or_else(|| text("error_type")).or_else(|| text("code"));
    let code = code.or_else(|| body["code"].as_i64().map(|code| code.to_string()));
    format!("{status} {}", code.unwrap_or_else(|| "D".to_owned()))
}

fn ask_all(fixture: &Fixture, documents: &Documents) -> (Outcomes, Vec<String>) {
    let (mut outcomes, mut wrong) = (Outcomes::new(), Vec::new());
    for row in rows() {
        let Row { operation, what, whose, request, expected, .. } = row;
        let described = documents.operation(operation);
        let mut answers = Vec::new();
        for (caller, expected) in CALLERS.into_iter().zip(expected) {
            let answer = ask(fixture, caller, &row);
            let at =
                format!("{operation} {what} {whose:?} by {caller} on {}", fixture.register.name);
            let found = outcome(&answer);
            if found != expected {
                wrong.push(format!("{at} ({request}): {found} instead of {expected}"));
            }
            described.check(&answer, &at);
            answers.push(answer);
        }
        let before = outcomes.insert((operation, what, whose), answers);
        assert!(before.is_none(), "{operation} {what} {whose:?} stands twice in the table");
    }
    (outcomes, wrong)
}

/// Checks that answers about things that a caller must not know of are those about things that do
/// not exist.
fn check_foreign_is_unknown(fixture: &Fixture, outcomes: &Outcomes) {
    let mut compared = 0;
    for ((operation, what, whose), foreign) in outcomes {
        let told_apart = TOLD_APART.contains(&(*operation, *what));
        let Some(unknown) = outcomes.get(&(*operation, *what, Whose::Unknown)) else { continue };
        for ((caller, foreign), unknown) in CALLERS.into_iter().zip(foreign).zip(unknown) {
            let hidden = match whose {
                Whose::Foreign => caller != "platform" && !told_apart,
                // Which of their own enterprise: teams to members of others, unless they may know
                // that they exist (D9); tokens of the platform to all others.
                Whose::Other => outcome(foreign).starts_with("404"),
                Whose::Nobodys | Whose::Own | Whose::Unknown => false,
            };
            if hidden {
                let at = format!("{operation} {what} {whose:?} by {caller}");
                assert_eq!(steady(fixture, foreign), steady(fixture, unknown), "{at}");
                compared += 1;
            }
        }
    }
    assert!(compared > 100, "only {compared} pairs were compared");
}

#[test]
fn everybody_may_do_what_the_table_says_and_what_is_foreign_does_not_exist() {
    in_each_world(|fixture| {
        let (outcomes, wrong) = ask_all(fixture, &Documents::of(&fixture.register));
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        check_foreign_is_unknown(fixture, &outcomes);
    });
}

#[test]
fn every_operation_that_is_described_stands_in_the_table() {
    let register = crate::support::register_with(|_| {});
    let documents = Documents::of(&register);
    let described: BTreeSet<_> = documents.operations().iter().map(|found| found.id).collect();
    let rows = rows();
    let judged: BTreeSet<_> = rows.iter().map(|row| row.operation).collect();
    assert_eq!(described, judged);
    for found in documents.operations() {
        let right = found.operation["x-right"].as_str();
        assert!(right.is_some_and(|right| !right.is_empty()), "{} says no right", found.id);
        assert!(found.operation["x-changes"].is_boolean(), "{} hides what it does", found.id);
        if found.path.contains('{') {
            for whose in [Whose::Own, Whose::Foreign, Whose::Unknown] {
                let of_it = |row: &&Row| row.operation == found.id && row.whose == whose;
                assert!(rows.iter().any(|row| of_it(&row)), "{} of {whose:?} things", found.id);
            }
        }
    }
}

#[test]
fn every_row_asks_for_the_operation_that_it_names() {
    let register = crate::support::register_with(|_| {});
    let documents = Documents::of(&register);
    for row in rows() {
        let found = documents.operation(row.operation);
        let (method, path) = row.request.split_once(' ').unwrap();
        let path = path.split('?').next().unwrap();
        let (asked, described) = (path.split('/'), found.path.split('/'));
        let fits = asked.clone().count() == described.clone().count()
            && asked.zip(described).all(|(a, b)| a == b || b.starts_with('{'));
        assert!(fits && method == found.method, "{} is not {}", row.request, row.operation);
    }
}
