//! A running register to test against: a real server on loopback, on a database of its own.

mod answer;

use std::net::TcpListener;
use std::sync::{Arc, Mutex, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;

use actix_web::dev::ServerHandle;
use cadastre_api::app::App;
use cadastre_api::clock::Clock;
use cadastre_api::config::{Config, ServeOptions};
use cadastre_api::error::Error;
use cadastre_api::server::{self, Stopping};
use cadastre_api::service::tokens::NewToken;
use cadastre_api::service::{enterprises, tokens};
use cadastre_api::start;
use cadastre_domain::audit::{Actor, Origin};
use cadastre_domain::id::{EnterpriseId, NodeId, TaskId, TeamId};
use cadastre_domain::node::{NodeKey, ResultToken};
use cadastre_domain::role::Role;
use cadastre_domain::token::TokenNote;
use cadastre_testkit::raw::Raw;
use cadastre_testkit::{TestDatabase, databases, dump, sqlite};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use ureq::Body;
use ureq::http::{Request, Response};

pub use answer::Answer;

/// When the tests take place. The fraction shows in the times of teams.
pub const NOW: &str = "2026-11-22T08:06:55.298602Z";

/// Stands in settings for the address of the register itself, which nobody knows before it listens.
pub const ITSELF: &str = "http://itself.invalid";

/// How long to wait for what should come soon, on a machine that is busy.
pub const LIMIT: Duration = Duration::from_mins(2);

/// Longer than any test.
const NEVER: Duration = Duration::from_hours(24);

/// A register that serves until it is dropped.
pub struct Register {
    /// `sqlite` or `postgres`, for messages.
    pub name: &'static str,
    /// The state of the server, to look into.
    pub app: App,
    /// The enterprise named `default`.
    pub enterprise: EnterpriseId,
    base: String,
    clock: Arc<Mutex<DateTime<Utc>>>,
    handle: ServerHandle,
    thread: Option<JoinHandle<()>>,
    /// The database, to look at around the register.
    pub database: Arc<TestDatabase>,
}

/// One register on each database.
pub fn registers() -> impl Iterator<Item = Register> {
    registers_with(|_| {})
}

/// One register on each database, with other settings.
pub fn registers_with(settings: impl Fn(&mut ServeOptions)) -> impl Iterator<Item = Register> {
    databases().into_iter().map(move |database| Register::start(database, &settings, NEVER))
}

/// One register on each database, which looks all the time whether windows of maintenance begin or
/// end. Others leave that to their tests.
pub fn watchful_registers() -> impl Iterator<Item = Register> {
    let often = Duration::from_millis(20);
    databases().into_iter().map(move |database| Register::start(database, &|_| {}, often))
}

/// One register, for what has nothing to do with the database.
pub fn register_with(settings: impl Fn(&mut ServeOptions)) -> Register {
    Register::start(sqlite(), &settings, NEVER)
}

impl Register {
    fn start(
        database: TestDatabase,
        settings: &impl Fn(&mut ServeOptions),
        ticks: Duration,
    ) -> Self {
        let clock = Arc::new(Mutex::new(NOW.parse().unwrap()));
        Self::start_with(Arc::new(database), clock, settings, ticks)
    }

    /// Another server that has the same database and the same time.
    pub fn beside(&self) -> Self {
        self.beside_with(|_| {})
    }

    /// Another server that has the same database and the same time, with other settings.
    pub fn beside_with(&self, settings: impl Fn(&mut ServeOptions)) -> Self {
        let (database, clock) = (Arc::clone(&self.database), Arc::clone(&self.clock));
        Self::start_with(database, clock, &settings, self.app.ticks)
    }

    fn start_with(
        database: Arc<TestDatabase>,
        clock: Arc<Mutex<DateTime<Utc>>>,
        settings: &impl Fn(&mut ServeOptions),
        ticks: Duration,
    ) -> Self {
        let mut options = ServeOptions::default();
        options.database.database_url = Some(database.url().to_owned());
        let keys = database.master_key_file();
        options.database.master_key_file = Some(keys.to_str().unwrap().to_owned());
        // Tests try wrong tokens out as they like, all from one address.
        options.door.wrong_tokens = Some("0".to_owned());
        // And look at the entry of each refusal.
        options.door.refusal_entries = Some("0".to_owned());
        settings(&mut options);
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        if options.public_url.as_deref() == Some(ITSELF) {
            options.public_url = Some(base.clone());
        }
        let set = Clock::Set(Arc::clone(&clock));
        let mut app = start::app_with_clock(&Config::new(options).unwrap(), set);
        app.ticks = ticks;
        let now = app.clock.now();
        let default = app.store.prepare(now, move |tx| {
            Ok::<_, Error>(enterprises::ensure_default(tx, &actor(), now)?.recorded_in(tx))
        });
        let default = default.unwrap();
        let (sender, receiver) = mpsc::channel();
        let state = app.clone();
        let thread = std::thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let server = server::serve(state, listener, 2, Stopping::default()).unwrap();
                sender.send(server.handle()).unwrap();
                server.await.unwrap();
            });
        });
        let handle = receiver.recv().unwrap();
        Self {
            name: database.name(),
            app,
            enterprise: default.id,
            base,
            clock,
            handle,
            thread: Some(thread),
            database,
        }
    }

    /// Makes another enterprise.
    pub fn add_enterprise(&self, name: &str) -> EnterpriseId {
        let (name, now) = (name.to_owned().try_into().unwrap(), self.app.clock.now());
        let made: Result<_, Error> = self
            .app
            .store
            .write(move |tx| Ok(enterprises::create(tx, &actor(), &name, now)?.recorded_in(tx)));
        made.unwrap().id
    }

    /// Makes a token and answers its text.
    pub fn token(&self, role: Role, enterprise: EnterpriseId, teams: &[TeamId]) -> String {
        self.make_token(role, enterprise, teams, None, None)
    }

    /// Makes a token of the default enterprise that has expired.
    pub fn expired_token(&self, role: Role) -> String {
        self.expiring_token(role, TimeDelta::seconds(-1))
    }

    /// Makes a token of the default enterprise that expires after this time.
    pub fn expiring_token(&self, role: Role, after: TimeDelta) -> String {
        self.make_token(role, self.enterprise, &[], Some(self.app.clock.now() + after), None)
    }

    /// Makes an admin token of the default enterprise with a text that an operator chose.
    pub fn chosen_token(&self, text: &str) {
        self.make_token(Role::Admin, self.enterprise, &[], None, Some(text));
    }

    fn make_token(
        &self,
        role: Role,
        enterprise: EnterpriseId,
        teams: &[TeamId],
        expires_at: Option<DateTime<Utc>>,
        text: Option<&str>,
    ) -> String {
        let name = role.to_string().try_into().unwrap();
        let request = NewToken {
            name,
            note: TokenNote::default(),
            user: None,
            role,
            enterprise,
            teams: teams.to_vec().try_into().unwrap(),
            expires_at,
            text: text.map(|text| text.to_owned().into()),
        };
        let now = self.app.clock.now();
        let made: Result<_, Error> = self
            .app
            .store
            .write(move |tx| Ok(tokens::create(tx, &actor(), &request, now)?.recorded_in(tx)));
        made.unwrap().text.reveal().to_owned()
    }

    /// The token with which a node posts results of a task, as its agent is told it.
    pub fn result_token(&self, node: &str, task: &str) -> String {
        let (node, task): (NodeId, TaskId) = (node.parse().unwrap(), task.parse().unwrap());
        let asked = node.clone();
        let keys: Result<Vec<NodeKey>, Error> =
            self.app.store.read(|tx| Ok(tx.node_keys(std::slice::from_ref(&asked))?));
        let key = keys.unwrap().pop().unwrap();
        let token = ResultToken::sign(&key.pair.secret, key.enterprise_id, &node, task);
        token.text().reveal().to_owned()
    }

    /// Makes the token that nodes of an enterprise shared before each delivery had its own.
    pub fn shared_result_token(&self, enterprise: EnterpriseId) -> String {
        let token = format!("tkn_{enterprise}");
        let digest = dump::hex_digits(&Sha256::digest(token.as_bytes()));
        let digest = dump::blob(&self.database, &digest);
        self.execute(&format!(
            "INSERT INTO shared_result_tokens VALUES ('{enterprise}', {digest})"
        ));
        token
    }

    /// Changes the database behind the back of the register.
    pub fn execute(&self, sql: &str) {
        Raw::open(&self.database).execute(sql);
    }

    /// Moves the clock on.
    pub fn pass(&self, time: TimeDelta) {
        *self.clock.lock().unwrap() += time;
    }

    /// The beginning of a request.
    pub fn request(&self, method: &str, path: &str) -> Call {
        let url = format!("{}{path}", self.base);
        Call { request: Request::builder().method(method).uri(url).body(Vec::new()).unwrap() }
    }

    /// Where the server listens, as `host:port`.
    pub fn address(&self) -> &str {
        self.base.trim_start_matches("http://")
    }
}

/// Whoever prepares the tests.
pub fn actor() -> Actor {
    Actor {
        origin: Origin::Command,
        operation: "prepare_test",
        token_id: None,
        user_id: None,
        enterprise_id: None,
    }
}

impl Drop for Register {
    fn drop(&mut self) {
        drop(self.handle.stop(false));
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// A request to be sent.
pub struct Call {
    request: Request<Vec<u8>>,
}

impl Call {
    /// With a header.
    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        self.request.headers_mut().insert(name, value.parse().unwrap());
        self
    }

    /// With this key on the rainbond face.
    pub fn key(self, key: &str) -> Self {
        self.header("authorization", key)
    }

    /// With this key on the dialing face.
    pub fn api_key(self, key: &str) -> Self {
        self.header("df-api-key", key)
    }

    /// With a JSON body.
    pub fn json(self, body: &Value) -> Self {
        self.body("application/json", body.to_string())
    }

    /// With a body of this type.
    pub fn body(mut self, kind: &str, body: impl Into<Vec<u8>>) -> Self {
        *self.request.body_mut() = body.into();
        self.header("content-type", kind)
    }

    /// With a body of which nothing is said.
    pub fn plain_body(mut self, body: impl Into<Vec<u8>>) -> Self {
        *self.request.body_mut() = body.into();
        self
    }

    /// Sends the request, and reads the answer as text.
    pub fn send(self) -> Answer {
        let mut response = self.send_for_bytes();
        let text = response.body_mut().read_to_string().unwrap();
        Answer::new(response.map(|_| ()), text)
    }

    /// Sends the request, and leaves the body of the answer to be read.
    pub fn send_for_bytes(self) -> Response<Body> {
        let agent: ureq::Agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .allow_non_standard_methods(true)
            .timeout_global(Some(LIMIT))
            .build()
            .into();
        agent.run(self.request).unwrap()
    }
}
