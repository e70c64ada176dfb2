//! Secrets of dial tasks: who sees them, and that they stay when they come back masked.

use serde_json::{Value, json};

use crate::dialing_fixture::{Desk, TASKS, desks, http};

/// A body of a task that has secrets.
fn secretive() -> Value {
    let mut body = http("t", &[]);
    body["task"]["url"] = json!("https://user:hidden@example.com/?q=1");
    body["task"]["config_vars"] = json!([
        {"name": "open", "value": "seen", "secure": false},
        {"name": "closed", "value": "hidden", "secure": true},
    ]);
    body["task"]["advance_options"] = json!({
        "request_options": {
            "headers": {"Authorization": "hidden", "Accept": "text/plain"},
            "cookies": "hidden", "auth": {"username": "user", "password": "hidden"},
        },
        "certificate": {
            "ignore_server_certificate_error": true,
            "ca": "CA", "certificate": "C", "private_key": "hidden",
        },
        "proxy": {"url": "http://u:hidden@proxy:3128"},
    });
    body
}

fn masked() -> Value {
    let text = secretive()["task"].to_string().replace("hidden", "***");
    serde_json::from_str(&text).unwrap()
}

/// What the register writes into a task.
fn own_fields(task: &mut Value) -> Vec<Value> {
    let keys = ["status", "external_id", "owner_external_id", "post_url"];
    keys.map(|key| task.as_object_mut().unwrap().remove(key).unwrap()).to_vec()
}

fn add(desk: &Desk, key: &str) -> Value {
    let answer = desk.ask(key, &format!("POST {TASKS}/add"), &secretive());
    assert_eq!(answer.status(), 200, "{answer:?}");
    answer.json()["content"].clone()
}

#[test]
fn a_task_shows_its_secrets_to_those_who_may_see_them_and_tells_so() {
    for desk in desks() {
        let uuid = add(&desk, &desk.operator)["uuid"].as_str().unwrap().to_owned();
        let path = format!("GET {TASKS}/{uuid}/get");
        for (key, expected) in [
            (&desk.admin, secretive()["task"].clone()),
            (&desk.operator, masked()),
            (&desk.viewer, masked()),
        ] {
            let answer = desk.ask(key, &path, &Value::Null);
            let mut task = answer.json()["content"]["task"].clone();
            let own = own_fields(&mut task);
            assert_eq!(task, expected, "{}", desk.register.name);
            let post_url = own[3].as_str().unwrap();
            assert!(post_url.ends_with("?token=tkn_***"), "each node has its own: {post_url}");
        }
        let told = |operation| {
            let entries = desk.entries(operation).into_iter();
            entries.map(|entry| entry.revealed).collect::<Vec<_>>()
        };
        assert_eq!(told("get_dial_task"), ["content"], "{}", desk.register.name);
        assert_eq!(told("add_dial_task"), [""], "{}", desk.register.name);
        add(&desk, &desk.admin);
        assert_eq!(told("add_dial_task"), ["content", ""], "{}", desk.register.name);
    }
}

#[test]
fn a_list_shows_secrets_to_nobody() {
    for desk in desks() {
        add(&desk, &desk.admin);
        let platform = cadastre_domain::role::Role::Platform;
        let platform = desk.register.token(platform, desk.register.enterprise, &[]);
        for key in [&platform, &desk.admin, &desk.operator, &desk.viewer] {
            let answer = desk.ask(key, &format!("GET {TASKS}/list"), &Value::Null);
            let mut task = answer.json()["content"][0]["task"].clone();
            assert!(own_fields(&mut task)[3].as_str().unwrap().ends_with("?token=tkn_***"));
            assert_eq!(task, masked(), "{}", desk.register.name);
        }
        assert!(desk.entries("list_dial_tasks").is_empty(), "{}", desk.register.name);
    }
}

#[test]
fn secrets_that_come_back_masked_stay_as_they_are() {
    for desk in desks() {
        let uuid = add(&desk, &desk.operator)["uuid"].as_str().unwrap().to_owned();
        let modify = format!("POST {TASKS}/{uuid}/modify");
        let shown = desk.ask(&desk.operator, &format!("GET {TASKS}/{uuid}/get"), &Value::Null);
        let mut task = shown.json()["content"]["task"].clone();
        task["name"] = json!("renamed");
        let body = json!({"regions": [], "task": task});
        let answer = desk.ask(&desk.operator, &modify, &body);
        assert_eq!(answer.status(), 200, "{answer:?}");
        assert!(!answer.text.contains("hidden"), "{answer:?}");
        let mut expected = secretive()["task"].clone();
        expected["name"] = json!("renamed");
        let mut stored = desk.row(&uuid)["task"].clone();
        own_fields(&mut stored);
        assert_eq!(stored, expected, "{}", desk.register.name);
        // What comes in clear replaces what was there.
        task["advance_options"]["request_options"]["auth"]["password"] = json!("new");
        desk.ask(&desk.operator, &modify, &json!({"regions": [], "task": task}));
        let options = desk.row(&uuid)["task"]["advance_options"]["request_options"].clone();
        assert_eq!(options["auth"]["password"], "new", "{}", desk.register.name);
        assert_eq!(options["cookies"], "hidden", "{}", desk.register.name);
    }
}

#[test]
fn masks_with_nothing_behind_them_are_refused() {
    for desk in desks() {
        let mut body = secretive();
        body["task"] = masked();
        let answer = desk.ask(&desk.admin, &format!("POST {TASKS}/add"), &body);
        let told = answer.json()["message"].as_str().unwrap().to_owned();
        assert_eq!(answer.status(), 400, "{}", desk.register.name);
        assert_eq!(told.matches(": is masked: send the value itself").count(), 7, "{told}");
        // Nor does a mask stand for another task's secret.
        add(&desk, &desk.admin);
        let other = desk.task("other", &[]);
        let modify = format!("POST {TASKS}/{other}/modify");
        assert_eq!(desk.ask(&desk.admin, &modify, &body).status(), 400, "{}", desk.register.name);
        // Nor elsewhere in the same task.
        let uuid = add(&desk, &desk.admin)["uuid"].as_str().unwrap().to_owned();
        body["task"]["url"] = json!("https://user:***@example.com/?q=2");
        let told = "task.url: is masked: send the value itself";
        let modify = format!("POST {TASKS}/{uuid}/modify");
        desk.refused(&desk.operator, &modify, &body, (400, "ft.InvalidParameter", told));
    }
}

/// Changes of [`masked`] that lead its secrets elsewhere.
fn detours() -> Vec<Value> {
    let changed = |path: &str, value: Value| {
        let mut task = masked();
        *task.pointer_mut(path).unwrap() = value;
        task
    };
    // The masks in the URL itself are gone, so only the others could be taken along.
    vec![
        changed("/url", json!("https://own.example/")),
        changed("/url", json!("http://example.com/")),
        changed("/url", json!("https://example.com:8443/")),
        changed("/url", json!("https://{{open}}/")),
        changed("/advance_options/proxy/url", json!("http://own.example:3128")),
    ]
}

#[test]
fn masks_are_refused_when_the_task_leads_to_another_origin() {
    for desk in desks() {
        let uuid = add(&desk, &desk.admin)["uuid"].as_str().unwrap().to_owned();
        let modify = format!("POST {TASKS}/{uuid}/modify");
        let before = desk.row(&uuid)["task"].clone();
        for task in detours() {
            let answer = desk.ask(&desk.operator, &modify, &json!({"regions": [], "task": task}));
            let told = answer.json()["message"].as_str().unwrap().to_owned();
            assert_eq!(answer.status(), 400, "{task}: {answer:?}");
            assert!(told.contains("another origin (scheme, host or port)"), "{told}");
            assert!(told.contains("headers.Authorization") && !told.contains("hidden"), "{told}");
            assert_eq!(desk.row(&uuid)["task"], before, "{}", desk.register.name);
        }
        // Given again, or left out, they are no obstacle.
        let mut task = masked();
        task["url"] = json!("https://own.example/");
        for part in ["config_vars", "advance_options"] {
            task.as_object_mut().unwrap().remove(part);
        }
        let answer = desk.ask(&desk.operator, &modify, &json!({"regions": [], "task": task}));
        assert_eq!(answer.status(), 200, "{answer:?}");
        assert!(!desk.row(&uuid)["task"].to_string().contains("hidden"));
        task["advance_options"] = json!({"request_options": {"cookies": "new"}});
        let answer = desk.ask(&desk.operator, &modify, &json!({"regions": [], "task": task}));
        assert_eq!(answer.status(), 200, "{answer:?}");
    }
}

#[test]
fn masks_are_refused_when_redirects_are_followed_or_certificates_are_not_looked_at() {
    let strict = json!({
        "request_options": {"follow_redirect": false, "cookies": "hidden"},
        "certificate": {"ignore_server_certificate_error": false},
    });
    for desk in desks() {
        let mut body = http("t", &[]);
        body["task"]["advance_options"] = strict.clone();
        let added = desk.ask(&desk.operator, &format!("POST {TASKS}/add"), &body).json();
        let uuid = added["content"]["uuid"].as_str().unwrap();
        let (before, modify) =
            (desk.row(uuid)["task"].clone(), format!("POST {TASKS}/{uuid}/modify"));
        for option in
            ["/request_options/follow_redirect", "/certificate/ignore_server_certificate_error"]
        {
            let mut options = strict.clone();
            *options.pointer_mut(option).unwrap() = json!(true);
            options["request_options"]["cookies"] = json!("***");
            body["task"]["advance_options"] = options;
            let told = "task.advance_options.request_options.cookies: is masked, and the task leads to \
                        another origin (scheme, host or port), follows redirects or accepts any \
                        peer now: send the value itself, or leave it out";
            let refusal = (400, "ft.InvalidParameter", told);
            desk.refused(&desk.operator, &modify, &body, refusal);
            assert_eq!(desk.row(uuid)["task"], before, "{option} on {}", desk.register.name);
        }
        body["task"]["advance_options"]["request_options"]["cookies"] = json!("given again");
        let answer = desk.ask(&desk.operator, &modify, &body);
        assert_eq!(answer.status(), 200, "{answer:?}");
    }
}

#[test]
fn a_refusal_tells_no_secret_and_the_audit_not_what_was_sent() {
    for desk in desks() {
        let mut body = secretive();
        body["task"]["frequency"] = json!("hidden");
        body["task"]["advance_options"]["request_options"]["headers"]["hidden"] = json!(1);
        let answer = desk.ask(&desk.operator, &format!("POST {TASKS}/add"), &body);
        assert_eq!(answer.status(), 400, "{answer:?}");
        let operation = Some("add_dial_task".to_owned());
        let filter = cadastre_storage::AuditFilter { operation, ..Default::default() };
        let entry = desk.read(|tx| Ok(tx.list_audit(&filter, 10)?)).remove(0);
        let told = (entry.outcome.as_str(), entry.reason.as_deref());
        assert_eq!(told, ("refused", Some("invalid: task")), "{}", desk.register.name);
    }
}
