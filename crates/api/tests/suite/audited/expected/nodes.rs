//! What is told of changes of nodes and variables on the native face.

use super::fields::{DELETED_NODE, NODE_KEY, VARIABLE};
use super::{Asked, Told};

impl Asked<'_> {
    pub(super) fn of_native_nodes(&self) -> Option<Vec<Told>> {
        let node = |fields: &[&'static str]| self.about("node", self.part(4), fields);
        let variable = |fields: &[&'static str]| self.about("dial_variable", self.part(4), fields);
        Some(match self.row.operation {
            "change_node" => vec![node(&["name"])],
            "delete_node" => vec![node(&DELETED_NODE)],
            "enable_node" | "disable_node" => vec![node(&["enabled"]).once()],
            "add_node_key" => vec![node(&NODE_KEY).revealing("sk")],
            "revoke_node_key" => vec![node(&["revoked_at"]).once()],
            "run_node_tasks" => vec![node(&["run", "tasks"])],
            "add_dial_variable" => {
                let computed = ["task_id", "task_var_name", "post_script"];
                let computed = computed.iter().filter(|_| !self.body["task_id"].is_null());
                let fields: Vec<_> = VARIABLE.iter().chain(computed).copied().collect();
                vec![self.about("dial_variable", self.made("/id"), &fields)]
            }
            "change_dial_variable" => vec![variable(&["value"])],
            "delete_dial_variable" => vec![variable(&VARIABLE)],
            _ => return None,
        })
    }
}
