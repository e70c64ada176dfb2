//! Who is let in.

use serde_json::json;

use super::{Case, case, run};
use crate::rainbond_fixture::{change, full};

const LIST: &str = "GET /openapi/v1/regions";

#[test]
fn the_cases_of_access_are_answered_as_agreed() {
    run(vec![
        case("A01", "", LIST, 401).expect_header("www-authenticate", "Token").expect(
            json!({"detail": "No token", "code": 401, "error_type": "AuthenticationFailed"}),
        ),
        case("A03", "{KX}", LIST, 401)
            .expect(json!({"detail": "No such user or user is not admin"})),
        case("A04", "Bearer {KA}", LIST, 401),
        case("A06", "{KP}", LIST, 403)
            .expect(json!({"code": 403, "error_type": "PermissionDenied"})),
        case("A07", "{KP}", "POST /openapi/v1/regions", 403).json(&full()),
        case("A08", "{KA}", "GET /openapi/v2/manage/regions/{r1}", 401)
            .expect(json!({"detail": "token is invalid"})),
        case("A09", "", "PUT /openapi/v2/manage/regions/{r1}", 401)
            .json(&change())
            .expect(json!({"detail": "No token"})),
        case("A14", "{KA}", "GET /openapi/v1/regions/", 404),
    ]);
}

#[test]
fn an_internal_token_neither_helps_nor_harms() {
    let a10 = |key: &'static str, status: u16| -> Case {
        case("A10", key, LIST, status)
            .decided("X-Internal-Token is not a credential here")
            .header("x-internal-token", "wrong")
    };
    run(vec![
        a10("{KA}", 200),
        a10("", 401).expect(json!({"detail": "No token"})),
        a10("wrong", 401).expect(json!({"detail": "No such user or user is not admin"})),
    ]);
}
