//! The rainbond face.

use super::{Row, Whose, row};
use Whose::{Foreign, Nobodys, Other, Own, Unknown};

const STRANGER: &str = "401 AuthenticationFailed";
const NO: &str = "403 PermissionDenied";
/// Not to be opened by this caller for this team (D9).
const SHUT: &str = "403 10402";
const NO_TEAM: &str = "404 404";
const NO_ENTERPRISE: &str = "404 404";
const NO_REGION: &str = "404 3000";
/// The region belongs to another enterprise than the team (D10).
const ELSEWHERE: &str = "400 400";

/// The rows of this face.
pub fn rows() -> Vec<Row> {
    [regions(), teams(), openings()].into_iter().flatten().collect()
}

fn regions() -> Vec<Row> {
    let list = |of_roles| {
        row(("list_regions", "", Nobodys), "GET /openapi/v1/regions", "", of_roles, STRANGER)
    };
    let add = |whose, body, of_roles| {
        let place = ("create_region", "enterprise", whose);
        row(place, "POST /openapi/v1/regions", body, of_roles, STRANGER)
    };
    let change = |whose, request, of_roles| {
        let body = r#"{"region_alias": "a", "url": "http://h", "wsurl": "ws://h",
            "httpdomain": "h", "tcpdomain": "1.2.3.4", "status": "1"}"#;
        row(("update_region", "region", whose), request, body, of_roles, STRANGER)
    };
    let nobody = STRANGER;
    vec![
        list(["200", "200", "200", "200", NO, NO]),
        add(
            Nobodys,
            r#"{"region_name": "a-{caller}", "region_alias": "a", "url": "http://h",
                "wsurl": "ws://h", "httpdomain": "h", "tcpdomain": "1.2.3.4"}"#,
            ["201", "201", "201", NO, NO, NO],
        ),
        add(
            Own,
            r#"{"region_name": "b-{caller}", "region_alias": "a", "url": "http://h",
                "wsurl": "ws://h", "httpdomain": "h", "tcpdomain": "1.2.3.4",
                "enterprise_id": "{E1}"}"#,
            ["201", "201", "201", NO, NO, NO],
        ),
        add(
            Foreign,
            r#"{"region_name": "c-{caller}", "region_alias": "a", "url": "http://h",
                "wsurl": "ws://h", "httpdomain": "h", "tcpdomain": "1.2.3.4",
                "enterprise_id": "{E2}"}"#,
            ["201", NO_ENTERPRISE, NO_ENTERPRISE, NO, NO, NO],
        ),
        add(
            Unknown,
            r#"{"region_name": "c-x{caller}", "region_alias": "a", "url": "http://h",
                "wsurl": "ws://h", "httpdomain": "h", "tcpdomain": "1.2.3.4",
                "enterprise_id": "{unknown}"}"#,
            [NO_ENTERPRISE, NO_ENTERPRISE, NO_ENTERPRISE, NO, NO, NO],
        ),
        change(
            Own,
            "PUT /openapi/v2/manage/regions/{r1}",
            ["200", nobody, nobody, nobody, nobody, nobody],
        ),
        change(
            Foreign,
            "PUT /openapi/v2/manage/regions/{foreign}",
            ["200", nobody, nobody, nobody, nobody, nobody],
        ),
        change(
            Unknown,
            "PUT /openapi/v2/manage/regions/{unknown}",
            ["404 D", nobody, nobody, nobody, nobody, nobody],
        ),
    ]
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
