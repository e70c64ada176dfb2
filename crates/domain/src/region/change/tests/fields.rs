//! Every single field of an edit.

use super::*;
use crate::audit::{Subject as _, differences};
use crate::region::sample::{addresses, labels, text};

/// The same text with a remark in front, as PEM may have it.
fn remarked(text: &str) -> String {
    format!("renewed\n{text}")
}

fn certificate_edits() -> [(&'static str, RegionEdit); 3] {
    let edit = RegionEdit::default;
    let pem = |pem: Option<Pem>| Change::Set(text(&remarked(pem.unwrap().as_ref())));
    let key = secret(&remarked(whole().key.unwrap().reveal()));
    [
        ("ca", RegionEdit { ca: pem(whole().ca), ..edit() }),
        ("certificate", RegionEdit { certificate: pem(whole().certificate), ..edit() }),
        ("key", RegionEdit { key: Change::Set(key), ..edit() }),
    ]
}

/// An edit of each field by itself, under the name by which differences tell it.
fn single_edits() -> Vec<(&'static str, RegionEdit)> {
    let edit = RegionEdit::default;
    let to = |addresses| RegionEdit { addresses, ..edit() };
    let other = AddressesEdit::default;
    let mut edits = vec![
        ("alias", RegionEdit { alias: Some(text("second")), ..edit() }),
        (
            "api_url",
            to(AddressesEdit { api: Some(text("https://rbd-api-api:8443/v3")), ..other() }),
        ),
        ("websocket_url", to(AddressesEdit { websocket: Some(text("ws://a")), ..other() })),
        ("http_domain", to(AddressesEdit { http_domain: Some(text("a")), ..other() })),
        ("tcp_address", to(AddressesEdit { tcp: Some(text("a.b")), ..other() })),
        ("scope", RegionEdit { scope: Some(Scope::Public), ..edit() }),
        ("status", RegionEdit { status: Some(Status::Disabled), ..edit() }),
        ("description", RegionEdit { description: Some(text("remark")), ..edit() }),
        ("labels", RegionEdit { labels: Some(labels(&[("zone", "b")])), ..edit() }),
        ("token", RegionEdit { token: Change::Set(secret("new")), ..edit() }),
    ];
    edits.extend(certificate_edits());
    edits
}

#[test]
fn an_edit_changes_what_it_names_and_nothing_else_and_counts() {
    let present = region(Status::Editing, whole());
    let edits = single_edits();
    let edited: Vec<_> = edits.iter().map(|(field, _)| *field).collect();
    let fields: Vec<_> = present.fields().into_iter().map(|(field, _)| field).collect();
    assert_eq!(edited, fields[1..], "all but the name, which never changes");
    for (field, edit) in edits {
        let next = present.edit(edit, *NOW).unwrap();
        let changes = differences(&present, &next);
        assert_eq!(changes.iter().map(|change| change.field).collect::<Vec<_>>(), [field]);
        assert!(present.differs(&next) && next.differs(&present), "{field}");
        assert_eq!((next.region.version, next.region.updated_at), (2, *NOW), "{field}");
        assert_eq!(next.region.created_at, present.region.created_at, "{field}");
    }
}

#[test]
fn an_edit_that_says_what_there_is_counts_but_differs_in_nothing() {
    let present = region(Status::Enabled, whole());
    let mut same = replacing(whole(), Status::Enabled);
    same.alias = Some(present.region.alias.clone());
    same.addresses = addresses().into();
    same.labels = Some(present.region.labels.clone());
    for edit in [RegionEdit::default(), same] {
        let next = present.edit(edit, *NOW).unwrap();
        assert!(!present.differs(&next));
        assert!(differences(&present, &next).is_empty());
        assert_eq!((next.region.version, next.region.updated_at), (2, *NOW));
    }
}

#[test]
fn what_is_cleared_goes() {
    let mut edit = replacing(Credentials::default(), Status::Editing);
    let next = region(Status::Editing, whole()).edit(edit.clone(), *NOW).unwrap();
    assert!(next.credentials.same(&Credentials::default()));
    edit.token = Change::Keep;
    let next = region(Status::Editing, whole()).edit(edit, *NOW).unwrap();
    assert_eq!(next.credentials.token.unwrap().reveal(), "token");
}

#[test]
fn labels_are_replaced_as_a_whole() {
    let edit = RegionEdit { labels: Some(labels(&[("tier", "1")])), ..RegionEdit::default() };
    let next = region(Status::Editing, whole()).edit(edit, *NOW).unwrap();
    assert_eq!(next.region.labels.iter().collect::<Vec<_>>(), [("tier", "1")]);
}

#[test]
fn labels_are_told_when_there_are_any() {
    let some = region(Status::Editing, whole());
    let edit = RegionEdit { labels: Some(Labels::default()), ..RegionEdit::default() };
    let none = some.edit(edit, *NOW).unwrap();
    let told = |before, after| {
        let changes = differences(before, after).into_iter();
        changes.map(|c| format!("{} {:?} {:?}", c.field, c.before, c.after)).collect::<Vec<_>>()
    };
    let labels = r#"Some(Text("{\"zone\":\"a\"}"))"#;
    assert_eq!(told(&some, &none), [format!("labels {labels} None")]);
    assert_eq!(told(&none, &some), [format!("labels None {labels}")]);
}
