//! Regions: the data centres and clusters of a company.

mod address;
mod change;
mod credentials;
mod deletion;
mod labels;
mod name;
mod pem;
mod revision;
#[cfg(test)]
mod sample;
mod scope;
mod status;
pub mod tls;
mod warning;

use chrono::{DateTime, Utc};

pub(crate) use address::check_authority;
pub use address::{AddressError, ApiUrl, HttpDomain, TcpAddress, WebsocketUrl};
pub use change::{
    AddressesEdit, Change, OTHER_ORIGIN, RegionDraft, RegionEdit, RegionRefusal, StatusRefusal,
};
pub use credentials::Credentials;
pub use deletion::{DeletionRefusal, decide_deletion};
pub use labels::{LabelError, Labels};
pub use name::{RegionName, RegionNameError};
pub use pem::Pem;
pub use revision::Revision;
pub use scope::{Scope, ScopeError};
pub use status::{Deletion, Dialling, OpeningUse, Passage, Status, StatusError, TransitionError};
pub use warning::RegionWarning;

use crate::id::{EnterpriseId, RegionId};
use crate::text::Text;

/// What people call a region: 1 to 64 characters.
pub type RegionAlias = Text<1, 64>;

/// A remark about a region: up to 200 characters.
pub type Description = Text<0, 200>;

/// The most characters that a region's token has.
pub const LONGEST_TOKEN: usize = 255;

/// The most characters that a region's private key has, as PEM text.
pub const LONGEST_KEY: usize = 65_535;

/// A region without its credentials: all that lists need.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Region {
    /// Its identifier.
    pub id: RegionId,
    /// The enterprise that it belongs to.
    pub enterprise_id: EnterpriseId,
    /// Its name, unique in the register; never changes.
    pub name: RegionName,
    /// What people call it.
    pub alias: RegionAlias,
    /// Where it is reached.
    pub addresses: Addresses,
    /// Who may open it for a team.
    pub scope: Scope,
    /// Whether it is in use.
    pub status: Status,
    /// A remark.
    pub description: Description,
    /// What people sort it by.
    pub labels: Labels,
    /// When it was registered.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
    /// Counts its changes, from 1.
    pub version: i64,
}

/// Where a region is reached. All four are valid by construction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Addresses {
    /// The region's own API.
    pub api: ApiUrl,
    /// Its websocket.
    pub websocket: WebsocketUrl,
    /// The root domain of the HTTP applications in it.
    pub http_domain: HttpDomain,
    /// The root of the addresses of the TCP applications in it.
    pub tcp: TcpAddress,
}

/// A region together with its credentials.
#[derive(Debug, Clone)]
pub struct RegionDetail {
    /// The region.
    pub region: Region,
    /// Its credentials.
    pub credentials: Credentials,
}

impl RegionDetail {
    /// Whether anything but the count and the time of its changes is different in `other`.
    ///
    /// A write after which nothing differs need not be kept.
    #[must_use]
    pub fn differs(&self, other: &Self) -> bool {
        let (updated_at, version) = (other.region.updated_at, other.region.version);
        let counted = Region { updated_at, version, ..self.region.clone() };
        counted != other.region || !self.credentials.same(&other.credentials)
    }
}
