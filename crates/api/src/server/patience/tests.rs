//! When the server gives up, for every moment of a connection.

use std::sync::Arc;

use super::*;
use crate::config::{DoorConfig, DoorOptions};
use crate::server::connections::ConnectionTable;

const HEAD: Duration = Duration::from_secs(5);
const IDLE: Duration = Duration::from_secs(75);

/// A server with room for one connection.
fn table() -> Arc<ConnectionTable> {
    let options = DoorOptions { max_connections: Some("1".to_owned()), ..DoorOptions::default() };
    Arc::new(ConnectionTable::new(&DoorConfig::new(&options).expect("good options")))
}

/// A connection that was accepted at this moment.
fn accepted_by(table: &Arc<ConnectionTable>, now: Instant) -> Rc<Patience> {
    let admission = table.admit(None, now).expect("there is room");
    Rc::new(Patience::new(HEAD, IDLE, now, admission))
}

/// The same with an answer that its client does not take.
fn unread(table: &Arc<ConnectionTable>, now: Instant) -> Rc<Patience> {
    let patience = accepted_by(table, now);
    patience.rest(now);
    patience.set_full(true, now);
    patience
}

/// A connection that was accepted at this moment, the only one of its server.
fn accepted(now: Instant) -> Rc<Patience> {
    accepted_by(&table(), now)
}

/// Whether the only connection of this server makes room for one that comes then.
fn makes_room(table: &Arc<ConnectionTable>, then: Instant) -> bool {
    !table.admit(None, then).expect("there is a place").connection().is_in_reserve()
}

fn seconds(number: u64) -> Duration {
    Duration::from_secs(number)
}

#[test]
fn the_first_head_counts_from_the_beginning_however_much_is_said() {
    let now = Instant::now();
    let patience = accepted(now);
    for second in 0..5 {
        patience.heard(now + seconds(second));
    }
    assert_eq!(patience.end(), Some(now + HEAD + GRACE));
}

#[test]
fn nothing_is_waited_for_while_a_handler_works() {
    let now = Instant::now();
    let patience = accepted(now);
    let working = patience.work();
    patience.heard(now);
    patience.said(1, now);
    assert_eq!(patience.end(), None);
    drop(working);
    assert!(patience.end().is_some());
}

#[test]
fn a_connection_may_be_idle_until_the_next_head_begins() {
    let now = Instant::now();
    let patience = accepted(now);
    patience.rest(now);
    assert_eq!(patience.end(), Some(now + IDLE + GRACE));
    patience.heard(now + seconds(60));
    assert_eq!(patience.end(), Some(now + seconds(60) + HEAD + GRACE));
    patience.heard(now + seconds(64));
    assert_eq!(patience.end(), Some(now + seconds(60) + HEAD + GRACE));
}

#[test]
fn a_client_that_takes_its_answer_is_given_time() {
    let now = Instant::now();
    let patience = accepted(now);
    patience.rest(now);
    patience.said(1, now + seconds(70));
    assert_eq!(patience.end(), Some(now + seconds(70) + IDLE + GRACE));
}

#[test]
fn a_handler_that_panics_does_not_keep_the_connection_open() {
    let patience = accepted(Instant::now());
    let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let _working = patience.work();
        std::panic::resume_unwind(Box::new(()));
    }));
    assert!(caught.is_err());
    assert!(patience.end().is_some());
}

#[test]
fn a_client_that_takes_nothing_makes_room_after_as_long_as_one_may_be_idle() {
    let now = Instant::now();
    let table = table();
    let _patience = unread(&table, now);
    assert!(!makes_room(&table, now + IDLE));
    assert!(makes_room(&table, now + IDLE + GRACE));
}

#[test]
fn a_client_that_takes_a_few_bytes_now_and_then_makes_room_nevertheless() {
    let now = Instant::now();
    let table = table();
    let patience = unread(&table, now);
    // A kilobyte a second, for which others wait, and the next request when it has all of it.
    for second in 1..75 {
        patience.said(1024, now + seconds(second));
        patience.set_full(second % 10 != 0, now + seconds(second));
        patience.set_full(true, now + seconds(second));
        assert!(!makes_room(&table, now + seconds(second)), "{second}");
    }
    patience.said(1024, now + seconds(75));
    assert!(patience.end() > Some(now + seconds(150)), "it is not closed if there is room");
    assert!(makes_room(&table, now + seconds(82)));
}

#[test]
fn a_client_that_takes_its_answer_fast_enough_does_not_make_room_however_long_it_is() {
    let now = Instant::now();
    let table = table();
    let patience = unread(&table, now);
    for second in (10..10_000).step_by(10) {
        patience.said(10 * 16 * 1024, now + seconds(second));
        assert!(!makes_room(&table, now + seconds(second)), "{second}");
    }
    // It has as much time as at first, and not more.
    assert!(!makes_room(&table, now + seconds(9_990) + IDLE));
    assert!(makes_room(&table, now + seconds(9_990) + IDLE + GRACE));
}

#[test]
fn a_stream_that_is_not_read_makes_room_as_an_answer_does() {
    let now = Instant::now();
    let table = table();
    let patience = accepted_by(&table, now);
    patience.rest(now);
    let _streaming = patience.stream();
    assert!(!makes_room(&table, now + 10 * IDLE));
    patience.set_full(true, now + 10 * IDLE);
    assert!(!makes_room(&table, now + 11 * IDLE));
    assert!(makes_room(&table, now + 11 * IDLE + GRACE));
}
