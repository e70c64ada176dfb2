//! Changing a region on the management interface: what stays, what goes, what is ignored.

use serde_json::{Value, json};

use crate::material::MATERIAL;
use crate::rainbond_fixture::{
    Fixture, SOMEWHERE, change, fixtures, full, required, with, without, wrong_fields,
};
use crate::support::Answer;

const OPTIONAL: [&str; 6] = ["token", "scope", "ssl_ca_cert", "cert_file", "key_file", "desc"];

fn put(fixture: &Fixture, region: &str, body: &Value) -> Answer {
    fixture.send("{MK}", &format!("PUT /openapi/v2/manage/regions/{region}"), body)
}

/// Changes `{r1}`, and answers it as it is then.
fn changed(fixture: &Fixture, body: &Value) -> Value {
    let answer = put(fixture, "{r1}", body);
    assert_eq!(answer.status(), 200, "{}: {answer:?}", fixture.register.name);
    answer.json()
}

#[test]
fn a_changed_region_is_answered_with_all_fourteen_keys_in_the_published_order() {
    for fixture in fixtures() {
        let answer = put(&fixture, "{r1}", &change());
        let expected = json!({
            "region_id": "{r1}", "region_name": "r1", "region_alias": "New",
            "url": "https://new.example.com", "token": "tk", "wsurl": "ws://1.1.1.1",
            "httpdomain": "n.x", "tcpdomain": "9.9.9.9", "scope": "public", "ssl_ca_cert": null,
            "cert_file": null, "key_file": null, "status": "1", "desc": "newd",
        });
        let expected = fixture.fill(&with(expected, &MATERIAL).to_string());
        assert_eq!((answer.status(), answer.text), (200, expected));
    }
}

#[test]
fn what_was_changed_is_listed() {
    for fixture in fixtures() {
        changed(&fixture, &change());
        let listed = fixture.get("{KA}", "GET /openapi/v1/regions").json();
        let hidden = json!({"ssl_ca_cert": null, "cert_file": null, "key_file": null});
        let expected = with(without(change(), &["token"]), &hidden);
        assert_eq!(with(listed[1].clone(), &expected), listed[1], "{}", fixture.register.name);
        assert_eq!(listed[1]["region_id"], fixture.fill("{r1}"));
        for other in [0, 2, 3, 4] {
            assert_eq!(listed[other]["url"], SOMEWHERE);
        }
    }
}

#[test]
fn a_field_that_is_left_out_stays_each_by_itself() {
    for fixture in fixtures() {
        let before = changed(&fixture, &change());
        assert_eq!(changed(&fixture, &required(change())), before);
        for field in OPTIONAL {
            assert_eq!(changed(&fixture, &without(change(), &[field])), before, "{field}");
        }
    }
}

#[test]
fn null_clears_what_may_be_nothing_and_empty_text_clears_certificates() {
    // A certificate does not go without its key.
    let none = json!({"cert_file": null, "key_file": null});
    let cases = [
        (json!({"token": null}), json!({"token": null})),
        (json!({"token": ""}), json!({"token": ""})),
        (json!({"ssl_ca_cert": null}), json!({"ssl_ca_cert": null})),
        (json!({"ssl_ca_cert": ""}), json!({"ssl_ca_cert": null})),
        (none.clone(), none.clone()),
        (json!({"cert_file": " ", "key_file": null}), none.clone()),
        (json!({"cert_file": null, "key_file": ""}), none),
        (json!({"desc": ""}), json!({"desc": ""})),
    ];
    for fixture in fixtures() {
        for (given, expected) in &cases {
            let full = changed(&fixture, &change());
            let only = with(required(change()), given);
            let cleared = with(full, expected);
            assert_eq!(changed(&fixture, &only), cleared, "{given}");
            assert_eq!(changed(&fixture, &required(change())), cleared, "{given}");
        }
    }
}

#[test]
fn a_scope_that_is_given_replaces_the_old_one() {
    for fixture in fixtures() {
        for scope in ["public", "private", "public"] {
            let body = with(required(change()), &json!({"scope": scope}));
            assert_eq!(changed(&fixture, &body)["scope"], scope);
            assert_eq!(changed(&fixture, &required(change()))["scope"], scope);
        }
    }
}

#[test]
fn name_identifier_and_enterprise_never_change() {
    let strange = [
        json!({"region_id": "x", "region_name": "other", "enterprise_id": "{E2}"}),
        json!({"region_id": null, "region_name": "", "enterprise_id": "zzz"}),
        json!({"region_id": [], "region_name": "r2", "enterprise_id": false}),
    ];
    for fixture in fixtures() {
        for strange in &strange {
            let found = changed(&fixture, &with(change(), strange));
            assert_eq!(found["region_id"], fixture.fill("{r1}"));
            assert_eq!(found["region_name"], "r1");
        }
        assert_eq!(fixture.listed("{KA}"), ["r0", "r1", "r2", "r3", "pub"]);
        assert_eq!(fixture.listed("{KO}"), ["foreign"]);
    }
}

#[test]
fn a_region_of_any_enterprise_can_be_changed() {
    for fixture in fixtures() {
        let answer = put(&fixture, "{foreign}", &change());
        assert_eq!(answer.status(), 200, "{}: {answer:?}", fixture.register.name);
        assert_eq!(answer.json()["region_name"], "foreign");
        assert_eq!(fixture.listed("{KO}"), ["foreign"]);
    }
}

#[test]
fn an_unknown_region_is_told_after_the_body_was_judged() {
    let unknown = ["zz", "r1", "0123456789abcdef0123456789abcdef", "-", "{E1}", "{T}"];
    for fixture in fixtures() {
        let loud = fixture.fill("{r1}").to_uppercase();
        for id in unknown.into_iter().chain([loud.as_str()]) {
            let answer = put(&fixture, id, &change());
            let expected = r#"{"msg":"修改的数据中心不存在"}"#;
            assert_eq!((answer.status(), answer.text.as_str()), (404, expected), "{id}");
            let wrong = put(&fixture, id, &with(change(), &json!({"url": "bad", "status": 9})));
            assert_eq!(wrong.status(), 400, "{id}: {wrong:?}");
            assert_eq!(wrong_fields(&wrong), ["url", "status"], "{id}");
        }
    }
}

#[test]
fn nothing_of_a_body_with_wrong_fields_is_stored() {
    for fixture in fixtures() {
        let before = fixture.stored("{r1}").region;
        for (field, value) in [("url", json!("bad")), ("desc", json!(null)), ("token", json!([]))] {
            let answer = put(&fixture, "{r1}", &with(change(), &json!({field: value})));
            assert_eq!(wrong_fields(&answer), [field], "{answer:?}");
        }
        assert_eq!(fixture.stored("{r1}").region, before, "{}", fixture.register.name);
    }
}

#[test]
fn the_body_of_an_added_region_changes_it_as_well() {
    for fixture in fixtures() {
        let found = changed(&fixture, &full());
        let expected = without(full(), &["region_id", "region_name", "enterprise_id"]);
        let cleared = json!({
            "ssl_ca_cert": null, "cert_file": null, "key_file": null, "status": "1",
            "url": SOMEWHERE,
        });
        assert_eq!(with(found.clone(), &with(expected, &cleared)), found);
    }
}
