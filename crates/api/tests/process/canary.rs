//! Secrets are planted wherever there is room for one, everybody does everything, rightly and
//! wrongly, and then the secrets are looked for in all that was said and kept.

mod places;
mod secrets;
mod table;
mod variants;
mod world;

use std::collections::{BTreeMap, BTreeSet};
use std::thread;

use cadastre_api::openapi::FACES;
use cadastre_testkit::raw::{Raw, execute};
use cadastre_testkit::{TestDatabase, Wire, databases};
use serde_json::Value;

use crate::support::{Place, Server, with_password};
use places::{keep_what_is_stored, keep_what_was_logged, look_around, read_audit};
use table::rows;
use variants::{plain, variants};
use world::{CALLERS, World};

/// A token that an operator may choose.
const CHOSEN: &str = "cHosen:by-an/operator+0123456789=";

/// The parameters of the query of each operation that the register describes.
fn described(server: &Server) -> BTreeMap<String, Vec<String>> {
    let mut operations = BTreeMap::new();
    for face in FACES {
        let document = server.get(&format!("/openapi/{face}.json"), "").json();
        for (_, item) in document["paths"].as_object().unwrap() {
            for (_, operation) in item.as_object().unwrap() {
                let parameters = operation["parameters"].as_array().into_iter().flatten();
                let query = parameters.filter(|parameter| parameter["in"] == "query");
                let name = |value: &Value| value["name"].as_str().unwrap().to_owned();
                let id = operation["operationId"].as_str().unwrap().to_owned();
                operations.insert(id, query.map(name).collect());
            }
        }
    }
    operations
}

/// Everybody asks for everything, in every form.
fn ask_everything(world: &mut World, parameters: &BTreeMap<String, Vec<String>>) {
    for row in rows() {
        for caller in CALLERS {
            for variant in variants(world, row, &parameters[row.operation]) {
                let answer = variant.ask(world, caller);
                world.judge(row, caller, variant.what, &answer);
            }
        }
    }
}

/// Those with and without rights ask for what the register cannot open any more.
fn ask_for_what_is_broken(world: &mut World) {
    let mut statuses = BTreeSet::new();
    for row in rows().filter(|row| row.request.contains("{region}")) {
        for caller in ["platform", "admin", "viewer", "team"] {
            let answer = plain(world, row).ask(world, caller);
            world.judge(row, caller, "when it is broken", &answer);
            statuses.insert(answer.status);
        }
    }
    assert!(statuses.contains(&500), "{statuses:?}");
}

/// Runs `work` while nobody can write: the wire to the server is cut, or the file is locked.
fn in_an_outage(database: &TestDatabase, wire: Option<&Wire>, work: impl FnOnce()) {
    if let Some(wire) = wire {
        wire.cut();
        work();
        wire.mend();
    } else {
        let mut lock = Raw::open(database);
        lock.execute("BEGIN IMMEDIATE");
        work();
        lock.execute("ROLLBACK");
    }
}

/// Asks for what cannot be had in an outage.
fn ask_in_vain(world: &mut World) {
    for (operation, caller) in [("create_region", "platform"), ("register_node", "wrong")] {
        let row = rows().find(|row| row.operation == operation).unwrap();
        let answer = plain(world, row).ask(world, caller);
        assert_eq!(answer.status, 503, "{answer:?}");
        world.judge(row, caller, "in an outage", &answer);
    }
}

/// Commands, each as often as it has something to say.
fn run_commands(world: &mut World) {
    let id = world.id_of("viewer");
    let nobody = "0123456789abcdef0123456789abcdef";
    world.command_that_shows(&["token", "rotate", &id, "--overlap", "1h"]);
    world.note_master_keys();
    assert_eq!(world.command(&["key", "rotate"]).code, Some(0));
    world.note_master_keys();
    for arguments in [
        &["token", "list"][..],
        &["token", "show", &id],
        &["token", "rotate", nobody],
        &["token", "revoke", nobody],
        &["enterprise", "create", "--name", "Another"],
        &["enterprise", "list"],
        &["user", "create", "--name", "somebody"],
        &["user", "list"],
        &["audit", "list", "--limit", "1000000"],
        &["audit", "verify"],
        &["key", "list"],
        &["--help"],
    ] {
        let ended = world.command(arguments);
        assert_eq!(ended.code == Some(0), !arguments.contains(&nobody), "{ended:?}");
    }
}

/// Checks that secrets were shown where they should be, and nowhere else.
fn check(world: &World) {
    let expected = rows().flat_map(|row| {
        let whom = row.to.iter().flat_map(|caller| row.shows.iter().map(move |at| (*caller, at)));
        whom.map(|(caller, at)| (row.operation, caller, at.pointer()))
    });
    assert_eq!(world.shown, expected.collect());
    let search = world.secrets.search();
    for text in &world.texts_shown {
        assert!(search.find(text.as_bytes()).is_some(), "{text} would not be found");
    }
    let found = world.said.iter().filter_map(|(at, said)| Some((at, search.find(said)?)));
    let found: Vec<_> = found.map(|(at, what)| format!("{at}: {what}")).take(20).collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// A place on this database, on PostgreSQL behind a wire, and the password in its URL.
fn settle(database: &TestDatabase, chosen: Option<&str>) -> (Place, Option<Wire>, Option<String>) {
    let place = Place::on(database).with("RUST_LOG", "trace").with("CADASTRE_WRONG_TOKENS", "0");
    // Each refusal leaves its entry, and is looked at.
    let place = place.with("CADASTRE_REFUSAL_ENTRIES", "0");
    let place = match chosen {
        Some(token) => place.with("CADASTRE_ADMIN_TOKEN", token),
        None => place,
    };
    if database.name() == "sqlite" {
        return (place, None, None);
    }
    let (wire, url) = Wire::before(database.url());
    let (url, password) = with_password(&url);
    (place.with("DATABASE_URL", &url), Some(wire), Some(password))
}

/// Plants, asks, and looks, in a register of which an operator may have chosen the first token.
fn no_secret_leaves(database: &TestDatabase, chosen: Option<&str>) {
    let (place, wire, password) = settle(database, chosen);
    let mut server = place.ready();
    let first = chosen.map_or_else(|| place.first_token(), str::to_owned);
    let mut world = World::new(&place, &server, &first, password.as_deref());
    ask_everything(&mut world, &described(&server));
    run_commands(&mut world);
    look_around(&mut world, &server);
    in_an_outage(database, wire.as_ref(), || ask_in_vain(&mut world));
    server.wait_until_ready();
    read_audit(&mut world);
    keep_what_is_stored(&mut world, database, &place);
    execute(database, "UPDATE region_credentials SET token = key");
    ask_for_what_is_broken(&mut world);
    keep_what_was_logged(&mut world, server.stop(), &first, chosen.is_some());
    keep_what_is_stored(&mut world, database, &place);
    check(&world);
}

/// The same on both databases at once.
fn no_secret_leaves_either(chosen: Option<&str>) {
    thread::scope(|scope| {
        for database in databases() {
            scope.spawn(move || no_secret_leaves(&database, chosen));
        }
    });
}

#[test]
fn no_secret_leaves_a_register_that_made_its_first_token() {
    no_secret_leaves_either(None);
}

#[test]
fn no_secret_leaves_a_register_whose_first_token_was_chosen() {
    no_secret_leaves_either(Some(CHOSEN));
}

#[test]
fn every_operation_that_is_described_is_asked_for() {
    let place = Place::empty();
    let described: BTreeSet<_> = described(&place.ready()).into_keys().collect();
    let asked = rows().map(|row| row.operation.to_owned()).collect::<BTreeSet<_>>();
    assert_eq!(described, asked);
}
