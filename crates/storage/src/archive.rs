//! `cadastre audit archive`: old entries go into a file that verifies on its own, and only then out of
//! the database, while others serve.
//!
//! The file has one JSON object a line: a head that says after which entry it begins, the entries
//! with all that their hashes cover, and a foot with the last entry and a code over head and foot. It
//! is there whole or not at all. Only after it was read back are its entries removed, some in a
//! transaction, each of which moves the place in the register's row where the chain begins. So
//! whatever is broken off leaves a sound chain, whose beginning the file holds, and the same command
//! goes on with the rest.

mod file;
mod line;

use std::path::Path;

use cadastre_domain::audit::{AuditArchive, Entry};
use chrono::{DateTime, Utc};

use crate::audit::Chain;
use crate::vault::hex;
use crate::{ChainLink, StorageError, Store, Verification};
use file::Draft;
use line::{FootLine, HeadLine, Line};

/// How many entries are removed in one transaction: few enough that other writers do not wait long.
const REMOVED_AT_ONCE: i64 = 200;

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
    /// The chain in the database is broken, so that nothing is archived.
    #[error("the chain of audit entries is broken at entry {0}: {1}")]
    Broken(i64, String),
}

/// What archiving came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Archived {
    /// There is no entry before that time; no file was written.
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
    /// Its entries are those before this time.
    pub before: DateTime<Utc>,
    /// Whether it contains the place that was asked for.
    pub contains: bool,
    /// Places up to which entries can be removed in one transaction.
    steps: Vec<ChainLink>,
}

impl ArchiveCheck {
    /// How many entries it holds.
    #[must_use]
    pub const fn count(&self) -> i64 {
        self.last.sequence - self.after.sequence
    }
}

impl Store {
    /// Writes the entries before this time into a file, reads it back, and removes them from the
    /// database; with the first of them goes in what `entry` tells of the archive. When the file is
    /// there already, because the command was broken off, it only does what is left.
    ///
    /// # Errors
    /// Failures of file and storage, and that the chain is broken.
    pub fn archive_audit(
        &self,
        path: &Path,
        before: DateTime<Utc>,
        entry: impl FnOnce(&AuditArchive) -> Entry,
    ) -> Result<Archived, ArchiveError> {
        if file::exists(path)? {
            let found = self.verify_archive(path, None);
            let other = |how: String| ArchiveError::Exists(path.display().to_string(), how);
            match found {
                Ok(check) if check.before == before => {
                    return self.remove(path, check, entry).map(Archived::Done);
                }
                Ok(_) => return Err(other("is an archive up to another time".to_owned())),
                Err(ArchiveError::Unsound(_, why)) => return Err(other(why)),
                Err(error) => return Err(error),
            }
        }
        if !self.write_archive(path, before)? {
            return Ok(Archived::Nothing);
        }
        let check = self.verify_archive(path, None)?;
        self.remove(path, check, entry).map(Archived::Done)
    }

    /// Writes the file; `false` when there is nothing to write.
    fn write_archive(&self, path: &Path, before: DateTime<Utc>) -> Result<bool, ArchiveError> {
        let (key, ends) =
            self.read(|tx| Ok::<_, StorageError>((tx.chain_key()?, tx.chain_ends()?)))?;
        let mut chain = Chain::after(&ends.archived, &key.0);
        let head = HeadLine::new(&ends.archived, before).text();
        let mut draft = None;
        'all: loop {
            let records = self.read(|tx| tx.entries_after(chain.sequence, READ_AT_ONCE))?;
            if records.is_empty() {
                break;
            }
            for record in records {
                if record.at >= before {
                    break 'all;
                }
                chain.follow(&record).map_err(broken)?;
                if draft.is_none() {
                    draft = Some(Draft::begin(path, &head)?);
                }
                if let Some(draft) = &mut draft {
                    draft
                        .write(&Line::entry(record).map_err(|why| {
                            ArchiveError::Broken(chain.sequence, why.to_string())
                        })?)?;
                }
            }
        }
        let Some(mut draft) = draft else { return Ok(false) };
        let count = chain.sequence - ends.archived.sequence;
        draft.write(&FootLine::new(count, &chain.link(), &key, &head).text())?;
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
        let mut check = ArchiveCheck {
            contains: contains == Some(&after),
            last: after.clone(),
            after,
            before,
            steps: Vec::new(),
        };
        let foot = loop {
            let line = lines.next()?.ok_or_else(|| unsound("its end is missing".to_owned()))?;
            match Line::parse(&line).map_err(unsound)? {
                Line::Foot(foot) => break foot,
                Line::Entry(record) => {
                    chain.follow(&record).map_err(|broken| match broken {
                        Verification::Broken(at, how) => unsound(format!("entry {at}: {how}")),
                        Verification::Sound(_) => unsound("it is not".to_owned()),
                    })?;
                    check.note(chain.link(), contains);
                }
            }
        };
        if !foot.belongs_to(check.count(), &chain.link(), &key, &first) {
            return Err(unsound("its head or its end was edited".to_owned()));
        }
        if lines.next()?.is_some() || check.count() == 0 {
            return Err(unsound("it has lines after its end, or none before".to_owned()));
        }
        if check.steps.last() != Some(&check.last) {
            check.steps.push(check.last.clone());
        }
        Ok(check)
    }

    /// Removes the entries of a sound archive that are still in the database.
    fn remove(
        &self,
        path: &Path,
        check: ArchiveCheck,
        entry: impl FnOnce(&AuditArchive) -> Entry,
    ) -> Result<ArchiveCheck, ArchiveError> {
        let mut from = self.read(|tx| tx.chain_ends())?.archived;
        let entry = entry(&AuditArchive {
            first: check.after.sequence + 1,
            last: check.last.sequence,
            hash: hex(&check.last.hash),
            before: check.before,
        });
        if from.sequence < check.after.sequence {
            let why = "begins after entries that are still in the database".to_owned();
            return Err(ArchiveError::Exists(path.display().to_string(), why));
        }
        let start = from.sequence;
        for to in check.steps.iter().filter(|to| to.sequence > start) {
            let (place, next) = (from.clone(), to.clone());
            // With the first of them, so that none goes without it, also when the rest is broken off.
            let told = (from == check.after).then(|| entry.clone());
            self.write(move |tx| {
                tx.remove_archived(&place, &next)?;
                told.iter().cloned().for_each(|entry| tx.record(entry));
                Ok::<_, StorageError>(())
            })?;
            from = to.clone();
        }
        Ok(check)
    }
}

impl ArchiveCheck {
    /// Notes the next entry.
    fn note(&mut self, link: ChainLink, contains: Option<&ChainLink>) {
        self.contains |= contains == Some(&link);
        if link.sequence % REMOVED_AT_ONCE == 0 {
            self.steps.push(link.clone());
        }
        self.last = link;
    }
}

fn broken(verification: Verification) -> ArchiveError {
    match verification {
        Verification::Broken(at, how) => ArchiveError::Broken(at, how),
        Verification::Sound(at) => ArchiveError::Broken(at, String::new()),
    }
}
