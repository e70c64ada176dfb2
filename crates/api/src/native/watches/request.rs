//! What is asked about watches: how it is described, and how it is read.

use cadastre_domain::id::NodeId;
use cadastre_domain::task::Frequency;
use utoipa::ToSchema;

use super::super::fields::Fields;
use super::view::frequency;
use crate::error::Error;
use crate::service::watches::{WatchDraft, WatchEdit};

/// The most nodes that watch one region.
const MOST_NODES: usize = 200;

/// A watch to be made.
#[derive(ToSchema)]
#[schema(as = NewWatch)]
#[expect(dead_code, reason = "describes a body that is read field by field")]
pub(in crate::native) struct NewWatchBody {
    /// The nodes that dial the region.
    #[schema(min_items = 1, max_items = 200)]
    nodes: Vec<String>,
    /// How often they do.
    #[schema(schema_with = frequency)]
    frequency: Option<String>,
    /// How many nodes must find any part of the region down before that is an alarm; if it is left
    /// out, more than half of them.
    #[schema(minimum = 1, maximum = 200)]
    down_from: Option<i64>,
    /// Whether a certificate of the root domain that does not verify is a failure.
    #[schema(default = true)]
    verifies_tls: Option<bool>,
}

/// A change of a watch: a merge patch, what is left out stays.
#[derive(ToSchema)]
#[schema(as = WatchChange)]
#[expect(dead_code, reason = "describes a body that is read field by field")]
pub(in crate::native) struct WatchChangeBody {
    /// Other nodes: all of them.
    #[schema(nullable = false, min_items = 1, max_items = 200)]
    nodes: Option<Vec<String>>,
    #[schema(schema_with = frequency)]
    frequency: Option<String>,
    #[schema(nullable = false, minimum = 1, maximum = 200)]
    down_from: Option<i64>,
    #[schema(nullable = false)]
    verifies_tls: Option<bool>,
}

/// Reads the body of a request for a watch.
pub(super) fn new_watch(mut fields: Fields) -> Result<WatchDraft, Error> {
    let edit = read(&mut fields);
    if edit.nodes.is_none() {
        fields.complain("nodes", "must be given");
    }
    fields.finish()?;
    let nodes = edit.nodes.unwrap_or_default();
    let majority = u32::try_from(nodes.len() / 2 + 1).unwrap_or(u32::MAX);
    Ok(WatchDraft {
        frequency: edit.frequency.unwrap_or(Frequency::M1),
        down_from: edit.down_from.unwrap_or(majority),
        verifies_tls: edit.verifies_tls.unwrap_or(true),
        nodes,
    })
}

/// Reads the body of a change of a watch.
pub(super) fn change(mut fields: Fields) -> Result<WatchEdit, Error> {
    for field in ["nodes", "frequency", "down_from", "verifies_tls"] {
        fields.not_null(field);
    }
    let edit = read(&mut fields);
    fields.finish()?;
    Ok(edit)
}

fn read(fields: &mut Fields) -> WatchEdit {
    let most = i64::try_from(MOST_NODES).unwrap_or(i64::MAX);
    WatchEdit {
        nodes: nodes(fields),
        frequency: fields.optional("frequency", |text| text.parse()),
        down_from: fields.number("down_from", 1, most).and_then(|n| u32::try_from(n).ok()),
        verifies_tls: fields.flag("verifies_tls"),
    }
}

fn nodes(fields: &mut Fields) -> Option<Vec<NodeId>> {
    if !fields.has("nodes") {
        return None;
    }
    let nodes = fields.list("nodes", MOST_NODES, |text| text.parse::<NodeId>());
    if nodes.is_empty() && !fields.has_complaints() {
        fields.complain("nodes", "must name 1 to 200 nodes");
    }
    Some(nodes)
}
