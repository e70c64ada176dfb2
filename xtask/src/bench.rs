//! `cargo xtask bench`: measures a release build on a durable database server.

use std::ffi::OsString;

use crate::cargo::{Profile, build_server, cargo};
use crate::failure::Failure;
use crate::packages::Tool;
use crate::postgres::{self, Durability, Server};
use crate::step::{self, Step};

/// Runs the program `bench` of the workload; all arguments go to it.
pub fn run(arguments: &[OsString]) -> Result<u8, Failure> {
    postgres::ensure_with(&[Tool::Pgbench, Tool::Wrk])?;
    let program = build_server(Profile::Release)?;
    let server = Server::obtain(Durability::Full)?;
    let mut command = cargo(["run", "--release", "--locked", "-p", "cadastre-workload"]);
    command.args(["--bin", "bench", "--", "--server"]).arg(program);
    command.arg("--pgbench").arg(Tool::Pgbench.require()?);
    command.arg("--wrk").arg(Tool::Wrk.require()?);
    command.args(arguments);
    server.tell(&mut command);
    Step::new(command, 120).run().map(step::code)
}
