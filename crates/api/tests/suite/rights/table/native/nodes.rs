//! Nodes and variables of dial tasks on the native face.

use super::{NO, NONE, Row, STRANGER, Whose, row};
use Whose::{Foreign, Nobodys, Own, Unknown};

/// Fields are wrong.
const WRONG: &str = "400 invalid_fields";

/// The rows of nodes and variables.
pub fn rows() -> Vec<Row> {
    [reading(), switching(), keys(), runs(), variables(), deletions()]
        .into_iter()
        .flatten()
        .collect()
}

/// What those are told who may read a thing of their own, one of others, and one that is not there.
fn read(
    (operation, what): (&'static str, &'static str),
    [own, foreign, unknown]: [&'static str; 3],
) -> [Row; 3] {
    let row =
        |whose, request, of_roles| row((operation, what, whose), request, "", of_roles, STRANGER);
    [
        row(Own, own, ["200", "200", "200", "200", NO, NO]),
        row(Foreign, foreign, ["200", NONE, NONE, NONE, NO, NO]),
        row(Unknown, unknown, [NONE, NONE, NONE, NONE, NO, NO]),
    ]
}

/// The same for those who may change something, and `done` is the outcome.
fn write(
    (operation, what, done): (&'static str, &'static str, &'static str),
    [own, foreign, unknown]: [&'static str; 3],
    body: &'static str,
) -> [Row; 3] {
    let row =
        |whose, request, of_roles| row((operation, what, whose), request, body, of_roles, STRANGER);
    [
        row(Own, own, [done, done, done, NO, NO, NO]),
        row(Foreign, foreign, [done, NONE, NONE, NO, NO, NO]),
        row(Unknown, unknown, [NONE, NONE, NONE, NO, NO, NO]),
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

macro_rules! nodes {
    ($method:literal, $behind:literal) => {
        each!($method, ["{node}", "{node-of-E2}", "{unknown-node}"], $behind)
    };
}

fn reading() -> Vec<Row> {
    let readers = ["200", "200", "200", "200", NO, NO];
    let list = ("list_nodes", "", Nobodys);
    let mut rows = vec![row(list, "GET /cadastre/v1/nodes", "", readers, STRANGER)];
    for (operation, paths) in [
        ("get_node", nodes!("GET /cadastre/v1/nodes/", "")),
        ("list_node_keys", nodes!("GET /cadastre/v1/nodes/", "/keys")),
        ("list_node_agents", nodes!("GET /cadastre/v1/nodes/", "/agents")),
    ] {
        rows.extend(read((operation, "node"), paths));
    }
    rows
}

fn switching() -> Vec<Row> {
    let name = r#"{"name": "by {caller}"}"#;
    let paths = nodes!("PATCH /cadastre/v1/nodes/", "");
    let mut rows: Vec<_> = write(("change_node", "node", "200"), paths, name).into();
    for (operation, paths) in [
        ("disable_node", nodes!("POST /cadastre/v1/nodes/", "/disable")),
        ("enable_node", nodes!("POST /cadastre/v1/nodes/", "/enable")),
    ] {
        rows.extend(write((operation, "node", "200"), paths, ""));
    }
    rows
}

fn keys() -> Vec<Row> {
    let add = each!(
        "POST /cadastre/v1/nodes/",
        ["{near-node-{caller}}", "{far-node-{caller}}", "{unknown-node}"],
        "/keys"
    );
    let revoke = each!(
        "DELETE /cadastre/v1/nodes/",
        [
            "{node}/keys/{node-ak}",
            "{node-of-E2}/keys/{node-of-E2-ak}",
            "{unknown-node}/keys/00000000000000000000"
        ],
        "?force=true"
    );
    let nothing = row(
        ("revoke_node_key", "key", Unknown),
        "DELETE /cadastre/v1/nodes/{node}/keys/00000000000000000000",
        "",
        [NONE, NONE, NONE, NO, NO, NO],
        STRANGER,
    );
    let added = write(("add_node_key", "node", "201"), add, "");
    let revoked = write(("revoke_node_key", "node", "204"), revoke, "");
    added.into_iter().chain(revoked).chain([nothing]).collect()
}

fn runs() -> Vec<Row> {
    let run = |whose, request, body, of_roles| {
        row(("run_node_tasks", "node", whose), request, body, of_roles, STRANGER)
    };
    let path = nodes!("POST /cadastre/v1/nodes/", "/run");
    let (task, of_others) = (r#"{"task_ids": ["{task}"]}"#, r#"{"task_ids": ["{task-of-E2}"]}"#);
    vec![
        run(Own, path[0], task, ["202", "202", "202", NO, NO, NO]),
        run(Foreign, path[1], of_others, ["202", NONE, NONE, NO, NO, NO]),
        run(Unknown, path[2], task, [NONE, NONE, NONE, NO, NO, NO]),
        row(
            ("run_node_tasks", "task", Foreign),
            path[0],
            of_others,
            [WRONG, WRONG, WRONG, NO, NO, NO],
            STRANGER,
        ),
    ]
}

fn variables() -> Vec<Row> {
    let list = ("list_dial_variables", "", Nobodys);
    let readers = ["200", "200", "200", "200", NO, NO];
    let mut rows = vec![row(list, "GET /cadastre/v1/dial-variables", "", readers, STRANGER)];
    let of = |operation, what, whose, body, done| {
        let of_roles = [done, done, done, NO, NO, NO];
        row((operation, what, whose), "POST /cadastre/v1/dial-variables", body, of_roles, STRANGER)
    };
    let add = |whose, body, done| of("add_dial_variable", "task", whose, body, done);
    rows.extend([
        add(Nobodys, r#"{"name": "a {caller}", "value": "x"}"#, "201"),
        add(Own, r#"{"name": "b {caller}", "value": "x", "task_id": "{task}"}"#, "201"),
        add(Foreign, r#"{"name": "c {caller}", "value": "x", "task_id": "{task-of-E2}"}"#, WRONG),
        add(Unknown, r#"{"name": "d {caller}", "value": "x", "task_id": "{unknown-task}"}"#, WRONG),
    ]);
    let paths = each!(
        "GET /cadastre/v1/dial-variables/",
        ["{variable}", "{variable-of-E2}", "{unknown-variable}"],
        ""
    );
    rows.extend(read(("get_dial_variable", "variable"), paths));
    let paths = each!(
        "PATCH /cadastre/v1/dial-variables/",
        ["{variable}", "{variable-of-E2}", "{unknown-variable}"],
        ""
    );
    let value = r#"{"value": "by {caller}"}"#;
    rows.extend(write(("change_dial_variable", "variable", "200"), paths, value));
    rows
}

fn deletions() -> Vec<Row> {
    let node = each!(
        "DELETE /cadastre/v1/nodes/",
        ["{near-node-{caller}}", "{far-node-{caller}}", "{unknown-node}"],
        ""
    );
    let variable = each!(
        "DELETE /cadastre/v1/dial-variables/",
        ["{near-variable-{caller}}", "{far-variable-{caller}}", "{unknown-variable}"],
        ""
    );
    let node = write(("delete_node", "node", "204"), node, "");
    let variable = write(("delete_dial_variable", "variable", "204"), variable, "");
    node.into_iter().chain(variable).collect()
}
