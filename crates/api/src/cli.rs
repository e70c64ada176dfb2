//! The command line.

mod enterprise;
mod token;

use clap::{Args, Parser, Subcommand};

use crate::config::{Config, ConfigError, DatabaseConfig, DatabaseOptions, ServeOptions};
use crate::error::Error;
use crate::service::enterprises::ensure_default;
use crate::start::{self, StartError, first_token};
use crate::{clock, logging};
use cadastre_storage::Store;

/// The register of regions.
#[derive(Debug, Parser)]
#[command(name = "cadastre", args_conflicts_with_subcommands = true, disable_version_flag = true)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: ServeOptions,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve (the default)
    Serve(Box<ServeOptions>),
    /// Create, list and revoke tokens
    Token(WithDatabase<token::TokenCommand>),
    /// Create and list enterprises
    Enterprise(WithDatabase<enterprise::EnterpriseCommand>),
}

#[derive(Debug, Args)]
struct WithDatabase<C: Subcommand> {
    #[command(subcommand)]
    command: C,
    #[command(flatten)]
    database: DatabaseOptions,
}

/// Why a command fails; printed on one line.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// A setting is not accepted.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The server does not start.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The register refuses.
    #[error("{0}")]
    Refused(String),
}

impl From<Error> for CommandError {
    fn from(error: Error) -> Self {
        Self::Refused(match error {
            Error::Storage(error) => start::explain_storage(&error),
            error => error.to_string(),
        })
    }
}

/// Parses the command line and does what it says.
///
/// # Errors
/// What kept the command from being done.
pub fn run() -> Result<(), CommandError> {
    let cli = Cli::parse();
    match cli.command {
        None => Ok(start::serve(&Config::new(cli.serve)?)?),
        Some(Command::Serve(options)) => Ok(start::serve(&Config::new(*options)?)?),
        Some(Command::Token(call)) => token::run(&open(call.database)?, call.command),
        Some(Command::Enterprise(call)) => enterprise::run(&open(call.database)?, call.command),
    }
}

/// Opens the register for one command, while a server may be serving it. An empty register gets
/// what the server would give it, but no token that nobody would see.
fn open(options: DatabaseOptions) -> Result<Store, CommandError> {
    logging::start("warn");
    let database = DatabaseConfig::new(options)?;
    let store = Store::new(&database.store(1, 1));
    let (config, now) = (database.clone(), clock::Clock::System.now());
    let prepared = store.prepare(move |tx| {
        if config.admin_token.is_some() {
            first_token::ensure(tx, &config, now)?;
        }
        ensure_default(tx, now).map(drop)
    });
    prepared.map_err(|error| CommandError::Refused(start::explain(&error, &database)))?;
    Ok(store)
}
