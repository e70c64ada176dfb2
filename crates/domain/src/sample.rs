//! What tests of several modules start from.
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use chrono::{DateTime, Utc};

use crate::id::{EnterpriseId, RegionId, TeamId};
use crate::opening::{Opening, Quota};
use crate::region::{Addresses, Description, Labels, Region, Scope, Status};
use crate::role::Role;
use crate::team::Team;
use crate::token::Caller;
use crate::user::UserId;

pub const OWN: EnterpriseId = EnterpriseId::from_bytes([1; 16]);
pub const FOREIGN: EnterpriseId = EnterpriseId::from_bytes([2; 16]);
pub const TEAM: TeamId = TeamId::from_bytes([3; 16]);
pub const REGION: RegionId = RegionId::from_bytes([4; 16]);
pub const NOW: DateTime<Utc> = DateTime::<Utc>::UNIX_EPOCH;

pub fn text<T: TryFrom<String, Error: std::fmt::Debug>>(value: &str) -> T {
    T::try_from(value.to_owned()).unwrap()
}

pub fn team() -> Team {
    Team::new(TEAM, OWN, text("t"), text("team"), "t".to_owned(), UserId(1), NOW)
}

pub fn region(enterprise_id: EnterpriseId, scope: Scope, status: Status) -> Region {
    Region {
        id: REGION,
        enterprise_id,
        name: text("r"),
        alias: text("region"),
        addresses: Addresses {
            api: text("http://a"),
            websocket: text("ws://a"),
            http_domain: text("a"),
            tcp: text("a.b"),
        },
        scope,
        status,
        description: Description::default(),
        labels: Labels::default(),
        created_at: NOW,
        updated_at: NOW,
        version: 1,
    }
}

pub fn opening() -> Opening {
    Opening::new(TEAM, REGION, Quota::default(), NOW)
}

pub fn caller(role: Role, member: bool) -> Caller {
    let teams = if member { vec![TEAM] } else { vec![] };
    Caller { user_id: UserId(1), enterprise_id: OWN, role, teams }
}
