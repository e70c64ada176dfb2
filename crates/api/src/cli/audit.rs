//! `cadastre audit …`

mod verify;

use std::path::PathBuf;

use cadastre_domain::audit::{Entry, Outcome};
use cadastre_storage::{ArchiveError, Archived, AuditFilter, Store};
use chrono::{DateTime, TimeDelta, Utc};
use clap::{Args, Subcommand};

use super::{CommandError, actor, argument, shown};
use crate::clock::Clock;
use crate::error::Error;
use crate::native::AuditEntryView;

/// What to do with audit entries.
#[derive(Debug, Subcommand)]
pub(super) enum AuditCommand {
    /// List entries, the latest first, one JSON object a line
    List(Box<List>),
    /// Follow the chain of entries, and fail when one was edited, removed or put elsewhere
    Verify(verify::Verify),
    /// Write old entries to a file, and remove them from the register when the file was read back
    Archive(Archive),
}

#[derive(Debug, Args)]
pub(super) struct Archive {
    /// The entries up to the last one from before this time, as 2026-11-24T08:00:00Z; at least an hour ago
    #[arg(long)]
    before: String,
    /// The file, which must not be there yet; given again after a command that was broken off, the
    /// rest is done
    file: PathBuf,
}

/// How long entries stay in the register at least: other servers that have not read for a while follow
/// what has changed by them.
const STAY: TimeDelta = TimeDelta::hours(1);

#[derive(Debug, Args)]
pub(super) struct List {
    /// Only entries about this enterprise
    #[arg(long)]
    enterprise: Option<String>,
    /// Only entries by this token
    #[arg(long)]
    token: Option<String>,
    /// Only entries by the user with this number
    #[arg(long)]
    user: Option<i64>,
    /// Only entries of this operation, as `create_region`
    #[arg(long)]
    operation: Option<String>,
    /// Only entries with this outcome: `done`, `refused` or `sign_in_failed`
    #[arg(long)]
    outcome: Option<String>,
    /// Only entries about things of this kind, as region
    #[arg(long)]
    object_kind: Option<String>,
    /// Only entries about the thing with this id
    #[arg(long)]
    object_id: Option<String>,
    /// Only entries from this address
    #[arg(long)]
    address: Option<String>,
    /// Only entries in which secrets were shown
    #[arg(long)]
    revealed: bool,
    /// Only entries at this time or later, as 2026-11-24T08:00:00Z
    #[arg(long)]
    since: Option<String>,
    /// Only entries before this time
    #[arg(long)]
    until: Option<String>,
    /// Only entries before the one with this sequence: where a list that was cut off goes on
    #[arg(long)]
    before: Option<i64>,
    /// How many at most
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(i64).range(1..))]
    limit: i64,
}

pub(super) fn run(store: &Store, command: AuditCommand) -> Result<(), CommandError> {
    match command {
        AuditCommand::List(list) => {
            let limit = list.limit;
            let filter = filter(*list)?;
            for record in store.read(|tx| Ok::<_, Error>(tx.list_audit(&filter, limit)?))? {
                println!("{}", serde_json::json!(AuditEntryView::from(record)));
            }
            Ok(())
        }
        AuditCommand::Verify(verify) => verify::run(store, verify),
        AuditCommand::Archive(archive) => self::archive(store, &archive),
    }
}

fn archive(store: &Store, archive: &Archive) -> Result<(), CommandError> {
    let before = argument("--before", &archive.before, str::parse::<DateTime<Utc>>)?;
    let now = Clock::System.now();
    if before > now - STAY {
        let text = format!(
            "--before {:?} is not accepted: give a time at least an hour ago",
            archive.before
        );
        return Err(CommandError::Refused(text));
    }
    let told = |done: &_| Entry::done(&actor("archive_audit"), now, None, Some(done));
    match store.archive_audit(&archive.file, before, now, told)? {
        Archived::Nothing => {
            println!("nothing to archive up to {}", shown(Some(before)));
        }
        Archived::Done(check) => println!(
            "archived: {} entries in {}, the last is {}",
            check.count(),
            archive.file.display(),
            check.last
        ),
    }
    Ok(())
}

impl From<ArchiveError> for CommandError {
    fn from(error: ArchiveError) -> Self {
        match error {
            ArchiveError::Storage(error) => Error::Storage(error).into(),
            error => Self::Refused(error.to_string()),
        }
    }
}

fn filter(list: List) -> Result<AuditFilter, CommandError> {
    let outcome = list.outcome.map(|text| {
        let known = |text: &str| {
            let found = Outcome::ALL.into_iter().find(|outcome| outcome.as_str() == text);
            found.ok_or("give done, refused or sign_in_failed")
        };
        argument("--outcome", &text, known).map(|outcome| outcome.as_str().to_owned())
    });
    let time = |name, text: Option<String>| {
        let parse = |text: &str| text.parse::<DateTime<Utc>>();
        text.map(|text| argument(name, &text, parse)).transpose()
    };
    Ok(AuditFilter {
        enterprise: list
            .enterprise
            .map(|id| argument("--enterprise", &id, str::parse))
            .transpose()?,
        token: list.token.map(|id| argument("--token", &id, str::parse)).transpose()?,
        user: list.user.map(cadastre_domain::user::UserId),
        operation: list.operation,
        outcome: outcome.transpose()?,
        object_kind: list.object_kind,
        object_id: list.object_id,
        address: list.address,
        revealed: list.revealed,
        since: time("--since", list.since)?,
        until: time("--until", list.until)?,
        before: list.before,
    })
}
