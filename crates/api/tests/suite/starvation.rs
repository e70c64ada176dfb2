//! What one enterprise can do to others by reading.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, RwLock};
use std::thread;
use std::time::{Duration, Instant};

use cadastre_api::reads::ReadClass;
use cadastre_domain::role::Role;
use serde_json::json;

use crate::rainbond_fixture::{Fixture, fixtures};
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

/// Waits until as many reads have begun as an enterprise may have at once.
fn wait_until_all_turns_are_taken(register: &Register, begun: &AtomicUsize) {
    let start = Instant::now();
    while begun.load(Ordering::SeqCst) < register.app.readers {
        assert!(start.elapsed() < LIMIT, "{}: too few reads begin", register.name);
        thread::sleep(Duration::from_millis(1));
    }
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
            // No more begin.
            wait_until_all_turns_are_taken(&register, &begun);
            check_others(&register, &key);
            assert_eq!(begun.load(Ordering::SeqCst), register.app.readers, "{}", register.name);
            drop(held);
        });
    }
}

/// What costs more the more there is: the key, the request and its body.
const LISTS: [(&str, &str, &str); 12] = [
    ("{KA}", "GET /openapi/v1/teams", ""),
    ("{KA}", "GET /openapi/v1/teams?query=a", ""),
    ("{KA}", "GET /openapi/v1/teams/{T}/regions", ""),
    ("{KA}", "DELETE /cadastre/v1/teams/{T}?dry_run=true", ""),
    ("{KA}", "DELETE /cadastre/v1/regions/{r1}?dry_run=true", ""),
    ("{KA}", "POST /cadastre/v1/regions/{r1}/status?dry_run=true", r#"{"status": "disabled"}"#),
    ("{KA}", "GET /cadastre/v1/regions/{r1}/revisions/compare?from=1&to=1", ""),
    ("{KA}", "GET /cadastre/v1/regions/{r1}/explain?team={T}", ""),
    ("{KA}", "GET /cadastre/v1/nodes/{node}", ""),
    ("{KA}", "GET /cadastre/v1/nodes/{node}/keys", ""),
    ("{KA}", "GET /api/v1/dialing_region/{node}/info", ""),
    ("{member}", "GET /cadastre/v1/regions", ""),
];

/// What does not.
const LOOK_UPS: [(&str, &str); 4] = [
    ("{KA}", "GET /cadastre/v1/teams/{T}"),
    ("{KA}", "GET /cadastre/v1/regions/{r1}"),
    ("{member}", "GET /cadastre/v1/regions/{r1}"),
    ("{KA}", "GET /cadastre/v1/teams/{T}/openings/{r1}"),
];

fn ask(fixture: &Fixture, (key, request, body): (&str, &str, &str)) -> u16 {
    let call = fixture.call(key, request).api_key(&fixture.fill(key));
    let call = if body.is_empty() { call } else { call.body("application/json", body) };
    call.send().status()
}

#[test]
fn what_costs_more_the_more_there_is_waits_with_the_lists_of_its_enterprise() {
    for mut fixture in fixtures() {
        fixture.add_token("member", Role::Team, "{E1}", &["{T}"]);
        let opened =
            fixture.send("{KA}", "POST /openapi/v1/teams/{T}/regions", &json!({"region": "r1"}));
        assert_eq!(opened.status(), 201, "{opened:?}");
        let node = json!({"internal": true, "isp": "i", "country": "c", "keycode": "k"});
        let made = fixture
            .call("{KA}", "POST /api/v1/dialing_region/regist")
            .api_key(&fixture.fill("{KA}"));
        let made = made.json(&node).send().json();
        fixture.call_it("node", &made["content"]["regionInfo"]["uuid"]);
        for list in LISTS {
            assert_eq!(ask(&fixture, list), 200, "{list:?}");
        }
        let register = &fixture.register;
        let (lock, begun) = (Arc::new(RwLock::new(())), Arc::new(AtomicUsize::new(0)));
        let held = lock.write().unwrap();
        // As many as run at once, and as many as wait.
        let blocked = [Blocked {
            class: ReadClass::Page(register.enterprise),
            count: register.app.readers + 128,
        }];
        thread::scope(|scope| {
            scope.spawn(|| run_blocked(register, &blocked, &lock, &begun));
            wait_until_all_turns_are_taken(register, &begun);
            for list in LISTS {
                // There is no room to wait, which the dialing face tells as 401, or no turn comes in time.
                let status = ask(&fixture, list);
                let is_refused = [401, 429, 503].contains(&status);
                assert!(is_refused, "{list:?} on {}: {status}", register.name);
            }
            for (key, request) in LOOK_UPS {
                assert_eq!(ask(&fixture, (key, request, "")), 200, "{request}");
            }
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
