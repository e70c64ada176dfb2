//! A token that has ended has no cluster called.

use std::sync::Arc;

use cadastre_api::error::{Error, Unauthenticated};
use cadastre_api::service::Expected;
use cadastre_api::service::openings::{self, Place};
use cadastre_api::service::regions::change::Named as NamedRegion;
use cadastre_api::service::regions::switch::switch;
use cadastre_api::service::teams::{self, Named, NewTeam};
use cadastre_domain::region::Status;
use cadastre_domain::role::Role;
use cadastre_domain::token::{TokenRefusal, id_in};
use cadastre_storage::StorageError;
use cadastre_testkit::sample::text;
use serde_json::{Value, json};

use super::{ask_slowly, revoke, session, token};
use crate::problems::{STRANGER, check};
use crate::rainbond_clusters::calling_with_token;
use crate::rainbond_fixture::{Fixture, change, required, with};
use crate::stub_cluster::StubCluster;

/// The fixture of registers that call clusters, where `{r1}`, `{r2}` and `{pub}` stand at one cluster with TLS,
/// and `{r1}` is open for `{T}`.
fn scenes() -> impl Iterator<Item = (Fixture, StubCluster, Value)> {
    calling_with_token().map(|(fixture, cluster, fields)| {
        for (region, scope, status) in
            [("r1", "private", "1"), ("r2", "private", "2"), ("pub", "public", "1")]
        {
            let own = json!({"scope": scope, "status": status});
            let body = with(required(change()), &with(fields.clone(), &own));
            let path = format!("PUT /openapi/v2/manage/regions/{{{region}}}");
            let moved = fixture.send("{MK}", &path, &body);
            assert_eq!(moved.status(), 200, "{moved:?}");
        }
        let path = "POST /openapi/v1/teams/{T}/regions";
        assert_eq!(fixture.send("{KA}", path, &json!({"region": "r1"})).status(), 201);
        cluster.forget();
        (fixture, cluster, fields)
    })
}

/// What has a cluster called, in an order in which all can be done.
const CALLS: [&str; 6] = ["announce", "open", "create", "close", "delete", "enable"];

/// Does one of these with the token of this text.
fn run(fixture: &Fixture, key: &str, call: &str) -> Result<(), Error> {
    let (app, session) = (fixture.register.app.clone(), session(&fixture.register, key));
    let team = fixture.fill("{T}");
    let named = || Named::Id(team.clone());
    let place = |region| Place { team: named(), region: NamedRegion::Id(fixture.id(region)) };
    actix_web::rt::System::new().block_on(async {
        match call {
            "announce" => openings::announce(&app, &session, &place("{pub}")).await,
            "open" => {
                let region = Ok("pub".to_owned());
                openings::open(&app, &session, team.clone(), region).await.map(drop)
            }
            "create" => {
                let new = NewTeam { alias: text("a"), region: Some("r1".to_owned()) };
                teams::create(&app, &session, new).await.map(drop)
            }
            "close" => {
                let closed =
                    openings::close_for(&app, &session, place("{r1}"), Expected::Any).await;
                closed.map(drop)
            }
            "delete" => teams::delete(&app, &session, named(), Expected::Any).await.map(drop),
            _ => {
                let id = fixture.fill("{r2}");
                switch(&app, &session, &id, Status::Enabled).await.map(drop)
            }
        }
    })
}

#[test]
fn no_cluster_is_called_for_a_token_that_has_ended() {
    for (fixture, cluster, _) in scenes() {
        let register = &fixture.register;
        let key = token(register, Role::Platform);
        revoke(register, id_in(&key).unwrap());
        for call in CALLS {
            let refused = run(&fixture, &key, call).unwrap_err();
            let Error::Unauthenticated(Unauthenticated::Ended(why)) = refused else {
                panic!("{call} on {}: {refused:?}", register.name)
            };
            assert_eq!(why, TokenRefusal::Revoked, "{call}");
            assert_eq!(cluster.seen(), [], "{call} on {}", register.name);
        }
        // For one that is accepted, each of them has it called.
        let key = token(register, Role::Platform);
        for call in CALLS {
            run(&fixture, &key, call).unwrap();
            assert_eq!(cluster.seen().len(), 1, "{call} on {}", register.name);
            cluster.forget();
        }
    }
}

#[test]
fn a_token_that_ends_while_the_body_is_awaited_has_no_cluster_called() {
    for (fixture, cluster, fields) in scenes() {
        let register = &fixture.register;
        let opening = json!({"region_id": "{pub}"});
        let region = json!({
            "name": "n", "credentials": {"token": "tk", "ca": fields["ssl_ca_cert"]},
            "addresses": {
                "api_url": fields["url"], "websocket_url": "ws://h", "http_domain": "h",
                "tcp_address": "h.example",
            },
        });
        for (head, body) in [
            ("POST /cadastre/v1/teams/{T}/openings", opening),
            ("POST /cadastre/v1/regions", region),
        ] {
            let (head, body) = (fixture.fill(head), fixture.fill(&body.to_string()));
            let key = token(register, Role::Admin);
            let end = || revoke(register, id_in(&key).unwrap());
            check(&ask_slowly(register, (&head, &key), &body, end), STRANGER, &head);
            assert_eq!(cluster.seen(), [], "{head} on {}", register.name);
            let key = token(register, Role::Admin);
            let answer = ask_slowly(register, (&head, &key), &body, || ());
            assert_eq!(answer.status(), 201, "{answer:?}");
            assert_eq!(cluster.seen().len(), 1, "{head} on {}", register.name);
            cluster.forget();
        }
    }
}

#[test]
fn a_token_that_ends_during_one_call_has_no_other_made() {
    for (fixture, cluster, _) in scenes() {
        let register = &fixture.register;
        let path = "POST /openapi/v1/teams/{T}/regions";
        assert_eq!(fixture.send("{KA}", path, &json!({"region": "pub"})).status(), 201);
        cluster.forget();
        let key = token(register, Role::Admin);
        let (id, now, store) =
            (id_in(&key).unwrap(), register.app.clock.now(), Arc::clone(&register.app.store));
        cluster.meanwhile(move || {
            let revoked: Result<bool, StorageError> =
                store.write(move |tx| tx.revoke_token(id, now));
            assert!(revoked.unwrap());
        });
        assert!(run(&fixture, &key, "delete").is_err(), "{}", register.name);
        assert_eq!(cluster.seen().len(), 1, "{}", register.name);
        assert_eq!(fixture.get("{KA}", "GET /openapi/v1/teams/{T}").status(), 200);
    }
}
