//! Variables that dial tasks use by name (dialing contract, section 3.6).

use chrono::{DateTime, Utc};

use crate::id::{EnterpriseId, TaskId, VariableId};
use crate::secret::Secret;
use crate::text::Line;

/// The name of a variable: 1 to 128 characters on one line, unique among those of an enterprise
/// that are not deleted.
pub type VariableName = Line<1, 128>;

/// How a variable is called in the script of the task that computes it: up to 128 characters.
pub type VariableWord = Line<0, 128>;

/// The most bytes of a value.
pub const LONGEST_VALUE: usize = 64 * 1024;

/// The most bytes of a script.
pub const LONGEST_SCRIPT: usize = 64 * 1024;

/// What is said about a variable.
#[derive(Debug, Clone)]
pub struct VariableContent {
    /// Its name.
    pub name: VariableName,
    /// Its value, of at most [`LONGEST_VALUE`] bytes.
    pub value: Secret,
    /// Whether only some see the value. Agents get it either way, but do not show it in results.
    pub is_secure: bool,
    /// What computes the value, if the agent does.
    pub source: Option<VariableSource>,
}

/// The task after whose runs the agent computes the value of a variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VariableSource {
    /// The task.
    pub task_id: TaskId,
    /// How the script calls the variable.
    pub task_var_name: VariableWord,
    /// The script, of at most [`LONGEST_SCRIPT`] bytes.
    pub post_script: String,
}

/// A variable of an enterprise.
#[derive(Debug, Clone)]
pub struct DialVariable {
    /// Its identifier.
    pub id: VariableId,
    /// The enterprise that it belongs to.
    pub enterprise_id: EnterpriseId,
    /// What is said about it.
    pub content: VariableContent,
    /// When it was changed for agents, in seconds since 1970; no two variables of an enterprise have
    /// the same. The storage gives it with every change; 0 before that.
    pub update_time: i64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last changed; before that, when it was made.
    pub updated_at: DateTime<Utc>,
    /// When it was deleted, if it was: until every agent has seen that, it is kept without a value.
    pub deleted_at: Option<DateTime<Utc>>,
    /// Counts its changes, from 1.
    pub version: i64,
}

impl DialVariable {
    /// A variable that is made at `now`.
    #[must_use]
    pub const fn new(
        id: VariableId,
        enterprise_id: EnterpriseId,
        content: VariableContent,
        now: DateTime<Utc>,
    ) -> Self {
        Self {
            id,
            enterprise_id,
            content,
            update_time: 0,
            created_at: now,
            updated_at: now,
            deleted_at: None,
            version: 1,
        }
    }

    /// The variable with other content in its next version, made at `now`; none when it would be the
    /// same.
    #[must_use]
    pub fn edited(&self, content: VariableContent, now: DateTime<Utc>) -> Option<Self> {
        (!self.content.same(&content)).then(|| self.next(content, now))
    }

    /// The variable as it is kept after its deletion: without its value.
    #[must_use]
    pub fn deleted(&self, now: DateTime<Utc>) -> Self {
        let content =
            VariableContent { value: Secret::from(String::new()), ..self.content.clone() };
        Self { deleted_at: Some(now), ..self.next(content, now) }
    }

    fn next(&self, content: VariableContent, now: DateTime<Utc>) -> Self {
        Self { content, updated_at: now, version: self.version + 1, ..self.clone() }
    }
}

impl VariableContent {
    /// Whether both say the same.
    #[must_use]
    pub fn same(&self, other: &Self) -> bool {
        self.name == other.name
            && self.value.same(&other.value)
            && self.is_secure == other.is_secure
            && self.source == other.source
    }
}

/// The time of the next change of a variable in an enterprise whose last one had `last`, in seconds:
/// the present, but always later than before, whatever the clock does.
#[must_use]
pub fn next_variable_time(last: i64, now: DateTime<Utc>) -> i64 {
    now.timestamp().max(last.saturating_add(1))
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::id::HexId;
    use crate::sample::{NOW, OWN, text};

    fn content() -> VariableContent {
        let value = Secret::from("42".to_owned());
        VariableContent { name: text("answer"), value, is_secure: false, source: None }
    }

    fn variable() -> DialVariable {
        let id = VariableId::from(HexId::from_bytes([1; 16]));
        DialVariable::new(id, OWN, content(), NOW)
    }

    #[test]
    fn the_same_content_is_no_change_and_any_other_is_one() {
        let (before, later) = (variable(), NOW + TimeDelta::seconds(1));
        assert!(before.edited(content(), later).is_none());
        let source = VariableSource {
            task_id: "dial_0123456789abcdef0123456789abcdef".parse().expect("an identifier"),
            task_var_name: text("x"),
            post_script: String::new(),
        };
        for other in [
            VariableContent { name: text("other"), ..content() },
            VariableContent { value: Secret::from("43".to_owned()), ..content() },
            VariableContent { is_secure: true, ..content() },
            VariableContent { source: Some(source.clone()), ..content() },
        ] {
            let after = before.edited(other.clone(), later).expect("a change");
            assert!(after.content.same(&other) && !after.content.same(&before.content));
            assert_eq!((after.updated_at, after.version), (later, 2));
            assert_eq!((after.created_at, after.deleted_at), (NOW, None));
        }
    }

    #[test]
    fn a_deleted_variable_has_no_value() {
        let gone = variable().deleted(NOW);
        assert_eq!((gone.deleted_at, gone.version), (Some(NOW), 2));
        assert_eq!(gone.content.value.reveal(), "");
        assert_eq!(gone.content.name, variable().content.name);
    }

    #[test]
    fn the_time_of_changes_grows_strictly_whatever_the_clock_does() {
        let now = NOW + TimeDelta::seconds(10);
        assert_eq!(next_variable_time(0, now), 10);
        assert_eq!(next_variable_time(9, now), 10);
        assert_eq!(next_variable_time(10, now), 11);
        assert_eq!(next_variable_time(50, now), 51);
    }
}
