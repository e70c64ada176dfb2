//! `cadastre key …`

use std::sync::Arc;

use cadastre_domain::audit::Entry;
use cadastre_domain::enterprise::Enterprise;
use cadastre_storage::{Keyring, Store};
use clap::Subcommand;

use super::{CommandError, actor, shown};
use crate::clock::Clock;
use crate::config::DatabaseConfig;
use crate::error::Error;

/// What to do with the master keys.
#[derive(Debug, Subcommand)]
pub(super) enum KeyCommand {
    /// List the keys that secrets are sealed with, by their ids
    List,
    /// Make a new key current and seal everything with it, while servers serve
    Rotate,
}

pub(super) fn run(
    store: &Store,
    config: &DatabaseConfig,
    command: &KeyCommand,
) -> Result<(), CommandError> {
    match command {
        KeyCommand::List => {
            println!("ID\tSINCE\tSTATE");
            for (key, since, current) in store.read(|tx| Ok::<_, Error>(tx.master_keys()?))? {
                let state = if current { "current" } else { "needed" };
                println!("{key}\t{}\t{state}", shown(Some(since)));
            }
        }
        KeyCommand::Rotate => {
            let now = Clock::System.now();
            let keyring = Arc::new(Keyring::new(config.master_key_file.clone()));
            let entry = Entry::done::<Enterprise>(&actor("rotate_key"), now, None, None);
            let rotated = store.rotate_keys(&keyring, now, &entry).map_err(Error::from)?;
            println!("{}", rotated.key);
            eprintln!(
                "sealed {} rows anew; removed {} old keys from {}",
                rotated.resealed,
                rotated.removed.len(),
                config.master_key_file.display()
            );
        }
    }
    Ok(())
}
