//! The least that a durable commit costs on PostgreSQL: one row of 4 KiB, inserted by pgbench.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use cadastre_testkit::interrupt;
use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use tempfile::NamedTempFile;

use crate::Outcome;
use crate::region::{SIZE, base64};

/// PostgreSQL's own load generator, and an empty table for it.
pub struct Pgbench {
    program: PathBuf,
    url: String,
    script: NamedTempFile,
    body: String,
}

impl Pgbench {
    /// The program at this path, on the database of this URL.
    pub fn new(program: &Path, url: &str) -> Outcome<Self> {
        PgConnection::establish(url)?.batch_execute(
            "CREATE TABLE bare (id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, \
             body TEXT NOT NULL)",
        )?;
        let mut script = NamedTempFile::new()?;
        script.write_all(b"INSERT INTO bare (body) VALUES (:body);\n")?;
        let (program, url) = (program.to_owned(), url.to_owned());
        Ok(Self { program, url, script, body: base64(SIZE) })
    }

    /// Commits a second, one row each, by so many clients over so many seconds.
    pub fn rate(&self, clients: u32, seconds: u32) -> Outcome<f64> {
        interrupt::check()?;
        let mut command = Command::new(&self.program);
        command.args(["--no-vacuum", "--protocol=prepared"]);
        command.arg(format!("--client={clients}")).arg(format!("--jobs={}", clients.min(2)));
        command.arg(format!("--time={seconds}")).arg(format!("--define=body={}", self.body));
        command.arg("--file").arg(self.script.path()).arg(&self.url);
        let output = command.output().map_err(|error| format!("cannot run pgbench: {error}"))?;
        let text = String::from_utf8_lossy(&output.stdout);
        parse(&text).filter(|_| output.status.success()).ok_or_else(|| {
            format!("pgbench failed: {text}{}", String::from_utf8_lossy(&output.stderr)).into()
        })
    }
}

fn parse(text: &str) -> Option<f64> {
    let rates = text.lines().find_map(|line| line.strip_prefix("tps = "))?;
    rates.split(' ').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn the_rate_is_read() {
        let rate = parse("initial connection time = 2 ms\ntps = 20.5 (without initial)\n");
        assert_eq!(rate, Some(20.5));
        assert_eq!(parse("pgbench: error"), None);
    }
}
