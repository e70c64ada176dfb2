//! What is put on the results of a task, and the variables that it uses.

use super::fault::TaskFaultReason;
use super::field::{Faults, Field, Object};

/// Words of the language of templates, which are never the names of functions there.
const KEYWORDS: &[&str] = &[
    "block", "break", "continue", "define", "else", "end", "false", "if", "nil", "range",
    "template", "true", "with",
];

pub(super) fn check(task: &Object<'_>, faults: &mut Faults) {
    task.field("disabled").integer(0, 255, faults);
    task.field("tags").texts(faults);
    for label in task.field("labels").elements(faults) {
        label.text(faults);
    }
    for key in ["workspace_language", "tags_info", "df_label"] {
        task.field(key).text(faults);
    }
    let keys = &["id", "type", "name", "value", "example", "secure"];
    for variable in task.field("config_vars").elements(faults) {
        let Some(object) = variable.object(keys, faults) else { continue };
        variable_name(&object.field("name"), faults);
        for key in ["id", "type", "value", "example"] {
            object.field(key).text(faults);
        }
        object.field("secure").boolean(faults);
    }
}

/// The agent makes each variable a function of a template, and dies of a name that is none.
pub(super) fn variable_name(field: &Field<'_>, faults: &mut Faults) {
    let Some(name) = field.required_text(faults) else { return };
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if !name.chars().all(allowed) || name.starts_with(|c: char| c.is_ascii_digit()) {
        field.fault(TaskFaultReason::Variable, faults);
    } else if KEYWORDS.contains(&name) {
        field.fault(TaskFaultReason::Keyword(KEYWORDS), faults);
    }
}
