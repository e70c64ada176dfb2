//! The keys of a node over time: one as a rule, two while they are being changed.

use chrono::{DateTime, Utc};

use super::AccessKey;
use crate::id::{EnterpriseId, NodeId};

/// A key pair of a node, with what became of it.
#[derive(Debug, Clone)]
pub struct NodeKey {
    /// The pair.
    pub pair: AccessKey,
    /// The node that it belongs to.
    pub node_id: NodeId,
    /// The enterprise of the node.
    pub enterprise_id: EnterpriseId,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// Until when it is accepted; without it, until it is revoked.
    pub valid_until: Option<DateTime<Utc>>,
    /// When it was revoked, if it was.
    pub revoked_at: Option<DateTime<Utc>>,
    /// Whether the first use of it ends the other keys of the node.
    pub ends_others: bool,
    /// When it was used first, if ever.
    pub first_used_at: Option<DateTime<Utc>>,
    /// When it was used last, if ever.
    pub last_used_at: Option<DateTime<Utc>>,
}

impl NodeKey {
    /// The first key of a node, which is registered at `now`.
    #[must_use]
    pub const fn new(
        pair: AccessKey,
        node_id: NodeId,
        enterprise_id: EnterpriseId,
        now: DateTime<Utc>,
    ) -> Self {
        Self {
            pair,
            node_id,
            enterprise_id,
            created_at: now,
            valid_until: None,
            revoked_at: None,
            ends_others: false,
            first_used_at: None,
            last_used_at: None,
        }
    }

    /// Whether it is accepted at `now`. Its last moment is the one before `valid_until`.
    #[must_use]
    pub fn is_valid(&self, now: DateTime<Utc>) -> bool {
        self.revoked_at.is_none() && self.valid_until.is_none_or(|until| now < until)
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::sample::{NOW, OWN, text};

    #[test]
    fn a_key_is_valid_until_its_time_or_its_revocation() {
        let pair = AccessKey { id: text(&"a".repeat(20)), secret: text(&"b".repeat(40)) };
        let key = NodeKey::new(pair, text("reg_cg2britepb7e977fpm8g"), OWN, NOW);
        assert!(key.is_valid(NOW) && key.is_valid(NOW + TimeDelta::days(10_000)));
        let until = NOW + TimeDelta::hours(1);
        let ending = NodeKey { valid_until: Some(until), ..key.clone() };
        assert!(ending.is_valid(until - TimeDelta::nanoseconds(1)));
        assert!(!ending.is_valid(until));
        assert!(!NodeKey { revoked_at: Some(NOW), ..key }.is_valid(NOW));
    }
}
