//! When the server gives up, for every moment of a connection.

use std::sync::Arc;

use super::*;
use crate::config::{DoorConfig, DoorOptions};
use crate::server::connections::ConnectionTable;

const HEAD: Duration = Duration::from_secs(5);
const IDLE: Duration = Duration::from_secs(75);

/// The only connection of its server.
fn admission(now: Instant) -> Admission {
    let door = DoorConfig::new(&DoorOptions::default()).expect("the defaults are accepted");
    Arc::new(ConnectionTable::new(&door)).admit(None, now).expect("there is room")
}

/// A connection that was accepted at this moment.
fn accepted(now: Instant) -> Rc<Patience> {
    Rc::new(Patience::new(HEAD, IDLE, now, admission(now)))
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
    patience.said(now);
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
    patience.said(now + seconds(70));
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
