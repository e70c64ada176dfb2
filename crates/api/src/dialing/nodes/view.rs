//! Nodes as this face shows them. One and the same node looks different in the answer to its
//! registration, on its own, and in lists: several fields are empty or 0 in one of them although
//! another knows better (dialing contract, section 1.3).

use cadastre_domain::enterprise::Enterprise;
use cadastre_domain::node::{Node, NodeProfile, Pulls};
use serde::Serialize;
use utoipa::ToSchema;

use crate::service::nodes::Registered;
use crate::service::nodes::reading::{Seen, Shown};

/// A node with its key pair.
#[derive(Serialize, ToSchema)]
#[schema(as = NodeInfo)]
pub(in super::super) struct InfoView {
    ak: AccessKeyView,
    #[serde(rename = "regionInfo")]
    region_info: NodeView,
    /// The URL for the setting `server` of the node.
    server: String,
}

/// A key pair. Without any valid one, both parts are empty.
#[derive(Serialize, ToSchema)]
#[schema(as = AccessKey)]
struct AccessKeyView {
    /// The public part.
    ak: String,
    /// The workspace.
    external_id: String,
    owner: &'static str,
    /// The constant parent of all keys of the workspace.
    parent_ak: String,
    /// The secret part; empty for those who may not see it.
    sk: String,
    status: &'static str,
    update_at: i64,
}

/// A node.
#[derive(Serialize, ToSchema)]
#[schema(as = Node)]
pub(in super::super) struct NodeView {
    city: String,
    company: String,
    country: String,
    /// When it was registered, in seconds since 1970; only lists tell.
    create_at: i64,
    external_id: String,
    /// When it pulled last, in seconds since 1970; -1 if never, 0 where it was just registered.
    heartbeat: i64,
    internal: bool,
    isp: String,
    keycode: String,
    name: String,
    owner: &'static str,
    parent_ak: String,
    province: String,
    /// The keycode once more.
    region: String,
    /// `OK` or `DISABLED`; only lists tell.
    status: &'static str,
    uuid: String,
}

/// A node that everybody may use.
#[derive(Serialize, ToSchema)]
#[schema(as = PublicNode)]
pub(in super::super) struct PublicNodeView {
    #[serde(flatten)]
    node: NodeView,
    /// Its name in English.
    name_en: String,
    /// What else there is about it.
    extend_info: String,
}

/// A node after a change.
#[derive(Serialize, ToSchema)]
#[schema(as = ChangedNode)]
pub(in super::super) struct ChangedNodeView {
    #[serde(rename = "regionInfo")]
    region_info: NodeView,
}

/// When a node pulled last, as lists tell it.
fn heartbeat(pulls: Pulls) -> i64 {
    pulls.accepted_at.map_or(-1, |at| at.timestamp())
}

impl NodeView {
    /// What does not differ from answer to answer, and nothing else.
    fn bare(node: Node) -> Self {
        let NodeProfile { internal, isp, country, province, city, name, company, keycode } =
            node.profile;
        Self {
            city: city.into(),
            company: company.into(),
            country: country.into(),
            create_at: 0,
            external_id: String::new(),
            heartbeat: 0,
            internal,
            isp: isp.into(),
            keycode: keycode.into(),
            name: name.into(),
            owner: "custom",
            parent_ak: String::new(),
            province: province.into(),
            region: String::new(),
            status: "",
            uuid: node.id.into(),
        }
    }

    /// A row of a list.
    pub(super) fn listed(seen: Seen) -> Self {
        let (created_at, enabled) = (seen.node.created_at, seen.node.is_enabled);
        let bare = Self::bare(seen.node);
        Self {
            create_at: created_at.timestamp(),
            heartbeat: heartbeat(seen.pulls),
            region: bare.keycode.clone(),
            status: if enabled { "OK" } else { "DISABLED" },
            ..bare
        }
    }

    fn shown(seen: Seen, enterprise: &Enterprise) -> Self {
        let bare = Self::bare(seen.node);
        Self {
            external_id: enterprise.workspace(),
            heartbeat: heartbeat(seen.pulls),
            parent_ak: enterprise.parent_key_id.to_string(),
            region: bare.keycode.clone(),
            ..bare
        }
    }
}

impl AccessKeyView {
    fn new(ak: String, sk: String, enterprise: &Enterprise) -> Self {
        Self {
            ak,
            external_id: enterprise.workspace(),
            owner: "",
            parent_ak: enterprise.parent_key_id.to_string(),
            sk,
            status: "",
            update_at: 0,
        }
    }
}

impl InfoView {
    /// A node that was just registered.
    pub(super) fn registered(registered: Registered, server: String) -> Self {
        let Registered { node, key, enterprise } = registered;
        let external_id = format!("{}-{}", enterprise.parent_key_id, enterprise.workspace());
        let (ak, sk) = (key.id.to_string(), key.secret.reveal().to_owned());
        Self {
            ak: AccessKeyView::new(ak, sk, &enterprise),
            region_info: NodeView { external_id, ..NodeView::bare(node) },
            server,
        }
    }

    /// A node.
    pub(super) fn shown(shown: Shown, server: String) -> Self {
        let Shown { seen, key, reveal, enterprise } = shown;
        let pair = key.map(|key| key.pair);
        let ak = pair.as_ref().map(|pair| pair.id.to_string()).unwrap_or_default();
        let sk = pair.filter(|_| reveal).map(|pair| pair.secret.reveal().to_owned());
        Self {
            ak: AccessKeyView::new(ak, sk.unwrap_or_default(), &enterprise),
            region_info: NodeView::shown(seen, &enterprise),
            server,
        }
    }
}

impl ChangedNodeView {
    /// The node.
    pub(super) fn new((seen, enterprise): (Seen, Enterprise)) -> Self {
        Self { region_info: NodeView::shown(seen, &enterprise) }
    }
}
