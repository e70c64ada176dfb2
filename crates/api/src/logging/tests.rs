#![expect(clippy::unwrap_used, reason = "a pipe that fails should stop the test")]

use std::io::Read as _;
use std::os::fd::OwnedFd;
use std::thread;

use log::Level;

use super::*;

fn lines_to(writer: io::PipeWriter) -> Lines {
    let filter = env_filter::Builder::new().parse("warn,t=info").build();
    Lines { filter, stderr: OwnedFd::from(writer).into(), long: RwLock::new(()) }
}

fn say(lines: &Lines, level: Level, target: &str, text: &str) {
    let record =
        |args| lines.log(&Record::builder().level(level).target(target).args(args).build());
    record(format_args!("{text}"));
}

#[test]
fn lines_of_many_threads_stay_whole_in_a_pipe() {
    let (mut reader, writer) = io::pipe().unwrap();
    let lines = lines_to(writer);
    let texts = [('a', 10), ('b', 3900), ('c', 40_000)]
        .map(|(letter, length)| letter.to_string().repeat(length));
    let mut found = String::new();
    thread::scope(|scope| {
        let reading = scope.spawn(|| reader.read_to_string(&mut found));
        thread::scope(|scope| {
            for text in texts.iter().cycle().take(6) {
                let lines = &lines;
                scope.spawn(move || (0..50).for_each(|_| say(lines, Level::Info, "t", text)));
            }
        });
        drop(lines);
        reading.join().unwrap().unwrap();
    });
    for text in texts {
        let is_whole = |line: &&str| line[24..] == format!(" INFO - t: {text}");
        assert_eq!(found.lines().filter(is_whole).count(), 100, "{} bytes", text.len());
    }
    assert_eq!(found.lines().count(), 300);
}

#[test]
fn a_record_is_one_line_with_the_id_of_its_request_and_only_what_is_wanted_is_written() {
    let (mut reader, writer) = io::pipe().unwrap();
    let (lines, id) = (lines_to(writer), Uuid::from_u128(7));
    LogContext(Some(id)).run(|| say(&lines, Level::Info, "t", "one\ntwo\r\nthree"));
    say(&lines, Level::Debug, "t", "too much");
    say(&lines, Level::Info, "other", "too much");
    say(&lines, Level::Error, "other", "wanted");
    drop(lines);
    let mut found = String::new();
    reader.read_to_string(&mut found).unwrap();
    let rest: Vec<_> = found.lines().map(|line| &line[24..]).collect();
    let first = format!(" INFO {} t: one two  three", id.simple());
    assert_eq!(rest, [&*first, " ERROR - other: wanted"]);
    let time = &found[..24];
    assert!(chrono::DateTime::parse_from_rfc3339(time).is_ok() && time.ends_with('Z'), "{time}");
}
