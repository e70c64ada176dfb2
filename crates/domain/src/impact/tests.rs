//! Every change of status and every deletion: what is told beforehand is what the change does.

use super::*;
use crate::opening::Quota;
use crate::region::{Credentials, Pem, RegionEdit, RegionRefusal, Scope};
use crate::sample::{NOW, OWN, TEAM, opening, region, team, text};

const OTHER_TEAM: TeamId = TeamId::from_bytes([5; 16]);

/// A region of this status, ready or not.
fn detail(status: Status, ready: bool) -> RegionDetail {
    let certificate = (!ready).then(|| text::<Pem>("no certificate"));
    let credentials = Credentials { certificate, ..Credentials::default() };
    RegionDetail { region: region(OWN, Scope::Private, status), credentials }
}

/// Two openings of the region, and one of another region.
fn openings() -> [Opening; 3] {
    let other = RegionId::from_bytes([6; 16]);
    let quota = Quota::default();
    let region_id = opening().region_id;
    let second = Opening::new(OTHER_TEAM, region_id, quota, NOW);
    [opening(), second, Opening::new(TEAM, other, quota, NOW)]
}

/// What the real change of status answers.
fn change(detail: &RegionDetail, to: Status) -> Result<(), RegionRefusal> {
    let edit = RegionEdit { status: Some(to), ..RegionEdit::default() };
    detail.edit(edit, NOW).map(drop)
}

fn pairs() -> impl Iterator<Item = (Status, Status)> {
    Status::ALL.into_iter().flat_map(|from| Status::ALL.map(|to| (from, to)))
}

#[test]
fn what_is_told_of_a_status_is_what_the_change_answers() {
    for ((from, to), ready) in pairs().flat_map(|pair| [(pair, true), (pair, false)]) {
        let impact = of_status(&detail(from, ready), to, &openings(), NOW);
        let refusals: Vec<_> = match change(&detail(from, ready), to) {
            Ok(()) => vec![],
            Err(RegionRefusal::Status(StatusRefusal::Transition(error))) => {
                vec![ImpactRefusal { code: "transition", text: error.to_string() }]
            }
            Err(RegionRefusal::Status(StatusRefusal::NotReady(faults))) => {
                assert_eq!(faults.len(), 2, "unreadable, and without a key");
                faults
                    .iter()
                    .map(|fault| ImpactRefusal {
                        code: "not_ready",
                        text: format!("the region is not ready: {fault}"),
                    })
                    .collect()
            }
            Err(RegionRefusal::Incoherent(_) | RegionRefusal::OtherOrigin(_)) => {
                panic!("neither the material nor the address is touched")
            }
        };
        assert_eq!(impact.allowed, refusals.is_empty(), "{from} to {to}, ready {ready}");
        assert_eq!(impact.refusals, refusals, "{from} to {to}, ready {ready}");
    }
}

#[test]
fn every_kind_of_refusal_of_a_status_is_told_in_words() {
    let impact = |from, to| of_status(&detail(from, false), to, &[], NOW).refusals;
    let texts = |refusals: Vec<ImpactRefusal>| refusals.into_iter().map(|r| r.text).collect();
    let ways: Vec<String> = texts(impact(Status::Enabled, Status::Editing));
    assert_eq!(
        ways,
        ["a region that is enabled cannot become editing; allowed: disabled, maintenance"]
    );
    let faults: Vec<String> = texts(impact(Status::Disabled, Status::Enabled));
    assert_eq!(
        faults,
        [
            "the region is not ready: the client certificate cannot be read: there is no such PEM \
             block in it",
            "the region is not ready: the client certificate comes without its private key",
        ]
    );
}

#[test]
fn a_change_of_status_touches_every_opening_of_the_region_and_setting_it_again_none() {
    let uses = |status| match status {
        Status::Editing => OpeningUse::Kept,
        Status::Enabled => OpeningUse::Usable,
        Status::Disabled => OpeningUse::NotUsable,
        Status::Maintenance => OpeningUse::Marked,
    };
    let dialled = |status| match status {
        Status::Editing | Status::Disabled => Dialling::Off,
        Status::Enabled => Dialling::On,
        Status::Maintenance => Dialling::Muted,
    };
    for ((from, to), ready) in pairs().flat_map(|pair| [(pair, true), (pair, false)]) {
        let impact = of_status(&detail(from, ready), to, &openings(), NOW);
        let teams = if from == to { vec![] } else { vec![TEAM, OTHER_TEAM] };
        let touched = |&team_id: &TeamId| AffectedOpening {
            team_id,
            before: uses(from),
            after: Some(uses(to)),
        };
        let expected = Impact {
            allowed: impact.allowed,
            refusals: impact.refusals.clone(),
            openings: teams.iter().map(touched).collect(),
            teams,
            dialling_before: dialled(from),
            dialling_after: Some(dialled(to)),
            nodes: 0,
            tasks: 0,
            windows: vec![],
        };
        assert_eq!(impact, expected, "{from} to {to}, ready {ready}");
    }
}

/// The code of the refusal, in the order of [`Status::ALL`]: for a region that is not open; one
/// that is open; one that is open, by force.
const DELETIONS: [[Option<&str>; 3]; 4] = [
    [None, None, None],
    [Some("disable_first"), Some("disable_first"), Some("disable_first")],
    [None, Some("open_for_teams"), None],
    [Some("in_maintenance"), Some("in_maintenance"), Some("in_maintenance")],
];

#[test]
fn every_deletion_of_a_region_is_as_designed() {
    let open = openings();
    for (status, [not_open, unforced, forced]) in Status::ALL.into_iter().zip(DELETIONS) {
        for (openings, force, code) in [
            (&[][..], false, not_open),
            (&[], true, not_open),
            (&open[2..], false, not_open),
            (&open, false, unforced),
            (&open, true, forced),
        ] {
            let impact = of_deletion(&region(OWN, Scope::Public, status), openings, force);
            let case = format!("{status} {} {force}", openings.len());
            let codes: Vec<_> = impact.refusals.iter().map(|refusal| refusal.code).collect();
            assert_eq!(codes, Vec::from_iter(code), "{case}");
            assert_eq!(impact.allowed, code.is_none(), "{case}");
            let teams = if openings.len() == 3 { vec![TEAM, OTHER_TEAM] } else { vec![] };
            assert_eq!(impact.teams, teams, "{case}");
            let before = status.opening_use();
            let closed = |&team_id: &TeamId| AffectedOpening { team_id, before, after: None };
            assert_eq!(impact.openings, teams.iter().map(closed).collect::<Vec<_>>(), "{case}");
            assert_eq!(impact.dialling_before, status.dialling(), "{case}");
            assert_eq!(impact.dialling_after, None, "{case}");
        }
    }
}

#[test]
fn a_refused_deletion_says_what_to_do() {
    let text = |status| {
        let impact = of_deletion(&region(OWN, Scope::Private, status), &openings(), false);
        impact.refusals.into_iter().map(|refusal| refusal.text).collect::<Vec<_>>()
    };
    assert_eq!(
        text(Status::Enabled),
        ["a region that is enabled cannot be deleted; disable it first"]
    );
    assert_eq!(text(Status::Disabled), ["the region is still open for 2 teams"]);
    assert_eq!(text(Status::Maintenance), ["a region in maintenance cannot be deleted"]);
}

#[test]
fn closing_touches_the_one_team_and_leaves_dialling_as_it_is() {
    for status in Status::ALL {
        let before = status.opening_use();
        let expected = Impact {
            allowed: true,
            refusals: vec![],
            teams: vec![TEAM],
            openings: vec![AffectedOpening { team_id: TEAM, before, after: None }],
            dialling_before: status.dialling(),
            dialling_after: Some(status.dialling()),
            nodes: 0,
            tasks: 0,
            windows: vec![],
        };
        let region = region(OWN, Scope::Private, status);
        assert_eq!(of_closing(&region, &opening()), expected, "{status}");
    }
}

#[test]
fn nodes_tasks_and_windows_are_told_without_changing_the_rest() {
    let plain = of_deletion(&region(OWN, Scope::Private, Status::Enabled), &openings(), false);
    let impact = plain.clone().touching(3, 5, vec!["w".to_owned()]);
    let expected = Impact { nodes: 3, tasks: 5, windows: vec!["w".to_owned()], ..plain };
    assert_eq!(impact, expected);
}

#[test]
fn deleting_a_team_closes_all_its_openings_and_no_others() {
    let [here, foreign, elsewhere] = openings();
    for status in Status::ALL {
        let openings = [
            (here.clone(), status),
            (foreign.clone(), status),
            (elsewhere.clone(), Status::Enabled),
        ];
        let closed = vec![
            ClosedOpening { region_id: here.region_id, before: status.opening_use() },
            ClosedOpening { region_id: elsewhere.region_id, before: OpeningUse::Usable },
        ];
        let impact = team_deletion(&team(), &openings);
        assert_eq!(impact, TeamImpact { team_id: TEAM, openings: closed }, "{status}");
    }
    let none = TeamImpact { team_id: TEAM, openings: vec![] };
    assert_eq!(team_deletion(&team(), &[]), none);
}
