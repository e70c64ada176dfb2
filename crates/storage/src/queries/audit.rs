//! Rows and queries of audit entries.

use cadastre_domain::audit::{Entry, FieldChange, Object, Outcome};
use chrono::{DateTime, Utc};
use diesel::dsl::{max, min};
use diesel::prelude::*;

use super::register::Head;
use super::scan::{self, Fits, Looked, found_rows};
use super::schema::{audit_entries, register};
use super::{Conn, Repository, Result, findable};
use crate::audit::{
    AuditCheck, AuditFilter, AuditRecord, Chain, ChainEnds, ChainKey, ChainLink, LinkCheck,
    Verification, seal,
};
use crate::mac::same;
use crate::{Audit, Found, MOST_SCANNED, StorageError, Total};

/// How many entries are written or read in one statement.
const CHUNK: usize = 500;
const CHUNK_LIMIT: i64 = 500;

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = audit_entries, treat_none_as_default_value = false)]
struct AuditRow {
    sequence: i64,
    at: DateTime<Utc>,
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
    changes: String,
    revealed: String,
    reason: Option<String>,
    hash: Vec<u8>,
}

impl From<AuditRow> for AuditRecord {
    fn from(row: AuditRow) -> Self {
        Self {
            sequence: row.sequence,
            at: row.at,
            enterprise_id: row.enterprise_id,
            token_id: row.token_id,
            user_id: row.user_id,
            origin: row.origin,
            address: row.address,
            request_id: row.request_id,
            operation: row.operation,
            outcome: row.outcome,
            object_kind: row.object_kind,
            object_id: row.object_id,
            changes: row.changes,
            revealed: row.revealed,
            reason: row.reason,
            hash: row.hash,
        }
    }
}

impl From<AuditRecord> for AuditRow {
    fn from(record: AuditRecord) -> Self {
        Self {
            sequence: record.sequence,
            at: record.at,
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
            changes: record.changes,
            revealed: record.revealed,
            reason: record.reason,
            hash: record.hash,
        }
    }
}

/// A list of entries that is being narrowed down.
type Narrowed<'a> = audit_entries::BoxedQuery<'a, <Conn as Connection>::Backend>;

/// Which entries an index leaves for a scan to look at.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Driver {
    /// Those about one thing.
    Object,
    /// Those about one enterprise.
    Enterprise,
    /// Those about things of one kind.
    Kind,
    /// All.
    Chain,
}

impl Driver {
    const fn of(filter: &AuditFilter) -> Self {
        if filter.object_kind.is_some() && filter.object_id.is_some() {
            Self::Object
        } else if filter.enterprise.is_some() {
            Self::Enterprise
        } else if filter.object_kind.is_some() {
            Self::Kind
        } else {
            Self::Chain
        }
    }
}

/// The entries that a scan for this filter looks at, wherever a list of them goes on.
fn driven(filter: &AuditFilter) -> Narrowed<'_> {
    let query = audit_entries::table.into_boxed();
    let kind = audit_entries::object_kind.eq(filter.object_kind.as_deref().map(findable));
    match Driver::of(filter) {
        Driver::Object => query
            .filter(kind)
            .filter(audit_entries::object_id.eq(filter.object_id.as_deref().map(findable))),
        Driver::Enterprise => {
            query.filter(audit_entries::enterprise_id.eq(filter.enterprise.map(String::from)))
        }
        Driver::Kind => query.filter(kind),
        Driver::Chain => query,
    }
}

/// Adds a condition on a column, if a value is given for it.
macro_rules! ask {
    ($conditions:ident, $($column:ident $compare:ident $value:expr;)*) => {
        $(if let Some(value) = $value {
            $conditions.push(Box::new(audit_entries::$column.$compare(value).nullable()));
        })*
    };
}

/// What the filter asks for besides what [`driven`] does.
fn conditions(filter: &AuditFilter) -> Vec<Fits<'_, audit_entries::table>> {
    let driver = Driver::of(filter);
    let enterprise = filter.enterprise.filter(|_| driver != Driver::Enterprise);
    let is_by_kind = matches!(driver, Driver::Object | Driver::Kind);
    let kind = filter.object_kind.as_deref().map(findable).filter(|_| !is_by_kind);
    let object = filter.object_id.as_deref().map(findable).filter(|_| driver != Driver::Object);
    let mut conditions: Vec<Fits<'_, audit_entries::table>> = Vec::new();
    ask! { conditions,
        enterprise_id eq enterprise.map(String::from);
        token_id eq filter.token.map(String::from);
        user_id eq filter.user.map(|user| user.0);
        address eq filter.address.as_deref().map(findable);
        operation eq filter.operation.as_deref().map(findable);
        outcome eq filter.outcome.as_deref();
        object_kind eq kind;
        object_id eq object;
        revealed ne filter.revealed.then_some("");
        at ge filter.since;
        at lt filter.until;
    }
    conditions
}

impl Repository<'_> {
    /// Writes the collected entries behind the end of the chain, and moves the end.
    pub(super) fn write_entries(&mut self, entries: &[Entry]) -> Result<()> {
        let keys = self.keys()?;
        let head = self.head()?;
        let mut rows = Vec::with_capacity(entries.len());
        for entry in entries {
            let sequence = head.audit_sequence + 1;
            let record = AuditRecord::new(entry, sequence, &head.audit_hash, &keys);
            head.audit_sequence = sequence;
            head.audit_hash.clone_from(&record.hash);
            rows.push(AuditRow::from(record));
        }
        head.audit_seal = seal(&head.ends(), &keys).to_vec();
        let end = head.clone();
        self.insert_entries(rows)?;
        diesel::update(register::table)
            .set((
                register::audit_sequence.eq(end.audit_sequence),
                register::audit_hash.eq(end.audit_hash),
                register::audit_seal.eq(end.audit_seal),
            ))
            .execute(self.conn)?;
        Ok(())
    }

    fn insert_entries(&mut self, mut rows: Vec<AuditRow>) -> Result<()> {
        let insert = || diesel::insert_into(audit_entries::table);
        while !rows.is_empty() {
            let rest = rows.split_off(rows.len().min(CHUNK));
            if rows.len() == 1 {
                // Only a statement for a single row is prepared once and kept.
                insert().values(rows.remove(0)).execute(self.conn)?;
            } else {
                insert().values(rows).execute(self.conn)?;
            }
            rows = rest;
        }
        Ok(())
    }

    /// Looks at entries before one, the latest first. Those up to `archived` fit no filter.
    fn look_at_entries(
        &mut self,
        filter: &AuditFilter,
        archived: i64,
        before: Option<&i64>,
        chunk: i64,
    ) -> Result<Vec<Looked<i64, i64>>> {
        let mut query = driven(filter);
        if let Some(before) = before {
            query = query.filter(audit_entries::sequence.lt(*before));
        }
        let fits: Fits<'_, audit_entries::table> = scan::all!(conditions(filter));
        let rows: Vec<(i64, Option<bool>)> = query
            .order(audit_entries::sequence.desc())
            .limit(chunk)
            .select((audit_entries::sequence, fits))
            .load(self.conn()?)?;
        let looked = rows.into_iter().map(|(at, fits)| {
            let is_shown = fits == Some(true) && at > archived;
            (at, is_shown.then_some(at))
        });
        Ok(looked.collect())
    }

    /// The latest entries that an index leaves, of which a list shows all after `archived`.
    fn latest_entries(
        &mut self,
        filter: &AuditFilter,
        archived: i64,
        limit: i64,
    ) -> Result<Vec<AuditRecord>> {
        let mut query = driven(filter);
        if let Some(before) = filter.before {
            query = query.filter(audit_entries::sequence.lt(before));
        }
        let rows: Vec<AuditRow> = query
            .order(audit_entries::sequence.desc())
            .limit(limit)
            .select(AuditRow::as_select())
            .load(self.conn()?)?;
        let shown = rows.into_iter().filter(|row| row.sequence > archived);
        Ok(shown.map(AuditRecord::from).collect())
    }

    /// The register's row as it is committed now, and not as this transaction began with it.
    fn head_now(&mut self) -> Result<Head> {
        Ok(register::table.select(Head::as_select()).get_result(self.conn()?)?)
    }

    /// Follows the chain from where it begins now.
    fn follow_chain(&mut self) -> Result<AuditCheck> {
        let keys = self.keys()?;
        // Asked for before the end: entries and end move together, so that only an entry that
        // somebody put there can stand behind it.
        let last: Option<i64> =
            audit_entries::table.select(max(audit_entries::sequence)).get_result(self.conn()?)?;
        // What is written meanwhile stands behind this end and does not disturb.
        let head = self.head_now()?;
        let ends = head.ends();
        let check = |verification| AuditCheck { verification, ends: ends.clone() };
        let mut chain = Chain::after(&ends.archived, &keys);
        while chain.sequence < ends.last.sequence {
            let records = self.entries_after(chain.sequence, CHUNK_LIMIT)?;
            if records.is_empty() {
                break;
            }
            let missing = ends.last.sequence - chain.sequence;
            for record in records.iter().take(usize::try_from(missing).unwrap_or(usize::MAX)) {
                if let Err(broken) = chain.follow(record) {
                    return Ok(check(broken));
                }
            }
        }
        let found = chain.finish(&ends, &head.audit_seal);
        if matches!(found, Verification::Sound(_))
            && last.is_some_and(|last| last > ends.last.sequence)
        {
            let stray = self.entries_after(ends.last.sequence, 1)?;
            let sequence = stray.first().map_or(ends.last.sequence, |record| record.sequence);
            let text = "it was put behind the end".to_owned();
            return Ok(check(Verification::Broken(sequence, text)));
        }
        Ok(check(found))
    }

    fn hash_of(&mut self, sequence: i64) -> Result<Option<Vec<u8>>> {
        let hash = audit_entries::table.find(sequence).select(audit_entries::hash);
        Ok(hash.get_result(self.conn()?).optional()?)
    }
}

/// What keeps entries from being removed.
fn not_removed(why: &str) -> StorageError {
    StorageError::Unusable(format!("archived entries are not removed: {why}"))
}

impl Audit for Repository<'_> {
    fn record(&mut self, entry: Entry) {
        self.entries.push(entry);
    }

    fn tell(&mut self, object: &Object, changes: &[FieldChange]) -> Result<String> {
        Ok(crate::audit::changes(Some(object), changes, &*self.keys()?))
    }

    fn scan_audit(&mut self, filter: &AuditFilter, limit: i64) -> Result<Found<AuditRecord, i64>> {
        // A row that stands before the chain is an archived one that is not deleted yet, or was put there.
        let archived = self.chain_ends()?.archived.sequence;
        if conditions(filter).is_empty() {
            return Ok(Found::whole(self.latest_entries(filter, archived, limit)?));
        }
        let look =
            |before: Option<&i64>, chunk| self.look_at_entries(filter, archived, before, chunk);
        let found = scan::scan(filter.before, scan::size(limit), MOST_SCANNED, look)?;
        let sequence = audit_entries::sequence;
        let mut rows = found_rows!(self, audit_entries::table, sequence, found.items, AuditRow);
        rows.sort_by_key(|row| std::cmp::Reverse(row.sequence));
        let items = rows.into_iter().map(AuditRecord::from).collect();
        Ok(Found { items, rest: found.rest })
    }

    fn list_audit(&mut self, filter: &AuditFilter, limit: i64) -> Result<Vec<AuditRecord>> {
        let (mut filter, mut entries) = (filter.clone(), Vec::new());
        loop {
            let left = limit - i64::try_from(entries.len()).unwrap_or(i64::MAX);
            let found = self.scan_audit(&filter, left)?;
            entries.extend(found.items);
            let is_full = entries.len() >= scan::size(limit);
            if is_full || found.rest.is_none() {
                return Ok(entries);
            }
            filter.before = found.rest;
        }
    }

    fn count_audit(&mut self, filter: &AuditFilter) -> Result<Total> {
        let ChainEnds { archived, last } = self.chain_ends()?;
        if filter.is_empty() {
            // The chain has no gaps, so its ends tell, however long it is.
            return Ok(Total::exact(last.sequence - archived.sequence));
        }
        scan::count(|before, chunk| self.look_at_entries(filter, archived.sequence, before, chunk))
    }

    fn last_entry(&mut self) -> Result<i64> {
        Ok(register::table.find(1).select(register::audit_sequence).get_result(self.conn()?)?)
    }

    fn changed_since(
        &mut self,
        sequence: i64,
        limit: i64,
    ) -> Result<Option<Vec<(i64, String, String)>>> {
        // With the entry of this sequence: archiving removes from the beginning, so that none after
        // it can be gone when it is there.
        let rows: Vec<(i64, String, Option<String>, Option<String>)> = audit_entries::table
            .filter(audit_entries::sequence.ge(sequence))
            .order(audit_entries::sequence)
            .limit(limit.saturating_add(1))
            .select((
                audit_entries::sequence,
                audit_entries::outcome,
                audit_entries::object_kind,
                audit_entries::object_id,
            ))
            .load(self.conn()?)?;
        let is_whole = match rows.first() {
            Some((first, ..)) if *first == sequence => true,
            _ => sequence == 0 && self.chain_ends()?.archived == ChainLink::start(),
        };
        let changes = rows.into_iter().filter_map(|(at, outcome, kind, id)| {
            let is_change = at > sequence && outcome == Outcome::Done.as_str();
            Some((at, kind.filter(|_| is_change)?, id?))
        });
        Ok(is_whole.then(|| changes.collect()))
    }

    fn chain_ends(&mut self) -> Result<ChainEnds> {
        Ok(self.head_now()?.ends())
    }

    fn chain_key(&mut self) -> Result<ChainKey> {
        Ok(ChainKey(self.keys()?))
    }

    fn verify_audit(&mut self) -> Result<AuditCheck> {
        loop {
            let check = self.follow_chain()?;
            // What was archived meanwhile is missing, and yet nothing is wrong.
            let is_broken = matches!(check.verification, Verification::Broken(..));
            if !is_broken || self.chain_ends()?.archived == check.ends.archived {
                return Ok(check);
            }
        }
    }

    fn check_link(&mut self, link: &ChainLink) -> Result<LinkCheck> {
        let compare = |hash: &[u8]| {
            if same(hash, &link.hash) { LinkCheck::Contained } else { LinkCheck::Differs }
        };
        // First, so that an entry that is archived meanwhile is found there or here.
        let hash = self.hash_of(link.sequence)?;
        let ends = self.chain_ends()?;
        Ok(match hash {
            _ if link.sequence > ends.last.sequence => LinkCheck::Missing,
            _ if link.sequence < ends.archived.sequence => LinkCheck::Archived,
            _ if link.sequence == ends.archived.sequence => compare(&ends.archived.hash),
            Some(hash) => compare(&hash),
            None => LinkCheck::Differs,
        })
    }

    fn entries_after(&mut self, sequence: i64, limit: i64) -> Result<Vec<AuditRecord>> {
        let rows: Vec<AuditRow> = audit_entries::table
            .filter(audit_entries::sequence.gt(sequence))
            .order(audit_entries::sequence)
            .limit(limit)
            .select(AuditRow::as_select())
            .load(self.conn()?)?;
        Ok(rows.into_iter().map(AuditRecord::from).collect())
    }

    fn begin_chain_after(&mut self, from: &ChainLink, to: &ChainLink) -> Result<()> {
        let keys = self.keys()?;
        let head = self.head()?;
        if !same(&seal(&head.ends(), &keys), &head.audit_seal) {
            return Err(not_removed("what the register remembers of the chain was edited"));
        }
        if head.ends().archived != *from {
            return Err(not_removed("others archived entries meanwhile"));
        }
        if !self.hash_of(to.sequence)?.is_some_and(|hash| same(&hash, &to.hash)) {
            return Err(not_removed("the archive holds others"));
        }
        let head = self.head()?;
        head.archived_sequence = to.sequence;
        head.archived_hash.clone_from(&to.hash);
        head.audit_seal = seal(&head.ends(), &keys).to_vec();
        let head = head.clone();
        diesel::update(register::table)
            .set((
                register::archived_sequence.eq(head.archived_sequence),
                register::archived_hash.eq(head.archived_hash),
                register::audit_seal.eq(head.audit_seal),
            ))
            .execute(self.conn()?)?;
        Ok(())
    }

    fn delete_archived(&mut self, limit: i64) -> Result<usize> {
        let archived = self.head()?.archived_sequence;
        let first: Option<i64> =
            audit_entries::table.select(min(audit_entries::sequence)).get_result(self.conn()?)?;
        let Some(first) = first.filter(|first| *first <= archived) else { return Ok(0) };
        let last = first.saturating_add(limit - 1).min(archived);
        let gone = audit_entries::table.filter(audit_entries::sequence.le(last));
        Ok(diesel::delete(gone).execute(self.conn()?)?)
    }
}
