//! A server in a process of its own, which ends with the value that stands for it.

use std::io::{self, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::interrupt;

/// The platform token of every register that [`cadastre`] starts.
pub const TOKEN: &str = "testkit-platform-token-0123456789";

/// How long a server may take until it is ready.
const START_LIMIT: Duration = Duration::from_mins(1);
/// How often a server that is not ready yet is asked again.
const BEAT: Duration = Duration::from_millis(1);
/// How long one question may take.
const ANSWER_LIMIT: Duration = Duration::from_secs(5);
/// How often another port is tried when somebody else was faster.
const ATTEMPTS: usize = 5;

/// A running server.
#[derive(Debug)]
pub struct Server {
    child: Child,
    address: SocketAddr,
    start_time: Duration,
}

/// The register `program` on the database of this URL. Of our environment, nothing that would
/// change its settings reaches it.
#[must_use]
pub fn cadastre(program: &Path, database: &str, data_dir: &Path, address: SocketAddr) -> Command {
    let mut command = Command::new(program);
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CADASTRE_") || text.starts_with("DATABASE_URL") || text == "RUST_LOG" {
            command.env_remove(&name);
        }
    }
    command
        .env("CADASTRE_LISTEN", address.to_string())
        .env("CADASTRE_ADMIN_TOKEN", TOKEN)
        .env("CADASTRE_DATA_DIR", data_dir)
        .env("DATABASE_URL", database)
        .stdin(Stdio::null())
        .stdout(Stdio::null());
    command
}

impl Server {
    /// Runs what `command` makes of a free address on loopback, and waits until `GET path` is
    /// answered with 200.
    ///
    /// # Errors
    /// When it cannot be run, ends, or is not ready in time.
    pub fn start(path: &str, command: impl Fn(SocketAddr) -> Command) -> io::Result<Self> {
        let mut attempt = 1;
        loop {
            let address = free_address()?;
            match Self::launch(command(address), address, path) {
                Err(_) if attempt < ATTEMPTS && is_taken(address) => attempt += 1,
                outcome => return outcome,
            }
        }
    }

    fn launch(mut command: Command, address: SocketAddr, path: &str) -> io::Result<Self> {
        let started = Instant::now();
        let child = command.spawn()?;
        let mut server = Self { child, address, start_time: Duration::ZERO };
        while !answers(address, path) {
            interrupt::check()?;
            if let Some(status) = server.child.try_wait()? {
                return Err(io::Error::other(format!(
                    "the server ended before it was ready: {status}"
                )));
            }
            if started.elapsed() > START_LIMIT {
                return Err(io::Error::other("the server is not ready in time"));
            }
            thread::sleep(BEAT);
        }
        server.start_time = started.elapsed();
        Ok(server)
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// The URL of a path of it, without TLS.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address())
    }

    /// How long it took from the start of the process until it was ready.
    #[must_use]
    pub const fn start_time(&self) -> Duration {
        self.start_time
    }

    /// The number of its process.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Ends the process with SIGKILL, which it cannot notice.
    ///
    /// # Errors
    /// When it had ended by itself, which no server does.
    pub fn kill(mut self) -> io::Result<()> {
        if let Some(status) = self.child.try_wait()? {
            return Err(io::Error::other(format!("the server had ended by itself: {status}")));
        }
        self.child.kill()?;
        self.child.wait().map(drop)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Errors only say that it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An address on loopback that nobody used a moment ago.
fn free_address() -> io::Result<SocketAddr> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()
}

fn is_taken(address: SocketAddr) -> bool {
    TcpListener::bind(address).is_err_and(|error| error.kind() == io::ErrorKind::AddrInUse)
}

fn answers(address: SocketAddr, path: &str) -> bool {
    status_line(address, path).is_ok_and(|line| line.starts_with(b"HTTP/1.1 200"))
}

fn status_line(address: SocketAddr, path: &str) -> io::Result<[u8; 12]> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(ANSWER_LIMIT))?;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")?;
    let mut line = [0; 12];
    stream.read_exact(&mut line)?;
    Ok(line)
}
