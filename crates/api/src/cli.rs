//! The command line.

mod audit;
mod enterprise;
mod key;
mod node;
mod token;
mod user;

use cadastre_domain::audit::{Actor, Origin};
use cadastre_domain::enterprise::DEFAULT_ENTERPRISE;
use cadastre_domain::id::EnterpriseId;
use cadastre_storage::{Store, Tx};
use chrono::{DateTime, SecondsFormat, Utc};
use clap::{Args, Parser, Subcommand};

use crate::app::Changed;
use crate::config::{Config, ConfigError, DatabaseConfig, DatabaseOptions, ServeOptions};
use crate::error::Error;
use crate::service::enterprises::ensure_default;
use crate::start::{self, StartError, first_token};
use crate::{clock, logging};

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
    /// Create, list, show, rotate and revoke tokens
    Token(WithDatabase<token::TokenCommand>),
    /// Create and list enterprises
    Enterprise(WithDatabase<enterprise::EnterpriseCommand>),
    /// List nodes, and print what their agents are configured with
    Node(WithDatabase<node::NodeCommand>),
    /// Create and list users
    User(WithDatabase<user::UserCommand>),
    /// List the audit entries, and verify that nothing was edited, removed or reordered
    Audit(WithDatabase<audit::AuditCommand>),
    /// List and rotate the master keys
    Key(WithDatabase<key::KeyCommand>),
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
        Some(Command::Token(call)) => token::run(&open(call.database)?.0, call.command),
        Some(Command::Enterprise(call)) => enterprise::run(&open(call.database)?.0, call.command),
        Some(Command::Node(call)) => node::run(&open(call.database)?.0, call.command),
        Some(Command::User(call)) => user::run(&open(call.database)?.0, call.command),
        Some(Command::Audit(call)) => audit::run(&open(call.database)?.0, call.command),
        Some(Command::Key(call)) => {
            let (store, config) = open(call.database)?;
            key::run(&store, &config, &call.command)
        }
    }
}

/// Opens the register for one command, while a server may be serving it. An empty register gets
/// what the server would give it, but no token that nobody would see.
fn open(options: DatabaseOptions) -> Result<(Store, DatabaseConfig), CommandError> {
    logging::start("warn");
    let database = DatabaseConfig::new(options)?;
    let store = Store::new(&database.store(1, 1));
    let (config, now) = (database.clone(), clock::Clock::System.now());
    let prepared = store.prepare(now, move |tx| {
        if config.admin_token.is_some() {
            first_token::ensure(tx, &config, now)?;
        }
        ensure_default(tx, &actor("create_enterprise"), now)?.recorded_in(tx);
        Ok::<_, Error>(())
    });
    prepared.map_err(|error| CommandError::Refused(start::explain(&error, &database)))?;
    Ok((store, database))
}

/// Whoever has a shell on a machine that has the database.
fn actor(operation: &'static str) -> Actor {
    Actor { origin: Origin::Command, operation, token_id: None, user_id: None, enterprise_id: None }
}

/// Writes, with the audit entries of what is done.
fn write<T: Send + 'static>(
    store: &Store,
    mut work: impl FnMut(&mut dyn Tx) -> Result<Changed<T>, Error> + Send + 'static,
) -> Result<T, Error> {
    store.write(move |tx| Ok(work(tx)?.recorded_in(tx)))
}

/// The value of an argument, or why it is none.
fn argument<T, E: std::fmt::Display>(
    name: &str,
    text: &str,
    parse: impl FnOnce(&str) -> Result<T, E>,
) -> Result<T, CommandError> {
    parse(text)
        .map_err(|error| CommandError::Refused(format!("{name} {text:?} is not accepted: {error}")))
}

/// The enterprise of this identifier, or else the one named `default`.
fn enterprise(store: &Store, id: Option<&str>) -> Result<EnterpriseId, CommandError> {
    let Some(id) = id else {
        let now = clock::Clock::System.now();
        let default = write(store, move |tx| ensure_default(tx, &actor("create_enterprise"), now));
        return Ok(default?.id);
    };
    argument("--enterprise", id, str::parse)
}

/// What people say when an enterprise is not there.
fn no_enterprise() -> CommandError {
    CommandError::Refused(format!(
        "there is no such enterprise; `cadastre enterprise list` shows them, {DEFAULT_ENTERPRISE} is the first"
    ))
}

/// A time in a list, or `-`.
fn shown(time: Option<DateTime<Utc>>) -> String {
    let text = |time: DateTime<Utc>| time.to_rfc3339_opts(SecondsFormat::Secs, true);
    time.map_or_else(|| "-".to_owned(), text)
}
