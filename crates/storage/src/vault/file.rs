//! The key file on the disk: it is there whole or not at all, and for its owner only.

use std::fs::{self, DirBuilder, File, Metadata, OpenOptions, Permissions};
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::os::unix::fs::{
    DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _, fchown,
};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::VaultError;
use super::text::{MOST_BYTES, Text};
use crate::disk::{beside, folder_of, rename_new, sync_folder};

/// Reads the file, if it is as closed as it must be.
pub(super) fn read(path: &Path) -> Result<Text, VaultError> {
    let (mut file, facts) = open(path)?;
    // Exactly as long as the file, because a text that grows leaves a copy behind.
    let size = usize::try_from(facts.len()).unwrap_or(usize::MAX);
    if size > MOST_BYTES {
        return Err(VaultError::TooLarge(path.to_owned()));
    }
    let mut text = Zeroizing::new(vec![0; size]);
    file.read_exact(&mut text).map_err(|error| failed("read", path, &error))?;
    Ok(text)
}

/// Makes the file with this text, and its folder, when they are not there. Of several that do so
/// at once, one is successful; afterwards the file is there for all of them.
pub(super) fn create(path: &Path, text: &[u8]) -> Result<(), VaultError> {
    let create = || {
        make_folder(folder_of(path))?;
        let _lock = lock(path)?;
        if fs::symlink_metadata(path).is_ok() {
            return Ok(());
        }
        let draft = Draft::write(path, text)?;
        // It replaces nothing, not even what was put there without the lock.
        match rename_new(&draft.path, path) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            done => done?,
        }
        sync_folder(folder_of(path))
    };
    create().map_err(|error: io::Error| failed("make", path, &error))
}

/// Writes the file anew, while no other process does. The new text is what `edit` makes of the
/// present one, and comes with an answer.
pub(super) fn rewrite<T>(
    path: &Path,
    edit: impl FnOnce(&[u8]) -> Result<(Text, T), VaultError>,
) -> Result<T, VaultError> {
    // A link stays, and what it points to is written.
    let path = &fs::canonicalize(path).map_err(|error| failed("find", path, &error))?;
    let (_, facts) = open(path)?;
    let lock = lock(path).map_err(|error| failed("lock", path, &error))?;
    // Without it the owner could not lock his own file, after root did so first. Nothing is lost
    // if it cannot be given.
    let _ = give(&lock, &facts);
    let (text, answer) = edit(&read(path)?)?;
    let replace = || {
        let draft = Draft::write(path, &text)?;
        give(&draft.file, &facts)?;
        draft.file.set_permissions(Permissions::from_mode(facts.mode() & 0o700))?;
        fs::rename(&draft.path, path)?;
        sync_folder(folder_of(path))
    };
    replace().map_err(|error: io::Error| failed("write", path, &error))?;
    Ok(answer)
}

/// Sees to it that the file is still in its folder after the power fails.
pub(super) fn keep(path: &Path) -> Result<(), VaultError> {
    sync_folder(folder_of(path)).map_err(|error| failed("keep", path, &error))
}

/// Opens the file for reading, and tells what it is.
fn open(path: &Path) -> Result<(File, Metadata), VaultError> {
    let failed = |error| failed("read", path, &error);
    // Asked before it is opened, because opening a pipe waits for its other end.
    check(path, &fs::metadata(path).map_err(failed)?)?;
    let file = File::open(path).map_err(failed)?;
    let facts = file.metadata().map_err(failed)?;
    check(path, &facts)?;
    Ok((file, facts))
}

fn check(path: &Path, facts: &Metadata) -> Result<(), VaultError> {
    let mode = facts.mode() & 0o7777;
    if !facts.is_file() {
        Err(VaultError::NotAFile(path.to_owned()))
    } else if mode & 0o077 != 0 {
        Err(VaultError::TooOpen { path: path.to_owned(), mode })
    } else {
        Ok(())
    }
}

/// A text that is on the disk but not published yet. What is left of it goes when it is dropped.
struct Draft {
    path: PathBuf,
    file: File,
}

impl Draft {
    /// To be called with the lock, because all drafts of a file have the same name.
    fn write(path: &Path, text: &[u8]) -> io::Result<Self> {
        let path = beside(path, ".draft");
        match fs::remove_file(&path) {
            // A process was killed while it wrote.
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
        let mut draft = Self { path, file };
        draft.file.write_all(text)?;
        draft.file.sync_all()?;
        Ok(draft)
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        // It is not there any more if it was renamed, and the next one makes way for itself.
        let _ = fs::remove_file(&self.path);
    }
}

/// Gives an open file to whom the key file belongs, when somebody else made it, such as root.
fn give(file: &File, facts: &Metadata) -> io::Result<()> {
    if file.metadata()?.uid() == facts.uid() {
        return Ok(());
    }
    fchown(file, Some(facts.uid()), None)
}

/// Waits until no other process makes or writes the file. The lock goes with the returned file.
fn lock(path: &Path) -> io::Result<File> {
    let name = beside(path, ".lock");
    let file = OpenOptions::new().append(true).create(true).mode(0o600).open(name)?;
    file.lock()?;
    Ok(file)
}

/// Makes a folder for its owner only, and those above it that are not there.
fn make_folder(folder: &Path) -> io::Result<()> {
    let is_missing = |folder: &&Path| !folder.as_os_str().is_empty() && !folder.exists();
    let missing: Vec<&Path> = folder.ancestors().take_while(is_missing).collect();
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    missing.into_iter().try_for_each(|made| sync_folder(folder_of(made)))
}

fn failed(action: &str, path: &Path, error: &io::Error) -> VaultError {
    match error.kind() {
        ErrorKind::NotFound if action != "make" => VaultError::Missing(path.to_owned()),
        _ => VaultError::Io(format!("cannot {action} the key file {}: {error}", path.display())),
    }
}
