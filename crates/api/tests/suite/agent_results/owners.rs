//! Whose results are taken.

use actix_web::rt::System;
use cadastre_api::service::nodes::forgetting;
use cadastre_domain::role::Role;
use chrono::TimeDelta;
use serde_json::json;

use super::{FOREIGN_NODE, NODE, World, foreign_task, line, task, worlds};

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
fn what_a_node_found_before_a_task_was_deleted_is_taken_while_its_tombstone_is_kept() {
    for world in worlds() {
        let register = &world.register;
        register.pass(TimeDelta::days(31));
        let admin = register.token(Role::Admin, register.enterprise, &[]);
        let call = register.request("POST", "/api/v1/dialing_task/delete");
        let body = json!({"taskUUIDs": [task().to_string()]});
        assert_eq!(call.api_key(&admin).json(&body).send().status(), 200);
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
