//! Who may post results, beyond what the rows of nodes and their keys say: until when the tokens of the
//! old form work, and when anything was ended last.

use cadastre_domain::id::EnterpriseId;
use cadastre_domain::secret::Secret;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use sha2::{Digest as _, Sha256};

use super::super::schema::{result_access as access, shared_result_tokens as shared};
use super::super::{Repository, Result, parsed};

/// The only row.
const ACCESS: i64 = 1;

impl Repository<'_> {
    pub(super) fn owner_of_shared_token(&mut self, text: &Secret) -> Result<Option<EnterpriseId>> {
        let digest = Sha256::digest(text.reveal().as_bytes()).to_vec();
        let found: Option<String> = shared::table
            .filter(shared::digest.eq(digest))
            .select(shared::enterprise_id)
            .get_result(self.conn()?)
            .optional()?;
        found.as_deref().map(parsed).transpose()
    }

    pub(super) fn when_tokens_were_signed_first(&mut self) -> Result<Option<DateTime<Utc>>> {
        let row = access::table.find(ACCESS).select(access::signed_since);
        Ok(row.get_result(self.conn()?)?)
    }

    pub(super) fn begin_to_sign_tokens(&mut self, now: DateTime<Utc>) -> Result<()> {
        if self.when_tokens_were_signed_first()?.is_some() {
            return Ok(());
        }
        diesel::update(access::table.find(ACCESS))
            .set(access::signed_since.eq(now))
            .execute(self.conn()?)?;
        self.deliver_all_alive(now)
    }

    /// Notes that a node or a key of one ends in this transaction, which writes an audit entry, too: a
    /// server that knows of that entry knows of this.
    pub(in super::super) fn note_end_of_access(&mut self) -> Result<()> {
        let entry = self.head()?.audit_sequence + 1;
        diesel::update(access::table.find(ACCESS))
            .set(access::ended_at.eq(entry))
            .execute(self.conn()?)?;
        self.access_ended_at = Some(entry);
        Ok(())
    }

    /// Asked for by every post of results, so it is read once in a transaction. Points that wait are
    /// not written for it.
    pub(super) fn when_access_ended(&mut self) -> Result<i64> {
        if let Some(entry) = self.access_ended_at {
            return Ok(entry);
        }
        let row = access::table.find(ACCESS).select(access::ended_at);
        let entry = row.get_result(self.conn)?;
        self.access_ended_at = Some(entry);
        Ok(entry)
    }
}
