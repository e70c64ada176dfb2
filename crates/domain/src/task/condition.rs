//! The conditions of success: `success_when` (dialing contract, section 2.3).

use super::TaskClass;
use super::fault::TaskFaultReason;
use super::field::{Faults, Field, Object};
use super::pattern;

const OPTION: &[&str] =
    &["is", "is_not", "contains", "not_contains", "match_regex", "not_match_regex"];
const OPERATORS: &[&str] = &["eq", "lt", "leq", "gt", "geq"];
const FUNCTIONS: &[&str] = &["avg", "min", "max", "std"];

/// Checks `success_when` and `success_when_logic` of a task of this class.
///
/// Without a condition the agent drops the task, unless something else judges the result.
pub(super) fn check(task: &Object<'_>, class: TaskClass, judged: bool, faults: &mut Faults) {
    task.field("success_when_logic").word_or_none(&["and", "or"], faults);
    let when = task.field("success_when");
    let conditions = when.elements(faults);
    let missing = when.value.is_none_or(|value| value.as_array().is_some_and(Vec::is_empty));
    if missing && !judged {
        when.fault(TaskFaultReason::Required, faults);
    }
    for condition in conditions {
        if let Some(condition) = condition.object(keys(class), faults) {
            judge(&condition, class, faults);
        }
    }
}

const fn keys(class: TaskClass) -> &'static [&'static str] {
    match class {
        TaskClass::Http => &["body", "status_code", "header", "response_time"],
        TaskClass::Tcp => &["response_time", "response_message", "hops"],
        TaskClass::Icmp => &["response_time", "packet_loss_percent", "packets", "hops"],
        TaskClass::Websocket => &["response_time", "response_message", "header"],
        TaskClass::Grpc => &["body", "response_time"],
        TaskClass::Ssl => &[
            "response_time",
            "ssl_cert_expires_in_days",
            "ssl_cert_not_after",
            "subject",
            "issuer",
            "tls_version",
        ],
        TaskClass::Multi => &[],
    }
}

fn judge(condition: &Object<'_>, class: TaskClass, faults: &mut Faults) {
    for key in keys(class) {
        let field = condition.field(key);
        match (*key, class) {
            ("response_time", TaskClass::Tcp | TaskClass::Websocket) => each(&field, delay, faults),
            ("response_time", TaskClass::Icmp) => each(&field, round_trip, faults),
            ("response_time", _) => field.duration(faults),
            ("header", _) => header(&field, faults),
            (
                "body" | "status_code" | "response_message" | "subject" | "issuer" | "tls_version",
                _,
            ) => {
                each(&field, option, faults);
            }
            _ => each(&field, comparison, faults),
        }
    }
}

fn each(field: &Field<'_>, check: fn(&Field<'_>, &mut Faults), faults: &mut Faults) {
    for element in field.elements(faults) {
        check(&element, faults);
    }
}

fn header(field: &Field<'_>, faults: &mut Faults) {
    let Some(object) = field.object(&[], faults) else { return };
    for header in object.fields() {
        each(&header, option, faults);
    }
}

fn option(field: &Field<'_>, faults: &mut Faults) {
    let Some(object) = field.object(OPTION, faults) else { return };
    for key in OPTION {
        let field = object.field(key);
        let Some(text) = field.text(faults) else { continue };
        if key.ends_with("match_regex")
            && let Err(error) = pattern::check(text)
        {
            field.fault(error, faults);
        }
    }
}

/// An operator and a number. A target that is left out is 0, as for the agent: clients written in
/// Go leave out a zero.
fn comparison(field: &Field<'_>, faults: &mut Faults) {
    let Some(object) = field.object(&["op", "target"], faults) else { return };
    operator(&object, faults);
    object.field("target").number(faults);
}

fn round_trip(field: &Field<'_>, faults: &mut Faults) {
    let Some(object) = field.object(&["func", "op", "target"], faults) else { return };
    let function = object.field("func");
    function.required(faults);
    function.word(FUNCTIONS, faults);
    operator(&object, faults);
    target(&object, faults);
}

fn delay(field: &Field<'_>, faults: &mut Faults) {
    let Some(object) = field.object(&["is_contain_dns", "target"], faults) else { return };
    object.field("is_contain_dns").boolean(faults);
    target(&object, faults);
}

/// Without an operator the agent would find everything fine.
fn operator(object: &Object<'_>, faults: &mut Faults) {
    let operator = object.field("op");
    operator.required(faults);
    operator.word(OPERATORS, faults);
}

fn target(object: &Object<'_>, faults: &mut Faults) {
    let target = object.field("target");
    target.required_text(faults);
    if target.value.is_some_and(serde_json::Value::is_string) {
        target.duration(faults);
    }
}
