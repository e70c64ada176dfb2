//! The rules for watched regions.

use chrono::TimeDelta;

use super::*;
use crate::availability::SHORTEST_FRESHNESS;
use crate::id::RegionId;

fn facts() -> RegionFacts {
    RegionFacts {
        region_id: RegionId::from_bytes([7; 16]),
        enterprise_id: OWN,
        is_dialled: true,
        in_maintenance: false,
        down_from: 2,
        checks: Vec::new(),
        recent: None,
        usual: None,
        certificates: Vec::new(),
    }
}

fn found(facts: &RegionFacts, kind: AlarmKind) -> Finding {
    let all = facts.findings(NOW);
    all.into_iter().find(|(of, _)| *of == kind).expect("a rule for regions").1
}

/// What nodes say: `u`p, `d`own, up or down but too long ago (`U`, `D`), or nothing yet (`?`).
fn checks(what: &str) -> Vec<NodeCheck> {
    let of = |(place, letter): (usize, char)| NodeCheck {
        node_id: text(&format!("reg_{place:019}g")),
        at: match letter {
            '?' => None,
            'U' | 'D' => Some(NOW - SHORTEST_FRESHNESS - TimeDelta::microseconds(1)),
            _ => Some(NOW - SHORTEST_FRESHNESS),
        },
        is_up: letter.eq_ignore_ascii_case(&'u'),
        interval: TimeDelta::minutes(1),
    };
    what.chars().enumerate().map(of).collect()
}

#[test]
fn a_region_is_down_from_two_nodes_and_up_only_if_no_stale_one_could_change_that() {
    let down =
        |value: &str| Finding::Bad { reason: "down", value: format!("down from {value} nodes") };
    for (what, expected) in [
        ("", Finding::Unknown),
        ("u", Finding::Good),
        ("d", down("1 of 1")),
        ("U", Finding::Unknown),
        ("D", Finding::Unknown),
        ("?", Finding::Unknown),
        ("uu", Finding::Good),
        ("ud", Finding::Good),
        ("dd", down("2 of 2")),
        ("uU", Finding::Good),
        ("dU", Finding::Unknown),
        ("UU", Finding::Unknown),
        ("u??", Finding::Unknown),
        ("uu?", Finding::Good),
        ("ud?", Finding::Unknown),
        ("dd?", down("2 of 3")),
        ("uuud", Finding::Good),
        ("uudd", down("2 of 4")),
        ("dddd", down("4 of 4")),
        ("DDDD", Finding::Unknown),
    ] {
        let facts = RegionFacts { checks: checks(what), ..facts() };
        assert_eq!(found(&facts, AlarmKind::RegionDown), expected, "{what}");
    }
}

#[test]
fn a_result_counts_for_three_intervals() {
    for (minutes, age, expected) in
        [(60, 180, "bad"), (60, 181, "unknown"), (1, 5, "bad"), (1, 6, "unknown")]
    {
        let mut all = checks("d");
        all[0].interval = TimeDelta::minutes(minutes);
        all[0].at = Some(NOW - TimeDelta::minutes(age));
        let found = found(&RegionFacts { checks: all, ..facts() }, AlarmKind::RegionDown);
        assert_eq!(matches!(found, Finding::Bad { .. }), expected == "bad", "{minutes} {age}");
    }
}

#[test]
fn a_region_is_slow_against_its_own_last_week() {
    let latency = |ms, samples| Some(Latency { p95: TimeDelta::milliseconds(ms), samples });
    let (some, many) = (RECENT_SAMPLES, USUAL_SAMPLES);
    for (recent, usual, expected) in [
        (latency(300, some), latency(200, many), "bad"),
        (latency(299, some), latency(200, many), "good"),
        (latency(200, some), latency(200, many), "good"),
        (latency(150, some), latency(100, many), "good"),
        (latency(200, some), latency(100, many), "bad"),
        (latency(100, some), latency(0, many), "bad"),
        (latency(99, some), latency(0, many), "good"),
        (latency(900, some - 1), latency(200, many), "unknown"),
        (latency(900, some), latency(200, many - 1), "unknown"),
        (None, latency(200, many), "unknown"),
        (latency(900, some), None, "unknown"),
    ] {
        let facts = RegionFacts { recent, usual, ..facts() };
        let word = match found(&facts, AlarmKind::RegionSlow) {
            Finding::Bad { reason: "slow", .. } => "bad",
            Finding::Good => "good",
            Finding::Unknown => "unknown",
            other => panic!("{other:?}"),
        };
        assert_eq!(word, expected, "{recent:?} {usual:?}");
    }
    let facts = RegionFacts { recent: latency(912, 99), usual: latency(300, many), ..facts() };
    let value = "3.0 times its latency of the last week".to_owned();
    assert_eq!(found(&facts, AlarmKind::RegionSlow), Finding::Bad { reason: "slow", value });
}

#[test]
fn the_certificate_that_expires_first_counts_if_it_was_seen_lately() {
    let moment = TimeDelta::microseconds(1);
    let shown = |end: TimeDelta, age: TimeDelta| EndpointCertificate {
        endpoint: "https://api.example.com".to_owned(),
        shown: vec![(NOW + end, NOW - age)],
    };
    let never = EndpointCertificate { shown: Vec::new(), ..shown(moment, moment) };
    let by_both = |one: EndpointCertificate, other: EndpointCertificate| EndpointCertificate {
        shown: [one.shown, other.shown].concat(),
        ..one
    };
    let (long, now) = (TimeDelta::days(90), TimeDelta::zero());
    let stale = CERTIFICATE_FRESHNESS + moment;
    for (certificates, expected) in [
        (vec![], "void"),
        (vec![never.clone()], "unknown"),
        (vec![shown(long, now)], "good"),
        (vec![shown(long, CERTIFICATE_FRESHNESS)], "good"),
        (vec![shown(long, stale)], "unknown"),
        (vec![shown(moment, stale)], "unknown"),
        (vec![shown(CERTIFICATE_NOTICE, now)], "good"),
        (vec![shown(CERTIFICATE_NOTICE - moment, now)], "expiring"),
        (vec![shown(moment, now)], "expiring"),
        (vec![shown(now, now)], "expired"),
        (vec![shown(-long, now)], "expired"),
        (vec![shown(long, now), shown(moment, now)], "expiring"),
        (vec![shown(long, now), never.clone()], "unknown"),
        (vec![shown(moment, now), never], "expiring"),
        // A node that died saw one that was replaced since.
        (vec![by_both(shown(moment, stale), shown(long, now))], "good"),
        (vec![by_both(shown(-long, stale), shown(moment, now))], "expiring"),
        (vec![by_both(shown(moment, stale), shown(long, stale))], "unknown"),
        (vec![by_both(shown(long, now), shown(moment, now))], "expiring"),
    ] {
        let facts = RegionFacts { certificates: certificates.clone(), ..facts() };
        let word = match found(&facts, AlarmKind::CertificateExpiring) {
            Finding::Bad { reason, .. } => reason,
            Finding::Good => "good",
            Finding::Unknown => "unknown",
            Finding::Void => "void",
        };
        assert_eq!(word, expected, "{certificates:?}");
    }
}

#[test]
fn nothing_is_said_of_a_region_that_is_not_dialled() {
    let facts = RegionFacts {
        is_dialled: false,
        checks: checks("dd"),
        certificates: vec![EndpointCertificate {
            endpoint: String::new(),
            shown: vec![(NOW, NOW)],
        }],
        ..facts()
    };
    assert!(facts.findings(NOW).iter().all(|(_, finding)| *finding == Finding::Void));
}
