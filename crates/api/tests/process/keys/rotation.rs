//! `cadastre key rotate`, while servers serve.

use std::collections::BTreeSet;
use std::fs;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use cadastre_testkit::raw::{column, execute};
use cadastre_testkit::{TestDatabase, databases, postgres, sqlite};
use serde_json::json;

use super::{add_region, complaint, restore, token_of};
use crate::support::{Place, Raised, Server, is_token, region};

/// More regions than are sealed anew in one transaction.
const REGIONS: usize = 60;

/// A register with regions, and the servers that serve it.
struct Register {
    place: Place,
    servers: Vec<Server>,
    admin: String,
    ids: Vec<String>,
}

impl Register {
    /// With so many servers and regions.
    fn new(database: &TestDatabase, servers: usize, regions: usize) -> Self {
        let place = Place::on(database);
        let first = place.ready();
        let admin = place.first_token();
        let others = (1..servers).map(|_| Place::on(database).ready());
        let servers: Vec<_> = std::iter::once(first).chain(others).collect();
        let add = |number| add_region(&servers[0], &format!("region-{number}"), &admin);
        let ids = (0..regions).map(add).collect();
        Self { place, servers, admin, ids }
    }

    /// Checks that a server opens the token of the region with this number.
    fn opens(&self, server: &Server, number: usize) {
        let token = token_of(server, &self.ids[number], &self.admin);
        assert_eq!(token, format!("token-of-region-{number}"));
    }

    fn opens_all(&self, server: &Server) {
        (0..self.ids.len()).for_each(|number| self.opens(server, number));
    }

    /// Adds a region through one server, reads it through the other, and changes it.
    fn use_regions(&self, one: &Server, other: &Server, name: &str) {
        let mut body = region(name);
        body["token"] = json!("a token");
        body["status"] = json!("0");
        let answer = one.post("/openapi/v1/regions", &self.admin, &body);
        assert_eq!((answer.status, &answer.json()["token"]), (201, &json!("a token")));
        let id = answer.json()["region_id"].as_str().unwrap().to_owned();
        assert_eq!(token_of(other, &id, &self.admin), "a token");
        body["token"] = json!("another token");
        let path = format!("/openapi/v2/manage/regions/{id}");
        let answer = one.call("PUT", &path, &[("authorization", &self.admin)], Some(&body));
        assert_eq!((answer.status, &answer.json()["token"]), (200, &json!("another token")));
    }

    /// Makes a key pair, and a token that every server knows.
    fn use_others(&self, one: &Server, other: &Server, name: &str) {
        let node = json!({"internal": true, "isp": "i", "country": "c", "keycode": name});
        let path = "/api/v1/dialing_region/regist";
        let answer = one.call("POST", path, &[("df-api-key", &self.admin)], Some(&node));
        assert_eq!(answer.status, 200, "{answer:?}");
        let body = json!({"name": name, "role": "viewer"});
        let made = one.native("POST", "/tokens", &self.admin, &body).json();
        let token = made["secret"].as_str().unwrap();
        assert!(is_token(token), "{made}");
        assert_eq!([one.list_status(token), other.list_status(token)], [200, 200]);
    }

    /// What a client does until it is over, and how often he did it.
    fn work(&self, place: usize, over: &AtomicBool, turns: &AtomicUsize) {
        let one = &self.servers[place];
        let other = &self.servers[(place + 1) % self.servers.len()];
        while !over.load(Ordering::Relaxed) {
            let turn = turns.load(Ordering::Relaxed);
            let name = format!("client-{place}-{turn}");
            self.opens(one, turn % self.ids.len());
            self.use_regions(one, other, &name);
            self.use_others(one, other, &name);
            turns.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Rotates again and again, until a client of every server has done enough meanwhile that he
    /// would have noticed; the keys.
    fn rotate_while_used(&self) -> Vec<String> {
        let over = &AtomicBool::new(false);
        let turns = &self.servers.iter().map(|_| AtomicUsize::new(0)).collect::<Vec<_>>();
        thread::scope(|scope| {
            let work = |place| scope.spawn(move || self.work(place, over, &turns[place]));
            let clients: Vec<_> = (0..self.servers.len()).map(work).collect();
            let raised = Raised(over);
            let mut keys = Vec::new();
            let enough = |turns: &AtomicUsize| turns.load(Ordering::Relaxed) >= 20;
            let failed = || clients.iter().any(thread::ScopedJoinHandle::is_finished);
            while !failed() && (keys.len() < 3 || !turns.iter().all(enough)) {
                keys.push(self.rotate(1));
            }
            drop(raised);
            for client in clients {
                client.join().unwrap();
            }
            keys
        })
    }

    /// Rotates the master key; the id of the new one.
    fn rotate(&self, removed: usize) -> String {
        let ended = self.place.run(&["key", "rotate"]);
        assert_eq!(ended.code, Some(0), "{ended:?}");
        assert!(ended.stderr.contains(&format!("removed {removed} old keys")), "{ended:?}");
        ended.stdout.trim_end().to_owned()
    }

    /// Checks that this is the only key, and that a server which starts now does everything with it.
    fn has_only(&self, database: &TestDatabase, key: &str) {
        assert_eq!(sealed_with(database), BTreeSet::from([key.to_owned()]));
        assert_eq!(self.place.master_keys().len(), 1);
        let listed = self.place.run(&["key", "list"]).lines();
        assert_eq!(listed.len(), 2, "{listed:?}");
        assert!(listed[1].starts_with(&format!("{key}\t")) && listed[1].ends_with("\tcurrent"));
        let restarted = self.place.ready();
        self.opens_all(&restarted);
        self.use_regions(&restarted, &self.servers[0], "afterwards");
        self.use_others(&restarted, &self.servers[0], "afterwards");
        restarted.stop();
    }
}

/// The keys with which anything is sealed.
fn sealed_with(database: &TestDatabase) -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    for table in ["region_credentials", "node_keys", "register_keys", "register"] {
        keys.extend(column(database, &format!("SELECT key_id AS value FROM {table}")));
    }
    keys
}

#[test]
fn nobody_who_works_meanwhile_notices_a_rotation_after_which_there_is_one_new_key() {
    for (database, count) in [(sqlite(), 1), (sqlite(), 2), (postgres(), 1), (postgres(), 2)] {
        println!("on {} with {count} servers", database.name());
        let register = Register::new(&database, count, REGIONS);
        let old = register.place.master_keys();
        let keys = register.rotate_while_used();
        register.has_only(&database, keys.last().unwrap());
        assert!(!register.place.master_keys().contains(&old[0]));
        let list = ["audit", "list", "--operation", "rotate_key", "--limit", "1000000"];
        assert_eq!(register.place.run(&list).lines().len(), keys.len());
        assert!(register.place.run(&["audit", "verify"]).line().starts_with("sound: "));
        for server in register.servers {
            let log = server.stop().stderr;
            let trouble = log.lines().find(|line| line.contains(" ERROR "));
            assert_eq!(trouble, None);
        }
    }
}

#[test]
fn after_a_rotation_the_old_key_opens_nothing() {
    for database in databases() {
        let mut register = Register::new(&database, 1, 1);
        let file = register.place.master_key_file();
        let old = fs::read_to_string(&file).unwrap();
        let key = register.rotate(1);
        register.servers.pop().unwrap().stop();
        let new = fs::read_to_string(&file).unwrap();
        restore(&file, &old);
        let complaint = complaint(&register.place.run(&[]));
        assert!(complaint.ends_with(&format!("the key file holds no key {key}")), "{complaint}");
        restore(&file, &new);
        register.opens_all(&register.place.ready());
    }
}

/// Has the database refuse that regions are sealed anew, until the statements that come back.
fn refuse_resealing(database: &TestDatabase) -> &'static str {
    let (refuse, undo) = match database.name() {
        "sqlite" => (
            "CREATE TRIGGER refuse BEFORE UPDATE ON region_credentials \
             BEGIN SELECT RAISE(ABORT, 'refused by a test'); END",
            "DROP TRIGGER refuse",
        ),
        _ => (
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS \
             $$ BEGIN RAISE EXCEPTION 'refused by a test'; END $$; \
             CREATE TRIGGER refuse BEFORE UPDATE ON region_credentials \
             FOR EACH ROW EXECUTE FUNCTION refuse()",
            "DROP TRIGGER refuse ON region_credentials; DROP FUNCTION refuse()",
        ),
    };
    execute(database, refuse);
    undo
}

#[test]
fn a_rotation_that_is_broken_off_loses_no_key_that_is_needed_and_the_next_one_ends_it() {
    for database in databases() {
        let register = Register::new(&database, 1, 5);
        let undo = refuse_resealing(&database);
        assert!(complaint(&register.place.run(&["key", "rotate"])).contains("refused by a test"));
        assert_eq!(register.place.master_keys().len(), 2);
        assert_eq!(sealed_with(&database).len(), 2);
        let listed = register.place.run(&["key", "list"]).lines();
        let states = listed[1..].iter().map(|line| line.rsplit('\t').next().unwrap());
        assert_eq!(states.collect::<BTreeSet<_>>(), BTreeSet::from(["current", "needed"]));
        let restarted = Place::on(&database).ready();
        for server in [&register.servers[0], &restarted] {
            register.opens_all(server);
        }
        add_region(&restarted, "between", &register.admin);
        execute(&database, undo);
        let key = register.rotate(2);
        register.has_only(&database, &key);
    }
}
