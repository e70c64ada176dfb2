//! Credentials on the native face: replacing them, and going back to the set before.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::certificates::{Authority, Certificate};
use crate::native_certificates::facts;
use crate::native_regions::wrong_fields;
use crate::rainbond_fixture::{Fixture, fixtures, with};
use crate::support::Answer;

/// Changes the credentials of `{r1}`.
pub fn patch(fixture: &Fixture, key: &str, tag: &str, body: &Value) -> Answer {
    let call = fixture.call(key, "PATCH /cadastre/v1/regions/{r1}/credentials");
    call.header("if-match", tag).json(body).send()
}

/// Changes the credentials of a region, which must be possible.
pub fn replace(fixture: &Fixture, region: &str, body: &Value) -> Value {
    let call = fixture.call("{MK}", &format!("PATCH /cadastre/v1/regions/{region}/credentials"));
    let answer = call.header("if-match", "*").json(body).send();
    assert_eq!(answer.status(), 200, "{answer:?}");
    answer.json()
}

fn roll_back(fixture: &Fixture, key: &str, tag: &str) -> Answer {
    let call = fixture.call(key, "POST /cadastre/v1/regions/{r1}/credentials/rollback");
    call.header("if-match", tag).send()
}

/// What a caller is shown of the credentials of `{r1}`.
fn shown(fixture: &Fixture, key: &str) -> Value {
    let answer = fixture.get(key, "GET /cadastre/v1/regions/{r1}/credentials");
    assert_eq!(answer.status(), 200, "{answer:?}");
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.header("etag"), format!("\"{}\"", answer.json()["version"]));
    answer.json()
}

/// TLS material in the fields of this face.
pub fn material(authority: &Authority, own: &Certificate) -> Value {
    let (ca, certificate, key) = (authority.pem(), own.pem.trim(), own.key.trim());
    json!({"ca": ca.trim(), "certificate": certificate, "key": key})
}

#[test]
fn what_is_replaced_is_told_whole_and_without_secrets_and_the_region_stays() {
    let authority = Authority::new("authority");
    let material = material(&authority, &authority.issue("register", &[]));
    for mut fixture in fixtures() {
        let before = fixture.stored("{r1}").region;
        fixture.add_token("operator", cadastre_domain::role::Role::Operator, "{E1}", &[]);
        let body = with(material.clone(), &json!({"token": "a token"}));
        let answer = patch(&fixture, "{operator}", "\"1\"", &body);
        let expected = json!({
            "region_id": fixture.fill("{r1}"), "version": 2, "secrets": ["token", "key"],
            "token": null, "ca": material["ca"], "certificate": material["certificate"],
            "key": null, "certificates": facts(&fixture, "{r1}"), "warnings": [],
            "previous_until": null,
        });
        assert_eq!((answer.status(), answer.header("etag")), (200, "\"2\""), "{answer:?}");
        assert_eq!(answer.json(), expected);
        assert_eq!(shown(&fixture, "{operator}"), expected);
        let secrets = json!({"token": "a token", "key": material["key"]});
        assert_eq!(shown(&fixture, "{KA}"), with(expected, &secrets));
        let after = fixture.stored("{r1}").region;
        assert_eq!((after.id, after.name, after.version), (before.id, before.name, 2));
    }
}

#[test]
fn a_patch_replaces_what_it_names_and_null_takes_away() {
    for fixture in fixtures() {
        replace(&fixture, "{r1}", &json!({"token": "one"}));
        let authority = Authority::new("authority").pem();
        let ca = authority.trim();
        replace(&fixture, "{r1}", &json!({"ca": ca}));
        let found = shown(&fixture, "{KA}");
        assert_eq!((&found["token"], &found["ca"]), (&"one".into(), &ca.into()));
        let emptied = replace(&fixture, "{r1}", &json!({"token": null, "ca": null}));
        assert_eq!((&emptied["secrets"], &emptied["ca"]), (&json!([]), &Value::Null));
        assert_eq!(emptied["certificates"], json!([]));
        // Nothing differs, and so there is no other version.
        let same = replace(&fixture, "{r1}", &json!({"token": null}));
        assert_eq!((&emptied["version"], &same["version"]), (&json!(4), &json!(4)));
    }
}

#[test]
fn a_set_that_does_not_fit_together_is_refused_naming_the_field_and_nothing_changes() {
    let (authority, other) = (Authority::new("authority"), Authority::new("other"));
    let (own, foreign) = (authority.issue("own", &[]), authority.issue("foreign", &[]));
    let good = material(&authority, &own);
    let garbage = "x".repeat(10_000);
    for fixture in fixtures() {
        for (changes, fields) in [
            (json!({"key": foreign.key}), &["/key"][..]),
            (json!({"key": null}), &["/key"]),
            (json!({"certificate": null}), &["/certificate"]),
            (json!({"ca": other.pem()}), &["/certificate"]),
            (json!({"ca": garbage}), &["/ca"]),
            (json!({"certificate": garbage}), &["/certificate"]),
            (json!({"key": garbage}), &["/key"]),
            (json!({"ca": garbage, "key": garbage}), &["/ca", "/key"]),
            (with(good.clone(), &expired(&authority)), &["/certificate"]),
        ] {
            let body = with(good.clone(), &changes);
            let refused = patch(&fixture, "{KA}", "*", &body);
            let wrong: Vec<_> = fields.iter().map(|f| ((*f).into(), "incoherent".into())).collect();
            assert_eq!(wrong_fields(&refused), wrong, "{changes}");
            assert!(!refused.text.contains("xxxx") && !refused.text.contains("PRIVATE"));
        }
        let detail = fixture.stored("{r1}");
        assert_eq!((detail.region.version, detail.credentials.ca), (1, None));
    }
}

fn expired(authority: &Authority) -> Value {
    let own = authority.issue_expired("own");
    json!({"certificate": own.pem, "key": own.key})
}

#[test]
fn wrong_fields_are_all_named() {
    for fixture in fixtures() {
        let body = json!({
            "token": "", "ca": 1, "key": "k".repeat(65_536), "keep_previous_seconds": 2_592_001,
            "name": "r2",
        });
        let refused = patch(&fixture, "{KA}", "*", &body);
        let named = [
            ("/token", "invalid"),
            ("/ca", "not_text"),
            ("/key", "invalid"),
            ("/keep_previous_seconds", "invalid"),
            ("/name", "unknown"),
        ];
        let named: Vec<_> = named.map(|(p, c)| (p.to_owned(), c.to_owned())).into();
        assert_eq!(wrong_fields(&refused), named);
        for body in [json!({"token": "t".repeat(256)}), json!({"keep_previous_seconds": -1})] {
            assert_eq!(patch(&fixture, "{KA}", "*", &body).status(), 400, "{body}");
        }
        assert_eq!(fixture.stored("{r1}").region.version, 1);
    }
}

#[test]
fn what_expires_within_thirty_days_is_a_warning() {
    let authority = Authority::new("authority");
    for fixture in fixtures() {
        // 30 days from the time of the tests are over on 22 December.
        for (day, warned) in [((2026, 12, 22), true), ((2026, 12, 23), false)] {
            let own = authority.issue_until("own", day);
            let told = replace(&fixture, "{r1}", &material(&authority, &own));
            let warning = json!([{
                "part": "certificate", "expires_at": "2026-12-22T00:00:00Z",
                "detail": "the client certificate expires at 2026-12-22 00:00:00 UTC",
            }]);
            let expected = if warned { warning } else { json!([]) };
            assert_eq!(told["warnings"], expected, "{day:?}");
            assert_eq!(shown(&fixture, "{KA}")["warnings"], expected);
        }
    }
}

#[test]
fn the_set_before_is_kept_as_long_as_was_chosen_and_gone_back_to_in_one_call() {
    for fixture in fixtures() {
        replace(&fixture, "{r1}", &json!({"token": "one"}));
        let kept = json!({"token": "two", "keep_previous_seconds": 3600});
        let until = replace(&fixture, "{r1}", &kept)["previous_until"].clone();
        assert_eq!(until, "2026-11-22T09:06:55.298602Z");
        for (version, token) in [(4, "one"), (5, "two"), (6, "one")] {
            let back = roll_back(&fixture, "{KA}", &format!("\"{}\"", version - 1));
            assert_eq!(back.status(), 200, "{back:?}");
            assert_eq!(back.header("etag"), format!("\"{version}\""));
            assert_eq!(
                (&back.json()["token"], &back.json()["previous_until"]),
                (&Value::Null, &until)
            );
            let found = shown(&fixture, "{KA}");
            assert_eq!((&found["token"], &found["version"]), (&token.into(), &version.into()));
        }
        fixture.register.pass(TimeDelta::hours(1));
        let refused = roll_back(&fixture, "{KA}", "*");
        assert_eq!((refused.status(), &refused.json()["code"]), (409, &"nothing_before".into()));
        let found = shown(&fixture, "{KA}");
        assert_eq!((&found["previous_until"], &found["token"]), (&Value::Null, &"one".into()));
    }
}

#[test]
fn the_set_before_is_kept_for_a_day_unless_it_is_to_go_at_once() {
    for fixture in fixtures() {
        replace(&fixture, "{r1}", &json!({"token": "one"}));
        let usual = replace(&fixture, "{r1}", &json!({"token": "two"}));
        assert_eq!(usual["previous_until"], "2026-11-23T08:06:55.298602Z");
        let gone = json!({"token": "three", "keep_previous_seconds": 0});
        assert_eq!(replace(&fixture, "{r1}", &gone)["previous_until"], Value::Null);
        assert_eq!(roll_back(&fixture, "{KA}", "*").status(), 409);
        assert_eq!(shown(&fixture, "{KA}")["token"], "three");
    }
}

#[test]
fn a_set_that_has_expired_meanwhile_is_not_gone_back_to() {
    let authority = Authority::new("authority");
    let old = material(&authority, &authority.issue_until("old", (2026, 12, 1)));
    let new = material(&authority, &authority.issue("new", &[]));
    for fixture in fixtures() {
        replace(&fixture, "{r1}", &old);
        let keep = json!({"keep_previous_seconds": 30 * 86_400});
        replace(&fixture, "{r1}", &with(new.clone(), &keep));
        fixture.register.pass(TimeDelta::days(20));
        let refused = roll_back(&fixture, "{KA}", "*");
        assert_eq!(wrong_fields(&refused), [("/certificate".into(), "incoherent".into())]);
        assert_eq!(fixture.stored("{r1}").region.version, 3);
    }
}

#[test]
fn going_back_is_done_once_however_often_it_is_asked_for_with_one_key() {
    for fixture in fixtures() {
        replace(&fixture, "{r1}", &json!({"token": "one"}));
        replace(&fixture, "{r1}", &json!({"token": "two"}));
        let ask = |tag: &str| {
            let call = fixture.call("{KA}", "POST /cadastre/v1/regions/{r1}/credentials/rollback");
            call.header("if-match", tag).header("idempotency-key", "a").send()
        };
        let (first, again) = (ask("\"3\""), ask("\"3\""));
        assert_eq!((first.status(), again.status()), (200, 200), "{first:?} {again:?}");
        assert_eq!((&first.text, again.header("etag")), (&again.text, "\"4\""));
        assert_eq!(again.header("idempotency-replayed"), "true");
        let found = shown(&fixture, "{KA}");
        assert_eq!((&found["token"], &found["version"]), (&"one".into(), &4.into()));
    }
}

#[test]
fn changes_say_for_which_version_they_are_meant() {
    for fixture in fixtures() {
        let body = json!({"token": "one"});
        assert_eq!(patch(&fixture, "{KA}", "\"1\"", &body).status(), 200);
        for refused in
            [patch(&fixture, "{KA}", "\"1\"", &body), roll_back(&fixture, "{KA}", "\"1\"")]
        {
            assert_eq!((refused.status(), refused.header("etag")), (412, "\"2\""), "{refused:?}");
            assert_eq!(refused.json()["current"], "\"2\"");
        }
        let path = "/cadastre/v1/regions/{r1}/credentials";
        let missing = [
            fixture.send("{KA}", &format!("PATCH {path}"), &body),
            fixture.get("{KA}", &format!("POST {path}/rollback")),
        ];
        for refused in missing {
            let code = refused.json()["code"].clone();
            assert_eq!((refused.status(), code), (428, "precondition_required".into()));
        }
    }
}

#[test]
fn entries_tell_what_was_replaced_and_no_secret() {
    for fixture in fixtures() {
        replace(&fixture, "{r1}", &json!({"token": "a secret text"}));
        let path = "GET /cadastre/v1/audit?operation=change_region_credentials";
        let entries = fixture.get("{KA}", path);
        let items = entries.json()["items"].clone();
        let fields: Vec<_> =
            items[0]["changes"].as_array().unwrap().iter().map(|c| &c["field"]).collect();
        assert_eq!((items.as_array().unwrap().len(), fields), (1, vec![&json!("token")]));
        assert!(!entries.text.contains("a secret text"), "{entries:?}");
    }
}
