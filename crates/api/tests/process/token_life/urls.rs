//! A token opens nothing from a place where tokens do not belong: no part of a URL, no cookie, no
//! field of a body, no header of another face.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cadastre_api::openapi::FACES;
use cadastre_testkit::databases;
use serde_json::json;

use crate::support::{Place, Server};

/// The names under which people might send a token.
const NAMES: [&str; 12] = [
    "token",
    "access_token",
    "auth_token",
    "authorization",
    "Authorization",
    "key",
    "api_key",
    "apikey",
    "ak",
    "df-api-key",
    "DF-API-KEY",
    "secret",
];

/// Every operation that is described, as method and path.
fn operations(server: &Server) -> Vec<(String, String)> {
    let mut operations = Vec::new();
    for face in FACES {
        let document = server.get(&format!("/openapi/{face}.json"), "").json();
        for (path, item) in document["paths"].as_object().unwrap() {
            let id = "0123456789abcdef0123456789abcdef";
            let parts = path.split('/').map(|part| if part.starts_with('{') { id } else { part });
            let path = parts.collect::<Vec<_>>().join("/");
            let methods = item.as_object().unwrap().keys();
            operations.extend(methods.map(|method| (method.to_uppercase(), path.clone())));
        }
    }
    assert!(operations.len() >= 16, "{operations:?}");
    operations
}

/// The names in pairs with the token.
fn pairs(token: &str) -> Vec<(&'static str, String)> {
    NAMES.map(|name| (name, token.to_owned())).into()
}

/// A request that is written by hand.
struct Request {
    target: String,
    lines: Vec<String>,
    body: String,
}

impl Request {
    fn new(target: &str) -> Self {
        Self { target: target.to_owned(), lines: Vec::new(), body: String::new() }
    }

    fn with(mut self, name: &str, value: &str) -> Self {
        self.lines.push(format!("{name}: {value}\r\n"));
        self
    }

    fn with_body(self, media_type: &str, body: String) -> Self {
        Self { body, ..self }.with("Content-Type", media_type)
    }

    /// The status of the answer.
    fn send(&self, server: &Server, method: &str) -> u16 {
        let Self { target, lines, body } = self;
        let (lines, length) = (lines.concat(), body.len());
        let raw = format!(
            "{method} {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{lines}\
             Content-Length: {length}\r\n\r\n{body}"
        );
        let answer = server.exchange(raw.as_bytes());
        let status = answer.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3));
        status.and_then(|status| status.parse().ok()).unwrap_or_else(|| panic!("{raw}: {answer}"))
    }
}

/// The request to this path with the token in every place but the one for it.
fn misplaced(path: &str, token: &str) -> Vec<(&'static str, Request)> {
    let plain = || Request::new(path);
    let form = serde_urlencoded::to_string(pairs(token)).unwrap();
    let fields = pairs(token).into_iter().map(|(name, value)| (name.to_owned(), json!(value)));
    let fields = serde_json::Value::Object(fields.collect()).to_string();
    let cookies: Vec<_> =
        pairs(token).iter().map(|(name, value)| format!("{name}={value}")).collect();
    let basic = |text: String| format!("Basic {}", STANDARD.encode(text));
    let own = if path.starts_with("/api/v1/") { "Authorization" } else { "DF-API-KEY" };
    vec![
        ("nowhere", plain()),
        ("the query", Request::new(&format!("{path}?{form}"))),
        ("the query of another", plain().with("Referer", &format!("http://x{path}?{form}"))),
        ("the host", Request::new(&format!("http://{token}@127.0.0.1{path}"))),
        ("the host, as a password", Request::new(&format!("http://user:{token}@127.0.0.1{path}"))),
        ("the name of a user", plain().with("Authorization", &basic(format!("{token}:")))),
        ("the password of a user", plain().with("Authorization", &basic(format!("user:{token}")))),
        ("cookies", plain().with("Cookie", &cookies.join("; "))),
        ("a form", plain().with_body("application/x-www-form-urlencoded", form)),
        ("the fields of a body", plain().with_body("application/json", fields)),
        ("the header of another face", plain().with(own, token)),
        ("a header of others", plain().with("X-API-Key", token).with("X-Auth-Token", token)),
        ("the header of proxies", plain().with("Proxy-Authorization", &format!("Bearer {token}"))),
    ]
}

/// The request to this path with the token where it belongs.
fn placed(path: &str, token: &str) -> Request {
    match path {
        path if path.starts_with("/api/v1/") => Request::new(path).with("DF-API-KEY", token),
        path if path.starts_with("/cadastre/") => {
            Request::new(path).with("Authorization", &format!("Bearer {token}"))
        }
        path => Request::new(path).with("Authorization", token),
    }
}

fn opens_nothing(token: &str, server: &Server) {
    for (method, path) in operations(server) {
        let status = placed(&path, token).send(server, &method);
        assert!(![401, 403].contains(&status), "{method} {path}: {status}");
        for (what, request) in misplaced(&path, token) {
            let status = request.send(server, &method);
            let stranger = if path.starts_with("/api/v1/") { 403 } else { 401 };
            assert_eq!(status, stranger, "{method} {path} with a token in {what}");
        }
        // Beside the path, there is nothing to be opened.
        for path in
            [format!("{path}/{token}"), format!("/{token}{path}"), format!("{path};{token}")]
        {
            let status = Request::new(&path).send(server, &method);
            assert!([401, 403, 404, 405].contains(&status), "{method} {path}: {status}");
        }
    }
}

#[test]
fn a_token_opens_nothing_from_a_place_where_it_does_not_belong() {
    for database in databases() {
        println!("on {}", database.name());
        // Some of these are taken for wrong tokens, and more of them than are patiently refused.
        let place = Place::on(&database).with("CADASTRE_WRONG_TOKENS", "0");
        let server = place.ready();
        opens_nothing(&place.first_token(), &server);
    }
}
