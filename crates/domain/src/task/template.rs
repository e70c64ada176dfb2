//! Templates in the texts of a task: `{{name}}`, which the agent fills in before each dial.
//!
//! The agent reads them by `text/template` of Go, with a function for each variable of the task and
//! three of its own, and drops a task with one that it cannot read or fill in. The language of Go has
//! much more than anybody needs here, so a small part of it is allowed ([`action`]): names of
//! variables, texts in quotes, the three functions, and pipes of those.

mod action;

use std::collections::HashSet;
use std::rc::Rc;

use serde_json::Value;

use super::field::{Faults, Path};

pub use action::TemplateError;

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
    "protofiles",
];

/// Members that map names to values, all of which the agent fills in, whatever their names.
const MAPS: &[&str] = &["headers", "header", "form", "metadata"];

/// Those of them whose names it fills in, too.
const NAMED: &[&str] = &["form", "metadata"];

/// Checks every template in `task`. Variables are those of the task and those that its steps take
/// from their answers; a step may only use what an earlier one took, but that is not checked.
pub(super) fn check(task: &Value, faults: &mut Faults) {
    let mut names = HashSet::new();
    declared(task, &mut names);
    search(task, &Path::root(), &names, faults);
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

fn search(value: &Value, path: &Path<'_>, names: &HashSet<&str>, faults: &mut Faults) {
    match value {
        Value::Object(map) => {
            let name = path.name().unwrap_or_default();
            let here = Rc::new(path.clone());
            let is_map = MAPS.contains(&name);
            let is_plain = |key: &str| !is_map && PLAIN.contains(&key);
            for (key, member) in map.iter().filter(|(key, _)| !is_plain(key)) {
                let path = here.member(key);
                if NAMED.contains(&name) {
                    read(key, &path, names, faults);
                }
                search(member, &path, names, faults);
            }
        }
        Value::Array(elements) => {
            let here = Rc::new(path.clone());
            for (index, element) in elements.iter().enumerate() {
                search(element, &here.element(index), names, faults);
            }
        }
        Value::String(text) => read(text, path, names, faults),
        _ => {}
    }
}

/// Notes the first thing that is wrong with the templates in a text.
fn read(text: &str, path: &Path<'_>, names: &HashSet<&str>, faults: &mut Faults) {
    let mut rest = text;
    while let Some((_, inner)) = rest.split_once("{{") {
        match action::check(inner, names) {
            Ok(behind) => rest = behind,
            Err(error) => return faults.push(path, error),
        }
    }
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

    const VARIABLES: [&str; 4] = ["host", "id", "_x1", "date2"];

    fn fault(text: &str) -> String {
        let variables = VARIABLES.map(|name| json!({"name": name}));
        let found = faults(&json!({"url": text, "config_vars": variables}));
        assert!(found.len() <= 1, "{text}: {found:?}");
        found.concat()
    }

    #[test]
    fn templates_that_the_agent_can_fill_in_are_fine() {
        for text in [
            "",
            "}} {a} { {",
            "https://{{host}}/{{ id }}",
            "{{- host -}}",
            "{{-\thost\n-}}",
            "{{_x1}}{{date2}}",
            r#"{{timestamp "ms"}}"#,
            "{{timestamp `ns`}}",
            "{{timestamp host}}",
            r#"{{"s" | timestamp}}"#,
            r#"{{date "rfc3339"}}"#,
            r#"{{date "2006-01-02"|urlencode}}"#,
            r#"{{urlencode "a}}b{{c\"\\"}}"#,
            "{{urlencode host}}",
            "{{host | urlencode | urlencode}}",
            r#"{{"{{"}}host{{`}}`}}"#,
            r#"{{""}}"#,
        ] {
            assert_eq!(fault(text), "", "{text}");
        }
    }

    #[test]
    fn what_ends_the_dialer_is_refused_with_its_reason() {
        for (text, reason) in [
            ("{{", "is not closed"),
            ("{{host", "is not closed"),
            ("{{host}", "may stand"),
            ("{{ }}", "must have something"),
            ("{{}}", "must have something"),
            ("{{- -}}", "must have something"),
            ("{{host | }}", "must have something"),
            ("{{| host}}", "must have something"),
            ("{{timestamp}}", "one argument"),
            ("{{date}}", "one argument"),
            ("{{urlencode}}", "one argument"),
            (r#"{{date "a" "b"}}"#, "one argument"),
            (r#"{{host | date "a"}}"#, "one argument"),
            ("{{len}}", "uses the variable \"len\""),
            ("{{len host}}", "uses the variable \"len\""),
            ("{{print host}}", "uses the variable \"print\""),
            (r#"{{host "x"}}"#, "takes no argument"),
            ("{{host nosuch}}", "takes no argument"),
            ("{{host | id}}", "takes no argument"),
            (r#"{{"a" | "b"}}"#, "takes no argument"),
            ("{{host | nosuch}}", "uses the variable \"nosuch\""),
            ("{{urlencode nosuch}}", "uses the variable \"nosuch\""),
            ("{{urlencode date}}", "uses the variable \"date\""),
            ("{{nosuch}}", "uses the variable \"nosuch\""),
            (r#"{{"open}}"#, "text in it that is not closed"),
            ("{{\"a\nb\"}}", "text in it that is not closed"),
            ("{{`open}}", "text in it that is not closed"),
            (r#"{{"a\q"}}"#, "text in it that is not closed"),
            (r#"{{"a\"#, "text in it that is not closed"),
            ("{{$x}}", "may stand"),
            ("{{1 2}}", "may stand"),
            ("{{.}}", "may stand"),
            ("{{host.x}}", "may stand"),
            (r#"{{date"x"}}"#, "may stand"),
            ("{{host-}}", "may stand"),
            ("{{-host}}", "may stand"),
            ("{{/* x */}}", "may stand"),
            ("{{(host)}}", "may stand"),
            ("{{a {{b}}", "may stand"),
            ("{{if host}}x{{end}}", "uses the variable \"if\""),
            (r#"{{timestamp "h"}}"#, "s, ms, us and ns"),
            (r#"{{timestamp "s" | urlencode}}"#, "number"),
        ] {
            let found = fault(text);
            assert!(found.starts_with("task.url: ") && found.contains(reason), "{text}: {found}");
        }
    }

    #[test]
    fn a_variable_hides_a_function_of_its_name() {
        let task = |url| json!({"url": url, "config_vars": [{"name": "date"}]});
        assert_eq!(faults(&task("{{date}}")), [""; 0]);
        assert_eq!(faults(&task("{{date \"x\"}}")).len(), 1);
    }

    #[test]
    fn what_the_agent_does_not_fill_in_is_left_alone() {
        let task = json!({
            "post_script": "{{", "tags": {"a": "{{x}}"}, "name": "{{",
            "steps": [{"extracted_vars": [{"name": "id"}], "name": "{{", "task": {"url": "{{id}}"}}],
            "request_options": {"proto_files": {"protofiles": {"a": "{{"}}},
        });
        assert_eq!(faults(&task), [""; 0]);
    }

    #[test]
    fn faults_have_their_paths_also_those_of_names_in_forms() {
        let task = json!({
            "a": [{"b": "{{"}], "form": {"{{nosuch}}": "{{", "name": "{{x}}"},
            "headers": {"name": "{{", "{{": ""}, "metadata": {"{{": "a"},
        });
        let paths: Vec<_> = faults(&task)
            .iter()
            .map(|fault| fault.split(": ").next().unwrap_or("").to_owned())
            .collect();
        let form = "task.form.{{nosuch}}";
        let others = ["task.form.name", "task.headers.name", "task.metadata.{{"];
        assert_eq!(paths, [&["task.a[0].b", form, form], &others[..]].concat());
    }

    proptest! {
        #[test]
        fn any_text_is_decided(text in "[{}a.\"`|\\\\ -]{0,20}|.*") {
            faults(&json!({ "url": text }));
        }
    }
}
