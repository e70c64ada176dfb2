//! None of our crates has unsafe code.
//!
//! A lint that is forbidden cannot be allowed again further down, so it is enough to see that the
//! workspace forbids it and that every crate takes its lints from the workspace.

use std::fs;
use std::path::{Path, PathBuf};

use super::Verdict;
use crate::cargo::{cargo, root};
use crate::failure::Failure;
use crate::step::Step;

/// Looks into the manifest of the workspace and into that of every member.
pub fn gate() -> Result<Verdict, Failure> {
    let command =
        cargo(["tree", "--locked", "--workspace", "-e", "normal", "--depth", "0", "-f", "{p}"]);
    let captured = Step::new(command, 5).capture()?;
    if !captured.status.success() {
        return Ok(Verdict::Failed(vec![captured.stderr]));
    }
    let members = members(&captured.stdout);
    if members.is_empty() {
        return Ok(Verdict::Failed(vec!["cargo named no member of the workspace".to_owned()]));
    }
    let mut complaints = Vec::new();
    complaints.extend(of_workspace(&read(&root())?));
    for folder in members {
        complaints.extend(of_member(&folder, &read(&folder)?));
    }
    Ok(Verdict::from_complaints(complaints))
}

fn read(folder: &Path) -> Result<String, Failure> {
    fs::read_to_string(folder.join("Cargo.toml")).map_err(Failure::cannot("read a manifest"))
}

/// The folders in a tree of depth 0: `package v1 (folder)` for each member.
fn members(tree: &str) -> Vec<PathBuf> {
    let folder = |line: &str| {
        let (_, folder) = line.strip_suffix(')')?.rsplit_once(" (")?;
        Some(PathBuf::from(folder))
    };
    tree.lines().filter_map(folder).collect()
}

/// What is wrong with the manifest of the workspace.
fn of_workspace(manifest: &str) -> Option<String> {
    let forbids = value(manifest, "[workspace.lints.rust]", "unsafe_code") == Some("\"forbid\"");
    (!forbids).then(|| "[workspace.lints.rust] must say unsafe_code = \"forbid\"".to_owned())
}

/// What is wrong with the manifest of a member.
fn of_member(folder: &Path, manifest: &str) -> Option<String> {
    let inherits = value(manifest, "[lints]", "workspace") == Some("true");
    (!inherits)
        .then(|| format!("{}/Cargo.toml must say [lints] workspace = true", folder.display()))
}

/// The value of a key in a section of a manifest that is written as ours are, a key a line.
fn value<'a>(manifest: &'a str, section: &str, key: &str) -> Option<&'a str> {
    let lines = manifest.lines().map(|line| line.split('#').next().unwrap_or_default().trim());
    let inside = lines.skip_while(|line| *line != section).skip(1);
    let mut pairs =
        inside.take_while(|line| !line.starts_with('[')).filter_map(|line| line.split_once('='));
    pairs.find(|(name, _)| name.trim() == key).map(|(_, value)| value.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member(manifest: &str) -> Option<String> {
        of_member(Path::new("/w/crates/api"), manifest)
    }

    #[test]
    fn a_member_takes_its_lints_from_the_workspace() {
        assert_eq!(member("[package]\nname = \"a\"\n\n[lints]\nworkspace = true # all\n"), None);
    }

    #[test]
    fn a_member_without_the_lints_of_the_workspace_is_found() {
        let complaint = Some("/w/crates/api/Cargo.toml must say [lints] workspace = true".into());
        for manifest in [
            "",
            "[package]\nname = \"a\"\n",
            "[lints]\nworkspace = false\n",
            "[lints]\n# workspace = true\n",
            "[lints]\n\n[package.metadata]\nworkspace = true\n",
            "[package]\nworkspace = true\n",
            "[lints.rust]\nunsafe_code = \"allow\"\n",
        ] {
            assert_eq!(member(manifest), complaint, "{manifest}");
        }
    }

    #[test]
    fn a_workspace_that_does_not_forbid_is_found() {
        assert_eq!(of_workspace("[workspace.lints.rust]\nunsafe_code = \"forbid\"\n"), None);
        for manifest in [
            "",
            "[workspace.lints.rust]\nunsafe_code = \"deny\"\n",
            "[workspace.lints.rust]\n# unsafe_code = \"forbid\"\n",
            "[lints.rust]\nunsafe_code = \"forbid\"\n",
            "[workspace.lints.rust]\n[workspace.lints.clippy]\nunsafe_code = \"forbid\"\n",
        ] {
            assert!(of_workspace(manifest).is_some(), "{manifest}");
        }
    }

    #[test]
    fn the_folders_of_members_are_read_from_a_tree() {
        let tree = "\
a v0.1.0 (/w/crates/a)

macros v0.1.0 (proc-macro) (/w/my crates/macros)
";
        assert_eq!(
            members(tree),
            [Path::new("/w/crates/a"), Path::new("/w/my crates/macros")].map(PathBuf::from)
        );
        assert_eq!(members("nothing of use\n"), [""; 0].map(PathBuf::from));
    }
}
