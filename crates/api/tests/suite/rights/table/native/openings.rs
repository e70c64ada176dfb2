//! Openings, and the explanation of who sees and opens what.

use super::{NO, NONE, Row, STRANGER, Whose, row};
use Whose::{Foreign, Other, Own, Unknown};

/// The caller may not open this region, or any.
const SHUT: &str = "403 opening_refused";
/// The region belongs to another enterprise than the team.
const ELSEWHERE: &str = "400 opening_refused";

/// The rows of openings.
pub fn rows() -> Vec<Row> {
    [opening(), reading(), changing(), of_regions(), explaining()].into_iter().flatten().collect()
}

fn opening() -> Vec<Row> {
    let open = |(what, whose), request, body, of_roles| {
        row(("create_opening", what, whose), request, body, of_roles, STRANGER)
    };
    let own = "POST /cadastre/v1/teams/{T}/openings";
    let other = "POST /cadastre/v1/teams/{V}/openings";
    let foreign = "POST /cadastre/v1/teams/{U}/openings";
    let unknown = "POST /cadastre/v1/teams/{unknown}/openings";
    let public = r#"{"region_id": "{np}"}"#;
    let private = r#"{"region_id": "{nr}"}"#;
    let elsewhere = r#"{"region_id": "{nf}"}"#;
    let nowhere = r#"{"region_id": "{unknown}"}"#;
    let of_another = ["201", NONE, NONE, SHUT, NONE, NONE];
    let astray = [ELSEWHERE, NONE, NONE, SHUT, NONE, NONE];
    let never = [NONE, NONE, NONE, SHUT, NONE, NONE];
    vec![
        open(("team", Own), own, public, ["201", "200", "200", SHUT, "200", NONE]),
        open(("team", Other), other, public, ["201", "200", "200", SHUT, NONE, NONE]),
        open(("team", Foreign), foreign, public, astray),
        open(("team", Unknown), unknown, public, never),
        open(("private region", Own), own, private, ["201", "200", "200", SHUT, SHUT, NONE]),
        open(("private region", Other), other, private, ["201", "200", "200", SHUT, NONE, NONE]),
        open(("team of the region", Foreign), foreign, elsewhere, of_another),
        open(("team of the region", Unknown), unknown, elsewhere, never),
        open(("region", Foreign), own, elsewhere, astray),
        open(("region", Unknown), own, nowhere, never),
    ]
}

fn reading() -> Vec<Row> {
    let list = |whose, request, of_roles| {
        row(("list_openings", "team", whose), request, "", of_roles, STRANGER)
    };
    let read = |(what, whose), request, of_roles| {
        row(("get_opening", what, whose), request, "", of_roles, STRANGER)
    };
    let own = ["200", "200", "200", "200", "200", NONE];
    let other = ["200", "200", "200", "200", NONE, NONE];
    let foreign = ["200", NONE, NONE, NONE, NONE, NONE];
    let none = [NONE; 6];
    vec![
        list(Own, "GET /cadastre/v1/teams/{T}/openings", own),
        list(Other, "GET /cadastre/v1/teams/{V}/openings", other),
        list(Foreign, "GET /cadastre/v1/teams/{U}/openings", foreign),
        list(Unknown, "GET /cadastre/v1/teams/{unknown}/openings", none),
        read(("team", Own), "GET /cadastre/v1/teams/{T}/openings/{np}", own),
        read(("team", Other), "GET /cadastre/v1/teams/{V}/openings/{np}", other),
        read(("team", Foreign), "GET /cadastre/v1/teams/{U}/openings/{nf}", foreign),
        read(("team", Unknown), "GET /cadastre/v1/teams/{unknown}/openings/{nf}", none),
        read(("region", Foreign), "GET /cadastre/v1/teams/{T}/openings/{nf}", none),
        read(("region", Unknown), "GET /cadastre/v1/teams/{T}/openings/{unknown}", none),
    ]
}

fn changing() -> Vec<Row> {
    let own = ["200", "200", "200", NO, NO, NO];
    let foreign = ["200", NONE, NONE, NO, NO, NO];
    let unknown = [NONE, NONE, NONE, NO, NO, NO];
    let change = |whose, request, of_roles| {
        let body = r#"{"quota": {"memory_mb": 5}}"#;
        row(("change_opening", "team", whose), request, body, of_roles, STRANGER)
    };
    let close = |what, whose, request, of_roles| {
        row(("close_opening", what, whose), request, "", of_roles, STRANGER)
    };
    let (dry, team) = ("dry run", "team");
    // The first who may closes it.
    let once = ["204", NONE, NONE, NO, NO, NO];
    vec![
        change(Own, "PATCH /cadastre/v1/teams/{T}/openings/{np}", own),
        change(Other, "PATCH /cadastre/v1/teams/{V}/openings/{np}", own),
        change(Foreign, "PATCH /cadastre/v1/teams/{U}/openings/{nf}", foreign),
        change(Unknown, "PATCH /cadastre/v1/teams/{unknown}/openings/{nf}", unknown),
        close(dry, Own, "DELETE /cadastre/v1/teams/{T}/openings/{np}?dry_run=true", own),
        close(dry, Foreign, "DELETE /cadastre/v1/teams/{U}/openings/{nf}?dry_run=true", foreign),
        close(
            dry,
            Unknown,
            "DELETE /cadastre/v1/teams/{unknown}/openings/{nf}?dry_run=true",
            unknown,
        ),
        close(team, Unknown, "DELETE /cadastre/v1/teams/{unknown}/openings/{nf}", unknown),
        close(team, Own, "DELETE /cadastre/v1/teams/{T}/openings/{nr}", once),
        close(team, Foreign, "DELETE /cadastre/v1/teams/{U}/openings/{nf}", once),
    ]
}

fn of_regions() -> Vec<Row> {
    let list = |whose, request, of_roles| {
        row(("list_region_openings", "region", whose), request, "", of_roles, STRANGER)
    };
    let own = ["200", "200", "200", "200", NO, NO];
    let foreign = ["200", NONE, NONE, NONE, NO, NO];
    let unknown = [NONE, NONE, NONE, NONE, NO, NO];
    vec![
        list(Own, "GET /cadastre/v1/regions/{np}/openings", own),
        list(Foreign, "GET /cadastre/v1/regions/{nf}/openings", foreign),
        list(Unknown, "GET /cadastre/v1/regions/{unknown}/openings", unknown),
    ]
}

fn explaining() -> Vec<Row> {
    let explain = |(what, whose), request, of_roles| {
        row(("explain_region", what, whose), request, "", of_roles, STRANGER)
    };
    let own = ["200", "200", "200", "200", "200", NONE];
    let other = ["200", "200", "200", "200", NONE, NONE];
    let foreign = ["200", NONE, NONE, NONE, NONE, NONE];
    let none = [NONE; 6];
    vec![
        explain(("team", Own), "GET /cadastre/v1/regions/{np}/explain?team={T}", own),
        explain(("team", Other), "GET /cadastre/v1/regions/{np}/explain?team={V}", other),
        explain(("team", Foreign), "GET /cadastre/v1/regions/{np}/explain?team={U}", foreign),
        explain(("team", Unknown), "GET /cadastre/v1/regions/{np}/explain?team={unknown}", none),
        // Its team has closed it again.
        explain(("private region", Own), "GET /cadastre/v1/regions/{nr}/explain?team={T}", other),
        explain(("region", Foreign), "GET /cadastre/v1/regions/{nf}/explain?team={T}", foreign),
        explain(("region", Unknown), "GET /cadastre/v1/regions/{unknown}/explain?team={T}", none),
    ]
}
