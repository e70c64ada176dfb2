//! Files that are there whole or not at all.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, RenameFlags, renameat_with};
use rustix::io::Errno;

/// Gives a file a name that nothing has yet.
///
/// # Errors
/// `AlreadyExists` when something has that name, also a link that leads nowhere.
pub(crate) fn rename_new(from: &Path, to: &Path) -> io::Result<()> {
    match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        // Some file systems, such as NFS, can only rename over what is there. Those have hard links.
        Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => link_new(from, to),
        renamed => Ok(renamed?),
    }
}

/// The same where the system cannot rename without replacing. A hard link replaces nothing, either.
fn link_new(from: &Path, to: &Path) -> io::Result<()> {
    fs::hard_link(from, to)?;
    fs::remove_file(from)
}

/// Puts on the disk which files a folder has.
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// The folder that a file is in.
pub(crate) fn folder_of(path: &Path) -> &Path {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    folder.unwrap_or(Path::new("."))
}

/// The path with something at its end.
pub(crate) fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a file system that fails should stop the test")]

    use std::io::ErrorKind;
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn a_new_name_replaces_nothing() {
        for rename in [rename_new, link_new] {
            let folder = tempfile::tempdir().unwrap();
            let [from, to, link] = ["from", "to", "link"].map(|name| folder.path().join(name));
            symlink(folder.path().join("nowhere"), &link).unwrap();
            fs::write(&from, "mine").unwrap();
            rename(&from, &to).unwrap();
            assert!(!from.exists());
            fs::write(&from, "other").unwrap();
            for taken in [&to, &link] {
                assert_eq!(rename(&from, taken).unwrap_err().kind(), ErrorKind::AlreadyExists);
            }
            let texts = [&from, &to].map(|path| fs::read_to_string(path).unwrap());
            assert_eq!(texts, ["other", "mine"]);
        }
    }

    #[test]
    fn a_new_name_needs_no_hard_link() {
        // A folder has no second name anywhere, as files have none on some file systems.
        let folder = tempfile::tempdir().unwrap();
        let [from, to] = ["from", "to"].map(|name| folder.path().join(name));
        fs::create_dir(&from).unwrap();
        rename_new(&from, &to).unwrap();
        assert!(to.is_dir() && !from.exists());
    }
}
