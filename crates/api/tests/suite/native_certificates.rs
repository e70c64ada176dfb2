//! Certificates on the native face: of one region, and of all by expiry.

use cadastre_domain::region::tls::CertificateFacts;
use serde_json::{Value, json};

use crate::certificates::Authority;
use crate::native_credentials_change::{material, replace};
use crate::native_regions::wrong_fields;
use crate::rainbond_fixture::{Fixture, fixtures};

const CERTIFICATES: &str = "GET /cadastre/v1/certificates";

/// What there is to tell of the certificates of a region, as it is stored.
pub fn facts(fixture: &Fixture, region: &str) -> Value {
    let told = |facts: CertificateFacts| {
        let time = |time: chrono::DateTime<chrono::Utc>| {
            time.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
        };
        json!({
            "part": facts.part.as_str(), "place": facts.place, "subject": facts.subject,
            "issuer": facts.issuer, "serial": facts.serial, "sha256": facts.sha256,
            "key_type": facts.key_type, "not_before": time(facts.not_before),
            "not_after": time(facts.not_after),
        })
    };
    fixture.stored(region).credentials.certificates().into_iter().map(told).collect()
}

/// A register with regions whose certificates end in these years: `{r2}` 2029, `{foreign}` 2030,
/// `{r1}` 2031; those of their authority end in 2040.
fn with_certificates(fixture: &Fixture) {
    let authority = Authority::new("authority");
    for (region, year) in [("{r1}", 2031), ("{r2}", 2029), ("{foreign}", 2030)] {
        let own = authority.issue_until(region, (year, 1, 1));
        replace(fixture, region, &material(&authority, &own));
    }
}

/// Regions, parts and years of a list.
fn listed(fixture: &Fixture, key: &str, query: &str) -> Vec<String> {
    let answer = fixture.get(key, &format!("{CERTIFICATES}?{query}"));
    assert_eq!(answer.status(), 200, "{answer:?}");
    assert!(!answer.text.contains("PRIVATE") && !answer.text.contains("BEGIN"), "{answer:?}");
    let told = |item: &Value| {
        let (name, certificate) = (&item["region_name"], &item["certificate"]);
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let year = text(&certificate["not_after"]);
        format!("{} {} {}", text(name), text(&certificate["part"]), &year[..4])
    };
    answer.json()["items"].as_array().unwrap().iter().map(told).collect()
}

#[test]
fn the_certificates_of_a_region_are_told_whole() {
    for fixture in fixtures() {
        with_certificates(&fixture);
        let path = "GET /cadastre/v1/regions/{r1}/certificates";
        let answer = fixture.get("{KA}", path);
        let expected = json!({"items": facts(&fixture, "{r1}"), "next": null});
        assert_eq!((answer.status(), answer.json()), (200, expected));
        let own = answer.json()["items"][1].clone();
        assert_eq!((&own["part"], &own["place"]), (&"certificate".into(), &0.into()));
        assert!(own["issuer"].as_str().unwrap().contains("CN=authority"), "{own}");
        assert_eq!(own["not_before"], "2020-01-01T00:00:00Z");
        assert_eq!(own["not_after"], "2031-01-01T00:00:00Z");
        assert_eq!(
            (&own["key_type"], own["sha256"].as_str().unwrap().len()),
            (&"ECDSA P-256".into(), 64)
        );
        let copy = fixture.call("{KA}", path).header("if-none-match", answer.header("etag")).send();
        assert_eq!((copy.status(), copy.text.as_str()), (304, ""));
        let none = fixture.get("{KA}", "GET /cadastre/v1/regions/{r3}/certificates");
        assert_eq!(none.json(), json!({"items": [], "next": null}));
    }
}

#[test]
fn the_certificates_of_all_regions_are_listed_by_expiry() {
    for fixture in fixtures() {
        with_certificates(&fixture);
        let own = listed(&fixture, "{KA}", "");
        assert_eq!(own[..2], ["r2 certificate 2029", "r1 certificate 2031"]);
        assert_eq!(own.len(), 4);
        assert!(own[2..].iter().all(|told| told.ends_with(" ca 2040")), "{own:?}");
        let all = listed(&fixture, "{MK}", "expires_before=2035-01-01T00:00:00Z");
        let expected = ["r2 certificate 2029", "foreign certificate 2030", "r1 certificate 2031"];
        assert_eq!(all, expected);
        // The moment itself is not before.
        let before = listed(&fixture, "{KA}", "expires_before=2029-01-01T00:00:00Z");
        assert_eq!(before, [""; 0]);
        let whole = fixture.get("{KA}", &format!("{CERTIFICATES}?limit=1&total=true")).json();
        let expected = json!({
            "region_id": fixture.fill("{r2}"), "region_name": "r2",
            "enterprise_id": fixture.fill("{E1}"), "certificate": facts(&fixture, "{r2}")[1],
        });
        assert_eq!((&whole["items"][0], &whole["total"]), (&expected, &json!(4)));
    }
}

#[test]
fn a_list_of_certificates_is_read_page_by_page() {
    for fixture in fixtures() {
        with_certificates(&fixture);
        let whole = listed(&fixture, "{MK}", "");
        let (mut pages, mut query) = (Vec::new(), "limit=1".to_owned());
        loop {
            pages.extend(listed(&fixture, "{MK}", &query));
            let next =
                fixture.get("{MK}", &format!("{CERTIFICATES}?{query}")).json()["next"].clone();
            let Some(next) = next.as_str() else { break };
            query = format!("limit=1&cursor={next}");
        }
        assert_eq!((pages, whole.len()), (whole, 6));
        for wrong in ["cursor=x", "cursor=1:2:3:4.00000000", "expires_before=soon", "limit=0"] {
            let refused = fixture.get("{KA}", &format!("{CERTIFICATES}?{wrong}"));
            let field = format!("/{}", wrong.split('=').next().unwrap());
            assert_eq!(wrong_fields(&refused), [(field, "invalid".to_owned())]);
        }
    }
}

#[test]
fn what_is_replaced_or_taken_away_is_no_longer_listed() {
    for fixture in fixtures() {
        with_certificates(&fixture);
        replace(&fixture, "{r2}", &json!({"ca": null, "certificate": null, "key": null}));
        let listed = listed(&fixture, "{KA}", "");
        assert_eq!(listed, ["r1 certificate 2031", "r1 ca 2040"]);
    }
}
