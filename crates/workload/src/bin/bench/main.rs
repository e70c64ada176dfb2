//! Measures the register: how fast it reads and writes, against what the machine and the database
//! could do at best, what it needs, and how quickly it starts.
//!
//! Run it as `cargo xtask bench`. What is compared is measured in turns, because a machine drifts.

mod bare;
mod creation;
mod direct;
mod floor;
mod footprint;
mod guards;
mod life;
mod machine;
mod median;
mod pgbench;
mod pulls;
mod reads;
mod region;
mod report;
mod results;
mod runs;
mod site;
mod tenants;
mod unguarded;
mod wrk;

use std::error::Error;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use cadastre_api::config::ServeOptions;
use cadastre_testkit::interrupt;
use clap::{Args, Parser, Subcommand, ValueEnum};

use report::{Chapter, Measured, Report};
use site::Kind;

/// As the server: else the two would not compare.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// What every step of this program returns; the error is for whoever reads the screen.
type Outcome<T = ()> = Result<T, Box<dyn Error + Send + Sync>>;

/// Measures the register.
#[derive(Debug, Parser)]
#[command(args_conflicts_with_subcommands = true)]
struct Program {
    #[command(flatten)]
    options: Option<Options>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Args)]
struct Options {
    /// The release build of the server
    #[arg(long)]
    server: PathBuf,
    /// The load generator wrk
    #[arg(long, default_value = "wrk")]
    wrk: PathBuf,
    /// PostgreSQL's own load generator
    #[arg(long, default_value = "pgbench")]
    pgbench: PathBuf,
    /// How long each load lasts, in seconds
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..))]
    seconds: u32,
    /// How often everything is measured; what is shown are medians
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..))]
    runs: u32,
    /// Only what has to do with results, which is printed and not written
    #[arg(long, conflicts_with = "write")]
    results: bool,
    /// Of how many series a whole day of results is made; the plan is meant for the default
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    whole_days: u32,
    /// Only pulls, which are printed and not written
    #[arg(long, conflicts_with_all = ["write", "results"])]
    pulls: bool,
    /// How many nodes pull
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    nodes: u32,
    /// Only what an enterprise notices of another, which is printed and not written
    #[arg(long, conflicts_with_all = ["write", "results", "pulls"])]
    tenants: bool,
    /// Only this database; PostgreSQL is the server that `TEST_POSTGRES_URL` names
    #[arg(long)]
    only: Option<OnlyKind>,
    /// A Markdown file with the marks between which the outcome is written
    #[arg(long)]
    write: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum OnlyKind {
    Sqlite,
    Postgres,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serves some JSON and nothing else
    #[command(hide = true)]
    Floor {
        /// Where to listen
        #[arg(long)]
        listen: SocketAddr,
        /// How many bytes
        #[arg(long, default_value_t = 1024)]
        size: usize,
    },
    /// Serves the register without its guards
    #[command(hide = true)]
    Unguarded(Box<ServeOptions>),
}

fn main() -> ExitCode {
    let outcome = match Program::parse() {
        Program { command: Some(Command::Floor { listen, size }), .. } => {
            floor::serve(listen, size)
        }
        Program { command: Some(Command::Unguarded(options)), .. } => unguarded::serve(*options),
        Program { options: Some(options), .. } => measure(&options),
        Program { .. } => Err("--server is missing".into()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error}");
            ExitCode::FAILURE
        }
    }
}

fn measure(options: &Options) -> Outcome {
    interrupt::watch()?;
    let kinds: &[Kind] = match options.only {
        Some(OnlyKind::Sqlite) => &[Kind::Sqlite],
        Some(OnlyKind::Postgres) => &[Kind::Postgres],
        None => &[Kind::Sqlite, Kind::Postgres],
    };
    if options.results {
        return results_alone(options, kinds);
    }
    if options.pulls {
        return pulls_alone(options, kinds);
    }
    if options.tenants {
        return tenants_alone(options, kinds);
    }
    if let Some(file) = &options.write {
        report::around(file)?;
    }
    let machine = machine::describe(options, kinds)?;
    let mut chapters = Vec::new();
    for kind in kinds {
        let chapter = chapter(options, *kind)?;
        // Told at once: a failure of what is measured next must not cost this.
        eprintln!("{chapter}");
        chapters.push(chapter);
    }
    let report = Report { machine, chapters, seconds: options.seconds, runs: options.runs };
    println!("{report}");
    match &options.write {
        Some(file) => report.write_into(file),
        None => Ok(()),
    }
}

/// Measures results and nothing else.
fn results_alone(options: &Options, kinds: &[Kind]) -> Outcome {
    for kind in kinds {
        let posts = results::measure(options, *kind)?;
        let plan = results::measure_plan(*kind, options.whole_days)?;
        println!("{}", Chapter::of_results(*kind, &posts, &plan));
    }
    Ok(())
}

/// Measures pulls and nothing else.
fn pulls_alone(options: &Options, kinds: &[Kind]) -> Outcome {
    for kind in kinds {
        let pulls = pulls::measure(options, *kind)?;
        println!("{}", Chapter::of_pulls(*kind, &pulls));
    }
    Ok(())
}

/// Measures what an enterprise notices of another, and nothing else.
fn tenants_alone(options: &Options, kinds: &[Kind]) -> Outcome {
    for kind in kinds {
        let tenants = tenants::measure(options, *kind)?;
        println!("{}", Chapter::of_tenants(*kind, &tenants));
    }
    Ok(())
}

/// Everything about one database.
fn chapter(options: &Options, kind: Kind) -> Outcome<Chapter> {
    eprintln!("bench: {}: reading", kind.name());
    let reads = reads::measure(options, kind)?;
    eprintln!("bench: {}: single regions, pages, copies, changes", kind.name());
    let life = life::measure(options, kind)?;
    eprintln!("bench: {}: creating", kind.name());
    let creation = creation::measure(options, kind)?;
    eprintln!("bench: {}: with guards and without", kind.name());
    let guards = guards::measure(options, kind)?;
    eprintln!("bench: {}: pulls", kind.name());
    let pulls = pulls::measure(options, kind)?;
    eprintln!("bench: {}: results", kind.name());
    let posts = results::measure(options, kind)?;
    let plan = results::measure_plan(kind, options.whole_days)?;
    eprintln!("bench: {}: one enterprise beside another", kind.name());
    let tenants = tenants::measure(options, kind)?;
    eprintln!("bench: {}: starting", kind.name());
    let starts = footprint::starts(options, kind)?;
    let measured = Measured { reads, life, creation, guards, pulls, posts, plan, tenants, starts };
    Ok(Chapter::new(kind, &measured))
}
