//! The dialing face.

use super::{READERS, Row, Shown, WRITERS, hides};

/// The body of a node to be registered.
pub const NEW_NODE: &str =
    r#"{"internal": true, "isp": "i", "country": "c", "keycode": "k-{unique}"}"#;

/// The body of a task that is full of secrets.
pub const NEW_TASK: &str = r#"{"type": "http", "regions": ["{node}"], "tags": ["t"], "task": {
    "name": "n-{unique}", "frequency": "1m", "method": "GET",
    "url": "https://example.com/?token={secret}",
    "success_when": [{"status_code": [{"is": "200"}]}],
    "config_vars": [{"name": "v", "value": "{secret}", "secure": true}],
    "advance_options": {"request_options": {
        "headers": {"Authorization": "{secret}"}, "cookies": "{secret}",
        "auth": {"username": "u", "password": "{secret}"}}}}}"#;

/// The body of a task of several steps, one of which has secrets.
pub const NEW_MULTI: &str = r#"{"regions": ["{node}"], "task": {
    "name": "n-{unique}", "frequency": "1m", "steps": [{"type": "http", "task": {
        "method": "GET", "url": "https://example.com",
        "success_when": [{"status_code": [{"is": "200"}]}],
        "advance_options": {"request_options": {"auth": {"password": "{secret}"}}}}}]}}"#;

const OF_TASK: &[Shown] = &[
    Shown::Planted("/content/task/url"),
    Shown::Planted("/content/task/config_vars/0/value"),
    Shown::Planted("/content/task/advance_options/request_options/headers/Authorization"),
    Shown::Planted("/content/task/advance_options/request_options/cookies"),
    Shown::Planted("/content/task/advance_options/request_options/auth/password"),
];

const OF_MULTI: &[Shown] =
    &[Shown::Planted("/content/task/steps/0/task/advance_options/request_options/auth/password")];

/// An operation that answers a task, with its secrets for some.
const fn shows(
    operation: &'static str,
    request: &'static str,
    body: &'static str,
    shows: &'static [Shown],
) -> Row {
    Row { operation, request, body, shows, to: READERS }
}

/// All operations; those that delete something last.
pub const ROWS: [Row; 15] = [
    Row {
        operation: "register_node",
        request: "POST /api/v1/dialing_region/regist",
        body: NEW_NODE,
        shows: &[Shown::New("/content/ak/sk")],
        to: WRITERS,
    },
    hides("list_dialing_nodes", "GET /api/v1/dialing_region/list", ""),
    Row {
        operation: "get_dialing_node",
        request: "GET /api/v1/dialing_region/{node}/info",
        body: "",
        shows: &[Shown::Planted("/content/ak/sk")],
        to: READERS,
    },
    hides(
        "modify_dialing_node",
        "POST /api/v1/dialing_region/{node}/modify",
        r#"{"name": "n-{unique}"}"#,
    ),
    hides("list_public_nodes", "GET /api/v1/dialing_task/default_region_list", ""),
    shows("add_dial_task", "POST /api/v1/dialing_task/add", NEW_TASK, OF_TASK),
    shows("add_multi_dial_task", "POST /api/v1/dialing_task/multi_task_add", NEW_MULTI, OF_MULTI),
    shows("get_dial_task", "GET /api/v1/dialing_task/{task}/get", "", OF_TASK),
    hides("list_dial_tasks", "GET /api/v1/dialing_task/list", ""),
    shows("modify_dial_task", "POST /api/v1/dialing_task/{task}/modify", NEW_TASK, OF_TASK),
    shows(
        "modify_multi_dial_task",
        "POST /api/v1/dialing_task/{multi-task}/multi_task_modify",
        NEW_MULTI,
        OF_MULTI,
    ),
    hides(
        "disable_dial_tasks",
        "POST /api/v1/dialing_task/set_disable",
        r#"{"taskUUIDs": ["{task}"], "isDisable": true}"#,
    ),
    hides("delete_dial_tasks", "POST /api/v1/dialing_task/delete", r#"{"taskUUIDs": ["{task}"]}"#),
    hides("delete_dialing_node", "POST /api/v1/dialing_region/{node}/delete", ""),
    hides("delete_dialing_node_by_get", "GET /api/v1/dialing_region/{node}/delete", ""),
];
