//! A process whose output is collected, and which does not outlive its value.

use std::io::Read;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

/// A process.
pub struct Process {
    child: Child,
    stdout: Capture,
    stderr: Option<Capture>,
}

/// How a process ended.
#[derive(Debug)]
pub struct Ended {
    /// What it returned, unless a signal ended it.
    pub code: Option<i32>,
    /// All that it printed.
    pub stdout: String,
    /// All that it complained or logged.
    pub stderr: String,
}

impl Ended {
    /// What a command printed, which was one line, and all went well.
    pub fn line(self) -> String {
        assert!(self.code == Some(0) && self.stderr.is_empty(), "{self:?}");
        assert_eq!(self.stdout.lines().count(), 1, "{self:?}");
        assert!(self.stdout.ends_with('\n'), "{self:?}");
        self.stdout.trim_end().to_owned()
    }

    /// The lines that a command printed, and all went well.
    pub fn lines(self) -> Vec<String> {
        assert!(self.code == Some(0) && self.stderr.is_empty(), "{self:?}");
        self.stdout.lines().map(str::to_owned).collect()
    }

    /// The complaint of a command that failed: one line, and nothing else was printed.
    pub fn refusal(self) -> String {
        assert!(self.code == Some(1) && self.stdout.is_empty(), "{self:?}");
        assert_eq!(self.stderr.lines().count(), 1, "{self:?}");
        let complaint = self.stderr.trim_end().strip_prefix("cadastre: ");
        complaint.unwrap_or_else(|| panic!("{self:?}")).to_owned()
    }
}

impl Process {
    /// Starts the command.
    pub fn spawn(command: &mut Command) -> Self {
        Self::spawn_into(command, Stdio::piped())
    }

    /// Starts the command, which complains and logs there.
    pub fn spawn_into(command: &mut Command, stderr: Stdio) -> Self {
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(stderr);
        let mut child = command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let stdout = Capture::of(child.stdout.take().unwrap());
        let stderr = child.stderr.take().map(Capture::of);
        Self { child, stdout, stderr }
    }

    /// What it has printed so far.
    pub fn stdout(&self) -> String {
        self.stdout.text()
    }

    /// What it has complained or logged so far.
    pub fn stderr(&self) -> String {
        self.stderr.as_ref().map_or_else(String::new, Capture::text)
    }

    /// Its number.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Whether it has ended.
    pub fn has_ended(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    /// Sends a signal.
    pub fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// Waits for its end, which must come within the limit.
    pub fn wait(mut self, limit: Duration) -> Ended {
        let end = std::time::Instant::now() + limit;
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            let log = self.stderr();
            assert!(std::time::Instant::now() < end, "no end within {limit:?}: {log}");
            thread::sleep(Duration::from_millis(2));
        };
        let stderr = self.stderr.as_mut().map_or_else(String::new, Capture::rest);
        let stdout = self.stdout.rest();
        Ended { code: status.code(), stdout, stderr }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Errors only say that it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What comes out of one end of a process.
struct Capture {
    bytes: Arc<Mutex<Vec<u8>>>,
    reader: Option<JoinHandle<()>>,
}

impl Capture {
    fn of(mut source: impl Read + Send + 'static) -> Self {
        let bytes = Arc::new(Mutex::new(Vec::new()));
        let target = Arc::clone(&bytes);
        let reader = thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(length @ 1..) = source.read(&mut buffer) {
                target.lock().unwrap().extend_from_slice(&buffer[..length]);
            }
        });
        Self { bytes, reader: Some(reader) }
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes.lock().unwrap()).into_owned()
    }

    /// All of it, once there is no more to come.
    fn rest(&mut self) -> String {
        if let Some(reader) = self.reader.take() {
            reader.join().unwrap();
        }
        self.text()
    }
}
