//! Every role, scope, status, opening and enterprise, against tables told in other words.
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::cell::RefCell;
use std::collections::HashMap;

use super::*;
use crate::opening::decide_opening;
use crate::sample::{FOREIGN, OWN, TEAM, caller, opening, region, team};

const SCOPES: [Scope; 2] = [Scope::Private, Scope::Public];
const BOOLS: [bool; 2] = [false, true];

/// In which statuses teams see regions, in the order of [`Status::ALL`].
const SHOWN: [bool; 4] = [false, true, false, true];

/// Every combination of scope, status and whether teams see a region of that status.
fn regions() -> impl Iterator<Item = (Scope, Status, bool)> {
    SCOPES.into_iter().flat_map(|scope| {
        Status::ALL.into_iter().zip(SHOWN).map(move |(status, shown)| (scope, status, shown))
    })
}

/// A verdict says yes exactly when every rule holds, gives a reason for each, and asks none twice.
fn check(verdict: &Verdict) {
    let findings = &verdict.findings;
    assert!(!findings.is_empty());
    assert_eq!(verdict.granted, findings.iter().all(|f| f.holds), "{verdict:?}");
    assert_eq!(verdict.granted, verdict.first_against().is_none(), "{verdict:?}");
    for finding in findings {
        assert!(!finding.why.is_empty(), "{finding:?}");
        assert_eq!(findings.iter().filter(|f| f.rule == finding.rule).count(), 1, "{verdict:?}");
    }
}

/// The rules that were asked, each with whether it holds.
fn rules(verdict: &Verdict) -> Vec<(Rule, bool)> {
    verdict.findings.iter().map(|finding| (finding.rule, finding.holds)).collect()
}

#[test]
fn a_team_sees_what_is_open_for_it_or_public_in_its_enterprise_and_in_service() {
    for (scope, status, shown) in regions() {
        for (open, enterprise) in BOOLS.into_iter().flat_map(|o| [(o, OWN), (o, FOREIGN)]) {
            let verdict =
                team_sees(&team(), &region(enterprise, scope, status), open.then(opening).as_ref());
            check(&verdict);
            let near = enterprise == OWN;
            let offered = open || scope == Scope::Public;
            let case = format!("{scope:?} {status} open {open} own {near}");
            assert_eq!(verdict.granted, near && offered && shown, "{case}");
            let expected = [
                (Rule::SameEnterprise, near),
                (Rule::OpenOrPublic, offered),
                (Rule::StatusShows, shown),
            ];
            assert_eq!(rules(&verdict), expected, "{case}");
        }
    }
}

#[test]
fn an_opening_of_another_team_or_another_region_counts_for_nothing() {
    let region = region(OWN, Scope::Private, Status::Enabled);
    let of_another_team = Opening { team_id: TeamId::from_bytes([9; 16]), ..opening() };
    let of_another_region = Opening { region_id: "9".repeat(32).parse().unwrap(), ..opening() };
    let admin = caller(Role::Admin, false);
    for other in [of_another_team, of_another_region] {
        assert!(!team_sees(&team(), &region, Some(&other)).granted);
        let explained = explain(&admin, &team(), &region, Some(&other));
        assert_eq!(explained, explain(&admin, &team(), &region, None));
        assert_eq!(explained.opening_use, None);
    }
}

#[test]
fn every_caller_sees_as_designed() {
    for (role, (scope, status, shown)) in
        Role::ALL.into_iter().flat_map(|role| regions().map(move |region| (role, region)))
    {
        for (member, open) in [(false, false), (false, true), (true, false), (true, true)] {
            let open_teams: &[TeamId] = if open { &[TEAM] } else { &[] };
            let caller = caller(role, member);
            let sees = |enterprise| {
                let verdict = caller_sees(&caller, &region(enterprise, scope, status), open_teams);
                check(&verdict);
                verdict.granted
            };
            let own = match role {
                Role::Platform | Role::Admin | Role::Operator | Role::Viewer => true,
                Role::Team => shown && (scope == Scope::Public || member && open),
            };
            let case = format!("{role} {scope:?} {status} member {member} open {open}");
            assert_eq!(sees(OWN), own, "{case}");
            assert_eq!(sees(FOREIGN), role == Role::Platform, "{case}");
        }
    }
}

#[test]
fn a_team_token_that_belongs_to_no_team_sees_public_regions() {
    let nobody = caller(Role::Team, false);
    for (scope, status, shown) in regions() {
        let verdict = caller_sees(&nobody, &region(OWN, scope, status), &[]);
        assert_eq!(verdict.granted, scope == Scope::Public && shown, "{scope:?} {status}");
    }
}

#[test]
fn a_member_sees_exactly_what_his_team_sees() {
    let member = caller(Role::Team, true);
    for ((scope, status, _), open) in regions().flat_map(|r| BOOLS.map(|open| (r, open))) {
        let region = region(OWN, scope, status);
        let open_teams: &[TeamId] = if open { &[TEAM] } else { &[] };
        let himself = caller_sees(&member, &region, open_teams).granted;
        assert_eq!(himself, team_sees(&team(), &region, open.then(opening).as_ref()).granted);
    }
}

/// Where caller, team and region are at home: enterprise of the caller, then of team and region.
const HOMES: [(EnterpriseId, EnterpriseId, EnterpriseId); 4] =
    [(OWN, OWN, OWN), (OWN, OWN, FOREIGN), (FOREIGN, OWN, OWN), (FOREIGN, OWN, FOREIGN)];

/// Calls `judge` with every caller and region, and with whether the region is open.
fn every_opening(judge: impl Fn(&Caller, &Region, bool, [(Rule, bool); 6])) {
    for (role, member) in Role::ALL.into_iter().flat_map(|role| BOOLS.map(|m| (role, m))) {
        for ((scope, status, _), open) in regions().flat_map(|r| BOOLS.map(|open| (r, open))) {
            for (at_home, of_team, of_region) in HOMES {
                let caller = Caller { enterprise_id: at_home, ..caller(role, member) };
                let reaches = at_home == of_team || role == Role::Platform;
                let expected = [
                    (Rule::SameEnterprise, of_team == of_region),
                    (Rule::CallerReaches, reaches),
                    (Rule::RoleOpens, role != Role::Viewer),
                    (Rule::CallerActsForTeam, role != Role::Team || member),
                    (Rule::ScopeAllows, role != Role::Team || scope == Scope::Public),
                    (Rule::StatusCanBeOpened, open || status == Status::Enabled),
                ];
                judge(&caller, &region(of_region, scope, status), open, expected);
            }
        }
    }
}

#[test]
fn who_may_open_is_as_designed_rule_by_rule() {
    every_opening(|caller, region, open, expected| {
        let verdict = may_open(caller, &team(), region, open);
        check(&verdict);
        assert_eq!(rules(&verdict), expected, "{caller:?} {region:?} {open}");
    });
}

#[test]
fn the_decision_is_yes_exactly_when_the_explanation_is() {
    every_opening(|caller, region, open, _| {
        let explained = explain(caller, &team(), region, open.then(opening).as_ref());
        let decided = decide_opening(caller, &team(), region, open);
        assert_eq!(explained.may_open.granted, decided.is_ok(), "{caller:?} {region:?} {open}");
        assert_eq!(explained.may_open, may_open(caller, &team(), region, open));
        let sees = team_sees(&team(), region, open.then(opening).as_ref());
        assert_eq!(explained.sees, sees);
    });
}

#[test]
fn an_opening_is_worth_something_exactly_while_its_team_sees_the_region() {
    let admin = caller(Role::Admin, false);
    for (scope, status, shown) in regions() {
        let region = region(OWN, scope, status);
        let explained = explain(&admin, &team(), &region, Some(&opening()));
        assert_eq!(explained.opening_use, Some(status.opening_use()), "{status}");
        let worth = matches!(status.opening_use(), OpeningUse::Usable | OpeningUse::Marked);
        assert_eq!((worth, explained.sees.granted), (shown, shown), "{status}");
        assert_eq!(explain(&admin, &team(), &region, None).opening_use, None);
    }
}

/// The findings as somebody reads them.
fn read(verdict: &Verdict) -> Vec<String> {
    let line = |f: &Finding| format!("{} {}: {}", f.rule, f.holds, f.why);
    verdict.findings.iter().map(line).collect()
}

#[test]
fn an_explanation_says_of_each_rule_why() {
    let disabled = region(OWN, Scope::Private, Status::Disabled);
    let explained = explain(&caller(Role::Team, true), &team(), &disabled, None);
    assert_eq!(
        read(&explained.sees),
        [
            "same_enterprise true: the team and the region belong to the same enterprise",
            "open_or_public false: the region is neither open for the team nor public",
            "status_shows false: the region is disabled, so no team sees it",
        ]
    );
    assert_eq!(
        read(&explained.may_open),
        [
            "same_enterprise true: the team and the region belong to the same enterprise",
            "caller_reaches true: the caller acts in this enterprise",
            "role_opens true: the role team may open regions",
            "caller_acts_for_team true: the caller belongs to the team",
            "scope_allows false: the region is private: only admins and operators open it for teams",
            "status_can_be_opened false: the region is disabled, and only an enabled one is opened",
        ]
    );
}

#[test]
fn no_reason_stands_for_both_answers() {
    let told = RefCell::new(HashMap::new());
    every_opening(|caller, region, open, _| {
        let explained = explain(caller, &team(), region, open.then(opening).as_ref());
        let seen = caller_sees(caller, region, &[TEAM]);
        for verdict in [explained.sees, explained.may_open, seen] {
            for Finding { rule, holds, why } in verdict.findings {
                let before = told.borrow_mut().insert((rule, why.clone()), holds);
                assert!(before.is_none_or(|before| before == holds), "{rule} {holds}: {why}");
            }
        }
    });
    // Every rule was met, and each that can fail both ways.
    let told = told.into_inner();
    for (rule, holds) in Rule::ALL.into_iter().flat_map(|rule| BOOLS.map(|b| (rule, b))) {
        let met = told.iter().any(|((r, _), h)| *r == rule && *h == holds);
        assert_eq!(met, holds || rule != Rule::RoleReadsAll, "{rule} {holds}");
    }
}

#[test]
fn codes_of_rules_are_the_published_ones() {
    let codes = [
        "same_enterprise",
        "caller_reaches",
        "role_opens",
        "caller_acts_for_team",
        "scope_allows",
        "status_can_be_opened",
        "role_reads_all",
        "open_or_public",
        "status_shows",
    ];
    assert_eq!(Rule::ALL.map(Rule::as_str), codes);
    assert_eq!(Rule::ALL.map(|rule| rule.to_string()), codes);
}
