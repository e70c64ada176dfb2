//! The file of an archive on the disk: it is there whole or not at all, and for its owner only.

use std::fs::{self, File, OpenOptions};
use std::io::{
    self, BufRead as _, BufReader, BufWriter, ErrorKind, Seek as _, SeekFrom, Write as _,
};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use super::ArchiveError;
use crate::disk::{beside, folder_of, rename_new, sync_folder};
use crate::vault::hex;

/// How many bytes of chance are in the name of a draft.
const CHANCE: usize = 8;

/// How the name of a draft ends.
const DRAFT: &str = ".draft";

/// Whether anything is at this path.
pub(super) fn exists(path: &Path) -> Result<bool, ArchiveError> {
    match fs::symlink_metadata(path) {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(failed("look at", path, error)),
    }
}

/// Removes what killed commands left of drafts for this path. To be called while no other command
/// writes one.
pub(super) fn remove_drafts(path: &Path) -> Result<(), ArchiveError> {
    let remove = || {
        for entry in fs::read_dir(folder_of(path))? {
            let found = entry?.path();
            if is_draft_of(path, &found) {
                fs::remove_file(found)?;
            }
        }
        Ok(())
    };
    remove().map_err(|error: io::Error| failed("remove drafts of", path, error))
}

/// Whether a path has the name of a draft for the other.
fn is_draft_of(path: &Path, found: &Path) -> bool {
    let name = |path: &Path| path.file_name().map(|name| name.as_encoded_bytes().to_vec());
    let (Some(path), Some(found)) = (name(path), name(found)) else { return false };
    let chance = found
        .strip_prefix(&*path)
        .and_then(|rest| rest.strip_prefix(b"."))
        .and_then(|rest| rest.strip_suffix(DRAFT.as_bytes()));
    chance.is_some_and(|text| text.len() == 2 * CHANCE && text.iter().all(u8::is_ascii_hexdigit))
}

/// A file that is being written beside its place. What is left of it goes when it is dropped; that of
/// a process that was killed, at the next command for the same place.
pub(super) struct Draft<'a> {
    path: &'a Path,
    beside: PathBuf,
    out: BufWriter<File>,
    length: u64,
}

impl<'a> Draft<'a> {
    /// Begins the file with this line.
    pub(super) fn begin(path: &'a Path, first: &str) -> Result<Self, ArchiveError> {
        let begin = || {
            // Each its own: registers that archive to one path do not write into one draft.
            let mut chance = [0; CHANCE];
            getrandom::fill(&mut chance).map_err(io::Error::other)?;
            let draft = beside(path, &format!(".{}{DRAFT}", hex(&chance)));
            let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?;
            Ok(Self { path, beside: draft, out: BufWriter::new(file), length: 0 })
        };
        let mut draft = begin().map_err(|error| failed("make", path, error))?;
        draft.write(first)?;
        Ok(draft)
    }

    /// How long it is, in bytes.
    pub(super) const fn length(&self) -> u64 {
        self.length
    }

    /// Adds a line.
    pub(super) fn write(&mut self, line: &str) -> Result<(), ArchiveError> {
        writeln!(self.out, "{line}").map_err(|error| failed("write", self.path, error))?;
        self.length += line.len() as u64 + 1;
        Ok(())
    }

    /// Takes away what was written behind this length.
    pub(super) fn cut(&mut self, length: u64) -> Result<(), ArchiveError> {
        let mut cut = || {
            // Writes what is held back first.
            self.out.seek(SeekFrom::Start(length))?;
            self.out.get_ref().set_len(length)
        };
        cut().map_err(|error| failed("write", self.path, error))?;
        self.length = length;
        Ok(())
    }

    /// Puts the file on the disk and then into its place, where there must be none.
    pub(super) fn publish(mut self) -> Result<(), ArchiveError> {
        let mut publish = || {
            self.out.flush()?;
            self.out.get_ref().sync_all()?;
            rename_new(&self.beside, self.path)?;
            sync_folder(folder_of(self.path))
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
