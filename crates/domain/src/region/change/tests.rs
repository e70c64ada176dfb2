//! Every first status and every change of status, with every kind of credentials before and after.
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use super::*;
use crate::region::RegionWarning;
use crate::region::sample::{NOW, broken, draft, expired, region, secret, whole};
use crate::region::tls::sample::new_year;
use crate::region::tls::{TlsPart, TlsUnreadable};

const UNREADABLE: [TlsFault; 3] = [
    TlsFault::CaUnreadable(TlsUnreadable::Missing),
    TlsFault::CertificateUnreadable(TlsUnreadable::Missing),
    TlsFault::KeyUnreadable(TlsUnreadable::Missing),
];

/// Whether a region may go from one status to another: no, always, or if it is ready.
const TABLE: [(Status, [Option<Passage>; 4]); 4] = {
    use Passage::{Free, IfReady, Same};
    [
        (Status::Editing, [Some(Same), Some(IfReady), Some(Free), None]),
        (Status::Enabled, [None, Some(Same), Some(Free), Some(Free)]),
        (Status::Disabled, [Some(Free), Some(IfReady), Some(Same), None]),
        (Status::Maintenance, [None, Some(IfReady), Some(Free), Some(Same)]),
    ]
};

fn passages() -> impl Iterator<Item = (Status, Status, Option<Passage>)> {
    let row = |(from, row): (Status, [Option<Passage>; 4])| {
        Status::ALL.into_iter().zip(row).map(move |(to, passage)| (from, to, passage))
    };
    TABLE.into_iter().flat_map(row)
}

/// Sets of credentials, and the faults of each.
fn sets() -> [(Credentials, Vec<TlsFault>); 4] {
    let since = new_year(2025);
    [
        (Credentials::default(), vec![]),
        (whole(), vec![]),
        (expired(), vec![TlsFault::CertificateExpired { since }]),
        (broken(), UNREADABLE.to_vec()),
    ]
}

fn replacing(credentials: Credentials, status: Status) -> RegionEdit {
    fn change<T>(part: Option<T>) -> Change<T> {
        part.map_or(Change::Clear, Change::Set)
    }
    RegionEdit {
        status: Some(status),
        token: change(credentials.token),
        ca: change(credentials.ca),
        certificate: change(credentials.certificate),
        key: change(credentials.key),
        ..RegionEdit::default()
    }
}

/// What is to come of a change of status and of credentials, in other words than the rules.
fn expected(
    passage: Option<Passage>,
    (from, to): (Status, Status),
    (same, faults): (bool, &[TlsFault]),
) -> Result<(), RegionRefusal> {
    match (passage, same) {
        (None, _) => Err(StatusRefusal::Transition(TransitionError { from, to }).into()),
        (Some(_), false) if !faults.is_empty() => Err(RegionRefusal::Incoherent(faults.to_vec())),
        (Some(Passage::IfReady), true) if !faults.is_empty() => {
            Err(StatusRefusal::NotReady(faults.to_vec()).into())
        }
        (Some(_), _) => Ok(()),
    }
}

#[test]
fn a_region_may_start_in_any_status_but_never_with_incoherent_material() {
    let (id, enterprise_id) = (RegionId::from_bytes([1; 16]), EnterpriseId::from_bytes([2; 16]));
    for status in Status::ALL {
        for (credentials, faults) in sets() {
            let made = draft(status, credentials.clone()).register(id, enterprise_id, *NOW);
            if faults.is_empty() {
                let made = made.unwrap();
                assert_eq!((made.region.status, made.region.version), (status, 1));
                assert_eq!((made.region.created_at, made.region.updated_at), (*NOW, *NOW));
                assert!(made.credentials.same(&credentials));
            } else {
                assert_eq!(made.unwrap_err(), RegionRefusal::Incoherent(faults), "{status}");
            }
        }
    }
}

#[test]
fn every_change_of_status_and_of_credentials_is_judged_as_designed() {
    for (from, to, passage) in passages() {
        for (before, (place, (after, faults))) in
            (0..4).flat_map(|before| sets().into_iter().enumerate().map(move |set| (before, set)))
        {
            let present = region(from, sets()[before].0.clone());
            let expected = expected(passage, (from, to), (before == place, &faults));
            let edited = present.edit(replacing(after.clone(), to), *NOW);
            let told = format!("{from} to {to}, {before} to {place}");
            if let Ok(edited) = &edited {
                assert_eq!(edited.region.status, to, "{told}");
                assert!(edited.credentials.same(&after), "{told}");
            }
            assert_eq!(edited.map(drop), expected, "{told}");
            // Going back to a region of that status with those credentials is the same question.
            let reverted = present.revert_to(&region(to, after), *NOW);
            assert_eq!(reverted.map(drop), expected, "{told}");
        }
    }
}

#[test]
fn material_that_is_left_alone_is_asked_for_only_by_enabling() {
    for (from, to, passage) in passages() {
        for (credentials, faults) in sets() {
            let mut edit = RegionEdit { status: Some(to), ..RegionEdit::default() };
            edit.token = Change::Set(secret("another token"));
            let edited = region(from, credentials).edit(edit, *NOW);
            let expected = expected(passage, (from, to), (true, &faults));
            assert_eq!(edited.map(drop), expected, "{from} to {to}");
        }
    }
}

#[test]
fn without_a_status_an_edit_keeps_the_present_one() {
    for status in Status::ALL {
        for (credentials, _) in sets() {
            let edited = region(status, credentials).edit(RegionEdit::default(), *NOW).unwrap();
            assert_eq!(edited.region.status, status);
        }
    }
}

#[test]
fn an_edit_can_repair_and_enable_at_once() {
    let present = region(Status::Editing, broken());
    let mut edit = replacing(Credentials::default(), Status::Enabled);
    edit.token = Change::Keep;
    let edited = present.edit(edit, *NOW).unwrap();
    assert_eq!(edited.region.status, Status::Enabled);
    assert_eq!(edited.credentials.secrets(), ["token"]);
}

#[test]
fn half_a_repair_is_refused_with_what_is_left() {
    let edit = RegionEdit { ca: Change::Clear, ..RegionEdit::default() };
    let refusal = region(Status::Editing, broken()).edit(edit, *NOW).unwrap_err();
    let RegionRefusal::Incoherent(faults) = refusal else { panic!("not {refusal}") };
    assert_eq!(faults, UNREADABLE[1..]);
    let parts: Vec<_> = faults.iter().map(TlsFault::part).collect();
    assert_eq!(parts, [TlsPart::Certificate, TlsPart::Key]);
}

#[test]
fn a_key_alone_must_belong_to_the_certificate_that_stays() {
    let edit = RegionEdit { key: Change::Set(expired().key.unwrap()), ..RegionEdit::default() };
    let refusal = region(Status::Enabled, whole()).edit(edit, *NOW).unwrap_err();
    assert_eq!(refusal, RegionRefusal::Incoherent(vec![TlsFault::KeyMismatch]));
    let edit = RegionEdit { key: Change::Clear, ..RegionEdit::default() };
    let refusal = region(Status::Enabled, whole()).edit(edit, *NOW).unwrap_err();
    assert_eq!(refusal, RegionRefusal::Incoherent(vec![TlsFault::KeyMissing]));
}

#[test]
fn refusals_do_not_quote_the_material() {
    let refusal = RegionRefusal::Incoherent(UNREADABLE.to_vec());
    assert_eq!(refusal.to_string(), "the TLS material is not coherent");
    let refusal = RegionRefusal::from(StatusRefusal::NotReady(UNREADABLE.to_vec()));
    assert_eq!(refusal.to_string(), "the region is not ready");
}

mod fields;
mod origin;
mod revert;
