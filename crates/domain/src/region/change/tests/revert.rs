//! Going back to what a region was. Statuses and credentials are walked beside those of edits.

use super::*;
use crate::region::sample::{labels, text};

/// The same region some versions later, with everything changed that may.
fn later(first: &RegionDetail) -> RegionDetail {
    let edit = RegionEdit {
        alias: Some(text("second")),
        addresses: AddressesEdit {
            api: Some(text("http://other")),
            websocket: Some(text("ws://other")),
            http_domain: Some(text("other")),
            tcp: Some(text("other.example")),
        },
        scope: Some(Scope::Public),
        description: Some(text("remark")),
        labels: Some(labels(&[("tier", "1")])),
        ..replacing(Credentials::default(), Status::Disabled)
    };
    let mut later = first.edit(edit, new_year(2022)).unwrap();
    later.region.version = 7;
    later
}

#[test]
fn a_region_goes_back_to_all_that_it_was_in_a_new_version() {
    let first = region(Status::Editing, whole());
    let later = later(&first);
    let back = later.revert_to(&first, *NOW).unwrap();
    assert!(!back.differs(&first));
    assert_eq!((back.region.version, back.region.updated_at), (8, *NOW));
    assert_eq!(back.region.created_at, first.region.created_at);
    let forth = back.revert_to(&later, *NOW).unwrap();
    assert!(!forth.differs(&later));
    assert_eq!(forth.region.version, 9);
}

#[test]
fn what_never_changes_is_not_taken_from_elsewhere() {
    let mut foreign = region(Status::Editing, whole());
    foreign.region.id = RegionId::from_bytes([7; 16]);
    foreign.region.enterprise_id = EnterpriseId::from_bytes([8; 16]);
    foreign.region.name = text("foreign");
    foreign.region.created_at = new_year(2000);
    let present = region(Status::Editing, whole());
    let back = present.revert_to(&foreign, *NOW).unwrap();
    assert!(!back.differs(&present));
}

#[test]
fn material_that_has_expired_since_does_not_come_back() {
    let first = region(Status::Editing, expired());
    let later = later(&first);
    let faults = vec![TlsFault::CertificateExpired { since: new_year(2025) }];
    assert_eq!(later.revert_to(&first, *NOW).unwrap_err(), RegionRefusal::Incoherent(faults));
    assert!(later.revert_to(&first, new_year(2024)).is_ok());
    let mut without = first;
    without.credentials = later.credentials.clone();
    assert!(later.revert_to(&without, *NOW).is_ok());
}
