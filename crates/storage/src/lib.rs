#![doc = include_str!("../README.md")]

mod archive;
mod audit;
mod batch;
mod connections;
mod database;
mod disk;
mod error;
pub mod mac;
mod model;
mod postgres;
mod queue;
mod rotate;
mod safe;
mod sqlite;
mod store;
mod tx;
mod url;
mod vault;

pub use archive::{ArchiveCheck, ArchiveError, Archived};
pub use audit::{
    AuditCheck, AuditFilter, AuditRecord, ChainEnds, ChainKey, ChainLink, ChainLinkError,
    LinkCheck, Verification,
};
pub use error::{StorageError, Taken};
pub use model::{Bodies, FORMS, Holding, Model, ModelNode, ModelNodes, ModelRegion, Newest};
pub use queue::WriteOwner;
pub use rotate::Rotation;
pub use safe::{TokenCode, TokenProof};
pub use store::{Settings, Store, Ticket};
pub use tx::{
    Acceptance, AlarmFilter, Alarms, Answer, Answers, Audit, CertificatePlace, ChangedBy,
    CredentialSets, DialTasks, DialVariables, EnterpriseFilter, Enterprises, Found, Identified,
    KeptPoint, KeptRollup, ListedCertificate, ListedRegion, LoosePoint, MOST_SCANNED, NewPoint,
    NodeFilter, NodeRuns, Nodes, OpenRegionFilter, Openings, PointFilter, PointPlace, PointUsage,
    Progress, RegionSave, RegionSets, Regions, Register, Results, Revisions, RolledUp,
    RollupFilter, RollupPlace, SHARES, Series, SeriesFilter, SeriesKey, SetChange, TaskFilter,
    TeamFilter, Teams, TokenUse, Tokens, Total, Trimmed, Tx, Upgrade, UserFilter, Users,
    VariableFilter, VariableState, Watches, WebhookDeliveryFilter, WebhookFilter, Webhooks,
    WindowFilter, Windows, share_of,
};
pub use url::{DatabaseUrl, DatabaseUrlError, UncheckedServer};
pub use vault::{KeyId, KeyIdError, Keyring, Place, Vault, VaultError};
