//! Many clients at once on one region, on one server or on two that share a database: what all of
//! them saw must have been possible one call after the other.

mod history;

use std::thread;
use std::time::Instant;

use cadastre_testkit::Seed;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use serde_json::{Value, json};

use crate::rainbond_fixture::{Fixture, SOMEWHERE};
use crate::support::{Answer, Call, Register, registers};
use history::{Event, History, State, What};

/// How many clients call at once.
const CLIENTS: usize = 16;
/// How many calls each of them makes.
const CALLS: usize = 4;
/// How many runs there are on each database.
const RUNS: usize = 200;

/// One run: servers of one database, and a region and a team of its own.
struct Run<'a> {
    servers: &'a [&'a Register],
    key: &'a str,
    region: String,
    name: String,
    start: Instant,
}

/// What a client does next, and who he is.
struct Client<'a> {
    run: &'a Run<'a>,
    number: usize,
    random: StdRng,
    /// The last version that he knows of.
    known: i64,
    teams: Vec<String>,
}

impl Client<'_> {
    fn request(&mut self, method: &str, path: &str) -> Call {
        let server = self.random.random_range(0..self.run.servers.len());
        self.run.servers[server].request(method, path).key(self.run.key)
    }

    /// Sends a request, and answers when that was and when it was answered.
    fn send(&self, call: Call) -> (u128, u128, Answer) {
        let from = self.run.start.elapsed().as_nanos();
        let answer = call.send();
        (from, self.run.start.elapsed().as_nanos(), answer)
    }

    fn change(&mut self, method: &str, path: &str, body: &Value) -> (u128, u128, Answer, i64) {
        let expected = self.known;
        let call = self.request(method, path).header("if-match", &format!("\"{expected}\""));
        let (from, to, answer) = self.send(call.json(body));
        (from, to, answer, expected)
    }

    /// Makes one call, and answers what came of it.
    fn step(&mut self, call: usize) -> Event {
        let path = format!("/cadastre/v1/regions/{}", self.run.region);
        match self.random.random_range(0..10) {
            0..3 => {
                let body = json!({"alias": format!("alias {}-{call}", self.number)});
                let told = self.change("PATCH", &path, &body);
                self.changed(told, None)
            }
            3..5 => {
                let to = ["enabled", "disabled", "maintenance"][self.random.random_range(0..3)];
                let told = self.change("POST", &format!("{path}/status"), &json!({"status": to}));
                self.changed(told, Some(to))
            }
            5..7 => {
                let call = self.request("GET", &path);
                let (from, to, answer) = self.send(call);
                assert_eq!(answer.status(), 200, "{answer:?}");
                self.saw(from, to, &answer.json())
            }
            7 => {
                let name = self.run.name.clone();
                let call = self.request("GET", &format!("/cadastre/v1/regions?q={name}"));
                let (from, to, answer) = self.send(call);
                self.saw(from, to, &answer.json()["items"][0])
            }
            8 => self.glimpse(),
            _ => self.open(),
        }
    }

    fn changed(
        &mut self,
        (from, to, answer, expected): (u128, u128, Answer, i64),
        status: Option<&str>,
    ) -> Event {
        let body = answer.json();
        let what = match (answer.status(), status) {
            (200, _) => {
                let (version, state) = (version(&body), state(&body));
                self.known = version;
                // The status that it has already is no change.
                if version == expected {
                    What::Saw { version, state }
                } else {
                    What::Wrote { expected, version, state }
                }
            }
            (412, _) => {
                let current = body["current"].as_str().unwrap().trim_matches('"');
                self.known = current.parse().unwrap();
                What::Stale { expected, current: self.known }
            }
            (409, Some(status)) => What::Refused { expected, to: status.to_owned() },
            _ => panic!("{answer:?}"),
        };
        Event { from, to, what }
    }

    fn saw(&mut self, from: u128, to: u128, region: &Value) -> Event {
        self.known = version(region);
        Event { from, to, what: What::Saw { version: self.known, state: state(region) } }
    }

    /// Looks at the list of the rainbond face, which tells no version.
    fn glimpse(&mut self) -> Event {
        let call = self.request("GET", "/openapi/v1/regions");
        let (from, to, answer) = self.send(call);
        let list = answer.json();
        let own = |row: &&Value| row["region_name"] == self.run.name;
        let row = list.as_array().unwrap().iter().find(own).unwrap().clone();
        let status = match row["status"].as_str().unwrap() {
            "1" => "enabled",
            "2" => "disabled",
            "3" => "maintenance",
            _ => "editing",
        };
        let alias = row["region_alias"].as_str().unwrap().to_owned();
        let state = State { alias, status: status.to_owned() };
        Event { from, to, what: What::Glimpsed { state } }
    }

    /// Opens the region for a team that has not opened it.
    fn open(&mut self) -> Event {
        let team = self.teams.pop().unwrap();
        let call = self.request("POST", &format!("/openapi/v1/teams/{team}/regions"));
        let (from, to, answer) = self.send(call.json(&json!({"region": self.run.name})));
        assert!(matches!(answer.status(), 201 | 409), "{answer:?}");
        Event { from, to, what: What::Opened(answer.status() == 201) }
    }
}

fn version(region: &Value) -> i64 {
    region["version"].as_i64().unwrap_or_else(|| panic!("{region}"))
}

fn state(region: &Value) -> State {
    let text = |name: &str| region[name].as_str().unwrap().to_owned();
    State { alias: text("alias"), status: text("status") }
}

/// Sixteen clients, each making its calls by chance; all that they saw.
fn play(run: &Run<'_>, seed: u64, teams: &[String]) -> Vec<Event> {
    thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS)
            .map(|number| {
                let random = StdRng::seed_from_u64(seed.wrapping_add(number as u64));
                let teams = teams[number * CALLS..(number + 1) * CALLS].to_vec();
                let mut client = Client { run, number, random, known: 1, teams };
                scope.spawn(move || (0..CALLS).map(|call| client.step(call)).collect::<Vec<_>>())
            })
            .collect();
        clients.into_iter().flat_map(|client| client.join().unwrap()).collect()
    })
}

fn check_runs(fixture: &mut Fixture, other: Option<&Register>, seed: &Seed) {
    let teams: Vec<_> = (0..CLIENTS * CALLS)
        .map(|_| {
            fixture.add_team("{KA}", "N");
            fixture.forget("N-name");
            fixture.forget("N")
        })
        .collect();
    for number in 0..RUNS {
        let name = format!("run-{number}");
        fixture.add_region("{KA}", &name, &json!({"region_alias": "start"}));
        let region = fixture.forget(&name);
        let key = fixture.fill("{KA}");
        let servers: Vec<_> = std::iter::once(&fixture.register).chain(other).collect();
        let run = Run { servers: &servers, key: &key, region, name, start: Instant::now() };
        let events = play(&run, seed.value().wrapping_add((number * CLIENTS) as u64), &teams);
        let start = State { alias: "start".to_owned(), status: "enabled".to_owned() };
        let history = History { start, events };
        if let Err(why) = history.check() {
            let events = history.events;
            panic!("run {number} on {}: {why}\n{events:#?}", fixture.register.name);
        }
        // Whatever came of it, nobody lists it any more, and nobody keeps it open.
        let path = format!("DELETE /openapi/v2/manage/regions/{}?force=true", run.region);
        let off = json!({"status": "disabled"});
        let off_path = format!("POST /cadastre/v1/regions/{}/status", run.region);
        let call = fixture.call("{KA}", &off_path).header("if-match", "*").json(&off);
        assert_eq!(call.send().status(), 200);
        assert_eq!(fixture.call("{MK}", &path).send().status(), 200);
    }
}

#[test]
fn what_many_clients_see_could_have_been_one_after_the_other() {
    let seed = Seed::obtain();
    thread::scope(|scope| {
        for register in registers() {
            let seed = &seed;
            scope.spawn(move || {
                let mut fixture = Fixture::bare(register, SOMEWHERE);
                // On SQLite, too, another server may have the same file.
                let other = fixture.register.beside();
                check_runs(&mut fixture, Some(&other), seed);
            });
        }
    });
}
