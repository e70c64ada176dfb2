//! `cargo xtask test`: every test of the workspace, those on a real PostgreSQL included, whichever
//! of them fail; the failures are listed at the end.

mod failures;

use std::ffi::OsString;
use std::io::{IsTerminal as _, Write as _};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use crate::cargo::cargo;
use crate::failure::Failure;
use crate::packages::Tool;
use crate::postgres::{self, Durability, Server};
use crate::step::{self, Step, human};
use failures::{FailedProgram, FailureParser};

/// Runs the tests, once or `--repeat N` times; arguments after an optional `--` go to `cargo test`.
pub fn run(arguments: &[OsString]) -> Result<u8, Failure> {
    let start = Instant::now();
    let (rounds, arguments) = rounds(arguments)?;
    // The tour of the examples, which is a test as well, calls curl and openssl.
    postgres::ensure_with(&[Tool::Curl, Tool::Openssl])?;
    let server = Server::obtain(Durability::None)?;
    let mut failed = Vec::new();
    let mut code = 0;
    for round in 1..=rounds {
        let (ending, programs) = run_once(&server, arguments)?;
        if ending != 0 {
            code = ending;
            failed.push((round, programs.clone()));
            // A program that does not build fails in every round.
            if programs.is_empty() {
                break;
            }
        }
    }
    drop(server);
    for (round, programs) in &failed {
        let of = if rounds > 1 { format!(" in round {round} of {rounds}") } else { String::new() };
        eprintln!("== failed{of}:");
        for program in programs {
            eprintln!("{program}");
        }
        if programs.is_empty() {
            eprintln!("no test: see the errors above");
        }
    }
    let ending = if code == 0 { "passed" } else { "FAILED" };
    eprintln!("== tests {ending} in {}", human(start.elapsed()));
    Ok(code)
}

/// Runs the tests once; how that ended, and the programs that failed.
fn run_once(server: &Server, arguments: &[OsString]) -> Result<(u8, Vec<FailedProgram>), Failure> {
    let mut command = cargo(["test", "--locked"]);
    if !own(arguments).any(|word| word == "--no-fail-fast") {
        command.arg("--no-fail-fast");
    }
    if !names_a_package(arguments) {
        command.arg("--workspace");
    }
    command.args(arguments);
    server.tell(&mut command);
    // Cargo writes into a pipe, so it has to be told what it could see at a terminal.
    if std::io::stdout().is_terminal() && std::env::var_os("CARGO_TERM_COLOR").is_none() {
        command.env("CARGO_TERM_COLOR", "always");
    }
    let parser = Arc::new(Mutex::new(FailureParser::default()));
    let reader = Arc::clone(&parser);
    let read = move |piece: &[u8]| {
        // An output that is closed must not keep the program from going on.
        let mut stdout = std::io::stdout().lock();
        let _ = stdout.write_all(piece).and_then(|()| stdout.flush());
        reader.lock().unwrap_or_else(PoisonError::into_inner).read(piece);
    };
    let code = step::code(Step::new(command, 45).run_read_by(read)?);
    let parser = parser.lock().unwrap_or_else(PoisonError::into_inner);
    Ok((code, parser.programs().to_vec()))
}

/// How often to run the tests, and the arguments that go to cargo.
fn rounds(arguments: &[OsString]) -> Result<(u32, &[OsString]), Failure> {
    let (rounds, rest) = match arguments {
        [option, number, rest @ ..] if option == "--repeat" => {
            let number = number.to_str().and_then(|number| number.parse().ok());
            let number = number.filter(|number| *number > 0);
            let needed = || Failure::Usage("--repeat takes a number from 1".to_owned());
            (number.ok_or_else(needed)?, rest)
        }
        [option] if option == "--repeat" => {
            return Err(Failure::Usage("--repeat takes a number from 1".to_owned()));
        }
        _ => (1, arguments),
    };
    Ok((rounds, rest.strip_prefix(&[OsString::from("--")]).unwrap_or(rest)))
}

/// The arguments to cargo itself, before those to the test programs.
fn own(arguments: &[OsString]) -> impl Iterator<Item = &OsString> {
    arguments.iter().take_while(|word| *word != "--")
}

/// Whether the arguments to cargo itself choose packages; `--workspace` would win over them.
fn names_a_package(arguments: &[OsString]) -> bool {
    own(arguments)
        .map(|word| word.to_string_lossy())
        .any(|word| word.starts_with("-p") || word.starts_with("--package"))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may fail by panicking")]

    use super::*;

    fn words(words: &[&str]) -> Vec<OsString> {
        words.iter().map(OsString::from).collect()
    }

    fn names(arguments: &[&str]) -> bool {
        names_a_package(&words(arguments))
    }

    #[test]
    fn a_chosen_package_is_noticed() {
        assert!(names(&["-p", "cadastre-domain"]));
        assert!(names(&["-pcadastre-domain"]));
        assert!(names(&["--package=cadastre-domain"]));
        assert!(!names(&["regions", "--", "-p"]));
        assert!(!names(&["--profile", "release"]));
    }

    #[test]
    fn tests_run_once_unless_told_otherwise() {
        for (arguments, expected, rest) in [
            (&[][..], 1, &[][..]),
            (&["--", "-p", "x"], 1, &["-p", "x"]),
            (&["-p", "x", "--", "--repeat", "3"], 1, &["-p", "x", "--", "--repeat", "3"]),
            (&["--repeat", "50"], 50, &[]),
            (&["--repeat", "50", "--", "fuzz", "--", "--exact"], 50, &["fuzz", "--", "--exact"]),
        ] {
            let arguments = words(arguments);
            assert_eq!(rounds(&arguments).unwrap(), (expected, &words(rest)[..]));
        }
        for wrong in [&["--repeat"][..], &["--repeat", "0"], &["--repeat", "--", "fuzz"]] {
            assert!(matches!(rounds(&words(wrong)), Err(Failure::Usage(_))), "{wrong:?}");
        }
    }
}
