#![doc = include_str!("../README.md")]

mod batch;
mod connections;
mod database;
mod error;
mod postgres;
mod queue;
mod sqlite;
mod store;
mod tx;
mod url;

pub use error::{StorageError, Taken};
pub use store::{Settings, Store, Ticket};
pub use tx::{Enterprises, Nodes, Openings, Regions, Teams, Tokens, Tx, Users};
pub use url::{DatabaseUrl, DatabaseUrlError};
