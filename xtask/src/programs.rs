//! Finds programs on this machine.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// Places for programs that are not on everybody's PATH.
const FOLDERS: [&str; 5] =
    ["/usr/local/bin", "/opt/homebrew/bin", "/usr/local/pgsql/bin", "/usr/sbin", "/sbin"];

/// Where systems keep several versions of PostgreSQL side by side: the folder, what the name of a
/// version begins with, and where its programs are.
const VERSIONED: [(&str, &str, &str); 6] = [
    ("/usr/lib/postgresql", "", "bin"),
    ("/usr", "pgsql-", "bin"),
    ("/usr/lib", "postgresql", "bin"),
    ("/usr/libexec", "postgresql", "."),
    ("/opt/homebrew/opt", "postgresql@", "bin"),
    ("/usr/local/opt", "postgresql@", "bin"),
];

/// The full path of a program.
pub fn find(name: &str) -> Option<PathBuf> {
    folders().into_iter().map(|folder| folder.join(name)).find(|path| is_program(path))
}

/// The folder with the server programs of PostgreSQL: PATH decides, else the highest version.
pub fn postgres_folder() -> Option<PathBuf> {
    let mut versions: Vec<(Vec<u32>, PathBuf)> = Vec::new();
    for (folder, prefix, programs) in VERSIONED {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if let Some(version) = name.strip_prefix(prefix).and_then(version) {
                versions.push((version, entry.path().join(programs)));
            }
        }
    }
    versions.sort();
    let newest_first = versions.into_iter().rev().map(|(_, folder)| folder);
    let on_path = folders().into_iter().filter_map(|folder| home(&folder.join("postgres")));
    on_path.chain(newest_first).find(|folder| {
        ["initdb", "pg_ctl", "postgres"].iter().all(|name| is_program(&folder.join(name)))
    })
}

/// The folder a program really lies in, with its companions; PATH may only hold links to some.
fn home(program: &Path) -> Option<PathBuf> {
    Some(fs::canonicalize(program).ok()?.parent()?.to_path_buf())
}

/// The load generator of PostgreSQL, which lies beside the server on some systems only.
pub fn pgbench() -> Option<PathBuf> {
    let beside = postgres_folder().map(|folder| folder.join("pgbench"));
    beside.filter(|path| is_program(path)).or_else(|| find("pgbench"))
}

fn folders() -> Vec<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).chain(FOLDERS.map(PathBuf::from)).collect()
}

fn is_program(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|data| data.is_file() && data.permissions().mode() & 0o111 != 0)
}

/// `15` or `9.6` as numbers, so that 15 is above 9.6.
pub fn version(text: &str) -> Option<Vec<u32>> {
    text.split('.').map(|number| number.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_compare_as_numbers() {
        assert_eq!(version("9.6"), Some(vec![9, 6]));
        assert!(version("15") > version("9.6"));
        assert_eq!(version("common"), None);
        assert_eq!(version(""), None);
    }

    #[test]
    fn a_program_on_the_path_is_found() {
        assert!(find("sh").is_some_and(|path| path.is_absolute()));
        assert_eq!(find("no-such-program-anywhere"), None);
    }
}
