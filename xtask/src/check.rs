//! `cargo xtask check`: everything about the sources that needs no test run.
//!
//! All gates run even when one fails, so that one look shows all there is to do.

mod compose;
mod functions;
mod layers;
mod lengths;
mod migrations;

use std::ffi::OsString;
use std::process::Command;
use std::time::Instant;

use crate::cargo::cargo;
use crate::failure::Failure;
use crate::step::{Step, human};

/// What a gate found.
#[derive(Debug, PartialEq, Eq)]
pub enum Verdict {
    /// All is well.
    Passed,
    /// The gate cannot be run here, and why; not a failure, but never silent either.
    NotRun(String),
    /// What is wrong, a line each; empty if a program has said it already.
    Failed(Vec<String>),
}

impl Verdict {
    /// Failed, if there is anything to complain about.
    pub fn from_complaints(complaints: Vec<String>) -> Self {
        if complaints.is_empty() { Self::Passed } else { Self::Failed(complaints) }
    }
}

type Gate = (&'static str, fn() -> Result<Verdict, Failure>);

const GATES: [Gate; 8] = [
    ("formatting", formatting),
    ("clippy", clippy),
    ("documentation", documentation),
    ("layers", layers::trees),
    ("dependencies", layers::manifests),
    ("lengths", lengths::gate),
    ("migrations", migrations::gate),
    ("docker compose file", compose::gate),
];

/// Runs all gates; 1 if any failed.
pub fn run(arguments: &[OsString]) -> Result<u8, Failure> {
    if !arguments.is_empty() {
        return Err(Failure::Usage("check takes no arguments".to_owned()));
    }
    let start = Instant::now();
    let mut failed = Vec::new();
    for (name, gate) in GATES {
        if !passes(name, gate)? {
            failed.push(name);
        }
    }
    let time = human(start.elapsed());
    if failed.is_empty() {
        eprintln!("== check passed in {time}");
        return Ok(0);
    }
    eprintln!("== check FAILED in {time}: {}", failed.join(", "));
    Ok(1)
}

/// Runs one gate and prints how it went; only a signal is an error.
fn passes(name: &str, gate: fn() -> Result<Verdict, Failure>) -> Result<bool, Failure> {
    eprintln!("\n==== {name}");
    let start = Instant::now();
    let verdict = match gate() {
        Err(failure @ Failure::Interrupted(_)) => return Err(failure),
        Err(failure) => Verdict::Failed(vec![failure.to_string()]),
        Ok(verdict) => verdict,
    };
    let time = human(start.elapsed());
    match &verdict {
        Verdict::Passed => eprintln!("==== {name}: passed in {time}"),
        Verdict::NotRun(reason) => eprintln!("==== {name}: not run: {reason}"),
        Verdict::Failed(complaints) => {
            for complaint in complaints {
                eprintln!("{complaint}");
            }
            eprintln!("==== {name}: FAILED in {time}");
        }
    }
    Ok(!matches!(verdict, Verdict::Failed(_)))
}

fn formatting() -> Result<Verdict, Failure> {
    component("fmt", "rustfmt", cargo(["fmt", "--all", "--check"]), 5)
}

fn clippy() -> Result<Verdict, Failure> {
    let arguments = ["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"];
    component("clippy", "clippy", cargo(arguments), 20)
}

fn documentation() -> Result<Verdict, Failure> {
    let mut command =
        cargo(["doc", "--workspace", "--no-deps", "--locked", "--document-private-items"]);
    command.env("RUSTDOCFLAGS", "-D warnings");
    verdict_of(command, 20)
}

/// Runs a part of the toolchain that a minimal installation leaves out.
fn component(
    subcommand: &str,
    component: &str,
    command: Command,
    minutes: u64,
) -> Result<Verdict, Failure> {
    if Step::new(cargo([subcommand, "--version"]), 1).capture()?.status.success() {
        return verdict_of(command, minutes);
    }
    let advice = format!("{component} is missing: rustup component add {component}");
    Ok(Verdict::Failed(vec![advice]))
}

fn verdict_of(command: Command, minutes: u64) -> Result<Verdict, Failure> {
    let status = Step::new(command, minutes).run()?;
    Ok(if status.success() { Verdict::Passed } else { Verdict::Failed(Vec::new()) })
}
