//! A server under measurement, on a fresh database of its own.

use std::path::Path;
use std::process::{Command, Stdio};

use cadastre_testkit::server::{TOKEN, cadastre};
use cadastre_testkit::{Server, TestDatabase, postgres, sqlite};
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
        let server = serve(&program, &["unguarded"], &database, data_dir.path())?;
        Ok(Self { server, database, data_dir })
    }

    /// Stops the server and starts it again on the same database.
    pub fn restart(self, program: &Path) -> Outcome<Self> {
        let Self { server: before, database, data_dir } = self;
        drop(before);
        let server = server(program, &database, data_dir.path())?;
        Ok(Self { server, database, data_dir })
    }

    /// Where regions are listed and created.
    pub fn regions(&self) -> String {
        format!("http://{}/openapi/v1/regions", self.server.address())
    }

    /// Creates so many regions, and makes sure that all are listed.
    pub fn fill(&self, material: &Material, count: usize) -> Outcome {
        let agent = Agent::config_builder().proxy(None).build().new_agent();
        let (body, run) = (material.body(), run_name());
        for number in 0..count {
            let body = body.replace("@NAME@", &format!("{run}-00-{number:08}"));
            let request = agent.post(self.regions()).header("Authorization", TOKEN);
            request.content_type("application/json").send(body)?;
        }
        let mut answer = agent.get(self.regions()).header("Authorization", TOKEN).call()?;
        let list = serde_json::from_str::<Vec<Value>>(&answer.body_mut().read_to_string()?)?;
        if list.len() == count {
            return Ok(());
        }
        Err(format!("{count} regions were created, {} are listed", list.len()).into())
    }
}

fn server(program: &Path, database: &TestDatabase, data_dir: &Path) -> Outcome<Server> {
    serve(program, &[], database, data_dir)
}

fn serve(
    program: &Path,
    arguments: &[&str],
    database: &TestDatabase,
    data_dir: &Path,
) -> Outcome<Server> {
    let server = Server::start("/readyz", |address| {
        let mut command = cadastre(program, database.url(), data_dir, address);
        command.args(arguments);
        // The log is written as ever, a line a request, and thrown away.
        command.env("CADASTRE_WORKERS", WORKERS).stderr(Stdio::null());
        command
    })?;
    Ok(server)
}

/// The floor, in a process of its own.
pub fn floor() -> Outcome<Server> {
    let program = std::env::current_exe()?;
    let server = Server::start("/", |address| {
        let mut command = Command::new(&program);
        command.args(["floor", "--listen", &address.to_string()]);
        command
    })?;
    Ok(server)
}
