//! The compose file is one that docker understands.

use std::process::Command;

use super::{Verdict, verdict_of};
use crate::cargo::root;
use crate::failure::Failure;
use crate::programs;
use crate::step::Step;

/// Has the compose file read, where there is a program that can read it.
pub fn gate() -> Result<Verdict, Failure> {
    for (program, arguments) in [("docker", &["compose"][..]), ("docker-compose", &[])] {
        let Some(path) = programs::find(program) else { continue };
        let compose = || {
            let mut command = Command::new(&path);
            command.current_dir(root()).args(arguments);
            command
        };
        let mut version = compose();
        version.arg("version");
        if Step::new(version, 1).capture()?.status.success() {
            let mut config = compose();
            config.args(["-f", "docker-compose.yml", "config", "--quiet"]);
            return verdict_of(config, 2);
        }
    }
    Ok(Verdict::NotRun("no docker compose on this machine".to_owned()))
}
