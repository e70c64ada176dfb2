//! The rainbond face.

mod regions;

use super::{Row, Whose, row};
use Whose::{Foreign, Nobodys, Other, Own, Unknown};

const STRANGER: &str = "401 AuthenticationFailed";
const NO: &str = "403 PermissionDenied";
/// Not to be opened by this caller for this team (D9).
const SHUT: &str = "403 10402";
const NO_TEAM: &str = "404 404";
const NO_REGION: &str = "404 3000";
/// Not open for the team, or not enabled.
const UNUSABLE: &str = "409 2001";
/// There is nothing behind it.
const NOTHING: &str = "404 NotFound";
/// Not open for the team, or not there.
const NOT_OPEN: &str = "400 D";
/// The region belongs to another enterprise than the team (D10).
const ELSEWHERE: &str = "400 400";

/// The rows of this face.
pub fn rows() -> Vec<Row> {
    let parts = [
        regions::rows(),
        teams(),
        openings(),
        open_regions(),
        closings(),
        changes_of_teams(),
        users(),
    ];
    parts.into_iter().flatten().collect()
}

fn teams() -> Vec<Row> {
    let create = |whose, body, of_roles| {
        let place = ("create_team", "region", whose);
        row(place, "POST /openapi/v1/teams", body, of_roles, STRANGER)
    };
    let read = |whose, request, of_roles| {
        row(("get_team", "team", whose), request, "", of_roles, STRANGER)
    };
    vec![
        create(Nobodys, r#"{"tenant_name": "t"}"#, ["201", "201", "201", NO, NO, NO]),
        create(Own, r#"{"tenant_name": "t", "region": "r1"}"#, ["201", "201", "201", NO, NO, NO]),
        create(
            Foreign,
            r#"{"tenant_name": "t", "region": "foreign"}"#,
            [ELSEWHERE, ELSEWHERE, ELSEWHERE, NO, NO, NO],
        ),
        create(
            Unknown,
            r#"{"tenant_name": "t", "region": "nowhere"}"#,
            [NO_REGION, NO_REGION, NO_REGION, NO, NO, NO],
        ),
        read(Own, "GET /openapi/v1/teams/{T}", ["200", "200", "200", "200", "200", NO_TEAM]),
        read(Other, "GET /openapi/v1/teams/{V}", ["200", "200", "200", "200", NO_TEAM, NO_TEAM]),
        read(
            Foreign,
            "GET /openapi/v1/teams/{U}",
            ["200", NO_TEAM, NO_TEAM, NO_TEAM, NO_TEAM, NO_TEAM],
        ),
        read(
            Unknown,
            "GET /openapi/v1/teams/{unknown}",
            [NO_TEAM, NO_TEAM, NO_TEAM, NO_TEAM, NO_TEAM, NO_TEAM],
        ),
    ]
}

fn openings() -> Vec<Row> {
    let open = |(what, whose), request, body, of_roles| {
        row(("open_region", what, whose), request, body, of_roles, STRANGER)
    };
    let own = "POST /openapi/v1/teams/{T}/regions";
    let other = "POST /openapi/v1/teams/{V}/regions";
    let foreign = "POST /openapi/v1/teams/{U}/regions";
    let unknown = "POST /openapi/v1/teams/{unknown}/regions";
    let public = r#"{"region": "pub"}"#;
    let private = r#"{"region": "r1"}"#;
    let elsewhere = r#"{"region": "foreign"}"#;
    let nowhere = r#"{"region": "nowhere"}"#;
    let never = [NO_TEAM, NO_TEAM, NO_TEAM, SHUT, NO_TEAM, NO_TEAM];
    vec![
        open(("team", Own), own, public, ["201", "201", "201", SHUT, "201", SHUT]),
        open(("team", Other), other, public, ["201", "201", "201", SHUT, SHUT, SHUT]),
        open(
            ("team", Foreign),
            foreign,
            public,
            [ELSEWHERE, NO_TEAM, NO_TEAM, SHUT, NO_TEAM, NO_TEAM],
        ),
        open(("team", Unknown), unknown, public, never),
        open(("private region", Own), own, private, ["201", "201", "201", SHUT, SHUT, SHUT]),
        open(("private region", Other), other, private, ["201", "201", "201", SHUT, SHUT, SHUT]),
        open(
            ("team of the region", Foreign),
            foreign,
            elsewhere,
            ["201", NO_TEAM, NO_TEAM, SHUT, NO_TEAM, NO_TEAM],
        ),
        open(("team of the region", Unknown), unknown, elsewhere, never),
        open(
            ("region", Foreign),
            own,
            elsewhere,
            [ELSEWHERE, ELSEWHERE, ELSEWHERE, SHUT, ELSEWHERE, SHUT],
        ),
        open(
            ("region", Unknown),
            own,
            nowhere,
            [NO_REGION, NO_REGION, NO_REGION, SHUT, NO_REGION, SHUT],
        ),
    ]
}

fn changes_of_teams() -> Vec<Row> {
    let list = |of_roles| {
        row(("list_teams", "", Nobodys), "GET /openapi/v1/teams", "", of_roles, STRANGER)
    };
    let change = |whose, request, of_roles| {
        let body = r#"{"tenant_alias": "{caller}"}"#;
        row(("update_team", "team", whose), request, body, of_roles, STRANGER)
    };
    let delete = |whose, request, of_roles| {
        row(("delete_team", "team", whose), request, "", of_roles, STRANGER)
    };
    let managers = ["200", "200", "200", NO, NO, NO];
    let foreign = ["200", NO_TEAM, NO_TEAM, NO, NO, NO];
    let unknown = [NO_TEAM, NO_TEAM, NO_TEAM, NO, NO, NO];
    vec![
        list(["200"; 6]),
        change(Own, "PUT /openapi/v1/teams/{T}", managers),
        change(Other, "PUT /openapi/v1/teams/{V}", managers),
        change(Foreign, "PUT /openapi/v1/teams/{U}", foreign),
        change(Unknown, "PUT /openapi/v1/teams/{unknown}", unknown),
        delete(Own, "DELETE /openapi/v1/teams/{near-{caller}}", managers),
        delete(Foreign, "DELETE /openapi/v1/teams/{far-{caller}}", foreign),
        delete(Unknown, "DELETE /openapi/v1/teams/{unknown}", unknown),
    ]
}

fn closings() -> Vec<Row> {
    let close = |what, whose, request, of_roles| {
        row(("close_region", what, whose), request, "", of_roles, STRANGER)
    };
    let not_open = [NOT_OPEN, NOT_OPEN, NOT_OPEN, NO, NO, NO];
    vec![
        close(
            "team",
            Own,
            "DELETE /openapi/v1/teams/{near-{caller}}/regions/pub",
            ["200", "200", "200", NO, NO, NO],
        ),
        close(
            "team",
            Foreign,
            "DELETE /openapi/v1/teams/{far-{caller}}/regions/foreign",
            ["200", NO_TEAM, NO_TEAM, NO, NO, NO],
        ),
        close(
            "team",
            Unknown,
            "DELETE /openapi/v1/teams/{unknown}/regions/pub",
            [NO_TEAM, NO_TEAM, NO_TEAM, NO, NO, NO],
        ),
        close("region", Own, "DELETE /openapi/v1/teams/{V}/regions/r3", not_open),
        close("region", Foreign, "DELETE /openapi/v1/teams/{V}/regions/foreign", not_open),
        close("region", Unknown, "DELETE /openapi/v1/teams/{V}/regions/nowhere", not_open),
    ]
}

/// What is open for a team, and what it has there. `pub` is open for `{T}` and `{V}` by now, and
/// `foreign` for `{U}`.
fn open_regions() -> Vec<Row> {
    let list = |whose, request, of_roles| {
        row(("list_team_regions", "team", whose), request, "", of_roles, STRANGER)
    };
    let ask = |what, whose, request, of_roles| {
        row(("use_region", what, whose), request, "", of_roles, STRANGER)
    };
    let foreign = |platform| [platform, NO_TEAM, NO_TEAM, NO_TEAM, NO_TEAM, NO_TEAM];
    let other = |found| [found, found, found, found, NO_TEAM, NO_TEAM];
    let own = |found, to_member| [found, found, found, found, to_member, NO_TEAM];
    vec![
        list(Own, "GET /openapi/v1/teams/{T}/regions", own("200", "200")),
        list(Other, "GET /openapi/v1/teams/{V}/regions", other("200")),
        list(Foreign, "GET /openapi/v1/teams/{U}/regions", foreign("200")),
        list(Unknown, "GET /openapi/v1/teams/{unknown}/regions", foreign(NO_TEAM)),
        ask("team", Own, "GET /openapi/v1/teams/{T}/regions/pub/x", own(NOTHING, NOTHING)),
        ask("team", Other, "GET /openapi/v1/teams/{V}/regions/r0/x", other(UNUSABLE)),
        ask("team", Foreign, "GET /openapi/v1/teams/{U}/regions/foreign/x", foreign(NOTHING)),
        ask("team", Unknown, "GET /openapi/v1/teams/{unknown}/regions/pub/x", foreign(NO_TEAM)),
        ask("region", Own, "GET /openapi/v1/teams/{T}/regions/r0/x", own(UNUSABLE, NO_REGION)),
        ask(
            "region",
            Foreign,
            "GET /openapi/v1/teams/{T}/regions/foreign/x",
            own(NO_REGION, NO_REGION),
        ),
        ask(
            "region",
            Unknown,
            "GET /openapi/v1/teams/{T}/regions/nowhere/x",
            own(NO_REGION, NO_REGION),
        ),
    ]
}

fn users() -> Vec<Row> {
    let place = ("get_current_user", "", Nobodys);
    vec![row(place, "GET /openapi/v1/currentuser", "", ["200"; 6], STRANGER)]
}
