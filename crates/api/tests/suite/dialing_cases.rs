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

/// The limit on requests is among [`crate::dialing_limits`], as limits are off by default; results are
/// among [`crate::agent_results`], and the change of a key is among [`crate::agent_keys`].
const ELSEWHERE: &[&str] = &["S23", "A27", "A30", "A41"];

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

fn run_all(register: &Register) {
    for case in cases() {
        let id = case["id"].as_str().unwrap();
        if !ELSEWHERE.contains(&id) {
            World::new(register, &case).run(&case);
        }
    }
}

#[test]
fn every_published_case_is_answered_as_published() {
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
    for name in ELSEWHERE {
        assert!(known.contains(name), "{name}");
    }
}
