//! Enterprises, their users and their teams.

use super::{NO, NONE, Row, STRANGER, Whose, row};
use Whose::{Foreign, Nobodys, Other, Own, Unknown};

/// The rows of enterprises, users and teams.
pub fn rows() -> Vec<Row> {
    [enterprises(), users(), teams(), changed_teams()].into_iter().flatten().collect()
}

fn enterprises() -> Vec<Row> {
    let list = "GET /cadastre/v1/enterprises";
    let read = |whose, request, of_roles| {
        row(("get_enterprise", "enterprise", whose), request, "", of_roles, STRANGER)
    };
    let rename = |whose, request, body, platform, admin| {
        let of_roles = [platform, admin, NO, NO, NO, NO];
        row(("rename_enterprise", "enterprise", whose), request, body, of_roles, STRANGER)
    };
    let foreign = "GET /cadastre/v1/enterprises/{E2}";
    vec![
        row(("list_enterprises", "", Nobodys), list, "", ["200"; 6], STRANGER),
        row(
            ("create_enterprise", "", Nobodys),
            "POST /cadastre/v1/enterprises",
            r#"{"name": "e {caller}"}"#,
            ["201", NO, NO, NO, NO, NO],
            STRANGER,
        ),
        read(Own, "GET /cadastre/v1/enterprises/{E1}", ["200"; 6]),
        read(Foreign, foreign, ["200", NONE, NONE, NONE, NONE, NONE]),
        read(Unknown, "GET /cadastre/v1/enterprises/{unknown}", [NONE; 6]),
        rename(
            Own,
            "PATCH /cadastre/v1/enterprises/{E1}",
            r#"{"name": "of {caller}"}"#,
            "200",
            "200",
        ),
        rename(
            Foreign,
            "PATCH /cadastre/v1/enterprises/{E2}",
            r#"{"name": "else of {caller}"}"#,
            "200",
            NONE,
        ),
        rename(
            Unknown,
            "PATCH /cadastre/v1/enterprises/{unknown}",
            r#"{"name": "none"}"#,
            NONE,
            NONE,
        ),
    ]
}

fn users() -> Vec<Row> {
    let read = |whose, request, of_roles| {
        row(("get_user", "user", whose), request, "", of_roles, STRANGER)
    };
    let rename = |whose, request, platform, admin| {
        let (body, of_roles) = (r#"{"name": "r {caller}"}"#, [platform, admin, NO, NO, NO, NO]);
        row(("rename_user", "user", whose), request, body, of_roles, STRANGER)
    };
    vec![
        read(Own, "GET /cadastre/v1/users/{user}", ["200", "200", "200", "200", NO, NO]),
        read(Foreign, "GET /cadastre/v1/users/{user-of-E2}", ["200", NONE, NONE, NONE, NO, NO]),
        read(Unknown, "GET /cadastre/v1/users/999999", [NONE, NONE, NONE, NONE, NO, NO]),
        rename(Own, "PATCH /cadastre/v1/users/{user}", "200", "200"),
        rename(Foreign, "PATCH /cadastre/v1/users/{user-of-E2}", "200", NONE),
        rename(Unknown, "PATCH /cadastre/v1/users/999999", NONE, NONE),
    ]
}

fn teams() -> Vec<Row> {
    let list = "GET /cadastre/v1/teams";
    let add = |whose, body, of_roles| {
        let place = ("add_team", "enterprise", whose);
        row(place, "POST /cadastre/v1/teams", body, of_roles, STRANGER)
    };
    let read = |whose, request, of_roles| {
        row(("show_team", "team", whose), request, "", of_roles, STRANGER)
    };
    let foreign = r#"{"alias": "c", "enterprise_id": "{E2}"}"#;
    let unknown = r#"{"alias": "d", "enterprise_id": "{unknown}"}"#;
    let own = r#"{"alias": "b", "enterprise_id": "{E1}"}"#;
    vec![
        row(("find_teams", "", Nobodys), list, "", ["200"; 6], STRANGER),
        add(Nobodys, r#"{"alias": "a"}"#, ["201", "201", "201", NO, NO, NO]),
        add(Own, own, ["201", "201", "201", NO, NO, NO]),
        add(Foreign, foreign, ["201", NONE, NONE, NO, NO, NO]),
        add(Unknown, unknown, [NONE, NONE, NONE, NO, NO, NO]),
        read(Own, "GET /cadastre/v1/teams/{T}", ["200", "200", "200", "200", "200", NONE]),
        read(Other, "GET /cadastre/v1/teams/{V}", ["200", "200", "200", "200", NONE, NONE]),
        read(Foreign, "GET /cadastre/v1/teams/{U}", ["200", NONE, NONE, NONE, NONE, NONE]),
        read(Unknown, "GET /cadastre/v1/teams/{unknown}", [NONE; 6]),
    ]
}

fn changed_teams() -> Vec<Row> {
    let own = ["200", "200", "200", NO, NO, NO];
    let foreign = ["200", NONE, NONE, NO, NO, NO];
    let unknown = [NONE, NONE, NONE, NO, NO, NO];
    let edit = |whose, request, of_roles| {
        let body = r#"{"alias": "by {caller}"}"#;
        row(("edit_team", "team", whose), request, body, of_roles, STRANGER)
    };
    let remove = |what, whose, request, of_roles| {
        row(("remove_team", what, whose), request, "", of_roles, STRANGER)
    };
    vec![
        edit(Own, "PATCH /cadastre/v1/teams/{T}", own),
        edit(Other, "PATCH /cadastre/v1/teams/{V}", own),
        edit(Foreign, "PATCH /cadastre/v1/teams/{U}", foreign),
        edit(Unknown, "PATCH /cadastre/v1/teams/{unknown}", unknown),
        remove("dry run", Own, "DELETE /cadastre/v1/teams/{T}?dry_run=true", own),
        remove("dry run", Foreign, "DELETE /cadastre/v1/teams/{U}?dry_run=true", foreign),
        remove("dry run", Unknown, "DELETE /cadastre/v1/teams/{unknown}?dry_run=true", unknown),
        remove("team", Unknown, "DELETE /cadastre/v1/teams/{unknown}", unknown),
        // The first who may deletes it.
        remove(
            "team",
            Own,
            "DELETE /cadastre/v1/teams/{to-delete}",
            ["204", NONE, NONE, NO, NO, NO],
        ),
        remove(
            "team",
            Foreign,
            "DELETE /cadastre/v1/teams/{to-delete-of-E2}",
            ["204", NONE, NONE, NO, NO, NO],
        ),
    ]
}
