//! One cycle: start, load, kill, start again, prove.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use cadastre_storage::Keyring;
use cadastre_testkit::server::cadastre;
use cadastre_testkit::{Server, TestDatabase};
use rand::random_range;
use tempfile::TempDir;

use crate::Outcome;
use crate::api::Api;
use crate::check::check;
use crate::client;
use crate::ledger::{Ledger, Operation};
use crate::rows::Reader;
use crate::wire_check::WireCheck;

/// How many clients write at once.
const CLIENTS: usize = 8;

/// A register that grows from cycle to cycle, and all that was written to it.
pub struct Register {
    program: PathBuf,
    database: TestDatabase,
    data_dir: TempDir,
    ledgers: Vec<Ledger>,
    wire: WireCheck,
}

impl Register {
    /// An empty register.
    pub fn new(program: &Path, database: TestDatabase) -> Outcome<Self> {
        Ok(Self {
            program: program.to_owned(),
            database,
            data_dir: tempfile::tempdir()?,
            ledgers: (0..CLIENTS).map(Ledger::new).collect(),
            wire: WireCheck::default(),
        })
    }

    /// How many writes were acknowledged so far.
    pub fn acknowledged(&self) -> u64 {
        self.ledgers.iter().map(|ledger| ledger.acknowledged).sum()
    }

    /// Kills the register once and proves that it survived; says how it went.
    pub fn cycle(&mut self, number: u32) -> Outcome<String> {
        let before = self.acknowledged();
        let load_time = Duration::from_millis(random_range(200..=700));
        self.load_and_kill(load_time)?;
        let acknowledged = self.acknowledged() - before;
        if acknowledged == 0 {
            return Err("nothing was acknowledged before the kill".into());
        }
        let in_flight = self.ledgers.iter().filter(|ledger| ledger.in_flight.is_some()).count();
        let server = self.start()?;
        let api = Api::new(server.address());
        // Writes come one at a time: once this one is done, no transaction of the killed server
        // is still on its way through the database.
        let keycode = format!("after-kill-{number}");
        let mut after = Ledger::default();
        client::perform(&mut after, &api, Operation::RegisterNode { keycode })?;
        self.ledgers[0].nodes.append(&mut after.nodes);
        let keyring = Keyring::new(self.data_dir.path().join("master.key"));
        let stored = Reader::connect(self.database.url())?.read(&keyring)?;
        let kept = check(&mut self.ledgers, stored)?;
        self.wire.check(&self.ledgers, &api)?;
        Ok(format!(
            "killed after {} ms, {acknowledged} acknowledged; of {in_flight} in flight {kept} were kept; \
             ready again in {} ms; {} regions, all whole",
            load_time.as_millis(),
            server.start_time().as_millis(),
            self.ledgers.iter().map(|ledger| ledger.regions.len()).sum::<usize>(),
        ))
    }

    fn start(&self) -> Outcome<Server> {
        let server = Server::start("/readyz", |address| {
            let (url, folder) = (self.database.url(), self.data_dir.path());
            let mut command = cadastre(&self.program, url, folder, address);
            // That it is not ready yet is no news while we wait for it.
            command.env("RUST_LOG", "warn,cadastre_api::ops=error");
            command
        })?;
        Ok(server)
    }

    fn load_and_kill(&mut self, load_time: Duration) -> Outcome {
        let server = self.start()?;
        let address = server.address();
        let killed = AtomicBool::new(false);
        thread::scope(|scope| {
            let clients = self.ledgers.iter_mut().map(|ledger| {
                let killed = &killed;
                scope.spawn(move || client::work(ledger, &Api::new(address), killed))
            });
            let clients: Vec<_> = clients.collect();
            thread::sleep(load_time);
            killed.store(true, Ordering::SeqCst);
            let mut outcome = server.kill().map_err(Into::into);
            for client in clients {
                let ended = client.join().unwrap_or_else(|_| Err("a client panicked".into()));
                outcome = outcome.and(ended);
            }
            outcome
        })
    }
}
