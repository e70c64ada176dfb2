//! The rules for nodes.

use chrono::TimeDelta;

use super::*;
use crate::node::{DownReason, Liveness, PullRefusal, Pulls, RefusedPull, SHORTEST_PATIENCE};

fn facts(liveness: Liveness, last_seen: bool) -> NodeFacts {
    NodeFacts {
        node_id: text("reg_cg2britepb7e977fpm8g"),
        enterprise_id: OWN,
        liveness,
        may_be_unheard: false,
        last_seen: last_seen.then_some(NOW - TimeDelta::hours(1)),
        agents: Vec::new(),
    }
}

/// Which of the findings it is, with the reason.
fn word(finding: &Finding) -> &'static str {
    match finding {
        Finding::Bad { reason, .. } => reason,
        Finding::Good => "good",
        Finding::Unknown => "unknown",
        Finding::Void => "void",
    }
}

fn words(facts: &NodeFacts, oldest: Option<AgentVersion>) -> [&'static str; 3] {
    facts.findings(oldest, NOW).map(|(_, finding)| word(&finding))
}

#[test]
fn every_liveness_is_judged_by_both_rules() {
    let refused =
        |reason, last_seen| Liveness::Down(DownReason::Refused { at: NOW, reason, last_seen });
    let down = Liveness::Down;
    for (liveness, seen, silent, refusal) in [
        (Liveness::Alive { seen_at: NOW, until: NOW }, true, "good", "good"),
        (down(DownReason::Disabled), true, "void", "void"),
        (down(DownReason::Disabled), false, "void", "void"),
        (down(DownReason::NeverSeen), false, "void", "void"),
        (down(DownReason::NoKey), true, "no_key", "unknown"),
        (down(DownReason::NoKey), false, "void", "unknown"),
        (down(DownReason::Silent { since: NOW }), true, "silent", "unknown"),
        (refused(PullRefusal::Signature, Some(NOW)), true, "unknown", "wrong_signature"),
        (refused(PullRefusal::RevokedKey, Some(NOW)), true, "unknown", "key_revoked"),
        (refused(PullRefusal::ForeignKey, None), false, "unknown", "foreign_key"),
    ] {
        let found = words(&facts(liveness, seen), None);
        assert_eq!(found, [silent, refusal, "void"], "{liveness:?}");
    }
}

#[test]
fn a_node_that_may_be_unheard_is_not_called_silent() {
    for (liveness, expected) in [
        (Liveness::Alive { seen_at: NOW, until: NOW }, "good"),
        (Liveness::Down(DownReason::Silent { since: NOW }), "unknown"),
        (Liveness::Down(DownReason::NoKey), "no_key"),
        (Liveness::Down(DownReason::Disabled), "void"),
    ] {
        let facts = NodeFacts { may_be_unheard: true, ..facts(liveness, true) };
        assert_eq!(words(&facts, None)[0], expected, "{liveness:?}");
    }
}

#[test]
fn a_node_is_silent_one_moment_after_three_of_its_intervals() {
    let minutes = TimeDelta::minutes;
    let cases = [
        (None, SHORTEST_PATIENCE),
        (Some(minutes(1)), minutes(5)),
        (Some(minutes(30)), minutes(90)),
    ];
    for (interval, patience) in cases {
        for (late, expected) in
            [(TimeDelta::zero(), "good"), (TimeDelta::microseconds(1), "silent")]
        {
            let accepted_at = NOW - patience - late;
            let pulls = Pulls { accepted_at: Some(accepted_at), interval, refused: None };
            let facts = NodeFacts {
                last_seen: Some(accepted_at),
                ..facts(pulls.liveness(true, true, NOW), true)
            };
            assert_eq!(words(&facts, None)[0], expected, "{interval:?} {late}");
        }
    }
}

#[test]
fn forged_pulls_do_not_quiet_a_node_that_is_gone() {
    let accepted_at = Some(NOW - TimeDelta::hours(1));
    let refused = Some(RefusedPull { at: NOW, reason: PullRefusal::Signature });
    let pulls = Pulls { accepted_at, interval: None, refused };
    let facts = facts(pulls.liveness(true, true, NOW), true);
    assert_eq!(words(&facts, None), ["unknown", "wrong_signature", "void"]);
    let firing =
        Alarm { state: AlarmState::Firing, is_announced: true, ..quiet(AlarmKind::NodeSilent) };
    let [(_, silent), ..] = facts.findings(None, NOW);
    assert_eq!(firing.observe(&silent, false, NOW).alarm.state, AlarmState::Firing);
}

#[test]
fn the_oldest_agent_counts_as_far_as_its_version_is_known() {
    let alive = Liveness::Alive { seen_at: NOW, until: NOW };
    let oldest: AgentVersion = "1.80.0".parse().expect("a version");
    let judge = |liveness, versions: &[&str]| {
        let seen = |version: &&str| AgentSeen { version: (*version).to_owned(), at: NOW };
        let agents = versions.iter().map(seen).collect();
        words(&NodeFacts { agents, ..facts(liveness, true) }, Some(oldest))[2]
    };
    for (versions, expected) in [
        (&["1.80.0"][..], "good"),
        (&["1.79.99"], "outdated"),
        (&["1.84.1", "1.2.3"], "outdated"),
        (&["1.84.1", "unknown"], "unknown"),
        (&["unknown", "1.2.3"], "outdated"),
        (&["unknown"], "unknown"),
        (&[], "unknown"),
    ] {
        assert_eq!(judge(alive, versions), expected, "{versions:?}");
        let disabled = Liveness::Down(DownReason::Disabled);
        assert_eq!(judge(disabled, versions), "void", "{versions:?}");
    }
    let late =
        [(AGENT_FRESHNESS, "outdated"), (AGENT_FRESHNESS + TimeDelta::microseconds(1), "unknown")];
    for (age, expected) in late {
        let agents = vec![AgentSeen { version: "1.2.3".to_owned(), at: NOW - age }];
        let facts = NodeFacts { agents, ..facts(alive, true) };
        assert_eq!(words(&facts, Some(oldest))[2], expected);
        assert_eq!(words(&facts, None)[2], "void");
    }
}
