//! The fields that are told of each kind of thing, and of some changes.

/// Those of a region that has no credentials; a description is told even when it is empty.
pub const REGION: [&str; 9] = [
    "name",
    "alias",
    "api_url",
    "websocket_url",
    "http_domain",
    "tcp_address",
    "scope",
    "status",
    "description",
];

/// What the table changes of a region by the management interface.
pub const CHANGED: [&str; 3] = ["api_url", "websocket_url", "http_domain"];

/// What is undone when a region of the table becomes what it was first.
pub const REVERTED: [&str; 5] = ["api_url", "websocket_url", "http_domain", "description", "token"];

/// Those of a team.
pub const TEAM: [&str; 6] = ["name", "alias", "namespace", "is_active", "limit_memory", "creator"];

/// Those of an opening.
pub const OPENING: [&str; 4] = ["team_id", "region_id", "quota_memory_mb", "quota_cpu_millicores"];

/// Those of a node.
pub const NODE: [&str; 10] =
    ["internal", "isp", "country", "province", "city", "name", "company", "keycode", "ak", "sk"];

/// Those of a node that is deleted: of its keys, nothing is told.
pub const DELETED_NODE: [&str; 9] =
    ["internal", "isp", "country", "province", "city", "name", "company", "keycode", "enabled"];

/// Those of a key of a node that has no end.
pub const NODE_KEY: [&str; 3] = ["ak", "sk", "ends_others"];

/// Those of a variable that nothing computes.
pub const VARIABLE: [&str; 3] = ["name", "value", "secure"];

/// Those of a dial task.
pub const TASK: [&str; 7] = ["class", "name", "status", "schedule", "nodes", "tags", "content"];

/// Those of a token that does not expire.
pub const TOKEN: [&str; 7] =
    ["name", "note", "role", "user_id", "enterprise_id", "teams", "secret"];

/// Those of a window of maintenance.
pub const WINDOW: [&str; 7] =
    ["region_id", "starts_at", "ends_at", "owner", "reason", "state", "note"];

/// Those of a dial task that watches a region.
pub const TASK_OF_WATCH: [&str; 8] =
    ["class", "name", "status", "schedule", "nodes", "tags", "region_id", "content"];

/// Those of a watch.
pub const WATCH: [&str; 4] = ["nodes", "frequency", "down_from", "verifies_tls"];
/// Those of a webhook, but for its secret.
pub const WEBHOOK: [&str; 4] = ["name", "origin", "url", "is_enabled"];
