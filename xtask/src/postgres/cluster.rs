//! A throw-away PostgreSQL cluster: its folder, its server, and their end.

use std::fs::{self, File};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::Durability;
use super::account::Account;
use super::keeper::Keeper;
use crate::failure::Failure;
use crate::interrupt;
use crate::step::Step;

/// How long a server may take to start.
const START_LIMIT: Duration = Duration::from_mins(1);
/// How often a port is tried that somebody else turns out to have taken.
const ATTEMPTS: usize = 5;
/// How much of a server's log is shown when it does not start.
const LOG_TAIL: usize = 20;

/// A running server with a folder of its own; both are gone when this value is.
#[derive(Debug)]
pub struct Cluster {
    port: u16,
    server: Child,
    /// Dropped before the folder, which it empties.
    keeper: Option<Keeper>,
    _folder: TempDir,
}

impl Cluster {
    /// Makes a cluster and starts its server, with the server programs of this folder.
    pub fn start(programs: &Path, durability: Durability) -> Result<Self, Failure> {
        let account = Account::choose()?;
        let folder = tempfile::Builder::new()
            .prefix("cadastre-postgres-")
            .tempdir()
            .map_err(Failure::cannot("make a temporary folder"))?;
        account.own(folder.path())?;
        let setup = Setup { programs, folder: folder.path(), account, durability };
        setup.create()?;
        let keeper = Keeper::start(&programs.join("pg_ctl"), folder.path(), account)?;
        for _ in 0..ATTEMPTS {
            let port = free_port()?;
            if let Some(server) = setup.launch(port)? {
                return Ok(Self { port, server, keeper: Some(keeper), _folder: folder });
            }
        }
        Err(Failure::trouble(format!("no free port for PostgreSQL in {ATTEMPTS} attempts")))
    }

    /// Where clients find the server.
    pub fn url(&self) -> String {
        url(self.port)
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // Reaps a server that has died by itself; the keeper would take its remains for a live one.
        let _ = self.server.try_wait();
        self.keeper = None;
        reap(&mut self.server);
    }
}

/// What is known before the server runs.
struct Setup<'a> {
    programs: &'a Path,
    folder: &'a Path,
    account: Account,
    durability: Durability,
}

impl Setup<'_> {
    /// Makes the data folder.
    fn create(&self) -> Result<(), Failure> {
        // Not every system has C.UTF-8; plain C differs only in what is a letter beyond ASCII.
        let mut complaint = String::new();
        for locale in ["C.UTF-8", "C"] {
            let mut initdb = self.program("initdb");
            initdb.args(["--auth=trust", "--username=postgres", "--encoding=UTF8"]);
            initdb.arg(format!("--locale={locale}")).arg("-D").arg(self.data());
            if self.durability == Durability::None {
                initdb.arg("--no-sync");
            }
            let captured = Step::new(initdb, 5).capture()?;
            if captured.status.success() {
                return Ok(());
            }
            complaint = captured.stderr;
        }
        eprint!("{complaint}");
        Err(Failure::trouble("initdb could not make a PostgreSQL cluster"))
    }

    /// Starts the server; `None` if somebody else has taken the port.
    fn launch(&self, port: u16) -> Result<Option<Child>, Failure> {
        let log = File::create(self.log()).map_err(Failure::cannot("make a log file"))?;
        let mut postgres = self.program("postgres");
        postgres.arg("-D").arg(self.data()).args(settings(port, self.folder, self.durability));
        postgres.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        // Ctrl-C at the terminal must not stop the server under programs that still use it.
        postgres.process_group(0);
        let mut server = postgres.spawn().map_err(Failure::cannot("start postgres"))?;
        let start = Instant::now();
        loop {
            let ended = server.try_wait().map_err(Failure::cannot("look at postgres"))?.is_some();
            if ended && self.read_log().contains("Address already in use") {
                return Ok(None);
            }
            if !ended && self.is_ready(server.id()) {
                return Ok(Some(server));
            }
            let verdict = if ended || start.elapsed() > START_LIMIT {
                eprintln!("{}", tail(&self.read_log(), LOG_TAIL));
                Err(Failure::trouble("the PostgreSQL server did not start; its log is above"))
            } else {
                interrupt::check()
            };
            if let Err(failure) = verdict {
                reap(&mut server);
                return Err(failure);
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Whether our server, and not another one at the same port, takes connections: it says so in
    /// the last line of its lock file, whose first line is its process id.
    fn is_ready(&self, server: u32) -> bool {
        let lock = fs::read_to_string(self.data().join("postmaster.pid")).unwrap_or_default();
        let lines: Vec<_> = lock.lines().map(str::trim).collect();
        lines.first() == Some(&server.to_string().as_str()) && lines.get(7) == Some(&"ready")
    }

    /// A server program as it must be called, whatever settings for clients the user has.
    fn program(&self, name: &str) -> Command {
        let mut command = Command::new(self.programs.join(name));
        command.current_dir(self.folder);
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("PG") {
                command.env_remove(&name);
            }
        }
        // Not every locale has its messages in English, and the log is read here.
        command.env("LC_ALL", "C");
        self.account.take_on(&mut command);
        command
    }

    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    fn log(&self) -> PathBuf {
        self.folder.join("server.log")
    }

    fn read_log(&self) -> String {
        fs::read_to_string(self.log()).unwrap_or_default()
    }
}

/// The server's settings as arguments.
fn settings(port: u16, folder: &Path, durability: Durability) -> Vec<String> {
    let mut settings = vec![
        "listen_addresses=127.0.0.1".to_owned(),
        format!("port={port}"),
        format!("unix_socket_directories={}", folder.display()),
        "max_connections=400".to_owned(),
    ];
    if durability == Durability::None {
        settings.extend(
            ["fsync", "synchronous_commit", "full_page_writes"].map(|s| s.to_owned() + "=off"),
        );
    }
    settings.into_iter().flat_map(|setting| ["-c".to_owned(), setting]).collect()
}

/// Ends a server that nothing else has ended, and takes its remains out of the process table.
fn reap(server: &mut Child) {
    // Killing fails when the server has ended, which is what we want.
    let _ = server.kill();
    let _ = server.wait();
}

/// A port that nobody has at this moment.
fn free_port() -> Result<u16, Failure> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .and_then(|listener| listener.local_addr())
        .map(|address| address.port())
        .map_err(Failure::cannot("find a free port"))
}

fn url(port: u16) -> String {
    format!("postgres://postgres@127.0.0.1:{port}/postgres")
}

/// The last lines of a text.
fn tail(text: &str, count: usize) -> String {
    let lines: Vec<_> = text.lines().collect();
    lines[lines.len().saturating_sub(count)..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_url_names_superuser_host_port_and_database() {
        assert_eq!(url(5499), "postgres://postgres@127.0.0.1:5499/postgres");
    }

    #[test]
    fn only_a_server_that_need_not_be_durable_goes_without_fsync() {
        let folder = Path::new("/f");
        assert!(settings(1, folder, Durability::None).contains(&"fsync=off".to_owned()));
        let durable = settings(1, folder, Durability::Full);
        assert!(!durable.iter().any(|setting| setting.ends_with("=off")));
        assert_eq!(durable[..2], ["-c", "listen_addresses=127.0.0.1"]);
    }

    #[test]
    fn the_tail_of_a_log_is_its_last_lines() {
        assert_eq!(tail("a\nb\nc\n", 2), "b\nc");
        assert_eq!(tail("a", 2), "a");
    }
}
