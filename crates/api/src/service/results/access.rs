//! Who may post results, and as which node for which task.
//!
//! The token of a delivery is signed with a key of its node, so it is checked in memory, and it ends with
//! the node and with the key. Until the database has committed, either may have ended: so that is asked
//! again in the transaction that keeps the points, which takes one number that all posts share.

use std::collections::HashSet;
use std::net::IpAddr;
use std::sync::{Mutex, OnceLock, PoisonError};

use cadastre_domain::id::{EnterpriseId, NodeId, TaskId};
use cadastre_domain::node::{AccessKeyId, NodeKey, ResultToken};
use cadastre_domain::secret::Secret;
use cadastre_storage::{Model, ModelNode, StorageError, Tx};
use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest as _, Sha256};

use super::memory::Owner;
use crate::app::App;
use crate::error::Error;

/// A node, and a task that it dials.
pub type Pair = (NodeId, TaskId);

/// Whose points they are.
#[derive(Debug, Clone)]
pub struct Poster {
    /// The enterprise.
    pub enterprise: EnterpriseId,
    /// The node, and the task that it dialled, if that is known.
    pub pair: Option<Pair>,
    /// What the node was let in for, if it is known.
    pub(super) grant: Option<NodeGrant>,
}

/// That a node may post or send, as it was found in memory.
#[derive(Debug, Clone)]
pub struct NodeGrant {
    node: NodeId,
    key: Option<AccessKeyId>,
    valid_until: Option<DateTime<Utc>>,
    /// The audit entry up to which everything was known.
    upto: i64,
}

/// Whether a grant holds in a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Whether it does.
    pub holds: bool,
    /// Whether what is in memory has to be brought up to date: the database was asked.
    pub is_behind: bool,
}

impl NodeGrant {
    /// That this node may, by this key if it showed that it has one. `upto` is the audit entry up to
    /// which nodes in memory are known.
    #[must_use]
    pub fn new(node: &NodeId, key: Option<&NodeKey>, upto: i64) -> Self {
        Self {
            node: node.clone(),
            key: key.map(|key| key.pair.id.clone()),
            valid_until: key.and_then(|key| key.valid_until),
            upto,
        }
    }

    /// Whether it still holds in the transaction that does what was granted. `now` is the present.
    ///
    /// # Errors
    /// Failures of the storage.
    pub fn standing(&self, tx: &mut dyn Tx, now: DateTime<Utc>) -> Result<Standing, StorageError> {
        if self.valid_until.is_some_and(|until| until <= now) {
            return Ok(Standing { holds: false, is_behind: false });
        }
        if tx.access_ended_at()? <= self.upto {
            return Ok(Standing { holds: true, is_behind: false });
        }
        let node = std::slice::from_ref(&self.node);
        let may_pull = tx.find_nodes(node)?.pop().is_some_and(|node| node.may_pull());
        let is_valid = |key: NodeKey| self.key.as_ref() == Some(&key.pair.id) && key.is_valid(now);
        let holds =
            may_pull && (self.key.is_none() || tx.node_keys(node)?.into_iter().any(is_valid));
        Ok(Standing { holds, is_behind: true })
    }
}

/// What is known of the tokens that nodes of an enterprise shared before each delivery had its own.
#[derive(Debug, Default)]
pub(super) struct SharedTokens {
    since: OnceLock<DateTime<Utc>>,
    /// Of which enterprises it was told that one is used, and that one was refused.
    told: Mutex<HashSet<(EnterpriseId, bool)>>,
}

impl SharedTokens {
    /// Whether it is to be told of an enterprise that one works, or does not: once.
    fn is_news(&self, enterprise: EnterpriseId, works: bool) -> bool {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        told.insert((enterprise, works))
    }
}

/// Who posts with this token, from this address; none when it is not accepted. `named` are the node and the
/// task that the path names.
///
/// # Errors
/// [`Error::Forbidden`] when these are not the ones of the token; that the database is not available.
pub async fn poster(
    app: &App,
    from: Option<IpAddr>,
    token: &Secret,
    named: Option<Pair>,
) -> Result<Option<Poster>, Error> {
    match token.reveal().parse::<ResultToken>() {
        Ok(token) => by_delivery(app, &token, named).await,
        Err(_) if is_shared_token(token.reveal()) => by_shared_token(app, from, token, named).await,
        Err(_) => Ok(None),
    }
}

/// Whether a text has the form of the tokens that nodes shared: `tkn_` and 32 hexadecimal digits.
fn is_shared_token(text: &str) -> bool {
    let is_digit = |c: u8| matches!(c, b'0'..=b'9' | b'a'..=b'f');
    text.strip_prefix("tkn_").is_some_and(|rest| rest.len() == 32 && rest.bytes().all(is_digit))
}

async fn by_delivery(
    app: &App,
    token: &ResultToken,
    named: Option<Pair>,
) -> Result<Option<Poster>, Error> {
    let now = app.clock.now();
    let mut found = granted(&app.store.regions(), token, now);
    if found.is_none() {
        // What is in memory may be old. What it says wrongly to be valid is found when points are kept.
        found = granted(&*app.regions().await?, token, now);
    }
    let Some((enterprise, grant)) = found else { return Ok(None) };
    let pair = (token.node().clone(), token.task());
    if named.is_some_and(|named| named != pair) {
        return Err(Error::Forbidden);
    }
    if !is_delivered(app, enterprise, &pair).await? {
        return Ok(None);
    }
    Ok(Some(Poster { enterprise, pair: Some(pair), grant: Some(grant) }))
}

/// The enterprise of the node that a token names, if a valid key of that node has signed it.
fn granted(
    model: &Model,
    token: &ResultToken,
    now: DateTime<Utc>,
) -> Option<(EnterpriseId, NodeGrant)> {
    let ModelNode { node, keys, .. } = model.nodes().find(token.node())?.as_ref();
    let enterprise = node.enterprise_id;
    let signed =
        |key: &&NodeKey| key.is_valid(now) && token.is_signed_with(&key.pair.secret, enterprise);
    let key = keys.iter().find(signed).filter(|_| node.may_pull())?;
    Some((enterprise, NodeGrant::new(&node.id, Some(key), model.sequence())))
}

/// Whether the node dials, or dialled until some time ago, this task.
async fn is_delivered(app: &App, enterprise: EnterpriseId, pair: &Pair) -> Result<bool, Error> {
    let (node, task) = pair.clone();
    let pair = (enterprise, node.clone(), task);
    if app.results.memory.is_pair(&pair) {
        return Ok(true);
    }
    let is_delivered = app.read(move |tx| Ok(tx.is_delivered(&node, task)?)).await?;
    if is_delivered {
        app.results.memory.put_pair(pair);
    }
    Ok(is_delivered)
}

async fn by_shared_token(
    app: &App,
    from: Option<IpAddr>,
    token: &Secret,
    named: Option<Pair>,
) -> Result<Option<Poster>, Error> {
    let Some(enterprise) = owner_of_shared_token(app, from, token).await? else { return Ok(None) };
    if !shared_tokens_work(app, enterprise).await? {
        return Ok(None);
    }
    let Some(pair) = named else { return Ok(Some(Poster { enterprise, pair: None, grant: None })) };
    let found = {
        let model = app.regions().await?;
        model.nodes().find(&pair.0).map(|node| (node.node.clone(), model.sequence()))
    };
    let own = found.filter(|(node, _)| node.enterprise_id == enterprise);
    let Some((node, upto)) = own else { return Err(Error::Forbidden) };
    if !is_delivered(app, enterprise, &pair).await? {
        return Err(Error::Forbidden);
    }
    let grant = NodeGrant::new(&node.id, None, upto);
    let poster = Poster { enterprise, pair: Some(pair), grant: Some(grant) };
    Ok(node.may_pull().then_some(poster))
}

/// The enterprise whose nodes shared this token. A token that is asked for again is not looked up again
/// for a minute, a wrong one neither.
async fn owner_of_shared_token(
    app: &App,
    from: Option<IpAddr>,
    token: &Secret,
) -> Result<Option<EnterpriseId>, Error> {
    let digest = Sha256::digest(token.reveal().as_bytes()).into();
    if let Some(owner) = app.results.memory.owner(&digest) {
        return Ok(match owner {
            Owner::Enterprise(id) => Some(id),
            Owner::Nobody => None,
        });
    }
    // Anybody may ask, so look-ups take turns as those of other unknown texts do.
    let turn = app.look_ups.turn(from).await?;
    let asked = token.clone();
    let find = move |tx: &mut dyn Tx| {
        let _turn = &turn;
        Ok(tx.find_shared_result_token(&asked)?)
    };
    let owner = app.read(find).await?;
    app.results.memory.put_owner(digest, owner.map_or(Owner::Nobody, Owner::Enterprise));
    Ok(owner)
}

/// Whether shared tokens are still accepted. Of each enterprise it is told once that one is used, and
/// once that one was refused.
async fn shared_tokens_work(app: &App, enterprise: EnterpriseId) -> Result<bool, Error> {
    let shared = &app.results.shared_tokens;
    let period = app.results.settings.old_urls;
    let since = if let Some(since) = shared.since.get() {
        *since
    } else {
        let since = app.read(|tx| Ok(tx.tokens_signed_since()?)).await?;
        let Some(since) = since else { return Ok(false) };
        *shared.since.get_or_init(|| since)
    };
    let until = since.checked_add_signed(period).unwrap_or(DateTime::<Utc>::MAX_UTC);
    let works = period > TimeDelta::zero() && app.clock.now() < until;
    if shared.is_news(enterprise, works) {
        let until = until.format("%Y-%m-%dT%H:%M:%SZ");
        if works {
            log::warn!(
                "results of enterprise {enterprise} are posted by a URL of the old form, which works \
                 until {until}: an agent that pulls is told the new one"
            );
        } else {
            log::warn!(
                "results of enterprise {enterprise} are refused, as they are posted by a URL of the \
                 old form, which CADASTRE_OLD_RESULT_URLS let work until {until}"
            );
        }
    }
    Ok(works)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_enterprise_is_told_once_that_its_token_works_and_once_that_it_does_not() {
        let (shared, [one, other]) =
            (SharedTokens::default(), [1, 2].map(|byte| EnterpriseId::from_bytes([byte; 16])));
        for works in [true, false] {
            let news = [one, one, other, one, other].map(|of| shared.is_news(of, works));
            assert_eq!(news, [true, false, true, false, false], "{works}");
        }
    }

    #[test]
    fn only_a_text_of_the_old_form_is_looked_up() {
        assert!(is_shared_token("tkn_00112233445566778899aabbccddeeff"));
        for text in [
            "",
            "tkn_",
            "x",
            "tkn_00112233445566778899aabbccddeef",
            "tkn_00112233445566778899AABBCCDDEEFF",
        ] {
            assert!(!is_shared_token(text), "{text}");
        }
    }
}
