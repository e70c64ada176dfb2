//! `cadastre enterprise …`

use cadastre_domain::enterprise::EnterpriseName;
use cadastre_storage::Store;
use clap::Subcommand;

use super::CommandError;
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
            let name = EnterpriseName::try_from(name)
                .map_err(|error| CommandError::Refused(format!("--name {error}")))?;
            let now = Clock::System.now();
            let enterprise = store.write(move |tx| enterprises::create(tx, &name, now))?;
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
