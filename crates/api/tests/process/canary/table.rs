//! Every operation, with a request that says secrets wherever there is room for one.
//!
//! **An operation that is new needs a row here**: the test fails when the register describes one that
//! has none.

pub mod dialing;
pub mod nodes;
mod watching;

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
    /// `{tls}` the three fields of a new certificate and its key, `{set}` the same in the words of
    /// the native interface.
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

/// The body of a region to be created, as the Rainbond interface takes it.
pub const NEW_REGION: &str = r#"{"region_name": "r-{unique}", "region_alias": "a",
    "url": "https://h:8443", "wsurl": "ws://h:6060", "httpdomain": "h", "tcpdomain": "192.0.2.10",
    "status": "1", "token": "{secret}", {tls}}"#;
/// The token and the key of a region in the Rainbond interface.
const OF_REGION: &[Shown] = &[Shown::Planted("/token"), Shown::Planted("/key_file")];

/// An operation that answers a region of the Rainbond interface, with its secrets for some.
const fn shows_region(
    operation: &'static str,
    request: &'static str,
    body: &'static str,
    to: &'static [&'static str],
) -> Row {
    Row { operation, request, body, shows: OF_REGION, to }
}

/// All operations, face by face.
pub fn rows() -> impl Iterator<Item = &'static Row> {
    // What deletes nodes comes behind what watches from them.
    let parts = [&RAINBOND[..], &WATCHES, &dialing::ROWS, &REGISTER, &REGIONS];
    parts.into_iter().chain([&nodes::ROWS[..], &watching::ROWS]).flatten()
}

const RAINBOND: [Row; 20] = [
    hides("list_regions", "GET /openapi/v1/regions", ""),
    shows_region("create_region", "POST /openapi/v1/regions", NEW_REGION, READERS),
    Row {
        operation: "show_region",
        request: "GET /openapi/v1/regions/{region}",
        body: "",
        shows: &[Shown::Planted("/key_file")],
        to: READERS,
    },
    shows_region(
        "switch_region",
        "PUT /openapi/v1/regions/{region}/status",
        r#"{"status": "online"}"#,
        READERS,
    ),
    hides(
        "readdress_region",
        "POST /openapi/v1/grctl/ip",
        r#"{"region_name": "one", "url": "https://h:8443", {tls}}"#,
    ),
    hides("list_managed_regions", "GET /openapi/v2/manage/regions", ""),
    shows_region("create_managed_region", "POST /openapi/v2/manage/regions", NEW_REGION, PLATFORM),
    shows_region("get_managed_region", "GET /openapi/v2/manage/regions/{region}", "", PLATFORM),
    shows_region(
        "update_region",
        "PUT /openapi/v2/manage/regions/{region}",
        r#"{"region_alias": "a", "url": "https://h:8443", "wsurl": "ws://h:6060",
            "httpdomain": "h", "tcpdomain": "192.0.2.10", "status": "1", "token": "{secret}",
            {tls}}"#,
        PLATFORM,
    ),
    // The region is enabled, and stays for the operations below.
    hides("delete_managed_region", "DELETE /openapi/v2/manage/regions/{region}", ""),
    hides("list_teams", "GET /openapi/v1/teams", ""),
    hides("create_team", "POST /openapi/v1/teams", r#"{"tenant_name": "t-{unique}"}"#),
    hides("get_team", "GET /openapi/v1/teams/{team}", ""),
    hides("update_team", "PUT /openapi/v1/teams/{team}", r#"{"tenant_alias": "t-{unique}"}"#),
    hides("delete_team", "DELETE /openapi/v1/teams/{doomed}", ""),
    hides("list_team_regions", "GET /openapi/v1/teams/{team}/regions", ""),
    hides("open_region", "POST /openapi/v1/teams/{team}/regions", r#"{"region": "one"}"#),
    hides("use_region", "GET /openapi/v1/teams/{team}/regions/one/services", ""),
    hides("close_region", "DELETE /openapi/v1/teams/{team}/regions/one", ""),
    hides("get_current_user", "GET /openapi/v1/currentuser", ""),
];

const REGISTER: [Row; 27] = [
    hides("list_enterprises", "GET /cadastre/v1/enterprises", ""),
    hides("create_enterprise", "POST /cadastre/v1/enterprises", r#"{"name": "e-{unique}"}"#),
    hides("get_enterprise", "GET /cadastre/v1/enterprises/{enterprise}", ""),
    hides(
        "rename_enterprise",
        "PATCH /cadastre/v1/enterprises/{enterprise}",
        r#"{"name": "e-{unique}"}"#,
    ),
    hides("list_users", "GET /cadastre/v1/users", ""),
    hides("create_user", "POST /cadastre/v1/users", r#"{"name": "u-{unique}"}"#),
    hides("get_user", "GET /cadastre/v1/users/{user}", ""),
    hides("rename_user", "PATCH /cadastre/v1/users/{user}", r#"{"name": "u-{unique}"}"#),
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
    hides("find_teams", "GET /cadastre/v1/teams", ""),
    hides("add_team", "POST /cadastre/v1/teams", r#"{"alias": "t-{unique}"}"#),
    hides("show_team", "GET /cadastre/v1/teams/{team}", ""),
    hides("edit_team", "PATCH /cadastre/v1/teams/{team}", r#"{"alias": "t-{unique}"}"#),
    hides("remove_team", "DELETE /cadastre/v1/teams/{doomed}", ""),
    hides("list_openings", "GET /cadastre/v1/teams/{team}/openings", ""),
    hides(
        "create_opening",
        "POST /cadastre/v1/teams/{team}/openings",
        r#"{"region_id": "{region}"}"#,
    ),
    hides("get_opening", "GET /cadastre/v1/teams/{team}/openings/{region}", ""),
    hides(
        "change_opening",
        "PATCH /cadastre/v1/teams/{team}/openings/{region}",
        r#"{"quota": {"memory_mb": 1}}"#,
    ),
    hides("close_opening", "DELETE /cadastre/v1/teams/{team}/openings/{region}", ""),
    hides("list_region_openings", "GET /cadastre/v1/regions/{region}/openings", ""),
    hides("list_audit_entries", "GET /cadastre/v1/audit", ""),
    hides("list_results", "GET /cadastre/v1/results", ""),
    hides("list_result_rollups", "GET /cadastre/v1/results/rollups", ""),
];

const REGIONS: [Row; 21] = [
    hides("browse_regions", "GET /cadastre/v1/regions", ""),
    hides(
        "register_region",
        "POST /cadastre/v1/regions",
        r#"{"name": "r-{unique}", "addresses": {"api_url": "https://h:8443",
            "websocket_url": "ws://h:6060", "http_domain": "h", "tcp_address": "192.0.2.10"},
            "credentials": {"token": "{secret}", {set}}}"#,
    ),
    hides("read_region", "GET /cadastre/v1/regions/{region}", ""),
    hides("edit_region", "PATCH /cadastre/v1/regions/{region}", r#"{"alias": "a-{unique}"}"#),
    hides("remove_region", "DELETE /cadastre/v1/regions/{region}", ""),
    hides(
        "change_region_status",
        "POST /cadastre/v1/regions/{region}/status",
        r#"{"status": "enabled"}"#,
    ),
    hides("explain_region", "GET /cadastre/v1/regions/{region}/explain", ""),
    Row {
        operation: "get_region_credentials",
        request: "GET /cadastre/v1/regions/{region}/credentials",
        body: "",
        shows: &[Shown::Planted("/token"), Shown::Planted("/key")],
        to: READERS,
    },
    hides(
        "change_region_credentials",
        "PATCH /cadastre/v1/regions/{region}/credentials",
        r#"{"token": "{secret}", "keep_previous_seconds": 3600, {set}}"#,
    ),
    hides(
        "roll_back_region_credentials",
        "POST /cadastre/v1/regions/{region}/credentials/rollback",
        "{}",
    ),
    hides("list_certificates", "GET /cadastre/v1/certificates", ""),
    hides("list_region_certificates", "GET /cadastre/v1/regions/{region}/certificates", ""),
    hides("list_revisions", "GET /cadastre/v1/regions/{region}/revisions", ""),
    Row {
        operation: "get_revision",
        request: "GET /cadastre/v1/regions/{region}/revisions/1",
        body: "",
        shows: &[Shown::Planted("/credentials/token"), Shown::Planted("/credentials/key")],
        to: READERS,
    },
    hides(
        "compare_revisions",
        "GET /cadastre/v1/regions/{region}/revisions/compare?from=1&to=2",
        "",
    ),
    hides("revert_region", "POST /cadastre/v1/regions/{region}/revisions/1/revert", "{}"),
    hides("list_maintenance_windows", "GET /cadastre/v1/maintenance", ""),
    hides(
        "plan_maintenance_window",
        "POST /cadastre/v1/maintenance",
        r#"{"region_id": "{region}", "starts_at": "{soon}", "ends_at": "{later}", "owner": "o",
            "reason": "r"}"#,
    ),
    hides("get_maintenance_window", "GET /cadastre/v1/maintenance/{window}", ""),
    hides(
        "change_maintenance_window",
        "PATCH /cadastre/v1/maintenance/{window}",
        r#"{"ends_at": "{later}"}"#,
    ),
    hides("cancel_maintenance_window", "POST /cadastre/v1/maintenance/{window}/cancel", "{}"),
];

const WATCHES: [Row; 5] = [
    hides("watch_region", "POST /cadastre/v1/regions/{region}/watch", r#"{"nodes": ["{node}"]}"#),
    hides("get_watch", "GET /cadastre/v1/regions/{region}/watch", ""),
    hides("get_availability", "GET /cadastre/v1/regions/{region}/availability", ""),
    hides("change_watch", "PATCH /cadastre/v1/regions/{region}/watch", r#"{"frequency": "5m"}"#),
    hides("unwatch_region", "DELETE /cadastre/v1/regions/{region}/watch", ""),
];
