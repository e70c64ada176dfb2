//! The bodies of requests about openings.

use cadastre_domain::id::RegionId;
use cadastre_domain::opening::{Quota, QuotaEdit};
use utoipa::ToSchema;

use super::super::fields::Fields;
use crate::error::Error;

/// A quota to be set: what is left out of a new one is without limit, of a change stays.
#[derive(ToSchema)]
#[schema(as = NewQuota)]
#[expect(dead_code, reason = "describes a body that is read field by field")]
pub(in crate::native) struct QuotaBody {
    /// Memory, in MB; 0, as null, is without limit.
    #[schema(minimum = 0, maximum = 2_147_483_647)]
    memory_mb: Option<i64>,
    /// Processors, in thousandths of one; 0, as null, is without limit.
    #[schema(minimum = 0, maximum = 2_147_483_647)]
    cpu_millicores: Option<i64>,
}

/// A region to be opened for a team.
#[derive(ToSchema)]
#[schema(as = NewOpening)]
#[expect(dead_code, reason = "describes a body that is read field by field")]
pub(in crate::native) struct NewOpeningBody {
    /// The identifier of the region.
    region_id: String,
    /// How much of it the team may use; without limit if it is left out.
    quota: Option<QuotaBody>,
}

/// Reads the body of a request to open a region: which, and how much of it.
pub(super) fn new_opening(mut fields: Fields) -> Result<(RegionId, Quota), Error> {
    let region = fields.required("region_id", |id| id.parse::<RegionId>());
    let quota = quota(&mut fields);
    fields.finish()?;
    let lost = || Error::Internal("a field was lost".into());
    Ok((region.ok_or_else(lost)?, Quota::default().edit(quota)))
}

/// A change of an opening: a merge patch, what is left out stays.
#[derive(ToSchema)]
#[schema(as = OpeningChange)]
#[expect(dead_code, reason = "describes a body that is read field by field")]
pub(in crate::native) struct OpeningChangeBody {
    /// How much of the region the team will be allowed to use.
    quota: Option<QuotaBody>,
}

/// Reads the body of a change of an opening.
pub(super) fn change(mut fields: Fields) -> Result<QuotaEdit, Error> {
    let quota = quota(&mut fields);
    fields.finish()?;
    Ok(quota)
}

fn quota(fields: &mut Fields) -> QuotaEdit {
    let all = fields.cleared("quota").then_some(0);
    let mut quota = fields.open("quota");
    let memory = amount(&mut quota, "quota/memory_mb").or(all);
    let cpu = amount(&mut quota, "quota/cpu_millicores").or(all);
    fields.close("quota", quota);
    // Both are within the limits of a quota by now.
    QuotaEdit::new(memory, cpu).unwrap_or_default()
}

/// An amount; null is without limit.
fn amount(quota: &mut Fields, field: &'static str) -> Option<i64> {
    if quota.cleared(field) { Some(0) } else { quota.number(field, 0, Quota::MOST) }
}
