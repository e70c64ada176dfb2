//! Rows and queries of audit entries.

use cadastre_domain::audit::{Entry, FieldChange, Object, Outcome};
use chrono::{DateTime, Utc};
use diesel::dsl::max;
use diesel::prelude::*;

use super::register::Head;
use super::schema::{audit_entries, register};
use super::{Conn, Repository, Result, findable};
use crate::Audit;
use crate::audit::{AuditFilter, AuditRecord, Chain, Verification, seal};

/// How many entries are written or read in one statement.
const CHUNK: usize = 500;

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

/// Narrows a query by a column, if a value is given for it.
macro_rules! narrow {
    ($query:ident, $($column:ident = $value:expr;)*) => {
        $(if let Some(value) = $value {
            $query = $query.filter(audit_entries::$column.eq(value));
        })*
    };
}

fn by_actor<'a>(mut query: Narrowed<'a>, filter: &'a AuditFilter) -> Narrowed<'a> {
    narrow! { query,
        enterprise_id = filter.enterprise.map(String::from);
        token_id = filter.token.map(String::from);
        user_id = filter.user.map(|user| user.0);
        address = filter.address.as_deref().map(findable);
    }
    query
}

fn by_object<'a>(mut query: Narrowed<'a>, filter: &'a AuditFilter) -> Narrowed<'a> {
    narrow! { query,
        operation = filter.operation.as_deref().map(findable);
        outcome = filter.outcome.as_deref();
        object_kind = filter.object_kind.as_deref().map(findable);
        object_id = filter.object_id.as_deref().map(findable);
    }
    if filter.revealed { query.filter(audit_entries::revealed.ne("")) } else { query }
}

fn by_time<'a>(mut query: Narrowed<'a>, filter: &'a AuditFilter) -> Narrowed<'a> {
    if let Some(since) = filter.since {
        query = query.filter(audit_entries::at.ge(since));
    }
    match filter.until {
        Some(until) => query.filter(audit_entries::at.lt(until)),
        None => query,
    }
}

/// The entries that fit the filter, wherever a list of them goes on.
fn fitting(filter: &AuditFilter) -> Narrowed<'_> {
    by_time(by_object(by_actor(audit_entries::table.into_boxed(), filter), filter), filter)
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
        head.audit_seal = seal(head.audit_sequence, &head.audit_hash, &keys).to_vec();
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

    fn entries_after(&mut self, sequence: i64) -> Result<Vec<AuditRecord>> {
        let rows: Vec<AuditRow> = audit_entries::table
            .filter(audit_entries::sequence.gt(sequence))
            .order(audit_entries::sequence)
            .limit(i64::try_from(CHUNK).unwrap_or(i64::MAX))
            .select(AuditRow::as_select())
            .load(self.conn()?)?;
        Ok(rows.into_iter().map(AuditRecord::from).collect())
    }
}

impl Audit for Repository<'_> {
    fn record(&mut self, entry: Entry) {
        self.entries.push(entry);
    }

    fn tell(&mut self, object: &Object, changes: &[FieldChange]) -> Result<String> {
        Ok(crate::audit::changes(Some(object), changes, &*self.keys()?))
    }

    fn list_audit(&mut self, filter: &AuditFilter, limit: i64) -> Result<Vec<AuditRecord>> {
        let mut query = fitting(filter);
        if let Some(before) = filter.before {
            query = query.filter(audit_entries::sequence.lt(before));
        }
        let rows: Vec<AuditRow> = query
            .order(audit_entries::sequence.desc())
            .limit(limit)
            .select(AuditRow::as_select())
            .load(self.conn()?)?;
        Ok(rows.into_iter().map(AuditRecord::from).collect())
    }

    fn count_audit(&mut self, filter: &AuditFilter) -> Result<i64> {
        if filter.is_empty() {
            // The chain has no gaps, so its end tells, however long it is.
            return self.last_entry();
        }
        Ok(fitting(filter).count().get_result(self.conn()?)?)
    }

    fn last_entry(&mut self) -> Result<i64> {
        Ok(register::table.find(1).select(register::audit_sequence).get_result(self.conn()?)?)
    }

    fn changed_since(&mut self, sequence: i64, limit: i64) -> Result<Vec<(i64, String, String)>> {
        let rows = audit_entries::table
            .filter(audit_entries::sequence.gt(sequence))
            .filter(audit_entries::outcome.eq(Outcome::Done.as_str()))
            .filter(audit_entries::object_id.is_not_null())
            .order(audit_entries::sequence)
            .limit(limit)
            .select((
                audit_entries::sequence,
                audit_entries::object_kind.assume_not_null(),
                audit_entries::object_id.assume_not_null(),
            ))
            .load(self.conn()?)?;
        Ok(rows)
    }

    fn verify_audit(&mut self) -> Result<Verification> {
        let keys = self.keys()?;
        // Asked for before the end: entries and end move together, so that only an entry that
        // somebody put there can stand behind it.
        let last: Option<i64> =
            audit_entries::table.select(max(audit_entries::sequence)).get_result(self.conn()?)?;
        // What is written meanwhile stands behind this end and does not disturb.
        let end: Head = register::table.select(Head::as_select()).get_result(self.conn()?)?;
        let mut chain = Chain::start(&keys);
        while chain.sequence < end.audit_sequence {
            let records = self.entries_after(chain.sequence)?;
            if records.is_empty() {
                break;
            }
            let missing = end.audit_sequence - chain.sequence;
            for record in records.iter().take(usize::try_from(missing).unwrap_or(usize::MAX)) {
                if let Err(broken) = chain.follow(record) {
                    return Ok(broken);
                }
            }
        }
        let found = chain.finish(end.audit_sequence, &end.audit_hash, &end.audit_seal);
        if found == Verification::Sound(end.audit_sequence)
            && last.is_some_and(|last| last > end.audit_sequence)
        {
            let stray = self.entries_after(end.audit_sequence)?;
            let sequence = stray.first().map_or(end.audit_sequence, |record| record.sequence);
            return Ok(Verification::Broken(sequence, "it was put behind the end".to_owned()));
        }
        Ok(found)
    }
}
