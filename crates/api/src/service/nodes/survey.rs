//! Nodes with what is known of their life, reckoned when somebody asks.

use std::sync::Arc;

use cadastre_domain::id::{EnterpriseId, NodeId};
use cadastre_domain::node::{Liveness, Node, NodeAgent, NodeContact};
use cadastre_domain::token::Caller;
use cadastre_storage::{Found, MOST_SCANNED, Model, ModelNode, Total, Tx};
use chrono::{DateTime, Utc};

use super::contacts::{agents, contacts};
use super::find_for;
use crate::app::App;
use crate::error::{Error, Thing};
use crate::reads::ReadClass;
use crate::service::Counted;

/// Which nodes to list; never one that is deleted.
#[derive(Debug, Clone, Default)]
pub struct SurveyFilter {
    /// Those of this enterprise.
    pub enterprise: Option<EnterpriseId>,
    /// Those whose name or keycode contains this, in upper or lower case.
    pub contains: Option<String>,
    /// Those in this country.
    pub country: Option<String>,
    /// Those with this carrier.
    pub isp: Option<String>,
    /// Those that are enabled, or not.
    pub enabled: Option<bool>,
    /// Those that are alive, or not.
    pub alive: Option<bool>,
    /// Those behind this one.
    pub after: Option<NodeId>,
}

/// A node with what is known of its life.
#[derive(Debug, Clone)]
pub struct Surveyed {
    /// The node.
    pub node: Node,
    /// What is known of its pulls, if anything is.
    pub contact: Option<NodeContact>,
    /// Whether it is alive.
    pub liveness: Liveness,
    /// How many of its keys are valid.
    pub valid_keys: usize,
    /// The largest `update_time` of a delivery of it, in microseconds; 0 when it had none.
    pub update_time: i64,
}

impl Surveyed {
    fn new(node: &ModelNode, contact: Option<NodeContact>, now: DateTime<Utc>) -> Self {
        let pulls = contact.as_ref().map(|contact| contact.pulls).unwrap_or_default();
        let valid_keys = node.keys.iter().filter(|key| key.is_valid(now)).count();
        Self {
            node: node.node.clone(),
            liveness: pulls.liveness(node.node.is_enabled, valid_keys > 0, now),
            contact,
            valid_keys,
            update_time: node.update_time,
        }
    }
}

impl SurveyFilter {
    fn fits(&self, node: &Node) -> bool {
        let profile = &node.profile;
        let is = |wanted: &Option<String>, value: &str| {
            wanted.as_ref().is_none_or(|wanted| wanted == value)
        };
        let contains = |text: &String| {
            let (text, name) = (text.to_lowercase(), profile.name.as_ref().to_lowercase());
            name.contains(&text) || profile.keycode.as_ref().to_lowercase().contains(&text)
        };
        node.deleted_at.is_none()
            && self.enterprise.is_none_or(|enterprise| enterprise == node.enterprise_id)
            && self.contains.as_ref().is_none_or(contains)
            && is(&self.country, profile.country.as_ref())
            && is(&self.isp, profile.isp.as_ref())
            && self.enabled.is_none_or(|enabled| enabled == node.is_enabled)
    }

    fn class(&self, caller: &Caller, is_counted: bool) -> ReadClass {
        let is_filtered = self.contains.is_some()
            || self.country.is_some()
            || self.isp.is_some()
            || self.enabled.is_some()
            || self.alive.is_some();
        ReadClass::of_list(caller, is_filtered || is_counted)
    }
}

/// At most `limit` nodes that fit the filter, the oldest first, and if they are `counted`, how many
/// there are on all pages.
///
/// # Errors
/// Failures of the storage.
pub async fn list(
    app: &App,
    caller: &Caller,
    filter: SurveyFilter,
    limit: i64,
    counted: bool,
) -> Result<Counted<Surveyed>, Error> {
    let limit = usize::try_from(limit).unwrap_or_default();
    let (mut page, all) = {
        let model = app.regions().await?;
        let all = counted.then(|| fitting(&model, &filter, None));
        (fitting(&model, &filter, filter.after.as_ref()), all)
    };
    let total = |found: usize, is_exact| Total {
        count: i64::try_from(found).unwrap_or(i64::MAX),
        is_exact,
    };
    let mut counted = all.as_ref().map(|all| total(all.items.len(), all.rest.is_none()));
    // Without the question whether they are alive, only those of the page have to be looked at.
    if filter.alive.is_none() {
        page.items.truncate(limit);
    }
    let (shared, now, class) =
        (app.clone(), app.clock.now(), filter.class(caller, counted.is_some()));
    let (nodes, others) = (page.items, all.filter(|_| filter.alive.is_some()));
    let found = app.read_as(class, move |tx| {
        let all = others.as_ref().map(|all| survey(&shared, tx, &all.items, now)).transpose()?;
        Ok((survey(&shared, tx, &nodes, now)?, all))
    });
    let (mut found, all) = found.await?;
    if let Some(alive) = filter.alive {
        let is_wanted = |node: &Surveyed| node.liveness.is_alive() == alive;
        found.retain(is_wanted);
        found.truncate(limit);
        let living = all.map(|all| all.into_iter().filter(is_wanted).count());
        counted = counted.zip(living).map(|(all, living)| total(living, all.is_exact));
    }
    Ok(Counted::found(Found { items: found, rest: page.rest }, counted))
}

/// The nodes after one that fit the filter, among as many as a list looks at.
fn fitting(
    model: &Model,
    filter: &SurveyFilter,
    after: Option<&NodeId>,
) -> Found<Arc<ModelNode>, NodeId> {
    let (mut items, mut last, mut looked_at) = (Vec::new(), None, 0);
    for node in model.nodes().after(after).take(MOST_SCANNED) {
        (last, looked_at) = (Some(&node.node.id), looked_at + 1);
        if filter.fits(&node.node) {
            items.push(Arc::clone(node));
        }
    }
    Found { items, rest: last.filter(|_| looked_at == MOST_SCANNED).cloned() }
}

fn survey(
    app: &App,
    tx: &mut dyn Tx,
    nodes: &[Arc<ModelNode>],
    now: DateTime<Utc>,
) -> Result<Vec<Surveyed>, Error> {
    let ids: Vec<_> = nodes.iter().map(|node| node.node.id.clone()).collect();
    let mut known = contacts(app, tx, &ids)?;
    let surveyed = |node: &Arc<ModelNode>| Surveyed::new(node, known.remove(&node.node.id), now);
    Ok(nodes.iter().map(surveyed).collect())
}

/// A node with what is known of its life, and the agents that pull with its keys now: as long as a
/// node may be silent, an agent may.
///
/// # Errors
/// No such node for the caller; failures of the storage.
pub async fn show(
    app: &App,
    caller: &Caller,
    id: &NodeId,
) -> Result<(Surveyed, Vec<NodeAgent>), Error> {
    let node = {
        let model = app.regions().await?;
        let found = model.nodes().find(id).filter(|node| {
            node.node.deleted_at.is_none() && caller.reaches(node.node.enterprise_id)
        });
        found.cloned().ok_or(Error::NotFound(Thing::Node))?
    };
    let (shared, now) = (app.clone(), app.clock.now());
    // It has as many agents as addresses have pulled with its keys.
    app.read_as(ReadClass::Page(caller.enterprise_id), move |tx| {
        let id = &node.node.id;
        let contact = contacts(&shared, tx, std::slice::from_ref(id))?.remove(id);
        let surveyed = Surveyed::new(&node, contact, now);
        let pulls = surveyed.contact.as_ref().map(|contact| contact.pulls).unwrap_or_default();
        let agents = agents(&shared, tx, id, now - pulls.patience())?;
        Ok((surveyed, agents))
    })
    .await
}

/// The agents of a node that pulled at `since` or later, by address and key.
///
/// # Errors
/// No such node for the caller; failures of the storage.
pub fn agents_of(
    app: &App,
    tx: &mut dyn Tx,
    caller: &Caller,
    id: &NodeId,
    since: DateTime<Utc>,
) -> Result<Vec<NodeAgent>, Error> {
    find_for(tx, caller, id)?;
    agents(app, tx, id, since)
}
