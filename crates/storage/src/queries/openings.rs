//! Queries of openings.

use cadastre_domain::id::{RegionId, TeamId};
use cadastre_domain::opening::Opening;
use diesel::dsl::exists;
use diesel::prelude::*;

use super::schema::openings;
use super::{Repository, Result};
use crate::Openings;

impl Openings for Repository<'_> {
    fn insert_opening(&mut self, opening: &Opening) -> Result<bool> {
        let inserted = diesel::insert_into(openings::table)
            .values((
                openings::team_id.eq(opening.team_id.to_string()),
                openings::region_id.eq(opening.region_id.to_string()),
                openings::created_at.eq(opening.created_at),
            ))
            .on_conflict_do_nothing()
            .execute(self.conn()?)?;
        Ok(inserted == 1)
    }

    fn is_open(&mut self, team: TeamId, region: RegionId) -> Result<bool> {
        let opening = openings::table.find((team.to_string(), region.to_string()));
        Ok(diesel::select(exists(opening)).get_result(self.conn()?)?)
    }
}
