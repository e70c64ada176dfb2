//! What entries tell of nodes, their keys and dial tasks.

use super::{Subject, text, time};
use crate::audit::Value;
use crate::id::EnterpriseId;
use crate::node::{AccessKey, Node, NodeKey, NodeRun};
use crate::task::{Schedule, Task};
use crate::variable::DialVariable;
use crate::watch::Watch;

impl Subject for Node {
    const KIND: &'static str = "node";

    fn object_id(&self) -> String {
        self.id.to_string()
    }

    fn enterprise(&self) -> Option<EnterpriseId> {
        Some(self.enterprise_id)
    }

    fn fields(&self) -> Vec<(&'static str, Option<Value>)> {
        let mut fields = profile(self);
        fields.push(("enabled", text(&self.is_enabled)));
        fields
    }
}

fn profile(node: &Node) -> Vec<(&'static str, Option<Value>)> {
    let profile = &node.profile;
    vec![
        ("internal", text(&profile.internal)),
        ("isp", text(profile.isp.as_ref())),
        ("country", text(profile.country.as_ref())),
        ("province", text(profile.province.as_ref())),
        ("city", text(profile.city.as_ref())),
        ("name", text(profile.name.as_ref())),
        ("company", text(profile.company.as_ref())),
        ("keycode", text(profile.keycode.as_ref())),
    ]
}

/// A node together with its first key pair.
impl Subject for (Node, AccessKey) {
    const KIND: &'static str = Node::KIND;

    fn object_id(&self) -> String {
        self.0.object_id()
    }

    fn enterprise(&self) -> Option<EnterpriseId> {
        self.0.enterprise()
    }

    fn fields(&self) -> Vec<(&'static str, Option<Value>)> {
        let mut fields = profile(&self.0);
        fields.push(("ak", text(&self.1.id)));
        fields.push(("sk", Some(Value::Secret(self.1.secret.reveal().to_owned().into()))));
        fields
    }
}

/// A change of a key is one of its node.
impl Subject for NodeKey {
    const KIND: &'static str = Node::KIND;

    fn object_id(&self) -> String {
        self.node_id.to_string()
    }

    fn enterprise(&self) -> Option<EnterpriseId> {
        Some(self.enterprise_id)
    }

    fn fields(&self) -> Vec<(&'static str, Option<Value>)> {
        vec![
            ("ak", text(&self.pair.id)),
            ("sk", Some(Value::Secret(self.pair.secret.reveal().to_owned().into()))),
            ("valid_until", time(self.valid_until)),
            ("revoked_at", time(self.revoked_at)),
            ("ends_others", text(&self.ends_others)),
        ]
    }
}

/// What a node was told to run is told as something of the node.
impl Subject for NodeRun {
    const KIND: &'static str = Node::KIND;

    fn object_id(&self) -> String {
        self.node_id.to_string()
    }

    fn enterprise(&self) -> Option<EnterpriseId> {
        None
    }

    fn fields(&self) -> Vec<(&'static str, Option<Value>)> {
        let tasks: Vec<_> = self.tasks.iter().map(ToString::to_string).collect();
        vec![("run", text(&self.id)), ("tasks", text(&tasks.join(",")))]
    }
}

impl Subject for DialVariable {
    const KIND: &'static str = "dial_variable";

    fn object_id(&self) -> String {
        self.id.to_string()
    }

    fn enterprise(&self) -> Option<EnterpriseId> {
        Some(self.enterprise_id)
    }

    fn fields(&self) -> Vec<(&'static str, Option<Value>)> {
        let content = &self.content;
        let source = content.source.as_ref();
        vec![
            ("name", text(content.name.as_ref())),
            // One that is not secure may have been so before, or may become so.
            ("value", Some(Value::Secret(content.value.clone()))),
            ("secure", text(&content.is_secure)),
            ("task_id", source.and_then(|source| text(&source.task_id))),
            ("task_var_name", source.and_then(|source| text(source.task_var_name.as_ref()))),
            ("post_script", source.and_then(|source| text(&source.post_script))),
        ]
    }
}

impl Subject for Task {
    const KIND: &'static str = "dial_task";

    fn object_id(&self) -> String {
        self.id.to_string()
    }

    fn enterprise(&self) -> Option<EnterpriseId> {
        Some(self.enterprise_id)
    }

    fn fields(&self) -> Vec<(&'static str, Option<Value>)> {
        let schedule = match self.dial.schedule() {
            Schedule::Every(frequency) => frequency.to_string(),
            Schedule::Crontab(line) => line.clone(),
        };
        let nodes: Vec<_> = self.nodes.iter().map(ToString::to_string).collect();
        let tags: Vec<_> = self.tags.iter().map(|tag| tag.name.as_ref()).collect();
        // What is dialled may hold passwords and keys: its fingerprint tells that it changed.
        let content = serde_json::Value::Object(self.dial.content().clone()).to_string();
        vec![
            ("class", text(self.dial.class().as_str())),
            ("name", text(self.dial.name().as_ref())),
            ("status", text(self.dial.status().as_str())),
            ("schedule", text(&schedule)),
            ("nodes", text(&nodes.join(","))),
            ("tags", text(&tags.join(","))),
            ("region_id", self.region_id.and_then(|region| text(&region))),
            ("content", Some(Value::Secret(content.into()))),
        ]
    }
}

impl Subject for Watch {
    const KIND: &'static str = "region_watch";

    fn object_id(&self) -> String {
        self.region_id.to_string()
    }

    fn enterprise(&self) -> Option<EnterpriseId> {
        Some(self.enterprise_id)
    }

    fn fields(&self) -> Vec<(&'static str, Option<Value>)> {
        let nodes: Vec<_> = self.nodes.iter().map(ToString::to_string).collect();
        vec![
            ("nodes", text(&nodes.join(","))),
            ("frequency", text(self.frequency.as_str())),
            ("down_from", text(&self.down_from)),
            ("verifies_tls", text(&self.verifies_tls)),
        ]
    }
}
