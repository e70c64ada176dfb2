//! `cargo xtask test`: every test of the workspace, those on a real PostgreSQL included.

use std::ffi::OsString;
use std::time::Instant;

use crate::cargo::cargo;
use crate::failure::Failure;
use crate::packages::Tool;
use crate::postgres::{self, Durability, Server};
use crate::step::{self, Step, human};

/// Runs the tests; arguments after an optional `--` go to `cargo test`.
pub fn run(arguments: &[OsString]) -> Result<u8, Failure> {
    let start = Instant::now();
    let arguments = arguments.strip_prefix(&[OsString::from("--")]).unwrap_or(arguments);
    // The tour of the examples, which is a test as well, calls curl and openssl.
    postgres::ensure_with(&[Tool::Curl, Tool::Openssl])?;
    let server = Server::obtain(Durability::None)?;
    let mut command = cargo(["test", "--locked"]);
    if !names_a_package(arguments) {
        command.arg("--workspace");
    }
    command.args(arguments);
    server.tell(&mut command);
    let code = step::code(Step::new(command, 45).run()?);
    drop(server);
    let ending = if code == 0 { "passed" } else { "FAILED" };
    eprintln!("== tests {ending} in {}", human(start.elapsed()));
    Ok(code)
}

/// Whether the arguments to cargo itself choose packages; `--workspace` would win over them.
fn names_a_package(arguments: &[OsString]) -> bool {
    let own = arguments.iter().take_while(|word| *word != "--");
    own.map(|word| word.to_string_lossy())
        .any(|word| word.starts_with("-p") || word.starts_with("--package"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(words: &[&str]) -> bool {
        names_a_package(&words.iter().map(OsString::from).collect::<Vec<_>>())
    }

    #[test]
    fn a_chosen_package_is_noticed() {
        assert!(names(&["-p", "cadastre-domain"]));
        assert!(names(&["-pcadastre-domain"]));
        assert!(names(&["--package=cadastre-domain"]));
        assert!(!names(&["regions", "--", "-p"]));
        assert!(!names(&["--profile", "release"]));
    }
}
