//! Tokens in pages.

use serde_json::{Value, json};

use super::{TOKENS, fixtures, listed, made, make};
use crate::pages::{check_refusals, walk};
use crate::problems::{FORBIDDEN, check};

#[test]
fn tokens_come_in_pages_and_those_that_are_made_meanwhile_stand_at_the_end() {
    for fixture in fixtures() {
        let all = listed(&fixture, "{MK}");
        let ids = |pages: &[Vec<Value>]| -> Vec<Value> {
            pages.iter().flatten().map(|token| token["id"].clone()).collect()
        };
        for limit in [1, 2, 3, 1000] {
            let pages = walk(&fixture, "{MK}", TOKENS, &format!("limit={limit}"), || {});
            assert_eq!(ids(&pages), all, "{limit}");
            assert_eq!(pages.len(), all.len().div_ceil(limit), "{limit}");
        }
        let mut made_meanwhile = Vec::new();
        let pages = walk(&fixture, "{MK}", TOKENS, "limit=2", || {
            if made_meanwhile.len() < 3 {
                let name = format!("meanwhile {}", made_meanwhile.len());
                let (token, _) =
                    made(&make(&fixture, "{KO}", &json!({"name": name, "role": "admin"})));
                made_meanwhile.push(token["id"].clone());
            }
        });
        let mut expected: Vec<_> = all.into_iter().map(Value::from).collect();
        expected.extend(made_meanwhile);
        assert_eq!(ids(&pages), expected);
    }
}

#[test]
fn a_page_of_tokens_that_cannot_be_is_refused() {
    for fixture in fixtures() {
        check_refusals(&fixture, "{KA}", TOKENS);
    }
}

#[test]
fn only_those_who_make_tokens_list_them() {
    for mut fixture in fixtures() {
        use cadastre_domain::role::Role;
        for role in [Role::Operator, Role::Viewer, Role::Team] {
            fixture.add_token(role.as_str(), role, "{E1}", &[]);
            let list = fixture.get(&format!("{{{role}}}"), &format!("GET {TOKENS}"));
            check(&list, FORBIDDEN, role.as_str());
        }
    }
}
