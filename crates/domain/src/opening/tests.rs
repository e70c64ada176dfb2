//! Every role, scope, status, membership and enterprise, against a table told in other words.
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use chrono::TimeDelta;

use super::*;
use crate::region::Scope;
use crate::role::Role;
use crate::sample::{FOREIGN, NOW, OWN, caller, opening, region, team};

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

#[test]
fn an_opening_counts_the_changes_of_its_quota() {
    let later = NOW + TimeDelta::seconds(1);
    let first = opening();
    assert_eq!((first.created_at, first.updated_at, first.version), (NOW, NOW, 1));
    let quota = Quota::new(4096, 500).unwrap();
    let second = first.clone().with_quota(quota, later);
    let expected = Opening { quota, updated_at: later, version: 2, ..first };
    assert_eq!(second, expected);
    assert_eq!(second.with_quota(quota, later).version, 3);
}
