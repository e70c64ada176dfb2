//! The lines of an archive.

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::audit::unhex;
use crate::mac::same;
use crate::vault::hex;
use crate::{AuditRecord, ChainKey, ChainLink};

/// What the head calls the format.
const FORMAT: &str = "cadastre audit archive 1";

/// A place in the chain.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LinkText {
    sequence: i64,
    hash: String,
}

impl From<&ChainLink> for LinkText {
    fn from(link: &ChainLink) -> Self {
        Self { sequence: link.sequence, hash: hex(&link.hash) }
    }
}

/// The first line.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct HeadLine {
    format: String,
    /// The time up to which entries were to be archived.
    before: String,
    /// They begin after this one.
    after: LinkText,
}

impl HeadLine {
    pub(super) fn new(after: &ChainLink, before: DateTime<Utc>) -> Self {
        Self { format: FORMAT.to_owned(), before: time(before), after: after.into() }
    }

    pub(super) fn text(&self) -> String {
        serde_json::json!(self).to_string()
    }

    pub(super) fn parse(line: &str) -> Result<Self, String> {
        let head: Self = serde_json::from_str(line).map_err(|_| "its head is none".to_owned())?;
        if head.format == FORMAT { Ok(head) } else { Err("its format is another".to_owned()) }
    }

    pub(super) fn after(&self) -> Result<ChainLink, String> {
        let LinkText { sequence, hash } = &self.after;
        format!("{sequence}:{hash}").parse().map_err(|_| "its head is none".to_owned())
    }

    pub(super) fn before(&self) -> Result<DateTime<Utc>, String> {
        self.before.parse().map_err(|_| "its head is none".to_owned())
    }
}

/// The last line.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FootLine {
    entries: i64,
    last: LinkText,
    /// A code over the head and the rest of this line, under the key of the chain.
    mac: String,
}

impl FootLine {
    pub(super) fn new(entries: i64, last: &ChainLink, key: &ChainKey, head: &str) -> Self {
        Self { entries, last: last.into(), mac: hex(&mac(entries, last, key, head)) }
    }

    pub(super) fn text(&self) -> String {
        serde_json::json!(self).to_string()
    }

    /// Whether this is the foot of an archive with this head, so many entries and this last one.
    pub(super) fn belongs_to(
        &self,
        entries: i64,
        last: &ChainLink,
        key: &ChainKey,
        head: &str,
    ) -> bool {
        let named = self.entries == entries
            && self.last.sequence == last.sequence
            && self.last.hash == hex(&last.hash);
        let code = unhex(&self.mac).unwrap_or_default();
        named && same(&code, &mac(entries, last, key, head))
    }
}

fn mac(entries: i64, last: &ChainLink, key: &ChainKey, head: &str) -> [u8; 32] {
    let (entries, sequence) = (entries.to_be_bytes(), last.sequence.to_be_bytes());
    key.archive_mac(&[head.as_bytes(), &entries, &sequence, &last.hash])
}

/// An entry, with all that its hash covers.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct EntryLine {
    sequence: i64,
    at: String,
    enterprise_id: Option<String>,
    token_id: Option<String>,
    user_id: Option<i64>,
    origin: String,
    address: Option<String>,
    request_id: Option<String>,
    operation: String,
    outcome: String,
    object_kind: Option<String>,
    object_id: Option<String>,
    /// To the letter, since the hash covers the text.
    changes: Box<RawValue>,
    revealed: String,
    reason: Option<String>,
    hash: String,
}

/// A line after the head.
pub(super) enum Line {
    Entry(Box<AuditRecord>),
    Foot(FootLine),
}

impl Line {
    /// The line of an entry.
    pub(super) fn entry(record: AuditRecord) -> Result<String, serde_json::Error> {
        serde_json::to_string(&EntryLine {
            sequence: record.sequence,
            at: time(record.at),
            enterprise_id: record.enterprise_id,
            token_id: record.token_id,
            user_id: record.user_id,
            origin: record.origin,
            address: record.address,
            request_id: record.request_id,
            operation: record.operation,
            outcome: record.outcome,
            object_kind: record.object_kind,
            object_id: record.object_id,
            changes: RawValue::from_string(record.changes)?,
            revealed: record.revealed,
            reason: record.reason,
            hash: hex(&record.hash),
        })
    }

    pub(super) fn parse(line: &str) -> Result<Self, String> {
        if let Ok(foot) = serde_json::from_str(line) {
            return Ok(Self::Foot(foot));
        }
        let no_entry = || "a line is no entry".to_owned();
        let entry: EntryLine = serde_json::from_str(line).map_err(|_| no_entry())?;
        Ok(Self::Entry(Box::new(AuditRecord {
            sequence: entry.sequence,
            at: entry.at.parse().map_err(|_| no_entry())?,
            enterprise_id: entry.enterprise_id,
            token_id: entry.token_id,
            user_id: entry.user_id,
            origin: entry.origin,
            address: entry.address,
            request_id: entry.request_id,
            operation: entry.operation,
            outcome: entry.outcome,
            object_kind: entry.object_kind,
            object_id: entry.object_id,
            changes: String::from(Box::<str>::from(entry.changes)),
            revealed: entry.revealed,
            reason: entry.reason,
            hash: unhex(&entry.hash).ok_or_else(no_entry)?,
        })))
    }
}

/// A time as exact as the register keeps it.
pub(super) fn time(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Micros, true)
}
