//! Every case of whether a node is alive.

use proptest::prelude::*;

use super::*;

const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;

fn ago(seconds: i64) -> DateTime<Utc> {
    NOW - TimeDelta::seconds(seconds)
}

fn seen(seconds_ago: i64, interval: Option<i64>) -> Pulls {
    let interval = interval.map(TimeDelta::seconds);
    Pulls { accepted_at: Some(ago(seconds_ago)), interval, refused: None }
}

fn refused(seconds_ago: i64, reason: PullRefusal) -> RefusedPull {
    RefusedPull { at: ago(seconds_ago), reason }
}

fn alive(pulls: Pulls) -> bool {
    pulls.liveness(true, true, NOW).is_alive()
}

fn why(pulls: Pulls) -> Liveness {
    pulls.liveness(true, true, NOW)
}

#[test]
fn it_is_alive_for_three_intervals_and_five_minutes_at_least() {
    for (interval, patience) in [
        (None, 300),
        (Some(-5), 300),
        (Some(10), 300),
        (Some(60), 300),
        (Some(100), 300),
        (Some(101), 303),
        (Some(3_600), 10_800),
        (Some(86_400), 259_200),
        (Some(i64::from(i32::MAX)), 259_200),
    ] {
        assert_eq!(seen(0, interval).patience(), TimeDelta::seconds(patience));
        assert!(alive(seen(0, interval)));
        assert!(alive(seen(patience, interval)));
        assert!(!alive(seen(patience + 1, interval)));
    }
}

#[test]
fn what_is_alive_says_until_when() {
    let until = ago(-200);
    assert_eq!(why(seen(100, None)), Liveness::Alive { seen_at: ago(100), until });
}

#[test]
fn a_pull_in_the_future_counts_as_one_of_now() {
    let until = ago(-300);
    assert_eq!(why(seen(-900, None)), Liveness::Alive { seen_at: ago(-900), until });
    let last = Pulls { accepted_at: Some(DateTime::<Utc>::MAX_UTC), ..Pulls::default() };
    assert!(last.liveness(true, true, DateTime::<Utc>::MAX_UTC).is_alive());
}

#[test]
fn who_never_pulled_was_never_seen() {
    assert_eq!(why(Pulls::default()), Liveness::Down(DownReason::NeverSeen));
}

#[test]
fn who_stopped_to_pull_is_silent_since_then() {
    let since = ago(301);
    assert_eq!(why(seen(301, None)), Liveness::Down(DownReason::Silent { since }));
}

#[test]
fn a_refusal_counts_when_nothing_was_accepted_after_it() {
    for reason in [PullRefusal::Signature, PullRefusal::RevokedKey, PullRefusal::ForeignKey] {
        let down =
            |last_seen| Liveness::Down(DownReason::Refused { at: ago(20), reason, last_seen });
        let never = Pulls { refused: Some(refused(20, reason)), ..Pulls::default() };
        assert_eq!(why(never), down(None));
        let before = Pulls { refused: Some(refused(20, reason)), ..seen(400, None) };
        assert_eq!(why(before), down(Some(ago(400))));
        for older in [400, 500] {
            let after = Pulls { refused: Some(refused(older, reason)), ..seen(400, None) };
            assert_eq!(why(after), Liveness::Down(DownReason::Silent { since: ago(400) }));
        }
        let beside = Pulls { refused: Some(refused(20, reason)), ..seen(60, None) };
        assert!(alive(beside));
    }
}

#[test]
fn a_disabled_node_and_one_without_a_key_are_down_whatever_they_do() {
    for pulls in [Pulls::default(), seen(0, None), seen(900, None)] {
        for has_key in [false, true] {
            let disabled = pulls.liveness(false, has_key, NOW);
            assert_eq!(disabled, Liveness::Down(DownReason::Disabled));
        }
        assert_eq!(pulls.liveness(true, false, NOW), Liveness::Down(DownReason::NoKey));
    }
}

#[test]
fn each_reason_has_a_word_of_its_own() {
    let refusal = |reason| DownReason::Refused { at: NOW, reason, last_seen: None };
    let reasons = [
        (DownReason::Disabled, "disabled"),
        (DownReason::NoKey, "no_key"),
        (DownReason::NeverSeen, "never_seen"),
        (DownReason::Silent { since: NOW }, "silent"),
        (refusal(PullRefusal::Signature), "wrong_signature"),
        (refusal(PullRefusal::RevokedKey), "key_revoked"),
        (refusal(PullRefusal::ForeignKey), "foreign_key"),
    ];
    for (reason, word) in reasons {
        assert_eq!(reason.to_string(), word);
    }
}

proptest! {
    #[test]
    fn it_is_total_and_silence_never_revives(
        accepted in any::<Option<i32>>(),
        interval in any::<Option<i64>>(),
        refused_at in any::<Option<i32>>(),
        later in 0_i64..1_000_000,
    ) {
        let at = |seconds: i32| ago(i64::from(seconds));
        let pulls = Pulls {
            accepted_at: accepted.map(at),
            interval: interval.map(TimeDelta::nanoseconds),
            refused: refused_at.map(|seconds| RefusedPull { at: at(seconds), reason: PullRefusal::Signature }),
        };
        let past = accepted.is_none_or(|seconds| seconds >= 0);
        if past && !pulls.liveness(true, true, NOW).is_alive() {
            prop_assert!(!pulls.liveness(true, true, NOW + TimeDelta::seconds(later)).is_alive());
        }
    }
}
