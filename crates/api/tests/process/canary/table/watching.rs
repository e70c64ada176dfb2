//! Alarms and webhooks. Nothing is wrong in the register, so there is no alarm and nothing on its way.

use super::{READERS, Row, Shown, hides};

/// Their operations.
pub const ROWS: [Row; 11] = [
    hides("list_alarms", "GET /cadastre/v1/alarms", ""),
    hides("get_alarm", "GET /cadastre/v1/alarms/{enterprise}", ""),
    hides("list_webhooks", "GET /cadastre/v1/webhooks", ""),
    Row {
        operation: "create_webhook",
        request: "POST /cadastre/v1/webhooks",
        body: r#"{"name": "n", "url": "http://localhost:1/{unique}"}"#,
        shows: &[Shown::New("/secret")],
        to: READERS,
    },
    hides("get_webhook", "GET /cadastre/v1/webhooks/{webhook}", ""),
    hides("change_webhook", "PATCH /cadastre/v1/webhooks/{webhook}", r#"{"name": "w-{unique}"}"#),
    Row {
        operation: "rotate_webhook",
        request: "POST /cadastre/v1/webhooks/{webhook}/rotate",
        body: "{}",
        shows: &[Shown::New("/secret")],
        to: READERS,
    },
    hides("test_webhook", "POST /cadastre/v1/webhooks/{webhook}/test", "{}"),
    hides("list_webhook_deliveries", "GET /cadastre/v1/webhooks/{webhook}/deliveries", ""),
    hides(
        "replay_webhook_delivery",
        "POST /cadastre/v1/webhooks/{webhook}/deliveries/{enterprise}/replay",
        "{}",
    ),
    hides("delete_webhook", "DELETE /cadastre/v1/webhooks/{webhook}", ""),
];
