//! How often an address may try tokens out.

use std::net::Ipv4Addr;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use super::*;
use crate::clock::Clock;

const HERE: IpAddr = IpAddr::V4(Ipv4Addr::new(203, 0, 113, 5));
const THERE: IpAddr = IpAddr::V4(Ipv4Addr::new(203, 0, 113, 6));

fn limit(number: u32) -> WrongTokens {
    WrongTokens::new(NonZeroU32::new(number), Clock::System.monotonic())
}

fn at(seconds: f64) -> Duration {
    Duration::from_secs_f64(seconds)
}

/// Counts until one is too many; how many there were before, and how long it has to wait.
fn use_up(limit: &WrongTokens, from: IpAddr, now: Duration) -> (usize, u64) {
    let mut counted = 0;
    loop {
        match limit.count_at(from, now) {
            None => counted += 1,
            Some(wait) => return (counted, wait),
        }
    }
}

#[test]
fn so_many_may_come_at_once_and_then_one_after_the_other() {
    let limit = limit(20);
    assert_eq!(use_up(&limit, HERE, at(100.0)), (20, 3));
    assert_eq!(use_up(&limit, HERE, at(100.5)), (0, 3));
    assert_eq!(use_up(&limit, HERE, at(102.1)), (0, 1));
    assert_eq!(use_up(&limit, HERE, at(103.0)), (1, 3));
    assert_eq!(use_up(&limit, HERE, at(112.0)).0, 3);
}

#[test]
fn after_a_minute_everything_is_forgiven() {
    let limit = limit(20);
    use_up(&limit, HERE, at(0.0));
    assert_eq!(use_up(&limit, HERE, at(60.0)).0, 20);
}

#[test]
fn those_that_are_too_many_cost_nothing() {
    let limit = limit(1);
    assert_eq!(use_up(&limit, HERE, at(0.0)), (1, 60));
    for _ in 0..1000 {
        assert_eq!(limit.count_at(HERE, at(59.0)), Some(1));
    }
    assert_eq!(use_up(&limit, HERE, at(60.0)), (1, 60));
}

#[test]
fn of_any_number_that_come_at_once_no_more_pass_than_the_limit() {
    let limit = limit(20);
    let passed = std::thread::scope(|scope| {
        let count = || (0..1000).filter(|_| limit.count_at(HERE, at(0.0)).is_none()).count();
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(count)).collect();
        threads.into_iter().map(|thread| thread.join().expect("no panic")).sum::<usize>()
    });
    assert_eq!(passed, 20);
}

#[test]
fn an_address_does_not_answer_for_another() {
    let limit = limit(5);
    use_up(&limit, HERE, at(0.0));
    assert_eq!(use_up(&limit, THERE, at(0.0)).0, 5);
}

#[test]
fn a_network_of_ipv6_is_one_and_an_address_of_ipv4_is_one_in_any_clothes() {
    let limit = limit(5);
    let parse = |text: &str| text.parse::<IpAddr>().expect("an address");
    use_up(&limit, parse("2001:db8:1:2::1"), at(0.0));
    assert!(limit.count_at(parse("2001:db8:1:2:ffff:ffff:ffff:ffff"), at(0.0)).is_some());
    assert!(limit.count_at(parse("2001:db8:1:3::1"), at(0.0)).is_none());
    use_up(&limit, HERE, at(0.0));
    assert!(limit.count_at(parse("::ffff:203.0.113.5"), at(0.0)).is_some());
    assert!(limit.count_at(parse("::ffff:203.0.113.6"), at(0.0)).is_none());
}

#[test]
fn without_a_limit_nothing_is_kept() {
    let limit = limit(0);
    for _ in 0..1000 {
        assert_eq!(limit.count_at(HERE, at(0.0)), None);
    }
    assert_eq!(remembered(&limit), 0);
}

/// How many addresses there are of which something is remembered.
fn remembered(limit: &WrongTokens) -> usize {
    let debts = limit.debts();
    debts.new.len() + debts.old.len()
}

#[test]
fn a_debt_is_remembered_for_as_long_as_it_is_owed() {
    for start in 0..60 {
        let limit = limit(20);
        // A token is tried every second, so that what is old is forgotten as soon as can be.
        let pass = |seconds: std::ops::Range<u8>| {
            for second in seconds {
                let from = Ipv4Addr::new(192, 0, 2, second).into();
                assert_eq!(limit.count_at(from, at(f64::from(second))), None);
            }
        };
        pass(0..start);
        assert_eq!(use_up(&limit, HERE, at(f64::from(start))).0, 20);
        pass(start..start + 59);
        assert_eq!(use_up(&limit, HERE, at(f64::from(start + 59))).0, 19, "{start}");
    }
}

#[test]
fn what_is_remembered_is_bounded_and_the_oldest_is_forgotten_first() {
    let limit = limit(1);
    let address = |n: usize| IpAddr::from(u32::try_from(n).expect("a small number").to_be_bytes());
    for n in 0..MOST * 2 {
        assert_eq!(limit.count_at(address(n), at(0.0)), None);
        assert!(remembered(&limit) <= MOST);
    }
    for n in MOST * 3 / 2..MOST * 2 {
        assert_eq!(limit.count_at(address(n), at(0.0)), Some(60));
    }
    assert_eq!(limit.count_at(address(0), at(0.0)), None);
    for minute in 1..4 {
        assert_eq!(limit.count_at(HERE, at(60.0 * f64::from(minute))), None);
    }
    assert_eq!(remembered(&limit), 2, "the same address in two minutes");
}

#[test]
fn time_is_measured_by_the_clock_that_it_is_given() {
    let time = Arc::new(Mutex::new(DateTime::<Utc>::UNIX_EPOCH));
    let limit = WrongTokens::new(NonZeroU32::new(2), Clock::Set(Arc::clone(&time)).monotonic());
    assert_eq!([limit.count(HERE), limit.count(HERE)], [None, None]);
    assert_eq!(limit.count(HERE), Some(30));
    *time.lock().expect("a time") += TimeDelta::seconds(30);
    assert_eq!(limit.count(HERE), None);
}
