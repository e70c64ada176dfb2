//! The native face.

mod history;
mod maintenance;
mod nodes;
mod openings;
mod regions;
mod tenants;
mod watches;
mod watching;

use super::{Row, Whose, row};
use Whose::{Foreign, Nobodys, Other, Own, Unknown};

const STRANGER: &str = "401 unauthenticated";
const NO: &str = "403 forbidden";
const NONE: &str = "404 not_found";
/// The caller may make tokens, but not of this role.
const NOT_THIS_ROLE: &str = "403 grant_refused";

/// The rows of this face.
pub fn rows() -> Vec<Row> {
    let rows = [
        new_tokens(),
        tokens(),
        ended_tokens(),
        users(),
        audit(),
        credentials(),
        tenants::rows(),
        openings::rows(),
        regions::rows(),
        history::rows(),
        maintenance::rows(),
        watches::rows(),
        nodes::rows(),
        results(),
        watching::rows(),
    ];
    rows.into_iter().flatten().collect()
}

fn new_tokens() -> Vec<Row> {
    let make = |(what, whose), body, platform, admin| {
        let of_roles = [platform, admin, NO, NO, NO, NO];
        row(("create_token", what, whose), "POST /cadastre/v1/tokens", body, of_roles, STRANGER)
    };
    vec![
        make(("enterprise", Nobodys), r#"{"name": "n", "role": "admin"}"#, "201", "201"),
        make(
            ("enterprise", Own),
            r#"{"name": "n", "role": "viewer", "enterprise_id": "{E1}"}"#,
            "201",
            "201",
        ),
        make(
            ("enterprise", Foreign),
            r#"{"name": "n", "role": "viewer", "enterprise_id": "{E2}"}"#,
            "201",
            NONE,
        ),
        make(
            ("enterprise", Unknown),
            r#"{"name": "n", "role": "viewer", "enterprise_id": "{unknown}"}"#,
            NONE,
            NONE,
        ),
        make(("team", Own), r#"{"name": "n", "role": "team", "teams": ["{T}"]}"#, "201", "201"),
        make(("team", Other), r#"{"name": "n", "role": "team", "teams": ["{V}"]}"#, "201", "201"),
        make(("team", Foreign), r#"{"name": "n", "role": "team", "teams": ["{U}"]}"#, NONE, NONE),
        make(
            ("team", Unknown),
            r#"{"name": "n", "role": "team", "teams": ["{unknown}"]}"#,
            NONE,
            NONE,
        ),
        make(("platform token", Own), r#"{"name": "n", "role": "platform"}"#, "201", NOT_THIS_ROLE),
        make(
            ("platform token", Foreign),
            r#"{"name": "n", "role": "platform", "enterprise_id": "{E2}"}"#,
            "201",
            NONE,
        ),
        make(
            ("platform token", Unknown),
            r#"{"name": "n", "role": "platform", "enterprise_id": "{unknown}"}"#,
            NONE,
            NONE,
        ),
    ]
}

fn tokens() -> Vec<Row> {
    let list = ["200", "200", NO, NO, NO, NO];
    let read = |whose, request, platform, admin| {
        let of_roles = [platform, admin, NO, NO, NO, NO];
        row(("get_token", "token", whose), request, "", of_roles, STRANGER)
    };
    vec![
        row(("list_tokens", "", Nobodys), "GET /cadastre/v1/tokens", "", list, STRANGER),
        read(Own, "GET /cadastre/v1/tokens/{token}", "200", "200"),
        read(Other, "GET /cadastre/v1/tokens/{token-of-platform}", "200", NONE),
        read(Foreign, "GET /cadastre/v1/tokens/{token-of-E2}", "200", NONE),
        read(Unknown, "GET /cadastre/v1/tokens/{unknown}", NONE, NONE),
    ]
}

fn ended_tokens() -> Vec<Row> {
    let rotate = |whose, request, platform, admin| {
        let of_roles = [platform, admin, NO, NO, NO, NO];
        row(("rotate_token", "token", whose), request, "{}", of_roles, STRANGER)
    };
    let revoke = |whose, request, platform, admin| {
        let of_roles = [platform, admin, NO, NO, NO, NO];
        row(("revoke_token", "token", whose), request, "", of_roles, STRANGER)
    };
    vec![
        rotate(Own, "POST /cadastre/v1/tokens/{token}/rotate", "200", "200"),
        rotate(Other, "POST /cadastre/v1/tokens/{token-of-platform}/rotate", "200", NONE),
        rotate(Foreign, "POST /cadastre/v1/tokens/{token-of-E2}/rotate", "200", NONE),
        rotate(Unknown, "POST /cadastre/v1/tokens/{unknown}/rotate", NONE, NONE),
        revoke(Own, "DELETE /cadastre/v1/tokens/{token}", "204", "204"),
        revoke(Other, "DELETE /cadastre/v1/tokens/{token-of-platform}", "204", NONE),
        revoke(Foreign, "DELETE /cadastre/v1/tokens/{token-of-E2}", "204", NONE),
        revoke(Unknown, "DELETE /cadastre/v1/tokens/{unknown}", NONE, NONE),
    ]
}

fn users() -> Vec<Row> {
    let list = ["200", "200", "200", "200", NO, NO];
    let add = |whose, body, platform, admin| {
        let of_roles = [platform, admin, NO, NO, NO, NO];
        let place = ("create_user", "enterprise", whose);
        row(place, "POST /cadastre/v1/users", body, of_roles, STRANGER)
    };
    vec![
        row(("list_users", "", Nobodys), "GET /cadastre/v1/users", "", list, STRANGER),
        add(Nobodys, r#"{"name": "a {caller}"}"#, "201", "201"),
        add(Own, r#"{"name": "b {caller}", "enterprise_id": "{E1}"}"#, "201", "201"),
        add(Foreign, r#"{"name": "c {caller}", "enterprise_id": "{E2}"}"#, "201", NONE),
        add(Unknown, r#"{"name": "d {caller}", "enterprise_id": "{unknown}"}"#, NONE, NONE),
    ]
}

fn audit() -> Vec<Row> {
    // Entries about other enterprises are as if there were none.
    let list = |whose, request| {
        let of_roles = ["200", "200", NO, NO, NO, NO];
        row(("list_audit_entries", "enterprise", whose), request, "", of_roles, STRANGER)
    };
    vec![
        list(Nobodys, "GET /cadastre/v1/audit"),
        list(Own, "GET /cadastre/v1/audit?enterprise_id={E1}"),
        list(Foreign, "GET /cadastre/v1/audit?enterprise_id={E2}"),
        list(Unknown, "GET /cadastre/v1/audit?enterprise_id={unknown}"),
    ]
}

/// Of what is asked for by something of others, nothing is found.
fn results() -> Vec<Row> {
    let list = |operation, whose, request| {
        let of_roles = ["200", "200", "200", "200", NO, NO];
        row((operation, "region", whose), request, "", of_roles, STRANGER)
    };
    let (results, rollups) = ("list_results", "list_result_rollups");
    vec![
        list(results, Nobodys, "GET /cadastre/v1/results"),
        list(results, Own, "GET /cadastre/v1/results?region={r1}"),
        list(results, Foreign, "GET /cadastre/v1/results?region={foreign}"),
        list(results, Unknown, "GET /cadastre/v1/results?region={unknown}"),
        list(rollups, Nobodys, "GET /cadastre/v1/results/rollups"),
        list(rollups, Own, "GET /cadastre/v1/results/rollups?region={r1}"),
        list(rollups, Foreign, "GET /cadastre/v1/results/rollups?region={foreign}"),
        list(rollups, Unknown, "GET /cadastre/v1/results/rollups?region={unknown}"),
    ]
}

fn credentials() -> Vec<Row> {
    let show = |whose, request, of_roles| {
        row(("get_region_credentials", "region", whose), request, "", of_roles, STRANGER)
    };
    vec![
        show(
            Own,
            "GET /cadastre/v1/regions/{r1}/credentials",
            ["200", "200", "200", "200", NO, NO],
        ),
        show(
            Foreign,
            "GET /cadastre/v1/regions/{foreign}/credentials",
            ["200", NONE, NONE, NONE, NO, NO],
        ),
        show(
            Unknown,
            "GET /cadastre/v1/regions/{unknown}/credentials",
            [NONE, NONE, NONE, NONE, NO, NO],
        ),
    ]
}
