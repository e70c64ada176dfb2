//! `cadastre token …`

use std::thread;

use cadastre_domain::id::{TeamId, TokenId};
use cadastre_domain::role::Role;
use cadastre_domain::token::{
    LONGEST_OVERLAP, Presented, Token, TokenName, TokenNote, TokenRefusal, TokenTeams,
};
use cadastre_domain::user::UserName;
use cadastre_storage::Store;
use chrono::{DateTime, TimeDelta, Utc};
use clap::{Args, Subcommand};

use super::{CommandError, actor, argument, no_enterprise, shown, write};
use crate::auth::LEASE;
use crate::clock::Clock;
use crate::error::{Error, Thing};
use crate::service::tokens::{self, NewToken, Realm};

/// What to do with tokens.
#[derive(Debug, Subcommand)]
pub(super) enum TokenCommand {
    /// Create a token and print it; it cannot be shown again
    Create(Create),
    /// List the tokens, without their secrets
    List,
    /// Show a token, without its secret
    Show {
        /// Its id, as listed
        id: String,
    },
    /// Give a token another secret and print it; the present one is accepted for a while beside it
    Rotate {
        /// Its id, as listed
        id: String,
        /// For how long, as 2h or 7d, 30d at most; 0s ends it at once
        #[arg(long, default_value = "1h")]
        overlap: String,
    },
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
    /// What it is called
    #[arg(long)]
    name: String,
    /// A remark, of up to 200 characters
    #[arg(long, default_value = "")]
    note: String,
    /// The name of the user that it acts for; added if there is none [default: the name]
    #[arg(long)]
    user: Option<String>,
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
            let made =
                write(store, move |tx| tokens::create(tx, &actor("create_token"), &request, now));
            println!("{}", made.map_err(|error| explain(&error))?.text.reveal());
        }
        TokenCommand::List => {
            println!("ID\tNAME\tROLE\tENTERPRISE\tEXPIRES\tSTATE\tLAST USED");
            for token in store.read(|tx| Ok::<_, Error>(tx.list_tokens()?))? {
                println!("{}", line(&token, now));
            }
        }
        TokenCommand::Show { id } => {
            let id: TokenId = argument("ID", &id, str::parse)?;
            let read = store.read(|tx| {
                let token = tokens::find(tx, &Realm::All, id)?;
                let user = tx.find_user_name(token.caller.user_id)?;
                Ok::<_, Error>((token, user))
            });
            let (token, user) = read.map_err(|error| explain(&error))?;
            show(&token, user.map(String::from).as_deref().unwrap_or("-"), now);
        }
        TokenCommand::Rotate { id, overlap } => rotate(store, &id, &overlap, now)?,
        TokenCommand::Revoke { id } => revoke(store, &id, now)?,
    }
    Ok(())
}

fn rotate(store: &Store, id: &str, overlap: &str, now: DateTime<Utc>) -> Result<(), CommandError> {
    let id: TokenId = argument("ID", id, str::parse)?;
    let time = argument("--overlap", overlap, |text| {
        let time = humantime::parse_duration(text).ok().and_then(|t| TimeDelta::from_std(t).ok());
        time.filter(|time| *time <= LONGEST_OVERLAP).ok_or("give 2h, 7d or 0s, 30d at most")
    })?;
    let rotated = write(store, move |tx| {
        tokens::rotate(tx, &actor("rotate_token"), (&Realm::All, id), time, now)
    });
    let shown = rotated.map_err(|error| explain(&error))?;
    // Until then, a server may still accept the secret before for longer than it should.
    thread::sleep(LEASE);
    println!("{}", shown.text.reveal());
    Ok(())
}

fn revoke(store: &Store, id: &str, now: DateTime<Utc>) -> Result<(), CommandError> {
    let parsed: TokenId = argument("ID", id, str::parse)?;
    let gone = || CommandError::Refused(format!("there is no live token {id}"));
    let revoked = write(store, move |tx| {
        let before = tokens::find(tx, &Realm::All, parsed)?;
        let after = tokens::revoke(tx, &actor("revoke_token"), (&Realm::All, parsed), now)?;
        Ok(after.map(|_| before.revoked_at.is_none()))
    });
    match revoked {
        Ok(true) => {
            // Only then no server accepts it any more.
            thread::sleep(LEASE);
            Ok(())
        }
        Ok(false) | Err(Error::NotFound(_)) => Err(gone()),
        Err(error) => Err(error.into()),
    }
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
    let enterprise = super::enterprise(store, arguments.enterprise.as_deref())?;
    let team = |id: &String| argument("--team", id, str::parse::<TeamId>);
    let teams = arguments.team.iter().map(team).collect::<Result<Vec<_>, _>>()?;
    let teams = TokenTeams::try_from(teams)
        .map_err(|error| CommandError::Refused(format!("--team is not accepted: {error}")))?;
    Ok(NewToken {
        name: argument("--name", &arguments.name, |name| TokenName::try_from(name.to_owned()))?,
        note: argument("--note", &arguments.note, |note| TokenNote::try_from(note.to_owned()))?,
        user: arguments
            .user
            .map(|user| argument("--user", &user, |user| UserName::try_from(user.to_owned())))
            .transpose()?,
        role,
        enterprise,
        teams,
        expires_at: arguments.expires.map(|text| expiry(&text, now)).transpose()?,
        text: None,
    })
}

fn expiry(text: &str, now: DateTime<Utc>) -> Result<DateTime<Utc>, CommandError> {
    let wrong = || {
        CommandError::Refused(format!("--expires {text:?} is not accepted: give 30d, 12h or 90m"))
    };
    let duration = humantime::parse_duration(text).map_err(|_| wrong())?;
    let duration = TimeDelta::from_std(duration).map_err(|_| wrong())?;
    now.checked_add_signed(duration).ok_or_else(wrong)
}

fn explain(error: &Error) -> CommandError {
    match error {
        Error::NotFound(Thing::Enterprise) => no_enterprise(),
        Error::NotFound(Thing::Team) => {
            CommandError::Refused("there is no such team in that enterprise".to_owned())
        }
        Error::NotFound(_) => CommandError::Refused("there is no such token".to_owned()),
        error => error.clone().into(),
    }
}

fn state(token: &Token, now: DateTime<Utc>) -> &'static str {
    match token.accept(Presented::Current, now) {
        Ok(()) => "live",
        Err(TokenRefusal::Revoked) => "revoked",
        Err(TokenRefusal::Altered) => "altered",
        Err(_) => "expired",
    }
}

fn line(token: &Token, now: DateTime<Utc>) -> String {
    let Token { id, name, caller, .. } = token;
    let expires = token.expires_at.map_or_else(|| "never".to_owned(), |end| shown(Some(end)));
    let (state, used) = (state(token, now), shown(token.last_used_at));
    let (name, role, enterprise) = (name.as_ref(), caller.role, caller.enterprise_id);
    format!("{id}\t{name}\t{role}\t{enterprise}\t{expires}\t{state}\t{used}")
}

fn show(token: &Token, user: &str, now: DateTime<Utc>) {
    let teams: Vec<_> = token.caller.teams.iter().map(ToString::to_string).collect();
    let fields = [
        ("id", token.id.to_string()),
        ("name", token.name.as_ref().to_owned()),
        ("note", token.note.as_ref().to_owned()),
        ("role", token.caller.role.to_string()),
        ("enterprise", token.caller.enterprise_id.to_string()),
        ("user", format!("{} ({user})", token.caller.user_id.0)),
        ("teams", teams.join(" ")),
        ("state", state(token, now).to_owned()),
        ("created", shown(Some(token.created_at))),
        ("expires", shown(token.expires_at)),
        ("revoked", shown(token.revoked_at)),
        ("last used", shown(token.last_used_at)),
        ("overlap until", shown(token.overlap_ends_at)),
    ];
    for (name, value) in fields {
        println!("{name}: {value}");
    }
}
