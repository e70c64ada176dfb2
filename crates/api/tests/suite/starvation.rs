//! What one enterprise can do to others by reading.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, RwLock};
use std::thread;
use std::time::{Duration, Instant};

use cadastre_api::reads::ReadClass;
use cadastre_domain::role::Role;
use serde_json::json;

use crate::support::{LIMIT, Register, registers};

/// Reads of a class that begin and then wait until a lock is let go.
struct Blocked {
    class: ReadClass,
    count: usize,
}

/// Runs reads that wait for `lock`, in a runtime of their own, as many at once as are asked for, until all
/// are done; counts those that have begun.
fn run_blocked(
    register: &Register,
    blocked: &[Blocked],
    lock: &Arc<RwLock<()>>,
    begun: &Arc<AtomicUsize>,
) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let local = tokio::task::LocalSet::new();
    local.block_on(&runtime, async {
        let mut tasks = Vec::new();
        for Blocked { class, count } in blocked {
            for _ in 0..*count {
                let (lock, begun) = (Arc::clone(lock), Arc::clone(begun));
                let (app, class) = (register.app.clone(), *class);
                tasks.push(tokio::task::spawn_local(async move {
                    let wait = move |_: &mut dyn cadastre_storage::Tx| {
                        begun.fetch_add(1, Ordering::SeqCst);
                        drop(lock.read().unwrap());
                        Ok(())
                    };
                    // Those that wait too long for their turn are told so.
                    let _ = app.read_as(class, wait).await;
                }));
            }
        }
        for task in tasks {
            task.await.unwrap();
        }
    });
}

/// Checks that others are served.
fn check_others(register: &Register, key: &str) {
    let ask = |method: &str, path: &str| register.request(method, path).key(key);
    for path in ["/readyz", "/cadastre/v1/regions", "/cadastre/v1/teams", "/cadastre/v1/users"] {
        assert_eq!(ask("GET", path).send().status(), 200, "{}: {path}", register.name);
    }
    let team = json!({"name": "other", "alias": "Other"});
    let made = ask("POST", "/cadastre/v1/teams").json(&team).send();
    assert_eq!(made.status(), 201, "{}: {}", register.name, made.text);
    let path = format!("/cadastre/v1/teams/{}", made.json()["id"].as_str().unwrap());
    assert_eq!(ask("GET", &path).send().status(), 200, "{}", register.name);
}

#[test]
fn lists_of_one_enterprise_take_neither_the_last_connection_nor_the_last_thread() {
    for register in registers() {
        let (one, other) = (register.add_enterprise("one"), register.add_enterprise("other"));
        let key = register.token(Role::Admin, other, &[]);
        let blocked = [ReadClass::Scan(one), ReadClass::Page(one)];
        let blocked = blocked.map(|class| Blocked { class, count: 40 });
        let (lock, begun) = (Arc::new(RwLock::new(())), Arc::new(AtomicUsize::new(0)));
        let held = lock.write().unwrap();
        thread::scope(|scope| {
            scope.spawn(|| run_blocked(&register, &blocked, &lock, &begun));
            // As many as the enterprise may have at once; no more begin.
            let start = Instant::now();
            while begun.load(Ordering::SeqCst) < register.app.readers {
                assert!(start.elapsed() < LIMIT, "{}: too few reads begin", register.name);
                thread::sleep(Duration::from_millis(1));
            }
            check_others(&register, &key);
            assert_eq!(begun.load(Ordering::SeqCst), register.app.readers, "{}", register.name);
            drop(held);
        });
    }
}

#[test]
fn an_audit_filter_that_fits_nothing_answers_an_empty_page_that_goes_on_and_a_part_of_the_total() {
    for register in registers() {
        let enterprise = register.add_enterprise("one");
        let key = register.token(Role::Admin, enterprise, &[]);
        let make = register.request("POST", "/cadastre/v1/teams").key(&key);
        assert_eq!(make.json(&json!({"name": "t", "alias": "T"})).send().status(), 201);
        let columns = "at, enterprise_id, token_id, user_id, origin, address, request_id, \
                       operation, outcome, object_kind, object_id, changes, revealed, reason, hash";
        // Copies of the last entry, which is about this enterprise.
        register.execute(&format!(
            "WITH RECURSIVE n (i) AS (SELECT 100 UNION ALL SELECT i + 1 FROM n WHERE i < 20200) \
             INSERT INTO audit_entries (sequence, {columns}) SELECT i, {columns} FROM n, \
             audit_entries WHERE sequence = (SELECT audit_sequence FROM register)"
        ));
        register.execute("UPDATE register SET audit_sequence = 20200");
        let page = |query: &str| {
            let path = format!("/cadastre/v1/audit?{query}");
            let answer = register.request("GET", &path).key(&key).send();
            assert_eq!(answer.status(), 200, "{}: {}", register.name, answer.text);
            answer.json()
        };
        let first = page("operation=nothing&total=true");
        assert_eq!(first["items"], json!([]), "{}", register.name);
        assert_eq!((&first["total"], &first["total_is_exact"]), (&json!(0), &json!(false)));
        let last = page(&format!("operation=nothing&cursor={}", first["next"].as_str().unwrap()));
        assert_eq!(last, json!({"items": [], "next": null}), "{}", register.name);
        let all = page("operation=add_team&limit=1&total=true");
        assert_eq!((&all["total"], &all["total_is_exact"]), (&json!(20_000), &json!(false)));
    }
}
