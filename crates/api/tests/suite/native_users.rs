//! `/cadastre/v1/users`.

use cadastre_domain::role::Role;
use cadastre_domain::user::UserId;
use cadastre_testkit::sample::text;
use serde_json::{Value, json};

use crate::pages::{check_refusals, walk};
use crate::problems::{FORBIDDEN, NOT_FOUND, STRANGER, TAKEN, check, check_wrong};
use crate::rainbond_fixture::{Fixture, bare_fixtures};
use crate::support::{Answer, NOW};

const USERS: &str = "/cadastre/v1/users";

fn add(fixture: &Fixture, key: &str, body: &Value) -> Answer {
    fixture.send(key, &format!("POST {USERS}"), body)
}

/// The names of the users that a key lists, page after page.
fn names(fixture: &Fixture, key: &str, query: &str) -> Vec<Vec<String>> {
    let name = |user: &Value| user["name"].as_str().unwrap().to_owned();
    let pages = walk(fixture, key, USERS, query, || {});
    pages.iter().map(|page| page.iter().map(name).collect()).collect()
}

/// The same, all at once.
fn all_names(fixture: &Fixture, key: &str) -> Vec<String> {
    names(fixture, key, "limit=1000").concat()
}

#[test]
fn a_user_is_added_to_the_callers_enterprise_and_told_whole() {
    for fixture in bare_fixtures() {
        let longest = "é".repeat(64);
        for name in ["ann", "安 安", longest.as_str()] {
            let answer = add(&fixture, "{KA}", &json!({"name": name, "enterprise_id": null}));
            let user = answer.json();
            let expected = json!({
                "id": user["id"], "name": name, "enterprise_id": fixture.fill("{E1}"),
                "created_at": NOW,
            });
            assert_eq!((answer.status(), &user), (201, &expected));
            let id = UserId(user["id"].as_i64().unwrap());
            let stored = fixture.read(|tx| Ok(tx.find_user(id)?)).unwrap();
            assert_eq!((stored.name, stored.enterprise_id), (text(name), fixture.id("{E1}")));
            let page = walk(&fixture, "{KA}", USERS, "", || {}).concat();
            assert_eq!(page.last(), Some(&user));
        }
    }
}

#[test]
fn a_name_is_that_of_one_user_in_an_enterprise() {
    for fixture in bare_fixtures() {
        assert_eq!(add(&fixture, "{KA}", &json!({"name": "ann"})).status(), 201);
        let before = all_names(&fixture, "{MK}");
        for key in ["{KA}", "{MK}"] {
            check(&add(&fixture, key, &json!({"name": "ann"})), TAKEN, key);
        }
        assert_eq!(all_names(&fixture, "{MK}"), before);
        assert_eq!(add(&fixture, "{KA}", &json!({"name": "Ann"})).status(), 201);
        assert_eq!(add(&fixture, "{KO}", &json!({"name": "ann"})).status(), 201);
    }
}

#[test]
fn only_the_platform_adds_users_elsewhere() {
    for fixture in bare_fixtures() {
        let body = json!({"name": "ann", "enterprise_id": "{E2}"});
        let before = all_names(&fixture, "{KO}");
        check(&add(&fixture, "{KA}", &body), NOT_FOUND, "an admin of another enterprise");
        assert_eq!(all_names(&fixture, "{KO}"), before);
        let added = add(&fixture, "{MK}", &body);
        assert_eq!(
            (added.status(), &added.json()["enterprise_id"]),
            (201, &fixture.fill("{E2}").into())
        );
        let unknown = json!({"name": "ann", "enterprise_id": "0".repeat(32)});
        for key in ["{KA}", "{MK}"] {
            check(&add(&fixture, key, &unknown), NOT_FOUND, key);
        }
    }
}

#[test]
fn every_wrong_field_of_a_user_is_told_at_once_and_nobody_is_added() {
    let name = |code, detail| ("/name", code, detail);
    let id = ("/enterprise_id", "invalid", "an identifier has 32 digits of 0-9 and a-f");
    let cases = [
        (json!({}), vec![name("required", "must be given")]),
        (json!({"name": null}), vec![name("null", "must not be null")]),
        (json!({"name": ["a"]}), vec![name("not_text", "must be a string")]),
        (json!({"name": ""}), vec![name("invalid", "must have at least 1 characters")]),
        (json!({"name": "é".repeat(65)}), vec![name("invalid", "must have at most 64 characters")]),
        (json!({"name": "a\u{7f}b"}), vec![name("invalid", r"must not contain '\u{7f}'")]),
        (
            json!({"name": "a\tb", "enterprise_id": "x", "id": 7}),
            vec![
                name("invalid", r"must not contain '\t'"),
                id,
                ("/id", "unknown", "there is no such field"),
            ],
        ),
        (
            json!({"name": "a", "enterprise_id": 1}),
            vec![("/enterprise_id", "not_text", "must be a string")],
        ),
    ];
    for fixture in bare_fixtures() {
        let before = all_names(&fixture, "{MK}");
        for (body, wrong) in &cases {
            check_wrong(&add(&fixture, "{KA}", body), wrong, &body.to_string());
        }
        assert_eq!(all_names(&fixture, "{MK}"), before);
    }
}

#[test]
fn all_roles_but_that_of_teams_list_the_users_of_their_enterprise() {
    for mut fixture in bare_fixtures() {
        add(&fixture, "{KA}", &json!({"name": "ann"}));
        add(&fixture, "{KO}", &json!({"name": "otto"}));
        for role in [Role::Operator, Role::Viewer, Role::Team] {
            fixture.add_token(role.as_str(), role, "{E1}", &[]);
        }
        // The users for whom the tokens act are called as their roles.
        let own = ["admin", "team", "platform", "ann", "operator", "viewer"];
        for key in ["{KA}", "{operator}", "{viewer}"] {
            assert_eq!(all_names(&fixture, key), own, "{key}");
        }
        assert_eq!(all_names(&fixture, "{KO}"), ["admin", "otto"]);
        let all = ["admin", "team", "admin", "platform", "ann", "otto", "operator", "viewer"];
        assert_eq!(all_names(&fixture, "{MK}"), all);
        let list = format!("GET {USERS}");
        check(&fixture.get("{team}", &list), FORBIDDEN, "team");
        for stranger in ["", "{KX}", "wrong"] {
            check(&fixture.get(stranger, &list), STRANGER, stranger);
        }
        for key in ["{operator}", "{viewer}", "{team}"] {
            check(&add(&fixture, key, &json!({"name": "eve"})), FORBIDDEN, key);
        }
    }
}

#[test]
fn a_page_has_a_hundred_users_unless_asked_otherwise_and_a_thousand_at_most() {
    for fixture in bare_fixtures() {
        let many = 1010;
        let (enterprise, now) = (fixture.id("{E2}"), fixture.register.app.clock.now());
        let added = fixture.register.app.store.write(move |tx| {
            // One is there: that of the admin's token.
            (1..many).try_for_each(|n| {
                tx.insert_user(enterprise, &text(&format!("user {n:04}")), now).map(drop)
            })
        });
        added.map_err(|error: cadastre_storage::StorageError| error).unwrap();
        let sizes = |query| names(&fixture, "{KO}", query).iter().map(Vec::len).collect::<Vec<_>>();
        assert_eq!(sizes("limit=1000"), [1000, 10]);
        let usual = sizes("");
        assert_eq!((usual.len(), usual[0], usual[10]), (11, 100, 10));
        assert_eq!(sizes("limit=505"), [505, 505], "a page that is just full is the last");
        let all = names(&fixture, "{KO}", "limit=37").concat();
        let expected = (1..many).map(|n| format!("user {n:04}"));
        assert_eq!(all[0], "admin");
        assert!(all[1..].iter().cloned().eq(expected), "{}", fixture.register.name);
    }
}

#[test]
fn a_page_of_users_that_cannot_be_is_refused() {
    for fixture in bare_fixtures() {
        check_refusals(&fixture, "{KA}", USERS);
    }
}
