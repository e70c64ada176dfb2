//! `/cadastre/v1/regions/{region_id}/credentials`: who sees which secrets, and that every showing is
//! told.

use cadastre_domain::role::Role;
use cadastre_domain::token::id_in;
use cadastre_storage::{AuditFilter, AuditRecord};
use serde_json::{Value, json};

use crate::material::MATERIAL;
use crate::native_certificates::facts;
use crate::problems::{FORBIDDEN, NOT_FOUND, STRANGER, check};
use crate::rainbond_fixture::{Fixture, SOMEWHERE, with};
use crate::support::{Answer, registers};

/// The regions, by their names in braces, and what is secret in each.
const REGIONS: [(&str, &[&str]); 4] = [
    ("both", &["token", "key"]),
    ("only-token", &["token"]),
    ("only-key", &["key"]),
    ("nothing", &[]),
];

/// Those regions, and a token for each role of their enterprise, which is called as the role.
fn fixtures() -> impl Iterator<Item = Fixture> {
    registers().map(|register| {
        let mut fixture = Fixture::bare(register, SOMEWHERE);
        for (name, secrets) in REGIONS {
            let mut body = json!({"status": 2, "ssl_ca_cert": MATERIAL["ssl_ca_cert"]});
            if secrets.contains(&"token") {
                body["token"] = json!(format!("secret token of {name}"));
            }
            if secrets.contains(&"key") {
                body = with(body, &MATERIAL);
            }
            fixture.add_region("{KA}", name, &body);
        }
        for role in Role::ALL {
            fixture.add_token(role.as_str(), role, "{E1}", &[]);
        }
        fixture
    })
}

fn show(fixture: &Fixture, key: &str, region: &str) -> Answer {
    fixture.get(key, &format!("GET /cadastre/v1/regions/{region}/credentials"))
}

/// All entries, the latest first.
fn entries(fixture: &Fixture) -> Vec<AuditRecord> {
    fixture.read(|tx| Ok(tx.list_audit(&AuditFilter::default(), 1000)?))
}

/// The whole answer, with the secrets or without them.
fn expected(fixture: &Fixture, (name, secrets): (&str, &[&str]), reveal: bool) -> Value {
    let region = format!("{{{name}}}");
    let has = |secret: &str| secrets.contains(&secret);
    json!({
        "region_id": fixture.fill(&region),
        "version": 1,
        "secrets": secrets,
        "token": (has("token") && reveal).then(|| format!("secret token of {name}")),
        "ca": MATERIAL["ssl_ca_cert"],
        "certificate": has("key").then(|| &MATERIAL["cert_file"]),
        "key": (has("key") && reveal).then(|| &MATERIAL["key_file"]),
        "certificates": facts(fixture, &region),
        "warnings": [],
        "previous_until": null,
    })
}

#[test]
fn admins_and_the_platform_see_secrets_and_an_entry_names_those_that_there_were() {
    for fixture in fixtures() {
        for (role, (name, secrets)) in
            ["platform", "admin"].into_iter().flat_map(|role| REGIONS.map(|region| (role, region)))
        {
            let (key, region) = (format!("{{{role}}}"), format!("{{{name}}}"));
            let before = entries(&fixture).len();
            let answer = show(&fixture, &key, &region);
            let expected = expected(&fixture, (name, secrets), true);
            assert_eq!((answer.status(), &answer.text), (200, &expected.to_string()), "{key}");
            assert_eq!(answer.header("cache-control"), "no-store");
            let entries = entries(&fixture);
            assert_eq!(entries.len(), before + usize::from(!secrets.is_empty()), "{key} {region}");
            if secrets.is_empty() {
                continue;
            }
            check_reveal(&fixture, &entries[0], &key, &region, &answer);
            assert_eq!(entries[0].revealed, secrets.join(","));
        }
    }
}

/// Checks that an entry tells who was shown secrets of which region, by which request.
fn check_reveal(fixture: &Fixture, entry: &AuditRecord, key: &str, region: &str, answer: &Answer) {
    let token = id_in(&fixture.fill(key)).unwrap();
    let user = fixture.read(|tx| Ok(tx.find_token(token)?)).unwrap().caller.user_id;
    let expected = AuditRecord {
        sequence: entry.sequence,
        at: fixture.register.app.clock.now(),
        enterprise_id: Some(fixture.fill("{E1}")),
        token_id: Some(token.to_string()),
        user_id: Some(user.0),
        origin: "request".to_owned(),
        address: Some("127.0.0.1".to_owned()),
        request_id: Some(answer.header("x-request-id").to_owned()),
        operation: "get_region_credentials".to_owned(),
        outcome: "done".to_owned(),
        object_kind: Some("region".to_owned()),
        object_id: Some(fixture.fill(region)),
        changes: "[]".to_owned(),
        revealed: entry.revealed.clone(),
        reason: None,
        hash: entry.hash.clone(),
    };
    assert_eq!(entry, &expected);
}

#[test]
fn operators_and_viewers_see_null_and_leave_no_entry() {
    for fixture in fixtures() {
        let before = entries(&fixture);
        for key in ["{operator}", "{viewer}"] {
            for region in REGIONS {
                let answer = show(&fixture, key, &format!("{{{}}}", region.0));
                let expected = expected(&fixture, region, false);
                assert_eq!((answer.status(), answer.text), (200, expected.to_string()), "{key}");
            }
        }
        assert_eq!(entries(&fixture), before);
    }
}

#[test]
fn teams_strangers_and_other_enterprises_see_nothing() {
    for fixture in fixtures() {
        let before = entries(&fixture);
        for (name, _) in REGIONS {
            let region = format!("{{{name}}}");
            check(&show(&fixture, "{team}", &region), FORBIDDEN, name);
            check(&show(&fixture, "", &region), STRANGER, name);
            check(&show(&fixture, "{KO}", &region), NOT_FOUND, name);
        }
        assert_eq!(entries(&fixture), before);
        check(&show(&fixture, "{KX}", "{both}"), STRANGER, "expired");
        assert_eq!(entries(&fixture)[0].outcome, "sign_in_failed");
    }
}

#[test]
fn what_is_the_identifier_of_no_region_is_not_found() {
    for fixture in fixtures() {
        let id = fixture.fill("{both}");
        let before = entries(&fixture);
        for wrong in ["0".repeat(32), id.to_uppercase(), id[1..].to_owned(), "both".to_owned()] {
            for key in ["{platform}", "{admin}", "{viewer}"] {
                check(&show(&fixture, key, &wrong), NOT_FOUND, &wrong);
            }
        }
        assert_eq!(entries(&fixture), before);
    }
}

#[test]
fn no_list_shows_a_secret_to_anybody() {
    for fixture in fixtures() {
        for key in ["{platform}", "{admin}", "{operator}", "{viewer}"] {
            let list = fixture.get(key, "GET /openapi/v1/regions");
            assert_eq!(list.json().as_array().unwrap().len(), REGIONS.len(), "{key}");
            assert!(!list.text.contains("secret") && !list.text.contains("PRIVATE"), "{key}");
        }
        for key in ["{platform}", "{admin}"] {
            let list = fixture.get(key, "GET /cadastre/v1/audit?limit=1000");
            assert!(list.text.contains("fingerprint") && !list.text.contains("secret "), "{key}");
            assert!(!list.text.contains("PRIVATE"), "{key}");
        }
    }
}
