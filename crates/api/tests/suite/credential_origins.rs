//! Credentials of a region do not follow its address to another origin by themselves, whoever changes
//! it and by whichever interface.

use cadastre_domain::role::Role;
use serde_json::{Value, json};

use crate::certificates::Authority;
use crate::native_credentials_change::{material, replace};
use crate::native_regions::wrong_fields;
use crate::rainbond_fixture::{self as rainbond, Fixture, required, with};
use crate::stub_cluster::{StubCluster, call_loopback};
use crate::support::{Answer, registers_with};

const ELSEWHERE: &str = "https://own.example:8443";
const SECRET: &str = "CLUSTER-ADMIN-TOKEN";

/// The fixture with an operator, in which `{r1}` has a token.
fn fixtures() -> impl Iterator<Item = Fixture> {
    rainbond::fixtures().map(|mut fixture| {
        fixture.add_token("operator", Role::Operator, "{E1}", &[]);
        replace(&fixture, "{r1}", &json!({"token": SECRET}));
        fixture
    })
}

fn patch(fixture: &Fixture, key: &str, body: &Value) -> Answer {
    fixture.call(key, "PATCH /cadastre/v1/regions/{r1}").header("if-match", "*").json(body).send()
}

fn moved(url: &str) -> Value {
    json!({"addresses": {"api_url": url}})
}

fn post(fixture: &Fixture, key: &str, path: &str) -> Answer {
    let request = format!("POST /cadastre/v1/regions/{{r1}}/{path}");
    fixture.call(key, &request).header("if-match", "*").send()
}

/// Address and token as they are stored.
fn stored(fixture: &Fixture) -> (String, Option<String>) {
    let detail = fixture.stored("{r1}");
    let token = detail.credentials.token.map(|token| token.reveal().to_owned());
    (detail.region.addresses.api.into(), token)
}

fn refused_for(answer: &Answer, fields: &[&str]) {
    let wrong: Vec<_> = fields.iter().map(|f| ((*f).into(), "other_origin".into())).collect();
    assert_eq!(wrong_fields(answer), wrong, "{answer:?}");
    let told = answer.json()["errors"][0]["detail"].to_string();
    assert!(told.contains("another origin (scheme, host or port)"), "{told}");
    assert!(!answer.text.contains(SECRET), "{answer:?}");
}

#[test]
fn a_change_of_the_address_brings_the_secrets_again_or_drops_them() {
    for fixture in fixtures() {
        let before = stored(&fixture);
        for key in ["{operator}", "{KA}", "{MK}"] {
            refused_for(&patch(&fixture, key, &moved(ELSEWHERE)), &["/credentials/token"]);
        }
        let certificate = with(moved(ELSEWHERE), &json!({"credentials": {"ca": null}}));
        refused_for(&patch(&fixture, "{operator}", &certificate), &["/credentials/token"]);
        assert_eq!(stored(&fixture), before, "{}", fixture.register.name);
        // Another path at the same origin is no other place.
        let same = format!("{}/base", before.0);
        assert_eq!(patch(&fixture, "{operator}", &moved(&same)).status(), 200);
        assert_eq!(stored(&fixture), (same, Some(SECRET.to_owned())));

        let brought = with(moved(ELSEWHERE), &json!({"credentials": {"token": "mine"}}));
        let answer = patch(&fixture, "{operator}", &brought);
        assert_eq!(answer.status(), 200, "{answer:?}");
        assert_eq!(stored(&fixture), (ELSEWHERE.to_owned(), Some("mine".to_owned())));
        for (url, dropped) in [
            ("https://third.example", json!({"credentials": null})),
            ("https://fourth.example", json!({"credentials": {"token": null}})),
        ] {
            replace(&fixture, "{r1}", &json!({"token": "other"}));
            let answer = patch(&fixture, "{operator}", &with(moved(url), &dropped));
            assert_eq!(answer.status(), 200, "{answer:?}");
            assert_eq!(stored(&fixture), (url.to_owned(), None));
        }
        // Where nothing is stored, nothing needs to be brought.
        assert_eq!(patch(&fixture, "{operator}", &moved(ELSEWHERE)).status(), 200);
    }
}

#[test]
fn a_private_key_is_brought_again_like_a_token() {
    let authority = Authority::new("authority");
    let own = material(&authority, &authority.issue("register", &[]));
    for fixture in fixtures() {
        replace(&fixture, "{r1}", &own);
        let expected = ["/credentials/token", "/credentials/key"];
        refused_for(&patch(&fixture, "{operator}", &moved(ELSEWHERE)), &expected);
        let token = with(moved(ELSEWHERE), &json!({"credentials": {"token": "mine"}}));
        refused_for(&patch(&fixture, "{operator}", &token), &expected[1..]);
        let both = json!({"credentials": {"token": null, "key": own["key"]}});
        let answer = patch(&fixture, "{operator}", &with(moved(ELSEWHERE), &both));
        assert_eq!(answer.status(), 200, "{answer:?}");
    }
}

#[test]
fn going_back_to_earlier_credentials_does_not_take_them_elsewhere() {
    for fixture in fixtures() {
        let home = stored(&fixture).0;
        let dropped = with(moved(ELSEWHERE), &json!({"credentials": null}));
        assert_eq!(patch(&fixture, "{operator}", &dropped).status(), 200);
        for key in ["{operator}", "{KA}"] {
            refused_for(&post(&fixture, key, "credentials/rollback"), &["/token"]);
        }
        assert_eq!(stored(&fixture), (ELSEWHERE.to_owned(), None), "{}", fixture.register.name);
        // At home they are what they were.
        assert_eq!(patch(&fixture, "{operator}", &moved(&home)).status(), 200);
        assert_eq!(post(&fixture, "{operator}", "credentials/rollback").status(), 200);
        assert_eq!(stored(&fixture), (home, Some(SECRET.to_owned())));
    }
}

#[test]
fn a_set_that_was_dropped_before_the_address_changed_does_not_come_back_there() {
    for fixture in fixtures() {
        replace(&fixture, "{r1}", &json!({"token": null}));
        assert_eq!(patch(&fixture, "{operator}", &moved(ELSEWHERE)).status(), 200);
        refused_for(&post(&fixture, "{operator}", "credentials/rollback"), &["/token"]);
        assert_eq!(stored(&fixture).1, None, "{}", fixture.register.name);
    }
}

#[test]
fn going_back_to_an_earlier_version_keeps_address_and_credentials_together() {
    for fixture in fixtures() {
        let home = stored(&fixture).0;
        // Version 3 is elsewhere without a token, version 4 at home with it again.
        let dropped = with(moved(ELSEWHERE), &json!({"credentials": null}));
        assert_eq!(patch(&fixture, "{operator}", &dropped).status(), 200);
        assert_eq!(post(&fixture, "{KA}", "revisions/2/revert").status(), 200);
        assert_eq!(stored(&fixture), (home.clone(), Some(SECRET.to_owned())));

        // An operator does not bring credentials back, so those of now would go there.
        refused_for(&post(&fixture, "{operator}", "revisions/3/revert"), &["/token"]);
        assert_eq!(stored(&fixture), (home.clone(), Some(SECRET.to_owned())));
        // An admin does: the version has none.
        assert_eq!(post(&fixture, "{KA}", "revisions/3/revert").status(), 200);
        assert_eq!(stored(&fixture), (ELSEWHERE.to_owned(), None), "{}", fixture.register.name);
        // An operator may go home, without the credentials of then.
        assert_eq!(post(&fixture, "{operator}", "revisions/1/revert").status(), 200);
        assert_eq!(stored(&fixture), (home, None));
    }
}

#[test]
fn the_rainbond_api_refuses_another_origin_without_the_secrets_by_their_fields() {
    let update = "PUT /openapi/v2/manage/regions/{r1}";
    let grctl = "POST /openapi/v1/grctl/ip";
    let text = "集群API地址的协议、主机或端口已改变，请重新提供该凭据，或以 null 清除。";
    let authority = Authority::new("authority");
    let own = material(&authority, &authority.issue("register", &[]));
    for fixture in fixtures() {
        replace(&fixture, "{r1}", &own);
        let before = stored(&fixture);
        let body = with(required(rainbond::change()), &json!({"url": ELSEWHERE}));
        let address = json!({"region_name": "r1", "url": ELSEWHERE});
        for (key, request, body) in
            [("{MK}", update, &body), ("{KA}", grctl, &address), ("{operator}", grctl, &address)]
        {
            let refused = fixture.send(key, request, body);
            let expected = rainbond::wrong(&json!({"token": [text], "key_file": [text]}));
            assert_eq!((refused.status(), &refused.text), (400, &expected), "{request}");
        }
        assert_eq!(stored(&fixture), before, "{}", fixture.register.name);

        let none = json!({"token": null, "ssl_ca_cert": null, "cert_file": null, "key_file": null});
        let answer = fixture.send("{operator}", grctl, &with(address, &none));
        assert_eq!(answer.status(), 200, "{answer:?}");
        assert_eq!(stored(&fixture), (ELSEWHERE.to_owned(), None));
        let back = with(required(rainbond::change()), &json!({"url": before.0, "token": "tk"}));
        assert_eq!(fixture.send("{MK}", update, &back).status(), 200);
        assert_eq!(stored(&fixture), (before.0, Some("tk".to_owned())));
    }
}

#[test]
fn an_operator_s_own_host_never_hears_the_token_of_a_region() {
    for register in registers_with(call_loopback) {
        let authority = Authority::new("authority");
        let (cluster, own) = (StubCluster::signed_by(&authority), StubCluster::start());
        let mut fixture = Fixture::bare(register, &cluster.url);
        fixture.add_token("operator", Role::Operator, "{E1}", &[]);
        let credentials = json!({"token": SECRET, "ssl_ca_cert": authority.pem()});
        fixture.add_region("{KA}", "r1", &credentials);
        fixture.add_team("{KA}", "T");
        assert!(cluster.seen().iter().any(|seen| seen.authorization == SECRET));

        assert_eq!(patch(&fixture, "{operator}", &moved(&own.url)).status(), 400);
        let dropped = with(moved(&own.url), &json!({"credentials": null}));
        assert_eq!(patch(&fixture, "{operator}", &dropped).status(), 200);
        assert_eq!(post(&fixture, "{operator}", "credentials/rollback").status(), 400);
        let open = "POST /openapi/v1/teams/{T}/regions";
        let opened = fixture.send("{operator}", open, &json!({"region": "r1"}));
        assert_eq!(opened.status(), 201, "{opened:?}");
        let seen = own.seen();
        assert_eq!(seen.len(), 1, "{seen:?}");
        assert_eq!(seen[0].authorization, "", "{}", fixture.register.name);
    }
}

#[test]
fn a_token_that_cannot_be_sent_is_warned_about() {
    for fixture in fixtures() {
        let body = with(moved("http://own.example"), &json!({"credentials": {"token": "mine"}}));
        let answer = patch(&fixture, "{operator}", &body).json();
        let warning = json!([{
            "part": "token", "expires_at": null,
            "detail": "the token is sent over https only, and api_url is not https: the API is not called",
        }]);
        assert_eq!(answer["warnings"], warning, "{answer}");
        let path = "GET /cadastre/v1/regions/{r1}/credentials";
        assert_eq!(fixture.get("{operator}", path).json()["warnings"], warning);
        let change = with(required(rainbond::change()), &json!({"url": "http://own.example"}));
        let answer = fixture.send("{MK}", "PUT /openapi/v2/manage/regions/{r1}", &change);
        assert!(answer.header("warning").starts_with("299 cadastre \"token: "), "{answer:?}");
    }
}
