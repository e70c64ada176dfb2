//! The shape of bodies: names in snake case, and changes as merge patches.

use serde_json::{Value, json};

use super::{
    OTHER_LISTS, OTHER_THINGS, SECRET_THINGS, check_refusal, deeds, get, numbered, resources,
    scenes,
};

/// Names that are in another case, wherever they stand. Those of labels are the caller's.
fn in_another_case(value: &Value) -> Vec<String> {
    let is_snake = |name: &str| {
        name.starts_with(|c: char| c.is_ascii_lowercase())
            && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
    };
    match value {
        Value::Object(fields) => {
            let inner = fields.iter().filter(|(name, _)| *name != "labels");
            let wrong = fields.keys().filter(|name| !is_snake(name)).cloned();
            wrong.chain(inner.flat_map(|(_, value)| in_another_case(value))).collect()
        }
        Value::Array(values) => values.iter().flat_map(in_another_case).collect(),
        _ => Vec::new(),
    }
}

#[test]
fn names_are_in_snake_case() {
    for fixture in scenes() {
        let paths = resources().into_iter().flat_map(|resource| [resource.list, resource.one]);
        for path in paths.chain(OTHER_LISTS).chain(OTHER_THINGS).chain(SECRET_THINGS) {
            let shown = get(&fixture, path);
            assert_eq!(shown.header("content-type"), "application/json", "{path}");
            assert_eq!(in_another_case(&shown.json()), [""; 0], "{path}");
        }
        let wrong = fixture.send("{MK}", "POST /cadastre/v1/regions", &json!({"x": 1}));
        assert_eq!(in_another_case(&wrong.json()), [""; 0]);
    }
}

#[test]
fn a_change_may_be_called_a_merge_patch_and_nothing_else_may() {
    for fixture in scenes() {
        let of_region = deeds().into_iter().filter(|(_, method, ..)| *method == "PATCH");
        let of_region = of_region.map(|(path, _, behind, body)| (format!("{path}{behind}"), body));
        let patches =
            resources().into_iter().map(|resource| (resource.one.to_owned(), resource.patch));
        for (path, body) in patches.filter(|(_, body)| !body.is_null()).chain(of_region) {
            let body = fixture.fill(&numbered(&body, 7).to_string());
            let send = |kind: &str| {
                let call = fixture.call("{MK}", &format!("PATCH {path}"));
                call.header("if-match", "*").body(kind, body.clone()).send()
            };
            for kind in ["application/json-patch+json", "text/plain", "application/xml"] {
                check_refusal(&send(kind), 415, "unsupported_media_type", &path);
            }
            for kind in ["application/merge-patch+json", "application/json; charset=utf-8"] {
                assert_eq!(send(kind).status(), 200, "{path} as {kind}");
            }
        }
        for list in resources().into_iter().map(|resource| resource.list) {
            let call = fixture.call("{MK}", &format!("POST {list}"));
            let made = call.body("application/merge-patch+json", "{}").send();
            check_refusal(&made, 415, "unsupported_media_type", list);
        }
    }
}
