//! How tokens end: whoever is told that one has ended can rely on it, on every server.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use cadastre_testkit::databases;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use crate::support::{Call, Place, Raised, Server, create, eventually, id_of, now};

/// Two servers of one register.
struct Pair {
    place: Place,
    servers: [Server; 2],
    admin: String,
}

/// By what means a token is changed.
#[derive(Clone, Copy, Debug)]
enum Way {
    Command,
    Native,
}

impl Pair {
    /// Makes a token that expires after so many seconds.
    fn expiring(&self, way: Way, seconds: i64) -> String {
        match way {
            Way::Command => {
                let expires = format!("{seconds}s");
                let options = ["--role", "viewer", "--name", "short", "--expires", &expires];
                create(&self.place, &options)
            }
            Way::Native => {
                let end = (now() + TimeDelta::seconds(seconds)).to_rfc3339();
                let body = json!({"name": "short", "role": "viewer", "expires_at": end});
                let made = self.servers[0].native("POST", "/tokens", &self.admin, &body);
                assert_eq!(made.status, 201, "{made:?}");
                made.json()["secret"].as_str().unwrap().to_owned()
            }
        }
    }

    /// Gives a token another text.
    fn rotate(&self, way: Way, token: &str, seconds: u32) -> String {
        let id = id_of(token);
        match way {
            Way::Command => {
                let overlap = format!("{seconds}s");
                self.place.run(&["token", "rotate", id, "--overlap", &overlap]).line()
            }
            Way::Native => {
                let path = format!("/tokens/{id}/rotate");
                let body = json!({"overlap_seconds": seconds});
                let answer = self.servers[0].native("POST", &path, &self.admin, &body);
                assert_eq!(answer.status, 200, "{answer:?}");
                answer.json()["secret"].as_str().unwrap().to_owned()
            }
        }
    }

    /// Revokes a token.
    fn revoke(&self, way: Way, token: &str) {
        let id = id_of(token);
        match way {
            Way::Command => assert!(self.place.run(&["token", "revoke", id]).lines().is_empty()),
            Way::Native => {
                let path = format!("/tokens/{id}");
                let answer = self.servers[0].native("DELETE", &path, &self.admin, &Value::Null);
                assert_eq!((answer.status, answer.text.as_str()), (204, ""));
            }
        }
    }

    /// Whether each server accepts the token.
    fn accept(&self, token: &str) -> [bool; 2] {
        self.servers.each_ref().map(|server| match server.list_status(token) {
            200 => true,
            401 => false,
            other => panic!("{other}"),
        })
    }

    /// What is told of the token.
    fn told(&self, token: &str) -> Value {
        let path = format!("/tokens/{}", id_of(token));
        self.servers[1].native("GET", &path, &self.admin, &Value::Null).json()
    }

    /// All answers to this token while `work` goes on, before and after, and what that came to. Each
    /// server has answered before it begins, and something that was asked after its end.
    fn used_during<T>(&self, token: &str, work: impl FnOnce() -> T) -> (Vec<Asked>, T) {
        let over = AtomicBool::new(false);
        let asked = [(); 2].map(|()| Mutex::new(Vec::new()));
        let ask = |server: &Server, asked: &Mutex<Vec<Asked>>| {
            let call = Call::to(server.address);
            while !over.load(Ordering::Relaxed) {
                let from = now();
                let headers = [("authorization", token)];
                let answer = call.send("GET", "/openapi/v1/regions", &headers, None).unwrap();
                asked.lock().unwrap().push(Asked { from, to: now(), status: answer.status });
                thread::sleep(Duration::from_millis(5));
            }
        };
        let done = thread::scope(|scope| {
            let _raised = Raised(&over);
            for (server, asked) in self.servers.iter().zip(&asked) {
                scope.spawn(|| ask(server, asked));
            }
            let each = |is_it: &dyn Fn(&Asked) -> bool| {
                asked.iter().all(|asked| asked.lock().unwrap().iter().any(is_it))
            };
            eventually("each server has answered", || each(&|_| true));
            let done = work();
            let end = now();
            eventually("each server has answered since", || each(&|asked| asked.from >= end));
            done
        });
        (asked.into_iter().flat_map(|asked| asked.into_inner().unwrap()).collect(), done)
    }
}

/// A request with a token.
#[derive(Debug)]
struct Asked {
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    status: u16,
}

/// Checks that a token was accepted before `begin` and refused from `end` on.
fn ended_between(asked: &[Asked], begin: DateTime<Utc>, end: DateTime<Utc>) {
    let (before, after): (Vec<_>, Vec<_>) = asked
        .iter()
        .filter(|asked| asked.to < begin || asked.from >= end)
        .partition(|asked| asked.to < begin);
    assert!(!before.is_empty() && !after.is_empty(), "{asked:?}");
    assert!(before.iter().all(|asked| asked.status == 200), "{before:?}");
    assert!(after.iter().all(|asked| asked.status == 401), "{end}: {after:?}");
}

/// Runs `test` with two servers of one register on each kind of database, by each way.
fn on_pairs(test: impl Fn(&Pair, Way) + Sync) {
    let start = |place: &Place| place.ready();
    thread::scope(|scope| {
        for database in databases() {
            let test = &test;
            scope.spawn(move || {
                let place = || Place::on(&database).with("CADASTRE_WRONG_TOKENS", "0");
                let (place, other) = (place(), place());
                let servers = [start(&place), start(&other)];
                let admin = place.first_token();
                let pair = Pair { place, servers, admin };
                for way in [Way::Command, Way::Native] {
                    println!("on {}: {way:?}", database.name());
                    test(&pair, way);
                }
            });
        }
    });
}

/// Runs `test` with one of these times in seconds after the other, until it says that the machine was
/// fast enough for it.
fn in_one_of_these_times<T>(seconds: [T; 3], test: impl Fn(T) -> bool) {
    assert!(seconds.into_iter().any(test), "too slow to be seen");
}

fn wait_until(end: DateTime<Utc>) {
    thread::sleep((end - now()).to_std().unwrap_or_default());
}

fn viewer(pair: &Pair) -> String {
    create(&pair.place, &["--role", "viewer", "--name", "a script"])
}

#[test]
fn a_revoked_token_is_refused_by_every_server_once_that_is_told() {
    on_pairs(|pair, way| {
        let token = viewer(pair);
        assert_eq!(pair.accept(&token), [true, true]);
        let (asked, (begin, end)) = pair.used_during(&token, || {
            let begin = now();
            pair.revoke(way, &token);
            (begin, now())
        });
        ended_between(&asked, begin, end);
        assert_eq!(pair.told(&token)["state"], "revoked");
        let again = pair.place.run(&["token", "rotate", id_of(&token)]).refusal();
        assert_eq!(again, "the token has expired or was revoked");
    });
}

#[test]
fn a_text_that_is_rotated_without_overlap_is_refused_by_every_server_once_that_is_told() {
    on_pairs(|pair, way| {
        let token = viewer(pair);
        assert_eq!(pair.accept(&token), [true, true]);
        let (asked, (begin, new, end)) = pair.used_during(&token, || {
            let begin = now();
            (begin, pair.rotate(way, &token, 0), now())
        });
        ended_between(&asked, begin, end);
        assert_eq!(pair.accept(&new), [true, true]);
        assert_eq!(id_of(&new), id_of(&token));
        assert_ne!(new, token);
    });
}

#[test]
fn a_text_that_is_rotated_is_accepted_by_every_server_until_the_overlap_ends() {
    on_pairs(|pair, way| {
        in_one_of_these_times([4, 16, 64], |seconds| {
            let token = viewer(pair);
            let (asked, (told, new, end)) = pair.used_during(&token, || {
                let new = pair.rotate(way, &token, seconds);
                let told = now();
                let end = pair.told(&token)["overlap_ends_at"].as_str().unwrap().to_owned();
                let end: DateTime<Utc> = end.parse().unwrap();
                assert_eq!(pair.accept(&new), [true, true]);
                wait_until(end);
                (told, new, end)
            });
            ended_between(&asked, end, end);
            assert_eq!(pair.accept(&new), [true, true]);
            told < end
        });
    });
}

#[test]
fn of_several_texts_before_the_last_rotation_only_one_is_accepted() {
    on_pairs(|pair, way| {
        let first = viewer(pair);
        let second = pair.rotate(way, &first, 3600);
        assert_eq!((pair.accept(&first), pair.accept(&second)), ([true; 2], [true; 2]));
        let third = pair.rotate(way, &second, 3600);
        let accepted = [&first, &second, &third].map(|token| pair.accept(token));
        assert_eq!(accepted, [[false; 2], [true; 2], [true; 2]]);
        pair.revoke(way, &third);
        let accepted = [&first, &second, &third].map(|token| pair.accept(token));
        assert_eq!(accepted, [[false; 2]; 3]);
    });
}

#[test]
fn a_token_expires_on_every_server_at_the_instant_that_is_told() {
    on_pairs(|pair, way| {
        in_one_of_these_times([5, 20, 80], |seconds| {
            let token = pair.expiring(way, seconds);
            let told = pair.told(&token);
            let end: DateTime<Utc> = told["expires_at"].as_str().unwrap().parse().unwrap();
            let (asked, ()) = pair.used_during(&token, || wait_until(end));
            assert_eq!(pair.told(&token)["state"], "expired");
            let in_time = asked.iter().any(|asked| asked.to < end);
            if in_time {
                assert_eq!(told["state"], "live");
                ended_between(&asked, end, end);
            }
            in_time
        });
    });
}
