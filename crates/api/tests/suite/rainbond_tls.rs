//! The register and a cluster show each other their certificates.

use cadastre_testkit::server_config;
use serde_json::{Value, json};

use crate::certificates::{Authority, Certificate};
use crate::rainbond_fixture::{Fixture, full, with};
use crate::stub_cluster::{StubCluster, call_loopback};
use crate::support::{Answer, registers_with};

/// A cluster that shows `own` and lets in only clients with a certificate of `authority`.
fn cluster(own: &Certificate, authority: &Authority) -> StubCluster {
    StubCluster::with_tls(server_config(&own.pem, &own.key, Some(&authority.pem())))
}

fn calling() -> impl Iterator<Item = Fixture> {
    registers_with(call_loopback).map(|register| Fixture::bare(register, "http://unused.invalid"))
}

fn credentials(ca: &Authority, own: &Certificate) -> Value {
    json!({"ssl_ca_cert": ca.pem(), "cert_file": own.pem, "key_file": own.key})
}

fn add(fixture: &Fixture, cluster: &StubCluster, credentials: &Value) -> Answer {
    let body = with(with(full(), credentials), &json!({"url": cluster.url}));
    fixture.send("{KA}", "POST /openapi/v1/regions", &body)
}

#[test]
fn the_register_shows_the_certificate_of_the_region() {
    let authority = Authority::new("authority");
    let client = authority.issue("register", &[]);
    for fixture in calling() {
        let cluster = cluster(&authority.issue("cluster", &["127.0.0.1"]), &authority);
        let added = add(&fixture, &cluster, &credentials(&authority, &client));
        assert_eq!(added.status(), 201, "{}: {added:?}", fixture.register.name);
        let team = json!({"tenant_name": "t", "region": "new1"});
        let made = fixture.send("{KA}", "POST /openapi/v1/teams", &team);
        assert_eq!(made.status(), 201, "{}: {made:?}", fixture.register.name);

        let seen = cluster.seen();
        for line in ["GET /v2/show", "POST /v2/tenants"] {
            assert!(seen.iter().any(|seen| seen.line == line), "{line} in {seen:?}");
        }
        assert!(seen.iter().all(|seen| seen.certificate.as_ref() == Some(&client.der)));
    }
}

#[test]
fn a_cluster_whose_certificate_the_region_s_authority_did_not_sign_is_not_believed() {
    let (ours, theirs) = (Authority::new("ours"), Authority::new("theirs"));
    let client = ours.issue("register", &[]);
    let known = credentials(&ours, &client);
    let certificates = [
        ("of another authority", theirs.issue("cluster", &["127.0.0.1"]), known.clone()),
        ("for another host", ours.issue("cluster", &["cluster.example.com"]), known.clone()),
        (
            "of an authority that nobody knows",
            ours.issue("cluster", &["127.0.0.1"]),
            with(known, &json!({"ssl_ca_cert": ""})),
        ),
    ];
    for fixture in calling() {
        for (kind, certificate, credentials) in &certificates {
            let cluster = cluster(certificate, &ours);
            let answer = add(&fixture, &cluster, credentials);
            let at = format!("{kind} on {}", fixture.register.name);
            assert_eq!(answer.status(), 400, "{at}: {answer:?}");
            assert_eq!(answer.json()["msg"], "test link region field", "{at}");
            assert!(answer.json()["msg_show"].as_str().unwrap().ends_with(": tls"), "{answer:?}");
            assert_eq!(cluster.seen(), [], "{at}");
        }
        assert!(fixture.listed("{KA}").is_empty(), "{}", fixture.register.name);
    }
}

#[test]
fn a_cluster_that_does_not_let_the_register_in_is_told() {
    let (ours, theirs) = (Authority::new("ours"), Authority::new("theirs"));
    let stranger = theirs.issue("register", &[]);
    // The register trusts both, the cluster only one.
    let both = json!({"ssl_ca_cert": format!("{}{}", ours.pem(), theirs.pem())});
    for fixture in calling() {
        let cluster = cluster(&ours.issue("cluster", &["127.0.0.1"]), &ours);
        for credentials in
            [json!({"ssl_ca_cert": ours.pem()}), with(credentials(&theirs, &stranger), &both)]
        {
            let answer = add(&fixture, &cluster, &credentials);
            assert_eq!(answer.status(), 400, "{}: {answer:?}", fixture.register.name);
            assert_eq!(answer.json()["msg"], "test link region field");
            assert!(answer.json()["msg_show"].as_str().unwrap().ends_with(": tls"), "{answer:?}");
        }
        assert_eq!(cluster.seen(), []);
    }
}
