use cadastre_storage::{Bodies, Newest};
use cadastre_testkit::sample;

use super::*;

fn node() -> ModelNode {
    ModelNode {
        node: sample::node(),
        keys: Vec::new(),
        update_time: 0,
        newest: Newest::default(),
        last_run: 0,
        bodies: Bodies::default(),
    }
}

fn open(streams: &Streams) -> Receiver<Bytes> {
    streams.open(&node(), &sample::access_key().id).expect("there is room")
}

/// Tells of a run with so many events behind another one.
fn tell(streams: &Streams, after: i64, number: i64, count: usize) {
    let events = vec![Bytes::from(number.to_string()); count];
    let key = sample::access_key().id;
    streams.tell_run(&sample::node().id, &key, after, &Run { number, events });
}

/// The runs of the events that wait, and how many of each there are.
fn told(events: &mut Receiver<Bytes>) -> Vec<(String, usize)> {
    let mut told: Vec<(String, usize)> = Vec::new();
    while let Ok(event) = events.try_recv() {
        let run = String::from_utf8_lossy(&event).into_owned();
        match told.last_mut() {
            Some((last, count)) if *last == run => *count += 1,
            _ => told.push((run, 1)),
        }
    }
    told
}

#[test]
fn a_run_that_does_not_fit_is_told_later_as_a_whole_and_none_before_it() {
    let streams = Streams::default();
    let mut events = open(&streams);
    tell(&streams, 0, 1, 10);
    tell(&streams, 1, 2, 7);
    tell(&streams, 2, 3, 1);
    let is_due = || streams.lock().values().all(Stream::has_room);
    assert!(!is_due(), "nothing is read for it until there is room");
    assert_eq!(told(&mut events), [("1".to_owned(), 10)]);
    assert!(is_due());
    tell(&streams, 1, 2, 7);
    tell(&streams, 2, 3, 1);
    tell(&streams, 2, 3, 1);
    assert_eq!(told(&mut events), [("2".to_owned(), 7), ("3".to_owned(), 1)]);
    // All tasks of a run may be gone, or all runs forgotten.
    tell(&streams, 3, 9, 0);
    tell(&streams, 9, 10, 1);
    assert_eq!(told(&mut events), [("10".to_owned(), 1)]);
    assert_eq!(streams.len(), 1, "it was not cut off");
}

#[test]
fn an_agent_that_is_behind_is_not_told_what_comes_later_first() {
    let streams = Streams::default();
    let mut slow = open(&streams);
    let mut quick = open(&streams);
    tell(&streams, 0, 1, WAITING);
    assert_eq!(told(&mut quick), [("1".to_owned(), WAITING)]);
    tell(&streams, 1, 2, 1);
    assert_eq!(told(&mut quick), [("2".to_owned(), 1)]);
    assert_eq!(told(&mut slow), [("1".to_owned(), WAITING)]);
    // Read for the one that knows the second run.
    tell(&streams, 2, 3, 1);
    assert_eq!(told(&mut slow), []);
    tell(&streams, 1, 2, 1);
    tell(&streams, 2, 3, 1);
    assert_eq!(told(&mut slow), [("2".to_owned(), 1), ("3".to_owned(), 1)]);
    assert_eq!(told(&mut quick), [("3".to_owned(), 1)]);
}
