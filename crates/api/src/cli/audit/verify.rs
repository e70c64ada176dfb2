//! `cadastre audit verify`

use std::path::PathBuf;

use cadastre_storage::{ArchiveCheck, AuditCheck, ChainLink, LinkCheck, Store, Verification};
use clap::Args;

use crate::cli::{CommandError, argument};
use crate::error::Error;

#[derive(Debug, Args)]
pub(in crate::cli) struct Verify {
    /// Fail as well when the chain does not contain this place, as an earlier call or the log of a
    /// server told it: the sequence of an entry and its hash
    #[arg(long, value_name = "SEQUENCE:HASH")]
    contains: Option<String>,
    /// An archive to check with the register, and whether the chain goes on from it; may be repeated
    #[arg(long)]
    file: Vec<PathBuf>,
}

/// Checks archives and register, and prints a line about each when all is as it should be.
pub(super) fn run(store: &Store, verify: Verify) -> Result<(), CommandError> {
    let contains = verify.contains.map(|text| argument("--contains", &text, str::parse));
    let contains: Option<ChainLink> = contains.transpose()?;
    let mut archives = Vec::with_capacity(verify.file.len());
    let mut lines = Vec::new();
    for path in verify.file {
        let check = store.verify_archive(&path, contains.as_ref())?;
        let (count, last) = (check.count(), &check.last);
        lines.push(format!("sound: {count} entries in {}, the last is {last}", path.display()));
        archives.push((path, check));
    }
    archives.sort_by_key(|(_, check)| check.after.sequence);
    check_joints(store, &archives)?;
    let AuditCheck { verification: found, ends } =
        store.read(|tx| Ok::<_, Error>(tx.verify_audit()?))?;
    let after = match ends.archived.sequence {
        0 => String::new(),
        gone => format!(" after {gone} archived ones"),
    };
    match found {
        Verification::Sound(count) => {
            lines.push(format!("sound: {count} entries{after}, the last is {}", ends.last));
        }
        Verification::Broken(sequence, how) => {
            return refuse(format!(
                "the chain of audit entries is broken at entry {sequence}: {how}"
            ));
        }
    }
    if let Some(place) = contains {
        check_contained(store, &archives, &place, &ends.last)?;
        lines.push(format!("contained: {place}"));
    }
    println!("{}", lines.join("\n"));
    Ok(())
}

fn refuse(text: String) -> Result<(), CommandError> {
    Err(CommandError::Refused(text))
}

/// Checks that each archive goes on from the one before it, and the register from the last.
fn check_joints(store: &Store, archives: &[(PathBuf, ArchiveCheck)]) -> Result<(), CommandError> {
    for pair in archives.windows(2) {
        let [(before, first), (path, second)] = pair else { continue };
        if first.last != second.after {
            let (path, before) = (path.display(), before.display());
            return refuse(format!("{path} does not go on from {before}"));
        }
    }
    let Some((path, last)) = archives.last() else { return Ok(()) };
    match store.read(|tx| Ok::<_, Error>(tx.check_link(&last.last)?))? {
        LinkCheck::Contained => Ok(()),
        LinkCheck::Archived => refuse(format!(
            "entries after {} were archived, too: name that archive with --file as well",
            path.display()
        )),
        LinkCheck::Differs | LinkCheck::Missing => {
            refuse(format!("the register's chain does not go on from {}", path.display()))
        }
    }
}

/// Checks that the place is in an archive or in the register's chain, which ends at `last`.
fn check_contained(
    store: &Store,
    archives: &[(PathBuf, ArchiveCheck)],
    place: &ChainLink,
    last: &ChainLink,
) -> Result<(), CommandError> {
    let sequence = place.sequence;
    let covers =
        |check: &ArchiveCheck| (check.after.sequence..=check.last.sequence).contains(&sequence);
    let found = if archives.iter().any(|(_, check)| check.contains) {
        LinkCheck::Contained
    } else if archives.iter().any(|(_, check)| covers(check)) {
        LinkCheck::Differs
    } else {
        store.read(|tx| Ok::<_, Error>(tx.check_link(place)?))?
    };
    match found {
        LinkCheck::Contained => Ok(()),
        LinkCheck::Archived => refuse(format!(
            "entry {sequence} was archived: name the archive that holds it with --file"
        )),
        LinkCheck::Differs => refuse(format!(
            "entry {sequence} is not the one that was noted: the chain was put back and went on differently"
        )),
        LinkCheck::Missing => refuse(format!(
            "the chain ends at entry {}, before entry {sequence}: an earlier state was put back",
            last.sequence
        )),
    }
}
