//! Makes sure that the programs a command needs are on this machine, installing what is missing
//! where that can be done without asking.

use std::path::PathBuf;
use std::process::Command;

use crate::failure::Failure;
use crate::programs;
use crate::step::Step;

/// Installs the packages named after it, as root.
///
/// Debian's PostgreSQL package makes and starts a cluster when it is first installed. We want the
/// programs only, so a drop-in file of postgresql-common switches that off while we install, and is
/// removed afterwards: what an administrator has set, now or later, is not touched. The lock is
/// waited for because a fresh machine may be busy with its own updates.
const APT_SCRIPT: &str = r#"
set -e
drop_in=/etc/postgresql-common/createcluster.d/no-cluster-for-tests.conf
trap 'rm -f "$drop_in"; cd /etc; rmdir -p postgresql-common/createcluster.d 2>/dev/null || true' EXIT
trap 'exit 143' TERM
mkdir -p "${drop_in%/*}"
echo 'create_main_cluster = false' >"$drop_in"
export DEBIAN_FRONTEND=noninteractive
apt-get -o DPkg::Lock::Timeout=300 update
apt-get -o DPkg::Lock::Timeout=300 install -y --no-install-recommends "$@"
"#;

/// A program, or a group of them, that comes from a package.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tool {
    /// The server programs of PostgreSQL.
    Postgres,
    /// The load generator of PostgreSQL.
    Pgbench,
    /// Calls HTTP from the command line.
    Curl,
    /// Makes certificates on the command line.
    Openssl,
    /// The load generator for HTTP.
    Wrk,
}

impl Tool {
    /// Where the tool is: a program, or the folder of a group.
    pub fn find(self) -> Option<PathBuf> {
        match self {
            Self::Postgres => programs::postgres_folder(),
            Self::Pgbench => programs::pgbench(),
            Self::Curl => programs::find("curl"),
            Self::Openssl => programs::find("openssl"),
            Self::Wrk => programs::find("wrk"),
        }
    }

    /// Where the tool is, or an error that says how to get it.
    pub fn require(self) -> Result<PathBuf, Failure> {
        self.find().ok_or_else(|| Failure::trouble(advice(&[self])))
    }

    fn what(self) -> &'static str {
        match self {
            Self::Postgres => "the PostgreSQL server (initdb, pg_ctl, postgres)",
            Self::Pgbench => "pgbench (comes with the PostgreSQL server)",
            Self::Curl => "curl",
            Self::Openssl => "the openssl command",
            Self::Wrk => "wrk",
        }
    }

    fn debian_package(self) -> &'static str {
        match self {
            Self::Postgres | Self::Pgbench => "postgresql",
            Self::Curl => "curl",
            Self::Openssl => "openssl",
            Self::Wrk => "wrk",
        }
    }
}

/// Finds all these tools, installing those that are missing if that is possible.
pub fn ensure(tools: &[Tool]) -> Result<(), Failure> {
    let missing = missing(tools);
    if missing.is_empty() {
        return Ok(());
    }
    let Some(mut shell) = root_shell()? else {
        return Err(Failure::trouble(advice(&missing)));
    };
    let packages = debian_packages(&missing);
    eprintln!("== installing {}", packages.join(" "));
    shell.args(["-c", APT_SCRIPT, "install"]).args(packages);
    let captured = Step::new(shell, 20).capture()?;
    let still_missing = self::missing(tools);
    if still_missing.is_empty() {
        return Ok(());
    }
    eprint!("{}{}", captured.stdout, captured.stderr);
    Err(Failure::trouble(format!("apt-get did not help; {}", advice(&still_missing))))
}

fn missing(tools: &[Tool]) -> Vec<Tool> {
    tools.iter().copied().filter(|tool| tool.find().is_none()).collect()
}

/// A shell that may install packages; none if we may not.
fn root_shell() -> Result<Option<Command>, Failure> {
    if programs::find("apt-get").is_none() {
        return Ok(None);
    }
    if rustix::process::geteuid().is_root() {
        return Ok(Some(Command::new("sh")));
    }
    let Some(sudo) = programs::find("sudo") else { return Ok(None) };
    let without_password = |program: &str| {
        let mut command = Command::new(&sudo);
        command.args(["-n", program]);
        command
    };
    let allowed = Step::new(without_password("true"), 1).capture()?.status.success();
    Ok(allowed.then(|| without_password("sh")))
}

/// The packages of these tools, each once.
fn debian_packages(tools: &[Tool]) -> Vec<&'static str> {
    let mut names: Vec<_> = tools.iter().map(|tool| tool.debian_package()).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// One line that says what is missing and how to get it.
fn advice(missing: &[Tool]) -> String {
    let what = missing.iter().map(|tool| tool.what()).collect::<Vec<_>>().join(", ");
    let packages = debian_packages(missing).join(" ");
    format!("missing: {what}; install with `apt-get install {packages}` or what your system has")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_is_named_once() {
        let tools = [Tool::Wrk, Tool::Postgres, Tool::Pgbench];
        assert_eq!(debian_packages(&tools), ["postgresql", "wrk"]);
    }

    #[test]
    fn advice_is_one_line_with_everything_that_is_missing() {
        assert_eq!(
            advice(&[Tool::Curl, Tool::Openssl]),
            "missing: curl, the openssl command; install with `apt-get install curl openssl` \
             or what your system has"
        );
    }
}
