//! Regions: the data centres and clusters of a company.

mod address;
mod change;
mod name;
mod scope;
mod status;
pub mod tls;

use chrono::{DateTime, Utc};

pub use address::{AddressError, ApiUrl, HttpDomain, TcpAddress, WebsocketUrl};
pub use change::{Change, RegionDraft, RegionEdit, StatusRefusal};
pub use name::{RegionName, RegionNameError};
pub use scope::{Scope, ScopeError};
pub use status::{Deletion, Dialling, OpeningUse, Passage, Status, StatusError, TransitionError};

use crate::id::{EnterpriseId, RegionId};
use crate::secret::Secret;
use crate::text::Text;
use tls::{TlsFault, TlsMaterial};

/// What people call a region: 1 to 64 characters.
pub type RegionAlias = Text<1, 64>;

/// A remark about a region: up to 200 characters.
pub type Description = Text<0, 200>;

/// Certificates as PEM text: 1 to 65,535 characters. Never the name of a file.
pub type Pem = Text<1, 65_535>;

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

/// With what the register shows itself to a region.
#[derive(Debug, Clone, Default)]
pub struct Credentials {
    /// The token that the region's API expects.
    pub token: Option<Secret>,
    /// The certificates of the authority that signed the region's.
    pub ca: Option<Pem>,
    /// The client certificate, with intermediates.
    pub certificate: Option<Pem>,
    /// The private key of the client certificate.
    pub key: Option<Secret>,
}

impl Credentials {
    /// The secrets that there are, by the names of their fields.
    #[must_use]
    pub fn secrets(&self) -> Vec<&'static str> {
        let secrets = [("token", self.token.is_some()), ("key", self.key.is_some())];
        secrets.into_iter().filter(|(_, given)| *given).map(|(name, _)| name).collect()
    }

    /// What is wrong with the TLS material at `now`; nothing is wrong with material not given.
    #[must_use]
    pub fn faults(&self, now: DateTime<Utc>) -> Vec<TlsFault> {
        TlsMaterial {
            ca: self.ca.as_ref().map(AsRef::as_ref),
            certificate: self.certificate.as_ref().map(AsRef::as_ref),
            key: self.key.as_ref().map(Secret::reveal),
        }
        .faults(now)
    }
}

/// A region together with its credentials.
#[derive(Debug, Clone)]
pub struct RegionDetail {
    /// The region.
    pub region: Region,
    /// Its credentials.
    pub credentials: Credentials,
}
