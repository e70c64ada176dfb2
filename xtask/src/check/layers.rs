//! The layers hold: api → storage → domain, and each knows only its own libraries.

use super::Verdict;
use crate::cargo::cargo;
use crate::failure::Failure;
use crate::step::Step;

/// What must not be reachable: from this package, this library.
const FORBIDDEN: [(&str, &str); 5] = [
    ("cadastre-domain", "diesel"),
    ("cadastre-domain", "actix-web"),
    ("cadastre-domain", "cadastre-storage"),
    ("cadastre-storage", "actix-web"),
    ("cadastre-storage", "cadastre-api"),
];

/// Who may name the libraries of a family in a manifest, tests included.
const OWNERS: [(&str, &[&str]); 2] = [
    ("diesel", &["cadastre-storage", "cadastre-testkit", "cadastre-workload"]),
    ("actix", &["cadastre-api", "cadastre-workload"]),
];

/// No library of another layer is reachable, directly or through others.
pub fn trees() -> Result<Verdict, Failure> {
    let mut complaints = Vec::new();
    for (package, library) in FORBIDDEN {
        let command = cargo([
            "tree", "--locked", "-p", package, "-e", "normal", "--target", "all", "-i", library,
        ]);
        let captured = Step::new(command, 5).capture()?;
        // That cargo finds no such library is the good answer; any other failure proves nothing.
        let unreachable = format!("`{library}` did not match any packages");
        if captured.status.success() {
            complaints.push(format!("{package} reaches {library}:\n{}", captured.stdout));
        } else if !captured.stderr.contains(&unreachable) {
            complaints.push(format!("cannot look from {package}:\n{}", captured.stderr));
        }
    }
    Ok(Verdict::from_complaints(complaints))
}

/// Only the owner of a library names it in its manifest.
pub fn manifests() -> Result<Verdict, Failure> {
    let all = "tree --locked --workspace --all-features --target all --edges normal,build,dev";
    let mut command = cargo(all.split(' '));
    command.args(["--depth", "1", "--prefix", "depth", "--format", " {p}"]);
    let captured = Step::new(command, 5).capture()?;
    if !captured.status.success() {
        return Ok(Verdict::Failed(vec![captured.stderr]));
    }
    Ok(Verdict::from_complaints(strangers(&captured.stdout)))
}

/// Reads a tree of depth 1: `0 package v1 (place)`, then `1 library v2` for each it names.
fn strangers(tree: &str) -> Vec<String> {
    let mut complaints = Vec::new();
    let mut package = "";
    for line in tree.lines() {
        let mut words = line.split_whitespace();
        match (words.next(), words.next()) {
            (Some("0"), Some(name)) => package = name,
            (Some("1"), Some(library)) => {
                for (family, owners) in OWNERS {
                    if library.starts_with(family) && !owners.contains(&package) {
                        complaints.push(format!("{package} must not depend on {library}"));
                    }
                }
            }
            _ => {}
        }
    }
    complaints
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_library_named_by_a_stranger_is_found() {
        let tree = "\
0 cadastre-api v0.1.0 (/w/crates/api)
1 actix-web v4.18.0
1 diesel v2.3.14 (*)
[dev-dependencies]
1 cadastre-testkit v0.1.0 (/w/crates/testkit)

0 cadastre-storage v0.1.0 (/w/crates/storage)
1 diesel_migrations v2.3.2
";
        assert_eq!(strangers(tree), ["cadastre-api must not depend on diesel"]);
    }
}
