//! `cadastre audit …`

use cadastre_domain::audit::Outcome;
use cadastre_storage::{AuditFilter, Store, Verification};
use chrono::{DateTime, Utc};
use clap::{Args, Subcommand};

use super::{CommandError, argument};
use crate::error::Error;
use crate::native::AuditEntryView;

/// What to do with audit entries.
#[derive(Debug, Subcommand)]
pub(super) enum AuditCommand {
    /// List entries, the latest first, one JSON object a line
    List(Box<List>),
    /// Follow the chain of entries, and fail when one was edited, removed or put elsewhere
    Verify,
}

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
        AuditCommand::Verify => match store.read(|tx| Ok::<_, Error>(tx.verify_audit()?))? {
            Verification::Sound(count) => {
                println!("sound: {count} entries");
                Ok(())
            }
            Verification::Broken(sequence, how) => Err(CommandError::Refused(format!(
                "the chain of audit entries is broken at entry {sequence}: {how}"
            ))),
        },
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
