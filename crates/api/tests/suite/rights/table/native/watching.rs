//! Alarms and webhooks on the native face.

use super::{NO, NONE, Row, STRANGER, Whose, row};
use Whose::{Foreign, Nobodys, Own, Unknown};

/// The rows of alarms and webhooks.
pub fn rows() -> Vec<Row> {
    [alarms(), webhooks(), new_webhooks(), changes(), deliveries()].into_iter().flatten().collect()
}

fn alarms() -> Vec<Row> {
    let readers = ["200", "200", "200", "200", NO, NO];
    // Alarms about what is others' are as if there were none.
    let list =
        |whose, request| row(("list_alarms", "region", whose), request, "", readers, STRANGER);
    let read = |whose, request, of_roles| {
        row(("get_alarm", "alarm", whose), request, "", of_roles, STRANGER)
    };
    let (foreign, unknown) = (["200", NONE, NONE, NONE, NO, NO], [NONE, NONE, NONE, NONE, NO, NO]);
    vec![
        list(Nobodys, "GET /cadastre/v1/alarms"),
        list(Own, "GET /cadastre/v1/alarms?region_id={r1}"),
        list(Foreign, "GET /cadastre/v1/alarms?region_id={foreign}"),
        list(Unknown, "GET /cadastre/v1/alarms?region_id={unknown}"),
        read(Own, "GET /cadastre/v1/alarms/{alarm}", readers),
        read(Foreign, "GET /cadastre/v1/alarms/{alarm-of-E2}", foreign),
        read(Unknown, "GET /cadastre/v1/alarms/{unknown}", unknown),
    ]
}

/// What comes of something that only those of the platform and admins may do.
const fn by(platform: &'static str, admin: &'static str) -> [&'static str; 6] {
    [platform, admin, NO, NO, NO, NO]
}

fn webhooks() -> Vec<Row> {
    let read = |whose, request, of_roles| {
        row(("get_webhook", "webhook", whose), request, "", of_roles, STRANGER)
    };
    let list = by("200", "200");
    vec![
        row(("list_webhooks", "", Nobodys), "GET /cadastre/v1/webhooks", "", list, STRANGER),
        read(Own, "GET /cadastre/v1/webhooks/{webhook}", by("200", "200")),
        read(Foreign, "GET /cadastre/v1/webhooks/{webhook-of-E2}", by("200", NONE)),
        read(Unknown, "GET /cadastre/v1/webhooks/{unknown}", by(NONE, NONE)),
    ]
}

fn new_webhooks() -> Vec<Row> {
    let make = |whose, body, of_roles| {
        let place = ("create_webhook", "enterprise", whose);
        row(place, "POST /cadastre/v1/webhooks", body, of_roles, STRANGER)
    };
    vec![
        make(Nobodys, r#"{"name": "n", "url": "http://h.example.com"}"#, by("201", "201")),
        make(
            Own,
            r#"{"name": "n", "url": "http://h.example.com", "enterprise_id": "{E1}"}"#,
            by("201", "201"),
        ),
        make(
            Foreign,
            r#"{"name": "n", "url": "http://h.example.com", "enterprise_id": "{E2}"}"#,
            by("201", NONE),
        ),
        make(
            Unknown,
            r#"{"name": "n", "url": "http://h.example.com", "enterprise_id": "{unknown}"}"#,
            by(NONE, NONE),
        ),
    ]
}

fn changes() -> Vec<Row> {
    let change = |whose, request, of_roles| {
        let body = r#"{"name": "of {caller}"}"#;
        row(("change_webhook", "webhook", whose), request, body, of_roles, STRANGER)
    };
    let rotate = |whose, request, of_roles| {
        row(("rotate_webhook", "webhook", whose), request, "", of_roles, STRANGER)
    };
    let test = |whose, request, of_roles| {
        row(("test_webhook", "webhook", whose), request, "{}", of_roles, STRANGER)
    };
    let delete = |whose, request, of_roles| {
        row(("delete_webhook", "webhook", whose), request, "", of_roles, STRANGER)
    };
    let (own, foreign, unknown) = (by("200", "200"), by("200", NONE), by(NONE, NONE));
    vec![
        change(Own, "PATCH /cadastre/v1/webhooks/{webhook}", own),
        change(Foreign, "PATCH /cadastre/v1/webhooks/{webhook-of-E2}", foreign),
        change(Unknown, "PATCH /cadastre/v1/webhooks/{unknown}", unknown),
        rotate(Own, "POST /cadastre/v1/webhooks/{webhook}/rotate", own),
        rotate(Foreign, "POST /cadastre/v1/webhooks/{webhook-of-E2}/rotate", foreign),
        rotate(Unknown, "POST /cadastre/v1/webhooks/{unknown}/rotate", unknown),
        test(Own, "POST /cadastre/v1/webhooks/{webhook}/test", own),
        test(Foreign, "POST /cadastre/v1/webhooks/{webhook-of-E2}/test", foreign),
        test(Unknown, "POST /cadastre/v1/webhooks/{unknown}/test", unknown),
        // Whoever comes first removes it.
        delete(Own, "DELETE /cadastre/v1/webhooks/{hook-to-delete}", by("204", NONE)),
        delete(Foreign, "DELETE /cadastre/v1/webhooks/{hook-to-delete-of-E2}", by("204", NONE)),
        delete(Unknown, "DELETE /cadastre/v1/webhooks/{unknown}", by(NONE, NONE)),
    ]
}

fn deliveries() -> Vec<Row> {
    let list = |whose, request, of_roles| {
        row(("list_webhook_deliveries", "webhook", whose), request, "", of_roles, STRANGER)
    };
    let replay = |whose, request, of_roles| {
        row(("replay_webhook_delivery", "webhook", whose), request, "", of_roles, STRANGER)
    };
    let (own, foreign, unknown) = (by("200", "200"), by("200", NONE), by(NONE, NONE));
    vec![
        list(Own, "GET /cadastre/v1/webhooks/{webhook}/deliveries", own),
        list(Foreign, "GET /cadastre/v1/webhooks/{webhook-of-E2}/deliveries", foreign),
        list(Unknown, "GET /cadastre/v1/webhooks/{unknown}/deliveries", unknown),
        replay(Own, "POST /cadastre/v1/webhooks/{webhook}/deliveries/{delivery}/replay", own),
        replay(
            Foreign,
            "POST /cadastre/v1/webhooks/{webhook-of-E2}/deliveries/{delivery-of-E2}/replay",
            foreign,
        ),
        replay(
            Unknown,
            "POST /cadastre/v1/webhooks/{unknown}/deliveries/{unknown}/replay",
            unknown,
        ),
    ]
}
