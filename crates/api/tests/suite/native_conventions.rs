//! What the resources of the native face have in common, over all of them: versions, copies, lists,
//! wrong input, and requests that are sent again.

mod copies;
mod input;
mod lists;
mod once;
mod shape;
mod versions;

use cadastre_api::contacts::AcceptedPull;
use cadastre_domain::role::Role;
use cadastre_testkit::sample::text;
use serde_json::{Value, json};

use crate::alarms_scene::{add_webhook, plant};
use crate::material::MATERIAL;
use crate::native_credentials_change::replace;
use crate::native_maintenance::{plan, window};
use crate::rainbond_fixture::{Fixture, fixtures};
use crate::support::Answer;

/// Things of one kind, and how they are spoken of. Names in braces are those of [`scenes`].
struct Resource {
    /// The path of the list.
    list: &'static str,
    /// A body that adds one. `{n}` makes it another one each time.
    new: Value,
    /// The status when it is added.
    added: u16,
    /// The path of a single thing.
    one: &'static str,
    /// What changes it, if it can be changed by its path. `{n}` makes that another change each time.
    patch: Value,
    /// Whether it can be deleted by its path.
    deleted: bool,
}

/// All kinds of things that are added to a list.
#[expect(clippy::too_many_lines, reason = "one table of resources")]
fn resources() -> Vec<Resource> {
    let address = json!({
        "api_url": "http://h", "websocket_url": "ws://h", "http_domain": "h",
        "tcp_address": "1.2.3.4",
    });
    let resource =
        |list, new, one, patch, deleted| Resource { list, new, added: 201, one, patch, deleted };
    vec![
        resource(
            "/cadastre/v1/enterprises",
            json!({"name": "e {n}"}),
            "/cadastre/v1/enterprises/{E2}",
            json!({"name": "f {n}"}),
            false,
        ),
        resource(
            "/cadastre/v1/users",
            json!({"name": "u {n}"}),
            "/cadastre/v1/users/{user}",
            json!({"name": "v {n}"}),
            false,
        ),
        resource(
            "/cadastre/v1/teams",
            json!({"alias": "t {n}"}),
            "/cadastre/v1/teams/{V}",
            json!({"alias": "w {n}"}),
            true,
        ),
        resource(
            "/cadastre/v1/teams/{T}/openings",
            json!({"region_id": "{r1}"}),
            "/cadastre/v1/teams/{T}/openings/{pub}",
            json!({"quota": {"memory_mb": "{n}"}}),
            true,
        ),
        resource(
            "/cadastre/v1/regions",
            json!({"name": "r-{n}", "addresses": address}),
            "/cadastre/v1/regions/{r2}",
            json!({"alias": "x {n}"}),
            true,
        ),
        resource(
            "/cadastre/v1/tokens",
            json!({"name": "k {n}", "role": "viewer"}),
            "/cadastre/v1/tokens/{token}",
            Value::Null,
            false,
        ),
        resource(
            "/cadastre/v1/maintenance",
            json!({
                "region_id": "{r0}", "owner": "o", "reason": "r {n}",
                "starts_at": "2027-01-01T00:00:00Z", "ends_at": "2027-01-02T00:00:00Z",
            }),
            "/cadastre/v1/maintenance/{window}",
            json!({"ends_at": "2026-11-24T00:00:00.{n}Z"}),
            false,
        ),
        resource(
            "/cadastre/v1/webhooks",
            json!({"name": "h {n}", "url": "http://hooks.example.com/{n}"}),
            "/cadastre/v1/webhooks/{webhook}",
            json!({"name": "g {n}"}),
            true,
        ),
        resource(
            "/cadastre/v1/dial-variables",
            json!({"name": "v {n}", "value": "x"}),
            "/cadastre/v1/dial-variables/{variable}",
            json!({"value": "x {n}"}),
            true,
        ),
    ]
}

/// Lists to which nothing is added by their path.
const OTHER_LISTS: [&str; 10] = [
    "/cadastre/v1/alarms",
    "/cadastre/v1/webhooks/{other-webhook}/deliveries",
    "/cadastre/v1/audit",
    "/cadastre/v1/regions/{pub}/openings",
    "/cadastre/v1/certificates",
    "/cadastre/v1/regions/{r2}/certificates",
    "/cadastre/v1/regions/{r2}/revisions",
    "/cadastre/v1/nodes",
    "/cadastre/v1/nodes/{node}/keys",
    "/cadastre/v1/nodes/{node}/agents",
];

/// Things that are only looked at.
const OTHER_THINGS: [&str; 3] = [
    "/cadastre/v1/alarms/{alarm}",
    "/cadastre/v1/regions/{pub}/explain?team={T}",
    "/cadastre/v1/regions/{r2}/revisions/compare?from=1&to=2",
];

/// Things that are only looked at, and of which nobody keeps a copy.
const SECRET_THINGS: [&str; 3] = [
    "/cadastre/v1/regions/{r2}/credentials",
    "/cadastre/v1/regions/{r2}/revisions/2",
    "/cadastre/v1/nodes/{node}",
];

/// What is done to a thing by a path behind its own: the path of the thing, what is put behind it,
/// and the body.
fn deeds() -> Vec<(&'static str, &'static str, &'static str, Value)> {
    let (region, window) = ("/cadastre/v1/regions/{r2}", "/cadastre/v1/maintenance/{to-cancel}");
    let webhook = "/cadastre/v1/webhooks/{webhook}";
    vec![
        (region, "POST", "/status", json!({"status": "editing"})),
        (region, "PATCH", "/credentials", json!({"token": "t {n}"})),
        (region, "POST", "/credentials/rollback", json!({})),
        (region, "POST", "/revisions/1/revert", json!({})),
        (window, "POST", "/cancel", json!({})),
        (webhook, "POST", "/rotate", json!({})),
        ("/cadastre/v1/nodes/{node}", "PATCH", "", json!({"name": "x {n}"})),
    ]
}

/// On each database: beside the fixture, the user `{user}`, the team `{V}`, the token `{token}`, an
/// opening of `{pub}` for `{T}`, the windows `{window}` and `{to-cancel}`, the webhooks `{webhook}`
/// and `{other-webhook}`, to which the alarm `{alarm}` and another are on their way, what [`add_nodes`]
/// adds, and credentials of `{r2}` that were changed once, so that each list has something in it.
fn scenes() -> impl Iterator<Item = Fixture> {
    fixtures().map(|mut fixture| {
        fixture.add_team("{KA}", "V");
        let user = fixture.send("{MK}", "POST /cadastre/v1/users", &json!({"name": "user"}));
        fixture.call_it("user", &json!(user.json()["id"].to_string()));
        let token = json!({"name": "token", "role": "viewer"});
        let token = fixture.send("{MK}", "POST /cadastre/v1/tokens", &token);
        fixture.call_it("token", &token.json()["id"]);
        for team in ["{T}", "{V}"] {
            let path = format!("POST /cadastre/v1/teams/{team}/openings");
            let opened = fixture.send("{MK}", &path, &json!({"region_id": "{pub}"}));
            assert_eq!(opened.status(), 201, "{opened:?}");
        }
        for (name, region) in [("window", "{r3}"), ("to-cancel", "{r1}")] {
            let planned = plan(&fixture, &window(region, 1, 2));
            fixture.call_it(name, &json!(planned.rsplit('/').next()));
        }
        for name in ["webhook", "other-webhook"] {
            add_webhook(&mut fixture, "{KA}", name, "http://hooks.example.com");
        }
        for names in [["alarm", "delivery"], ["another-alarm", "another-delivery"]] {
            plant(&mut fixture, "{E1}", "{other-webhook}", names);
        }
        let [ca, certificate, key] =
            ["ssl_ca_cert", "cert_file", "key_file"].map(|field| &MATERIAL[field]);
        replace(&fixture, "{r2}", &json!({"ca": ca, "certificate": certificate, "key": key}));
        replace(&fixture, "{r2}", &json!({"token": "a token"}));
        add_nodes(&mut fixture);
        fixture
    })
}

/// Two nodes, of which two agents pulled `{node}`, and two variables, of which one is `{variable}`.
fn add_nodes(fixture: &mut Fixture) {
    for name in ["idle", "node"] {
        let body = json!({"internal": true, "isp": "i", "country": "c", "keycode": name});
        let call = fixture.call("", "POST /api/v1/dialing_region/regist");
        let made = call.api_key(&fixture.fill("{MK}")).json(&body).send().json();
        fixture.call_it(name, &made["content"]["regionInfo"]["uuid"]);
    }
    let path = "POST /cadastre/v1/nodes/{node}/keys";
    assert_eq!(fixture.send("{MK}", path, &json!({"overlap": "1h"})).status(), 201);
    for name in ["idle-variable", "variable"] {
        let variable = json!({"name": name, "value": "x"});
        let variable = fixture.send("{MK}", "POST /cadastre/v1/dial-variables", &variable);
        fixture.call_it(name, &variable.json()["id"]);
    }
    let (node, app) = (fixture.fill("{node}").parse().unwrap(), &fixture.register.app);
    for (address, letter) in [(1, "a"), (2, "b")] {
        let (key, at) = (text(&letter.repeat(20)), app.clock.now());
        let address = Some([192, 0, 2, address].into());
        let (date, cursor) = ("", 1);
        app.contacts.accepted(&AcceptedPull { node: &node, key: &key, address, date, cursor, at });
    }
}

/// The body with this number in the place of `{n}`, as text or as a number.
fn numbered(body: &Value, n: usize) -> Value {
    let text = body.to_string().replace("\"{n}\"", &n.to_string());
    serde_json::from_str(&text.replace("{n}", &n.to_string())).unwrap()
}

/// A call by the platform with these headers.
fn ask(
    fixture: &Fixture,
    request: &str,
    headers: &[(&'static str, &str)],
    body: Option<&Value>,
) -> Answer {
    let call = fixture.call("{MK}", request);
    let call = headers.iter().fold(call, |call, (name, value)| call.header(name, value));
    match body {
        Some(body) => call.body("application/json", fixture.fill(&body.to_string())).send(),
        None => call.send(),
    }
}

fn get(fixture: &Fixture, path: &str) -> Answer {
    let shown = ask(fixture, &format!("GET {path}"), &[], None);
    assert_eq!(shown.status(), 200, "{} {path} {shown:?}", fixture.register.name);
    shown
}

/// The path with one more parameter.
fn with_parameter(path: &str, parameter: &str) -> String {
    let separator = if path.contains('?') { '&' } else { '?' };
    format!("{path}{separator}{parameter}")
}

/// Checks a refusal whole, but for the texts for people.
fn check_refusal(answer: &Answer, status: u16, code: &str, at: &str) {
    assert_eq!(answer.status(), status, "{at} {answer:?}");
    assert_eq!(answer.header("content-type"), "application/problem+json", "{at}");
    let body = answer.json();
    assert_eq!(body["code"], json!(code), "{at} {answer:?}");
    assert_eq!(body["type"], json!(format!("urn:cadastre:problem:{code}")), "{at}");
    assert_eq!(body["status"], json!(status), "{at}");
    assert_eq!(body["request_id"], json!(answer.header("x-request-id")), "{at}");
}

/// Checks a refusal because of one wrong field or parameter.
pub fn check_wrong(answer: &Answer, pointer: &str, code: &str, at: &str) {
    check_refusal(answer, 400, "invalid_fields", at);
    let body = answer.json();
    let errors = body["errors"].as_array().unwrap();
    let found: Vec<_> = errors.iter().map(|e| (&e["pointer"], &e["code"])).collect();
    assert_eq!(found, [(&json!(pointer), &json!(code))], "{at}");
}

/// A token of the platform beside `{MK}`.
fn another_key(fixture: &Fixture) -> String {
    fixture.register.token(Role::Platform, fixture.register.enterprise, &[])
}
