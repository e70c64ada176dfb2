//! Tasks as they leave the register: in rows of the dialing face, and for the agent of a node
//! (dialing contract, sections 2.3 and 3.2). Pure functions.

use cadastre_domain::enterprise::Enterprise;
use cadastre_domain::id::{NodeId, TaskId};
use cadastre_domain::node::{Node, ResultToken, SecretKey};
use cadastre_domain::task::{Delivery, MASK, Task};
use serde_json::{Map, Value, json};

/// What all tasks of an enterprise have in common when they leave the register.
#[derive(Debug, Clone)]
pub struct Sender {
    /// Their enterprise.
    pub enterprise: Enterprise,
    /// The URL under which nodes reach this service, without a slash at its end.
    pub public_url: String,
}

impl Sender {
    /// Where results of a task go, as its row shows it. Each node is told a token of its own, so [`MASK`]
    /// stands here for everybody.
    #[must_use]
    pub fn masked_post_url(&self) -> String {
        format!("{}/dial?token=tkn_{MASK}", self.public_url)
    }

    /// Where results of a task go that comes from this node, with the token of this delivery, which is
    /// signed with `key`. An agent puts `/v1/write/logging` behind the path and keeps the query
    /// (contract, section 3.5).
    #[must_use]
    pub fn post_url(&self, node: &NodeId, task: TaskId, key: &SecretKey) -> String {
        let token = ResultToken::sign(key, self.enterprise.id, node, task).text();
        format!("{}/dial/{node}/{task}?token={}", self.public_url, token.reveal())
    }

    /// What stands in the `task` of a row: what its owner wrote, and what the register writes.
    #[must_use]
    pub fn row_content(&self, task: &Task, reveal: bool) -> Map<String, Value> {
        let mut content =
            if reveal { task.dial.content().clone() } else { task.dial.masked_content() };
        let mut put = |key: &str, value: String| content.insert(key.to_owned(), value.into());
        put("external_id", task.id.to_string());
        put("owner_external_id", self.enterprise.workspace());
        put("post_url", self.masked_post_url());
        content
    }

    /// A delivery as the agent of `node` needs it that signs with `key`: an element of the array of its
    /// class, which is a string with JSON in it.
    ///
    /// The identity of a task in an agent is made of `access_key` and `external_id`, so both stay the
    /// same for its life: the first is the constant parent of all keys of the enterprise, never the
    /// node's own. A tombstone is the same task with the status `stop`, and without its secrets.
    #[must_use]
    pub fn agent_task(&self, node: &Node, key: &SecretKey, delivery: &Delivery) -> String {
        let mut content = if delivery.is_tombstone {
            delivery.dial.stopping_content()
        } else {
            delivery.dial.agent_content()
        };
        let parent = &self.enterprise.parent_key_id;
        let mut put = |key: &str, value: Value| content.insert(key.to_owned(), value);
        put("external_id", delivery.task.to_string().into());
        put("access_key", parent.to_string().into());
        put("owner_external_id", format!("{parent}-{}", self.enterprise.workspace()).into());
        put("post_url", self.post_url(&node.id, delivery.task, key).into());
        put("region", node.profile.keycode.as_ref().into());
        put("update_time", delivery.update_time.into());
        Value::Object(content).to_string()
    }
}

/// A node as its agent is told of it: flat, and without nulls and secrets. Texts and booleans become
/// tags of results (contract, section 3.2).
#[must_use]
pub fn agent_region(node: &Node) -> Value {
    let profile = &node.profile;
    json!({
        "uuid": node.id.as_ref(),
        "name": profile.name.as_ref(),
        "name_en": "",
        "country": profile.country.as_ref(),
        "province": profile.province.as_ref(),
        "city": profile.city.as_ref(),
        "isp": profile.isp.as_ref(),
        "internal": profile.internal,
        "keycode": profile.keycode.as_ref(),
        "owner": "custom",
        "region": profile.keycode.as_ref(),
        "status": "OK",
    })
}

#[cfg(test)]
mod tests;
