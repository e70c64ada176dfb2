//! The dialing face.

use super::{Row, Whose, row};

const NO: &str = "403 ft.AccessDenied";

/// The rows of this face.
pub fn rows() -> Vec<Row> {
    vec![row(
        ("register_node", "", Whose::Nobodys),
        "POST /api/v1/dialing_region/regist",
        r#"{"internal": true, "isp": "i", "country": "c", "keycode": "{caller}"}"#,
        ["200", "200", "200", NO, NO, NO],
        "403 ft.InvalidAPIKey",
    )]
}
