//! Webhooks with several servers, with servers that are killed, and over TLS.

mod receiver;

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use cadastre_domain::alarm::{Alarm, AlarmKind, AlarmState, AlarmSubject};
use cadastre_domain::node::{NodeContact, Pulls, Span};
use cadastre_storage::{Keyring, NodeFilter, Settings, StorageError, Store};
use cadastre_testkit::{TestDatabase, databases, server_config};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use crate::certificates::Authority;
use crate::support::{Place, Server, eventually, now};
use receiver::Receiver;

fn place(database: &TestDatabase) -> Place {
    Place::on(database).with("CADASTRE_WEBHOOK_ALLOW", "127.0.0.0/8,::1")
}

/// Makes a webhook that leads there; its path.
fn add_webhook(server: &Server, key: &str, url: &str) -> String {
    let made = server.post("/cadastre/v1/webhooks", key, &json!({"name": "w", "url": url}));
    assert_eq!(made.status, 201, "{made:?}");
    made.header("location").to_owned()
}

/// Makes so many nodes and a webhook that leads there, and stops the server again.
fn furnish(place: &Place, nodes: usize, url: &str) -> String {
    let server = place.ready();
    let key = place.first_token();
    for node in 0..nodes {
        let body = json!({
            "internal": true, "isp": "i", "country": "c", "keycode": format!("k-{node}"),
        });
        let headers = [("df-api-key", key.as_str())];
        let made = server.call("POST", "/api/v1/dialing_region/regist", &headers, Some(&body));
        assert_eq!(made.status, 200, "{made:?}");
    }
    let webhook = add_webhook(&server, &key, url);
    server.stop();
    webhook
}

/// Has all nodes silent for an hour in which somebody listened, and what is wrong with them pending, so that their alarms fire
/// when they are judged next.
fn silence(database: &TestDatabase, place: &Place) {
    let vault = Arc::new(Keyring::new(place.master_key_file()));
    let url = database.url().parse().unwrap();
    let store = Store::new(&Settings { url, readers: 1, write_queue: 9, vault });
    let long_ago = DateTime::<Utc>::from_timestamp_micros(now().timestamp_micros()).unwrap();
    let long_ago = long_ago - TimeDelta::hours(1);
    let written = store.prepare(now(), move |tx| {
        // Long enough for them to be silent.
        tx.save_listening(Span { since: long_ago, until: long_ago + TimeDelta::minutes(30) })?;
        for node in tx.list_some_nodes(&NodeFilter::default(), 1000)? {
            let pulls = Pulls { accepted_at: Some(long_ago), ..Pulls::default() };
            tx.note_contacts(&[NodeContact { node_id: node.id.clone(), pulls, date: None }])?;
            let subject = AlarmSubject::Node(node.id);
            let id = cadastre_api::ids::hex_id();
            let kind = AlarmKind::NodeSilent;
            let quiet = Alarm::quiet(id, node.enterprise_id, kind, subject, long_ago);
            tx.insert_alarms(&[Alarm { state: AlarmState::Pending, version: 1, ..quiet }])?;
        }
        Ok::<_, StorageError>(())
    });
    written.unwrap();
}

fn count(server: &Server, key: &str, path: &str) -> Value {
    let counted = server.get(&format!("{path}total=true&limit=1"), key);
    assert_eq!(counted.status, 200, "{counted:?}");
    counted.json()["total"].clone()
}

/// Runs `test` on both databases at once: there is much to wait for.
fn on_both(test: impl Fn(&TestDatabase) + Sync) {
    thread::scope(|scope| {
        for database in databases() {
            let test = &test;
            scope.spawn(move || test(&database));
        }
    });
}

#[test]
fn of_several_servers_one_tells_of_each_alarm() {
    on_both(|database| {
        let (receiver, places) = (Receiver::start(None), [place(database), place(database)]);
        let webhook = furnish(&places[0], 12, &receiver.url("http", "127.0.0.1"));
        let key = places[0].first_token();
        silence(database, &places[0]);
        let servers = [places[0].ready(), places[1].ready()];
        let sent = format!("{webhook}/deliveries?state=sent&");
        eventually("all are sent", || count(&servers[0], &key, &sent) == 12);
        // Both look several times more.
        thread::sleep(Duration::from_secs(12));
        let mut events = receiver.events();
        events.sort();
        assert_eq!(events.len(), 12, "on {}: {events:?}", database.name());
        events.dedup();
        assert_eq!(events.len(), 12);
        assert_eq!(count(&servers[1], &key, "/cadastre/v1/alarms?state=firing&"), 12);
        assert_eq!(count(&servers[1], &key, &format!("{webhook}/deliveries?")), 12);
        for server in &servers {
            assert!(!server.log().contains("ERROR"), "{}", server.log());
        }
    });
}

#[test]
fn a_server_that_is_killed_loses_nothing_that_fired() {
    on_both(|database| {
        let (receiver, place) = (Receiver::start(None), place(database));
        receiver.stay_silent(true);
        let webhook = furnish(&place, 3, &receiver.url("http", "127.0.0.1"));
        let key = place.first_token();
        silence(database, &place);
        // Killed as soon as the alarms fire: their deliveries wait, or are being tried.
        let server = place.ready();
        let firing = "/cadastre/v1/alarms?state=firing&";
        eventually("alarms fire", || count(&server, &key, firing) == 3);
        server.kill();
        // Killed while they are being tried, before anything came back.
        let server = place.ready();
        eventually("deliveries are tried", || !receiver.events().is_empty());
        server.kill();
        let tried = receiver.events();
        receiver.stay_silent(false);
        let server = place.ready();
        let sent = format!("{webhook}/deliveries?state=sent&");
        eventually("all are sent", || count(&server, &key, &sent) == 3);
        let mut all = receiver.events();
        assert!(all.len() > tried.len(), "what was tried is sent again");
        all.sort();
        all.dedup();
        assert_eq!(all.len(), 3, "with the same events");
        assert_eq!(count(&server, &key, firing), 3);
    });
}

#[test]
fn a_webhook_with_tls_has_to_be_the_host_that_is_named() {
    let (ours, others) = (Authority::new("ours"), Authority::new("others"));
    let database = cadastre_testkit::sqlite();
    let place = place(&database);
    let file = place.path("ca.pem");
    std::fs::write(&file, ours.pem()).unwrap();
    let place = place.with("SSL_CERT_FILE", file.to_str().unwrap());
    let server = place.ready();
    let key = place.first_token();
    for (authority, names, host, is_taken) in [
        (&ours, "localhost", "localhost", true),
        (&ours, "127.0.0.1", "127.0.0.1", true),
        (&ours, "::1", "[::1]", true),
        (&ours, "hooks.example.com", "localhost", false),
        (&ours, "localhost", "127.0.0.1", false),
        (&ours, "localhost", "[::1]", false),
        (&ours, "::2", "[::1]", false),
        (&others, "localhost", "localhost", false),
        (&others, "::1", "[::1]", false),
    ] {
        let address = if host == "[::1]" { "::1" } else { "127.0.0.1" };
        let own = authority.issue("hook", &[names]);
        let receiver = Receiver::at(address, Some(server_config(&own.pem, &own.key, None)));
        let webhook = add_webhook(&server, &key, &receiver.url("https", host));
        let tried = server.post(&format!("{webhook}/test"), &key, &json!({}));
        assert_eq!(tried.status, 200, "{tried:?}");
        assert_eq!(tried.json()["is_taken"], is_taken, "{names} {host} {tried:?}");
        assert_eq!(receiver.events().len(), usize::from(is_taken), "{names} {host}");
        if !is_taken {
            let error = tried.json()["error"].as_str().unwrap().to_owned();
            assert!(error.contains("certificate"), "{error}");
        }
    }
}
