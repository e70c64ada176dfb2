//! Several steps, of HTTP and of waiting. Nobody waits in a test: what would have been waited for
//! is told in the step. Variables that a script would take out of an answer are not.

use serde_json::{Value, json};

use super::super::connection::Trust;
use super::super::line::Field;
use super::super::spec::{Delivered, Step};
use super::{Found, http};

pub(super) fn dial(task: &Delivered, trust: &Trust) -> Found {
    let mut found = Found::new("multi_dial_testing");
    let (mut steps, mut took, mut last) = (Vec::new(), 0, 0);
    for (place, step) in task.spec.steps.iter().enumerate() {
        last = i64::try_from(place).unwrap_or(i64::MAX);
        let (told, micros, failure) = run(step, trust);
        steps.push(told);
        took += micros;
        match failure {
            None => found.verdict.any_held = true,
            Some(_) if step.allow_failure => {}
            Some(reason) => {
                found.verdict.reasons.push(format!("step {}: {reason}", place + 1));
                break;
            }
        }
    }
    found.point.field("response_time", took);
    found.point.field("last_step", last);
    found.point.field("steps", Value::from(steps).to_string());
    found
}

/// What a step tells, how long it took, and why it failed.
fn run(step: &Step, trust: &Trust) -> (Value, i64, Option<String>) {
    let wait = || json!({"type": "wait", "name": step.name, "value": step.value});
    match step.kind.as_str() {
        "wait" => (wait(), 0, None),
        "http" => {
            let task = match Delivered::read("HTTP", &step.task) {
                Ok(task) => task,
                Err(error) => return (json!({"type": "http"}), 0, Some(error)),
            };
            let dials = (0..=step.retry.retry).map(|_| http::dial(&task, trust));
            let mut last = None;
            for found in dials {
                let is_success = found.verdict.is_success(&task.spec.success_when_logic);
                last = Some(found);
                if is_success {
                    break;
                }
            }
            told(step, &task, last)
        }
        other => (wait(), 0, Some(format!("a step cannot be {other:?}"))),
    }
}

fn told(step: &Step, task: &Delivered, found: Option<Found>) -> (Value, i64, Option<String>) {
    let Some(found) = found else { return (json!({}), 0, None) };
    let is_success = found.verdict.is_success(&task.spec.success_when_logic);
    let failure = (!is_success).then(|| found.verdict.reasons.join(";"));
    let took = match found.point.fields.get("response_time") {
        Some(Field::Integer(took)) => *took,
        _ => 0,
    };
    let told = json!({
        "type": "http",
        "name": step.name,
        "allow_failure": step.allow_failure,
        "response_time": took,
        "status": if is_success { "OK" } else { "FAIL" },
        "fail_reason": failure.clone().unwrap_or_default(),
    });
    (told, took, failure)
}
