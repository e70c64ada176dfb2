//! Certificates that expire soon are told in the `Warning` of every answer to a write.

use serde_json::{Value, json};

use crate::certificates::Authority;
use crate::material::{MATERIAL, material};
use crate::rainbond_fixture::{Fixture, change, fixtures, full, with};
use crate::support::Answer;

/// The time of the tests is 2026-11-22 08:06.
const SOON: (i32, u8, u8) = (2026, 12, 10);
/// Beyond the thirty days.
const LATER: (i32, u8, u8) = (2026, 12, 23);

const WARNING: &str =
    "299 cadastre \"cert_file: the client certificate expires at 2026-12-10 00:00:00 UTC\"";

fn warnings(answer: &Answer) -> Vec<String> {
    let values = answer.headers().get_all("warning").iter();
    values.map(|value| value.to_str().unwrap().to_owned()).collect()
}

/// Every write of a region that can carry TLS material.
fn write(fixture: &Fixture, way: usize, material: &Value) -> Answer {
    let name = json!({"region_name": format!("way{way}")});
    let (key, request, body) = match way {
        0 => ("{KA}", "POST /openapi/v1/regions", with(full(), &name)),
        1 => ("{MK}", "POST /openapi/v2/manage/regions", with(full(), &name)),
        2 => ("{MK}", "PUT /openapi/v2/manage/regions/{r1}", change()),
        _ => ("{KA}", "POST /openapi/v1/grctl/ip", json!({"region_name": "r3"})),
    };
    let answer = fixture.send(key, request, &with(body, material));
    assert!(answer.status() < 300, "{request} on {}: {answer:?}", fixture.register.name);
    answer
}

#[test]
fn a_certificate_that_expires_within_thirty_days_is_told_and_no_other() {
    let authority = Authority::new("authority");
    let of = |end| material(&authority, &authority.issue_until("register", end));
    let (soon, later) = (of(SOON), of(LATER));
    for way in 0..4 {
        for (material, expected) in [
            (&soon, &[WARNING][..]),
            (&later, &[]),
            (&json!({"cert_file": null, "key_file": null}), &[]),
        ] {
            for fixture in fixtures() {
                assert_eq!(warnings(&write(&fixture, way, material)), expected, "{way}");
            }
        }
    }
}

#[test]
fn an_authority_that_expires_is_told_beside_the_certificate() {
    let (old, own) = (Authority::until("old", SOON), Authority::new("own"));
    let soon = material(&old, &old.issue_until("register", SOON));
    let authority =
        "299 cadastre \"ssl_ca_cert: the CA expires at 2026-12-10 00:00:00 UTC\"".to_owned();
    for fixture in fixtures() {
        let answer = write(&fixture, 0, &soon);
        assert_eq!(warnings(&answer), [authority.clone(), WARNING.to_owned()]);
        // One that lasts is enough.
        let bundle = format!("{}{}", old.pem(), own.pem());
        let answer = write(&fixture, 2, &with(soon.clone(), &json!({"ssl_ca_cert": bundle})));
        assert_eq!(warnings(&answer), [WARNING]);
    }
}

#[test]
fn what_was_written_before_is_told_with_every_write_and_with_no_read() {
    let authority = Authority::new("authority");
    let soon = material(&authority, &authority.issue_until("register", SOON));
    for mut fixture in fixtures() {
        fixture.add_region("{KA}", "r", &soon);
        let alias = json!({"region_name": "r", "http_domain": "n.x"});
        let answer = fixture.send("{KA}", "POST /openapi/v1/grctl/ip", &alias);
        assert_eq!(warnings(&answer), [WARNING]);
        let online = json!({"status": "MAINTAIN"});
        let answer = fixture.send("{KA}", "PUT /openapi/v1/regions/{r}/status", &online);
        assert_eq!(warnings(&answer), [WARNING]);
        for read in [
            "GET /openapi/v1/regions",
            "GET /openapi/v1/regions/r",
            "GET /openapi/v2/manage/regions",
            "GET /openapi/v2/manage/regions/{r}",
        ] {
            assert_eq!(warnings(&fixture.get("{MK}", read)), [""; 0], "{read}");
        }
    }
}

#[test]
fn a_refused_write_warns_of_nothing() {
    let authority = Authority::new("authority");
    let soon = material(&authority, &authority.issue_until("register", SOON));
    for fixture in fixtures() {
        let refused = with(with(full(), &soon), &json!({"region_name": "r1"}));
        let answer = fixture.send("{KA}", "POST /openapi/v1/regions", &refused);
        assert_eq!((answer.status(), warnings(&answer)), (400, Vec::new()));
        let other = with(full(), &MATERIAL);
        let answer = fixture.send("{KA}", "POST /openapi/v1/regions", &other);
        assert_eq!((answer.status(), warnings(&answer)), (201, Vec::new()));
    }
}
