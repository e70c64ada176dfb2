//! Regions on the native face.

use super::{NO, NONE, Row, STRANGER, Whose, row};
use Whose::{Foreign, Nobodys, Own, Unknown};

/// An enabled region is not deleted.
const IN_USE: &str = "409 deletion_refused";

/// The rows of regions.
pub fn rows() -> Vec<Row> {
    [reading(), registering(), changing(), deleting()].into_iter().flatten().collect()
}

fn reading() -> Vec<Row> {
    let read = |(what, whose), request, of_roles| {
        row(("read_region", what, whose), request, "", of_roles, STRANGER)
    };
    let everybody = ["200"; 6];
    let list = "GET /cadastre/v1/regions";
    let public = "GET /cadastre/v1/regions/{pub}";
    let open = "GET /cadastre/v1/regions/{r1}";
    let editing = "GET /cadastre/v1/regions/{r0}";
    let foreign = "GET /cadastre/v1/regions/{foreign}";
    let unknown = "GET /cadastre/v1/regions/{unknown}";
    vec![
        row(("browse_regions", "", Nobodys), list, "", everybody, STRANGER),
        read(("public region", Own), public, everybody),
        read(("region", Own), open, ["200", "200", "200", "200", "200", NONE]),
        read(("editing region", Own), editing, ["200", "200", "200", "200", NONE, NONE]),
        read(("region", Foreign), foreign, ["200", NONE, NONE, NONE, NONE, NONE]),
        read(("region", Unknown), unknown, [NONE; 6]),
    ]
}

fn registering() -> Vec<Row> {
    let register = |whose, body, of_roles| {
        let place = ("register_region", "enterprise", whose);
        row(place, "POST /cadastre/v1/regions", body, of_roles, STRANGER)
    };
    let none = [NONE, NONE, NONE, NO, NO, NO];
    vec![
        register(
            Nobodys,
            r#"{"name": "na-{caller}", "addresses": {"api_url": "http://h",
                "websocket_url": "ws://h", "http_domain": "h", "tcp_address": "1.2.3.4"}}"#,
            ["201", "201", "201", NO, NO, NO],
        ),
        register(
            Own,
            r#"{"name": "nb-{caller}", "enterprise_id": "{E1}", "addresses": {"api_url":
                "http://h", "websocket_url": "ws://h", "http_domain": "h",
                "tcp_address": "1.2.3.4"}}"#,
            ["201", "201", "201", NO, NO, NO],
        ),
        register(
            Foreign,
            r#"{"name": "nc-{caller}", "enterprise_id": "{E2}", "addresses": {"api_url":
                "http://h", "websocket_url": "ws://h", "http_domain": "h",
                "tcp_address": "1.2.3.4"}}"#,
            ["201", NONE, NONE, NO, NO, NO],
        ),
        register(
            Unknown,
            r#"{"name": "nd-{caller}", "enterprise_id": "{unknown}", "addresses": {"api_url":
                "http://h", "websocket_url": "ws://h", "http_domain": "h",
                "tcp_address": "1.2.3.4"}}"#,
            none,
        ),
    ]
}

fn changing() -> Vec<Row> {
    let edit = |whose, request, of_roles| {
        let body = r#"{"description": "by {caller}"}"#;
        row(("edit_region", "region", whose), request, body, of_roles, STRANGER)
    };
    let status = |whose, request, of_roles| {
        let body = r#"{"status": "enabled"}"#;
        row(("change_region_status", "region", whose), request, body, of_roles, STRANGER)
    };
    let (own, foreign, unknown) = (
        ["200", "200", "200", NO, NO, NO],
        ["200", NONE, NONE, NO, NO, NO],
        [NONE, NONE, NONE, NO, NO, NO],
    );
    vec![
        edit(Own, "PATCH /cadastre/v1/regions/{r1}", own),
        edit(Foreign, "PATCH /cadastre/v1/regions/{foreign}", foreign),
        edit(Unknown, "PATCH /cadastre/v1/regions/{unknown}", unknown),
        status(Own, "POST /cadastre/v1/regions/{r1}/status", own),
        status(Foreign, "POST /cadastre/v1/regions/{foreign}/status", foreign),
        status(Unknown, "POST /cadastre/v1/regions/{unknown}/status", unknown),
    ]
}

fn deleting() -> Vec<Row> {
    let delete = |(what, whose), request, of_roles| {
        row(("remove_region", what, whose), request, "", of_roles, STRANGER)
    };
    let try_it = "dry run";
    vec![
        delete(
            ("region", Own),
            "DELETE /cadastre/v1/regions/{r1}",
            [IN_USE, IN_USE, IN_USE, NO, NO, NO],
        ),
        delete(
            ("region", Foreign),
            "DELETE /cadastre/v1/regions/{foreign}",
            [IN_USE, NONE, NONE, NO, NO, NO],
        ),
        delete(
            ("region", Unknown),
            "DELETE /cadastre/v1/regions/{unknown}",
            [NONE, NONE, NONE, NO, NO, NO],
        ),
        delete(
            (try_it, Own),
            "DELETE /cadastre/v1/regions/{r1}?dry_run=true",
            ["200", "200", "200", NO, NO, NO],
        ),
        delete(
            (try_it, Foreign),
            "DELETE /cadastre/v1/regions/{foreign}?dry_run=true",
            ["200", NONE, NONE, NO, NO, NO],
        ),
        delete(
            (try_it, Unknown),
            "DELETE /cadastre/v1/regions/{unknown}?dry_run=true",
            [NONE, NONE, NONE, NO, NO, NO],
        ),
    ]
}
