//! Regions and credentials for the tests of this module.
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::sync::LazyLock;

use chrono::{DateTime, Utc};

use super::tls::sample::{Authority, ca_named, lasting, named, new_year};
use super::{
    Addresses, Credentials, Description, Labels, RegionDetail, RegionDraft, Scope, Status,
};
use crate::id::{EnterpriseId, RegionId};
use crate::secret::Secret;

/// A time at which the coherent credentials are coherent.
pub(super) static NOW: LazyLock<DateTime<Utc>> = LazyLock::new(|| new_year(2030));

static WHOLE: LazyLock<Credentials> = LazyLock::new(|| client_of(2040));
static EXPIRED: LazyLock<Credentials> = LazyLock::new(|| client_of(2025));

/// Credentials whose client certificate is valid until this year, and the CA until 2040.
fn client_of(year: i32) -> Credentials {
    let ca = Authority::root(ca_named("ca"));
    let client = ca.issue(&lasting(named("client"), 2020, year));
    Credentials {
        token: Some(secret("token")),
        ca: Some(text(&ca.pem())),
        certificate: Some(text(&client.pem)),
        key: Some(secret(&client.key_pem())),
    }
}

pub(super) fn text<T: TryFrom<String, Error: std::fmt::Debug>>(value: &str) -> T {
    T::try_from(value.to_owned()).unwrap()
}

pub(super) fn secret(value: &str) -> Secret {
    Secret::from(value.to_owned())
}

pub(super) fn labels(pairs: &[(&str, &str)]) -> Labels {
    let pairs = pairs.iter().map(|&(key, value)| (key.to_owned(), value.to_owned()));
    Labels::try_from(pairs.collect::<std::collections::BTreeMap<_, _>>()).unwrap()
}

/// Coherent ones, always the same.
pub(super) fn whole() -> Credentials {
    WHOLE.clone()
}

/// Ones that were coherent until the year 2025.
pub(super) fn expired() -> Credentials {
    EXPIRED.clone()
}

/// Three texts of which none can be read.
pub(super) fn broken() -> Credentials {
    Credentials {
        token: Some(secret("token")),
        ca: Some(text("no CA")),
        certificate: Some(text("no certificate")),
        key: Some(secret("no key")),
    }
}

pub(super) fn addresses() -> Addresses {
    Addresses {
        api: text("https://rbd-api-api:8443"),
        websocket: text("ws://rbd-api-websocket:6060"),
        http_domain: text("h.example.com"),
        tcp: text("1.2.3.4"),
    }
}

pub(super) fn draft(status: Status, credentials: Credentials) -> RegionDraft {
    RegionDraft {
        name: text("r1"),
        alias: text("first"),
        addresses: addresses(),
        scope: Scope::Private,
        status,
        description: Description::default(),
        labels: labels(&[("zone", "a")]),
        credentials,
    }
}

/// A region in `status` with `credentials`, however it got there.
pub(super) fn region(status: Status, credentials: Credentials) -> RegionDetail {
    let (id, enterprise_id) = (RegionId::from_bytes([1; 16]), EnterpriseId::from_bytes([2; 16]));
    let made = draft(status, Credentials::default()).register(id, enterprise_id, new_year(2021));
    RegionDetail { credentials, ..made.unwrap() }
}
