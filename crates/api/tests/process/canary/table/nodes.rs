//! Nodes and variables of dial tasks on the native face.

use super::{READERS, Row, Shown, WRITERS, hides};

/// The body of a variable that only some see.
pub const NEW_VARIABLE: &str = r#"{"name": "v-{unique}", "value": "{secret}", "secure": true}"#;

/// All operations.
pub const ROWS: [Row; 16] = [
    hides("list_nodes", "GET /cadastre/v1/nodes", ""),
    hides("get_node", "GET /cadastre/v1/nodes/{node}", ""),
    hides("change_node", "PATCH /cadastre/v1/nodes/{node}", r#"{"name": "n-{unique}"}"#),
    hides("disable_node", "POST /cadastre/v1/nodes/{node}/disable", "{}"),
    hides("enable_node", "POST /cadastre/v1/nodes/{node}/enable", "{}"),
    hides("list_node_keys", "GET /cadastre/v1/nodes/{node}/keys", ""),
    // The keys before it end at once, so that there is always room for one more.
    Row {
        operation: "add_node_key",
        request: "POST /cadastre/v1/nodes/{spare-node}/keys",
        body: r#"{"overlap": "0s"}"#,
        shows: &[Shown::New("/sk")],
        to: WRITERS,
    },
    hides(
        "revoke_node_key",
        "DELETE /cadastre/v1/nodes/{spare-node}/keys/00000000000000000000",
        "",
    ),
    hides("list_node_agents", "GET /cadastre/v1/nodes/{node}/agents", ""),
    hides("run_node_tasks", "POST /cadastre/v1/nodes/{node}/run", r#"{"task_ids": ["{task}"]}"#),
    // There is none of this identifier.
    hides("delete_node", "DELETE /cadastre/v1/nodes/reg_cg2britepb7e977fpm8g", ""),
    hides("list_dial_variables", "GET /cadastre/v1/dial-variables", ""),
    hides("add_dial_variable", "POST /cadastre/v1/dial-variables", NEW_VARIABLE),
    Row {
        operation: "get_dial_variable",
        request: "GET /cadastre/v1/dial-variables/{variable}",
        body: "",
        shows: &[Shown::Planted("/value")],
        to: READERS,
    },
    hides(
        "change_dial_variable",
        "PATCH /cadastre/v1/dial-variables/{variable}",
        r#"{"value": "{secret}"}"#,
    ),
    // There is none of this identifier.
    hides(
        "delete_dial_variable",
        "DELETE /cadastre/v1/dial-variables/var_0123456789abcdef0123456789abcdef",
        "",
    ),
];
