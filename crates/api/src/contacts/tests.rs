use chrono::TimeDelta;

use super::*;

fn node() -> NodeId {
    "reg_cg2britepb7e977fpm8g".parse().expect("an identifier")
}

fn key(letter: char) -> AccessKeyId {
    AccessKeyId::try_from(letter.to_string().repeat(20)).expect("20 letters")
}

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds)
}

fn pull(contacts: &Contacts, address: u8, letter: char, seconds: i64) {
    let (node, key) = (node(), key(letter));
    let address = Some(IpAddr::from([192, 0, 2, address]));
    let (date, cursor, at) = ("Sun, 05 Mar 2023 16:05:31 GMT", seconds, at(seconds));
    contacts.accepted(&AcceptedPull { node: &node, key: &key, address, date, cursor, at });
}

fn pulls(contacts: &Contacts) -> (Option<i64>, Option<i64>) {
    let known = contacts.of(&node(), None).map(|known| known.pulls);
    let known = known.unwrap_or_default();
    let at = known.accepted_at.map(|at| at.timestamp());
    (at, known.interval.map(|interval| interval.num_seconds()))
}

fn agents(contacts: &Contacts) -> Vec<(String, i64, i64, Option<i64>)> {
    let all = contacts.agents(&node(), at(0), Vec::new()).into_iter();
    let told = all.map(|agent| {
        let interval = agent.interval.map(|interval| interval.num_seconds());
        let seen = (agent.first_seen_at.timestamp(), agent.last_seen_at.timestamp());
        (format!("{} {}", agent.address, &agent.key.to_string()[..1]), seen.0, seen.1, interval)
    });
    told.collect()
}

#[test]
fn the_interval_is_that_of_one_agent_and_not_of_two_that_take_turns() {
    let contacts = Contacts::default();
    assert_eq!(pulls(&contacts), (None, None));
    pull(&contacts, 1, 'a', 10);
    pull(&contacts, 2, 'a', 12);
    assert_eq!(pulls(&contacts), (Some(12), None));
    pull(&contacts, 1, 'a', 70);
    assert_eq!(pulls(&contacts), (Some(70), Some(60)));
    pull(&contacts, 2, 'a', 72);
    assert_eq!(pulls(&contacts), (Some(72), Some(60)));
    let one = ("192.0.2.1 a".to_owned(), 10, 70, Some(60));
    let other = ("192.0.2.2 a".to_owned(), 12, 72, Some(60));
    assert_eq!(agents(&contacts), [one, other]);
}

#[test]
fn two_pulls_at_once_and_one_after_a_day_tell_nothing_of_the_interval() {
    let contacts = Contacts::default();
    pull(&contacts, 1, 'a', 10);
    pull(&contacts, 1, 'a', 10);
    assert_eq!(pulls(&contacts), (Some(10), None));
    pull(&contacts, 1, 'a', 20);
    pull(&contacts, 1, 'a', 100_000);
    assert_eq!(pulls(&contacts), (Some(100_000), Some(10)));
    pull(&contacts, 1, 'a', 99_999);
    assert_eq!(pulls(&contacts), (Some(100_000), Some(10)), "a clock that was set back");
}

#[test]
fn one_long_gap_is_no_interval_and_two_are() {
    let contacts = Contacts::default();
    for (at, interval) in [
        (0, None),
        (60, Some(60)),
        (120, Some(60)),
        // It was away for hours.
        (72_000, Some(60)),
        (72_060, Some(60)),
        // Its interval was set to an hour.
        (75_660, Some(60)),
        (79_260, Some(3600)),
        // And back to a minute.
        (79_320, Some(60)),
    ] {
        pull(&contacts, 1, 'a', at);
        assert_eq!(pulls(&contacts), (Some(at), interval));
    }
}

/// How many nodes are written at this time, and how many uses of keys.
fn written(contacts: &Contacts, seconds: i64) -> (usize, usize) {
    let batches = contacts.lock().take_batches(at(seconds), at(seconds) - WRITTEN_EVERY);
    let sum = |count: fn(&Batch) -> usize| batches.iter().map(count).sum();
    (sum(|batch| batch.contacts.len()), sum(|batch| batch.uses.len()))
}

#[test]
fn news_is_written_at_once_and_that_a_node_pulled_again_now_and_then() {
    let contacts = Contacts::default();
    assert_eq!(written(&contacts, 0), (0, 0));
    pull(&contacts, 1, 'a', 1);
    assert_eq!(written(&contacts, 3), (1, 0), "the first pull");
    assert_eq!(written(&contacts, 4), (0, 0), "nothing came since");
    pull(&contacts, 1, 'a', 11);
    assert_eq!(written(&contacts, 17), (0, 1));
    assert_eq!(written(&contacts, 18), (1, 0), "fifteen seconds later");
    for (second, expected) in [(19, (1, 0)), (20, (0, 0))] {
        pull(&contacts, 2, 'a', second);
        assert_eq!(written(&contacts, second), expected, "another agent, once");
    }
    contacts.refused(&node(), at(21), PullRefusal::Signature);
    assert_eq!(written(&contacts, 21), (1, 0), "a refusal");
    pull(&contacts, 2, 'a', 22);
    assert_eq!(written(&contacts, 22), (1, 0), "the first pull behind it");
    pull(&contacts, 2, 'a', 23);
    assert_eq!(written(&contacts, 23), (0, 0));
    assert_eq!(written(&contacts, 37), (1, 1));
}

#[test]
fn what_could_not_be_written_is_due_at_once() {
    let contacts = Contacts::default();
    pull(&contacts, 1, 'a', 1);
    let batches = contacts.lock().take_batches(at(2), at(100));
    for batch in batches {
        contacts.lock().put_back(batch);
    }
    assert_eq!(written(&contacts, 3), (1, 1));
}

#[test]
fn a_key_tells_agents_of_one_address_apart() {
    let contacts = Contacts::default();
    pull(&contacts, 1, 'a', 10);
    pull(&contacts, 1, 'b', 11);
    assert_eq!(agents(&contacts).len(), 2);
    assert_eq!(contacts.use_of(&key('b')), Some(at(11)));
    assert_eq!(contacts.use_of(&key('c')), None);
}

#[test]
fn of_very_many_agents_those_that_pulled_last_are_known() {
    let contacts = Contacts::default();
    for address in 0..=64 {
        pull(&contacts, address, 'a', 10 + i64::from(address));
    }
    let known = agents(&contacts);
    assert_eq!(known.len(), 64);
    assert!(!known.iter().any(|(_, first, ..)| *first == 10), "the oldest is gone");
}

#[test]
fn a_refused_pull_is_known_beside_the_accepted_one() {
    let contacts = Contacts::default();
    contacts.refused(&node(), at(5), PullRefusal::ForeignKey);
    pull(&contacts, 1, 'a', 10);
    let known = contacts.of(&node(), None).map(|known| known.pulls).unwrap_or_default();
    assert_eq!(known.accepted_at, Some(at(10)));
    assert_eq!(known.refused, Some(RefusedPull { at: at(5), reason: PullRefusal::ForeignKey }));
    contacts.forget(at(11));
    assert!(contacts.of(&node(), None).is_some(), "it is not written yet");
}

#[test]
fn a_date_is_cut() {
    let long = "ä".repeat(100);
    for (date, expected) in
        [(&*long, &long[..128]), ("short", "short"), ("\0a\tb\u{85}\u{7f}", "ab")]
    {
        let (contacts, node, key) = (Contacts::default(), node(), key('a'));
        let pull =
            AcceptedPull { node: &node, key: &key, address: None, date, cursor: 0, at: at(1) };
        contacts.accepted(&pull);
        assert_eq!(
            contacts.of(&node, None).and_then(|known| known.date).as_deref(),
            Some(expected)
        );
    }
}
