//! `cargo xtask check`: everything about the sources that needs no test run.
//!
//! All gates run even when one fails, so that one look shows all there is to do.

mod compose;
mod deny;
mod layers;
mod migrations;
mod unsafe_code;

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

const GATES: [Gate; 10] = [
    ("formatting", formatting),
    ("clippy", clippy),
    ("documentation", documentation),
    ("layers", layers::trees),
    ("dependencies", layers::manifests),
    ("migrations", migrations::gate),
    ("unsafe code", unsafe_code::gate),
    ("docker compose file", compose::gate),
    ("cargo deny", deny::tree),
    ("advisories", deny::advisories),
];

/// Runs all gates; 1 if any failed.
pub fn run(arguments: &[OsString]) -> Result<u8, Failure> {
    if !arguments.is_empty() {
        return Err(Failure::Usage("check takes no arguments".to_owned()));
    }
    let start = Instant::now();
    let mut report = Report::default();
    for (name, gate) in GATES {
        report.add(name, judge(name, gate)?);
    }
    eprintln!("\n{}", report.ending(&human(start.elapsed())).join("\n"));
    Ok(u8::from(!report.failed.is_empty()))
}

/// Runs one gate and prints how it went; only a signal is an error.
fn judge(name: &str, gate: fn() -> Result<Verdict, Failure>) -> Result<Verdict, Failure> {
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
        Verdict::NotRun(reason) => eprintln!("{}", not_checked(name, reason)),
        Verdict::Failed(complaints) => {
            for complaint in complaints {
                eprintln!("{complaint}");
            }
            eprintln!("==== {name}: FAILED in {time}");
        }
    }
    Ok(verdict)
}

/// What all gates together found.
#[derive(Debug, Default)]
struct Report {
    failed: Vec<&'static str>,
    /// The gates that were not run, a line each.
    not_checked: Vec<String>,
}

impl Report {
    fn add(&mut self, name: &'static str, verdict: Verdict) {
        match verdict {
            Verdict::Passed => {}
            Verdict::NotRun(reason) => self.not_checked.push(not_checked(name, &reason)),
            Verdict::Failed(_) => self.failed.push(name),
        }
    }

    /// The last lines. What was not checked is said once more, because a screen full of gates that
    /// passed has hidden it.
    fn ending(&self, time: &str) -> Vec<String> {
        let verdict = match (self.failed.as_slice(), self.not_checked.len()) {
            ([], 0) => format!("== check passed in {time}"),
            ([], count) => format!("== check passed in {time}, {count} of its gates NOT run"),
            (failed, _) => format!("== check FAILED in {time}: {}", failed.join(", ")),
        };
        self.not_checked.iter().cloned().chain([verdict]).collect()
    }
}

fn not_checked(name: &str, reason: &str) -> String {
    format!("check: {name} NOT checked: {reason}")
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_checked_is_said_at_the_end() {
        let mut report = Report::default();
        report.add("formatting", Verdict::Passed);
        assert_eq!(report.ending("1 s"), ["== check passed in 1 s"]);
        report.add("advisories", Verdict::NotRun("no database".to_owned()));
        let not_checked = "check: advisories NOT checked: no database";
        let passed = "== check passed in 1 s, 1 of its gates NOT run";
        assert_eq!(report.ending("1 s"), [not_checked, passed]);
        report.add("layers", Verdict::Failed(Vec::new()));
        assert_eq!(report.ending("1 s"), [not_checked, "== check FAILED in 1 s: layers"]);
    }
}
