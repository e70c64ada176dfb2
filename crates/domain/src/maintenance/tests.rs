//! Windows of a region whose credentials are whole or broken, around noon of one day.
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod clock;
mod course;
mod limits;
mod plan;

use chrono::{DateTime, TimeDelta, Utc};

use super::*;
use crate::region::{
    Addresses, Credentials, Description, RegionDetail, RegionDraft, Scope, Status,
};

fn text<T: TryFrom<String, Error: std::fmt::Debug>>(value: &str) -> T {
    T::try_from(value.to_owned()).unwrap()
}

/// So many minutes after noon.
fn at(minutes: i64) -> DateTime<Utc> {
    "2031-03-01T12:00:00Z".parse::<DateTime<Utc>>().unwrap() + TimeDelta::minutes(minutes)
}

fn detail(status: Status, credentials: Credentials) -> RegionDetail {
    let draft = RegionDraft {
        labels: crate::region::Labels::default(),
        name: text("r1"),
        alias: text("first"),
        addresses: Addresses {
            api: text("https://rbd-api-api:8443"),
            websocket: text("ws://rbd-api-websocket:6060"),
            http_domain: text("h.example.com"),
            tcp: text("1.2.3.4"),
        },
        scope: Scope::Private,
        status: Status::Editing,
        description: Description::default(),
        credentials: Credentials::default(),
    };
    let (id, enterprise) = (RegionId::from_bytes([1; 16]), EnterpriseId::from_bytes([2; 16]));
    let mut detail = draft.register(id, enterprise, at(-600)).unwrap();
    detail.region.status = status;
    // As if it had gone bad since: what is bad is not taken.
    detail.credentials = credentials;
    detail
}

/// A region that is ready.
fn region(status: Status) -> RegionDetail {
    detail(status, Credentials::default())
}

/// A region whose certificate does not parse and has no key.
fn broken(status: Status) -> RegionDetail {
    let credentials = Credentials { certificate: Some(text("SECRET")), ..Credentials::default() };
    detail(status, credentials)
}

fn draft(starts_at: DateTime<Utc>, ends_at: DateTime<Utc>) -> WindowDraft {
    WindowDraft { starts_at, ends_at, owner: text("ops"), reason: text("new switches") }
}

/// A window from one minute to another, planned long before.
fn window(id: u8, from: i64, to: i64) -> Window {
    let id = WindowId::from_bytes([id; 16]);
    draft(at(from), at(to)).plan(id, &region(Status::Enabled).region, &[], at(-600)).unwrap()
}

fn in_state(state: WindowState) -> Window {
    Window { state, ..window(1, 60, 120) }
}
