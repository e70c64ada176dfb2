//! What our dependencies are: their licences, where they come from, which are there twice, and
//! what is publicly known to be wrong with them. The rules are in `deny.toml`.

mod program;

use std::ffi::OsString;
use std::path::Path;
use std::process::Command;

use super::{Verdict, verdict_of};
use crate::cargo::root;
use crate::failure::Failure;
use crate::step::{Captured, Step, human};

/// The variable that makes a failure of advisories that cannot be checked.
const STRICT_VARIABLE: &str = "CADASTRE_REQUIRE_ADVISORIES";

/// How cargo-deny speaks of a database that it cannot fetch, open or trust to be recent.
const NO_DATABASE: [&str; 3] = ["advisory database", "advisory-db", "repository is stale"];

/// Licences, sources and duplicates: everything that can be seen without the advisory database.
pub fn tree() -> Result<Verdict, Failure> {
    let mut command = cargo_deny(&program::ensure()?);
    command.args(["check", "--deny", "warnings", "licenses", "bans", "sources"]);
    verdict_of(command, 5)
}

/// Advisories, by the newest database that can be had.
pub fn advisories() -> Result<Verdict, Failure> {
    let Some(program) = program::find()? else {
        return Ok(Verdict::Failed(vec!["cargo-deny is missing, see above".to_owned()]));
    };
    let mut outcome = look(cargo_deny(&program))?;
    if let Outcome::NoDatabase(reason) = &outcome {
        eprintln!("{}\n== trying the advisory database of an earlier time", reason.trim_end());
        let mut command = cargo_deny(&program);
        command.arg("--offline");
        outcome = look(command)?;
        if outcome == Outcome::Clean {
            eprintln!("== checked with it; deny.toml says how old it may be");
        }
    }
    Ok(verdict(outcome, is_strict(std::env::var_os(STRICT_VARIABLE))))
}

fn cargo_deny(program: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir(root()).arg("--locked");
    // A database that asks for a password is one that cannot be fetched.
    command.env("GIT_TERMINAL_PROMPT", "0");
    command
}

/// What came of looking for advisories.
#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    /// There was a database, and nothing in it concerns us.
    Clean,
    /// There was a database, and this is what it knows.
    Found(String),
    /// There was none, and why.
    NoDatabase(String),
    /// Something else went wrong.
    Broken(String),
}

/// Runs the check of advisories; a network that swallows everything has no database for us.
fn look(mut command: Command) -> Result<Outcome, Failure> {
    command.args(["--color", "never", "check", "--deny", "warnings", "advisories"]);
    match Step::new(command, 2).capture() {
        Ok(captured) => Ok(outcome(&captured)),
        Err(Failure::TooSlow { limit, .. }) => {
            Ok(Outcome::NoDatabase(format!("nothing came within {}", human(limit))))
        }
        Err(failure) => Err(failure),
    }
}

/// Reads what cargo-deny has written. Only if it sums up the check has there been one.
fn outcome(captured: &Captured) -> Outcome {
    let Captured { status, stdout, stderr } = captured;
    match stdout.lines().last().map(str::trim) {
        Some("advisories ok") if status.success() => Outcome::Clean,
        Some("advisories FAILED") => Outcome::Found(stderr.clone()),
        _ if NO_DATABASE.iter().any(|words| stderr.contains(words)) => {
            Outcome::NoDatabase(stderr.clone())
        }
        _ => Outcome::Broken(format!("cargo-deny checked nothing ({status}): {stdout}{stderr}")),
    }
}

fn verdict(outcome: Outcome, strict: bool) -> Verdict {
    match outcome {
        Outcome::Clean => Verdict::Passed,
        Outcome::Found(text) | Outcome::Broken(text) => Verdict::Failed(vec![text]),
        Outcome::NoDatabase(reason) if strict => Verdict::Failed(vec![
            reason,
            format!("there is no advisory database, and {STRICT_VARIABLE} demands one"),
        ]),
        Outcome::NoDatabase(_) => {
            Verdict::NotRun("the advisory database cannot be fetched here".to_owned())
        }
    }
}

/// Whether the variable is set to something that does not mean no.
fn is_strict(value: Option<OsString>) -> bool {
    value.is_some_and(|value| !value.is_empty() && value != "0")
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::ExitStatusExt;
    use std::process::ExitStatus;

    use super::*;

    fn read(code: i32, stdout: &str, stderr: &str) -> Outcome {
        outcome(&Captured {
            status: ExitStatus::from_raw(code << 8),
            stdout: stdout.to_owned(),
            stderr: stderr.to_owned(),
        })
    }

    #[test]
    fn only_a_summary_that_says_ok_is_clean() {
        assert_eq!(read(0, "advisories ok\n", ""), Outcome::Clean);
        assert!(matches!(read(0, "", ""), Outcome::Broken(_)));
        assert!(matches!(read(0, "bans ok\n", ""), Outcome::Broken(_)));
        assert!(matches!(read(1, "advisories ok\n", ""), Outcome::Broken(_)));
    }

    #[test]
    fn what_the_database_knows_is_told() {
        let told = "error[vulnerability]: it explodes; see the advisory database";
        assert_eq!(read(1, "advisories FAILED\n", told), Outcome::Found(told.to_owned()));
    }

    #[test]
    fn a_database_that_is_missing_or_stale_is_told_from_a_broken_check() {
        for told in [
            "[ERROR] failed to fetch advisory database https://example.org/db with cli",
            "[ERROR] failed to get 'FETCH_HEAD' metadata: [\"-C\", \"/h/advisory-dbs/advisory-db-3\"]",
            "[ERROR] repository is stale (last update: 2026-01-01T00:00:00Z)",
        ] {
            assert_eq!(read(1, "", told), Outcome::NoDatabase(told.to_owned()));
        }
        assert!(matches!(read(1, "", "[ERROR] failed to parse deny.toml"), Outcome::Broken(_)));
    }

    #[test]
    fn a_missing_database_is_a_failure_only_where_one_is_demanded() {
        let missing = || Outcome::NoDatabase("no network".to_owned());
        let reason = "the advisory database cannot be fetched here".to_owned();
        assert_eq!(verdict(missing(), false), Verdict::NotRun(reason));
        assert!(matches!(verdict(missing(), true), Verdict::Failed(_)));
        for strict in [false, true] {
            assert_eq!(verdict(Outcome::Clean, strict), Verdict::Passed);
            let found = Outcome::Found("bad".to_owned());
            assert_eq!(verdict(found, strict), Verdict::Failed(vec!["bad".to_owned()]));
            let broken = Outcome::Broken("odd".to_owned());
            assert_eq!(verdict(broken, strict), Verdict::Failed(vec!["odd".to_owned()]));
        }
    }

    #[test]
    fn a_variable_that_is_empty_or_0_demands_nothing() {
        assert!(is_strict(Some("1".into())));
        assert!(!is_strict(Some("0".into())));
        assert!(!is_strict(Some("".into())));
        assert!(!is_strict(None));
    }
}
