//! Windows of maintenance on the native face.

use super::{NO, NONE, Row, STRANGER, Whose, row};
use Whose::{Foreign, Nobodys, Own, Unknown};

/// The time is taken, or the window is over.
const REFUSED: &str = "409 window_refused";

/// The rows of windows.
pub fn rows() -> Vec<Row> {
    [reading(), planning(), changing()].into_iter().flatten().collect()
}

fn reading() -> Vec<Row> {
    let readers = ["200", "200", "200", "200", NO, NO];
    // Windows of other regions are as if there were none.
    let list = |whose, request| {
        row(("list_maintenance_windows", "region", whose), request, "", readers, STRANGER)
    };
    let read = |whose, request, of_roles| {
        row(("get_maintenance_window", "window", whose), request, "", of_roles, STRANGER)
    };
    let (foreign, unknown) = (["200", NONE, NONE, NONE, NO, NO], [NONE, NONE, NONE, NONE, NO, NO]);
    vec![
        list(Nobodys, "GET /cadastre/v1/maintenance"),
        list(Own, "GET /cadastre/v1/maintenance?region_id={r1}"),
        list(Foreign, "GET /cadastre/v1/maintenance?region_id={foreign}"),
        list(Unknown, "GET /cadastre/v1/maintenance?region_id={unknown}"),
        read(Own, "GET /cadastre/v1/maintenance/{window}", readers),
        read(Foreign, "GET /cadastre/v1/maintenance/{window-of-E2}", foreign),
        read(Unknown, "GET /cadastre/v1/maintenance/{unknown}", unknown),
    ]
}

fn planning() -> Vec<Row> {
    let plan = |whose, body, of_roles| {
        let place = ("plan_maintenance_window", "region", whose);
        row(place, "POST /cadastre/v1/maintenance", body, of_roles, STRANGER)
    };
    vec![
        // Whoever comes first takes the time.
        plan(
            Own,
            r#"{"region_id": "{r1}", "starts_at": "2026-12-01T00:00:00Z",
                "ends_at": "2026-12-02T00:00:00Z", "owner": "o", "reason": "r"}"#,
            ["201", REFUSED, REFUSED, NO, NO, NO],
        ),
        plan(
            Foreign,
            r#"{"region_id": "{foreign}", "starts_at": "2026-12-01T00:00:00Z",
                "ends_at": "2026-12-02T00:00:00Z", "owner": "o", "reason": "r"}"#,
            ["201", NONE, NONE, NO, NO, NO],
        ),
        plan(
            Unknown,
            r#"{"region_id": "{unknown}", "starts_at": "2026-12-01T00:00:00Z",
                "ends_at": "2026-12-02T00:00:00Z", "owner": "o", "reason": "r"}"#,
            [NONE, NONE, NONE, NO, NO, NO],
        ),
    ]
}

fn changing() -> Vec<Row> {
    let (foreign, unknown) = (["200", NONE, NONE, NO, NO, NO], [NONE, NONE, NONE, NO, NO, NO]);
    let change = |whose, request, of_roles| {
        let body = r#"{"ends_at": "2026-11-23T03:00:00Z"}"#;
        row(("change_maintenance_window", "window", whose), request, body, of_roles, STRANGER)
    };
    let cancel = |whose, request, of_roles| {
        row(("cancel_maintenance_window", "window", whose), request, "", of_roles, STRANGER)
    };
    let once = ["200", REFUSED, REFUSED, NO, NO, NO];
    vec![
        change(Own, "PATCH /cadastre/v1/maintenance/{window}", ["200", "200", "200", NO, NO, NO]),
        change(Foreign, "PATCH /cadastre/v1/maintenance/{window-of-E2}", foreign),
        change(Unknown, "PATCH /cadastre/v1/maintenance/{unknown}", unknown),
        // What was called off cannot be called off again.
        cancel(Own, "POST /cadastre/v1/maintenance/{window}/cancel", once),
        cancel(Foreign, "POST /cadastre/v1/maintenance/{window-of-E2}/cancel", foreign),
        cancel(Unknown, "POST /cadastre/v1/maintenance/{unknown}/cancel", unknown),
    ]
}
