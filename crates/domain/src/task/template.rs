//! Templates in the texts of a task: `{{name}}`, which the agent fills in before each dial.
//!
//! The agent reads them by `text/template` of Go, with a function for each variable of the task and
//! three of its own, and drops a task with one that it cannot read. What is looked for here is what
//! goes wrong: braces that are not closed, nothing between them, and names that nobody declared.

use std::collections::HashSet;

use serde_json::Value;

use super::fault::TaskFaultReason;
use super::field::{Faults, Field};

/// What the agent and Go itself offer by name.
const FUNCTIONS: &[&str] = &[
    "timestamp",
    "date",
    "urlencode",
    "print",
    "printf",
    "println",
    "html",
    "js",
    "urlquery",
    "len",
    "index",
    "slice",
    "and",
    "or",
    "not",
    "eq",
    "ne",
    "lt",
    "le",
    "gt",
    "ge",
    "true",
    "false",
];

/// Members that the agent does not fill in.
const PLAIN: &[&str] = &[
    "name",
    "status",
    "frequency",
    "schedule_type",
    "crontab",
    "tags",
    "labels",
    "tags_info",
    "workspace_language",
    "df_label",
    "config_vars",
    "extracted_vars",
    "post_script",
];

/// Checks every template in `task`. Variables are those of the task and those that its steps take
/// from their answers; a step may only use what an earlier one took, but that is not checked.
pub(super) fn check(task: &Value, faults: &mut Faults) {
    let mut names = HashSet::new();
    declared(task, &mut names);
    search(task, "task", &names, faults);
}

fn declared<'a>(value: &'a Value, names: &mut HashSet<&'a str>) {
    match value {
        Value::Object(map) => {
            for key in ["config_vars", "extracted_vars"] {
                let variables = map.get(key).and_then(Value::as_array);
                names
                    .extend(variables.into_iter().flatten().filter_map(|one| one["name"].as_str()));
            }
            map.values().for_each(|member| declared(member, names));
        }
        Value::Array(elements) => elements.iter().for_each(|element| declared(element, names)),
        _ => {}
    }
}

fn search(value: &Value, path: &str, names: &HashSet<&str>, faults: &mut Faults) {
    match value {
        Value::Object(map) => {
            for (key, member) in map.iter().filter(|(key, _)| !PLAIN.contains(&key.as_str())) {
                search(member, &format!("{path}.{key}"), names, faults);
            }
        }
        Value::Array(elements) => {
            for (index, element) in elements.iter().enumerate() {
                search(element, &format!("{path}[{index}]"), names, faults);
            }
        }
        Value::String(text) => {
            if let Err(reason) = read(text, names) {
                Field { value: None, path: path.to_owned() }.fault(reason, faults);
            }
        }
        _ => {}
    }
}

fn read(text: &str, names: &HashSet<&str>) -> Result<(), TaskFaultReason> {
    let mut rest = text;
    while let Some((_, inner)) = rest.split_once("{{") {
        let (action, behind) = inner.split_once("}}").ok_or(TaskFaultReason::Template)?;
        let trimmed = action.strip_prefix("- ").unwrap_or(action);
        let trimmed = trimmed.strip_suffix(" -").unwrap_or(trimmed).trim();
        if trimmed.is_empty() || trimmed.contains("{{") {
            return Err(TaskFaultReason::Template);
        }
        let end = trimmed.find(|c: char| !c.is_alphanumeric() && c != '_');
        let word = &trimmed[..end.unwrap_or(trimmed.len())];
        let is_name = word.starts_with(|c: char| c.is_alphabetic() || c == '_');
        if is_name && !names.contains(word) && !FUNCTIONS.contains(&word) {
            return Err(TaskFaultReason::Undeclared(word.to_owned()));
        }
        rest = behind;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn faults(task: &Value) -> Vec<String> {
        let mut faults = Faults::new();
        check(task, &mut faults);
        faults.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn templates_with_declared_names_are_fine() {
        let url = "https://{{host}}/{{ id }}?t={{timestamp \"ms\"}}&d={{- date \"rfc3339\" -}}";
        assert_eq!(
            faults(&json!({
                "url": url, "post_script": "{{", "tags": {"a": "{{x}}"}, "config_vars": [{"name": "host"}],
                "body": "}} {a} { {", "steps": [{"extracted_vars": [{"name": "id"}]}]
            })),
            [""; 0]
        );
    }

    #[test]
    fn others_are_told_of_with_their_path() {
        assert_eq!(
            faults(&json!({"url": "{{host}}", "a": [{"b": "{{"}], "c": "{{ }}", "d": "{{a {{b}}"})),
            [
                "task.url: uses the variable \"host\", which is not declared in config_vars",
                "task.a[0].b: a template must have something between {{ and }}",
                "task.c: a template must have something between {{ and }}",
                "task.d: a template must have something between {{ and }}",
            ]
        );
    }

    proptest! {
        #[test]
        fn any_text_is_decided(text in "[{}a. -]{0,20}|.*") {
            faults(&json!({ "url": text }));
        }
    }
}
