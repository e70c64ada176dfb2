//! Clears up after a throw-away server, even when this process is killed outright.

use std::path::Path;
use std::process::{Child, Command, Stdio};

use std::os::unix::process::CommandExt;

use super::account::Account;
use crate::failure::Failure;

/// Waits for the end of its input, then stops the server and removes the folder.
///
/// Nothing in the folder is worth a clean shutdown, hence `immediate`.
const SCRIPT: &str = r#"
trap '' HUP INT TERM
read -r _
"$1" stop -s -D "$2/data" -m immediate -t 30
rm -rf -- "$2"
"#;

/// A shell on the other end of a pipe.
///
/// The pipe closes when this value is dropped, and also when this process dies in a way that runs
/// no drops: the system closes it then. So there is one way of clearing up, and it is always used.
#[derive(Debug)]
pub struct Keeper(Child);

impl Keeper {
    /// Starts to look after a folder and the server whose data lie in its `data`.
    pub fn start(pg_ctl: &Path, folder: &Path, account: Account) -> Result<Self, Failure> {
        let mut command = Command::new("sh");
        command.args(["-c", SCRIPT, "keeper"]).arg(pg_ctl).arg(folder);
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        // In a group of its own Ctrl-C does not reach it; at `/` it keeps no folder busy.
        command.process_group(0).current_dir("/");
        account.take_on(&mut command);
        command.spawn().map(Self).map_err(Failure::cannot("start a shell"))
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        // Waiting closes the pipe first.
        if let Err(error) = self.0.wait() {
            eprintln!("xtask: cannot wait for the shell that clears up: {error}");
        }
    }
}
