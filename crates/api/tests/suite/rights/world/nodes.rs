//! What only the rows of nodes on the native face are about.

use serde_json::json;

use super::{CALLERS, add_node};
use crate::rainbond_fixture::Fixture;

/// Of `{E1}` the variable `{variable}`, and for each caller the node `{near-node-…}` and the variable
/// `{near-variable-…}`; of `{E2}` the variable `{variable-of-E2}`, and for each caller `{far-node-…}`
/// and `{far-variable-…}`; and `{unknown-variable}`, which identifies nothing.
pub fn add(fixture: &mut Fixture) {
    for (key, end, place) in [("{admin}", "", "near"), ("{KO}", "-of-E2", "far")] {
        add_variable(fixture, key, &format!("variable{end}"));
        for caller in CALLERS {
            add_node(fixture, key, &format!("{place}-node-{caller}"));
            add_variable(fixture, key, &format!("{place}-variable-{caller}"));
        }
    }
    fixture.call_it("unknown-variable", &json!("var_0123456789abcdef0123456789abcdef"));
}

fn add_variable(fixture: &mut Fixture, key: &str, name: &str) {
    let body = json!({"name": name, "value": "x"});
    let added = fixture.send(key, "POST /cadastre/v1/dial-variables", &body);
    assert_eq!(added.status(), 201, "{added:?}");
    fixture.call_it(name, &added.json()["id"]);
}
