//! Runs wrk and reads what it found.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use cadastre_testkit::interrupt;
use cadastre_testkit::server::TOKEN;
use tempfile::NamedTempFile;

use crate::Outcome;

const REPORT: &str = include_str!("report.lua");
const CREATE: &str = include_str!("create.lua");
const SEND: &str = include_str!("send.lua");
const POST: &str = include_str!("post.lua");
const PULL: &str = include_str!("pull.lua");

/// How long an answer may take before wrk calls it failed.
const PATIENCE: &str = "20s";

/// What a load did.
#[derive(Debug, Clone, Copy)]
pub struct Load {
    /// Answers.
    pub requests: u64,
    /// Answers a second.
    pub rate: f64,
    /// Half of the answers took no longer.
    pub p50: Duration,
    /// Of a hundred answers, 99 took no longer.
    pub p99: Duration,
    /// Answers that were errors, and connections that failed.
    pub failures: u64,
}

/// The load generator.
pub struct Wrk {
    program: PathBuf,
    ask: NamedTempFile,
    create: NamedTempFile,
    send: NamedTempFile,
    post: NamedTempFile,
    pull: NamedTempFile,
    is_elsewhere: bool,
}

impl Wrk {
    /// The program at this path.
    pub fn new(program: &Path) -> Outcome<Self> {
        Ok(Self {
            program: program.to_owned(),
            ask: script(REPORT)?,
            create: script(&format!("{REPORT}{CREATE}"))?,
            send: script(&format!("{REPORT}{SEND}"))?,
            post: script(&format!("{REPORT}{POST}"))?,
            pull: script(&format!("{REPORT}{PULL}"))?,
            is_elsewhere: false,
        })
    }

    /// The same for a load that comes from other machines: it takes the processors that are left, since
    /// what it costs to ask is not what is measured.
    pub fn elsewhere(program: &Path) -> Outcome<Self> {
        Ok(Self { is_elsewhere: true, ..Self::new(program)? })
    }

    /// Asks for this URL, over so many connections, for so long.
    pub fn get(&self, url: &str, connections: u32, seconds: u32) -> Outcome<Load> {
        let mut wrk = self.command(&self.ask, connections, seconds);
        run(wrk.args(["-H", &format!("Authorization: {TOKEN}"), url]))
    }

    /// Asks for this URL with these headers alone.
    pub fn get_with(
        &self,
        url: &str,
        headers: &[String],
        connections: u32,
        seconds: u32,
    ) -> Outcome<Load> {
        let mut wrk = self.command(&self.ask, connections, seconds);
        wrk.args(headers.iter().flat_map(|header| ["-H", header]));
        run(wrk.arg(url))
    }

    /// Changes what is at this URL again and again, whatever its version; `body` has `@N@` for a
    /// number that differs from one change to the next.
    pub fn patch(&self, url: &str, body: &str, connections: u32, seconds: u32) -> Outcome<Load> {
        let mut wrk = self.command(&self.send, connections, seconds);
        let token = format!("Authorization: {TOKEN}");
        run(wrk.args(["-H", &token, "-H", "If-Match: *", url, "--", "PATCH", body]))
    }

    /// Posts JSON to this URL again and again with this header alone; `body` has `@N@` for a number that
    /// differs from one request to the next.
    pub fn post_json(
        &self,
        url: &str,
        header: &str,
        body: &str,
        connections: u32,
        seconds: u32,
    ) -> Outcome<Load> {
        let mut wrk = self.command(&self.send, connections, seconds);
        run(wrk.args(["-H", header, url, "--", "POST", body]))
    }

    /// Creates regions at this URL. `body` has `@NAME@` for the name; all names begin with `run`.
    pub fn create(
        &self,
        url: &str,
        connections: u32,
        seconds: u32,
        (body, run_name): (&str, &str),
    ) -> Outcome<Load> {
        let mut wrk = self.command(&self.create, connections, seconds);
        run(wrk.args([url, "--", TOKEN, body, run_name]))
    }

    /// Posts results to the server of this URL. Their paths and tags stand in `file`, and all have the
    /// same `fields`.
    pub fn post(
        &self,
        url: &str,
        connections: u32,
        seconds: u32,
        (file, fields): (&Path, &str),
    ) -> Outcome<Load> {
        let mut wrk = self.command(&self.post, connections, seconds);
        run(wrk.args([url, "--"]).arg(file).arg(fields))
    }

    /// Pulls from the server of this URL. What is asked for stands in `file`, each with what its node
    /// signs, and all have the same `Content-MD5` and `Date`.
    pub fn pull(
        &self,
        url: &str,
        connections: u32,
        seconds: u32,
        (file, (md5, date)): (&Path, (&str, &str)),
    ) -> Outcome<Load> {
        let mut wrk = self.command(&self.pull, connections, seconds);
        run(wrk.args([url, "--"]).arg(file).args([md5, date]))
    }

    fn command(&self, script: &NamedTempFile, connections: u32, seconds: u32) -> Command {
        let mut command = if self.is_elsewhere {
            let mut nice = Command::new("nice");
            nice.args(["-n", "19"]).arg(&self.program);
            nice
        } else {
            Command::new(&self.program)
        };
        command.args(["--latency", "--timeout", PATIENCE]);
        command.arg(format!("-t{}", connections.min(2))).arg(format!("-c{connections}"));
        command.arg(format!("-d{seconds}s")).arg("-s").arg(script.path());
        command
    }
}

fn script(text: &str) -> Outcome<NamedTempFile> {
    let mut file = NamedTempFile::with_suffix(".lua")?;
    file.write_all(text.as_bytes())?;
    Ok(file)
}

fn run(command: &mut Command) -> Outcome<Load> {
    interrupt::check()?;
    let output = command.output().map_err(|error| format!("cannot run wrk: {error}"))?;
    interrupt::check()?;
    let text = String::from_utf8_lossy(&output.stdout);
    parse(&text).ok_or_else(|| {
        format!("wrk failed: {text}{}", String::from_utf8_lossy(&output.stderr)).into()
    })
}

fn parse(text: &str) -> Option<Load> {
    let line = text.lines().find_map(|line| line.strip_prefix("OUTCOME "))?;
    let numbers: Vec<u64> = line.split(' ').map(str::parse).collect::<Result<_, _>>().ok()?;
    let [requests, micros, p50, p99, errors, failed] = numbers[..] else { return None };
    Some(Load {
        requests,
        rate: f64::from(u32::try_from(requests).ok()?)
            / Duration::from_micros(micros).as_secs_f64(),
        p50: Duration::from_micros(p50),
        p99: Duration::from_micros(p99),
        failures: errors + failed,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_of_the_script_is_read() {
        let load = parse("Running 3s test\nOUTCOME 3000 1500000 24 1200 1 2\n").expect("a load");
        assert!((load.rate - 2000.0).abs() < 0.001);
        assert_eq!(load.p50, Duration::from_micros(24));
        assert_eq!(load.p99, Duration::from_millis(1) + Duration::from_micros(200));
        assert_eq!(load.failures, 3);
        assert!(parse("unable to connect").is_none());
    }
}
