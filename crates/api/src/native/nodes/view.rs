//! What this face shows of nodes.

pub(super) mod keys;
mod liveness;

use cadastre_domain::node::{Node, NodeAgent, NodeRun};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use crate::service::nodes::survey::Surveyed;
use liveness::LivenessView;

/// What is said about a node.
#[derive(Serialize, ToSchema)]
#[schema(as = NodeProfile)]
pub(in crate::native) struct ProfileView {
    /// Its identifier.
    id: String,
    /// The enterprise that it belongs to.
    enterprise_id: String,
    /// What people call it.
    name: String,
    /// Its code, unique in the enterprise.
    keycode: String,
    /// Whether it stands inside China.
    internal: bool,
    /// Its carrier.
    isp: String,
    country: String,
    province: String,
    city: String,
    /// Whose it is.
    company: String,
    /// Whether it may pull tasks.
    enabled: bool,
    created_at: DateTime<Utc>,
    /// When it was last changed; before that, when it was registered.
    updated_at: DateTime<Utc>,
    /// Counts its changes, from 1. Its `ETag` is this number in quotes.
    version: i64,
}

impl From<&Node> for ProfileView {
    fn from(node: &Node) -> Self {
        let profile = node.profile.clone();
        Self {
            id: node.id.to_string(),
            enterprise_id: node.enterprise_id.to_string(),
            name: profile.name.into(),
            keycode: profile.keycode.into(),
            internal: profile.internal,
            isp: profile.isp.into(),
            country: profile.country.into(),
            province: profile.province.into(),
            city: profile.city.into(),
            company: profile.company.into(),
            enabled: node.is_enabled,
            created_at: node.created_at,
            updated_at: node.updated_at,
            version: node.version,
        }
    }
}

/// The fields of a node in a list that can be chosen.
pub(super) const FIELDS: &[&str] = &[
    "id",
    "enterprise_id",
    "name",
    "keycode",
    "internal",
    "isp",
    "country",
    "province",
    "city",
    "company",
    "enabled",
    "created_at",
    "updated_at",
    "version",
    "liveness",
];

/// A node in a list.
#[derive(Serialize, ToSchema)]
#[schema(as = ListedNode)]
pub(in crate::native) struct NodeView {
    #[serde(skip)]
    pub(super) id: String,
    #[serde(flatten)]
    profile: ProfileView,
    /// Whether it is alive.
    liveness: LivenessView,
}

impl NodeView {
    pub(super) fn new(node: &Surveyed, now: DateTime<Utc>) -> Self {
        let profile = ProfileView::from(&node.node);
        Self { id: profile.id.clone(), profile, liveness: LivenessView::new(node, now) }
    }
}

/// The fields of a single node that can be chosen.
pub(super) const DETAIL_FIELDS: &[&str] = &[
    "id",
    "enterprise_id",
    "name",
    "keycode",
    "internal",
    "isp",
    "country",
    "province",
    "city",
    "company",
    "enabled",
    "created_at",
    "updated_at",
    "version",
    "liveness",
    "valid_keys",
    "agents",
    "cursor",
];

/// A node.
#[derive(Serialize, ToSchema)]
#[schema(as = Node)]
pub(in crate::native) struct NodeDetailView {
    #[serde(flatten)]
    profile: ProfileView,
    /// Whether it is alive.
    liveness: LivenessView,
    /// How many of its keys are accepted now.
    valid_keys: usize,
    /// How many agents pull with its keys now; two behind one address with one key count as one.
    agents: usize,
    /// How far its agents have read.
    cursor: CursorView,
}

/// How far the agents of a node have read, in microseconds since 1970.
#[derive(Serialize, ToSchema)]
#[schema(as = NodeCursor)]
struct CursorView {
    /// When a task of the node was changed last; 0 when it never had any.
    update_time: i64,
    /// What the agent that pulled last had read before; null when none pulls.
    #[schema(required)]
    read: Option<i64>,
    /// Whether an agent says that it has read more than there is: it gets nothing until the register
    /// has come so far. The register may have been set back, or the agent served by another one.
    ahead: bool,
}

impl NodeDetailView {
    pub(super) fn new(node: &Surveyed, agents: &[NodeAgent], now: DateTime<Utc>) -> Self {
        let last = agents.iter().max_by_key(|agent| agent.last_seen_at);
        let cursor = CursorView {
            update_time: node.update_time,
            read: last.and_then(|agent| agent.cursor),
            ahead: agents.iter().any(|agent| agent.cursor > Some(node.update_time)),
        };
        Self {
            profile: ProfileView::from(&node.node),
            liveness: LivenessView::new(node, now),
            valid_keys: node.valid_keys,
            agents: agents.len(),
            cursor,
        }
    }
}

/// The fields of an agent that can be chosen.
pub(super) const AGENT_FIELDS: &[&str] =
    &["address", "ak", "first_seen_at", "last_seen_at", "interval_seconds", "cursor"];

/// An agent that pulls with a key of a node.
#[derive(Serialize, ToSchema)]
#[schema(as = NodeAgent)]
pub(in crate::native) struct AgentView {
    /// The address from which it pulls; empty when that is not known.
    address: String,
    /// The public half of the key that it uses.
    ak: String,
    first_seen_at: DateTime<Utc>,
    last_seen_at: DateTime<Utc>,
    /// How far its last two pulls were apart; null when there was one only.
    #[schema(required)]
    interval_seconds: Option<i64>,
    /// The largest `update_time` of a task that it had read, in microseconds since 1970.
    #[schema(required)]
    cursor: Option<i64>,
}

impl AgentView {
    /// Where the list goes on behind it.
    pub(super) fn cursor(&self) -> String {
        format!("{}~{}", self.address, self.ak)
    }
}

impl From<NodeAgent> for AgentView {
    fn from(agent: NodeAgent) -> Self {
        Self {
            address: agent.address,
            ak: agent.key.to_string(),
            first_seen_at: agent.first_seen_at,
            last_seen_at: agent.last_seen_at,
            interval_seconds: agent.interval.map(|interval| interval.num_seconds()),
            cursor: agent.cursor,
        }
    }
}

/// Tasks that the agents of a node are asked to run once.
#[derive(Serialize, ToSchema)]
#[schema(as = NodeRun)]
pub(in crate::native) struct RunView {
    /// Its identifier, which agents are told as `run_batch_id`.
    id: String,
    node_id: String,
    task_ids: Vec<String>,
    created_at: DateTime<Utc>,
}

impl From<NodeRun> for RunView {
    fn from(run: NodeRun) -> Self {
        Self {
            id: run.id.to_string(),
            node_id: run.node_id.into(),
            task_ids: run.tasks.iter().map(ToString::to_string).collect(),
            created_at: run.created_at,
        }
    }
}
