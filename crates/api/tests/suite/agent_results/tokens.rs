//! The token of a delivery: what it is good for, and when it ends.

use cadastre_api::error::Error;
use cadastre_api::service::results::poster;
use cadastre_domain::id::TaskId;
use cadastre_domain::result::DialPoint;
use cadastre_domain::result::line::parse;
use cadastre_domain::role::Role;
use cadastre_domain::secret::Secret;
use cadastre_domain::task::Task;
use cadastre_testkit::sample;
use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{FOREIGN_NODE, NODE, World, foreign_task, line, of, task, worlds, worlds_with};
use crate::support::{Answer, Register};

/// Another node of the enterprise.
const OTHER: &str = "reg_cg2britepb7e977fpm9g";

/// The status of a post to a server, and its error code.
fn post(register: &Register, path: &str, second: i64) -> (u16, Value) {
    let answer = register.request("POST", path).body("", line(second, "OK", second)).send();
    told(&answer)
}

fn told(answer: &Answer) -> (u16, Value) {
    let code = match answer.status() {
        204 => Value::Null,
        _ => answer.json()["errorCode"].clone(),
    };
    (answer.status(), code)
}

fn taken() -> (u16, Value) {
    (204, Value::Null)
}

fn refused() -> (u16, Value) {
    (403, json!("kodo.InvalidToken"))
}

fn denied() -> (u16, Value) {
    (403, json!("kodo.AccessDenied"))
}

/// Whether the token is told to be good when an agent asks.
fn check(register: &Register, token: &str) -> u16 {
    register.request("GET", &format!("/v1/check/token/{token}")).send().status()
}

fn path(node: &str, task: TaskId, token: &str) -> String {
    format!("/dial/{node}/{task}/v1/write/logging?token={token}")
}

/// Calls the native face as an admin, who gets what he asks for.
fn native(register: &Register, method: &str, place: &str, body: &Value) -> Value {
    let admin = register.token(Role::Admin, register.enterprise, &[]);
    let call = register.request(method, &format!("/cadastre/v1/nodes/{NODE}{place}")).key(&admin);
    let call = if method == "POST" { call } else { call.header("if-match", "*") };
    let answer = if body.is_null() { call.send() } else { call.json(body).send() };
    assert!((200..300).contains(&answer.status()), "{} {answer:?}", register.name);
    if answer.text.is_empty() { Value::Null } else { answer.json() }
}

/// Adds another node, with another task, and gives that task to both.
fn add_other(world: &World) -> Task {
    super::add_with(&world.register, OTHER, "b", sample::hex(72).into());
    let both = Task {
        id: sample::hex(73).into(),
        enterprise_id: world.register.enterprise,
        nodes: vec![OTHER.parse().unwrap(), NODE.parse().unwrap()],
        ..sample::task()
    };
    let added = both.clone();
    let done: Result<_, Error> =
        world.register.app.store.write(move |tx| Ok(tx.insert_task(&added)?));
    done.unwrap();
    both
}

#[test]
fn a_token_is_good_for_its_node_and_its_task_alone() {
    for world in worlds() {
        let (register, both) = (&world.register, add_other(&world).id);
        let token = register.result_token(NODE, &both.to_string());
        let other: TaskId = sample::hex(72).into();
        for (node, task, expected) in [
            (NODE, both, taken()),
            (OTHER, both, denied()),
            (NODE, task(), denied()),
            (OTHER, other, denied()),
            (FOREIGN_NODE, foreign_task(), denied()),
        ] {
            assert_eq!(post(register, &path(node, task, &token), 0), expected, "{node} {task}");
        }
        // Another path tells nothing: the token does.
        for (second, prefix) in (1..).zip(["", "/pre", "/a/b/c", "/dial"]) {
            let path = format!("{prefix}/v1/write/logging?token={token}");
            assert_eq!(post(register, &path, second), taken(), "{prefix}");
        }
        let found = of(&world.results(""), &["task_id"]);
        assert_eq!(found, json!(vec![[both.to_string()]; 5]), "{}", register.name);
        assert_eq!(world.results(&format!("node={OTHER}")).len(), 0);

        // Signed by a node, but of a task that it was never told of; and by the key of another.
        let never = register.result_token(NODE, &other.to_string());
        let foreign = register.result_token(FOREIGN_NODE, &foreign_task().to_string());
        let swapped = token.replace(&NODE[4..], &OTHER[4..]);
        let tampered = format!("{}{}", &token[..88], if token.ends_with('0') { '1' } else { '0' });
        for wrong in [&never, &swapped, &tampered, &token[..88], &format!("{token}0")] {
            let path = format!("/v1/write/logging?token={wrong}");
            assert_eq!(post(register, &path, 9), refused(), "{wrong}");
            assert_eq!(check(register, wrong), 403, "{wrong}");
        }
        assert_eq!(post(register, &path(NODE, both, &foreign), 9), denied());
        assert_eq!([check(register, &token), check(register, &foreign)], [200, 200]);
        assert_eq!(world.results("").len(), 5, "{}", register.name);
    }
}

#[test]
fn a_token_ends_with_its_node_on_every_server() {
    for world in worlds() {
        let (register, beside) = (&world.register, world.register.beside());
        let (own, old) = (world.path(), world.path_of(NODE, task()));
        let token = register.result_token(NODE, &task().to_string());
        for (second, server) in (0..).zip([register, &beside, register, &beside]) {
            let path = if second < 2 { &own } else { &old };
            assert_eq!(post(server, path, second), taken(), "{}", register.name);
        }
        native(register, "POST", "/disable", &Value::Null);
        for server in [&beside, register] {
            for path in [&own, &old, &format!("/v1/write/logging?token={token}")] {
                assert_eq!(post(server, path, 9), refused(), "disabled {path}");
            }
            assert_eq!(check(server, &token), 403);
        }
        native(register, "POST", "/enable", &Value::Null);
        for (second, server) in (4..).zip([&beside, register]) {
            assert_eq!(post(server, &own, second), taken(), "enabled again");
            assert_eq!(check(server, &token), 200);
        }
        native(&beside, "DELETE", "", &Value::Null);
        for server in [register, &beside] {
            for path in [&own, &old] {
                assert_eq!(post(server, path, 9), refused(), "deleted {path}");
            }
            assert_eq!(check(server, &token), 403);
        }
        assert_eq!(world.results("").len(), 6, "{}", register.name);
    }
}

#[test]
fn a_token_ends_with_the_key_that_signed_it() {
    for world in worlds() {
        let (register, beside) = (&world.register, world.register.beside());
        register.pass(TimeDelta::hours(1));
        let (old, task) = (world.path(), task());
        assert_eq!(post(&beside, &old, 0), taken());
        let made = native(register, "POST", "/keys", &json!({"overlap": "1h"}));
        let new = world.path();
        assert_ne!(old, new, "the newest key signs");
        for (second, path) in (1..).zip([&old, &new]) {
            assert_eq!(post(&beside, path, second), taken(), "both keys are valid");
        }
        register.pass(TimeDelta::minutes(61));
        assert_eq!(post(&beside, &old, 9), refused(), "{}", register.name);
        assert_eq!(post(&beside, &new, 3), taken());
        let place = format!("/keys/{}?force=true", made["ak"].as_str().unwrap());
        native(register, "DELETE", &place, &Value::Null);
        assert_eq!(post(&beside, &new, 9), refused(), "{}", register.name);
        assert_eq!(post(register, &new, 9), refused());
        assert!(
            post(register, &world.path_of(NODE, task), 4) == taken(),
            "the old form has no key"
        );
    }
}

#[test]
fn what_a_node_found_before_its_task_was_deleted_is_taken() {
    for world in worlds() {
        let path = world.path();
        let now = world.register.app.clock.now();
        let gone: Result<_, Error> = world.register.app.store.write(move |tx| {
            let before = tx.find_task(task())?.unwrap();
            let version = before.version + 1;
            assert!(tx.save_task(&Task { deleted_at: Some(now), version, ..before })?);
            Ok(())
        });
        gone.unwrap();
        assert_eq!(post(&world.register.beside(), &path, 0), taken(), "{}", world.register.name);
    }
}

#[test]
fn a_node_that_ends_between_the_check_and_the_commit_posts_nothing() {
    for world in worlds() {
        let (register, beside) = (&world.register, world.register.beside());
        assert_eq!(post(register, &world.path(), 0), taken());
        let token = Secret::from(register.result_token(NODE, &task().to_string()));
        let app = register.app.clone();
        let text = line(1, "OK", 1);
        let points = parse(text.as_bytes()).unwrap();
        let point = (DialPoint::read(&points[0], 0).unwrap(), 1);
        let system = actix_web::rt::System::new();
        let found = system.block_on(poster(&app, None, &token, None)).unwrap().unwrap();
        // The body of the request takes its time.
        native(&beside, "DELETE", "", &Value::Null);
        let posted = cadastre_api::service::results::Posted {
            poster: found,
            points: vec![point],
            received: app.clock.now(),
        };
        let kept = system.block_on(cadastre_api::service::results::keep(&app, posted));
        assert!(!kept.unwrap(), "{}", register.name);
        assert_eq!(world.results("").len(), 1, "{}", register.name);
        // What is in memory knows of it now.
        let model = register.app.store.regions();
        let node = model.nodes().find(&NODE.parse().unwrap()).unwrap();
        assert!(!node.node.may_pull());
    }
}

#[test]
fn tokens_of_the_old_form_are_taken_for_as_long_as_the_setting_says() {
    for world in worlds_with(|options| options.old_result_urls = Some("10d".to_owned())) {
        let register = &world.register;
        let paths =
            [world.path_of(NODE, task()), format!("/v1/write/logging?token={}", world.token)];
        for (second, path) in (0..).zip(&paths) {
            assert_eq!(post(register, path, second), taken());
        }
        assert_eq!(check(register, &world.token), 200);
        register.pass(TimeDelta::days(10) - TimeDelta::seconds(1));
        assert_eq!(post(register, &paths[0], 2), taken(), "{}", register.name);
        register.pass(TimeDelta::seconds(1));
        for path in &paths {
            assert_eq!(post(register, path, 9), refused(), "{}", register.name);
        }
        assert_eq!(check(register, &world.token), 403);
        assert_eq!(post(register, &world.path(), 3), taken(), "the new form has no such end");
        assert_eq!(world.results("").len(), 4);
    }
}

#[test]
fn tokens_of_the_old_form_are_not_taken_at_all_when_they_are_off() {
    for off in ["off", "0s"] {
        for world in worlds_with(|options| options.old_result_urls = Some(off.to_owned())) {
            let register = &world.register;
            assert_eq!(post(register, &world.path_of(NODE, task()), 0), refused());
            assert_eq!(check(register, &world.token), 403);
            assert_eq!(post(register, &world.path(), 0), taken(), "{}", register.name);
        }
    }
}
