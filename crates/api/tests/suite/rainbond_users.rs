//! Who a token says that its caller is.

use cadastre_domain::role::Role;
use serde_json::json;

use crate::rainbond_fixture::{Fixture, bare_fixtures};
use crate::rainbond_http::framework;

const WHO: &str = "GET /openapi/v1/currentuser";

fn number(fixture: &Fixture, key: &str) -> i64 {
    fixture.get(key, WHO).json()["bean"]["user_id"].as_i64().unwrap()
}

#[test]
fn every_caller_is_told_who_he_is_with_all_eight_keys_in_the_published_order() {
    for mut fixture in bare_fixtures() {
        for role in Role::ALL {
            let key = format!("{{{role}}}");
            fixture.add_token(&role.to_string(), role, "{E1}", &[]);
            let answer = fixture.get(&key, WHO);
            let name = role.to_string();
            let bean = json!({
                "user_id": number(&fixture, &key), "email": "", "nick_name": name,
                "real_name": name, "phone": "", "is_active": true, "origion": "",
                "enterprise_id": "{E1}",
            });
            let expected = fixture.fill(&json!({"bean": bean}).to_string());
            assert_eq!((answer.status(), answer.text), (200, expected), "{key}");
        }
    }
}

#[test]
fn the_user_is_the_one_who_makes_teams_and_differs_from_enterprise_to_enterprise() {
    for fixture in bare_fixtures() {
        let (own, other) = (number(&fixture, "{KA}"), number(&fixture, "{KO}"));
        assert_ne!(own, other);
        let team = json!({"tenant_name": "t"});
        for (key, user) in [("{KA}", own), ("{KO}", other)] {
            let made = fixture.send(key, "POST /openapi/v1/teams", &team);
            assert_eq!(made.json()["creater"], user, "{key}");
        }
        let of_other = fixture.get("{KO}", WHO).json();
        assert_eq!(of_other["bean"]["enterprise_id"], fixture.fill("{E2}"));
    }
}

#[test]
fn a_stranger_is_told_nothing() {
    for fixture in bare_fixtures() {
        let refused = framework(401, "AuthenticationFailed", "No such user or user is not admin");
        for key in ["{KX}", "nobody"] {
            assert_eq!(fixture.get(key, WHO).text, refused, "{key}");
        }
        assert_eq!(fixture.get("", WHO).text, framework(401, "AuthenticationFailed", "No token"));
    }
}
