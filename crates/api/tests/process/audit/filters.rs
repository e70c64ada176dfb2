//! Each filter leaves what it should, on the command line and on the native face.

use serde_json::{Value, json};

use super::{CLIENT, Scene, asked, listed, on_both};
use crate::support::{id_of, region};

/// Makes entries of all kinds.
fn fill(scene: &Scene) {
    for (key, name) in [(&scene.first, "one"), (&scene.operator, "two"), (&scene.viewer, "three")] {
        scene.send("POST", "/openapi/v1/regions", key, &region(name));
        scene.server.post("/openapi/v1/regions", key, &region(&format!("{name}-directly")));
    }
    scene.send("POST", "/openapi/v1/teams", &scene.operator, &json!({"tenant_name": "t"}));
    let node = json!({"internal": true, "isp": "i", "country": "c", "keycode": "k"});
    scene.send("POST", "/api/v1/dialing_region/regist", &scene.operator, &node);
    scene.send("GET", "/openapi/v1/regions", "nobody that is known", &Value::Null);
    assert_eq!(scene.place.run(&["enterprise", "create", "--name", "Other"]).code, Some(0));
}

/// Checks a filter, by its name on either way, against what it means.
fn check(scene: &Scene, name: &str, value: &str, means: impl Fn(&Value) -> bool) {
    let all = listed(&scene.place, &[]);
    let expected: Vec<_> = all.iter().filter(|entry| means(entry)).cloned().collect();
    assert!(!expected.is_empty() && expected.len() < all.len(), "{name} {value} shows nothing");
    let option = format!("--{}", name.trim_end_matches("_id").replace('_', "-"));
    let option = if name == "object_id" { "--object-id" } else { option.as_str() };
    let options = if name == "revealed" { vec![option] } else { vec![option, value] };
    assert_eq!(listed(&scene.place, &options), expected, "{options:?}");
    assert_eq!(asked(&scene.server, &scene.first, &[(name, value)]), expected, "{name}={value}");
}

#[test]
fn each_filter_leaves_what_it_names() {
    on_both(|scene| {
        fill(scene);
        let all = listed(&scene.place, &[]);
        let object = all.iter().find(|entry| entry["object_kind"] == "region").unwrap();
        let fields = |name: &'static str, value: &Value| {
            let (text, value) = (value.as_str().map(str::to_owned), value.clone());
            let text = text.unwrap_or_else(|| value.to_string());
            check(scene, name, &text, |entry| entry[name] == value);
        };
        fields("token_id", &json!(id_of(&scene.operator)));
        fields("user_id", &scene.user_of(&scene.operator));
        fields("operation", &json!("create_region"));
        for outcome in ["done", "refused", "sign_in_failed"] {
            fields("outcome", &json!(outcome));
        }
        fields("object_kind", &json!("team"));
        fields("object_id", &object["object_id"]);
        fields("address", &json!(CLIENT));
        fields("enterprise_id", &object["enterprise_id"]);
        check(scene, "revealed", "true", |entry| entry["revealed"] != json!([]));
        // Times have one form, so they are compared as text.
        let middle = all[all.len() / 2]["at"].as_str().unwrap();
        check(scene, "since", middle, |entry| entry["at"].as_str().unwrap() >= middle);
        check(scene, "until", middle, |entry| entry["at"].as_str().unwrap() < middle);
    });
}

#[test]
fn filters_are_taken_together() {
    on_both(|scene| {
        fill(scene);
        let id = id_of(&scene.viewer);
        let options = ["--token", id, "--outcome", "refused", "--address", CLIENT];
        let told = listed(&scene.place, &options);
        let parameters = [("token_id", id), ("outcome", "refused"), ("address", CLIENT)];
        assert_eq!(told, asked(&scene.server, &scene.first, &parameters));
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(listed(&scene.place, &["--token", id, "--outcome", "done"]).is_empty());
    });
}

#[test]
fn a_list_that_was_cut_off_goes_on_where_it_ended() {
    on_both(|scene| {
        fill(scene);
        let all = listed(&scene.place, &[]);
        let mut found: Vec<Value> = Vec::new();
        loop {
            let before = found.last().map(|entry| entry["sequence"].to_string());
            let mut list = vec!["audit", "list", "--limit", "3"];
            list.extend(before.as_deref().map(|before| ["--before", before]).into_iter().flatten());
            let lines = scene.place.run(&list).lines();
            assert!(lines.len() <= 3 && found.len() < all.len() + 3, "{lines:?}");
            if lines.is_empty() {
                break;
            }
            found.extend(lines.iter().map(|line| serde_json::from_str(line).unwrap()));
        }
        assert_eq!(found, all);
        assert_eq!(asked(&scene.server, &scene.first, &[("limit", "3")]), all);
        let sequences = all.iter().rev().map(|entry| entry["sequence"].as_u64().unwrap());
        assert!(sequences.eq(1..=all.len() as u64));
    });
}

#[test]
fn a_filter_that_is_not_understood_is_named_in_one_line() {
    on_both(|scene| {
        for (option, value, accepted) in [
            ("--token", "x", "32"),
            ("--enterprise", "default", "32"),
            ("--outcome", "good", "give done, refused or sign_in_failed"),
            ("--since", "yesterday", ""),
            ("--until", "2026-11-24", ""),
        ] {
            let refusal = scene.place.run(&["audit", "list", option, value]).refusal();
            let named = format!("{option} {value:?} is not accepted: ");
            assert!(refusal.starts_with(&named) && refusal.contains(accepted), "{refusal}");
        }
    });
}
