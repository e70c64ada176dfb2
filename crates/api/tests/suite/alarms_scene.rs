//! A register whose nodes fall silent when a test says so, and webhooks that are told.

use cadastre_api::ids;
use cadastre_api::service::alarms::evaluation::evaluate;
use cadastre_api::service::webhooks::sending::send_due;
use cadastre_domain::alarm::{Alarm, AlarmEvent, AlarmSubject};
use cadastre_domain::id::NodeId;
use cadastre_domain::node::{Listening, NodeContact, PullRefusal, Pulls, RefusedPull};
use cadastre_domain::webhook::WebhookDelivery;
use cadastre_storage::StorageError;
use cadastre_testkit::sample;
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::native_regions::wrong_fields;
pub use crate::native_watches::add_node;
use crate::rainbond_fixture::{Fixture, SOMEWHERE};
use crate::support::{Answer, registers_with};

pub const ALARMS: &str = "/cadastre/v1/alarms";
pub const WEBHOOKS: &str = "/cadastre/v1/webhooks";

/// Longer than a node may be silent.
pub const SILENCE: TimeDelta = TimeDelta::minutes(6);

/// The keys of the fixture on each database, where webhooks may lead to `127.0.0.1` and to no other
/// address of this machine.
pub fn scenes() -> impl Iterator<Item = Fixture> {
    let registers = registers_with(|o| o.webhook_allow = Some("127.0.0.1".to_owned()));
    registers.map(|register| Fixture::bare(register, SOMEWHERE))
}

fn note(fixture: &Fixture, node: &str, pulls: Pulls) {
    note_dated(fixture, node, pulls, None);
}

fn note_dated(fixture: &Fixture, node: &str, pulls: Pulls, date: Option<String>) {
    let node_id: NodeId = fixture.id(node);
    let contact = NodeContact { node_id, pulls, date };
    let noted: Result<(), StorageError> = fixture
        .register
        .app
        .store
        .write(move |tx| tx.note_contacts(std::slice::from_ref(&contact)));
    noted.unwrap();
}

/// That the node pulls now.
pub fn pull(fixture: &Fixture, node: &str) {
    let accepted_at = Some(fixture.register.app.clock.now());
    note(fixture, node, Pulls { accepted_at, ..Pulls::default() });
}

/// That the node pulls now, whose machine writes a time that is so far ahead.
pub fn pull_at(fixture: &Fixture, node: &str, ahead: TimeDelta) {
    let now = fixture.register.app.clock.now();
    let date = (now + ahead).format("%a, %d %b %Y %H:%M:%S GMT").to_string();
    let pulls = Pulls { accepted_at: Some(now), ..Pulls::default() };
    note_dated(fixture, node, pulls, Some(date));
}

/// That a pull of the node is refused now, and none was ever accepted.
pub fn refuse(fixture: &Fixture, node: &str) {
    let refused =
        RefusedPull { at: fixture.register.app.clock.now(), reason: PullRefusal::Signature };
    note(fixture, node, Pulls { refused: Some(refused), ..Pulls::default() });
}

/// Judges, as servers do by themselves; how many alarms changed.
pub fn judge(fixture: &Fixture) -> usize {
    let (app, now) = (fixture.register.app.clone(), fixture.register.app.clock.now());
    let judged = async move { evaluate(&app, Listening::always(), now).await };
    actix_web::rt::System::new().block_on(judged).unwrap()
}

/// Sends what is due, as servers do by themselves; how many deliveries were tried.
pub fn send(fixture: &Fixture) -> usize {
    let app = fixture.register.app.clone();
    actix_web::rt::System::new().block_on(async move { send_due(&app).await }).unwrap()
}

/// Lets the node be silent until its alarm fires.
pub fn fire(fixture: &Fixture, node: &str) {
    pull(fixture, node);
    fixture.register.pass(SILENCE);
    judge(fixture);
    fixture.register.pass(TimeDelta::minutes(1));
    judge(fixture);
}

/// Lets the node pull until its alarm is over.
pub fn resolve(fixture: &Fixture, node: &str) {
    for _ in 0..2 {
        pull(fixture, node);
        judge(fixture);
        fixture.register.pass(TimeDelta::minutes(2));
    }
}

/// Makes a webhook that leads there, called `name` in braces, and answers its secret.
pub fn add_webhook(fixture: &mut Fixture, key: &str, name: &str, url: &str) -> String {
    let made = fixture.send(key, &format!("POST {WEBHOOKS}"), &json!({"name": name, "url": url}));
    assert_eq!(made.status(), 201, "{made:?}");
    fixture.call_it(name, &made.json()["id"]);
    made.json()["secret"].as_str().unwrap().to_owned()
}

/// What an admin gets from a path.
pub fn get(fixture: &Fixture, path: &str) -> Value {
    let answer = fixture.get("{KA}", &format!("GET {path}"));
    assert_eq!(answer.status(), 200, "{path} {answer:?}");
    answer.json()
}

/// The deliveries of a webhook.
pub fn deliveries(fixture: &Fixture, webhook: &str, query: &str) -> Vec<Value> {
    let page = get(fixture, &format!("{WEBHOOKS}/{webhook}/deliveries{query}"));
    page["items"].as_array().unwrap().clone()
}

/// Has a delivery sent once more.
pub fn replay(fixture: &Fixture, webhook: &str, delivery: &Value) -> Answer {
    let id = delivery["id"].as_str().unwrap();
    fixture.get("{KA}", &format!("POST {WEBHOOKS}/{webhook}/deliveries/{id}/replay"))
}

/// Adds an alarm that fires and, for a webhook, its delivery, which waits; they are called so in
/// braces. Nothing has to be silent for that.
pub fn plant(fixture: &mut Fixture, enterprise: &str, webhook: &str, names: [&str; 2]) {
    // As many nodes as alarms: there is one alarm of a rule about a subject.
    let node = ids::node_id();
    let alarm = Alarm {
        id: ids::hex_id(),
        enterprise_id: fixture.id(enterprise),
        subject: AlarmSubject::Node(node),
        ..sample::alarm()
    };
    let event = AlarmEvent::of(&alarm, ids::hex_id());
    let now = fixture.register.app.clock.now();
    let delivery = WebhookDelivery::new(ids::hex_id(), fixture.id(webhook), event.id, now);
    for (name, id) in names.into_iter().zip([alarm.id.to_string(), delivery.id.to_string()]) {
        fixture.call_it(name, &id.into());
    }
    let written: Result<(), StorageError> = fixture.register.app.store.write(move |tx| {
        tx.insert_alarms(std::slice::from_ref(&alarm))?;
        tx.insert_alarm_events(std::slice::from_ref(&event))?;
        tx.insert_webhook_deliveries(std::slice::from_ref(&delivery))
    });
    written.unwrap();
}

/// Which fields an answer calls wrong.
pub fn pointers(answer: &Answer) -> Vec<String> {
    wrong_fields(answer).into_iter().map(|(pointer, _)| pointer).collect()
}
