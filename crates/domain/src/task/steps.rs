//! The steps of a task of the class multi (dialing contract, sections 2.3 and 3.2).

use serde_json::{Map, Value};

use super::fault::TaskFaultReason;
use super::field::{Faults, Field, Object};
use super::{http, labels};

const STEP_KEYS: &[&str] =
    &["type", "name", "allow_failure", "retry", "task", "value", "extracted_vars"];

pub(super) fn check(task: &Object<'_>, faults: &mut Faults) {
    let steps = task.field("steps");
    if steps.value.is_none_or(|value| value.as_array().is_some_and(Vec::is_empty)) {
        steps.fault(TaskFaultReason::Required, faults);
    }
    for step in steps.elements(faults) {
        if let Some(step) = step.object(STEP_KEYS, faults) {
            check_step(&step, faults);
        }
    }
}

fn check_step(step: &Object<'_>, faults: &mut Faults) {
    step.field("name").text(faults);
    step.field("allow_failure").boolean(faults);
    if let Some(retry) = step.field("retry").object(&["retry", "interval"], faults) {
        retry.field("retry").integer(0, 5, faults);
        retry.field("interval").integer(0, 5_000, faults);
    }
    for variable in step.field("extracted_vars").elements(faults) {
        extracted(&variable, faults);
    }
    let (kind, value) = (step.field("type"), step.field("value"));
    kind.required(faults);
    match kind.word(&["http", "wait"], faults) {
        Some("wait") => {
            value.required(faults);
            value.integer(1, 180, faults);
        }
        Some(_) => {
            value.integer(0, i64::from(i32::MAX), faults);
            request(&step.field("task"), faults);
        }
        None => {}
    }
}

fn request(task: &Field<'_>, faults: &mut Faults) {
    task.required(faults);
    if task.value.is_some_and(Value::is_string) {
        return task.fault(TaskFaultReason::Json, faults);
    }
    if let Some(object) = task.object(http::HTTP_KEYS, faults) {
        http::check_http(&object, faults);
        object.field("name").text(faults);
    }
}

fn extracted(variable: &Field<'_>, faults: &mut Faults) {
    let keys = &["name", "field", "secure", "value"];
    let Some(object) = variable.object(keys, faults) else { return };
    labels::variable_name(&object.field("name"), faults);
    object.field("field").text(faults);
    object.field("secure").boolean(faults);
    object.field("value").text(faults);
}

/// Turns the task of each step, where it is given as a string, into the object in it.
pub(super) fn unfold(task: &mut Map<String, Value>) {
    let steps = task.get_mut("steps").and_then(Value::as_array_mut);
    for step in steps.into_iter().flatten() {
        let Some(inner) = step.get_mut("task") else { continue };
        let parsed = inner.as_str().and_then(|text| serde_json::from_str::<Value>(text).ok());
        if let Some(object) = parsed.filter(Value::is_object) {
            *inner = object;
        }
    }
}

/// Turns the task of each step into a string, which is what the agent needs.
pub(super) fn fold(task: &mut Map<String, Value>) {
    let steps = task.get_mut("steps").and_then(Value::as_array_mut);
    for step in steps.into_iter().flatten() {
        if let Some(inner) = step.get_mut("task").filter(|inner| inner.is_object()) {
            *inner = Value::String(inner.to_string());
        }
    }
}
