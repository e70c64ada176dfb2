//! Every role, scope, status, membership and enterprise, against a table told in other words.
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use super::*;
use crate::id::EnterpriseId;
use crate::region::{Addresses, Description};
use crate::user::UserId;

const OWN: EnterpriseId = EnterpriseId::from_bytes([1; 16]);
const FOREIGN: EnterpriseId = EnterpriseId::from_bytes([2; 16]);
const TEAM: TeamId = TeamId::from_bytes([3; 16]);
const NOW: DateTime<Utc> = DateTime::<Utc>::UNIX_EPOCH;

fn text<T: TryFrom<String, Error: std::fmt::Debug>>(value: &str) -> T {
    T::try_from(value.to_owned()).unwrap()
}

fn team() -> Team {
    Team {
        id: TEAM,
        enterprise_id: OWN,
        name: text("t"),
        alias: text("team"),
        namespace: "t".to_owned(),
        is_active: true,
        limit_memory: 0,
        creator: UserId(1),
        created_at: NOW,
        updated_at: NOW,
        expires_at: None,
    }
}

fn region(enterprise_id: EnterpriseId, scope: Scope, status: Status) -> Region {
    Region {
        id: RegionId::from_bytes([4; 16]),
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
        created_at: NOW,
        updated_at: NOW,
        version: 1,
    }
}

fn caller(role: Role, member: bool) -> Caller {
    let teams = if member { vec![TEAM] } else { vec![] };
    Caller { user_id: UserId(1), enterprise_id: OWN, role, teams }
}

#[test]
fn every_case_is_as_designed() {
    for role in Role::ALL {
        for (member, open) in [(false, false), (false, true), (true, false), (true, true)] {
            for (scope, status) in [Scope::Private, Scope::Public]
                .into_iter()
                .flat_map(|scope| Status::ALL.map(|status| (scope, status)))
            {
                let permitted = match role {
                    Role::Platform | Role::Admin | Role::Operator => true,
                    Role::Viewer => false,
                    Role::Team => member && scope == Scope::Public,
                };
                let expected = match (permitted, open, status) {
                    (false, _, _) => Err(OpeningRefusal::NotPermitted),
                    (true, true, _) => Ok(OpeningDecision::AlreadyOpen),
                    (true, false, Status::Enabled) => Ok(OpeningDecision::Open),
                    (true, false, status) => Err(OpeningRefusal::NotEnabled(status)),
                };
                let region = region(OWN, scope, status);
                let decided = decide_opening(&caller(role, member), &team(), &region, open);
                assert_eq!(decided, expected, "{role} {member} {open} {scope:?} {status}");
            }
        }
    }
}

#[test]
fn no_role_and_no_scope_crosses_the_enterprise_border() {
    for (role, scope) in
        Role::ALL.into_iter().flat_map(|r| [Scope::Private, Scope::Public].map(|s| (r, s)))
    {
        let foreign = region(FOREIGN, scope, Status::Enabled);
        assert_eq!(
            decide_opening(&caller(role, true), &team(), &foreign, false),
            Err(OpeningRefusal::OtherEnterprise)
        );
    }
}

#[test]
fn a_caller_of_another_enterprise_opens_nothing_unless_platform() {
    for role in Role::ALL {
        let mut stranger = caller(role, true);
        stranger.enterprise_id = FOREIGN;
        assert_eq!(may_open_for(&stranger, &team()), role == Role::Platform, "{role}");
    }
}
