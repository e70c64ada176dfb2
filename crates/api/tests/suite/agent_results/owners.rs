//! Whose results are taken.

use actix_web::rt::System;
use cadastre_api::error::Error;
use cadastre_api::service::nodes::forgetting;
use cadastre_domain::node::Node;
use cadastre_domain::role::Role;
use cadastre_domain::task::Task;
use chrono::TimeDelta;
use serde_json::json;

use super::{FOREIGN_NODE, NODE, World, foreign_task, line, of, task, worlds};

fn status(world: &World, path: &str) -> u16 {
    let answer = world.call(path, line(0, "OK", 1)).send();
    if answer.status() != 204 {
        assert_eq!(answer.json()["errorCode"], json!("kodo.AccessDenied"), "{path}");
    }
    answer.status()
}

#[test]
fn node_and_task_must_be_those_of_the_workspace_and_belong_together() {
    for world in worlds() {
        for (node, task, taken) in [
            (FOREIGN_NODE, foreign_task(), 403),
            (NODE, foreign_task(), 403),
            (FOREIGN_NODE, task(), 403),
            ("reg_cg2britepb7e977fpmag", task(), 403),
            (NODE, task(), 204),
        ] {
            assert_eq!(status(&world, &world.path_of(node, task)), taken, "{node} {task}");
        }
        let token = &world.token;
        for (prefix, taken) in [
            ("/dial/x/y", 403),
            (&format!("/dial/{}/{NODE}", task()), 403),
            ("/dial", 204),
            ("/a/b/c/d", 204),
            (&format!("/base/dial/{NODE}/{}", task()), 204),
        ] {
            let path = format!("{prefix}/v1/write/logging?token={token}");
            assert_eq!(status(&world, &path), taken, "{prefix}");
        }
        assert_eq!(world.results(&format!("node={NODE}")).len(), 1);
    }
}

#[test]
fn what_a_node_found_before_it_was_disabled_or_deleted_is_taken() {
    for world in worlds() {
        for (second, is_deleted) in [(0, false), (1, true)] {
            let now = world.register.app.clock.now();
            let changed: Result<_, Error> = world.register.app.store.write(move |tx| {
                let node = tx.find_nodes(&[NODE.parse().unwrap()])?.pop().unwrap();
                let deleted_at = is_deleted.then_some(now);
                let node = Node { is_enabled: false, deleted_at, ..node.changed(now) };
                assert!(tx.save_node(&node)?);
                let task = tx.find_task(task())?;
                if let Some(task) = task.filter(|_| is_deleted) {
                    let version = task.version + 1;
                    let gone = Task { deleted_at: Some(now), version, ..task };
                    assert!(tx.save_task(&gone)?);
                }
                Ok(())
            });
            changed.unwrap();
            // A server that remembers nothing.
            let beside = world.register.beside();
            let call = beside.request("POST", &world.path()).body("", line(second, "OK", second));
            assert_eq!(call.send().status(), 204, "{}", world.register.name);
        }
        assert_eq!(of(&world.results(""), &["response_time_us"]), json!([[1], [0]]));
    }
}

#[test]
fn what_a_node_found_before_it_was_deleted_is_taken_however_old_its_task_was() {
    for world in worlds() {
        let register = &world.register;
        register.pass(TimeDelta::days(31));
        let admin = register.token(Role::Admin, register.enterprise, &[]);
        let call = register.request("DELETE", &format!("/cadastre/v1/nodes/{NODE}"));
        assert_eq!(call.key(&admin).header("if-match", "*").send().status(), 204);
        for (days, taken) in [(0, 204), (29, 204), (2, 403)] {
            register.pass(TimeDelta::days(days));
            let (app, now) = (register.app.clone(), register.app.clock.now());
            System::new().block_on(async move { forgetting::forget(&app, now).await }).unwrap();
            // A server that remembers nothing.
            let beside = register.beside();
            let call = beside.request("POST", &world.path()).body("", line(0, "OK", 1));
            assert_eq!(call.send().status(), taken, "after {days} days: {}", register.name);
        }
    }
}

#[test]
fn other_paths_and_methods_answer_in_plain_text() {
    for world in worlds() {
        for path in ["/v1/write/loggings", "/v1/write/metric", "/v1/x", "/v1"] {
            let answer = world.call(&format!("{path}?token={}", world.token), "m f=1").send();
            assert_eq!((answer.status(), answer.text.as_str()), (404, "not found\n"), "{path}");
        }
        for method in ["GET", "PUT", "DELETE"] {
            let answer = world.register.request(method, &world.path()).send();
            let told = (answer.status(), answer.text.as_str(), answer.header("allow"));
            assert_eq!(told, (405, "method not allowed\n", "POST"), "{method}");
        }
    }
}
