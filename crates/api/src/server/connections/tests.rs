//! Who makes room for whom.

use std::sync::atomic::AtomicUsize;
use std::task::{Wake, Waker};

use proptest::prelude::*;

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

    /// It is idle from now on.
    fn rest(&mut self, connection: &Admission) {
        connection.rest_from(self.now());
    }

    fn serves_probes_only(&mut self, connection: &Admission) -> bool {
        connection.serves_probes_only(self.now())
    }
}

/// Which of these have to make room.
fn leaving<'a>(connections: impl IntoIterator<Item = &'a Admission>) -> Vec<bool> {
    connections.into_iter().map(|connection| connection.connection().is_leaving()).collect()
}

/// How many there are, and how many of them have to make room.
fn counts(table: &ConnectionTable) -> (usize, usize) {
    let state = table.lock();
    (state.served.count, state.served.leaving)
}

#[test]
fn the_connection_that_is_idle_longest_makes_room() {
    let table = table(4, 0);
    let mut course = Course::of(&table);
    let four: Vec<_> = (0..4).map(|number| course.admit(address(number))).collect();
    four[0].work();
    course.rest(&four[0]);
    let fifth = course.admit(address(9));
    assert_eq!(leaving(four.iter().chain([&fifth])), [false, true, false, false, false]);
    let sixth = course.admit(address(9));
    assert_eq!(leaving(four.iter().chain([&sixth])), [false, true, true, false, false]);
    drop(four);
    assert!([&fifth, &sixth].iter().all(|one| !one.connection().is_in_reserve()));
    assert_eq!(counts(&table), (2, 0));
    drop((fifth, sixth));
    let state = table.lock();
    assert!(state.by_address.is_empty() && state.served.order.is_empty());
}

#[test]
fn among_very_many_the_order_is_kept() {
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
    assert!(third.connection().is_in_reserve() && course.serves_probes_only(&third));
    assert_eq!(leaving(&busy), [false, false]);
    // As soon as one of them is idle, the third takes its place.
    course.rest(&busy[1]);
    assert!(!course.serves_probes_only(&third) && !third.connection().is_in_reserve());
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
    assert!(!course.serves_probes_only(&fourth));
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
    assert!(course.serves_probes_only(&fifth));
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
    let now = course.now();
    let all: Vec<_> = (0..RESERVE)
        .map(|number| {
            let number = u8::try_from(number).unwrap_or_default();
            let admission = table.admit(Some(address(number + 2)), now).expect("there is room");
            admission.work();
            admission
        })
        .collect();
    assert!(course.try_admit(address(99)).is_none());
    course.rest(&all[7]);
    let last = course.admit(address(99));
    assert!(all[7].connection().is_leaving() && last.connection().is_in_reserve());
    drop((busy, all));
    assert!(!course.serves_probes_only(&last));
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

#[test]
fn where_all_are_busy_there_is_nothing_to_search_until_one_rests() {
    let table = table(100, 50);
    let mut course = Course::of(&table);
    let busy: Vec<_> = (0..100).map(|number| course.busy(address(number % 2))).collect();
    assert!(course.admit(address(3)).connection().is_in_reserve());
    assert!(course.admit(address(0)).connection().is_in_reserve());
    assert!(course.admit(address(1)).connection().is_in_reserve());
    let places = |table: &ConnectionTable| {
        let state = table.lock();
        let of_address = state.by_address.values().map(|queue| queue.order.len()).sum::<usize>();
        (state.served.order.len(), of_address)
    };
    assert_eq!(places(&table), (0, 0));
    course.rest(&busy[7]);
    assert_eq!(places(&table), (1, 1));
    assert!(!course.admit(address(3)).connection().is_in_reserve());
    assert!(busy[7].connection().is_leaving());
}

#[test]
fn a_client_that_takes_its_answer_too_slowly_makes_room_and_the_slowest_does_first() {
    let table = table(3, 0);
    let mut course = Course::of(&table);
    let slow: Vec<_> = (1..4).map(|number| course.busy(address(number))).collect();
    let now = course.now();
    for (connection, seconds) in slow.iter().zip([30, 20, 40]) {
        connection.rest_from(now + Duration::from_secs(seconds));
    }
    assert!(course.admit(address(9)).connection().is_in_reserve());
    assert_eq!(leaving(&slow), [false; 3]);
    course.second += 20;
    let first = course.busy(address(9));
    assert!(!first.connection().is_in_reserve());
    assert_eq!(leaving(&slow), [false, true, false]);
    // This one has taken some of its answer meanwhile.
    slow[0].rest_from(now + Duration::from_secs(50));
    course.second += 20;
    let second = course.busy(address(9));
    assert!(!second.connection().is_in_reserve());
    assert_eq!(leaving(&slow), [false, true, true]);
    // And now all of it.
    course.rest(&slow[0]);
    assert!(!course.busy(address(9)).connection().is_in_reserve());
    assert_eq!(leaving(&slow), [true; 3]);
}

#[test]
fn a_place_in_the_reserve_is_held_for_some_seconds_at_most() {
    let table = table(1, 0);
    let mut course = Course::of(&table);
    let _busy = course.busy(address(1));
    let start = course.now();
    let probes: Vec<_> = (0..RESERVE)
        .map(|number| {
            let number = u8::try_from(number).unwrap_or_default();
            let probe = table.admit(Some(address(number + 2)), start).expect("there is room");
            probe.work();
            probe
        })
        .collect();
    probes[1].rest_from(start + Duration::from_mins(1));
    let later = |seconds| table.admit(Some(address(99)), start + Duration::from_secs(seconds));
    assert!(later(4).is_none());
    let next = later(5).expect("one of them makes room");
    assert!(next.connection().is_in_reserve());
    assert_eq!(leaving(&probes).iter().filter(|leaving| **leaving).count(), 1);
}

/// What happens to connections.
#[derive(Debug, Clone, Copy)]
enum Event {
    /// One comes from this address.
    Comes(u8),
    Works(usize),
    /// It is idle so many seconds later.
    Rests(usize, u64),
    Goes(usize),
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        4 => (0_u8..3).prop_map(Event::Comes),
        2 => any::<usize>().prop_map(Event::Works),
        2 => (any::<usize>(), 0_u64..9).prop_map(|(which, later)| Event::Rests(which, later)),
        1 => any::<usize>().prop_map(Event::Goes),
    ]
}

/// A connection, and what is to be known of it, by seconds.
struct ModelConnection {
    admission: Admission,
    address: u8,
    idle_from: Option<u64>,
    is_leaving: bool,
}

/// Has others make room until fewer stay than the bound says; whether that was possible. The oldest
/// come first.
fn make_room(
    all: &mut [ModelConnection],
    bound: usize,
    now: u64,
    counts: impl Fn(&ModelConnection) -> bool,
) -> bool {
    let mut staying: Vec<_> = all.iter_mut().filter(|one| counts(one) && !one.is_leaving).collect();
    let surplus = (staying.len() + 1).saturating_sub(bound);
    staying.retain(|one| one.idle_from.is_some_and(|from| from <= now));
    staying.sort_by_key(|one| one.idle_from);
    let is_enough = staying.len() >= surplus;
    staying.into_iter().take(surplus).for_each(|one| one.is_leaving = true);
    is_enough
}

proptest! {
    #[test]
    fn whatever_happens_the_longest_idle_makes_room(
        events in prop::collection::vec(event(), 1..200),
    ) {
        let (bound, of_address) = (6, 4);
        let table = table(bound, of_address);
        let mut course = Course::of(&table);
        let mut known: Vec<ModelConnection> = Vec::new();
        for event in events {
            let time = course.now();
            let (now, number) = (course.second, known.len().max(1));
            match event {
                Event::Comes(from) => {
                    let admission = table.admit(Some(address(from)), time);
                    let has_room =
                        make_room(&mut known, of_address, now, |one| one.address == from)
                            && make_room(&mut known, bound, now, |_| true);
                    let Some(admission) = admission else { continue };
                    prop_assert_eq!(!admission.connection().is_in_reserve(), has_room);
                    if has_room {
                        let idle_from = Some(now);
                        known.push(ModelConnection { admission, address: from, idle_from, is_leaving: false });
                    }
                }
                Event::Works(which) => {
                    if let Some(one) = known.get_mut(which % number) {
                        one.admission.work();
                        (one.idle_from, one.is_leaving) = (None, false);
                    }
                }
                Event::Rests(which, later) => {
                    if let Some(one) = known.get_mut(which % number) {
                        one.admission.rest_from(time + Duration::from_secs(later));
                        (one.idle_from, one.is_leaving) = (Some(now + later), false);
                    }
                }
                Event::Goes(which) => {
                    if !known.is_empty() {
                        known.remove(which % number);
                    }
                }
            }
            let expected: Vec<_> = known.iter().map(|one| one.is_leaving).collect();
            prop_assert_eq!(leaving(known.iter().map(|one| &one.admission)), expected);
        }
        drop(known);
        prop_assert_eq!(counts(&table), (0, 0));
    }
}
