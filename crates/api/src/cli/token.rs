//! `cadastre token …`

use cadastre_domain::enterprise::DEFAULT_ENTERPRISE;
use cadastre_domain::id::{EnterpriseId, TeamId, TokenId};
use cadastre_domain::role::Role;
use cadastre_domain::token::{Token, TokenName};
use cadastre_storage::Store;
use chrono::{DateTime, SecondsFormat, Utc};
use clap::{Args, Subcommand};

use super::CommandError;
use crate::clock::Clock;
use crate::error::{Error, Thing};
use crate::service::enterprises::ensure_default;
use crate::service::tokens::{self, NewToken};

/// What to do with tokens.
#[derive(Debug, Subcommand)]
pub(super) enum TokenCommand {
    /// Create a token and print it; it cannot be shown again
    Create(Create),
    /// List the tokens, without their secrets
    List,
    /// Revoke a token, at once and for good
    Revoke {
        /// Its id, as listed
        id: String,
    },
}

#[derive(Debug, Args)]
pub(super) struct Create {
    /// What it may do: platform, admin, operator, viewer or team
    #[arg(long)]
    role: String,
    /// What it is for; also the name of the user that it acts for
    #[arg(long)]
    name: String,
    /// The id of the enterprise in which it acts [default: that named default]
    #[arg(long)]
    enterprise: Option<String>,
    /// The id of a team that a team token belongs to; may be given several times
    #[arg(long)]
    team: Vec<String>,
    /// After what time it ends, as 30d or 12h [default: never]
    #[arg(long)]
    expires: Option<String>,
}

pub(super) fn run(store: &Store, command: TokenCommand) -> Result<(), CommandError> {
    let now = Clock::System.now();
    match command {
        TokenCommand::Create(arguments) => {
            let request = new_token(store, arguments, now)?;
            let text = store.write(move |tx| tokens::create(tx, &request, now));
            println!("{}", text.map_err(|error| explain(&error))?.reveal());
        }
        TokenCommand::List => list(&store.read(|tx| Ok::<_, Error>(tx.list_tokens()?))?, now),
        TokenCommand::Revoke { id } => {
            let parsed: TokenId = argument("ID", &id, str::parse)?;
            if !store.write(move |tx| Ok::<_, Error>(tx.revoke_token(parsed, now)?))? {
                return Err(CommandError::Refused(format!("there is no live token {id}")));
            }
        }
    }
    Ok(())
}

fn new_token(
    store: &Store,
    arguments: Create,
    now: DateTime<Utc>,
) -> Result<NewToken, CommandError> {
    let role: Role = argument("--role", &arguments.role, str::parse)?;
    if !arguments.team.is_empty() && role != Role::Team {
        return Err(CommandError::Refused("--team goes with --role team only".to_owned()));
    }
    let enterprise: EnterpriseId = match &arguments.enterprise {
        Some(id) => argument("--enterprise", id, str::parse)?,
        None => store.write(move |tx| ensure_default(tx, now))?.id,
    };
    let team = |id: &String| argument("--team", id, str::parse::<TeamId>);
    Ok(NewToken {
        name: argument("--name", &arguments.name, |name| TokenName::try_from(name.to_owned()))?,
        role,
        enterprise,
        teams: arguments.team.iter().map(team).collect::<Result<_, _>>()?,
        expires_at: arguments.expires.map(|text| expiry(&text, now)).transpose()?,
        text: None,
    })
}

fn argument<T, E: std::fmt::Display>(
    name: &str,
    text: &str,
    parse: impl FnOnce(&str) -> Result<T, E>,
) -> Result<T, CommandError> {
    parse(text)
        .map_err(|error| CommandError::Refused(format!("{name} {text:?} is not accepted: {error}")))
}

fn expiry(text: &str, now: DateTime<Utc>) -> Result<DateTime<Utc>, CommandError> {
    let wrong = || {
        CommandError::Refused(format!("--expires {text:?} is not accepted: give 30d, 12h or 90m"))
    };
    let duration = humantime::parse_duration(text).map_err(|_| wrong())?;
    let duration = chrono::TimeDelta::from_std(duration).map_err(|_| wrong())?;
    now.checked_add_signed(duration).ok_or_else(wrong)
}

fn explain(error: &Error) -> CommandError {
    match error {
        Error::NotFound(Thing::Enterprise) => CommandError::Refused(format!(
            "there is no such enterprise; `cadastre enterprise list` shows them, {DEFAULT_ENTERPRISE} is the first"
        )),
        Error::NotFound(Thing::Team) => {
            CommandError::Refused("there is no such team in that enterprise".to_owned())
        }
        error => error.clone().into(),
    }
}

fn list(tokens: &[Token], now: DateTime<Utc>) {
    println!("ID\tNAME\tROLE\tENTERPRISE\tEXPIRES\tSTATE");
    for token in tokens {
        let expires = token.expires_at.map_or_else(
            || "never".to_owned(),
            |end| end.to_rfc3339_opts(SecondsFormat::Secs, true),
        );
        let state = match (token.revoked_at, token.accepted_at(now)) {
            (Some(_), _) => "revoked",
            (None, true) => "live",
            (None, false) => "expired",
        };
        let (name, caller) = (token.name.as_ref(), &token.caller);
        println!(
            "{}\t{name}\t{}\t{}\t{expires}\t{state}",
            token.id, caller.role, caller.enterprise_id
        );
    }
}
