//! The published cases of the dialing face and of the agent protocol: a request, and what must come
//! back. They stand in `dialing_cases/*.jsonl`, one a line.

mod checks;
mod requests;
mod world;

use std::collections::BTreeSet;
use std::thread;

use serde_json::{Value, json};

use crate::support::{Register, registers};
use world::World;

/// Where nodes are registered.
pub const REGISTER: &str = "/api/v1/dialing_region/regist";

/// The published example of a body.
pub fn example() -> Value {
    json!({
        "internal": false, "isp": "telecom", "country": "Afghanistan", "city": "Shahrak",
        "keycode": "Afghanistan-Shahrak-telecom", "name": "test",
    })
}

/// Cases of what is not served yet; of those that begin with `then`, only that part is not looked at.
const NOT_SERVED: &[&str] = &[
    "A01", "A02", "A03", "A04", "A07", "A08", "A13", "A15", "A16", "A19", "A20", "A21", "A22",
    "A24", "A26", "A27", "A30", "A32", "A33", "A34", "A35", "A37", "A38", "A41", "A42", "A44",
    "then B38",
];

/// The limit on requests is among [`crate::dialing_limits`], as limits are off by default.
const ELSEWHERE: &[&str] = &["S23"];

/// All cases.
fn cases() -> Vec<Value> {
    let files = [
        include_str!("dialing_cases/seed.jsonl"),
        include_str!("dialing_cases/sibling.jsonl"),
        include_str!("dialing_cases/agent.jsonl"),
    ];
    let lines = files.into_iter().flat_map(str::lines);
    lines.map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The case of this name.
fn case(id: &str) -> Value {
    let found = cases().into_iter().find(|case| case["id"] == id);
    found.unwrap_or_else(|| panic!("there is no case {id}"))
}

fn is_served(name: &str) -> bool {
    !NOT_SERVED.contains(&name) && !ELSEWHERE.contains(&name)
}

fn run_all(register: &Register) {
    for case in cases() {
        let id = case["id"].as_str().unwrap();
        if is_served(id) {
            World::new(register, &case).run(&case, is_served(&format!("then {id}")));
        }
    }
}

#[test]
fn every_published_case_that_is_served_is_answered_as_published() {
    thread::scope(|scope| {
        for register in registers() {
            scope.spawn(move || run_all(&register));
        }
    });
}

#[test]
fn every_case_is_there_and_only_those_are_left_out_that_are() {
    let all: Vec<String> =
        cases().iter().map(|case| case["id"].as_str().unwrap().to_owned()).collect();
    let known: BTreeSet<&str> = all.iter().map(String::as_str).collect();
    assert_eq!((all.len(), known.len()), (63, 63));
    for name in NOT_SERVED.iter().chain(ELSEWHERE) {
        assert!(known.contains(name.trim_start_matches("then ")), "{name}");
    }
}
