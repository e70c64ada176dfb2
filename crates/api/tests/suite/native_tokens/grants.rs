//! Who makes, sees and ends which tokens.

use cadastre_domain::role::Role;
use cadastre_domain::token::id_in;
use serde_json::json;

use super::{TOKENS, fixtures, listed, made, make};
use crate::problems::{NOT_FOUND, NOT_TO_GRANT, STRANGER, check};
use crate::rainbond_fixture::Fixture;

/// The identifier of the token that is called so.
fn id_of(fixture: &Fixture, key: &str) -> String {
    id_in(&fixture.fill(key)).unwrap().to_string()
}

#[test]
fn an_admin_neither_makes_nor_sees_nor_ends_tokens_of_the_platform_or_of_others() {
    for fixture in fixtures() {
        let platform = json!({"name": "n", "role": "platform"});
        check(&make(&fixture, "{KA}", &platform), NOT_TO_GRANT, "a platform token");
        for role in Role::ALL {
            let body = json!({"name": "n", "role": role.as_str(), "enterprise_id": "{E2}"});
            check(&make(&fixture, "{KA}", &body), NOT_FOUND, role.as_str());
        }
        for hidden in ["{MK}", "{KO}"] {
            let id = id_of(&fixture, hidden);
            for (method, rest) in [("GET", ""), ("POST", "/rotate"), ("DELETE", "")] {
                let request = format!("{method} {TOKENS}/{id}{rest}");
                check(&fixture.call("{KA}", &request).send(), NOT_FOUND, &request);
            }
            let goes_on = fixture.get(hidden, &format!("GET {TOKENS}"));
            assert_eq!(goes_on.status(), 200, "{hidden}");
        }
        let own = ["{KA}", "{KP}", "{KX}"].map(|key| id_of(&fixture, key));
        assert_eq!(listed(&fixture, "{KA}"), own);
        assert_eq!(listed(&fixture, "{KO}"), [id_of(&fixture, "{KO}")]);
        let all = ["{KA}", "{KP}", "{KX}", "{KO}", "{MK}"].map(|key| id_of(&fixture, key));
        assert_eq!(listed(&fixture, "{MK}"), all);
    }
}

#[test]
fn the_platform_makes_tokens_of_every_role_in_every_enterprise() {
    for fixture in fixtures() {
        for (enterprise, role) in
            ["{E1}", "{E2}"].into_iter().flat_map(|e| Role::ALL.map(|role| (e, role)))
        {
            let body = json!({"name": "n", "role": role.as_str(), "enterprise_id": enterprise});
            let (token, _) = made(&make(&fixture, "{MK}", &body));
            let found = (&token["role"], &token["enterprise_id"]);
            assert_eq!(found, (&json!(role.as_str()), &json!(fixture.fill(enterprise))));
        }
        check(&fixture.get("", &format!("GET {TOKENS}")), STRANGER, "nobody");
    }
}
