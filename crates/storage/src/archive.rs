//! `cadastre audit archive`: old entries go into a file that verifies on its own, and only then out of
//! the database, while others serve.
//!
//! The file has one JSON object a line: a head that says after which entry it begins, the entries
//! with all that their hashes cover, and a foot with the last entry and a code over head and foot. It
//! is there whole or not at all. After it was read back, one transaction moves the place in the
//! register's row where the chain begins behind its last entry, and records the archive. What stands
//! before that place belongs to the register no more: it is not shown, and is deleted, some in a
//! transaction. So whatever is broken off leaves a sound chain whose beginning the file holds, and
//! the next file goes on where this one ends.

mod file;
mod line;

use std::path::Path;

use cadastre_domain::audit::{AuditArchive, Entry};
use chrono::{DateTime, SubsecRound as _, Utc};

use crate::audit::Chain;
use crate::vault::hex;
use crate::{ChainLink, StorageError, Store, Verification};
use file::Draft;
use line::{FootLine, HeadLine, Line};

/// How many entries are deleted in one transaction: few enough that other writers do not wait long.
const DELETED_AT_ONCE: i64 = 200;

/// How many entries are read in one statement.
const READ_AT_ONCE: i64 = 500;

/// Why entries are not archived, or an archive is not accepted.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// A failure of the storage.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The file cannot be read or written.
    #[error("cannot {0}: {1}")]
    Io(String, #[source] std::io::Error),
    /// Something else is at the place of the file.
    #[error("{0} is there already, and is not overwritten: it {1}")]
    Exists(String, String),
    /// The file is not a sound archive of this register.
    #[error("{0} is not a sound archive of this register: {1}")]
    Unsound(String, String),
    /// Another command archives entries of this register.
    #[error(
        "another command archives entries of this register now; run this one again when that has ended"
    )]
    Busy,
    /// The chain in the database is broken, so that nothing is archived.
    #[error("the chain of audit entries is broken at entry {0}: {1}")]
    Broken(i64, String),
}

/// What archiving came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Archived {
    /// There is no entry to archive; no file was written.
    Nothing,
    /// The entries are in the file, and no longer in the database.
    Done(ArchiveCheck),
}

/// What is in an archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArchiveCheck {
    /// The entry after which it begins.
    pub after: ChainLink,
    /// Its last entry.
    pub last: ChainLink,
    /// Its last entry is the last one from before this time, or stands before the first from later.
    pub before: DateTime<Utc>,
    /// Whether it contains the place that was asked for.
    pub contains: bool,
}

impl ArchiveCheck {
    /// How many entries it holds.
    #[must_use]
    pub const fn count(&self) -> i64 {
        self.last.sequence - self.after.sequence
    }
}

impl Store {
    /// Writes old entries into a file, reads it back, and removes them from the register; with that goes
    /// in what `entry` tells of the archive. When the file is there already, because the command was
    /// broken off, it only does what is left.
    ///
    /// The entries are those up to the last one from before `before`, cut to microseconds. It ends ahead
    /// of the first entry from between `before` and `now`. One from after `now` has a wrong time, and
    /// is taken for as old as the entry behind it.
    ///
    /// # Errors
    /// Failures of file and storage, that the chain is broken, and that another command archives.
    pub fn archive_audit(
        &self,
        path: &Path,
        before: DateTime<Utc>,
        now: DateTime<Utc>,
        entry: impl FnOnce(&AuditArchive) -> Entry,
    ) -> Result<Archived, ArchiveError> {
        // As exact as the file tells it.
        let before = before.trunc_subsecs(6);
        let _lock = self.lock_archives()?.ok_or(ArchiveError::Busy)?;
        file::remove_drafts(path)?;
        let check = if file::exists(path)? {
            Some(self.verify_own(path, before)?)
        } else if self.write_archive(path, before, now)? {
            Some(self.verify_archive(path, None)?)
        } else {
            None
        };
        if let Some(check) = &check {
            self.begin_after(path, check, entry)?;
        }
        // Also those that a command which was broken off has left.
        while self.write(|tx| tx.delete_archived(DELETED_AT_ONCE))? > 0 {}
        Ok(check.map_or(Archived::Nothing, Archived::Done))
    }

    /// Checks a file that is there already: it must be the one that this command would write.
    fn verify_own(&self, path: &Path, before: DateTime<Utc>) -> Result<ArchiveCheck, ArchiveError> {
        match self.verify_archive(path, None) {
            Ok(check) if check.before == before => Ok(check),
            Ok(check) => Err(exists(
                path,
                format!(
                    "is an archive up to another time; to go on with it, give {}",
                    line::time(check.before)
                ),
            )),
            Err(ArchiveError::Unsound(_, why)) => Err(exists(path, why)),
            Err(error) => Err(error),
        }
    }

    /// Writes the file; `false` when there is nothing to write.
    fn write_archive(
        &self,
        path: &Path,
        before: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<bool, ArchiveError> {
        let (key, ends) =
            self.read(|tx| Ok::<_, StorageError>((tx.chain_key()?, tx.chain_ends()?)))?;
        let mut chain = Chain::after(&ends.archived, &key.0);
        let head = HeadLine::new(&ends.archived, before).text();
        let mut draft = Draft::begin(path, &head)?;
        let mut end = None;
        'all: loop {
            let records = self.read(|tx| tx.entries_after(chain.sequence, READ_AT_ONCE))?;
            if records.is_empty() {
                break;
            }
            for record in records {
                if (before..=now).contains(&record.at) {
                    break 'all;
                }
                chain.follow(&record).map_err(broken)?;
                let is_old = record.at < before;
                let line = Line::entry(record)
                    .map_err(|why| ArchiveError::Broken(chain.sequence, why.to_string()))?;
                draft.write(&line)?;
                if is_old {
                    end = Some((chain.link(), draft.length()));
                }
            }
        }
        let Some((last, length)) = end else { return Ok(false) };
        draft.cut(length)?;
        let count = last.sequence - ends.archived.sequence;
        draft.write(&FootLine::new(count, &last, &key, &head).text())?;
        draft.publish()?;
        Ok(true)
    }

    /// Reads an archive of this register and checks every entry in it, and whether it contains a place
    /// that was noted earlier.
    ///
    /// # Errors
    /// Failures of file and storage, and that the archive is not sound.
    pub fn verify_archive(
        &self,
        path: &Path,
        contains: Option<&ChainLink>,
    ) -> Result<ArchiveCheck, ArchiveError> {
        let key = self.read(|tx| tx.chain_key())?;
        let unsound = |why: String| ArchiveError::Unsound(path.display().to_string(), why);
        let mut lines = file::Lines::open(path)?;
        let first = lines.next()?.unwrap_or_default();
        let head = HeadLine::parse(&first).map_err(unsound)?;
        let (after, before) = (head.after().map_err(unsound)?, head.before().map_err(unsound)?);
        let mut chain = Chain::after(&after, &key.0);
        let mut check =
            ArchiveCheck { contains: contains == Some(&after), last: after.clone(), after, before };
        let foot = loop {
            let line = lines.next()?.ok_or_else(|| unsound("its end is missing".to_owned()))?;
            match Line::parse(&line).map_err(unsound)? {
                Line::Foot(foot) => break foot,
                Line::Entry(record) => {
                    chain.follow(&record).map_err(|broken| match broken {
                        Verification::Broken(at, how) => unsound(format!("entry {at}: {how}")),
                        Verification::Sound(_) => unsound("it is not".to_owned()),
                    })?;
                    check.last = chain.link();
                    check.contains |= contains == Some(&check.last);
                }
            }
        };
        if !foot.belongs_to(check.count(), &chain.link(), &key, &first) {
            return Err(unsound("its head or its end was edited".to_owned()));
        }
        if lines.next()?.is_some() || check.count() == 0 {
            return Err(unsound("it has lines after its end, or none before".to_owned()));
        }
        Ok(check)
    }

    /// Has the chain begin after the last entry of a sound archive, and records that, unless that was
    /// done before.
    fn begin_after(
        &self,
        path: &Path,
        check: &ArchiveCheck,
        entry: impl FnOnce(&AuditArchive) -> Entry,
    ) -> Result<(), ArchiveError> {
        let begin = self.read(|tx| tx.chain_ends())?.archived;
        if begin == check.last {
            return Ok(());
        }
        let (first, last) = (check.after.sequence + 1, check.last.sequence);
        if begin != check.after {
            let how = format!(
                "holds the entries {first} to {last}, and those of the register begin after {}; give \
                 another file",
                begin.sequence
            );
            return Err(exists(path, how));
        }
        let hash = hex(&check.last.hash);
        let entry = entry(&AuditArchive { first, last, hash, before: check.before });
        let to = check.last.clone();
        self.write(move |tx| {
            tx.begin_chain_after(&begin, &to)?;
            tx.record(entry.clone());
            Ok::<_, StorageError>(())
        })?;
        Ok(())
    }
}

fn exists(path: &Path, how: String) -> ArchiveError {
    ArchiveError::Exists(path.display().to_string(), how)
}

fn broken(verification: Verification) -> ArchiveError {
    match verification {
        Verification::Broken(at, how) => ArchiveError::Broken(at, how),
        Verification::Sound(at) => ArchiveError::Broken(at, String::new()),
    }
}
