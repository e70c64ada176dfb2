//! Rows and queries of teams.

use cadastre_domain::id::{EnterpriseId, TeamId};
use cadastre_domain::team::{Team, TeamAlias, TeamName};
use cadastre_domain::user::UserId;
use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::scan::{self, Fits, Looked, found_rows, look};
use super::schema::teams;
use super::{Conn, Repository, Result, contains, parsed};
use crate::{Found, MOST_SCANNED, TeamFilter, Teams, Total};

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = teams, treat_none_as_null = true, treat_none_as_default_value = false)]
struct TeamRow {
    #[diesel(serialize_as = String, deserialize_as = String)]
    id: TeamId,
    #[diesel(serialize_as = String, deserialize_as = String)]
    enterprise_id: EnterpriseId,
    #[diesel(serialize_as = String, deserialize_as = String)]
    name: TeamName,
    #[diesel(serialize_as = String, deserialize_as = String)]
    alias: TeamAlias,
    namespace: String,
    is_active: bool,
    limit_memory: i32,
    creator_id: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    expires_at: Option<DateTime<Utc>>,
    version: i64,
}

impl From<TeamRow> for Team {
    fn from(row: TeamRow) -> Self {
        Self {
            id: row.id,
            enterprise_id: row.enterprise_id,
            name: row.name,
            alias: row.alias,
            namespace: row.namespace,
            is_active: row.is_active,
            limit_memory: row.limit_memory,
            creator: UserId(row.creator_id),
            created_at: row.created_at,
            updated_at: row.updated_at,
            expires_at: row.expires_at,
            version: row.version,
        }
    }
}

impl From<Team> for TeamRow {
    fn from(team: Team) -> Self {
        Self {
            id: team.id,
            enterprise_id: team.enterprise_id,
            name: team.name,
            alias: team.alias,
            namespace: team.namespace,
            is_active: team.is_active,
            limit_memory: team.limit_memory,
            creator_id: team.creator.0,
            created_at: team.created_at,
            updated_at: team.updated_at,
            expires_at: team.expires_at,
            version: team.version,
        }
    }
}

/// A list of teams that is being narrowed down.
type Narrowed = teams::BoxedQuery<'static, <Conn as Connection>::Backend>;

/// The teams that fit the filter, however many have to be looked at in time.
macro_rules! narrowed {
    ($filter:ident, $select:expr) => {{
        let all = teams::table.select($select).into_boxed();
        let mut query = while_in_time!(all);
        if let Some(enterprise) = $filter.enterprise {
            query = query.filter(teams::enterprise_id.eq(enterprise.to_string()));
        }
        if let Some(among) = &$filter.among {
            let among: Vec<_> = among.iter().map(ToString::to_string).collect();
            query = query.filter(teams::id.eq_any(among));
        }
        if let Some(text) = &$filter.contains {
            let pattern = contains(text);
            query = query.filter(
                folded_like!(teams::name, pattern.clone()).or(folded_like!(teams::alias, pattern)),
            );
        }
        if let Some(after) = $filter.after {
            query = query.filter(teams::id.gt(after.to_string()));
        }
        query
    }};
}

/// The teams among which those that fit are, wherever a list of them goes on.
fn driven(filter: &TeamFilter) -> Narrowed {
    let query = teams::table.into_boxed();
    if let Some(among) = &filter.among {
        // There are few, and another enterprise's are not among them.
        return query.filter(teams::id.eq_any(among.iter().map(ToString::to_string)));
    }
    match filter.enterprise {
        Some(enterprise) => query.filter(teams::enterprise_id.eq(enterprise.to_string())),
        None => query,
    }
}

/// What the filter asks for besides.
fn conditions(filter: &TeamFilter) -> Vec<Fits<'static, teams::table>> {
    let mut conditions: Vec<Fits<'static, teams::table>> = Vec::new();
    if let Some(enterprise) = filter.enterprise.filter(|_| filter.among.is_some()) {
        conditions.push(Box::new(teams::enterprise_id.eq(enterprise.to_string()).nullable()));
    }
    if let Some(text) = &filter.contains {
        let pattern = contains(text);
        let named = folded_like!(teams::name, pattern.clone());
        conditions.push(Box::new(named.or(folded_like!(teams::alias, pattern)).nullable()));
    }
    conditions
}

impl Repository<'_> {
    fn look_at_teams(
        &mut self,
        filter: &TeamFilter,
        after: Option<&String>,
        chunk: i64,
    ) -> Result<Vec<Looked<String, String>>> {
        look!(self, driven(filter), teams::id, conditions(filter), after, chunk)
    }
}

impl Teams for Repository<'_> {
    fn insert_team(&mut self, team: &Team) -> Result<()> {
        diesel::insert_into(teams::table)
            .values(TeamRow::from(team.clone()))
            .execute(self.conn()?)?;
        Ok(())
    }

    fn find_team(&mut self, id: TeamId) -> Result<Option<Team>> {
        let row = teams::table
            .find(id.to_string())
            .select(TeamRow::as_select())
            .get_result(self.conn()?)
            .optional()?;
        Ok(row.map(Team::from))
    }

    fn find_teams(&mut self, ids: &[TeamId]) -> Result<Vec<Team>> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let rows: Vec<TeamRow> = teams::table
            .filter(teams::id.eq_any(ids.iter().map(ToString::to_string)))
            .order(teams::id)
            .select(TeamRow::as_select())
            .load(self.conn()?)?;
        Ok(rows.into_iter().map(Team::from).collect())
    }

    fn find_team_named(
        &mut self,
        enterprise: EnterpriseId,
        name: &TeamName,
    ) -> Result<Option<Team>> {
        let row = teams::table
            .filter(teams::enterprise_id.eq(enterprise.to_string()))
            .filter(teams::name.eq(name.as_ref()))
            .select(TeamRow::as_select())
            .get_result(self.conn()?)
            .optional()?;
        Ok(row.map(Team::from))
    }

    fn list_teams(&mut self, filter: &TeamFilter, offset: i64, limit: i64) -> Result<Vec<Team>> {
        let rows: Vec<TeamRow> = narrowed!(filter, TeamRow::as_select())
            .order(teams::id)
            .offset(offset)
            .limit(limit)
            .load(self.conn()?)?;
        Ok(rows.into_iter().map(Team::from).collect())
    }

    fn scan_teams(&mut self, filter: &TeamFilter, limit: i64) -> Result<Found<Team, TeamId>> {
        if filter.contains.is_none() {
            return Ok(Found::whole(self.list_teams(filter, 0, limit)?));
        }
        let after = filter.after.map(|after| after.to_string());
        let look = |after: Option<&String>, chunk| self.look_at_teams(filter, after, chunk);
        let found = scan::scan(after, scan::size(limit), MOST_SCANNED, look)?;
        let rows = found_rows!(self, teams::table, teams::id, found.items, TeamRow);
        let items = rows.into_iter().map(Team::from).collect();
        Ok(Found { items, rest: found.rest.map(|id| parsed(&id)).transpose()? })
    }

    fn count_some_teams(&mut self, filter: &TeamFilter) -> Result<Total> {
        scan::count(|after, chunk| self.look_at_teams(filter, after, chunk))
    }

    fn count_teams(&mut self, filter: &TeamFilter) -> Result<i64> {
        Ok(narrowed!(filter, diesel::dsl::count_star()).get_result(self.conn()?)?)
    }

    fn save_team(&mut self, team: &Team) -> Result<bool> {
        let changed = diesel::update(teams::table.find(team.id.to_string()))
            .filter(teams::version.eq(team.version - 1))
            .set(TeamRow::from(team.clone()))
            .execute(self.conn()?)?;
        Ok(changed == 1)
    }

    fn delete_team(&mut self, id: TeamId, version: i64) -> Result<bool> {
        let team = teams::table.find(id.to_string()).filter(teams::version.eq(version));
        Ok(diesel::delete(team).execute(self.conn()?)? == 1)
    }
}
