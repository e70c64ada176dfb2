//! The steps of a task of the class multi (dialing contract, sections 2.3 and 3.2).

use serde_json::{Map, Value};

use super::fault::TaskFaultReason;
use super::field::{Faults, Field, Object, same_for_go};
use super::{TaskClass, http, labels, reading};
use crate::json;

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
            unused(&step.field("task"), faults);
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
    if let Some(object) = task.object(&reading::keys(TaskClass::Http), faults) {
        http::check_http(&object, faults);
        common(&object, faults);
    }
}

/// What the task of a step has in common with others: the agent makes nothing of most of it, but reads
/// it all the same, and does not dial when it is not as it should be.
fn common(task: &Object<'_>, faults: &mut Faults) {
    for key in ["name", "frequency", "schedule_type", "crontab"] {
        task.field(key).text(faults);
    }
    let status = task.field("status");
    if status.text(faults).is_some_and(|text| same_for_go("stop", text)) {
        status.fault(TaskFaultReason::OneOf(&["ok"]), faults);
    }
    labels::check(task, faults);
}

/// The task of a step that has no use for one.
fn unused(task: &Field<'_>, faults: &mut Faults) {
    if !task.value.is_some_and(Value::is_string) {
        task.object(&[], faults);
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

/// Turns the task of each step, where it is given as a string, into the object in it. All of them
/// together have no more values than one body may have.
pub(super) fn unfold(task: &mut Map<String, Value>) {
    let present: usize = task.values().map(json::count).sum();
    let mut left = json::MOST_VALUES.saturating_sub(present);
    for inner in tasks(task) {
        let parsed =
            inner.as_str().and_then(|text| json::parse_at_most(text.as_bytes(), left).ok());
        if let Some(object) = parsed.filter(Value::is_object) {
            left = left.saturating_sub(json::count(&object));
            *inner = object;
        }
    }
}

/// The tasks of the steps that have one.
pub(super) fn tasks(task: &mut Map<String, Value>) -> impl Iterator<Item = &mut Value> {
    let steps = task.get_mut("steps").and_then(Value::as_array_mut);
    steps.into_iter().flatten().filter_map(|step| step.get_mut("task"))
}

/// Turns the task of each step into a string, which is what the agent needs.
pub(super) fn fold(task: &mut Map<String, Value>) {
    for inner in tasks(task).filter(|inner| inner.is_object()) {
        *inner = Value::String(inner.to_string());
    }
}
