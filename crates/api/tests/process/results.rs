//! What agents post to the real program: kept when it was acknowledged, whatever happens then.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use cadastre_domain::audit::{Actor, Entry, Origin};
use cadastre_domain::node::{Node, ResultToken};
use cadastre_domain::task::Task;
use cadastre_storage::{Settings, StorageError, Store};
use cadastre_testkit::{TestDatabase, databases, sample};

use crate::support::{Call, LIMIT, Place, Raised, Server, eventually, now};

/// How many agents post at once.
const AGENTS: u64 = 8;
/// How many points are acknowledged before the server is killed.
const ENOUGH: usize = 300;

/// The token of a delivery of the only enterprise.
pub fn result_token(database: &TestDatabase) -> String {
    let (url, vault) = (database.url().parse().unwrap(), database.vault());
    let store = Store::new(&Settings { url, readers: 1, write_queue: 9, vault });
    let token = store.prepare(now(), |tx| {
        let home = tx.list_enterprises()?.remove(0).id;
        let node = Node { enterprise_id: home, ..sample::node() };
        let task = Task { enterprise_id: home, ..sample::task() };
        tx.insert_node(&node, &sample::access_key())?;
        tx.insert_task(&task)?;
        // So that a server that runs already hears of the node.
        let actor = Actor {
            origin: Origin::Server,
            operation: "register_node",
            token_id: None,
            user_id: None,
            enterprise_id: Some(home),
        };
        tx.record(Entry::done(&actor, now(), None, Some(&node)));
        Ok(ResultToken::sign(&sample::access_key().secret, home, &node.id, task.id).text())
    });
    token.map_err(|error: StorageError| error.to_string()).unwrap().reveal().to_owned()
}

/// Posts the point with this number, in a package of its own; whether it was acknowledged.
fn post(call: &Call, token: &str, number: u64) -> bool {
    let path = format!("/v1/write/logging?token={token}");
    let package = format!("dk_{number}");
    let headers = [("x-pkg-id", package.as_str()), ("content-type", "application/line-protocol")];
    let body = format!("http_dial_testing,status=OK response_time={number}i {number}\n");
    call.send_text("POST", &path, &headers, &body).is_ok_and(|answer| answer.status == 204)
}

/// The numbers of all points, from whose times no two may be the same.
fn kept(server: &Server, key: &str) -> Vec<u64> {
    let (mut all, mut cursor) = (Vec::new(), String::new());
    loop {
        let path = format!("/cadastre/v1/results?limit=1000&fields=time_ns{cursor}");
        let page = server.get(&path, key).json();
        let items = page["items"].as_array().unwrap().iter();
        all.extend(items.map(|item| item["time_ns"].as_u64().unwrap()));
        let Some(next) = page["next"].as_str() else { return all };
        cursor = format!("&cursor={next}");
    }
}

/// Posts until enough is acknowledged, and then kills the server in the middle; the numbers that were.
fn load_and_kill(server: Server, token: &str, next: &AtomicU64) -> BTreeSet<u64> {
    let (acknowledged, ended) = (Mutex::new(BTreeSet::new()), AtomicBool::new(false));
    let address = server.address;
    thread::scope(|scope| {
        let _raised = Raised(&ended);
        for _ in 0..AGENTS {
            scope.spawn(|| {
                let call = Call::to(address);
                while !ended.load(Ordering::Relaxed) {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if post(&call, token, number) {
                        acknowledged.lock().unwrap().insert(number);
                    }
                }
            });
        }
        let start = Instant::now();
        while acknowledged.lock().unwrap().len() < ENOUGH {
            assert!(start.elapsed() < LIMIT, "too few points: {}", server.log());
            thread::sleep(Duration::from_millis(1));
        }
        server.kill();
    });
    acknowledged.into_inner().unwrap()
}

#[test]
fn an_acknowledged_point_survives_a_kill_and_is_kept_once() {
    for database in databases() {
        let place = Place::on(&database);
        let server = place.ready();
        let (key, token) = (place.first_token(), result_token(&database));
        let next = AtomicU64::new(1);
        let acknowledged = load_and_kill(server, &token, &next);
        let server = place.ready();
        let after = kept(&server, &key);
        let once: BTreeSet<_> = after.iter().copied().collect();
        assert_eq!(once.len(), after.len(), "on {}", database.name());
        assert!(acknowledged.is_subset(&once), "{:?}", acknowledged.difference(&once));
        // Agents do not post again, but whoever does loses nothing and doubles nothing.
        let call = Call::to(server.address);
        let all = next.load(Ordering::Relaxed);
        assert!((1..all).all(|number| post(&call, &token, number)));
        assert_eq!(kept(&server, &key).len() as u64, all - 1);
        assert!(!server.log().contains(&token));
    }
}

#[test]
fn points_are_rolled_up_by_a_running_server() {
    for database in databases() {
        let place = Place::on(&database);
        let server = place.ready();
        let (key, token) = (place.first_token(), result_token(&database));
        let call = Call::to(server.address);
        // What is years late is in no roll-up.
        let start: u64 = now().timestamp_nanos_opt().unwrap().try_into().unwrap();
        assert!((0..3).all(|number| post(&call, &token, start + number)));
        eventually("points are rolled up", || {
            let rollups = server.get("/cadastre/v1/results/rollups?step=day", &key).json();
            rollups["items"][0]["count"] == 3
        });
    }
}
