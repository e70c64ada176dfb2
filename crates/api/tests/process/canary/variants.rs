//! Requests as people get them wrong: with a secret where none belongs.

use serde_json::{Value, json};

use super::table::Row;
use super::world::World;
use crate::support::Answer;

/// A request that is a little other than that of its row.
pub struct Variant {
    /// What is other.
    pub what: &'static str,
    method: String,
    path: String,
    headers: Vec<(&'static str, String)>,
    body: String,
}

impl Variant {
    /// Asks it.
    pub fn ask(&self, world: &World, caller: &str) -> Answer {
        let headers: Vec<_> =
            self.headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        world.send(caller, &self.method, &self.path, &headers, &self.body)
    }
}

/// The headers that changes of this method need.
fn conditions(method: &str) -> Vec<(&'static str, String)> {
    let any = ("if-match", "*".to_owned());
    match method {
        "POST" => vec![any],
        "PATCH" => vec![any, ("content-type", "application/merge-patch+json".to_owned())],
        _ => Vec::new(),
    }
}

/// The request of a row as it is.
pub fn plain(world: &mut World, row: &Row) -> Variant {
    let request = world.fill(row.request);
    let (method, path) = request.split_once(' ').unwrap();
    Variant {
        what: "as it is",
        method: method.to_owned(),
        path: path.to_owned(),
        headers: conditions(method),
        body: world.fill(row.body),
    }
}

/// The request of a row, and every other form of it. `parameters` are those of its query.
pub fn variants(world: &mut World, row: &Row, parameters: &[String]) -> Vec<Variant> {
    let mut all = vec![
        plain(world, row),
        in_query(world, row, parameters),
        in_path(world, row),
        by_another_method(world, row),
        in_headers(world, row),
    ];
    if !row.body.is_empty() {
        all.extend([
            broken(world, row),
            of_wrong_types(world, row),
            too_long(world, row),
            as_text(world, row),
            as_form(world, row),
        ]);
    }
    all
}

/// A secret as it is written in a URL.
fn in_url(world: &mut World) -> String {
    serde_urlencoded::to_string([("", world.secrets.plant())]).unwrap()[1..].to_owned()
}

/// In each parameter of the query that is described, and in some that people might try.
fn in_query(world: &mut World, row: &Row, parameters: &[String]) -> Variant {
    let tried = ["token", "access_token", "key", "ak"].map(str::to_owned);
    let pairs: Vec<_> =
        parameters.iter().chain(&tried).map(|name| format!("{name}={}", in_url(world))).collect();
    let plain = plain(world, row);
    let sign = if plain.path.contains('?') { '&' } else { '?' };
    let path = format!("{}{sign}{}", plain.path, pairs.join("&"));
    Variant { what: "a secret in the query", path, ..plain }
}

/// In place of the last part of the path.
fn in_path(world: &mut World, row: &Row) -> Variant {
    let plain = plain(world, row);
    let (before, _) = plain.path.rsplit_once('/').unwrap();
    let path = format!("{before}/{}", in_url(world));
    Variant { what: "a secret in the path", path, ..plain }
}

fn by_another_method(world: &mut World, row: &Row) -> Variant {
    let body = json!({"token": world.secrets.plant()}).to_string();
    let plain = plain(world, row);
    Variant { what: "another method", method: "PATCH".to_owned(), body, ..plain }
}

/// In headers where nobody looks for one.
fn in_headers(world: &mut World, row: &Row) -> Variant {
    let plain = plain(world, row);
    let mut headers = plain.headers;
    for name in ["x-api-key", "proxy-authorization", "user-agent", "x-request-id"] {
        headers.push((name, world.secrets.plant()));
    }
    // No secret, but with it the answer is kept.
    headers.push(("idempotency-key", world.fill("again-{unique}")));
    headers.push(("cookie", format!("token={}", world.secrets.plant())));
    headers.push(("referer", format!("https://example.com/?token={}", in_url(world))));
    headers.push(("x-forwarded-for", world.secrets.plant()));
    Variant { what: "secrets in other headers", headers, ..plain }
}

/// A body that ends too early, with a secret at its end.
fn broken(world: &mut World, row: &Row) -> Variant {
    let plain = plain(world, row);
    let body = plain.body.trim_end_matches('}');
    let body = format!("{body}, \"key_file\": \"{}", world.secrets.plant());
    Variant { what: "broken JSON", body, ..plain }
}

/// The fields of the body, each with what `other` makes of it.
fn with_fields(
    world: &mut World,
    row: &Row,
    what: &'static str,
    other: impl Fn(String) -> Value,
) -> Variant {
    let plain = plain(world, row);
    let mut body: Value = serde_json::from_str(&plain.body).unwrap();
    for value in body.as_object_mut().unwrap().values_mut() {
        *value = other(world.secrets.plant());
    }
    Variant { what, body: body.to_string(), ..plain }
}

fn of_wrong_types(world: &mut World, row: &Row) -> Variant {
    with_fields(world, row, "fields of wrong types", |secret| json!([{"value": secret}]))
}

fn too_long(world: &mut World, row: &Row) -> Variant {
    with_fields(world, row, "fields that are too long", |secret| json!(secret.repeat(1500)))
}

fn as_text(world: &mut World, row: &Row) -> Variant {
    let headers = vec![("content-type", "text/plain".to_owned())];
    Variant { what: "plain text", headers, body: world.secrets.plant(), ..plain(world, row) }
}

fn as_form(world: &mut World, row: &Row) -> Variant {
    let headers = vec![("content-type", "application/x-www-form-urlencoded".to_owned())];
    let body = format!("token={0}&key_file={0}&url={0}&%", in_url(world));
    Variant { what: "a form", headers, body, ..plain(world, row) }
}
