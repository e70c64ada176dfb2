//! Dial tasks: what nodes dial (dialing contract, sections 2.3 and 3.2).
//!
//! The agent drops a task that it does not understand without a word. So a task is checked here at
//! least as strictly as there, and everything that is wrong is named at once.

mod certificate;
mod class;
mod condition;
mod crontab;
mod destination;
mod fault;
mod field;
mod frequency;
mod http;
mod labels;
mod mask;
mod pattern;
mod reading;
mod record;
mod size;
mod socket;
mod steps;
mod target;
mod template;

use serde_json::{Map, Value};

pub use class::{TaskClass, TaskClassError};
pub use crontab::CrontabError;
pub use fault::{MOST_FAULTS, TaskFault, TaskFaultReason, TaskRefusal};
pub use frequency::{Frequency, FrequencyError};
pub use mask::MASK;
pub use pattern::{PatternError, check as check_pattern};

pub use record::{Delivery, Tag, TagName, Task, next_update_time};
pub use size::{DEEPEST_TASK, LARGEST_SENT, LARGEST_TASK, LONGEST_MEMBER, LONGEST_TASK};

use crate::text::Line;
use field::{Faults, Field};
use reading::{BESIDE_THE_TARGET, head, keys, known, without_foreign};

/// What people call a task: 1 to 256 characters on one line, as it becomes a tag of its results.
pub type TaskName = Line<1, 256>;

/// Whether a task is dialled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum TaskStatus {
    /// It is.
    #[default]
    Ok,
    /// It is not.
    Stop,
}

impl TaskStatus {
    /// The status as it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Stop => "stop",
        }
    }
}

/// The text is no status of a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be one of ok, stop")]
pub struct TaskStatusError;

impl std::str::FromStr for TaskStatus {
    type Err = TaskStatusError;

    fn from_str(text: &str) -> Result<Self, TaskStatusError> {
        let named = |status: &Self| status.as_str() == text;
        [Self::Ok, Self::Stop].into_iter().find(named).ok_or(TaskStatusError)
    }
}

/// When a task is dialled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Schedule {
    /// So often.
    Every(Frequency),
    /// At the times of this crontab line, in the zone of the node.
    Crontab(String),
}

/// What a node dials, as its owner wrote it, without what the register itself writes into a task.
///
/// Everything that the agent would read has been checked. Keys that are not known are kept as they
/// are: the agent of today passes them over, and one of tomorrow may understand them. Three kinds
/// of members are not kept: those that are null, which the agent reads as absent at best; those
/// that the register writes itself (`external_id`, `access_key`, `post_url`, `region`,
/// `owner_external_id`, `update_time`), because clients send back what they were answered; and the
/// two lists of variables that the agent keeps for itself. The last two go from the tasks of steps,
/// too. A key that differs only in case from a known one is refused, because the agent would take it
/// for that one.
///
/// Texts with `{{name}}` in them are templates of variables that the task declares. What they will
/// become is not known here, so a host, port or URL with one in it only has to be there.
#[derive(Debug, Clone, PartialEq)]
pub struct DialTask {
    class: TaskClass,
    name: TaskName,
    status: TaskStatus,
    schedule: Schedule,
    content: Map<String, Value>,
}

impl DialTask {
    /// Reads a task of this class. Paths of faults begin with `task`.
    ///
    /// A status that is left out is `ok`, a `schedule_type` is `frequency`. The task of an HTTP
    /// step of the class multi may be an object or a string that holds one.
    ///
    /// # Errors
    /// What is wrong with it: the first [`MOST_FAULTS`] faults.
    pub fn parse(class: TaskClass, task: Value) -> Result<Self, TaskRefusal> {
        let mut faults = Faults::new();
        let read =
            size::check_sent(&task, &mut faults).then(|| Self::read(class, task, &mut faults));
        read.flatten().ok_or(TaskRefusal(faults))
    }

    /// Reads a task of this class; or nothing, and there are faults.
    fn read(class: TaskClass, task: Value, faults: &mut Faults) -> Option<Self> {
        let task = without_foreign(task, class);
        if !size::check(&task, faults) {
            return None;
        }
        let object = Field::root(&task).object(&keys(class), faults);
        let head = object.and_then(|object| head(&object, class, faults));
        template::check(&task, faults);
        match (head, task) {
            (Some((name, status, schedule)), Value::Object(mut content)) if faults.is_empty() => {
                content.insert("status".to_owned(), status.as_str().into());
                Some(Self { class, name, status, schedule, content })
            }
            _ => None,
        }
    }

    /// The task of this class whose content was stored. All of it was checked before, by the rules of
    /// that time, so no more is read than what is known of every task.
    ///
    /// # Errors
    /// That even this is not there.
    pub fn stored(class: TaskClass, content: Map<String, Value>) -> Result<Self, TaskRefusal> {
        let mut faults = Faults::new();
        match known(&content, &mut faults) {
            Some((name, status, schedule)) if faults.is_empty() => {
                Ok(Self { class, name, status, schedule, content })
            }
            _ => Err(TaskRefusal(faults)),
        }
    }

    /// Reads a task that somebody sent who may have been shown it with [`MASK`] for its secrets.
    /// Where a secret comes back so, it is that of the `stored` task, in the same place of which it
    /// was shown; list elements are the same when they have the same name, or else the same place. A task
    /// that leads to another origin than the stored one takes no stored secret along.
    ///
    /// # Errors
    /// What is wrong with it, also a mask behind which nothing is stored, and each mask of a task that
    /// leads elsewhere: the first [`MOST_FAULTS`] faults.
    pub fn submitted(
        class: TaskClass,
        mut task: Value,
        stored: Option<&Self>,
    ) -> Result<Self, TaskRefusal> {
        let mut faults = Faults::new();
        if !size::check_sent(&task, &mut faults) {
            return Err(TaskRefusal(faults));
        }
        if let (TaskClass::Multi, Value::Object(map)) = (class, &mut task) {
            steps::unfold(map);
        }
        let stored = stored.map(|stored| Value::Object(stored.content.clone()));
        let mut masks = mask::Masks::new(&mut faults);
        masks.restore(&mut task, stored.as_ref());
        if stored.is_some_and(|stored| destination::leads_elsewhere(&task, &stored)) {
            masks.refuse_restored();
        }
        Self::read(class, task, &mut faults).ok_or(TaskRefusal(faults))
    }

    /// Whether a task that was sent is small enough that it is worth a look.
    ///
    /// # Errors
    /// That it is not.
    pub fn check_size(task: &Value) -> Result<(), TaskRefusal> {
        let mut faults = Faults::new();
        if size::check_sent(task, &mut faults) { Ok(()) } else { Err(TaskRefusal(faults)) }
    }

    /// How many bytes it has as JSON.
    #[must_use]
    pub fn size(&self) -> usize {
        size::bytes(&self.content)
    }

    /// What it dials.
    #[must_use]
    pub const fn class(&self) -> TaskClass {
        self.class
    }

    /// What people call it.
    #[must_use]
    pub const fn name(&self) -> &TaskName {
        &self.name
    }

    /// Whether it is dialled.
    #[must_use]
    pub const fn status(&self) -> TaskStatus {
        self.status
    }

    /// When it is dialled.
    #[must_use]
    pub const fn schedule(&self) -> &Schedule {
        &self.schedule
    }

    /// All of it, as the dialing interface shows it: tasks of steps are objects.
    #[must_use]
    pub const fn content(&self) -> &Map<String, Value> {
        &self.content
    }

    /// The same for those who may not see its secrets.
    #[must_use]
    pub fn masked_content(&self) -> Map<String, Value> {
        let mut content = self.content.clone();
        mask::hide("", &mut content);
        content
    }

    /// Whether there is anything in it that not everybody may see.
    #[must_use]
    pub fn has_secrets(&self) -> bool {
        self.masked_content() != self.content
    }

    /// Enough of it that an agent takes it for the same task, which it is to stop: without secrets,
    /// since the node may not be one of the task's any more.
    #[must_use]
    pub fn stopping_content(&self) -> Map<String, Value> {
        let mut task = Self { content: self.masked_content(), ..self.clone() };
        mask::drop_certificates(&mut task.content);
        task.with_status(TaskStatus::Stop).agent_content()
    }

    /// All of it, as the agent needs it: tasks of steps are strings.
    #[must_use]
    pub fn agent_content(&self) -> Map<String, Value> {
        let mut content = self.content.clone();
        if self.class == TaskClass::Multi {
            steps::fold(&mut content);
        }
        content
    }

    /// Whether the same is dialled, and counts as answered, as by the other: all but how it is called
    /// and marked, when it is dialled, and whether it is.
    #[must_use]
    pub fn has_target_of(&self, other: &Self) -> bool {
        let target = |task: &Self| {
            let mut content = task.content.clone();
            content.retain(|key, _| !BESIDE_THE_TARGET.contains(&key.as_str()));
            content
        };
        self.class == other.class && target(self) == target(other)
    }

    /// The same task with this status.
    #[must_use]
    pub fn with_status(mut self, status: TaskStatus) -> Self {
        self.status = status;
        self.content.insert("status".to_owned(), status.as_str().into());
        self
    }
}

#[cfg(test)]
mod tests;
