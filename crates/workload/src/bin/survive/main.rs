//! Kills the register again and again in the middle of its work, and proves after each restart
//! that nothing it has answered for is lost and nothing is torn.
//!
//! Run it as `cargo xtask survive`. One violation ends it with exit code 1 and says what was found.

mod api;
mod check;
mod client;
mod cycle;
mod ledger;
mod material;
mod rows;
mod texts;
mod wire_check;

use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;

use cadastre_testkit::{TestDatabase, interrupt, postgres, sqlite};
use clap::{Parser, ValueEnum};

use cycle::Register;

/// What every step of this program returns; the error is for whoever reads the screen.
type Outcome<T = ()> = Result<T, Box<dyn Error + Send + Sync>>;

/// Kills the register again and again and looks for lost writes.
#[derive(Debug, Parser)]
struct Options {
    /// The program to kill
    #[arg(long)]
    server: PathBuf,
    /// How often it is killed on each database
    #[arg(long, default_value_t = 20)]
    cycles: u32,
    /// Only this database; PostgreSQL is the server that `TEST_POSTGRES_URL` names
    #[arg(long)]
    only: Option<Kind>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    Sqlite,
    Postgres,
}

fn main() -> ExitCode {
    let options = Options::parse();
    match run(&options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("survive: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> Outcome {
    interrupt::watch()?;
    for (kind, make) in [(Kind::Sqlite, sqlite as fn() -> _), (Kind::Postgres, postgres)] {
        if options.only.is_none_or(|only| only == kind) {
            survive(options, make())?;
        }
    }
    Ok(())
}

fn survive(options: &Options, database: TestDatabase) -> Outcome {
    let (name, cycles) = (database.name(), options.cycles);
    let mut register = Register::new(&options.server, database)?;
    for number in 1..=cycles {
        interrupt::check()?;
        let survived = register.cycle(number);
        let line = survived.map_err(|error| format!("{name}, cycle {number}: {error}"))?;
        println!("{name} {number}/{cycles}: {line}");
    }
    let acknowledged = register.acknowledged();
    println!("{cycles} cycles on {name}: {acknowledged} acknowledged writes, 0 lost, 0 torn");
    Ok(())
}
