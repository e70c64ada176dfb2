//! Runs a program as one step of a command: with a headline, a limit of time, and nothing left
//! running afterwards.

use std::fs::File;
use std::io::{ErrorKind, IsTerminal, Read, Seek};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions};

use crate::failure::Failure;
use crate::interrupt;

/// How often a running step is looked at.
const BEAT: Duration = Duration::from_millis(20);
/// How long a program may take to end after it was asked to, before it is killed.
const GRACE: Duration = Duration::from_secs(10);
/// The signal that Ctrl-C sends.
const CTRL_C: u8 = 2;

/// A program that is about to be run.
#[derive(Debug)]
pub struct Step {
    command: Command,
    limit: Option<Duration>,
    /// The program shares our process group, because it may talk to the terminal.
    shared: bool,
}

/// What a finished program wrote.
#[derive(Debug)]
pub struct Captured {
    /// How it ended.
    pub status: ExitStatus,
    /// Its output.
    pub stdout: String,
    /// Its complaints.
    pub stderr: String,
}

impl Step {
    /// A step that reads nothing and may take this many minutes.
    pub fn new(mut command: Command, minutes: u64) -> Self {
        command.stdin(Stdio::null());
        Self { command, limit: Some(Duration::from_mins(minutes)), shared: false }
    }

    /// A step that the user talks to: it has our input and as much time as it likes.
    ///
    /// At a terminal only the foreground group may read, so there the program stays in ours.
    pub fn open_ended(mut command: Command) -> Self {
        command.stdin(Stdio::inherit());
        Self { command, limit: None, shared: std::io::stdin().is_terminal() }
    }

    /// Prints a headline, runs the program, prints how it ended and how long it took.
    pub fn run(self) -> Result<ExitStatus, Failure> {
        self.run_and(|| ())
    }

    /// Like [`Step::run`], but `reader` gets everything that the program writes, to stdout and to
    /// stderr, in the order in which it is written.
    pub fn run_read_by(
        mut self,
        mut reader: impl FnMut(&[u8]) + Send + 'static,
    ) -> Result<ExitStatus, Failure> {
        let (mut output, stdout) = std::io::pipe().map_err(Failure::cannot("make a pipe"))?;
        let stderr = stdout.try_clone().map_err(Failure::cannot("share a pipe"))?;
        self.command.stdout(stdout).stderr(stderr);
        let (end, ended) = channel::<()>();
        std::thread::spawn(move || {
            let _end = end;
            let mut piece = [0; 8192];
            loop {
                match output.read(&mut piece) {
                    Ok(0) => break,
                    Ok(length) => reader(&piece[..length]),
                    Err(error) if error.kind() == ErrorKind::Interrupted => {}
                    Err(_) => break,
                }
            }
        });
        // What the program left running may have the pipe still open.
        self.run_and(move || {
            let _ = ended.recv_timeout(GRACE);
        })
    }

    /// Runs the program, and does this once it has ended and nothing of it is held any more.
    fn run_and(mut self, finish: impl FnOnce()) -> Result<ExitStatus, Failure> {
        let line = line(&self.command);
        eprintln!("== {line}");
        let start = Instant::now();
        let status = self.supervise(&line);
        drop(self);
        finish();
        let status = status?;
        let ending =
            if status.success() { "passed".to_owned() } else { format!("FAILED ({status})") };
        eprintln!("== {ending} after {}: {line}", human(start.elapsed()));
        Ok(status)
    }

    /// Like [`Step::run`], but keeps what the program writes to stdout.
    pub fn run_for_stdout(mut self) -> Result<(ExitStatus, String), Failure> {
        let file = self.collect(Command::stdout)?;
        Ok((self.run()?, text(file)?))
    }

    /// Runs the program without a word and keeps all that it writes.
    pub fn capture(mut self) -> Result<Captured, Failure> {
        let (stdout, stderr) = (self.collect(Command::stdout)?, self.collect(Command::stderr)?);
        let line = line(&self.command);
        let status = self.supervise(&line)?;
        Ok(Captured { status, stdout: text(stdout)?, stderr: text(stderr)? })
    }

    /// Sends one stream into a file: unlike a pipe it needs no reader and never blocks the writer.
    fn collect(
        &mut self,
        stream: fn(&mut Command, Stdio) -> &mut Command,
    ) -> Result<File, Failure> {
        let file = tempfile::tempfile().map_err(Failure::cannot("make a temporary file"))?;
        let copy = file.try_clone().map_err(Failure::cannot("share a temporary file"))?;
        stream(&mut self.command, Stdio::from(copy));
        Ok(file)
    }

    fn supervise(&mut self, line: &str) -> Result<ExitStatus, Failure> {
        interrupt::check()?;
        if !self.shared {
            // A group of its own is what lets us end a compiler together with all its helpers.
            self.command.process_group(0);
        }
        let start = Instant::now();
        let mut child = self.command.spawn().map_err(Failure::cannot(format!("run {line}")))?;
        let verdict = self.wait(&child, start, line);
        if verdict.is_err() {
            self.signal(&child, Signal::TERM);
            let asked = Instant::now();
            while !ended(&child) && asked.elapsed() < GRACE {
                std::thread::sleep(BEAT);
            }
        }
        if verdict.is_err() || !self.shared {
            // Whatever the program left running goes with it. The child has not been reaped yet,
            // so its number still names this group and no other.
            self.signal(&child, Signal::KILL);
        }
        let status = child.wait().map_err(Failure::cannot(format!("wait for {line}")))?;
        verdict.map(|()| status)
    }

    /// Waits, without reaping it, until the child ends or must be ended.
    fn wait(&self, child: &Child, start: Instant, line: &str) -> Result<(), Failure> {
        while !ended(child) {
            match interrupt::received() {
                // The terminal sent Ctrl-C to the program as well; what it means is up to it.
                Some(CTRL_C) if self.shared => {}
                Some(signal) => return Err(Failure::Interrupted(signal)),
                None => {}
            }
            if let Some(limit) = self.limit.filter(|limit| start.elapsed() > *limit) {
                return Err(Failure::TooSlow { step: line.to_owned(), limit });
            }
            std::thread::sleep(BEAT);
        }
        Ok(())
    }

    /// Sends a signal to the program, with its group if it has its own.
    fn signal(&self, child: &Child, signal: Signal) {
        let pid = Pid::from_child(child);
        // An error only says that nobody is left to receive it.
        let _ = if self.shared {
            rustix::process::kill_process(pid, signal)
        } else {
            rustix::process::kill_process_group(pid, signal)
        };
    }
}

/// Whether the child has ended; it is left unreaped, so that its number stays taken.
fn ended(child: &Child) -> bool {
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    !matches!(rustix::process::waitid(WaitId::Pid(Pid::from_child(child)), options), Ok(None))
}

/// The exit code that a shell would report.
pub fn code(status: ExitStatus) -> u8 {
    let code = status.code().or_else(|| status.signal().map(|signal| 128 + signal));
    code.and_then(|code| u8::try_from(code).ok()).unwrap_or(1)
}

/// A time for people: `0.4 s`, `3 min 12 s`.
pub fn human(time: Duration) -> String {
    match time.as_secs() {
        0..60 => format!("{:.1} s", time.as_secs_f64()),
        seconds => format!("{} min {} s", seconds / 60, seconds % 60),
    }
}

/// The command line as one would type it, near enough.
fn line(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or_default();
    let words = std::iter::once(program).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

fn text(mut file: File) -> Result<String, Failure> {
    let mut bytes = Vec::new();
    file.rewind()
        .and_then(|()| file.read_to_end(&mut bytes))
        .map_err(Failure::cannot("read a temporary file"))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may fail by panicking")]

    use super::*;

    /// Much longer than what is waited for takes, much shorter than the programs would run.
    const PATIENCE: Duration = Duration::from_mins(2);

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn output_and_exit_code_are_kept() {
        let captured = Step::new(shell("echo out; echo err >&2; exit 7"), 1).capture().unwrap();
        assert_eq!(
            (code(captured.status), captured.stdout.as_str(), captured.stderr.as_str()),
            (7, "out\n", "err\n")
        );
    }

    #[test]
    fn the_output_is_read_in_the_order_in_which_it_is_written() {
        let script = "for n in 1 2 3; do echo out $n; echo err $n >&2; done; exit 3";
        let (sender, read) = channel();
        let step = Step::new(shell(script), 1);
        let status = step.run_read_by(move |piece| drop(sender.send(piece.to_vec()))).unwrap();
        let text = read.into_iter().flatten().collect::<Vec<_>>();
        let expected = "out 1\nerr 1\nout 2\nerr 2\nout 3\nerr 3\n";
        assert_eq!((code(status), String::from_utf8(text).unwrap().as_str()), (3, expected));
    }

    #[test]
    fn a_step_over_its_limit_is_ended() {
        let start = Instant::now();
        let verdict = Step::new(shell("sleep 600"), 0).capture();
        assert!(matches!(verdict, Err(Failure::TooSlow { .. })));
        assert!(start.elapsed() < PATIENCE);
    }

    #[test]
    fn what_a_step_leaves_running_ends_with_it() {
        let captured = Step::new(shell("sleep 600 & echo $!"), 1).capture().unwrap();
        let left = Pid::from_raw(captured.stdout.trim().parse().unwrap()).unwrap();
        let deadline = Instant::now() + PATIENCE;
        while rustix::process::test_kill_process(left).is_ok() {
            // Nobody may have reaped it yet, so a zombie counts as ended.
            let stat = std::fs::read_to_string(format!("/proc/{left}/stat")).unwrap_or_default();
            if stat.contains(") Z ") {
                break;
            }
            assert!(Instant::now() < deadline, "still running");
            std::thread::sleep(BEAT);
        }
    }

    #[test]
    fn times_are_readable() {
        assert_eq!(human(Duration::from_millis(430)), "0.4 s");
        assert_eq!(human(Duration::from_secs(192)), "3 min 12 s");
    }

    #[test]
    fn a_command_line_names_the_program_without_its_folder() {
        let mut command = Command::new("/some/where/cargo");
        command.args(["fmt", "--all"]);
        assert_eq!(line(&command), "cargo fmt --all");
    }
}
