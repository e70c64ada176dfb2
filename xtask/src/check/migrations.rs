//! Both databases have the same migrations.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::Path;

use super::Verdict;
use crate::cargo::root;
use crate::failure::Failure;
use crate::migration::DATABASES;

/// Compares the folders of both databases, by name.
pub fn gate() -> Result<Verdict, Failure> {
    compare(&root().join("migrations")).map_err(Failure::cannot("list the migrations"))
}

fn compare(migrations: &Path) -> io::Result<Verdict> {
    let [first, second] = DATABASES;
    let (ours, theirs) = (names(&migrations.join(first))?, names(&migrations.join(second))?);
    let mut complaints = Vec::new();
    if ours.is_empty() && theirs.is_empty() {
        complaints.push("there are no migrations".to_owned());
    }
    for (name, there, not_there) in ours
        .difference(&theirs)
        .map(|name| (name, first, second))
        .chain(theirs.difference(&ours).map(|name| (name, second, first)))
    {
        complaints.push(format!("migration {name} is in {there} but not in {not_there}"));
    }
    for (database, name) in
        ours.iter().map(|name| (first, name)).chain(theirs.iter().map(|name| (second, name)))
    {
        for file in ["up.sql", "down.sql"] {
            if !migrations.join(database).join(name).join(file).is_file() {
                complaints.push(format!("migration {database}/{name} has no {file}"));
            }
        }
    }
    Ok(Verdict::from_complaints(complaints))
}

/// The names of the folders in a folder.
fn names(folder: &Path) -> io::Result<BTreeSet<String>> {
    let mut names = BTreeSet::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            names.insert(entry.file_name().to_string_lossy().into_owned());
        }
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may fail by panicking")]

    use super::*;

    fn add(root: &Path, database: &str, name: &str, files: &[&str]) {
        let folder = root.join(database).join(name);
        fs::create_dir_all(&folder).unwrap();
        for file in files {
            fs::write(folder.join(file), "").unwrap();
        }
    }

    #[test]
    fn a_migration_in_one_set_only_is_found() {
        let root = tempfile::tempdir().unwrap();
        let both = &["up.sql", "down.sql"];
        for database in DATABASES {
            add(root.path(), database, "1_same", both);
        }
        assert_eq!(compare(root.path()).unwrap(), Verdict::Passed);
        add(root.path(), "sqlite", "2_here", both);
        add(root.path(), "postgres", "3_half", &["up.sql"]);
        assert_eq!(
            compare(root.path()).unwrap(),
            Verdict::Failed(vec![
                "migration 2_here is in sqlite but not in postgres".to_owned(),
                "migration 3_half is in postgres but not in sqlite".to_owned(),
                "migration postgres/3_half has no down.sql".to_owned(),
            ])
        );
    }
}
