//! Bodies that say what there is about tasks.

use std::sync::Arc;

use cadastre_domain::id::{NodeId, TaskId};
use cadastre_domain::task::{DialTask, TagName, TaskClass};
use serde_json::Value;
use utoipa::ToSchema;

use super::super::fields::Fields;
use crate::error::{Error, Problem, Thing, of_task};
use crate::service::tasks::{MOST_NODES, MOST_TAGS, Submission};

/// The most tasks that one call names.
const MOST_TASKS: usize = 1_000;

/// A task to be added.
#[derive(ToSchema)]
#[schema(as = NewTask)]
#[expect(dead_code, reason = "describes a body that is read field by field")]
pub(in super::super) struct NewTaskBody {
    /// What it dials, in upper or lower case.
    #[schema(schema_with = class)]
    r#type: String,
    /// The nodes that dial it.
    #[schema(max_items = 1000)]
    regions: Vec<String>,
    /// What is dialled, and how often.
    #[schema(value_type = std::collections::HashMap<String, Value>)]
    task: Value,
    /// Names by which people find it.
    #[schema(max_items = 100)]
    tags: Option<Vec<String>>,
}

/// What replaces a task.
#[derive(ToSchema)]
#[schema(as = TaskChange)]
#[expect(dead_code, reason = "describes a body that is read field by field")]
pub(in super::super) struct TaskChangeBody {
    /// The nodes that dial it.
    #[schema(max_items = 1000)]
    regions: Vec<String>,
    /// What is dialled, and how often.
    #[schema(value_type = std::collections::HashMap<String, Value>)]
    task: Value,
    /// Names by which people find it; without them it keeps those that it has, null takes them away.
    #[schema(max_items = 100)]
    tags: Option<Vec<String>>,
}

/// A task of several steps.
#[derive(ToSchema)]
#[schema(as = MultiTask)]
#[expect(dead_code, reason = "describes a body that is read field by field")]
pub(in super::super) struct MultiTaskBody {
    /// The nodes that dial it.
    #[schema(max_items = 1000)]
    regions: Vec<String>,
    /// What is dialled, and how often; `steps` says what comes after what.
    #[schema(value_type = std::collections::HashMap<String, Value>)]
    task: Value,
    /// Names by which people find it.
    #[schema(max_items = 100)]
    tags: Option<Vec<String>>,
}

/// Tasks that are meant.
#[derive(ToSchema)]
#[schema(as = ChosenTasks)]
#[expect(dead_code, reason = "describes a body that is read field by field")]
pub(in super::super) struct ChosenTasksBody {
    /// Their identifiers.
    #[serde(rename = "taskUUIDs")]
    #[schema(min_items = 1, max_items = 1000)]
    task_uuids: Vec<String>,
}

/// Tasks to be stopped or dialled again.
#[derive(ToSchema)]
#[schema(as = DisabledTasks)]
#[expect(dead_code, reason = "describes a body that is read field by field")]
pub(in super::super) struct DisabledTasksBody {
    /// Their identifiers.
    #[serde(rename = "taskUUIDs")]
    #[schema(min_items = 1, max_items = 1000)]
    task_uuids: Vec<String>,
    /// Whether they are stopped.
    #[serde(rename = "isDisable")]
    is_disable: bool,
}

/// The classes of tasks.
pub(super) fn class() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
    crate::openapi::one_of(TaskClass::ALL.map(TaskClass::as_str))
}

/// What a body says of the type of a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Said {
    /// It has to name it.
    MustBe,
    /// It may name it.
    MayBe,
    /// It may name it, and it is `multi`.
    Multi,
}

/// What is said of a task, with all that is wrong in it.
pub(super) fn submission(mut fields: Fields, said: Said) -> Submission {
    let body = &mut fields;
    let class = class_of(body, said);
    let nodes = body.array("regions", MOST_NODES, |text| {
        let no_id = |_| Problem::Other("is no identifier of a node".to_owned());
        text.parse::<NodeId>().map_err(no_id)
    });
    let tags = if body.is_null("tags") {
        Some(Vec::new())
    } else if body.has("tags") {
        let parse = |text: &str| TagName::try_from(text.to_owned()).map_err(Problem::from);
        body.array("tags", MOST_TAGS, parse)
    } else {
        None
    };
    let task = body.value("task").and_then(|task| match DialTask::check_size(&task) {
        Ok(()) => Some(Arc::new(task)),
        Err(refusal) => body.refuse_parts(of_task(&refusal)),
    });
    let mut nodes = nodes.unwrap_or_default();
    nodes.sort();
    Submission { class, nodes, task, tags, errors: fields.into_errors() }
}

fn class_of(body: &mut Fields, said: Said) -> Option<TaskClass> {
    let named = said == Said::MustBe || body.has("type");
    let class = if named { body.parsed("type") } else { None };
    match (said, class) {
        (Said::Multi, Some(class)) if class != TaskClass::Multi => {
            let text = format!("is {class}, and this path is for tasks of the type multi");
            body.refuse("type", Problem::Other(text))
        }
        (Said::Multi, _) => Some(TaskClass::Multi),
        (_, class) => class,
    }
}

/// The tasks that are meant.
fn ids(body: &mut Fields) -> Option<Vec<String>> {
    let ids = body.array("taskUUIDs", MOST_TASKS, |text| Ok(text.to_owned()))?;
    if ids.is_empty() { body.refuse("taskUUIDs", Problem::Blank) } else { Some(ids) }
}

/// What is no identifier identifies nothing.
fn parsed(ids: &[String]) -> Result<Vec<TaskId>, Error> {
    let parsed = ids.iter().map(|id| id.parse());
    parsed.collect::<Result<_, _>>().map_err(|_| Error::NotFound(Thing::DialTask))
}

pub(super) fn chosen(mut fields: Fields) -> Result<Vec<TaskId>, Error> {
    match ids(&mut fields) {
        Some(ids) => parsed(&ids),
        None => Err(Error::Fields(fields.into_errors())),
    }
}

pub(super) fn disabled(mut fields: Fields) -> Result<(Vec<TaskId>, bool), Error> {
    let (ids, disable) = (ids(&mut fields), fields.boolean("isDisable"));
    match (ids, disable) {
        (Some(ids), Some(disable)) => Ok((parsed(&ids)?, disable)),
        _ => Err(Error::Fields(fields.into_errors())),
    }
}
