//! What was measured on: without it, no figure means anything.

use std::fs;
use std::io::{Seek as _, Write as _};
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::Text;

use crate::median::median;
use crate::site::Kind;
use crate::{Options, Outcome};

/// Names and values, in the order in which they are shown.
pub type Facts = Vec<(&'static str, String)>;

/// How much is written before each flush.
const BLOCK: [u8; 8192] = [0; 8192];
/// How often, and each time how long, flushes are counted.
const FLUSHES: (usize, Duration) = (5, Duration::from_millis(200));

/// The machine, and the programs that take part.
pub fn describe(options: &Options, kinds: &[Kind]) -> Outcome<Facts> {
    let cores = thread::available_parallelism()?;
    let processor = line_of("/proc/cpuinfo", "model name");
    let mut facts = vec![
        ("processor", format!("{processor}, {cores} cores")),
        ("memory", memory()),
        ("kernel", fs::read_to_string("/proc/sys/kernel/osrelease")?.trim().to_owned()),
        ("file system", file_system(&std::env::temp_dir())),
        ("flushes (fdatasync of 8 KiB) a second", format!("{:.0}", flushes()?)),
        ("compiler of the server", compiler(&options.server)?),
    ];
    for kind in kinds {
        facts.push((kind.name(), version(*kind)?));
    }
    facts.push(("load generator", first_words(Command::new(&options.wrk).arg("-v"), 2)?));
    Ok(facts)
}

/// What stands behind the first line of a file that begins with a name.
fn line_of(file: &str, name: &str) -> String {
    let text = fs::read_to_string(file).unwrap_or_default();
    let line = text.lines().find(|line| line.starts_with(name));
    let value = line.and_then(|line| line.split_once(':')).map(|(_, value)| value.trim());
    value.unwrap_or("not known").to_owned()
}

fn memory() -> String {
    let total = line_of("/proc/meminfo", "MemTotal");
    let kibibytes = total.split(' ').next().and_then(|number| number.parse::<u64>().ok());
    kibibytes.map_or(total, |number| format!("{} GiB", (number + (1 << 19)) >> 20))
}

/// The type of the file system that a folder is on.
fn file_system(folder: &Path) -> String {
    let mounts = fs::read_to_string("/proc/mounts").unwrap_or_default();
    let mounts = mounts.lines().filter_map(|line| {
        let words: Vec<_> = line.split(' ').collect();
        let (place, kind) = (words.get(1)?, words.get(2)?);
        folder.starts_with(place).then(|| (place.len(), (*kind).to_owned()))
    });
    match mounts.max() {
        Some((_, kind)) if kind == "tmpfs" => {
            "tmpfs: **nothing here is durable; set TMPDIR to a folder on a disk**".to_owned()
        }
        Some((_, kind)) => kind,
        None => "not known".to_owned(),
    }
}

fn flushes() -> Outcome<f64> {
    let mut file = tempfile::tempfile()?;
    let (times, limit) = FLUSHES;
    let mut rates = Vec::new();
    for _ in 0..times {
        let start = Instant::now();
        let mut count: u32 = 0;
        while start.elapsed() < limit {
            file.rewind()?;
            file.write_all(&BLOCK)?;
            file.sync_data()?;
            count += 1;
        }
        rates.push(f64::from(count) / start.elapsed().as_secs_f64());
    }
    Ok(median(rates))
}

/// The compiler leaves its version in what it makes.
fn compiler(program: &Path) -> Outcome<String> {
    const MARK: &[u8] = b"rustc version ";
    let bytes = fs::read(program).map_err(|error| format!("cannot read the server: {error}"))?;
    let start = bytes.windows(MARK.len()).position(|window| window == MARK);
    let Some(start) = start else { return Ok("not known".to_owned()) };
    let version = bytes[start + MARK.len()..].split(|byte| !byte.is_ascii_graphic()).next();
    Ok(format!("rustc {}", String::from_utf8_lossy(version.unwrap_or_default())))
}

#[derive(QueryableByName)]
struct Version {
    #[diesel(sql_type = Text)]
    version: String,
}

fn version(kind: Kind) -> Outcome<String> {
    let database = kind.database();
    let version: Version = match kind {
        Kind::Sqlite => sql_query("SELECT sqlite_version() AS version")
            .get_result(&mut SqliteConnection::establish(":memory:")?)?,
        Kind::Postgres => sql_query("SELECT current_setting('server_version') AS version")
            .get_result(&mut PgConnection::establish(database.url())?)?,
    };
    Ok(version.version)
}

/// The beginning of what a program says.
fn first_words(command: &mut Command, count: usize) -> Outcome<String> {
    let output = command.output().map_err(|error| format!("cannot run {command:?}: {error}"))?;
    let text = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    Ok(text.split_whitespace().take(count).collect::<Vec<_>>().join(" "))
}
