//! Finds cargo-deny, or compiles it: no system has it as a package, and its other sources are
//! years old or not the authors' own.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::cargo::{cargo, root};
use crate::failure::Failure;
use crate::programs;
use crate::step::Step;

/// What `deny.toml` was written for, and what is compiled where there is none.
const VERSION: &str = "0.20.2";

/// Its own release settings aim at a fast program and take several times as long to compile; ours
/// runs for a second.
const QUICK: [(&str, &str); 3] = [
    ("CARGO_PROFILE_RELEASE_LTO", "off"),
    ("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1"),
    ("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16"),
];

/// Where cargo-deny is, after compiling it if it is missing.
pub fn ensure() -> Result<PathBuf, Failure> {
    if let Some(program) = find()? {
        return Ok(program);
    }
    install(&folder())?;
    find()?.ok_or_else(|| Failure::trouble("cargo-deny was installed, but does not run"))
}

/// Where cargo-deny is: the user's, if it suits, or else the one that we have compiled.
pub fn find() -> Result<Option<PathBuf>, Failure> {
    let ours = folder().join("bin/cargo-deny");
    let theirs = programs::find("cargo-deny");
    for program in theirs.into_iter().chain(ours.is_file().then_some(ours)) {
        let mut command = Command::new(&program);
        command.arg("--version");
        if suits(&Step::new(command, 1).capture()?.stdout) {
            return Ok(Some(program));
        }
    }
    Ok(None)
}

/// A place that `cargo clean` empties and that a new version does not share with an old one.
fn folder() -> PathBuf {
    root().join("target/programs").join(format!("cargo-deny-{VERSION}"))
}

/// Whether a cargo-deny that says this of itself understands our `deny.toml`.
///
/// Before 1.0 the second number is the one whose change may break something.
fn suits(said: &str) -> bool {
    let version = |text| programs::version(text).filter(|numbers| numbers.len() == 3);
    let offered = said.trim().strip_prefix("cargo-deny ").and_then(version);
    offered
        .zip(version(VERSION))
        .is_some_and(|(offered, wanted)| offered[..2] == wanted[..2] && offered[2] >= wanted[2])
}

/// Compiles cargo-deny with the libraries its authors have locked, and keeps nothing but the
/// program.
fn install(folder: &Path) -> Result<(), Failure> {
    std::fs::create_dir_all(folder).map_err(Failure::cannot("make a folder for cargo-deny"))?;
    // In a folder of its own it neither waits for another cargo nor mixes with our libraries.
    let build = tempfile::Builder::new()
        .prefix("build-")
        .tempdir_in(folder)
        .map_err(Failure::cannot("make a folder to compile cargo-deny in"))?;
    let mut command = cargo(["install", "--locked", "--quiet", "--root"]);
    command.arg(folder).arg(format!("cargo-deny@{VERSION}"));
    command.env("CARGO_TARGET_DIR", build.path()).envs(QUICK);
    let status = Step::new(command, 15).run()?;
    if status.success() {
        return Ok(());
    }
    Err(Failure::trouble(format!(
        "cargo-deny is missing: cargo install --locked cargo-deny@{VERSION}"
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wanted_version_and_its_repairs_suit() {
        assert!(suits(&format!("cargo-deny {VERSION}\n")));
        assert!(suits("cargo-deny 0.20.17\n"));
    }

    #[test]
    fn another_series_or_an_older_version_does_not_suit() {
        for said in [
            "cargo-deny 0.14.2\n",
            "cargo-deny 0.20.1\n",
            "cargo-deny 0.21.5\n",
            "cargo-deny 1.20.2\n",
            "cargo-deny 0.20\n",
            "cargo-deny 0.20.2-rc.1\n",
            "cargo-audit 0.20.2\n",
            "",
        ] {
            assert!(!suits(said), "{said}");
        }
    }
}
