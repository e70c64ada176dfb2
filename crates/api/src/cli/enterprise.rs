//! `cadastre enterprise …`

use cadastre_domain::enterprise::EnterpriseName;
use cadastre_storage::{StorageError, Store, Taken};
use clap::Subcommand;

use super::{CommandError, actor, write};
use crate::clock::Clock;
use crate::error::Error;
use crate::service::enterprises;

/// What to do with enterprises.
#[derive(Debug, Subcommand)]
pub(super) enum EnterpriseCommand {
    /// Create an enterprise and print its id
    Create {
        /// Its name, of 1 to 64 characters
        #[arg(long)]
        name: String,
    },
    /// List the enterprises
    List,
}

pub(super) fn run(store: &Store, command: EnterpriseCommand) -> Result<(), CommandError> {
    match command {
        EnterpriseCommand::Create { name } => {
            let refused =
                |why| CommandError::Refused(format!("--name {name:?} is not accepted: {why}"));
            let parsed = EnterpriseName::try_from(name.clone())
                .map_err(|error| refused(error.to_string()))?;
            let now = Clock::System.now();
            let created = write(store, move |tx| {
                enterprises::create(tx, &actor("create_enterprise"), &parsed, now)
            });
            let enterprise = created.map_err(|error| match error {
                Error::Storage(StorageError::Taken(Taken::EnterpriseName)) => {
                    refused("it is taken".to_owned())
                }
                error => error.into(),
            })?;
            println!("{}", enterprise.id);
        }
        EnterpriseCommand::List => {
            println!("ID\tNAME");
            for enterprise in store.read(|tx| Ok::<_, Error>(tx.list_enterprises()?))? {
                println!("{}\t{}", enterprise.id, enterprise.name.as_ref());
            }
        }
    }
    Ok(())
}
