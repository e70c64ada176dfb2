//! How a region comes into being and changes: the draft, the edit, and what may stand against them.

use chrono::{DateTime, Utc};

use super::tls::TlsFault;
use super::{
    Addresses, Credentials, Description, Passage, Pem, Region, RegionAlias, RegionDetail,
    RegionName, Scope, Status, TransitionError,
};
use crate::id::{EnterpriseId, RegionId};
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

    fn apply(self, slot: &mut Option<T>) {
        match self {
            Self::Keep => {}
            Self::Set(value) => *slot = Some(value),
            Self::Clear => *slot = None,
        }
    }
}

/// A change of a region's data. Its name, identifier and enterprise never change.
#[derive(Debug, Clone)]
pub struct RegionEdit {
    /// What people will call it.
    pub alias: RegionAlias,
    /// Where it will be reached.
    pub addresses: Addresses,
    /// The status that it is to take.
    pub status: Status,
    /// Who may open it for a team, if that changes.
    pub scope: Option<Scope>,
    /// A remark, if that changes.
    pub description: Option<Description>,
    /// The token of the region's API.
    pub token: Change<Secret>,
    /// The certificates of the region's authority.
    pub ca: Change<Pem>,
    /// The client certificate.
    pub certificate: Change<Pem>,
    /// The key of the client certificate.
    pub key: Change<Secret>,
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

impl Credentials {
    fn ready(&self, now: DateTime<Utc>) -> Result<(), StatusRefusal> {
        let faults = self.faults(now);
        if faults.is_empty() { Ok(()) } else { Err(StatusRefusal::NotReady(faults)) }
    }
}

impl RegionDraft {
    /// The region of this draft. Any status may be the first one, but `enabled` only when the
    /// region is ready.
    ///
    /// # Errors
    /// [`StatusRefusal::NotReady`] when it is to be enabled and is not ready.
    pub fn register(
        self,
        id: RegionId,
        enterprise_id: EnterpriseId,
        now: DateTime<Utc>,
    ) -> Result<RegionDetail, StatusRefusal> {
        if self.status == Status::Enabled {
            self.credentials.ready(now)?;
        }
        let region = Region {
            id,
            enterprise_id,
            name: self.name,
            alias: self.alias,
            addresses: self.addresses,
            scope: self.scope,
            status: self.status,
            description: self.description,
            created_at: now,
            updated_at: now,
            version: 1,
        };
        Ok(RegionDetail { region, credentials: self.credentials })
    }
}

impl RegionDetail {
    /// The region after `edit`. Readiness is asked of the data as it will be.
    ///
    /// # Errors
    /// When the status cannot change as asked; nothing of the edit applies then.
    pub fn edit(mut self, edit: RegionEdit, now: DateTime<Utc>) -> Result<Self, StatusRefusal> {
        let passage = self.region.status.passage(edit.status)?;
        edit.token.apply(&mut self.credentials.token);
        edit.ca.apply(&mut self.credentials.ca);
        edit.certificate.apply(&mut self.credentials.certificate);
        edit.key.apply(&mut self.credentials.key);
        if passage == Passage::IfReady {
            self.credentials.ready(now)?;
        }
        let region = &mut self.region;
        region.alias = edit.alias;
        region.addresses = edit.addresses;
        region.status = edit.status;
        region.scope = edit.scope.unwrap_or(region.scope);
        region.description = edit.description.unwrap_or_else(|| region.description.clone());
        region.updated_at = now;
        region.version += 1;
        Ok(self)
    }
}

#[cfg(test)]
mod tests;
