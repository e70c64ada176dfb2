//! A PostgreSQL server for tests and measurements, and `cargo xtask postgres`.

mod account;
mod cluster;
mod keeper;

use std::ffi::OsString;
use std::process::Command;

use crate::failure::Failure;
use crate::packages::{self, Tool};
use crate::step::{self, Step};
use cluster::Cluster;

/// The variable that tells tests where their database server is.
pub const URL_VARIABLE: &str = "TEST_POSTGRES_URL";

/// What a server does about power cuts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// Commits reach the disk, as in production: for measurements, and where servers are killed.
    Full,
    /// Nothing is flushed: several times faster, and a test's data is thrown away anyway.
    None,
}

/// A server that is there as long as this value is.
#[derive(Debug)]
pub struct Server {
    url: OsString,
    /// Held for its drop, which stops the server; `None` if the server is somebody else's.
    _cluster: Option<Cluster>,
}

impl Server {
    /// The server that the environment names, or else a throw-away one.
    pub fn obtain(durability: Durability) -> Result<Self, Failure> {
        if let Some(url) = given() {
            eprintln!("== using the PostgreSQL server that {URL_VARIABLE} names");
            return Ok(Self { url, _cluster: None });
        }
        ensure_with(&[])?;
        let cluster = Cluster::start(&Tool::Postgres.require()?, durability)?;
        eprintln!("== started a throw-away PostgreSQL server: {}", cluster.url());
        Ok(Self { url: cluster.url().into(), _cluster: Some(cluster) })
    }

    /// Tells a program where the server is.
    pub fn tell(&self, command: &mut Command) {
        command.env(URL_VARIABLE, &self.url);
    }
}

/// Makes sure of these tools, and of those that [`Server::obtain`] needs, in one go.
pub fn ensure_with(tools: &[Tool]) -> Result<(), Failure> {
    let server: &[Tool] = if given().is_some() { &[] } else { &[Tool::Postgres] };
    packages::ensure(&[tools, server].concat())
}

fn given() -> Option<OsString> {
    std::env::var_os(URL_VARIABLE).filter(|url| !url.is_empty())
}

/// `cargo xtask postgres [--durable] -- PROGRAM [ARGS]`
pub fn run(arguments: &[OsString]) -> Result<u8, Failure> {
    let (durability, words) = match arguments.split_first() {
        Some((flag, rest)) if flag == "--durable" => (Durability::Full, rest),
        _ => (Durability::None, arguments),
    };
    let words = words.strip_prefix(&[OsString::from("--")]).unwrap_or(words);
    let Some((program, rest)) = words.split_first() else {
        return Err(Failure::Usage("postgres needs a program to run".to_owned()));
    };
    let server = Server::obtain(durability)?;
    let mut command = Command::new(program);
    command.args(rest);
    server.tell(&mut command);
    Step::open_ended(command).run().map(step::code)
}
