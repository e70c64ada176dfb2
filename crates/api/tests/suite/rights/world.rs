//! The register of the table: two enterprises with everything in them, and all who call.

use cadastre_domain::role::Role;
use cadastre_domain::token::id_in;
use cadastre_storage::StorageError;
use serde_json::json;

use super::table::Row;
use crate::rainbond_fixture::{Fixture, SOMEWHERE};
use crate::support::{Answer, Register};

/// Beside what is in [`Fixture`]: the callers; in `{E1}` the team `{V}` and the tokens `{token}` and
/// `{token-of-platform}`; in `{E2}` the team `{U}` and the token `{token-of-E2}`; and `{unknown}`,
/// which identifies nothing.
pub fn world(register: Register) -> Fixture {
    let mut fixture = Fixture::new(register, SOMEWHERE);
    fixture.add_team("{KA}", "V");
    fixture.add_team("{KO}", "U");
    for (name, role, teams) in [
        ("platform", Role::Platform, &[][..]),
        ("admin", Role::Admin, &[]),
        ("operator", Role::Operator, &[]),
        ("viewer", Role::Viewer, &[]),
        ("team", Role::Team, &["{T}"]),
        ("lone", Role::Team, &[]),
        ("revoked", Role::Admin, &[]),
    ] {
        fixture.add_token(name, role, "{E1}", teams);
    }
    let expired = fixture.fill("{KX}");
    fixture.call_it("expired", &json!(expired));
    revoke(&fixture, "{revoked}");
    for (name, role, enterprise) in [
        ("token", Role::Operator, "{E1}"),
        ("token-of-platform", Role::Platform, "{E1}"),
        ("token-of-E2", Role::Operator, "{E2}"),
    ] {
        fixture.add_token("made", role, enterprise, &[]);
        let id = id_in(&fixture.forget("made")).unwrap();
        fixture.call_it(name, &json!(id.to_string()));
    }
    fixture.call_it("unknown", &json!("0123456789abcdef0123456789abcdef"));
    fixture
}

fn revoke(fixture: &Fixture, token: &str) {
    let id = id_in(&fixture.fill(token)).unwrap();
    let app = &fixture.register.app;
    let now = app.clock.now();
    let revoked: Result<_, StorageError> = app.store.write(move |tx| tx.revoke_token(id, now));
    assert!(revoked.unwrap(), "{token}");
}

/// Asks what stands in a row.
pub fn ask(fixture: &Fixture, caller: &str, row: &Row) -> Answer {
    let mut call = fixture.call("", row.request);
    if caller != "nobody" {
        let key = fixture.fill(&format!("{{{caller}}}"));
        call = if row.request.contains(" /api/v1/") { call.api_key(&key) } else { call.key(&key) };
    }
    if row.body.is_empty() {
        return call.send();
    }
    // First, as a caller's name in braces is that of his token.
    let body = fixture.fill(&row.body.replace("{caller}", caller));
    call.body("application/json", body).send()
}

/// An answer without what differs from one to the next, and without the identifiers of things.
pub fn steady(fixture: &Fixture, answer: &Answer) -> (u16, String, Vec<(String, String)>) {
    let (status, text, headers) = crate::rainbond_roles::steady(answer);
    let id = answer.header("x-request-id");
    let mut text = text.replace(id, "{request}");
    if let Some((before, rest)) = text.split_once("\"TRACE-") {
        let rest = rest.split_once('"').unwrap().1;
        text = format!("{before}\"{{trace}}\"{rest}");
    }
    for name in
        ["{E2}", "{U}", "{V}", "{foreign}", "{token-of-E2}", "{token-of-platform}", "{unknown}"]
    {
        text = text.replace(&fixture.fill(name), "{id}");
    }
    (status, text, headers)
}
