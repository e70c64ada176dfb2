//! What one request costs the real program, whatever stands in it: memory, and the answer.

mod bodies;
mod world;

use std::{fs, io};

use cadastre_testkit::databases;

use crate::support::Place;
use bodies::Hostile;
use world::World;

/// By how much one request may raise the memory of a server: 20 MB.
const MOST_KIB: u64 = 20_000_000 / 1024;

/// The largest answer to a request that is refused, with its head.
const LARGEST_ANSWER: usize = 64 * 1024;

/// The memory of a process.
struct Memory {
    process: u32,
    /// Why the peak cannot be reset before each request, if it cannot. Then it is that of the whole
    /// life of the process, which is never less: the test may fail without reason, but not pass.
    whole_life: Option<io::Error>,
}

impl Memory {
    fn of(process: u32) -> Self {
        Self { process, whole_life: None }
    }

    /// A line of the status of the process, in KiB.
    fn line(&self, name: &str) -> u64 {
        let path = format!("/proc/{}/status", self.process);
        let status = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
        let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        let line =
            line.unwrap_or_else(|| panic!("memory cannot be measured: {path} has no {name}"));
        line.trim().trim_end_matches(" kB").parse().unwrap()
    }

    /// What is resident now. From here on the peak is counted again, where the system allows that.
    fn now(&mut self) -> u64 {
        let path = format!("/proc/{}/clear_refs", self.process);
        if let Err(error) = fs::write(&path, "5") {
            if self.whole_life.is_none() {
                println!("{}", whole_life(&error));
            }
            self.whole_life = Some(error);
        }
        self.line("VmRSS")
    }

    /// What a reader of a failure must know.
    fn remark(&self) -> String {
        self.whole_life.as_ref().map(whole_life).unwrap_or_default()
    }

    /// The most that was resident.
    fn peak(&self) -> u64 {
        self.line("VmHWM")
    }
}

fn whole_life(error: &io::Error) -> String {
    format!(
        "peaks are those of the whole life of the server, so what a request takes is told too high: \
         /proc/PID/clear_refs cannot be written: {error}"
    )
}

#[test]
fn no_request_takes_more_than_20_mb_and_no_refusal_is_long() {
    for database in databases() {
        // Memory that is given back to the system at once does not hide what the next request takes.
        let place = Place::on(&database).with("MIMALLOC_PURGE_DELAY", "0");
        let server = place.ready();
        let world = World::make(&server, &place.first_token(), &database);
        let mut memory = Memory::of(server.id());
        for _ in 0..3 {
            world.usual().iter().for_each(|usual| assert!(world.send(usual).0 < 300, "{usual:?}"));
        }
        let warm = memory.now();
        println!("on {}: {} KiB when warm", database.name(), warm);
        let mut failures = Vec::new();
        for hostile in bodies::all(&world) {
            let Hostile { name, request } = &hostile;
            let before = memory.now();
            let (status, length) = world.send(request);
            let growth = memory.peak().saturating_sub(before);
            let sent = request.body.len();
            println!("{name:60} {sent:8} bytes: {status}, {length:6} bytes, {growth:6} KiB");
            // What is taken is answered as it is.
            let is_short = status < 400 || length <= LARGEST_ANSWER;
            let is_fine = status < 500 && is_short && growth <= MOST_KIB;
            if !is_fine {
                failures.push(format!("{name}: {status}, {length} bytes, {growth} KiB"));
            }
        }
        let remark = memory.remark();
        assert!(failures.is_empty(), "on {}: {failures:#?}\n{remark}", database.name());
        assert!(world.usual().iter().all(|usual| world.send(usual).0 < 300));
        let grown = memory.now().saturating_sub(warm);
        println!("after all: {grown} KiB more");
        assert!(grown <= MOST_KIB, "{grown} KiB are not given back");
    }
}
