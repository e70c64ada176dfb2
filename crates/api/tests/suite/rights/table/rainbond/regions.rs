//! The regions of the rainbond face.

use super::super::{Row, Whose, row};
use super::{NO, STRANGER};
use Whose::{Foreign, Nobodys, Own, Unknown};

const NO_ENTERPRISE: &str = "404 404";
/// No region by this name or identifier.
const NOT_SEEN: &str = "404 404";
/// The management interface and the route of the status tell nothing by number.
const NO_SUCH: &str = "404 D";

/// The rows of regions.
pub fn rows() -> Vec<Row> {
    [regions(), single_regions(), managed()].into_iter().flatten().collect()
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

fn single_regions() -> Vec<Row> {
    let show = |what, whose, request, of_roles| {
        row(("show_region", what, whose), request, "", of_roles, STRANGER)
    };
    let switch = |whose, request, of_roles| {
        let body = r#"{"status": "ONLINE"}"#;
        row(("switch_region", "region", whose), request, body, of_roles, STRANGER)
    };
    let readdress = |whose, body, of_roles| {
        let place = ("readdress_region", "region", whose);
        row(place, "POST /openapi/v1/grctl/ip", body, of_roles, STRANGER)
    };
    let no = NOT_SEEN;
    vec![
        show("region", Own, "GET /openapi/v1/regions/{r1}", ["200", "200", "200", "200", no, no]),
        show(
            "public region",
            Own,
            "GET /openapi/v1/regions/pub",
            ["200", "200", "200", "200", "200", "200"],
        ),
        show("region", Foreign, "GET /openapi/v1/regions/{foreign}", ["200", no, no, no, no, no]),
        show("name", Foreign, "GET /openapi/v1/regions/foreign", ["200", no, no, no, no, no]),
        show("region", Unknown, "GET /openapi/v1/regions/{unknown}", [no, no, no, no, no, no]),
        show("name", Unknown, "GET /openapi/v1/regions/nowhere", [no, no, no, no, no, no]),
        switch(Own, "PUT /openapi/v1/regions/{r1}/status", ["200", "200", "200", NO, NO, NO]),
        switch(
            Foreign,
            "PUT /openapi/v1/regions/{foreign}/status",
            ["200", NO_SUCH, NO_SUCH, NO, NO, NO],
        ),
        switch(
            Unknown,
            "PUT /openapi/v1/regions/{unknown}/status",
            [NO_SUCH, NO_SUCH, NO_SUCH, NO, NO, NO],
        ),
        readdress(
            Own,
            r#"{"region_name": "r1", "http_domain": "h-{caller}"}"#,
            ["200", "200", "200", NO, NO, NO],
        ),
        readdress(
            Foreign,
            r#"{"region_name": "foreign", "http_domain": "h-{caller}"}"#,
            ["200", no, no, NO, NO, NO],
        ),
        readdress(
            Unknown,
            r#"{"region_name": "nowhere", "http_domain": "h-{caller}"}"#,
            [no, no, no, NO, NO, NO],
        ),
    ]
}

/// What only the platform may: to others, and to their tokens, the interface is not there.
fn managed() -> Vec<Row> {
    let only = |(operation, what, whose), request, body, platform| {
        let of_roles = [platform, STRANGER, STRANGER, STRANGER, STRANGER, STRANGER];
        row((operation, what, whose), request, body, of_roles, STRANGER)
    };
    let add = |whose, body, platform| {
        let place = ("create_managed_region", "enterprise", whose);
        only(place, "POST /openapi/v2/manage/regions", body, platform)
    };
    let show = |whose, request, platform| {
        only(("get_managed_region", "region", whose), request, "", platform)
    };
    let delete = |whose, request, platform| {
        only(("delete_managed_region", "region", whose), request, "", platform)
    };
    vec![
        only(
            ("list_managed_regions", "", Nobodys),
            "GET /openapi/v2/manage/regions?pageSize=2",
            "",
            "200",
        ),
        add(
            Own,
            r#"{"region_name": "m-{caller}", "region_alias": "a", "url": "http://h",
                "wsurl": "ws://h", "httpdomain": "h", "tcpdomain": "1.2.3.4"}"#,
            "201",
        ),
        add(
            Foreign,
            r#"{"region_name": "n-{caller}", "region_alias": "a", "url": "http://h",
                "wsurl": "ws://h", "httpdomain": "h", "tcpdomain": "1.2.3.4",
                "enterprise_id": "{E2}"}"#,
            "201",
        ),
        add(
            Unknown,
            r#"{"region_name": "o-{caller}", "region_alias": "a", "url": "http://h",
                "wsurl": "ws://h", "httpdomain": "h", "tcpdomain": "1.2.3.4",
                "enterprise_id": "{unknown}"}"#,
            NO_ENTERPRISE,
        ),
        show(Own, "GET /openapi/v2/manage/regions/{r1}", "200"),
        show(Foreign, "GET /openapi/v2/manage/regions/{foreign}", "200"),
        show(Unknown, "GET /openapi/v2/manage/regions/{unknown}", NO_SUCH),
        delete(Own, "DELETE /openapi/v2/manage/regions/{r2}", "200"),
        delete(Foreign, "DELETE /openapi/v2/manage/regions/{foreign}", "400 D"),
        delete(Unknown, "DELETE /openapi/v2/manage/regions/{unknown}?force=true", NO_SUCH),
    ]
}
