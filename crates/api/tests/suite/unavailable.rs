//! When the database is busy, held by others or away: callers are told to come again, in the shape
//! of their face, nothing is half done, and all is well afterwards without a restart.

use std::sync::{Arc, Mutex, mpsc};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use cadastre_api::config::ServeOptions;
use cadastre_api::error::Error;
use cadastre_storage::{Keyring, Settings, StorageError, Store, Ticket};
use cadastre_testkit::Wire;
use serde_json::json;

use crate::faces::{Face, Site, sites};
use crate::support::{Answer, LIMIT, Register, registers_with};

/// A write that stands still in the middle of its transaction.
pub struct Standstill {
    release: mpsc::Sender<()>,
    drain: JoinHandle<()>,
}

impl Standstill {
    pub fn of(store: &Arc<Store>) -> Self {
        // An answer leaves before the one who committed it looks for more to do.
        assert!(store.finish(LIMIT), "nobody else writes");
        let (started, is_started) = mpsc::channel();
        let (release, is_released) = mpsc::channel();
        let ticket: Ticket<(), StorageError> = store
            .submit(None, move |_| {
                started.send(()).unwrap();
                // Whoever drops the other end releases it, too.
                let _ = is_released.recv();
                Ok(())
            })
            .unwrap();
        assert!(ticket.drain);
        let store = Arc::clone(store);
        let drain = thread::spawn(move || store.drain());
        is_started.recv().unwrap();
        Self { release, drain }
    }

    pub fn end(self) {
        self.release.send(()).unwrap();
        self.drain.join().unwrap();
    }
}

fn get(register: &Register, path: &str) -> u16 {
    register.request("GET", path).send().status()
}

/// Checks the whole refusal.
fn check_unavailable(site: &Site, answer: &Answer) {
    let expected = match site.face {
        Face::Rainbond => json!({
            "code": 503,
            "msg": "service unavailable",
            "msg_show": "服务暂时不可用，请稍后重试",
            "data": {"bean": {}, "list": []},
        }),
        Face::Dialing => json!({
            "code": 503,
            "content": {},
            "errorCode": "ft.ServiceUnavailable",
            "message": "the service is not available now, try again",
            "success": false,
            "traceId": answer.json()["traceId"],
        }),
    };
    assert_eq!(answer.text, expected.to_string(), "{}", site.name());
    assert_eq!((answer.status(), answer.header("retry-after")), (503, "1"), "{}", site.name());
}

/// Creates something as soon as that works again; it was refused before, and must not be there.
fn check_recovers(site: &Site, name: &str) {
    let deadline = Instant::now() + LIMIT;
    let answer = loop {
        let answer = site.create(name);
        if answer.status() != 503 {
            break answer;
        }
        assert!(Instant::now() < deadline, "{} {answer:?}", site.name());
        thread::sleep(Duration::from_millis(50));
    };
    assert_eq!(answer.status(), site.face.created(), "{} {answer:?}", site.name());
    assert_eq!(site.stored(), [name], "{}", site.name());
}

#[test]
fn when_the_write_queue_is_full_writers_are_told_to_come_again() {
    for register in registers_with(|o| o.write_queue = Some("1".into())) {
        let sites = sites(&register);
        let standstill = Standstill::of(&register.app.store);
        let next: Result<Ticket<(), StorageError>, _> = register.app.store.submit(None, |_| Ok(()));
        assert!(!next.unwrap().drain, "{}", register.name);
        for site in &sites {
            check_unavailable(site, &site.create("late"));
            assert_eq!(site.stored(), [] as [&str; 0], "{}", site.name());
        }
        // Those who read do not wait for those who write.
        assert_eq!((get(&register, "/livez"), get(&register, "/readyz")), (200, 200));
        let list = register.request("GET", "/openapi/v1/regions").key(&sites[0].key).send();
        assert_eq!((list.status(), list.text.as_str()), (200, "[]"), "{}", register.name);
        standstill.end();
        for site in &sites {
            check_recovers(site, "late");
        }
    }
}

#[test]
fn when_another_process_holds_the_database_writers_are_told_to_come_again() {
    let urls = Mutex::new(Vec::new());
    let note_url = |options: &mut ServeOptions| {
        let database = options.database.clone();
        let site = (database.database_url.unwrap(), database.master_key_file.unwrap());
        urls.lock().unwrap().push(site);
    };
    let registers = registers_with(note_url).collect::<Vec<_>>();
    thread::scope(|scope| {
        for (register, (url, keys)) in registers.iter().zip(urls.lock().unwrap().clone()) {
            let url = url.parse().unwrap();
            scope.spawn(move || {
                let site = &sites(register)[0];
                let store = Arc::new(Store::new(&Settings {
                    url,
                    readers: 1,
                    write_queue: 8,
                    vault: Arc::new(Keyring::new(keys.into())),
                }));
                store.prepare(register.app.clock.now(), |_| Ok::<_, StorageError>(())).unwrap();
                let standstill = Standstill::of(&store);
                check_unavailable(site, &site.create("late"));
                assert_eq!(get(register, "/readyz"), 200, "{}", register.name);
                standstill.end();
                check_recovers(site, "late");
            });
        }
    });
}

/// A register on PostgreSQL, and the wire between the two.
fn register_behind_a_wire() -> (Register, Wire) {
    let wires = Mutex::new(Vec::new());
    let through_wire = |options: &mut ServeOptions| {
        let url = options.database.database_url.as_mut().unwrap();
        if url.starts_with("postgres") {
            let (wire, through) = Wire::before(url);
            *url = through;
            wires.lock().unwrap().push(wire);
        }
    };
    let register = registers_with(through_wire).find(|r| r.name == "postgres").unwrap();
    let wire = wires.lock().unwrap().pop().unwrap();
    (register, wire)
}

/// Checks what everybody is told while the database is away, before a client gives up.
fn check_away(register: &Register, sites: &[Site], name: &str) {
    for site in sites {
        check_unavailable(site, &site.create(name));
    }
    let list = register.request("GET", "/openapi/v1/regions").key(&sites[0].key).send();
    check_unavailable(&sites[0], &list);
    let ready = register.request("GET", "/readyz").send();
    assert_eq!((ready.status(), ready.header("retry-after")), (503, "1"));
    assert_eq!(ready.text, "not ready: the database is not available\n");
    assert_eq!(get(register, "/livez"), 200);
}

#[test]
fn when_the_database_is_away_callers_are_told_to_come_again() {
    let (register, wire) = register_behind_a_wire();
    let sites = sites(&register);
    // Once before the faces have used their connections, and once after.
    for name in ["first", "second"] {
        assert_eq!(get(&register, "/readyz"), 200);
        wire.cut();
        check_away(&register, &sites, name);
        wire.mend();
        let deadline = Instant::now() + LIMIT;
        while get(&register, "/readyz") != 200 {
            assert!(Instant::now() < deadline, "not ready again");
        }
        for site in &sites {
            let answer = site.create(name);
            assert_eq!(answer.status(), site.face.created(), "{} {answer:?}", site.name());
        }
    }
    for site in &sites {
        assert_eq!(site.stored(), ["first", "second"], "{}", site.name());
    }
}

#[test]
fn a_write_that_panics_harms_none_that_shares_its_transaction() {
    // Three of one enterprise may wait.
    for register in registers_with(|o| o.write_queue = Some("6".into())) {
        for site in sites(&register) {
            let standstill = Standstill::of(&register.app.store);
            let bad: Ticket<(), Error> = register
                .app
                .store
                // As a panic, but without its message in the output of the tests.
                .submit(None, |_| std::panic::resume_unwind(Box::new("a bad write")))
                .unwrap();
            let statuses = thread::scope(|scope| {
                let (sender, statuses) = mpsc::channel();
                for n in 0..4 {
                    let (site, sender) = (&site, sender.clone());
                    scope.spawn(move || sender.send(site.create(&format!("n{n}")).status()));
                }
                // The one that is turned away shows that the others wait behind the bad one.
                let first = statuses.recv().unwrap();
                standstill.end();
                [first].into_iter().chain(statuses.iter().take(3)).collect::<Vec<_>>()
            });
            let created = statuses.iter().filter(|status| **status == site.face.created()).count();
            let busy = statuses.iter().filter(|status| **status == 503).count();
            assert_eq!((created, busy), (3, 1), "{} {statuses:?}", site.name());
            assert_eq!(site.stored().len(), 3, "{}", site.name());
            let told = actix_web::rt::System::new().block_on(bad);
            let panicked = matches!(told, Err(Error::Storage(StorageError::Panicked)));
            assert!(panicked, "{} {told:?}", site.name());
            site.check_serves("after");
        }
    }
}
