//! The dialing face.

use super::{Row, Whose, row};

const NO: &str = "403 ft.AccessDenied";
const STRANGER: &str = "403 ft.InvalidAPIKey";
const NO_NODE: &str = "404 ft.DialingRegionNotFound";
const NO_TASK: &str = "404 ft.DialingTaskNotFound";
const WRONG: &str = "400 ft.InvalidParameter";

/// What those are told who may read.
const fn read(outcome: &'static str) -> [&'static str; 6] {
    [outcome, outcome, outcome, outcome, NO, NO]
}

/// What those are told who may change something.
const fn write(outcome: &'static str) -> [&'static str; 6] {
    [outcome, outcome, outcome, NO, NO, NO]
}

/// A request about a thing of the callers' workspace, and the same about what is not theirs, not even
/// for the platform: the key selects the workspace.
fn about(
    operation: &'static str,
    what: &'static str,
    [own, foreign, unknown]: [&'static str; 3],
    [body_of_own, body_of_foreign, body_of_unknown]: [&'static str; 3],
    (of, outcome): (fn(&'static str) -> [&'static str; 6], &'static str),
) -> [Row; 3] {
    let row = |whose, request, body, outcome| {
        row((operation, what, whose), request, body, of(outcome), STRANGER)
    };
    [
        row(Whose::Own, own, body_of_own, "200"),
        row(Whose::Foreign, foreign, body_of_foreign, outcome),
        row(Whose::Unknown, unknown, body_of_unknown, outcome),
    ]
}

macro_rules! each {
    ($before:literal, [$own:literal, $foreign:literal, $unknown:literal], $behind:literal) => {
        [
            concat!($before, $own, $behind),
            concat!($before, $foreign, $behind),
            concat!($before, $unknown, $behind),
        ]
    };
}

/// The rows of this face.
pub fn rows() -> Vec<Row> {
    nodes().into_iter().chain(tasks()).chain(many()).collect()
}

fn nodes() -> Vec<Row> {
    let nobodys = |operation, request, body, outcomes| {
        row((operation, "", Whose::Nobodys), request, body, outcomes, STRANGER)
    };
    let new = r#"{"internal": true, "isp": "i", "country": "c", "keycode": "{caller}"}"#;
    let mut rows = vec![
        nobodys("register_node", "POST /api/v1/dialing_region/regist", new, write("200")),
        nobodys("list_dialing_nodes", "GET /api/v1/dialing_region/list", "", read("200")),
        nobodys(
            "list_public_nodes",
            "GET /api/v1/dialing_task/default_region_list",
            "",
            read("200"),
        ),
    ];
    let info =
        each!("GET /api/v1/dialing_region/", ["{node}", "{node-of-E2}", "{unknown-node}"], "/info");
    rows.extend(about("get_dialing_node", "", info, [""; 3], (read, NO_NODE)));
    let modify = each!(
        "POST /api/v1/dialing_region/",
        ["{node}", "{node-of-E2}", "{unknown-node}"],
        "/modify"
    );
    let name = r#"{"name": "{caller}"}"#;
    rows.extend(about("modify_dialing_node", "", modify, [name; 3], (write, NO_NODE)));
    let delete = each!(
        "POST /api/v1/dialing_region/",
        ["{posted-{caller}}", "{node-of-E2}", "{unknown-node}"],
        "/delete"
    );
    rows.extend(about("delete_dialing_node", "", delete, [""; 3], (write, NO_NODE)));
    let delete = each!(
        "GET /api/v1/dialing_region/",
        ["{got-{caller}}", "{node-of-E2}", "{unknown-node}"],
        "/delete"
    );
    rows.extend(about("delete_dialing_node_by_get", "", delete, [""; 3], (write, NO_NODE)));
    rows
}

/// What is dialled by the tasks of the table.
macro_rules! task {
    ($type:literal, $node:literal) => {
        concat!(
            "{",
            $type,
            r#""regions": ["{"#,
            $node,
            r#"}"], "task": {"name": "{caller}", "frequency": "1m", "method": "GET",
                "url": "https://example.com", "steps": [{"type": "wait", "value": 1}],
                "success_when": [{"status_code": [{"is": "200"}]}]}}"#
        )
    };
}

fn tasks() -> Vec<Row> {
    let list = ("list_dial_tasks", "", Whose::Nobodys);
    let mut rows = vec![row(list, "GET /api/v1/dialing_task/list", "", read("200"), STRANGER)];
    let add = ["POST /api/v1/dialing_task/add"; 3];
    let bodies = [
        task!(r#""type": "http", "#, "node"),
        task!(r#""type": "http", "#, "node-of-E2"),
        task!(r#""type": "http", "#, "unknown-node"),
    ];
    rows.extend(about("add_dial_task", "node", add, bodies, (write, WRONG)));
    let add = ["POST /api/v1/dialing_task/multi_task_add"; 3];
    let bodies = [task!("", "node"), task!("", "node-of-E2"), task!("", "unknown-node")];
    rows.extend(about("add_multi_dial_task", "node", add, bodies, (write, WRONG)));
    let get =
        each!("GET /api/v1/dialing_task/", ["{task}", "{task-of-E2}", "{unknown-task}"], "/get");
    rows.extend(about("get_dial_task", "", get, [""; 3], (read, NO_TASK)));
    let modify = each!(
        "POST /api/v1/dialing_task/",
        ["{task}", "{task-of-E2}", "{unknown-task}"],
        "/modify"
    );
    let body = task!("", "node");
    rows.extend(about("modify_dial_task", "", modify, [body; 3], (write, NO_TASK)));
    let modify = each!(
        "POST /api/v1/dialing_task/",
        ["{multi-task}", "{multi-task-of-E2}", "{unknown-task}"],
        "/multi_task_modify"
    );
    rows.extend(about("modify_multi_dial_task", "", modify, [body; 3], (write, NO_TASK)));
    rows
}

/// Changes of many tasks, which say in the body of which.
fn many() -> Vec<Row> {
    let disable = each!(
        r#"{"isDisable": true, "taskUUIDs": [""#,
        ["{task}", "{task-of-E2}", "{unknown-task}"],
        r#""]}"#
    );
    let path = ["POST /api/v1/dialing_task/set_disable"; 3];
    let disabled = about("disable_dial_tasks", "task", path, disable, (write, NO_TASK));
    let delete = each!(
        r#"{"taskUUIDs": [""#,
        ["{doomed-{caller}}", "{task-of-E2}", "{unknown-task}"],
        r#""]}"#
    );
    let path = ["POST /api/v1/dialing_task/delete"; 3];
    let deleted = about("delete_dial_tasks", "task", path, delete, (write, NO_TASK));
    disabled.into_iter().chain(deleted).collect()
}
