//! Credentials do not follow an address to another origin by themselves.

use super::*;
use crate::region::sample::text;

/// An edit of the address alone.
fn readdressed(api: &str) -> RegionEdit {
    let addresses = AddressesEdit { api: Some(text(api)), ..AddressesEdit::default() };
    RegionEdit { addresses, ..RegionEdit::default() }
}

fn token_only(token: &str) -> Credentials {
    Credentials { token: Some(secret(token)), ..Credentials::default() }
}

#[test]
fn every_stored_secret_is_given_again_or_dropped_when_the_origin_changes() {
    let set = |value: &str| Change::Set(secret(value));
    let key = || Change::Set(whole().key.unwrap());
    let refused = |names: &[&'static str]| Err(RegionRefusal::OtherOrigin(names.to_vec()));
    let (both, token, none) = (whole(), token_only("t"), Credentials::default());
    let ca = Credentials { ca: whole().ca, ..Credentials::default() };
    let edit = || readdressed("https://elsewhere.example");
    for (before, edit, expected) in [
        (&both, edit(), refused(&["token", "key"])),
        (&both, RegionEdit { token: set("new"), ..edit() }, refused(&["key"])),
        (&both, RegionEdit { key: key(), ..edit() }, refused(&["token"])),
        (&both, RegionEdit { token: set("token"), key: key(), ..edit() }, Ok(())),
        (&both, RegionEdit { token: Change::Clear, key: key(), ..edit() }, Ok(())),
        (&both, RegionEdit { token: Change::Clear, ..edit() }, refused(&["key"])),
        (
            &both,
            RegionEdit {
                addresses: edit().addresses,
                ..replacing(Credentials::default(), Status::Editing)
            },
            Ok(()),
        ),
        (&token, edit(), refused(&["token"])),
        (&token, RegionEdit { token: Change::Clear, ..edit() }, Ok(())),
        (&token, readdressed("http://rbd-api-api:8443"), refused(&["token"])),
        (&token, readdressed("https://rbd-api-api"), refused(&["token"])),
        (&token, readdressed("HTTPS://RBD-API-API:8443/other?x=1"), Ok(())),
        (&token_only(""), edit(), Ok(())),
        (&ca, edit(), Ok(())),
        (&none, edit(), Ok(())),
    ] {
        let region = region(Status::Editing, before.clone());
        let after = region.edit(edit.clone(), *NOW).map(drop);
        assert_eq!(after, expected, "{edit:?}");
    }
}

#[test]
fn secrets_come_back_only_to_an_origin_at_which_they_were_in_use() {
    let region = region(Status::Editing, whole());
    let known = |urls: &[&str]| urls.iter().map(|url| text(url)).collect::<Vec<ApiUrl>>();
    let refused = Err(RegionRefusal::OtherOrigin(vec!["token", "key"]));
    for (addresses, expected) in [
        (known(&[]), refused.clone()),
        (known(&["https://elsewhere.example"]), refused.clone()),
        (known(&["http://rbd-api-api:8443"]), refused),
        (known(&["https://elsewhere.example", "https://RBD-api-api:8443/x"]), Ok(())),
    ] {
        assert_eq!(region.check_credentials_of(&addresses), expected, "{addresses:?}");
    }
    let without = RegionDetail { credentials: Credentials::default(), ..region };
    assert_eq!(without.check_credentials_of(&[]), Ok(()));
}

#[test]
fn a_token_is_warned_about_while_it_cannot_be_sent() {
    for (api, token, withheld) in [
        ("http://h", "t", true),
        ("HTTP://h:443", "t", true),
        ("https://h", "t", false),
        ("HTTPS://h", "t", false),
        ("http://h", "", false),
    ] {
        let mut region = region(Status::Editing, token_only(token));
        region.region.addresses.api = text(api);
        assert_eq!(region.withholds_token(), withheld, "{api}");
        let warnings: Vec<_> = region.warnings(*NOW).iter().map(RegionWarning::part).collect();
        assert_eq!(warnings, if withheld { vec!["token"] } else { vec![] }, "{api}");
    }
}
