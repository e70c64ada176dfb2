#![expect(clippy::unwrap_used, reason = "a pipe that fails should stop the test")]

use std::io::{BufRead as _, BufReader, Read as _};
use std::sync::mpsc::{Sender, channel};
use std::thread;

use env_logger::Logger;
use log::Log as _;

use super::*;

/// Longer than anything here takes, on a machine that is busy.
const LIMIT: Duration = Duration::from_mins(1);

fn logger(queue: &LineQueue) -> Logger {
    builder(queue.sender()).parse_filters("warn,t=info").build()
}

fn say(logger: &Logger, level: Level, target: &str, text: &str) {
    let record =
        |args| logger.log(&Record::builder().level(level).target(target).args(args).build());
    record(format_args!("{text}"));
}

/// A pipe whose reader is stopped until it is told to read on.
struct Gate {
    out: Sender<Vec<u8>>,
    open: std::sync::mpsc::Receiver<()>,
}

impl io::Write for Gate {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.open.recv().map_err(io::Error::other)?;
        self.out.send(bytes.to_vec()).map_err(io::Error::other)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn lines_of_many_threads_stay_whole_in_a_pipe() {
    let (reader, writer) = io::pipe().unwrap();
    let queue = LineQueue::start(writer, MOST_WAITING * 4).unwrap();
    let logger = logger(&queue);
    let texts = [('a', 10), ('b', 3900), ('c', 40_000)]
        .map(|(letter, length)| letter.to_string().repeat(length));
    let mut found = Vec::new();
    thread::scope(|scope| {
        let reading = scope.spawn(|| BufReader::new(reader).lines().take(300).collect::<Vec<_>>());
        thread::scope(|scope| {
            for text in texts.iter().cycle().take(6) {
                let logger = &logger;
                scope.spawn(move || (0..50).for_each(|_| say(logger, Level::Info, "t", text)));
            }
        });
        found = reading.join().unwrap().into_iter().map(Result::unwrap).collect();
    });
    for text in texts {
        let is_whole = |line: &&String| line[24..] == format!(" INFO - t: {text}");
        assert_eq!(found.iter().filter(is_whole).count(), 100, "{} bytes", text.len());
    }
}

#[test]
fn a_record_is_one_line_with_the_id_of_its_request_and_only_what_is_wanted_is_written() {
    let (reader, writer) = io::pipe().unwrap();
    let queue = LineQueue::start(writer, MOST_WAITING).unwrap();
    let (logger, id) = (logger(&queue), Uuid::from_u128(7));
    LogContext(Some(id)).run(|| say(&logger, Level::Info, "t", "one\ntwo\r\nthree"));
    say(&logger, Level::Debug, "t", "too much");
    say(&logger, Level::Info, "other", "too much");
    say(&logger, Level::Error, "other", "wanted");
    assert!(queue.wait_until_written(LIMIT));
    let found: Vec<_> = BufReader::new(reader).lines().take(2).map(Result::unwrap).collect();
    let rest: Vec<_> = found.iter().map(|line| &line[24..]).collect();
    let first = format!(" INFO {} t: one two  three", id.simple());
    assert_eq!(rest, [&*first, " ERROR - other: wanted"]);
    let time = &found[0][..24];
    assert!(chrono::DateTime::parse_from_rfc3339(time).is_ok() && time.ends_with('Z'), "{time}");
}

#[test]
fn lines_that_are_not_read_are_dropped_and_counted_and_hold_nothing_up() {
    let (out, written) = channel();
    let (open, opened) = channel();
    let queue = LineQueue::start(Gate { out, open: opened }, 1000).unwrap();
    let logger = logger(&queue);
    // Whether the first lines are taken together or not, more than the queue holds are left.
    for number in 0..100 {
        say(&logger, Level::Info, "t", &format!("line {number:03} {}", "x".repeat(60)));
    }
    assert!(!queue.wait_until_written(Duration::ZERO));
    (0..100).for_each(|_| open.send(()).unwrap());
    assert!(queue.wait_until_written(LIMIT));
    say(&logger, Level::Info, "t", "afterwards");
    assert!(queue.wait_until_written(LIMIT));
    let text = written.try_iter().flatten().collect();
    let text = String::from_utf8(text).unwrap();
    let count = |part: &str| text.lines().filter(|line| line.contains(part)).count();
    let told = text.lines().find(|line| line.contains(" log lines were dropped")).unwrap();
    assert!(told.contains(" WARN - cadastre_api::logging::queue: "), "{told}");
    let dropped: usize = told.split(' ').nth(4).unwrap().parse().unwrap();
    assert!(dropped >= 70, "{told}");
    assert_eq!(count("line ") + dropped, 100, "{text}");
    assert_eq!(count("afterwards"), 1, "{text}");
}

#[test]
fn the_end_does_not_wait_for_lines_that_are_not_read() {
    let (mut reader, writer) = io::pipe().unwrap();
    let queue = LineQueue::start(writer, MOST_WAITING).unwrap();
    let much = "x".repeat(1024 * 1024);
    queue.push(much.as_bytes());
    assert!(!queue.wait_until_written(Duration::from_millis(10)));
    let mut found = vec![0; much.len()];
    reader.read_exact(&mut found).unwrap();
    assert!(queue.wait_until_written(LIMIT));
    assert!(found.iter().all(|byte| *byte == b'x'));
}
