//! Who makes room for whom.

use std::sync::atomic::AtomicUsize;
use std::task::{Wake, Waker};

use super::*;
use crate::config::DoorOptions;

/// A table with room for so many connections, and so many of one address.
fn table(bound: usize, of_address: usize) -> Arc<ConnectionTable> {
    let options = DoorOptions {
        max_connections: Some(bound.to_string()),
        max_connections_per_address: Some(of_address.to_string()),
        trusted_proxies: Some("192.0.2.0/24".to_owned()),
        ..DoorOptions::default()
    };
    Arc::new(ConnectionTable::new(&DoorConfig::new(&options).expect("good options")))
}

/// Addresses that count as one each.
fn address(number: u8) -> IpAddr {
    Ipv4Addr::new(198, 51, 100, number).into()
}

/// Connections that come one after the other, a second each.
struct Course {
    table: Arc<ConnectionTable>,
    second: u64,
}

impl Course {
    fn of(table: &Arc<ConnectionTable>) -> Self {
        Self { table: Arc::clone(table), second: 0 }
    }

    fn now(&mut self) -> Instant {
        self.second += 1;
        self.table.start + Duration::from_secs(self.second)
    }

    fn try_admit(&mut self, peer: IpAddr) -> Option<Admission> {
        let now = self.now();
        self.table.admit(Some(peer), now)
    }

    fn admit(&mut self, peer: IpAddr) -> Admission {
        self.try_admit(peer).expect("there is room")
    }

    fn busy(&mut self, peer: IpAddr) -> Admission {
        let admission = self.admit(peer);
        admission.work();
        admission
    }
}

/// Which of these have to make room.
fn leaving<'a>(connections: impl IntoIterator<Item = &'a Admission>) -> Vec<bool> {
    connections.into_iter().map(|connection| connection.connection().is_leaving()).collect()
}

/// How many there are, and how many of them have to make room.
fn counts(table: &ConnectionTable) -> (usize, usize) {
    let state = table.lock();
    (state.count, state.leaving)
}

#[test]
fn the_connection_that_is_idle_longest_makes_room() {
    let table = table(4, 0);
    let mut course = Course::of(&table);
    let four: Vec<_> = (0..4).map(|number| course.admit(address(number))).collect();
    four[0].work();
    four[0].connection().rest(course.now());
    let fifth = course.admit(address(9));
    assert_eq!(leaving(four.iter().chain([&fifth])), [false, true, false, false, false]);
    let sixth = course.admit(address(9));
    assert_eq!(leaving(four.iter().chain([&sixth])), [false, true, true, false, false]);
    drop(four);
    assert!([&fifth, &sixth].iter().all(|one| !one.connection().is_in_reserve()));
    assert_eq!(counts(&table), (2, 0));
    drop((fifth, sixth));
    let state = table.lock();
    assert!(state.served.is_empty() && state.count == 0);
}

#[test]
fn among_very_many_the_order_is_kept_from_search_to_search() {
    let table = table(640, 0);
    let mut course = Course::of(&table);
    let many: Vec<_> = (0..640).map(|_| course.admit(address(1))).collect();
    for gone in 0..30 {
        let new = course.admit(address(2));
        let leaving = leaving(&many);
        assert!(leaving[..=gone].iter().all(|leaving| *leaving), "{gone}");
        assert!(!leaving[gone + 1..].contains(&true), "{gone}");
        // It asks something and goes on.
        new.work();
        std::mem::forget(new);
    }
}

#[test]
fn a_busy_connection_never_makes_room_and_beyond_those_only_probes_are_served() {
    let table = table(2, 0);
    let mut course = Course::of(&table);
    let busy = [course.busy(address(1)), course.busy(address(2))];
    let third = course.admit(address(3));
    assert!(third.connection().is_in_reserve() && third.serves_probes_only());
    assert_eq!(leaving(&busy), [false, false]);
    // As soon as one of them is idle, the third takes its place.
    busy[1].connection().rest(course.now());
    assert!(!third.serves_probes_only() && !third.connection().is_in_reserve());
    assert_eq!(leaving(&busy), [false, true]);
    drop(busy);
    drop(third);
    assert_eq!(counts(&table), (0, 0));
}

#[test]
fn a_request_that_comes_in_time_is_served_and_another_connection_makes_room() {
    let table = table(2, 0);
    let mut course = Course::of(&table);
    let [first, second] = [course.admit(address(1)), course.admit(address(2))];
    let third = course.busy(address(3));
    assert_eq!(leaving([&first, &second]), [true, false]);
    first.work();
    assert_eq!(leaving([&first, &second]), [false, false]);
    let fourth = course.admit(address(4));
    assert!(second.connection().is_leaving());
    assert!(fourth.connection().is_in_reserve(), "there is one more than there may be");
    drop((first, third));
    assert!(!fourth.serves_probes_only());
}

#[test]
fn an_address_has_no_more_than_its_share_and_makes_room_for_itself() {
    let table = table(100, 3);
    let mut course = Course::of(&table);
    let other = course.admit(address(1));
    let three: Vec<_> = (0..3).map(|_| course.admit(address(2))).collect();
    let fourth = course.admit(address(2));
    assert_eq!(leaving(three.iter().chain([&other])), [true, false, false, false]);
    for one in three.iter().skip(1).chain([&fourth]) {
        one.work();
    }
    let fifth = course.admit(address(2));
    assert!(fifth.serves_probes_only());
    assert!(!course.admit(address(3)).connection().is_in_reserve());
    assert!(!other.connection().is_leaving());
}

#[test]
fn a_network_of_ipv6_is_one_address_and_a_trusted_proxy_has_no_bound() {
    let table = table(100, 2);
    let mut course = Course::of(&table);
    let of_network =
        |last: u16| IpAddr::V6(std::net::Ipv6Addr::new(0x2001, 0xdb8, 0, 1, 0, 0, 0, last));
    let two = [course.busy(of_network(1)), course.busy(of_network(2))];
    let third = course.admit(of_network(3));
    assert!(third.connection().is_in_reserve());
    let proxy: IpAddr = [192, 0, 2, 7].into();
    let many: Vec<_> = (0..50).map(|_| course.busy(proxy)).collect();
    let mapped = IpAddr::V6(Ipv4Addr::new(192, 0, 2, 7).to_ipv6_mapped());
    assert!(!course.busy(mapped).connection().is_in_reserve());
    drop((two, many));
}

#[test]
fn the_reserve_is_bounded_and_one_address_does_not_have_it_all() {
    let table = table(1, 0);
    let mut course = Course::of(&table);
    let busy = course.busy(address(1));
    let own: Vec<_> = (0..RESERVE_OF_ADDRESS).map(|_| course.admit(address(1))).collect();
    let next = course.admit(address(1));
    assert_eq!(leaving(&own), [true, false, false, false]);
    drop((own, next));
    let all: Vec<_> = (0..RESERVE)
        .map(|number| course.busy(address(u8::try_from(number).unwrap_or_default() + 2)))
        .collect();
    assert!(course.try_admit(address(99)).is_none());
    all[7].connection().rest(course.now());
    let last = course.admit(address(99));
    assert!(all[7].connection().is_leaving() && last.connection().is_in_reserve());
    drop((busy, all));
    assert!(!last.serves_probes_only());
}

#[test]
fn a_connection_that_has_to_make_room_is_woken() {
    struct Count(AtomicUsize);
    impl Wake for Count {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }
    let table = table(1, 0);
    let mut course = Course::of(&table);
    let first = course.admit(address(1));
    let count = Arc::new(Count(AtomicUsize::new(0)));
    let waker = Waker::from(Arc::clone(&count));
    assert!(first.connection().poll_leaving(&Context::from_waker(&waker)).is_pending());
    let _second = course.admit(address(2));
    assert_eq!(count.0.load(Ordering::SeqCst), 1);
    assert!(first.connection().poll_leaving(&Context::from_waker(&waker)).is_ready());
}
