//! Every first status and every change of status, with coherent and with broken credentials.
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use super::*;
use crate::region::tls::{TlsFault, TlsUnreadable};

const NOW: DateTime<Utc> = DateTime::<Utc>::UNIX_EPOCH;

fn text<T: TryFrom<String, Error: std::fmt::Debug>>(value: &str) -> T {
    T::try_from(value.to_owned()).unwrap()
}

fn addresses() -> Addresses {
    Addresses {
        api: text("https://rbd-api-api:8443"),
        websocket: text("ws://rbd-api-websocket:6060"),
        http_domain: text("h.example.com"),
        tcp: text("1.2.3.4"),
    }
}

/// A certificate that does not parse and has no key.
fn broken() -> Credentials {
    Credentials { certificate: Some(text("no certificate")), ..Credentials::default() }
}

fn draft(status: Status, credentials: Credentials) -> RegionDraft {
    RegionDraft {
        name: text("r1"),
        alias: text("first"),
        addresses: addresses(),
        scope: Scope::Private,
        status,
        description: Description::default(),
        credentials,
    }
}

fn edit(status: Status) -> RegionEdit {
    RegionEdit {
        alias: text("renamed"),
        addresses: addresses(),
        status,
        scope: None,
        description: None,
        token: Change::Keep,
        ca: Change::Keep,
        certificate: Change::Keep,
        key: Change::Keep,
    }
}

/// A region in `status`, however it got there.
fn region(status: Status, credentials: Credentials) -> RegionDetail {
    let id = RegionId::from_bytes([1; 16]);
    let mut detail = draft(Status::Editing, credentials)
        .register(id, EnterpriseId::from_bytes([2; 16]), NOW)
        .unwrap();
    detail.region.status = status;
    detail
}

#[test]
fn a_region_may_start_in_any_status_but_enabled_only_when_ready() {
    for status in Status::ALL {
        let register = |credentials| {
            draft(status, credentials).register(
                RegionId::from_bytes([1; 16]),
                EnterpriseId::from_bytes([2; 16]),
                NOW,
            )
        };
        assert_eq!(register(Credentials::default()).unwrap().region.status, status);
        let refused = matches!(register(broken()), Err(StatusRefusal::NotReady(_)));
        assert_eq!(refused, status == Status::Enabled, "{status}");
    }
}

#[test]
fn every_change_of_status_obeys_the_passage() {
    for (from, to) in Status::ALL.into_iter().flat_map(|f| Status::ALL.map(|t| (f, t))) {
        let whole = region(from, Credentials::default()).edit(edit(to), NOW);
        let faulty = region(from, broken()).edit(edit(to), NOW);
        match from.passage(to) {
            Err(refusal) => {
                assert_eq!(whole.unwrap_err(), StatusRefusal::Transition(refusal));
                assert_eq!(faulty.unwrap_err(), StatusRefusal::Transition(refusal));
            }
            Ok(passage) => {
                assert_eq!(whole.unwrap().region.status, to);
                assert_eq!(faulty.is_err(), passage == Passage::IfReady, "{from} to {to}");
            }
        }
    }
}

#[test]
fn an_edit_can_repair_and_enable_at_once() {
    let mut repair = edit(Status::Enabled);
    repair.certificate = Change::Clear;
    let detail = region(Status::Editing, broken()).edit(repair, NOW).unwrap();
    assert_eq!(detail.region.status, Status::Enabled);
    assert!(detail.credentials.certificate.is_none());
}

#[test]
fn readiness_tells_the_faults() {
    let refusal = region(Status::Editing, broken()).edit(edit(Status::Enabled), NOW).unwrap_err();
    let StatusRefusal::NotReady(faults) = refusal else { panic!("not {refusal}") };
    assert!(
        faults.contains(&TlsFault::CertificateUnreadable(TlsUnreadable::Missing)),
        "{faults:?}"
    );
    assert!(faults.contains(&TlsFault::KeyMissing), "{faults:?}");
}

#[test]
fn what_an_edit_leaves_out_stays_and_what_it_clears_goes() {
    let credentials = Credentials {
        token: Some(Secret::from("old".to_owned())),
        ca: Some(text("ca")),
        certificate: None,
        key: None,
    };
    let mut change = edit(Status::Editing);
    change.ca = Change::Clear;
    let kept = region(Status::Editing, credentials).edit(change, NOW).unwrap();
    assert_eq!(kept.credentials.token.unwrap().reveal(), "old");
    assert!(kept.credentials.ca.is_none());
    assert_eq!(kept.region.scope, Scope::Private);
    assert_eq!(kept.region.version, 2);
    assert_eq!(kept.region.alias.as_ref(), "renamed");
}
