//! The developer commands of the register, run as `cargo xtask COMMAND`.
//!
//! Everything that continuous integration runs is a command here, so what passes on a desk passes
//! there. Headlines go to stderr; stdout belongs to the programs that are run.

mod bench;
mod cargo;
mod check;
mod failure;
mod interrupt;
mod migration;
mod packages;
mod postgres;
mod programs;
mod step;
mod survive;
mod test;

use std::ffi::OsString;
use std::process::ExitCode;

use failure::Failure;

const USAGE: &str = "\
The developer commands of the register.

cargo xtask test [--repeat N] [-- ARGS]
                                   run every test, those on a real PostgreSQL included, and list
                                   those that failed; ARGS go to `cargo test`
cargo xtask check                  formatting, clippy, documentation, layers, migrations,
                                   licences and advisories of what we depend on
cargo xtask bench [ARGS]           measure a release build; needs wrk and pgbench
cargo xtask survive [--cycles N] [--release] [ARGS]
                                   kill the server again and again and look for lost writes;
                                   N defaults to 20
cargo xtask postgres [--durable] -- PROGRAM [ARGS]
                                   run a program beside a throw-away PostgreSQL server
cargo xtask migration NAME         make an empty migration for both databases
cargo xtask help                   print this

Where a PostgreSQL server is needed, a throw-away one is started and removed afterwards. To use
one of your own, set TEST_POSTGRES_URL. On Debian and its kin, programs that are missing are
installed with apt-get if we are root or may use sudo without a password.
";

fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
    match interrupt::watch().and_then(|()| run(&arguments)) {
        Ok(code) => ExitCode::from(code),
        Err(failure) => {
            eprintln!("xtask: {failure}");
            if matches!(failure, Failure::Usage(_)) {
                eprint!("\n{USAGE}");
            }
            ExitCode::from(failure.exit_code())
        }
    }
}

/// Runs one command; the number is the exit code, passed on from the program that was run.
fn run(arguments: &[OsString]) -> Result<u8, Failure> {
    let (command, rest) = match arguments.split_first() {
        Some((command, rest)) => (command.to_string_lossy(), rest),
        None => ("help".into(), arguments),
    };
    match command.as_ref() {
        "test" => test::run(rest),
        "check" => check::run(rest),
        "bench" => bench::run(rest),
        "survive" => survive::run(rest),
        "postgres" => postgres::run(rest),
        "migration" => migration::run(rest),
        "help" | "-h" | "--help" => {
            print!("{USAGE}");
            Ok(0)
        }
        unknown => Err(Failure::Usage(format!("there is no command {unknown:?}"))),
    }
}
