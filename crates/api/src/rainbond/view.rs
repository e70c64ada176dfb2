//! What this face shows of regions and teams, key by key in the published order.

mod region;

use cadastre_domain::team::Team;
use chrono::{DateTime, FixedOffset, Timelike as _, Utc};
use serde::Serialize;
use utoipa::ToSchema;

pub(super) use region::{RegionRow, RegionView, given_status, scopes, shown, status, statuses};

/// A team as the answer to its creation and to opening a region (`TeamBaseInfo`).
#[derive(Serialize, ToSchema)]
#[schema(as = TeamBaseInfo, description = "A team. Times are those of Shanghai, without saying so.")]
pub(super) struct TeamBaseView {
    tenant_id: String,
    tenant_name: String,
    /// Always empty.
    region: &'static str,
    is_active: bool,
    create_time: String,
    creater: i64,
    limit_memory: i32,
    update_time: String,
    #[schema(required)]
    expired_time: Option<String>,
    tenant_alias: String,
    enterprise_id: String,
}

impl From<Team> for TeamBaseView {
    fn from(team: Team) -> Self {
        Self {
            tenant_id: team.id.to_string(),
            tenant_name: team.name.into(),
            region: "",
            is_active: team.is_active,
            create_time: local_time(team.created_at),
            creater: team.creator.0,
            limit_memory: team.limit_memory,
            update_time: local_time(team.updated_at),
            expired_time: team.expires_at.map(local_time),
            tenant_alias: team.alias.into(),
            enterprise_id: team.enterprise_id.to_string(),
        }
    }
}

/// A team as the answer to a question for it (`TeamInfo`): the creator is text here.
#[derive(Serialize, ToSchema)]
#[schema(as = TeamInfo, description = "A team. Times are those of Shanghai, without saying so.")]
pub(super) struct TeamView {
    tenant_id: String,
    tenant_name: String,
    tenant_alias: String,
    enterprise_id: String,
    is_active: bool,
    create_time: String,
    creater: String,
}

impl From<Team> for TeamView {
    fn from(team: Team) -> Self {
        Self {
            tenant_id: team.id.to_string(),
            tenant_name: team.name.into(),
            tenant_alias: team.alias.into(),
            enterprise_id: team.enterprise_id.to_string(),
            is_active: team.is_active,
            create_time: local_time(team.created_at),
            creater: team.creator.0.to_string(),
        }
    }
}

/// The time in Shanghai, without saying so, and with microseconds unless there are none: as the
/// original prints it (contract 5).
pub(super) fn local_time(time: DateTime<Utc>) -> String {
    const SHANGHAI: FixedOffset = FixedOffset::east_opt(8 * 3600).expect("a valid offset");
    let time = time.with_timezone(&SHANGHAI);
    let format = if time.nanosecond() == 0 { "%Y-%m-%d %H:%M:%S" } else { "%Y-%m-%d %H:%M:%S.%6f" };
    time.format(format).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_those_of_shanghai_with_microseconds_if_any() {
        let time = |micros| DateTime::from_timestamp_micros(micros).expect("a time");
        assert_eq!(local_time(time(1_795_334_815_298_602)), "2026-11-22 16:06:55.298602");
        assert_eq!(local_time(time(1_795_334_815_000_000)), "2026-11-22 16:06:55");
        assert_eq!(local_time(time(1_795_334_815_000_100)), "2026-11-22 16:06:55.000100");
    }
}
