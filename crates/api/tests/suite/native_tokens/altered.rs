//! Tokens whose rows somebody who can write to the database has changed.

use std::thread;

use cadastre_api::auth::LEASE;
use cadastre_domain::role::Role;
use cadastre_domain::token::id_in;
use serde_json::json;

use super::TOKENS;
use crate::problems::{ENDED, STRANGER, check};
use crate::rainbond_fixture::fixtures;

/// Raises the token with this text to one of the platform, in the database.
fn raise(register: &crate::support::Register, text: &str) {
    let id = id_in(text).unwrap();
    register.execute(&format!("UPDATE tokens SET role = 'platform' WHERE id = '{id}'"));
}

#[test]
fn a_token_that_was_raised_in_the_database_is_refused_on_every_face() {
    for fixture in fixtures() {
        let register = &fixture.register;
        let text = register.token(Role::Viewer, register.enterprise, &[]);
        let key = |call: crate::support::Call| call.key(&text).api_key(&text);
        let ask = |method: &str, path: &str| key(register.request(method, path)).send();
        assert_eq!(ask("GET", "/cadastre/v1/users").status(), 200);
        raise(register, &text);
        // What was known of it is trusted for half a second, and never for more than it was.
        let credentials = fixture.fill("/cadastre/v1/regions/{r1}/credentials");
        thread::sleep(LEASE);
        let before = fixture.entries("list_users").len();
        check(&ask("GET", "/cadastre/v1/users"), STRANGER, register.name);
        check(&ask("GET", &credentials), STRANGER, register.name);
        for path in
            ["/openapi/v1/regions", "/openapi/v2/manage/regions", "/api/v1/dialing_region/list"]
        {
            let stranger = register.request("GET", path).key("x").api_key("x").send();
            let answer = ask("GET", path);
            assert_eq!(answer.status(), stranger.status(), "{path}: {answer:?}");
            assert!(matches!(answer.status(), 401 | 403), "{path}: {answer:?}");
        }
        let entries = fixture.entries("list_users");
        assert_eq!(entries.len(), before + 1);
        let told = (entries[0].outcome.as_str(), entries[0].reason.as_deref(), entries[0].user_id);
        // Whose it is stands in what was altered.
        assert_eq!(told, ("sign_in_failed", Some("altered"), None));
    }
}

#[test]
fn a_token_that_is_altered_while_it_is_trusted_changes_nothing() {
    for fixture in fixtures() {
        let register = &fixture.register;
        let text = register.token(Role::Admin, register.enterprise, &[]);
        let known = register.request("GET", "/cadastre/v1/users").key(&text).send();
        assert_eq!(known.status(), 200);
        raise(register, &text);
        let body = json!({"name": "n", "role": "admin"});
        let made = register.request("POST", TOKENS).key(&text).json(&body).send();
        check(&made, STRANGER, register.name);
    }
}

#[test]
fn an_altered_token_is_shown_as_such_and_can_be_revoked_but_not_rotated() {
    for fixture in fixtures() {
        let register = &fixture.register;
        let text = register.token(Role::Viewer, register.enterprise, &[]);
        let path = format!("{TOKENS}/{}", id_in(&text).unwrap());
        register.execute(&format!(
            "UPDATE tokens SET role = 'admin' WHERE id = '{}'",
            id_in(&text).unwrap()
        ));
        let state = || fixture.get("{KA}", &format!("GET {path}")).json()["state"].clone();
        assert_eq!(state(), "altered");
        let rotated = fixture.send("{KA}", &format!("POST {path}/rotate"), &json!({}));
        check(&rotated, ENDED, register.name);
        assert_eq!(fixture.get("{KA}", &format!("DELETE {path}")).status(), 204);
        assert_eq!(state(), "altered");
    }
}
