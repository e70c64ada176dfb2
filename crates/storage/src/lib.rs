#![doc = include_str!("../README.md")]

mod audit;
mod batch;
mod connections;
mod database;
mod error;
pub mod mac;
mod postgres;
mod queue;
mod rotate;
mod safe;
mod sqlite;
mod store;
mod tx;
mod url;
mod vault;

pub use audit::{AuditFilter, AuditRecord, Verification};
pub use error::{StorageError, Taken};
pub use rotate::Rotation;
pub use safe::TokenCode;
pub use store::{Settings, Store, Ticket};
pub use tx::{
    Audit, Enterprises, Identified, Nodes, Openings, Regions, Register, Teams, TokenUse, Tokens,
    Tx, Users,
};
pub use url::{DatabaseUrl, DatabaseUrlError};
pub use vault::{KeyId, KeyIdError, Keyring, Place, Vault, VaultError};
