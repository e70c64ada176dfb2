//! Records the statements that run on watched databases, whoever runs them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use cadastre_testkit::TestDatabase;
use diesel::connection::{Instrumentation, InstrumentationEvent, set_default_instrumentation};

/// The statements on each watched database, by its URL.
static WATCHED: Mutex<BTreeMap<String, BTreeSet<String>>> = Mutex::new(BTreeMap::new());

/// Sees all connections that are made from now on to this database.
pub fn watch(database: &TestDatabase) {
    with_watched(|watched| watched.insert(place(database), BTreeSet::new()));
    set_default_instrumentation(|| Some(Box::new(Recorder { place: None }))).unwrap();
}

/// The statements on a watched database that read or change rows, without their values.
pub fn statements(database: &TestDatabase) -> Vec<String> {
    let all = with_watched(|watched| watched.get(&place(database)).cloned());
    all.unwrap().into_iter().filter(|sql| is_about_rows(sql)).collect()
}

/// What the URLs of all connections to this database begin with.
fn place(database: &TestDatabase) -> String {
    database.url().trim_start_matches("sqlite:").to_owned()
}

fn is_about_rows(sql: &str) -> bool {
    let verbs = ["SELECT ", "INSERT ", "UPDATE ", "DELETE "];
    verbs.iter().any(|verb| sql.starts_with(verb))
        && ![";", "pragma_"].iter().any(|part| sql.contains(part))
}

fn with_watched<T>(work: impl FnOnce(&mut BTreeMap<String, BTreeSet<String>>) -> T) -> T {
    work(&mut WATCHED.lock().unwrap_or_else(PoisonError::into_inner))
}

/// Listens to one connection, and writes down what it says if its database is watched.
struct Recorder {
    place: Option<String>,
}

impl Instrumentation for Recorder {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        match event {
            InstrumentationEvent::StartEstablishConnection { url, .. } => {
                self.place =
                    with_watched(|watched| watched.keys().find(|place| is_at(url, place)).cloned());
            }
            InstrumentationEvent::StartQuery { query, .. } => {
                let Some(place) = &self.place else { return };
                let text = query.to_string();
                let sql = text.split(" -- binds: ").next().unwrap_or_default().trim().to_owned();
                with_watched(|watched| watched.get_mut(place).map(|all| all.insert(sql)));
            }
            _ => {}
        }
    }
}

/// Whether it is the URL of this database, with or without parameters.
fn is_at(url: &str, place: &str) -> bool {
    url.strip_prefix(place).is_some_and(|rest| rest.is_empty() || rest.starts_with(['?', '&']))
}
