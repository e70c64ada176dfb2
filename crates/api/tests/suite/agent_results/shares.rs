//! What one enterprise posts takes neither room nor time from another.

use cadastre_domain::id::EnterpriseId;
use cadastre_domain::node::Node;
use cadastre_domain::role::Role;
use cadastre_storage::{StorageError, Ticket, Tx};
use chrono::TimeDelta;
use serde_json::json;

use super::{FOREIGN_NODE, NODE, World, foreign_task, task, worlds_with};
use crate::support::{Answer, LIMIT, Register, registers_with};
use crate::unavailable::Standstill;

fn path(register: &Register, node: &str, task: &str) -> String {
    let token = register.result_token(node, task);
    format!("/dial/{node}/{task}/v1/write/logging?token={token}")
}

/// Posts so many points of a node, the first in this second.
fn post(world: &World, node: &str, first: i64, count: i64) -> Answer {
    let task = if node == FOREIGN_NODE { foreign_task() } else { task() };
    let path = path(&world.register, node, &task.to_string());
    let line = |n| format!("http_dial_testing,status=OK f=1 {}000000000\n", first + n);
    world.call(&path, (0..count).map(line).collect::<String>()).send()
}

/// How many points are left of an enterprise, and the second of its oldest.
fn left(world: &World, enterprise: EnterpriseId) -> (usize, Option<i64>) {
    let key = world.register.token(Role::Viewer, enterprise, &[]);
    let (mut count, mut oldest, mut cursor) = (0, None, String::new());
    loop {
        let path = format!("/cadastre/v1/results?limit=1000&fields=time_ns{cursor}");
        let page = world.register.request("GET", &path).key(&key).send().json();
        let items = page["items"].as_array().unwrap();
        count += items.len();
        let last = items.last().map(|item| item["time_ns"].as_i64().unwrap() / 1_000_000_000);
        oldest = last.or(oldest);
        let Some(next) = page["next"].as_str() else { return (count, oldest) };
        cursor = format!("&cursor={next}");
    }
}

fn owner(world: &World, node: &str) -> EnterpriseId {
    let node = node.parse().unwrap();
    let find = |tx: &mut dyn Tx| tx.find_nodes(std::slice::from_ref(&node));
    let found: Result<Vec<Node>, StorageError> = world.register.app.store.read(find);
    found.unwrap().remove(0).enterprise_id
}

/// How many points have room in a mebibyte.
fn room(world: &World) -> usize {
    1024 * 1024 / if world.register.name == "sqlite" { 120 } else { 240 }
}

#[test]
fn an_enterprise_within_its_share_loses_nothing_whatever_another_posts() {
    for world in worlds_with(|options| {
        options.results_max_size = Some("1MiB".to_owned());
        options.results_node_limit = Some("0".to_owned());
    }) {
        let (home, foreign) = (world.register.enterprise, owner(&world, FOREIGN_NODE));
        // Theirs are the oldest of all.
        assert_eq!(post(&world, FOREIGN_NODE, 1, 500).status(), 204);
        for part in 0..30 {
            assert_eq!(post(&world, NODE, 1000 + part * 1000, 1000).status(), 204);
        }
        assert_eq!(world.roll_up(), 30_500);
        let room = room(&world);
        assert_eq!(world.forget(), 30_500 - room, "{}", world.register.name);
        assert_eq!(left(&world, foreign), (500, Some(1)), "{}", world.register.name);
        // What the other leaves is one's own, and the newest stay.
        let of_home = room - 500;
        let oldest = 31_000 - i64::try_from(of_home).unwrap();
        assert_eq!(left(&world, home), (of_home, Some(oldest)), "{}", world.register.name);
        assert_eq!(world.forget(), 0);

        // Another server counts the same, and the first to go are again of who has most.
        let beside = world.register.beside();
        let task = task().to_string();
        let line = "http_dial_testing,status=OK f=1 99000000000000\n";
        let call = beside.request("POST", &path(&world.register, NODE, &task));
        assert_eq!(call.body("", line).send().status(), 204);
        assert_eq!((world.roll_up(), world.forget()), (1, 1));
        assert_eq!(left(&world, foreign).0, 500);
        assert_eq!(left(&world, home), (of_home, Some(oldest + 1)));
    }
}

#[test]
fn points_stay_counted_when_node_and_task_are_deleted() {
    for world in worlds_with(|options| {
        options.results_max_size = Some("1MiB".to_owned());
        options.results_node_limit = Some("0".to_owned());
    }) {
        let room = i64::try_from(room(&world)).unwrap();
        for first in (0..room).step_by(1000) {
            let count = (room - first).min(1000);
            assert_eq!(post(&world, NODE, first, count).status(), 204);
        }
        let admin = world.register.token(Role::Admin, world.register.enterprise, &[]);
        let call = world.register.request("DELETE", &format!("/cadastre/v1/nodes/{NODE}"));
        assert_eq!(call.key(&admin).header("if-match", "*").send().status(), 204);
        let body = json!({"taskUUIDs": [task().to_string()]});
        let call = world.register.request("POST", "/api/v1/dialing_task/delete");
        assert_eq!(call.api_key(&admin).json(&body).send().status(), 200);
        world.roll_up();
        assert_eq!(world.forget(), 0, "{}", world.register.name);
        assert_eq!(post(&world, FOREIGN_NODE, 1, 10).status(), 204);
        assert_eq!((world.roll_up(), world.forget()), (10, 10));
        let foreign = owner(&world, FOREIGN_NODE);
        assert_eq!(left(&world, foreign).0, 10, "{}", world.register.name);
    }
}

#[test]
fn a_node_that_posts_too_much_is_told_so_and_no_other_is() {
    for world in worlds_with(|options| options.results_node_limit = Some("10".to_owned())) {
        assert_eq!(post(&world, NODE, 0, 100).status(), 204, "a body is taken as a whole");
        for count in [1, 0, 1000] {
            let answer = post(&world, NODE, 1000, count);
            assert_eq!(answer.status(), 429, "{answer:?}");
            assert_eq!(answer.json()["errorCode"], json!("kodo.TooManyRequests"));
            let seconds: u64 = answer.header("retry-after").parse().unwrap();
            assert_eq!(seconds, 540);
        }
        assert_eq!(post(&world, FOREIGN_NODE, 0, 10).status(), 204);
        let wrong = world.call(&world.path().replace("token=tkn_2", "token=tkn_3"), "").send();
        assert_eq!(wrong.status(), 403, "who may not post learns nothing of limits");
        assert_eq!(world.results("limit=1000").len(), 100, "{}", world.register.name);
        let key = world.register.token(Role::Platform, world.register.enterprise, &[]);
        let audit = world.register.request("GET", "/cadastre/v1/audit").key(&key).send();
        let entries = audit.json()["items"].as_array().unwrap().clone();
        assert!(entries.iter().all(|entry| entry["outcome"] == "done"), "{entries:?}");
    }
}

#[test]
fn a_body_that_is_refused_counts_as_a_point() {
    for world in worlds_with(|options| options.results_node_limit = Some("10".to_owned())) {
        let post = || world.call(&world.path(), "no point").send().status();
        // Points of a minute, and the one that goes beyond them.
        let statuses: Vec<_> = (0..12).map(|_| post()).collect();
        assert_eq!(statuses, [[400; 11].as_slice(), &[429]].concat(), "{}", world.register.name);
        world.register.pass(TimeDelta::seconds(6));
        assert_eq!(post(), 400, "{}", world.register.name);
    }
}

#[test]
fn nodes_of_an_enterprise_share_its_limit() {
    for world in worlds_with(|options| options.results_enterprise_limit = Some("10".to_owned())) {
        assert_eq!(post(&world, NODE, 0, 100).status(), 204);
        assert_eq!(post(&world, NODE, 100, 1).status(), 429);
        let shared = format!("/v1/write/logging?token={}", world.token);
        assert_eq!(world.call(&shared, "m f=1 1\n").send().status(), 429);
        assert_eq!(post(&world, FOREIGN_NODE, 0, 1).status(), 204, "{}", world.register.name);
    }
}

#[test]
fn points_that_were_not_kept_do_not_count() {
    for register in registers_with(|options| {
        options.write_queue = Some("1".to_owned());
        options.results.results_node_limit = Some("10".to_owned());
    }) {
        let world = World::new(register);
        let store = &world.register.app.store;
        let standstill = Standstill::of(store);
        let waiting: Result<Ticket<(), StorageError>, _> = store.submit_bulk(None, 1, |_| Ok(()));
        assert!(!waiting.unwrap().drain, "{}", world.register.name);
        for _ in 0..3 {
            let answer = post(&world, NODE, 0, 100);
            assert_eq!(answer.status(), 503, "{} {answer:?}", world.register.name);
        }
        standstill.end();
        assert!(store.finish(LIMIT));
        assert_eq!(post(&world, NODE, 0, 100).status(), 204, "{}", world.register.name);
        assert_eq!(post(&world, NODE, 0, 1).status(), 429, "those count that were kept");
    }
}
