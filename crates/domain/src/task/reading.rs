//! What tasks of all classes have in common, and what is taken out of them before they are read.

use serde_json::{Map, Value};

use super::fault::TaskFaultReason;
use super::field::{self, Faults, Field, Object};
use super::{Schedule, TaskClass, TaskName, TaskStatus, crontab, http, labels, socket, steps};

/// What the register writes into a task, or the agent keeps for itself.
const NOT_OF_THE_OWNER: &[&str] = &[
    "external_id",
    "access_key",
    "post_url",
    "region",
    "owner_external_id",
    "update_time",
    "ExtractedVars",
    "CustomVars",
];

const COMMON_KEYS: &[&str] = &[
    "name",
    "status",
    "disabled",
    "frequency",
    "schedule_type",
    "crontab",
    "tags",
    "labels",
    "workspace_language",
    "tags_info",
    "df_label",
    "config_vars",
];

/// What of a task changes neither what is dialled nor what counts as an answer.
pub(super) const BESIDE_THE_TARGET: &[&str] = &[
    "name",
    "status",
    "disabled",
    "frequency",
    "schedule_type",
    "crontab",
    "tags",
    "labels",
    "workspace_language",
    "tags_info",
    "df_label",
];

/// The task without what is not of its owner, without nulls, and with steps unfolded.
pub(super) fn without_foreign(mut task: Value, class: TaskClass) -> Value {
    if let Value::Object(map) = &mut task {
        if class == TaskClass::Multi {
            steps::unfold(map);
            steps::tasks(map).filter_map(Value::as_object_mut).for_each(drop_foreign);
        }
        drop_foreign(map);
    }
    drop_nulls(&mut task);
    task
}

fn drop_foreign(task: &mut Map<String, Value>) {
    let foreign = |key: &str| NOT_OF_THE_OWNER.iter().any(|own| field::same_for_go(own, key));
    task.retain(|key, _| !foreign(key));
}

/// Drops the members of objects that are null. A null in an array keeps its place.
fn drop_nulls(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.retain(|_, member| !member.is_null());
            map.values_mut().for_each(drop_nulls);
        }
        Value::Array(elements) => elements.iter_mut().for_each(drop_nulls),
        _ => {}
    }
}

pub(super) fn keys(class: TaskClass) -> Vec<&'static str> {
    let own: &[&str] = match class {
        TaskClass::Http => http::HTTP_KEYS,
        TaskClass::Grpc => http::GRPC_KEYS,
        TaskClass::Tcp => socket::TCP_KEYS,
        TaskClass::Icmp => socket::ICMP_KEYS,
        TaskClass::Websocket => socket::WEBSOCKET_KEYS,
        TaskClass::Ssl => socket::SSL_KEYS,
        TaskClass::Multi => &["steps"],
    };
    [COMMON_KEYS, own].concat()
}

/// Checks all of a task, and gives what is known of every one.
pub(super) fn head(
    task: &Object<'_>,
    class: TaskClass,
    faults: &mut Faults,
) -> Option<(TaskName, TaskStatus, Schedule)> {
    let name = name(&task.field("name"), faults);
    let status = status(&task.field("status"), faults);
    let schedule = schedule(task, faults);
    labels::check(task, faults);
    match class {
        TaskClass::Http => http::check_http(task, faults),
        TaskClass::Grpc => http::check_grpc(task, faults),
        TaskClass::Tcp => socket::check_tcp(task, faults),
        TaskClass::Icmp => socket::check_icmp(task, faults),
        TaskClass::Websocket => socket::check_websocket(task, faults),
        TaskClass::Ssl => socket::check_ssl(task, faults),
        TaskClass::Multi => steps::check(task, faults),
    }
    Some((name?, status, schedule?))
}

/// What is known of every task, of one that was checked when it was stored.
pub(super) fn known(
    content: &Map<String, Value>,
    faults: &mut Faults,
) -> Option<(TaskName, TaskStatus, Schedule)> {
    let task = Object::root(content);
    let name = name(&task.field("name"), faults);
    let status = status(&task.field("status"), faults);
    let schedule = if task.field("schedule_type").text(faults) == Some("crontab") {
        task.field("crontab").required_text(faults).map(|line| Schedule::Crontab(line.to_owned()))
    } else {
        every(&task.field("frequency"), faults)
    };
    Some((name?, status, schedule?))
}

fn name(field: &Field<'_>, faults: &mut Faults) -> Option<TaskName> {
    let text = field.required_text(faults)?;
    TaskName::try_from(text.to_owned()).map_err(|error| field.fault(error, faults)).ok()
}

fn status(field: &Field<'_>, faults: &mut Faults) -> TaskStatus {
    match field.word_or_none(&["ok", "stop"], faults) {
        Some("stop") => TaskStatus::Stop,
        _ => TaskStatus::Ok,
    }
}

fn schedule(task: &Object<'_>, faults: &mut Faults) -> Option<Schedule> {
    let kind = task.field("schedule_type");
    let crontab = task.field("crontab");
    let frequency = task.field("frequency");
    let named = kind.text(faults).filter(|text| !text.is_empty());
    if named == Some("crontab") {
        frequency.text(faults);
        let line = crontab.required_text(faults)?;
        crontab::check(line).map_err(|error| crontab.fault(error, faults)).ok()?;
        return Some(Schedule::Crontab(line.to_owned()));
    }
    if named.is_some_and(|text| text != "frequency") {
        kind.fault(TaskFaultReason::OneOf(&["frequency", "crontab"]), faults);
    }
    crontab.text(faults);
    every(&frequency, faults)
}

fn every(frequency: &Field<'_>, faults: &mut Faults) -> Option<Schedule> {
    const STEPS: &[&str] = &["1m", "5m", "15m", "30m", "1h", "6h", "12h", "24h"];
    frequency.required(faults);
    frequency.word(STEPS, faults)?.parse().ok().map(Schedule::Every)
}
