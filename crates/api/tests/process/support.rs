//! The real program: started in a folder of its own, watched, told to stop, and gone at the end.

mod http;
mod password;
mod process;
mod tls;
mod token;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use cadastre_testkit::{TestDatabase, databases};
use chrono::{DateTime, Utc};
use rustix::process::Signal;
use tempfile::TempDir;

pub use http::{Answer, Call, region};
pub use password::with_password;
pub use process::{Ended, Process};
pub use tls::{TlsClient, TlsPeer, VERSIONS};
pub use token::{create, id_of, is_id, is_token};

/// How long to wait for what should come soon, on a machine that is busy.
pub const LIMIT: Duration = Duration::from_mins(2);

/// A working folder, and the settings of everything that is started in it.
pub struct Place {
    folder: TempDir,
    settings: Vec<(String, String)>,
}

impl Place {
    /// An empty folder without any settings, but that the system chooses the port.
    pub fn empty() -> Self {
        let place = Self { folder: tempfile::tempdir().unwrap(), settings: Vec::new() };
        place.with("CADASTRE_LISTEN", "127.0.0.1:0")
    }

    /// An empty folder, and this database.
    pub fn on(database: &TestDatabase) -> Self {
        let keys = database.master_key_file();
        Self::empty()
            .with("DATABASE_URL", database.url())
            .with("CADASTRE_MASTER_KEY_FILE", keys.to_str().unwrap())
    }

    /// With one more setting, which comes instead of an earlier one of the same name.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.settings.retain(|(known, _)| known != name);
        self.settings.push((name.to_owned(), value.to_owned()));
        self
    }

    /// A path in the folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The first token, as it is kept in the folder.
    pub fn first_token(&self) -> String {
        let file = self.path("cadastre-data/admin-token");
        std::fs::read_to_string(file).unwrap().trim_end().to_owned()
    }

    /// The file of the master keys.
    pub fn master_key_file(&self) -> PathBuf {
        let named = self.settings.iter().find(|(name, _)| name == "CADASTRE_MASTER_KEY_FILE");
        named.map_or_else(|| self.path("cadastre-data/master.key"), |(_, file)| file.into())
    }

    /// The master keys in that file, in hexadecimal digits.
    pub fn master_keys(&self) -> Vec<String> {
        let text = std::fs::read_to_string(self.master_key_file()).unwrap();
        let keys = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
        keys.map(str::to_owned).collect()
    }

    /// Another program in this folder; of our own settings it sees only those of the place.
    pub fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        for (name, _) in std::env::vars_os() {
            let text = name.to_string_lossy();
            let ours = ["CADASTRE_", "DATABASE_URL", "RUST_", "PG"];
            if ours.iter().any(|start| text.starts_with(start)) {
                command.env_remove(&name);
            }
        }
        command.current_dir(self.folder.path()).envs(self.settings.iter().cloned());
        // Everything here is on this machine, and nobody is to see a backtrace.
        command.env("no_proxy", "*").env("RUST_BACKTRACE", "1");
        command
    }

    /// The program with these arguments.
    pub fn cadastre(&self, arguments: &[&str]) -> Command {
        let mut command = self.command(env!("CARGO_BIN_EXE_cadastre"));
        command.args(arguments);
        command
    }

    /// Runs the program with these arguments to its end.
    pub fn run(&self, arguments: &[&str]) -> Ended {
        Process::spawn(&mut self.cadastre(arguments)).wait(LIMIT)
    }

    /// Runs a line in a shell to its end.
    pub fn shell(&self, line: &str) -> Ended {
        Process::spawn(self.command("sh").args(["-c", line])).wait(LIMIT)
    }

    /// A server that listens, and may not be ready.
    pub fn start(&self) -> Server {
        Server::start(&mut self.cadastre(&[]))
    }

    /// A server that is ready.
    pub fn ready(&self) -> Server {
        self.start().until_ready()
    }
}

/// A server in a process of its own.
pub struct Server {
    process: Process,
    /// Where it listens.
    pub address: SocketAddr,
}

impl Server {
    /// The server of this command, once it listens.
    pub fn start(command: &mut Command) -> Self {
        Self::start_into(command, Stdio::piped())
    }

    /// The same, which logs there.
    pub fn start_into(command: &mut Command, stderr: Stdio) -> Self {
        let mut process = Process::spawn_into(command, stderr);
        eventually("a server listens", || {
            process.has_ended() || process.stdout().contains(" listens on ")
        });
        let said = process.stdout();
        let address = said.split_once("://").and_then(|(_, rest)| rest.split_once(' '));
        let Some((address, _)) = address else { panic!("no server: {:?}", process.wait(LIMIT)) };
        Self { process, address: address.parse().unwrap() }
    }

    /// The same, once it is ready.
    pub fn until_ready(mut self) -> Self {
        self.wait_until_ready();
        self
    }

    /// Waits until it is ready.
    pub fn wait_until_ready(&mut self) {
        eventually("a server is ready", || {
            assert!(!self.process.has_ended(), "ended: {}", self.process.stderr());
            self.get("/readyz", "").status == 200
        });
        // It says so after it is.
        eventually("a server says so", || self.printed().contains("Ready."));
    }

    /// What it has printed so far.
    pub fn printed(&self) -> String {
        self.process.stdout()
    }

    /// What it has logged so far.
    pub fn log(&self) -> String {
        self.process.stderr()
    }

    /// The line to paste into a shell.
    pub fn curl_line(&self) -> String {
        let printed = self.printed();
        let mut lines = printed.lines().filter(|line| line.trim_start().starts_with("curl "));
        let line = lines.next().unwrap_or_else(|| panic!("no line: {printed}")).to_owned();
        assert_eq!(lines.next(), None);
        line
    }

    /// The number of its process.
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// Sends a signal.
    pub fn signal(&self, signal: Signal) {
        self.process.signal(signal);
    }

    /// Waits for its end, which must come within the limit.
    pub fn wait(self, limit: Duration) -> Ended {
        self.process.wait(limit)
    }

    /// Asks it to stop, which it must do well.
    pub fn stop(self) -> Ended {
        self.signal(Signal::TERM);
        let ended = self.wait(LIMIT);
        assert_eq!(ended.code, Some(0), "{ended:?}");
        ended
    }

    /// Kills it, which it cannot notice.
    pub fn kill(self) {
        self.signal(Signal::KILL);
        self.wait(LIMIT);
    }
}

/// Runs `test` with a server on either database. A failed test shows on which.
pub fn on_both(test: impl Fn(&Place, &Server)) {
    for database in databases() {
        println!("on {}", database.name());
        let place = Place::on(&database);
        test(&place, &place.ready());
    }
}

/// Raises a flag when it is dropped, so that threads end even when a test fails before it is over.
pub struct Raised<'a>(pub &'a AtomicBool);

impl Drop for Raised<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// The time, as the servers read it.
pub fn now() -> DateTime<Utc> {
    SystemTime::now().into()
}

/// Asks until it is so.
pub fn eventually(what: &str, mut is_so: impl FnMut() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < LIMIT, "not in time: {what}");
        thread::sleep(Duration::from_millis(10));
    }
}

/// Fails where a program that a test calls is not installed: without it, the test says nothing.
pub fn require(programs: &[&str]) {
    for program in programs {
        let found = Command::new("sh").args(["-c", &format!("command -v {program}")]).output();
        let found = found.is_ok_and(|output| output.status.success());
        assert!(found, "{program} is not installed, and this test calls it");
    }
}

/// The rights on a file, as in `0o600`.
pub fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt as _;
    path.metadata().unwrap().permissions().mode() & 0o7777
}
