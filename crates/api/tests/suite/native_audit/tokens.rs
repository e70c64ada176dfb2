//! What is told of tokens: what they may, and by its fingerprint which secret they have.

use serde_json::{Value, json};

use super::{change, entry, fingerprint, fixtures, last};
use crate::rainbond_fixture::Fixture;
use crate::support::NOW;

/// Makes a token, and checks the entry that tells it; the path of the token, and the fingerprint of
/// its secret.
fn make(fixture: &Fixture) -> (String, String) {
    let end = "2027-01-01T00:00:00Z";
    let body = json!({"name": "n", "role": "viewer", "user": "ann", "expires_at": end});
    let made = fixture.send("{KA}", "POST /cadastre/v1/tokens", &body);
    let (token, found) = (made.json(), last(fixture));
    assert!(!found.to_string().contains(token["secret"].as_str().unwrap()), "{found}");
    let secret = &found["changes"][7]["after"];
    let changes = [
        ("name", json!("n")),
        ("note", json!("")),
        ("role", json!("viewer")),
        ("user_id", json!(token["user_id"].to_string())),
        ("enterprise_id", json!(fixture.fill("{E1}"))),
        ("teams", json!("")),
        ("expires_at", json!(end)),
        ("secret", secret.clone()),
    ];
    let more = json!({
        "operation": "create_token", "object_kind": "token", "object_id": token["id"],
        "changes": changes.map(|(field, after)| change(field, &Value::Null, &after)),
        "revealed": ["secret"],
    });
    assert_eq!(found, entry(fixture, "{KA}", &made, &found, &more));
    let id = token["id"].as_str().unwrap();
    (format!("/cadastre/v1/tokens/{id}"), fingerprint(secret).to_owned())
}

/// Gives a token another secret, and checks the entry that tells it; the fingerprint of the secret.
fn rotate(fixture: &Fixture, path: &str, before: &Value, (overlap, end): (i64, &str)) -> String {
    let body = json!({"overlap_seconds": overlap});
    let rotated = fixture.send("{KA}", &format!("POST {path}/rotate"), &body);
    let found = last(fixture);
    let shown = rotated.json()["secret"].as_str().unwrap().to_owned();
    assert!(!found.to_string().contains(&shown), "{found}");
    let secret = &found["changes"][1]["after"];
    let changes =
        [change("overlap_ends_at", before, &json!(end)), change("secret", &Value::Null, secret)];
    let more = json!({
        "operation": "rotate_token", "object_kind": "token",
        "object_id": path.rsplit('/').next(), "changes": changes, "revealed": ["secret"],
    });
    assert_eq!(found, entry(fixture, "{KA}", &rotated, &found, &more));
    fingerprint(secret).to_owned()
}

#[test]
fn an_entry_about_a_token_tells_what_it_may_and_by_a_fingerprint_which_secret_it_has() {
    for fixture in fixtures() {
        let (path, first) = make(&fixture);
        let end = "2026-11-22T08:07:00.298602Z";
        let second = rotate(&fixture, &path, &Value::Null, (5, end));
        let third = rotate(&fixture, &path, &json!(end), (6, "2026-11-22T08:07:01.298602Z"));
        assert!(first != second && second != third && third != first);
        let revoked = fixture.call("{KA}", &format!("DELETE {path}")).send();
        let found = last(&fixture);
        let more = json!({
            "operation": "revoke_token", "object_kind": "token",
            "object_id": path.rsplit('/').next(),
            "changes": [change("revoked_at", &Value::Null, &json!(NOW))],
        });
        assert_eq!(found, entry(&fixture, "{KA}", &revoked, &found, &more));
    }
}
