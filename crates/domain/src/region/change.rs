//! How a region comes into being and changes: the draft, the edit, and what may stand against them.

use chrono::{DateTime, Utc};

use super::tls::TlsFault;
use super::{
    Addresses, ApiUrl, Credentials, Description, HttpDomain, Labels, Passage, Pem, Region,
    RegionAlias, RegionDetail, RegionName, Scope, Status, TcpAddress, TransitionError,
    WebsocketUrl,
};
use crate::id::{EnterpriseId, RegionId};
use crate::origin::moves_credentials;
use crate::secret::Secret;

/// What is said about a region when it is registered.
#[derive(Debug, Clone)]
pub struct RegionDraft {
    /// Its name.
    pub name: RegionName,
    /// What people call it.
    pub alias: RegionAlias,
    /// Where it is reached.
    pub addresses: Addresses,
    /// Who may open it for a team.
    pub scope: Scope,
    /// The status that it starts with.
    pub status: Status,
    /// A remark.
    pub description: Description,
    /// What people sort it by.
    pub labels: Labels,
    /// Its credentials.
    pub credentials: Credentials,
}

/// What is to become of one part of a region.
#[derive(Debug, Clone, Default)]
pub enum Change<T> {
    /// It stays.
    #[default]
    Keep,
    /// It becomes this.
    Set(T),
    /// It goes.
    Clear,
}

impl<T> Change<T> {
    /// What there is after this change, when there was nothing before.
    #[must_use]
    pub fn into_option(self) -> Option<T> {
        match self {
            Self::Set(value) => Some(value),
            Self::Keep | Self::Clear => None,
        }
    }

    const fn is_keep(&self) -> bool {
        matches!(self, Self::Keep)
    }

    fn apply(self, slot: &mut Option<T>) {
        match self {
            Self::Keep => {}
            Self::Set(value) => *slot = Some(value),
            Self::Clear => *slot = None,
        }
    }
}

/// A change of a region's data; what is `None` stays. Its name, identifier and enterprise never
/// change.
#[derive(Debug, Clone, Default)]
pub struct RegionEdit {
    /// What people will call it.
    pub alias: Option<RegionAlias>,
    /// Where it will be reached.
    pub addresses: AddressesEdit,
    /// Who may open it for a team.
    pub scope: Option<Scope>,
    /// The status that it is to take.
    pub status: Option<Status>,
    /// A remark.
    pub description: Option<Description>,
    /// All its labels from now on.
    pub labels: Option<Labels>,
    /// The token of the region's API.
    pub token: Change<Secret>,
    /// The certificates of the region's authority.
    pub ca: Change<Pem>,
    /// The client certificate.
    pub certificate: Change<Pem>,
    /// The key of the client certificate.
    pub key: Change<Secret>,
}

/// A change of where a region is reached; what is `None` stays.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AddressesEdit {
    /// The region's own API.
    pub api: Option<ApiUrl>,
    /// Its websocket.
    pub websocket: Option<WebsocketUrl>,
    /// The root domain of the HTTP applications in it.
    pub http_domain: Option<HttpDomain>,
    /// The root of the addresses of the TCP applications in it.
    pub tcp: Option<TcpAddress>,
}

impl From<Addresses> for AddressesEdit {
    fn from(addresses: Addresses) -> Self {
        Self {
            api: Some(addresses.api),
            websocket: Some(addresses.websocket),
            http_domain: Some(addresses.http_domain),
            tcp: Some(addresses.tcp),
        }
    }
}

impl AddressesEdit {
    fn apply(self, addresses: &mut Addresses) {
        replace(&mut addresses.api, self.api);
        replace(&mut addresses.websocket, self.websocket);
        replace(&mut addresses.http_domain, self.http_domain);
        replace(&mut addresses.tcp, self.tcp);
    }
}

fn replace<T>(slot: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *slot = value;
    }
}

/// Why a region does not get the status that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StatusRefusal {
    /// There is no way from the present status.
    #[error(transparent)]
    Transition(#[from] TransitionError),
    /// The region is not ready: its TLS material has these faults.
    #[error("the region is not ready")]
    NotReady(Vec<TlsFault>),
}

/// Why a region is not registered or changed as asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RegionRefusal {
    /// It cannot take the status.
    #[error(transparent)]
    Status(#[from] StatusRefusal),
    /// The TLS material that is to be written has these faults, each of which names its part.
    #[error("the TLS material is not coherent")]
    Incoherent(Vec<TlsFault>),
    /// These secrets would go to another origin than they were given for. They must be given again or
    /// be dropped.
    #[error("{OTHER_ORIGIN}")]
    OtherOrigin(Vec<&'static str>),
}

/// The rule about credentials when an address changes, for people.
pub const OTHER_ORIGIN: &str = "the region's API has another origin (scheme, host or port) than the one \
                                that this was given for: give it again, or null to drop it";

impl RegionDraft {
    /// The region of this draft. Any status may be the first one. TLS material that is given must
    /// be coherent, whatever the status, and so a region that is registered as enabled is ready.
    ///
    /// # Errors
    /// [`RegionRefusal::Incoherent`] when TLS material is given that is not coherent.
    pub fn register(
        self,
        id: RegionId,
        enterprise_id: EnterpriseId,
        now: DateTime<Utc>,
    ) -> Result<RegionDetail, RegionRefusal> {
        coherent(&self.credentials, now)?;
        let region = Region {
            id,
            enterprise_id,
            name: self.name,
            alias: self.alias,
            addresses: self.addresses,
            scope: self.scope,
            status: self.status,
            description: self.description,
            labels: self.labels,
            created_at: now,
            updated_at: now,
            version: 1,
        };
        Ok(RegionDetail { region, credentials: self.credentials })
    }
}

impl RegionDetail {
    /// The region after `edit`, as its next version, even if nothing differs.
    ///
    /// Readiness and coherence are asked of the data as it will be. TLS material that the edit
    /// leaves as it is must be coherent only if the region is to be enabled: it may have expired
    /// since it was written, and that must not stand against a new alias.
    ///
    /// Where the API gets another origin, the edit says of each secret that is stored what becomes of
    /// it: what is left as it is would be sent to another party than it was given for.
    ///
    /// # Errors
    /// When secrets would go to another origin, the status cannot change as asked, or the TLS material changes and is not coherent;
    /// nothing of the edit applies then.
    pub fn edit(&self, edit: RegionEdit, now: DateTime<Utc>) -> Result<Self, RegionRefusal> {
        self.check_credentials_stay(&edit)?;
        let mut next = self.clone();
        let RegionDetail { region, credentials } = &mut next;
        replace(&mut region.alias, edit.alias);
        edit.addresses.apply(&mut region.addresses);
        replace(&mut region.scope, edit.scope);
        replace(&mut region.status, edit.status);
        replace(&mut region.description, edit.description);
        replace(&mut region.labels, edit.labels);
        edit.token.apply(&mut credentials.token);
        edit.ca.apply(&mut credentials.ca);
        edit.certificate.apply(&mut credentials.certificate);
        edit.key.apply(&mut credentials.key);
        self.become_next(next, now)
    }

    /// Refuses an edit that gives the API another origin and leaves secrets as they are.
    fn check_credentials_stay(&self, edit: &RegionEdit) -> Result<(), RegionRefusal> {
        let before = self.region.addresses.api.as_ref();
        let after = edit.addresses.api.as_ref().map_or(before, AsRef::as_ref);
        if !moves_credentials(before, after) {
            return Ok(());
        }
        let kept = [("token", edit.token.is_keep()), ("key", edit.key.is_keep())];
        let is_kept = |name: &&'static str| kept.contains(&(*name, true));
        let left: Vec<_> = self.credentials.sent().into_iter().filter(is_kept).collect();
        if left.is_empty() { Ok(()) } else { Err(RegionRefusal::OtherOrigin(left)) }
    }

    /// Refuses secrets that were in use at these addresses only, of which none has the origin of the
    /// region's API.
    ///
    /// # Errors
    /// [`RegionRefusal::OtherOrigin`].
    pub fn check_credentials_of(&self, addresses: &[ApiUrl]) -> Result<(), RegionRefusal> {
        let present = self.region.addresses.api.as_ref();
        let known = addresses.iter().any(|known| !moves_credentials(known.as_ref(), present));
        let secrets = self.credentials.sent();
        if known || secrets.is_empty() { Ok(()) } else { Err(RegionRefusal::OtherOrigin(secrets)) }
    }

    /// The region with everything that may change as it was in `earlier`, as its next version.
    ///
    /// The status is taken from the present one, as by an edit, and so are readiness and
    /// coherence. Who may not bring secrets back puts the present credentials into `earlier`. Whether
    /// they may go to the address of then, [`Self::check_credentials_of`] decides.
    ///
    /// # Errors
    /// When the status of then cannot be taken now, or the TLS material of then is not that of now
    /// and not coherent, perhaps because it has expired since.
    pub fn revert_to(&self, earlier: &Self, now: DateTime<Utc>) -> Result<Self, RegionRefusal> {
        let mut next = self.clone();
        let then = earlier.region.clone();
        next.region.alias = then.alias;
        next.region.addresses = then.addresses;
        next.region.scope = then.scope;
        next.region.status = then.status;
        next.region.description = then.description;
        next.region.labels = then.labels;
        next.credentials = earlier.credentials.clone();
        self.become_next(next, now)
    }

    /// Judges the way from here to `next`, and counts it.
    fn become_next(&self, mut next: Self, now: DateTime<Utc>) -> Result<Self, RegionRefusal> {
        let passage =
            self.region.status.passage(next.region.status).map_err(StatusRefusal::from)?;
        if !next.credentials.same_material(&self.credentials) {
            coherent(&next.credentials, now)?;
        } else if passage == Passage::IfReady {
            ready(&next.credentials, now)?;
        }
        next.region.updated_at = now;
        next.region.version = self.region.version + 1;
        Ok(next)
    }
}

fn coherent(credentials: &Credentials, now: DateTime<Utc>) -> Result<(), RegionRefusal> {
    let faults = credentials.faults(now);
    if faults.is_empty() { Ok(()) } else { Err(RegionRefusal::Incoherent(faults)) }
}

fn ready(credentials: &Credentials, now: DateTime<Utc>) -> Result<(), StatusRefusal> {
    let faults = credentials.faults(now);
    if faults.is_empty() { Ok(()) } else { Err(StatusRefusal::NotReady(faults)) }
}

#[cfg(test)]
mod tests;
