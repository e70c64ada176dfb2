//! Rows and queries of openings.

use cadastre_domain::id::{RegionId, TeamId};
use cadastre_domain::opening::{Opening, Quota};
use cadastre_domain::region::Region;
use chrono::{DateTime, Utc};
use diesel::dsl::exists;
use diesel::prelude::*;

use super::regions::RegionRow;
use super::scan::{self, look};
use super::schema::{openings, regions};
use super::{Repository, Result, contains, invalid, parsed};
use crate::{Found, MOST_SCANNED, OpenRegionFilter, Openings, Total};

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = openings, treat_none_as_default_value = false)]
struct OpeningRow {
    #[diesel(serialize_as = String, deserialize_as = String)]
    team_id: TeamId,
    #[diesel(serialize_as = String, deserialize_as = String)]
    region_id: RegionId,
    created_at: DateTime<Utc>,
    memory_mb: i64,
    cpu_millicores: i64,
    updated_at: DateTime<Utc>,
    version: i64,
}

impl From<&Opening> for OpeningRow {
    fn from(opening: &Opening) -> Self {
        Self {
            team_id: opening.team_id,
            region_id: opening.region_id,
            created_at: opening.created_at,
            memory_mb: opening.quota.memory_mb(),
            cpu_millicores: opening.quota.cpu_millicores(),
            updated_at: opening.updated_at,
            version: opening.version,
        }
    }
}

impl OpeningRow {
    fn into_opening(self) -> Result<Opening> {
        Ok(Opening {
            team_id: self.team_id,
            region_id: self.region_id,
            quota: Quota::new(self.memory_mb, self.cpu_millicores).map_err(invalid)?,
            created_at: self.created_at,
            updated_at: self.updated_at,
            version: self.version,
        })
    }
}

/// The openings of a team in `$from`, as many of them as can be looked at in time.
macro_rules! of_team {
    ($from:expr, $filter:ident, $upto:expr, $select:expr) => {{
        let own = $from
            .filter(openings::team_id.eq($filter.team.to_string()))
            .select($select)
            .into_boxed();
        let mut query = while_in_time!(own);
        if let Some(after) = $filter.after {
            query = query.filter(openings::region_id.gt(after.to_string()));
        }
        if let Some(upto) = $upto {
            query = query.filter(openings::region_id.le(upto.to_string()));
        }
        query
    }};
}

/// A list of open regions that is being narrowed down.
macro_rules! open_regions {
    ($filter:ident, $upto:expr, $select:expr) => {{
        let both = openings::table.inner_join(regions::table);
        let mut query = of_team!(both, $filter, $upto, $select);
        if let Some(text) = &$filter.contains {
            let pattern = contains(text);
            query = query.filter(
                folded_like!(regions::name, pattern.clone())
                    .or(folded_like!(regions::alias, pattern)),
            );
        }
        if let Some(statuses) = &$filter.statuses {
            let statuses: Vec<_> = statuses.iter().map(|status| status.as_str()).collect();
            query = query.filter(regions::status.eq_any(statuses));
        }
        query
    }};
}

/// Whether all openings of the team are in the list.
const fn is_whole(filter: &OpenRegionFilter) -> bool {
    filter.contains.is_none() && filter.statuses.is_none()
}

impl Repository<'_> {
    /// The region of the last opening of a team that a scan beginning after a region looks at, if it does
    /// not come to the end.
    fn last_scanned(&mut self, team: TeamId, after: Option<RegionId>) -> Result<Option<RegionId>> {
        let last: Option<String> = openings::table
            .filter(openings::team_id.eq(team.to_string()))
            .filter(openings::region_id.gt(after.map(String::from).unwrap_or_default()))
            .order(openings::region_id)
            .offset(i64::try_from(MOST_SCANNED - 1).unwrap_or(i64::MAX))
            .limit(1)
            .select(openings::region_id)
            .get_result(self.conn()?)
            .optional()?;
        last.map(|id| parsed(&id)).transpose()
    }

    /// Regions that are open for a team, none of them after `upto`.
    fn open_regions_upto(
        &mut self,
        filter: &OpenRegionFilter,
        upto: Option<RegionId>,
        offset: i64,
        limit: i64,
    ) -> Result<Vec<(Opening, Region)>> {
        let rows: Vec<(OpeningRow, RegionRow)> =
            open_regions!(filter, upto, (OpeningRow::as_select(), RegionRow::as_select()))
                .order(openings::region_id)
                .offset(offset)
                .limit(limit)
                .load(self.conn()?)?;
        let both = |(opening, region): (OpeningRow, RegionRow)| {
            Ok((opening.into_opening()?, region.into()))
        };
        rows.into_iter().map(both).collect()
    }

    fn number_of_open_regions(
        &mut self,
        filter: &OpenRegionFilter,
        upto: Option<RegionId>,
    ) -> Result<i64> {
        let count = diesel::dsl::count_star();
        if is_whole(filter) {
            // Each opening has its region, so regions need not be looked at.
            return Ok(of_team!(openings::table, filter, upto, count).get_result(self.conn()?)?);
        }
        Ok(open_regions!(filter, upto, count).get_result(self.conn()?)?)
    }
}

impl Openings for Repository<'_> {
    fn insert_opening(&mut self, opening: &Opening) -> Result<bool> {
        let inserted = diesel::insert_into(openings::table)
            .values(OpeningRow::from(opening))
            .on_conflict_do_nothing()
            .execute(self.conn()?)?;
        Ok(inserted == 1)
    }

    fn is_open(&mut self, team: TeamId, region: RegionId) -> Result<bool> {
        let opening = openings::table.find((team.to_string(), region.to_string()));
        Ok(diesel::select(exists(opening)).get_result(self.conn()?)?)
    }

    fn find_opening(&mut self, team: TeamId, region: RegionId) -> Result<Option<Opening>> {
        let row: Option<OpeningRow> = openings::table
            .find((team.to_string(), region.to_string()))
            .select(OpeningRow::as_select())
            .get_result(self.conn()?)
            .optional()?;
        row.map(OpeningRow::into_opening).transpose()
    }

    fn save_opening(&mut self, opening: &Opening) -> Result<bool> {
        let place = (opening.team_id.to_string(), opening.region_id.to_string());
        let changed = diesel::update(openings::table.find(place))
            .filter(openings::version.eq(opening.version - 1))
            .set(OpeningRow::from(opening))
            .execute(self.conn()?)?;
        Ok(changed == 1)
    }

    fn delete_opening(&mut self, opening: &Opening) -> Result<bool> {
        let place = (opening.team_id.to_string(), opening.region_id.to_string());
        let opening = openings::table.find(place).filter(openings::version.eq(opening.version));
        Ok(diesel::delete(opening).execute(self.conn()?)? == 1)
    }

    fn openings_of_region(
        &mut self,
        region: RegionId,
        after: Option<TeamId>,
        limit: i64,
    ) -> Result<Vec<Opening>> {
        let of_region = openings::table.filter(openings::region_id.eq(region.to_string()));
        let rows: Vec<OpeningRow> = while_in_time!(of_region)
            .filter(openings::team_id.gt(after.map(String::from).unwrap_or_default()))
            .order(openings::team_id)
            .limit(limit)
            .select(OpeningRow::as_select())
            .load(self.conn()?)?;
        rows.into_iter().map(OpeningRow::into_opening).collect()
    }

    fn count_openings_of_region(&mut self, region: RegionId) -> Result<Total> {
        scan::count(|after: Option<&String>, chunk| {
            let openings = openings::table.filter(openings::region_id.eq(region.to_string()));
            look!(self, openings.into_boxed(), openings::team_id, Vec::new(), after, chunk)
        })
    }

    fn openings_of_team(&mut self, team: TeamId) -> Result<Vec<Opening>> {
        let of_team = openings::table.filter(openings::team_id.eq(team.to_string()));
        let rows: Vec<OpeningRow> = while_in_time!(of_team)
            .order(openings::region_id)
            .select(OpeningRow::as_select())
            .load(self.conn()?)?;
        rows.into_iter().map(OpeningRow::into_opening).collect()
    }

    fn list_open_regions(
        &mut self,
        filter: &OpenRegionFilter,
        offset: i64,
        limit: i64,
    ) -> Result<Vec<(Opening, Region)>> {
        self.open_regions_upto(filter, None, offset, limit)
    }

    fn scan_open_regions(
        &mut self,
        filter: &OpenRegionFilter,
        limit: i64,
    ) -> Result<Found<(Opening, Region), RegionId>> {
        let upto =
            if is_whole(filter) { None } else { self.last_scanned(filter.team, filter.after)? };
        Ok(Found { items: self.open_regions_upto(filter, upto, 0, limit)?, rest: upto })
    }

    fn count_some_open_regions(&mut self, filter: &OpenRegionFilter) -> Result<Total> {
        let upto = self.last_scanned(filter.team, None)?;
        let all = OpenRegionFilter { after: None, ..filter.clone() };
        Ok(Total { count: self.number_of_open_regions(&all, upto)?, is_exact: upto.is_none() })
    }

    fn count_open_regions(&mut self, filter: &OpenRegionFilter) -> Result<i64> {
        self.number_of_open_regions(filter, None)
    }
}
