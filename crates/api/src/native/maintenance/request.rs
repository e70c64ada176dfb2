//! What is asked about windows of maintenance: how it is described, and how it is read.

use cadastre_domain::id::RegionId;
use cadastre_domain::maintenance::{WindowDraft, WindowOwner, WindowReason, WindowState};
use cadastre_storage::WindowFilter;
use chrono::{DateTime, Utc};
use utoipa::{IntoParams, ToSchema};

use super::super::fields::Fields;
use super::super::query::{self, Query};
use super::view::state;
use crate::error::Error;
use crate::service::regions::change::Named;

/// A window to be planned.
#[derive(ToSchema)]
#[schema(as = NewMaintenanceWindow)]
#[expect(dead_code, reason = "describes a body that is read field by field")]
pub(in crate::native) struct NewWindowBody {
    /// The region that is maintained.
    region_id: String,
    /// From when on; not in the past, and at most five years ahead. Up to a minute ago counts as
    /// now.
    starts_at: DateTime<Utc>,
    /// Until when; at most 30 days later.
    ends_at: DateTime<Utc>,
    /// Who answers for it; one line.
    #[schema(min_length = 1, max_length = 64)]
    owner: String,
    /// What it is for.
    #[schema(min_length = 1, max_length = 200)]
    reason: String,
}

/// Reads the body of a request for a window: of which region, and what is said about it.
pub(super) fn new_window(mut fields: Fields) -> Result<(Named, WindowDraft), Error> {
    let region = fields.required("region_id", |id| Ok::<_, Error>(Named::id(&id)));
    let starts_at = fields.required("starts_at", |text| query::time(&text));
    let ends_at = fields.required("ends_at", |text| query::time(&text));
    let owner = fields.required("owner", WindowOwner::try_from);
    let reason = fields.required("reason", WindowReason::try_from);
    fields.finish()?;
    let (Some(region), Some(starts_at), Some(ends_at), Some(owner), Some(reason)) =
        (region, starts_at, ends_at, owner, reason)
    else {
        return Err(Error::Internal("a field was lost".into()));
    };
    Ok((region, WindowDraft { starts_at, ends_at, owner, reason }))
}

/// A change of a window: a merge patch, what is left out stays.
#[derive(ToSchema)]
#[schema(as = MaintenanceWindowChange)]
#[expect(dead_code, reason = "describes a body that is read field by field")]
pub(in crate::native) struct WindowChangeBody {
    /// Another end, later or earlier, but still to come.
    #[schema(nullable = false)]
    ends_at: Option<DateTime<Utc>>,
}

/// Reads the body of a change of a window: its new end.
pub(super) fn change(mut fields: Fields) -> Result<Option<DateTime<Utc>>, Error> {
    let ends_at = fields.replaced("ends_at", |text| query::time(&text));
    fields.finish()?;
    Ok(ends_at)
}

/// Which windows to list.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes parameters that are read one by one")]
pub(in crate::native) struct WindowQuery {
    /// Those of this region.
    region_id: Option<String>,
    /// Those in this state.
    #[param(schema_with = state)]
    state: Option<String>,
    /// Whether to tell how many windows there are on all pages.
    #[param(default = false)]
    total: Option<bool>,
    /// The fields that are shown of each window, with commas between; all if it is left out.
    #[param(example = "id,starts_at,state")]
    fields: Option<String>,
}

/// Takes the filters of [`WindowQuery`].
pub(super) fn filter(query: &mut Query) -> WindowFilter {
    let region = query.take("region_id", str::parse::<RegionId>);
    let state = query.take("state", str::parse::<WindowState>);
    WindowFilter { region, state, ..WindowFilter::default() }
}
