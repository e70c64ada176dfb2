//! Every operation, with a request that says secrets wherever there is room for one.
//!
//! **An operation that is new needs a row here**: the test fails when the register describes one that
//! has none.

/// Those with the roles that read secrets back.
const READERS: &[&str] = &["first", "platform", "admin"];
/// Those who may write nearly everything.
const WRITERS: &[&str] = &["first", "platform", "admin", "operator"];
/// Those of the platform.
const PLATFORM: &[&str] = &["first", "platform"];

/// An operation.
pub struct Row {
    /// Its name.
    pub operation: &'static str,
    /// Method and path. Names in braces are those of the [`World`](super::world::World).
    pub request: &'static str,
    /// The body, when there is one. `{secret}` is a new secret each time, `{unique}` a new number,
    /// `{tls}` the three fields of a new certificate and its key.
    pub body: &'static str,
    /// Where in an answer to the callers in `to` secrets stand, as JSON pointers. They stand nowhere
    /// else, and in no other answer.
    pub shows: &'static [Shown],
    /// The callers who are shown secrets.
    pub to: &'static [&'static str],
}

/// A secret in an answer.
#[derive(Clone, Copy)]
pub enum Shown {
    /// One that was planted.
    Planted(&'static str),
    /// One that the register made.
    New(&'static str),
}

impl Shown {
    /// Where it stands.
    pub const fn pointer(self) -> &'static str {
        match self {
            Self::Planted(pointer) | Self::New(pointer) => pointer,
        }
    }
}

/// An operation that shows no secret to anybody.
const fn hides(operation: &'static str, request: &'static str, body: &'static str) -> Row {
    Row { operation, request, body, shows: &[], to: &[] }
}

/// All operations.
pub const ROWS: [Row; 16] = [
    hides("list_regions", "GET /openapi/v1/regions", ""),
    Row {
        operation: "create_region",
        request: "POST /openapi/v1/regions",
        body: r#"{"region_name": "r-{unique}", "region_alias": "a", "url": "https://h:8443",
            "wsurl": "ws://h:6060", "httpdomain": "h", "tcpdomain": "192.0.2.10", "status": "1",
            "token": "{secret}", {tls}}"#,
        shows: &[Shown::Planted("/token"), Shown::Planted("/key_file")],
        to: READERS,
    },
    Row {
        operation: "update_region",
        request: "PUT /openapi/v2/manage/regions/{region}",
        body: r#"{"region_alias": "a", "url": "https://h:8443", "wsurl": "ws://h:6060",
            "httpdomain": "h", "tcpdomain": "192.0.2.10", "status": "1", "token": "{secret}",
            {tls}}"#,
        shows: &[Shown::Planted("/token"), Shown::Planted("/key_file")],
        to: PLATFORM,
    },
    Row {
        operation: "get_region_credentials",
        request: "GET /cadastre/v1/regions/{region}/credentials",
        body: "",
        shows: &[Shown::Planted("/token"), Shown::Planted("/key")],
        to: READERS,
    },
    hides("create_team", "POST /openapi/v1/teams", r#"{"tenant_name": "t-{unique}"}"#),
    hides("get_team", "GET /openapi/v1/teams/{team}", ""),
    hides("open_region", "POST /openapi/v1/teams/{team}/regions", r#"{"region": "one"}"#),
    Row {
        operation: "register_node",
        request: "POST /api/v1/dialing_region/regist",
        body: r#"{"internal": true, "isp": "i", "country": "c", "keycode": "k-{unique}"}"#,
        shows: &[Shown::New("/content/ak/sk")],
        to: WRITERS,
    },
    hides("list_users", "GET /cadastre/v1/users", ""),
    hides("create_user", "POST /cadastre/v1/users", r#"{"name": "u-{unique}"}"#),
    hides("list_tokens", "GET /cadastre/v1/tokens", ""),
    Row {
        operation: "create_token",
        request: "POST /cadastre/v1/tokens",
        body: r#"{"name": "n", "note": "o", "role": "viewer"}"#,
        shows: &[Shown::New("/secret")],
        to: READERS,
    },
    hides("get_token", "GET /cadastre/v1/tokens/{token}", ""),
    Row {
        operation: "rotate_token",
        request: "POST /cadastre/v1/tokens/{token}/rotate",
        body: r#"{"overlap_seconds": 60}"#,
        shows: &[Shown::New("/secret")],
        to: READERS,
    },
    hides("revoke_token", "DELETE /cadastre/v1/tokens/{token}", ""),
    hides("list_audit_entries", "GET /cadastre/v1/audit", ""),
];
