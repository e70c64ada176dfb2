//! Which alarms to list.

use cadastre_domain::alarm::{AlarmKind, AlarmState, AlarmSubject};
use cadastre_domain::id::{NodeId, RegionId};
use cadastre_storage::AlarmFilter;
use utoipa::IntoParams;

use super::super::query::Query;
use super::view::{kind, state};
use crate::error::{Error, FieldError, Problem};

/// Which alarms are asked for.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes parameters that are read one by one")]
pub(in crate::native) struct AlarmQuery {
    /// Those in this state.
    #[param(required = false, schema_with = state)]
    state: Option<String>,
    /// Those of this rule.
    #[param(required = false, schema_with = kind)]
    kind: Option<String>,
    /// Those about this node.
    node_id: Option<String>,
    /// Those about this region; not together with a node.
    region_id: Option<String>,
}

/// Takes the filters of [`AlarmQuery`].
pub(super) fn filter(query: &mut Query) -> Result<AlarmFilter, Error> {
    let state = query.take("state", str::parse::<AlarmState>);
    let kind = query.take("kind", str::parse::<AlarmKind>);
    let node = query.take("node_id", str::parse::<NodeId>).map(AlarmSubject::Node);
    let region = query.take("region_id", str::parse::<RegionId>).map(AlarmSubject::Region);
    if node.is_some() && region.is_some() {
        let text = "an alarm is about a node or about a region".to_owned();
        return Err(FieldError::new("region_id", Problem::Other(text)).into());
    }
    Ok(AlarmFilter { state, kind, subject: node.or(region), ..AlarmFilter::default() })
}
