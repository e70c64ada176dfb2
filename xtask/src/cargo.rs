//! Calls cargo for this workspace.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::failure::Failure;
use crate::step::Step;

/// The folder of the workspace.
pub fn root() -> PathBuf {
    let package = std::env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    package.parent().map_or_else(|| package.clone(), Path::to_path_buf)
}

/// A call of cargo in the folder of the workspace.
pub fn cargo<A: AsRef<OsStr>>(arguments: impl IntoIterator<Item = A>) -> Command {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let mut command = Command::new(program);
    command.current_dir(root()).args(arguments);
    // `cargo run` tells us about the package of this program. Build scripts that look at these
    // names would see others than when cargo is called by hand, and all be run again.
    for (name, _) in std::env::vars_os() {
        let name_text = name.to_string_lossy();
        if name_text.starts_with("CARGO_PKG_") || name_text.starts_with("CARGO_MANIFEST_") {
            command.env_remove(&name);
        }
    }
    command
}

/// Which of cargo's profiles a program is built with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// Quick to build.
    Dev,
    /// As it is shipped.
    Release,
}

impl Profile {
    /// What asks cargo for it.
    pub fn flags(self) -> &'static [&'static str] {
        match self {
            Self::Dev => &[],
            Self::Release => &["--release"],
        }
    }
}

/// Builds the server and says where cargo put it.
///
/// Cargo itself is asked for the place, because settings can move the target folder and add a
/// target triple to it.
pub fn build_server(profile: Profile) -> Result<PathBuf, Failure> {
    let mut command = cargo(["build", "--locked", "-p", "cadastre-api", "--bin", "cadastre"]);
    command.args(profile.flags()).arg("--message-format=json-render-diagnostics");
    let (status, messages) = Step::new(command, 40).run_for_stdout()?;
    if !status.success() {
        return Err(Failure::trouble("the server does not build"));
    }
    executable(&messages).ok_or_else(|| Failure::trouble("cargo named no program it built"))
}

/// The last program that cargo's messages, one JSON object a line, say was built.
fn executable(messages: &str) -> Option<PathBuf> {
    let key = "\"executable\":\"";
    let quoted = messages.lines().filter_map(|line| line.split_once(key)).next_back()?.1;
    let mut path = String::new();
    let mut letters = quoted.chars();
    loop {
        match letters.next()? {
            '"' => return Some(PathBuf::from(path)),
            '\\' => path.push(letters.next()?),
            letter => path.push(letter),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_program_is_read_from_the_messages_of_cargo() {
        let messages = concat!(
            r#"{"reason":"compiler-artifact","filenames":["/t/a.rlib"],"executable":null}"#,
            "\n",
            r#"{"reason":"compiler-artifact","executable":"/t/a \"b\"/cadastre","fresh":true}"#,
            "\n",
            r#"{"reason":"build-finished","success":true}"#,
        );
        assert_eq!(executable(messages), Some(PathBuf::from("/t/a \"b\"/cadastre")));
        assert_eq!(executable(r#"{"reason":"build-finished"}"#), None);
    }
}
