//! How many refusals are recorded one by one.

use std::net::IpAddr;

use super::*;

fn budget(an_hour: u32) -> RefusalBudget {
    RefusalBudget::new(NonZeroU32::new(an_hour))
}

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::days(20_000) + TimeDelta::seconds(seconds)
}

/// A caller with this token at this address.
fn actor(token: Option<u8>, address: &str) -> Actor {
    let address = Some(address.parse::<IpAddr>().expect("an address"));
    Actor {
        origin: Origin::Request { address, id: String::new() },
        operation: "create_team",
        token_id: token.map(|number| TokenId::from_bytes([number; 16])),
        user_id: None,
        enterprise_id: None,
    }
}

/// How many of a hundred thousand refusals at one moment are recorded by themselves.
fn recorded(budget: &RefusalBudget, actor: &Actor, outcome: Outcome, now: DateTime<Utc>) -> usize {
    (0..100_000).filter(|_| budget.admit(actor, outcome, now)).count()
}

#[test]
fn a_token_has_a_tenth_at_once_and_then_one_after_the_other() {
    let (budget, one) = (budget(600), actor(Some(1), "192.0.2.1"));
    assert_eq!(recorded(&budget, &one, Outcome::Refused, at(0)), 60);
    assert_eq!(recorded(&budget, &one, Outcome::Refused, at(59)), 0);
    assert_eq!(recorded(&budget, &one, Outcome::Refused, at(60)), 1);
    assert_eq!(recorded(&budget, &one, Outcome::Refused, at(60 * 11)), 10);
    assert_eq!(recorded(&budget, &one, Outcome::Refused, at(60 * 600)), 60);
}

#[test]
fn a_token_is_one_wherever_it_is_used_and_does_not_answer_for_another() {
    let budget = budget(600);
    let all: usize = (0..50)
        .map(|n| actor(Some(1), &format!("198.51.{n}.1")))
        .map(|actor| recorded(&budget, &actor, Outcome::Refused, at(0)))
        .sum();
    assert_eq!(all, 60);
    let other = actor(Some(2), "203.0.113.1");
    assert_eq!(recorded(&budget, &other, Outcome::Refused, at(0)), 60);
}

#[test]
fn an_enterprise_has_a_quarter_however_many_tokens_it_has_and_does_not_hide_others() {
    let budget = budget(600);
    let of = |enterprise: u8, n: u8| Actor {
        enterprise_id: Some(EnterpriseId::from_bytes([enterprise; 16])),
        ..actor(Some(n), &format!("198.51.{n}.1"))
    };
    let of_all = |outcome, now| -> usize {
        let all = (0..50).flat_map(|n| vec![of(1, n); 100]);
        all.filter(|actor| budget.admit(actor, outcome, now)).count()
    };
    assert_eq!(of_all(Outcome::Refused, at(0)), 150);
    assert_eq!(recorded(&budget, &of(2, 99), Outcome::Refused, at(0)), 60, "others are recorded");
    assert_eq!(of_all(Outcome::Refused, at(24)), 1);
    // A stranger can name any enterprise.
    assert_eq!(of_all(Outcome::SignInFailed, at(24)), 300);
}

#[test]
fn a_network_is_a_24_of_ipv4_or_a_48_of_ipv6_whichever_tokens_it_names() {
    let parts = |n: u32| {
        [
            (format!("192.0.2.{n}"), format!("192.0.{}.1", n + 3)),
            (format!("::ffff:192.0.99.{n}"), format!("::ffff:192.1.{n}.1")),
            (format!("2001:db8:1:{n:x}::1"), format!("2001:db8:{:x}::1", n + 2)),
        ]
    };
    for kind in 0..3 {
        let budget = budget(600);
        let strangers = |address: fn(&(String, String)) -> &String| -> usize {
            (0..250)
                .map(|n| {
                    let who = actor(u8::try_from(n).ok(), address(&parts(n)[kind]));
                    usize::from(budget.admit(&who, Outcome::SignInFailed, at(0)))
                })
                .sum()
        };
        assert_eq!(strangers(|both| &both.0), 60, "one network");
        assert_eq!(strangers(|both| &both.1), 240, "others");
    }
}

#[test]
fn the_register_has_a_half_for_strangers_and_a_half_for_known_callers() {
    let budget = budget(600);
    let from = |outcome: Outcome, now: DateTime<Utc>| -> usize {
        (0..60_000_u32)
            .map(|n| {
                actor(
                    Some(u8::try_from(n % 200).expect("small")),
                    &format!("10.{}.{}.1", n / 250, n % 250),
                )
            })
            .filter(|actor| budget.admit(actor, outcome, now))
            .count()
    };
    assert_eq!(from(Outcome::SignInFailed, at(0)), 300);
    assert_eq!(from(Outcome::Refused, at(0)), 300, "strangers do not hide them");
    assert_eq!(from(Outcome::SignInFailed, at(12)), 1);
    assert_eq!(from(Outcome::SignInFailed, at(12 + 3600)), 300);
}

#[test]
fn a_year_of_the_worst_leaves_no_more_entries_than_the_setting_says() {
    let budget = budget(600);
    // An hour stands for all.
    let mut entries = 0;
    for second in 0..7200 {
        for n in 0..20 {
            let who = actor(Some(n), &format!("10.{}.{n}.1", second % 250));
            for outcome in [Outcome::Refused, Outcome::SignInFailed] {
                entries += usize::from(budget.admit(&who, outcome, at(second)));
            }
        }
    }
    assert!(entries <= 600 * 3, "{entries}: two hours, and what may come at once");
    assert!(budget.lock().debts.len() <= 600 * 4, "{}", budget.lock().debts.len());
}

#[test]
fn a_clock_that_is_set_back_stops_entries_for_no_longer_than_their_turn() {
    let (budget, one) = (budget(600), actor(Some(1), "192.0.2.1"));
    assert_eq!(recorded(&budget, &one, Outcome::Refused, at(0)), 60);
    assert_eq!(recorded(&budget, &one, Outcome::Refused, at(-100_000)), 0);
    assert!(recorded(&budget, &one, Outcome::Refused, at(-100_000 + 60)) <= 1);
    assert_eq!(recorded(&budget, &one, Outcome::Refused, at(3600)), 60);
}

#[test]
fn without_a_limit_every_refusal_is_recorded() {
    let (budget, one) = (budget(0), actor(Some(1), "192.0.2.1"));
    assert_eq!(recorded(&budget, &one, Outcome::Refused, at(0)), 100_000);
    assert_eq!(budget.take_summary(), None);
    assert!(budget.lock().debts.is_empty());
}

/// The texts of the summary's fields.
fn told(summary: &RefusalSummary) -> Vec<(&'static str, String)> {
    let entry = summary.entry(&actor(None, "192.0.2.1"), at(100));
    let text = |change: &FieldChange| match &change.after {
        Some(Value::Text(text)) => text.clone(),
        other => panic!("{other:?}"),
    };
    entry.changes.iter().map(|change| (change.field, text(change))).collect()
}

#[test]
fn those_that_are_not_recorded_are_summed_up_once() {
    let budget = budget(600);
    assert_eq!(budget.take_summary(), None);
    recorded(&budget, &actor(Some(1), "192.0.2.1"), Outcome::Refused, at(0));
    for n in 0..10 {
        budget.suppress(&actor(None, &format!("198.51.{n}.7")), Outcome::SignInFailed, at(30));
    }
    let summary = budget.take_summary().expect("a summary");
    let token = "01".repeat(16);
    let expected = [
        ("refused", "99940".to_owned()),
        ("sign_in_failed", "10".to_owned()),
        ("since", "2024-10-04T00:00:00Z".to_owned()),
        ("until", "2024-10-04T00:00:30Z".to_owned()),
        (
            "largest_sources",
            format!(
                "token {token}: 99940, network 198.51.0.0/24: 1, network 198.51.1.0/24: 1, \
                 network 198.51.2.0/24: 1, network 198.51.3.0/24: 1"
            ),
        ),
    ];
    assert_eq!(told(&summary), expected);
    assert_eq!(budget.take_summary(), None);
    budget.suppress(&actor(None, "198.51.0.7"), Outcome::SignInFailed, at(90));
    budget.put_back(summary);
    let both = budget.take_summary().expect("a summary");
    let expected = ["99940", "11", "2024-10-04T00:00:00Z", "2024-10-04T00:01:30Z"];
    let texts: Vec<_> = told(&both).into_iter().take(4).map(|(_, text)| text).collect();
    assert_eq!(texts, expected, "what could not be written is not lost");
}

#[test]
fn the_sources_that_are_counted_apart_are_bounded() {
    let budget = budget(1);
    for n in 0..5000_u32 {
        let address = format!("10.{}.{}.1", n / 250, n % 250);
        budget.suppress(&actor(None, &address), Outcome::SignInFailed, at(0));
    }
    let summary = budget.take_summary().expect("a summary");
    assert_eq!((summary.sign_in_failed, summary.sources.len()), (5000, MOST_SOURCES));
}
