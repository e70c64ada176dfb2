//! What can be asked about regions, their credentials, their past, and their windows of maintenance.

use cadastre_domain::audit::Actor;
use cadastre_domain::id::{CredentialsId, EnterpriseId, RegionId, TokenId, WindowId};
use cadastre_domain::maintenance::{Window, WindowState};
use cadastre_domain::region::tls::CertificateFacts;
use cadastre_domain::region::{ApiUrl, Credentials, Region, RegionDetail, RegionName, Revision};
use cadastre_domain::user::UserId;
use chrono::{DateTime, Utc};

use super::{Found, Result, Total};

/// By what, and by whom, a version of a region is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangedBy {
    /// The operation, by its name.
    pub operation: String,
    /// The user.
    pub user_id: Option<UserId>,
    /// The token.
    pub token_id: Option<TokenId>,
}

impl From<&Actor> for ChangedBy {
    fn from(actor: &Actor) -> Self {
        let operation = actor.operation.to_owned();
        Self { operation, user_id: actor.user_id, token_id: actor.token_id }
    }
}

/// What becomes of a region's set of credentials when the region is saved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SetChange {
    /// It stays.
    Keep,
    /// It becomes a new one, with this identifier.
    New(CredentialsId),
    /// It becomes one that the region had before, or none.
    Back(Option<CredentialsId>),
}

/// A region to be saved.
#[derive(Debug, Clone)]
pub struct RegionSave<'a> {
    /// The region as it is to be, its version one more than the stored one.
    pub detail: &'a RegionDetail,
    /// What becomes of its set of credentials.
    pub set: SetChange,
    /// Until when the present set is kept ready, if it is replaced.
    pub previous_until: Option<DateTime<Utc>>,
    /// By whom.
    pub by: ChangedBy,
}

/// A region as lists need it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedRegion {
    /// The region.
    pub region: Region,
    /// When the first certificate that it depends on expires.
    pub certificates_expire_at: Option<DateTime<Utc>>,
}

/// Which sets of credentials a region has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegionSets {
    /// The present one.
    pub current: Option<CredentialsId>,
    /// The one before, and until when it is kept ready.
    pub previous: Option<(CredentialsId, DateTime<Utc>)>,
}

/// Regions.
pub trait Regions {
    /// Adds a region with its credentials. That its name is [`crate::Taken::RegionName`] may be told
    /// only by a later call or, at the latest, instead of the result of the whole work.
    fn insert_region(&mut self, detail: &RegionDetail, by: ChangedBy) -> Result<()>;
    /// The region with this identifier, without its credentials.
    fn find_region(&mut self, id: RegionId) -> Result<Option<Region>>;
    /// The region with this identifier, with its credentials.
    fn find_region_detail(&mut self, id: RegionId) -> Result<Option<RegionDetail>>;
    /// The region of this name, in any enterprise, with its credentials.
    fn find_region_named(&mut self, name: &RegionName) -> Result<Option<RegionDetail>>;
    /// Whether a region of this name exists, in any enterprise.
    fn region_name_taken(&mut self, name: &RegionName) -> Result<bool>;
    /// Whether the enterprise has any region.
    fn has_regions(&mut self, enterprise: EnterpriseId) -> Result<bool>;
    /// All regions of the enterprise without their credentials, the oldest first.
    fn list_regions(&mut self, enterprise: EnterpriseId) -> Result<Vec<Region>>;
    /// At most `limit` regions of all enterprises, the oldest first, beginning behind `after`.
    fn list_all_regions(
        &mut self,
        after: Option<RegionId>,
        limit: i64,
    ) -> Result<Vec<ListedRegion>>;
    /// Those of these regions that there are.
    fn find_regions(&mut self, ids: &[RegionId]) -> Result<Vec<ListedRegion>>;
    /// Saves a changed region and keeps the version before as a revision; `false` when the stored
    /// version is not the one before, and then nothing is written.
    fn save_region(&mut self, save: &RegionSave<'_>) -> Result<bool>;
    /// Deletes a region with everything that belongs to it alone; `false` when it has another
    /// version by now. Openings must be gone before.
    fn delete_region(&mut self, id: RegionId, version: i64) -> Result<bool>;
}

/// A certificate in the list of all, and whose it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedCertificate {
    /// The region that shows it.
    pub region_id: RegionId,
    /// The name of the region.
    pub region_name: RegionName,
    /// The enterprise of the region.
    pub enterprise_id: EnterpriseId,
    /// The certificate.
    pub facts: CertificateFacts,
}

/// Where a list of certificates goes on: behind the certificate of this time, region, part, place.
pub type CertificatePlace = (DateTime<Utc>, RegionId, String, i32);

/// Sets of credentials, and the certificates in the present ones.
pub trait CredentialSets {
    /// Which sets a region has.
    fn region_sets(&mut self, region: RegionId) -> Result<Option<RegionSets>>;
    /// A set of this region.
    fn find_credentials(
        &mut self,
        region: RegionId,
        id: CredentialsId,
    ) -> Result<Option<Credentials>>;
    /// The certificates that a region shows.
    fn certificates_of(&mut self, region: RegionId) -> Result<Vec<CertificateFacts>>;
    /// At most `limit` certificates of one enterprise or of all that expire before `before`, those
    /// that expire first first, beginning behind `after`.
    fn list_certificates(
        &mut self,
        enterprise: Option<EnterpriseId>,
        before: Option<DateTime<Utc>>,
        after: Option<CertificatePlace>,
        limit: i64,
    ) -> Result<Vec<ListedCertificate>>;
    /// How many certificates of one enterprise or of all expire before `before`.
    fn count_certificates(
        &mut self,
        enterprise: Option<EnterpriseId>,
        before: Option<DateTime<Utc>>,
    ) -> Result<Total>;
}

/// What regions were.
pub trait Revisions {
    /// At most `limit` versions of a region, the present one included, the latest first, beginning
    /// before version `before`.
    fn list_revisions(
        &mut self,
        region: RegionId,
        before: Option<i64>,
        limit: i64,
    ) -> Result<Vec<Revision>>;
    /// How many versions of a region are known, the present one included.
    fn count_revisions(&mut self, region: RegionId) -> Result<Total>;
    /// A version of a region.
    fn find_revision(&mut self, region: RegionId, version: i64) -> Result<Option<Revision>>;
    /// The URLs that the region's API had in the versions of a region that had this set of credentials,
    /// each once. The present version counts.
    fn api_urls_of_set(&mut self, region: RegionId, set: CredentialsId) -> Result<Vec<ApiUrl>>;
}

/// Which windows of maintenance to list.
#[derive(Debug, Clone, Default)]
pub struct WindowFilter {
    /// Those of this enterprise.
    pub enterprise: Option<EnterpriseId>,
    /// Those of this region.
    pub region: Option<RegionId>,
    /// Those in this state.
    pub state: Option<WindowState>,
    /// Those behind this one.
    pub after: Option<WindowId>,
}

/// Windows of maintenance.
pub trait Windows {
    /// Adds a window.
    fn insert_window(&mut self, window: &Window) -> Result<()>;
    /// The window with this identifier.
    fn find_window(&mut self, id: WindowId) -> Result<Option<Window>>;
    /// Saves a changed window; `false` when the stored version is not the one before.
    fn save_window(&mut self, window: &Window) -> Result<bool>;
    /// At most `limit` windows, the oldest first.
    fn list_windows(
        &mut self,
        filter: &WindowFilter,
        limit: i64,
    ) -> Result<Found<Window, WindowId>>;
    /// How many windows fit the filter, wherever a list of them goes on.
    fn count_windows(&mut self, filter: &WindowFilter) -> Result<Total>;
    /// The windows of a region that are planned or running.
    fn open_windows(&mut self, region: RegionId) -> Result<Vec<Window>>;
    /// At most `limit` windows that are planned and begin by `now`, or are running and end by then.
    fn due_windows(&mut self, now: DateTime<Utc>, limit: i64) -> Result<Vec<Window>>;
}
