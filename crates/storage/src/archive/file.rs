//! The file of an archive on the disk: it is there whole or not at all, and for its owner only.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead as _, BufReader, BufWriter, ErrorKind, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use super::ArchiveError;
use crate::vault::hex;

/// Whether anything is at this path.
pub(super) fn exists(path: &Path) -> Result<bool, ArchiveError> {
    match fs::symlink_metadata(path) {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(failed("look at", path, error)),
    }
}

/// A file that is being written beside its place. What is left of it goes when it is dropped; of a
/// process that was killed stays a file that ends in `.draft`.
pub(super) struct Draft<'a> {
    path: &'a Path,
    beside: PathBuf,
    out: BufWriter<File>,
}

impl<'a> Draft<'a> {
    /// Begins the file with this line.
    pub(super) fn begin(path: &'a Path, first: &str) -> Result<Self, ArchiveError> {
        let begin = || {
            // Each its own: of two commands with one path, neither publishes what the other writes.
            let mut chance = [0; 8];
            getrandom::fill(&mut chance).map_err(io::Error::other)?;
            let mut name = OsString::from(path);
            name.push(format!(".{}.draft", hex(&chance)));
            let draft = PathBuf::from(name);
            let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?;
            Ok(Self { path, beside: draft, out: BufWriter::new(file) })
        };
        let mut draft = begin().map_err(|error| failed("make", path, error))?;
        draft.write(first)?;
        Ok(draft)
    }

    /// Adds a line.
    pub(super) fn write(&mut self, line: &str) -> Result<(), ArchiveError> {
        writeln!(self.out, "{line}").map_err(|error| failed("write", self.path, error))
    }

    /// Puts the file on the disk and then into its place, where there must be none.
    pub(super) fn publish(mut self) -> Result<(), ArchiveError> {
        let mut publish = || {
            self.out.flush()?;
            self.out.get_ref().sync_all()?;
            // Unlike a rename it replaces nothing.
            fs::hard_link(&self.beside, self.path)?;
            fs::remove_file(&self.beside)?;
            let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty());
            File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
        };
        publish().map_err(|error: io::Error| failed("write", self.path, error))
    }
}

impl Drop for Draft<'_> {
    fn drop(&mut self) {
        // It is not there any more when it was published.
        let _ = fs::remove_file(&self.beside);
    }
}

/// The lines of a file.
pub(super) struct Lines<'a> {
    path: &'a Path,
    input: BufReader<File>,
}

impl<'a> Lines<'a> {
    pub(super) fn open(path: &'a Path) -> Result<Self, ArchiveError> {
        let file = File::open(path).map_err(|error| failed("read", path, error))?;
        Ok(Self { path, input: BufReader::new(file) })
    }

    /// The next line, without its end.
    pub(super) fn next(&mut self) -> Result<Option<String>, ArchiveError> {
        let mut line = String::new();
        let read = self.input.read_line(&mut line);
        if read.map_err(|error| failed("read", self.path, error))? == 0 {
            return Ok(None);
        }
        if line.ends_with('\n') {
            line.pop();
        }
        Ok(Some(line))
    }
}

fn failed(action: &str, path: &Path, error: io::Error) -> ArchiveError {
    ArchiveError::Io(format!("{action} the archive {}", path.display()), error)
}
