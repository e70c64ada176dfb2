//! `cargo xtask survive`: kills the server again and again and looks for lost writes.

use std::ffi::OsString;

use crate::cargo::{Profile, build_server, cargo};
use crate::failure::Failure;
use crate::postgres::{Durability, Server};
use crate::step::{self, Step};

/// How often the server is killed if nobody says otherwise.
const CYCLES: &str = "20";

/// Runs the program `survive` of the workload; all arguments but `--release` go to it.
pub fn run(arguments: &[OsString]) -> Result<u8, Failure> {
    let (profile, arguments) = split(arguments);
    let program = build_server(profile)?;
    let server = Server::obtain(Durability::Full)?;
    let mut command = cargo(["run", "--locked", "-p", "cadastre-workload", "--bin", "survive"]);
    command.args(profile.flags()).args(["--", "--server"]).arg(program).args(arguments);
    server.tell(&mut command);
    Step::new(command, 120).run().map(step::code)
}

/// Takes out what is ours and adds the number of cycles where it is not given.
fn split(arguments: &[OsString]) -> (Profile, Vec<OsString>) {
    let release = arguments.iter().any(|word| word == "--release");
    let mut rest: Vec<_> = arguments.iter().filter(|word| *word != "--release").cloned().collect();
    if !rest.iter().any(|word| word.to_string_lossy().starts_with("--cycles")) {
        rest.splice(0..0, ["--cycles", CYCLES].map(OsString::from));
    }
    (if release { Profile::Release } else { Profile::Dev }, rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split_words(words: &[&str]) -> (Profile, Vec<OsString>) {
        split(&words.iter().map(OsString::from).collect::<Vec<_>>())
    }

    #[test]
    fn the_number_of_cycles_has_a_default() {
        let (profile, rest) = split_words(&["--release", "--verbose"]);
        assert_eq!(profile, Profile::Release);
        assert_eq!(rest, ["--cycles", "20", "--verbose"]);
    }

    #[test]
    fn a_given_number_of_cycles_stays() {
        let (profile, rest) = split_words(&["--cycles=3"]);
        assert_eq!(profile, Profile::Dev);
        assert_eq!(rest, ["--cycles=3"]);
    }
}
