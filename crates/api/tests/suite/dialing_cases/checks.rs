//! What cases say of answers. What is not understood fails.

use std::time::UNIX_EPOCH;

use regex_lite::Regex;
use serde_json::Value;

use super::world::World;
use crate::support::Answer;

/// Checks the status of an answer, or the class of it.
pub fn check_status(answer: &Answer, expected: &Value, at: &str) {
    let status = answer.status();
    match (expected["status"].as_u64(), expected["status_class"].as_str()) {
        (Some(wanted), None) => assert_eq!(u64::from(status), wanted, "{at}: {answer:?}"),
        (None, Some(class)) => {
            let wanted = class.strip_suffix("xx").unwrap().parse::<u16>().unwrap();
            assert_eq!(status / 100, wanted, "{at}: {answer:?}");
        }
        other => panic!("{at}: {other:?} is no status"),
    }
}

/// Checks all that is said of places in an answer.
pub fn check(world: &mut World<'_>, answer: &Answer, checks: &Value, at: &str) {
    for check in checks.as_array().into_iter().flatten() {
        let body = answer.json();
        let place = check["p"].as_str().unwrap();
        let found = body.pointer(place);
        for (what, wanted) in check.as_object().unwrap().iter().filter(|(key, _)| *key != "p") {
            let fits = match what.as_str() {
                "absent" => found.is_none(),
                "eq_pointer" => found == body.pointer(wanted.as_str().unwrap()) && found.is_some(),
                "len_or_absent" => found.is_none_or(|found| fits(world, found, "len", wanted)),
                _ => found.is_some_and(|found| fits(world, found, what, wanted)),
            };
            assert!(fits, "{at}: {place} is not {what} {wanted}: {answer:?}");
        }
    }
}

fn fits(world: &World<'_>, found: &Value, what: &str, wanted: &Value) -> bool {
    let (text, wanted_text) = (found.as_str().unwrap_or_default(), wanted.as_str());
    match what {
        "eq" => found == wanted,
        "not_eq" => found != wanted,
        "contains" => text.contains(wanted_text.unwrap()),
        "regex" => Regex::new(wanted_text.unwrap()).unwrap().is_match(text),
        "len" => found.as_array().map(Vec::len) == wanted.as_u64().and_then(|n| n.try_into().ok()),
        "type" => kind(found) == wanted_text.unwrap(),
        "values_of_types" => {
            let kinds = wanted.as_array().unwrap();
            found.as_object().unwrap().values().all(|value| kinds.contains(&kind(value).into()))
        }
        "unix_seconds_within" => {
            let now = world.register.app.clock.now().timestamp();
            found.as_i64().is_some_and(|at| at.abs_diff(now) <= wanted.as_u64().unwrap())
        }
        "xid_time_within_s" => {
            let (wanted, now) = (wanted.as_u64().unwrap(), UNIX_EPOCH.elapsed().unwrap().as_secs());
            (world.started - wanted..=now + wanted).contains(&seconds(text))
        }
        "json_string_with" => {
            let inner: Value = serde_json::from_str(text).unwrap();
            wanted.as_object().unwrap().iter().all(|(place, wanted)| {
                inner.pointer(place).is_some_and(|found| is_as_told(world, found, wanted))
            })
        }
        other => panic!("say here what {other} means"),
    }
}

/// Whether a value in a string of JSON is the wanted one, or fits what is told of it.
fn is_as_told(world: &World<'_>, found: &Value, wanted: &Value) -> bool {
    match wanted {
        Value::String(kind) if kind == "json_string" => {
            found.as_str().is_some_and(|text| serde_json::from_str::<Value>(text).is_ok())
        }
        Value::Object(checks) => {
            checks.iter().all(|(what, wanted)| fits(world, found, what, wanted))
        }
        wanted => found == wanted,
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// The second of which an identifier tells: the first 32 of the 35 bits that seven digits hold.
fn seconds(id: &str) -> u64 {
    let digits = id.strip_prefix("reg_").unwrap().chars().take(7);
    digits.fold(0, |n, digit| n * 32 + u64::from(digit.to_digit(32).unwrap())) >> 3
}
