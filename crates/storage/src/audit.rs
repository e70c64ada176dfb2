//! Audit entries as they are stored, and the chain that binds them.

use cadastre_domain::audit::{Entry, FieldChange, Object, Origin, Value};
use cadastre_domain::id::{EnterpriseId, TokenId};
use cadastre_domain::user::UserId;
use chrono::{DateTime, Utc};

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use crate::mac::{hmac_sha256, same};
use crate::safe::RegisterKeys;
use crate::vault::hex;

/// A stored entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRecord {
    /// Its place in the chain, from 1, without gaps.
    pub sequence: i64,
    /// When it happened.
    pub at: DateTime<Utc>,
    /// The enterprise that it is about.
    pub enterprise_id: Option<String>,
    /// The token that was used, or that somebody claimed to have.
    pub token_id: Option<String>,
    /// The user that the token acts for.
    pub user_id: Option<i64>,
    /// How the register was reached: `request`, `command` or `server`.
    pub origin: String,
    /// The address of the client.
    pub address: Option<String>,
    /// The id of the request.
    pub request_id: Option<String>,
    /// What was asked for.
    pub operation: String,
    /// What came of it: `done`, `refused` or `sign_in_failed`.
    pub outcome: String,
    /// What kind of thing it was done to.
    pub object_kind: Option<String>,
    /// The identifier of that thing.
    pub object_id: Option<String>,
    /// The fields that changed, as a JSON array of `{"field","before","after"}`. A secret is
    /// `{"fingerprint":"<16 hex digits>"}`.
    pub changes: String,
    /// The secrets that were shown, their names separated by commas.
    pub revealed: String,
    /// Why it was refused.
    pub reason: Option<String>,
    /// The code of this entry and all before it.
    pub hash: Vec<u8>,
}

/// Which entries to list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Those about this enterprise.
    pub enterprise: Option<EnterpriseId>,
    /// Those by this token.
    pub token: Option<TokenId>,
    /// Those by this user.
    pub user: Option<UserId>,
    /// Those of this operation.
    pub operation: Option<String>,
    /// Those with this outcome.
    pub outcome: Option<String>,
    /// Those about things of this kind.
    pub object_kind: Option<String>,
    /// Those about the thing with this identifier.
    pub object_id: Option<String>,
    /// Those from this address.
    pub address: Option<String>,
    /// Only those in which secrets were shown.
    pub revealed: bool,
    /// Those at this time or later.
    pub since: Option<DateTime<Utc>>,
    /// Those before this time.
    pub until: Option<DateTime<Utc>>,
    /// Those that stand before this one in the chain.
    pub before: Option<i64>,
}

impl AuditFilter {
    /// Whether every entry fits, wherever a list of them goes on.
    pub(crate) fn is_empty(&self) -> bool {
        *self == Self { before: self.before, ..Self::default() }
    }
}

/// A place in the chain: an entry, and the hash that it and all before it have. Its text is
/// `1234:<64 hex digits>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainLink {
    /// The sequence of the entry; 0 is before the first.
    pub sequence: i64,
    /// Its hash, of 32 bytes.
    pub hash: Vec<u8>,
}

impl ChainLink {
    /// The place before the first entry.
    #[must_use]
    pub fn start() -> Self {
        Self { sequence: 0, hash: vec![0; 32] }
    }
}

impl fmt::Display for ChainLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.sequence, hex(&self.hash))
    }
}

/// A text that is no place in a chain.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("give a sequence and a hash, as 1234:<64 hex digits>")]
pub struct ChainLinkError;

impl FromStr for ChainLink {
    type Err = ChainLinkError;

    fn from_str(text: &str) -> Result<Self, ChainLinkError> {
        let (sequence, hash) = text.split_once(':').ok_or(ChainLinkError)?;
        let sequence = sequence.parse().map_err(|_| ChainLinkError)?;
        let hash = unhex(hash).filter(|hash| hash.len() == 32).ok_or(ChainLinkError)?;
        if sequence < 0 { Err(ChainLinkError) } else { Ok(Self { sequence, hash }) }
    }
}

/// The bytes that these hex digits stand for.
pub(crate) fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<_>> = text.chars().map(|digit| digit.to_digit(16)).collect();
    let digits = digits.filter(|digits| digits.len() % 2 == 0)?;
    digits.chunks(2).map(|pair| u8::try_from(pair[0] * 16 + pair[1]).ok()).collect()
}

/// Where the chain of the entries in the database begins and ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainEnds {
    /// The last entry that was archived; the chain goes on after it.
    pub archived: ChainLink,
    /// The last entry.
    pub last: ChainLink,
}

/// What a check of the chain came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verification {
    /// Nothing was edited, removed or put elsewhere in so many entries.
    Sound(i64),
    /// The chain breaks at the entry of this sequence; the text says how.
    Broken(i64, String),
}

/// What a check of the chain came to, and where it begins and ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditCheck {
    /// Whether the chain is sound.
    pub verification: Verification,
    /// The ends between which it was followed.
    pub ends: ChainEnds,
}

/// Whether a place that was noted earlier is in the chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkCheck {
    /// It is: everything up to it is what it was then.
    Contained,
    /// The entry was archived, so that only the file can tell.
    Archived,
    /// The entry has another hash: the chain is not the one that it was then.
    Differs,
    /// The chain ends before that entry.
    Missing,
}

/// The key that binds the chain, for those who follow it or archive a part of it.
#[derive(Clone)]
pub struct ChainKey(pub(crate) Arc<RegisterKeys>);

impl ChainKey {
    /// The code of some parts that belong to an archive.
    pub(crate) fn archive_mac(&self, parts: &[&[u8]]) -> [u8; 32] {
        let mut all: Vec<&[u8]> = vec![b"archive"];
        all.extend(parts);
        hmac_sha256(&self.0.audit, &all)
    }
}

impl AuditRecord {
    /// The record of `entry` at this place of the chain.
    pub(crate) fn new(entry: &Entry, sequence: i64, before: &[u8], keys: &RegisterKeys) -> Self {
        let (address, request_id) = match &entry.actor.origin {
            Origin::Request { address, id } => {
                (address.as_ref().map(ToString::to_string), Some(id.clone()))
            }
            Origin::Command | Origin::Server => (None, None),
        };
        let object = entry.object.as_ref();
        let mut record = Self {
            sequence,
            at: entry.at,
            enterprise_id: entry.enterprise_id.map(String::from),
            token_id: entry.actor.token_id.map(String::from),
            user_id: entry.actor.user_id.map(|user| user.0),
            origin: entry.actor.origin.as_str().to_owned(),
            address,
            request_id,
            operation: entry.actor.operation.to_owned(),
            outcome: entry.outcome.as_str().to_owned(),
            object_kind: object.map(|object| object.kind.to_string()),
            object_id: object.map(|object| object.id.clone()),
            changes: changes(object, &entry.changes, keys),
            revealed: entry.revealed.join(","),
            reason: entry.reason.clone(),
            hash: Vec::new(),
        };
        record.hash = record.link(before, keys).to_vec();
        record
    }

    /// The code of this record behind one with the code `before`.
    pub(crate) fn link(&self, before: &[u8], keys: &RegisterKeys) -> [u8; 32] {
        let user = self.user_id.map(|user| user.to_string());
        let texts = [
            &self.enterprise_id,
            &self.token_id,
            &user,
            &self.address,
            &self.request_id,
            &self.object_kind,
            &self.object_id,
            &self.reason,
        ];
        // What is null and what is empty differ in their first byte.
        let texts =
            texts.map(|text| text.as_ref().map_or(Vec::new(), |t| [b"=", t.as_bytes()].concat()));
        let mut parts: Vec<&[u8]> = vec![b"entry", before];
        let (sequence, at) =
            (self.sequence.to_be_bytes(), self.at.timestamp_micros().to_be_bytes());
        parts.extend([&sequence[..], &at]);
        parts.extend(texts.iter().map(Vec::as_slice));
        let words = [&self.origin, &self.operation, &self.outcome, &self.changes, &self.revealed];
        parts.extend(words.map(String::as_bytes));
        hmac_sha256(&keys.audit, &parts)
    }
}

/// The code by which the ends of the chain are known: without it, the last entries, or the first,
/// could be removed. Before anything is archived, it is what it was in earlier versions.
pub(crate) fn seal(ends: &ChainEnds, keys: &RegisterKeys) -> [u8; 32] {
    let ChainEnds { archived, last } = ends;
    let (first, end) = (archived.sequence.to_be_bytes(), last.sequence.to_be_bytes());
    let mut parts: Vec<&[u8]> = vec![b"end", &end, &last.hash];
    if *archived != ChainLink::start() {
        parts.extend([&first[..], &archived.hash]);
    }
    hmac_sha256(&keys.audit, &parts)
}

/// The chain as far as it was checked.
pub(crate) struct Chain<'a> {
    pub(crate) sequence: i64,
    pub(crate) hash: Vec<u8>,
    keys: &'a RegisterKeys,
}

impl<'a> Chain<'a> {
    /// The chain that goes on after this entry.
    pub(crate) fn after(link: &ChainLink, keys: &'a RegisterKeys) -> Self {
        Self { sequence: link.sequence, hash: link.hash.clone(), keys }
    }

    /// The entry up to which it was checked.
    pub(crate) fn link(&self) -> ChainLink {
        ChainLink { sequence: self.sequence, hash: self.hash.clone() }
    }

    /// Takes the next entry, or says what is wrong with it.
    pub(crate) fn follow(&mut self, record: &AuditRecord) -> Result<(), Verification> {
        let expected = self.sequence + 1;
        if record.sequence != expected {
            let text = format!("entry {expected} is missing");
            return Err(Verification::Broken(expected, text));
        }
        if !same(&record.link(&self.hash, self.keys), &record.hash) {
            let text = "it was edited, or put elsewhere".to_owned();
            return Err(Verification::Broken(expected, text));
        }
        self.sequence = expected;
        self.hash.clone_from(&record.hash);
        Ok(())
    }

    /// Compares the chain with the ends that the register remembers.
    pub(crate) fn finish(self, ends: &ChainEnds, remembered: &[u8]) -> Verification {
        let broken = |text: &str| Verification::Broken(self.sequence, text.to_owned());
        let last = &ends.last;
        if !same(&seal(ends, self.keys), remembered) {
            broken("what the register remembers of the end of the chain was edited")
        } else if self.sequence != last.sequence || !same(&self.hash, &last.hash) {
            broken("entries after it were removed")
        } else {
            Verification::Sound(last.sequence - ends.archived.sequence)
        }
    }
}

/// What changed of a thing, as an entry tells it.
pub(crate) fn changes(
    object: Option<&Object>,
    changes: &[FieldChange],
    keys: &RegisterKeys,
) -> String {
    let (kind, id) = object.map_or(("", ""), |object| (object.kind.as_ref(), object.id.as_str()));
    let changes = changes.iter().map(|change| {
        let value = |value: &Option<Value>| match value {
            None => serde_json::Value::Null,
            Some(Value::Text(text)) => text.clone().into(),
            Some(Value::Secret(secret)) => {
                serde_json::json!({"fingerprint": keys.fingerprint(kind, id, change.field, secret)})
            }
        };
        let (before, after) = (value(&change.before), value(&change.after));
        serde_json::json!({"field": change.field, "before": before, "after": after})
    });
    serde_json::Value::Array(changes.collect()).to_string()
}

#[cfg(test)]
mod tests;
