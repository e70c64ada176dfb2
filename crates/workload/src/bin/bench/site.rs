//! A server under measurement, on a fresh database of its own.

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use cadastre_api::app::App;
use cadastre_api::config::{Config, ServeOptions};
use cadastre_api::start;
use cadastre_storage::{Keyring, Settings, StorageError, Store};
use cadastre_testkit::server::{TOKEN, cadastre};
use cadastre_testkit::{Server, TestDatabase, postgres, sample, sqlite};
use serde_json::Value;
use tempfile::TempDir;
use ureq::Agent;

use crate::Outcome;
use crate::region::{Material, run_name};

/// Threads that serve requests.
const WORKERS: &str = "2";

/// Which database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Sqlite,
    Postgres,
}

impl Kind {
    /// As its makers write it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        }
    }

    /// An empty database.
    pub fn database(self) -> TestDatabase {
        match self {
            Self::Sqlite => sqlite(),
            Self::Postgres => postgres(),
        }
    }
}

/// A database, and the server that has it. Dropped in this order.
pub struct Site {
    pub server: Server,
    pub database: TestDatabase,
    data_dir: TempDir,
}

impl Site {
    /// Starts a server on an empty database.
    pub fn start(program: &Path, kind: Kind) -> Outcome<Self> {
        let (database, data_dir) = (kind.database(), tempfile::tempdir()?);
        let server = server(program, &database, data_dir.path())?;
        Ok(Self { server, database, data_dir })
    }

    /// Starts one without its guards on an empty database.
    pub fn unguarded(kind: Kind) -> Outcome<Self> {
        let (database, data_dir) = (kind.database(), tempfile::tempdir()?);
        let program = std::env::current_exe()?;
        let server = serve(&program, &["unguarded"], &database, data_dir.path(), &UNLIMITED)?;
        Ok(Self { server, database, data_dir })
    }

    /// Stops the server and starts it again on the same database.
    pub fn restart(self, program: &Path) -> Outcome<Self> {
        self.restart_with(program, &UNLIMITED)
    }

    /// The same, with the limits on posts of results that a server has unless it is told otherwise.
    pub fn restart_with_limits(self, program: &Path) -> Outcome<Self> {
        self.restart_with(program, &[])
    }

    fn restart_with(self, program: &Path, settings: &[(&str, &str)]) -> Outcome<Self> {
        let Self { server: before, database, data_dir } = self;
        drop(before);
        let server = serve(program, &[], &database, data_dir.path(), settings)?;
        Ok(Self { server, database, data_dir })
    }

    /// A register in this process that has the same database.
    pub fn app(&self) -> Outcome<App> {
        let mut options = ServeOptions::default();
        options.database.database_url = Some(self.database.url().to_owned());
        let keys = self.data_dir.path().join("master.key");
        options.database.master_key_file = Some(keys.display().to_string());
        let app = start::app(&Config::new(options)?);
        app.store.prepare(sample::time(), |_| Ok::<_, StorageError>(()))?;
        Ok(app)
    }

    /// The database of the server, to work on beside it.
    pub fn store(&self) -> Outcome<Store> {
        let vault = Arc::new(Keyring::new(self.data_dir.path().join("master.key")));
        let url = self.database.url().parse()?;
        let store = Store::new(&Settings { url, readers: 1, write_queue: 1024, vault });
        store.prepare(sample::time(), |_| Ok::<_, StorageError>(()))?;
        Ok(store)
    }

    /// Where regions are listed and created.
    pub fn regions(&self) -> String {
        self.url("/openapi/v1/regions")
    }

    /// A path of this server as a URL.
    pub fn url(&self, path: &str) -> String {
        self.server.url(path)
    }

    /// Sends a request with a body, and answers what comes.
    pub fn post(&self, path: &str, body: &Value) -> Outcome<Value> {
        self.post_with(path, "Accept", "application/json", body)
    }

    /// The same with one more header.
    pub fn post_with(&self, path: &str, name: &str, value: &str, body: &Value) -> Outcome<Value> {
        let agent = agent();
        let request = agent.post(self.url(path)).header("Authorization", TOKEN).header(name, value);
        let mut answer = request.content_type("application/json").send(body.to_string())?;
        Ok(serde_json::from_str(&answer.body_mut().read_to_string()?)?)
    }

    /// Asks for a path, and answers the `ETag` and the body.
    pub fn get(&self, path: &str) -> Outcome<(String, String)> {
        let mut answer = agent().get(self.url(path)).header("Authorization", TOKEN).call()?;
        let etag = answer.headers().get("etag").map(|etag| etag.to_str().map(str::to_owned));
        let body = answer.body_mut().with_config().limit(64 << 20).read_to_string()?;
        Ok((etag.transpose()?.unwrap_or_default(), body))
    }

    /// Creates so many regions, and makes sure that all are listed.
    pub fn fill(&self, material: &Material, count: usize) -> Outcome {
        let agent = agent();
        let (body, run) = (material.body(), run_name());
        for number in 0..count {
            let body = body.replace("@NAME@", &format!("{run}-00-{number:08}"));
            let request = agent.post(self.regions()).header("Authorization", TOKEN);
            request.content_type("application/json").send(body)?;
        }
        let (_, list) = self.get("/openapi/v1/regions")?;
        let list = serde_json::from_str::<Vec<Value>>(&list)?;
        if list.len() == count {
            return Ok(());
        }
        Err(format!("{count} regions were created, {} are listed", list.len()).into())
    }
}

fn agent() -> Agent {
    Agent::config_builder().proxy(None).build().new_agent()
}

fn server(program: &Path, database: &TestDatabase, data_dir: &Path) -> Outcome<Server> {
    serve(program, &[], database, data_dir, &UNLIMITED)
}

/// A thousand nodes of one enterprise post as much as they can.
const UNLIMITED: [(&str, &str); 2] =
    [("CADASTRE_RESULTS_NODE_LIMIT", "0"), ("CADASTRE_RESULTS_ENTERPRISE_LIMIT", "0")];

fn serve(
    program: &Path,
    arguments: &[&str],
    database: &TestDatabase,
    data_dir: &Path,
    settings: &[(&str, &str)],
) -> Outcome<Server> {
    let server = Server::start("/readyz", |address| {
        let mut command = cadastre(program, database.url(), data_dir, address);
        command.args(arguments);
        // The log is written as ever, a line a request, and thrown away.
        command.env("CADASTRE_WORKERS", WORKERS).stderr(Stdio::null());
        command.envs(settings.iter().copied());
        command
    })?;
    Ok(server)
}

/// The floor, in a process of its own: a server that always answers with the same bytes.
pub fn floor(size: usize) -> Outcome<Server> {
    let program = std::env::current_exe()?;
    let server = Server::start("/", |address| {
        let mut command = Command::new(&program);
        command.args(["floor", "--listen", &address.to_string()]);
        command.args(["--size", &size.to_string()]);
        command
    })?;
    Ok(server)
}
