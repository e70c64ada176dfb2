//! The system account that a throw-away server runs as.

use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use crate::failure::Failure;
use crate::step::Step;

/// PostgreSQL refuses to run as root; `postgres` comes with most packages, `nobody` with the system.
const NAMES: [&str; 2] = ["postgres", "nobody"];

/// Whom to run as; `None` means as ourselves.
#[derive(Debug, Clone, Copy)]
pub struct Account(Option<(u32, u32)>);

impl Account {
    /// Ourselves, unless we are root.
    pub fn choose() -> Result<Self, Failure> {
        if !rustix::process::geteuid().is_root() {
            return Ok(Self(None));
        }
        for name in NAMES {
            if let (Some(user), Some(group)) = (number("-u", name)?, number("-g", name)?) {
                return Ok(Self(Some((user, group))));
            }
        }
        Err(Failure::trouble("PostgreSQL does not run as root, and there is no user `postgres`"))
    }

    /// Lets a program run as this account.
    pub fn take_on(self, command: &mut Command) {
        if let Some((user, group)) = self.0 {
            command.uid(user).gid(group);
        }
    }

    /// Gives a file or folder to this account.
    pub fn own(self, path: &Path) -> Result<(), Failure> {
        let Some((user, group)) = self.0 else { return Ok(()) };
        chown(path, Some(user), Some(group)).map_err(Failure::cannot("give a folder away"))
    }
}

/// The number of a user (`-u`) or of its group (`-g`); `None` if there is no such user.
fn number(kind: &str, name: &str) -> Result<Option<u32>, Failure> {
    let mut command = Command::new("id");
    command.args([kind, name]);
    Ok(Step::new(command, 1).capture()?.stdout.trim().parse().ok())
}
