//! `cadastre user …`

use cadastre_domain::user::UserName;
use cadastre_storage::{StorageError, Store, Taken, UserFilter};
use clap::Subcommand;

use super::{CommandError, actor, argument, no_enterprise, write};
use crate::clock::Clock;
use crate::error::{Error, Thing};
use crate::service::users;

/// What to do with users.
#[derive(Debug, Subcommand)]
pub(super) enum UserCommand {
    /// Add a user and print its number
    Create {
        /// Its name, of 1 to 64 characters
        #[arg(long)]
        name: String,
        /// The id of the enterprise that it belongs to [default: that named default]
        #[arg(long)]
        enterprise: Option<String>,
    },
    /// List the users
    List,
}

pub(super) fn run(store: &Store, command: UserCommand) -> Result<(), CommandError> {
    match command {
        UserCommand::Create { name, enterprise } => {
            let user: UserName =
                argument("--name", &name, |name| UserName::try_from(name.to_owned()))?;
            let enterprise = super::enterprise(store, enterprise.as_deref())?;
            let now = Clock::System.now();
            let made = write(store, move |tx| {
                users::create(tx, &actor("create_user"), enterprise, &user, now)
            });
            let user = made.map_err(|error| match error {
                Error::Storage(StorageError::Taken(Taken::UserName)) => {
                    CommandError::Refused(format!("--name {name:?} is not accepted: it is taken"))
                }
                Error::NotFound(Thing::Enterprise) => no_enterprise(),
                error => error.into(),
            })?;
            println!("{}", user.id.0);
        }
        UserCommand::List => {
            println!("ID\tNAME\tENTERPRISE");
            let all = UserFilter::default();
            for user in store.read(|tx| Ok::<_, Error>(tx.list_users(&all, i64::MAX)?))?.items {
                println!("{}\t{}\t{}", user.id.0, user.name.as_ref(), user.enterprise_id);
            }
        }
    }
    Ok(())
}
