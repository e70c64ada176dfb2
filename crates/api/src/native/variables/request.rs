//! The bodies of requests about variables of dial tasks.

use cadastre_domain::id::TaskId;
use cadastre_domain::secret::Secret;
use cadastre_domain::variable::{
    LONGEST_SCRIPT, LONGEST_VALUE, VariableContent, VariableName, VariableSource, VariableWord,
};
use utoipa::ToSchema;

use super::super::fields::Fields;
use crate::error::Error;
use crate::service::variables::VariableEdit;

/// A variable to be added.
#[derive(ToSchema)]
#[schema(as = NewDialVariable)]
#[expect(dead_code, reason = "describes a body that is read field by field")]
pub(in crate::native) struct NewVariableBody {
    /// Its name; one line, unique in the enterprise.
    #[schema(min_length = 1, max_length = 128)]
    name: String,
    /// Its value, at most 64 KiB.
    value: String,
    /// Whether only some see the value.
    #[schema(default = false, nullable = false)]
    secure: Option<bool>,
    /// The task after whose runs agents compute the value.
    task_id: Option<String>,
    /// How the script of the task calls it; only with a task.
    #[schema(max_length = 128)]
    task_var_name: Option<String>,
    /// The script that computes it, at most 64 KiB; only with a task.
    post_script: Option<String>,
}

/// Reads the body of a request for a variable.
pub(super) fn new_variable(mut fields: Fields) -> Result<VariableContent, Error> {
    let name = fields.required("name", VariableName::try_from);
    let value = fields.required("value", value);
    let is_secure = fields.flag("secure").unwrap_or_default();
    let task_id = fields.optional("task_id", |text| text.parse::<TaskId>());
    let task_var_name = fields.optional("task_var_name", VariableWord::try_from);
    let post_script = fields.optional("post_script", script);
    for (field, given) in
        [("task_var_name", task_var_name.is_some()), ("post_script", post_script.is_some())]
    {
        if given && task_id.is_none() {
            fields.complain(field, "is of use only together with task_id");
        }
    }
    fields.finish()?;
    let (Some(name), Some(value)) = (name, value) else {
        return Err(Error::Internal("a field was lost".into()));
    };
    let source = task_id.map(|task_id| VariableSource {
        task_id,
        task_var_name: task_var_name.unwrap_or_default(),
        post_script: post_script.unwrap_or_default(),
    });
    Ok(VariableContent { name, value, is_secure, source })
}

/// A change of a variable: a merge patch, what is left out stays.
#[derive(ToSchema)]
#[schema(as = DialVariableChange)]
#[expect(dead_code, reason = "describes a body that is read field by field")]
pub(in crate::native) struct VariableChangeBody {
    /// Its new name.
    #[schema(min_length = 1, max_length = 128, nullable = false)]
    name: Option<String>,
    /// Its new value.
    #[schema(nullable = false)]
    value: Option<String>,
    /// Whether only some see the value.
    #[schema(nullable = false)]
    secure: Option<bool>,
    /// The task after whose runs agents compute the value; null for none.
    task_id: Option<String>,
    /// How the script of the task calls it.
    #[schema(max_length = 128, nullable = false)]
    task_var_name: Option<String>,
    /// The script that computes it.
    #[schema(nullable = false)]
    post_script: Option<String>,
}

/// Reads the body of a change of a variable.
pub(super) fn change(mut fields: Fields) -> Result<VariableEdit, Error> {
    fields.not_null("secure");
    let edit = VariableEdit {
        name: fields.replaced("name", VariableName::try_from),
        value: fields.replaced("value", value),
        is_secure: fields.flag("secure"),
        task_id: fields.change("task_id", |text| text.parse::<TaskId>()),
        task_var_name: fields.replaced("task_var_name", VariableWord::try_from),
        post_script: fields.replaced("post_script", script),
    };
    fields.finish()?;
    Ok(edit)
}

fn value(text: String) -> Result<Secret, String> {
    bounded(text, LONGEST_VALUE).map(Secret::from)
}

fn script(text: String) -> Result<String, String> {
    bounded(text, LONGEST_SCRIPT)
}

/// A text of at most so many bytes, without NUL, which PostgreSQL does not keep.
fn bounded(text: String, most: usize) -> Result<String, String> {
    if text.len() > most {
        return Err(format!("must have at most {most} bytes"));
    }
    if text.contains('\0') {
        return Err("must not contain NUL".to_owned());
    }
    Ok(text)
}
