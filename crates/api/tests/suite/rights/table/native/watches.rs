//! Watches of regions, and how watched regions stand.

use super::{NO, NONE, Row, STRANGER, Whose, row};
use Whose::{Foreign, Own, Unknown};

/// The region is watched already.
const TAKEN: &str = "409 taken";

/// The rows of watches, in the order in which a watch is made and removed.
pub fn rows() -> Vec<Row> {
    let paths = [
        (Own, "/cadastre/v1/regions/{watched}", "{node}"),
        (Foreign, "/cadastre/v1/regions/{watched-of-E2}", "{node-of-E2}"),
        (Unknown, "/cadastre/v1/regions/{unknown}", "{node}"),
    ];
    let mut rows = Vec::new();
    for (whose, path, node) in paths {
        let roles = |own: [&'static str; 6], foreign: &'static str| match whose {
            Own => own,
            Foreign => [foreign, NONE, NONE, own_or_none(own[3]), NO, NO],
            _ => [NONE, NONE, NONE, own_or_none(own[3]), NO, NO],
        };
        let all = roles(["200", "200", "200", "200", NO, NO], "200");
        let changes = roles(["200", "200", "200", NO, NO, NO], "200");
        let mut add = |operation, request: String, body: String, of_roles| {
            let (request, body) = (request.leak(), body.leak());
            rows.push(row((operation, "region", whose), request, body, of_roles, STRANGER));
        };
        let watch = format!("{path}/watch");
        let make = roles(["201", TAKEN, TAKEN, NO, NO, NO], "201");
        add("watch_region", format!("POST {watch}"), format!(r#"{{"nodes": ["{node}"]}}"#), make);
        add("get_watch", format!("GET {watch}"), String::new(), all);
        add("get_availability", format!("GET {path}/availability"), String::new(), all);
        add("change_watch", format!("PATCH {watch}"), r#"{"frequency": "5m"}"#.to_owned(), changes);
        let remove = roles(["204", NONE, NONE, NO, NO, NO], "204");
        add("unwatch_region", format!("DELETE {watch}"), String::new(), remove);
    }
    rows
}

/// Whoever only reads is told that there is no such region, or that he may not.
fn own_or_none(of_viewer: &'static str) -> &'static str {
    if of_viewer == NO { NO } else { NONE }
}
