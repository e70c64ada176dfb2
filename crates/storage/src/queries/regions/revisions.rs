//! Rows and queries of what regions were: their versions before the present one.

use std::sync::Arc;

use cadastre_domain::id::{CredentialsId, RegionId, TokenId};
use cadastre_domain::region::{
    Addresses, ApiUrl, Description, HttpDomain, Labels, Region, RegionAlias, Revision, Scope,
    Status, TcpAddress, WebsocketUrl,
};
use cadastre_domain::user::UserId;
use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::super::scan::{self, look};
use super::super::schema::{region_revisions, regions};
use super::super::{Repository, Result, parsed};
use super::RegionRow;
use crate::{Revisions, StorageError, Total};

#[derive(Queryable, Selectable)]
#[diesel(table_name = region_revisions)]
struct RevisionRow {
    version: i64,
    updated_at: DateTime<Utc>,
    #[diesel(deserialize_as = String)]
    alias: RegionAlias,
    #[diesel(deserialize_as = String)]
    api_url: ApiUrl,
    #[diesel(deserialize_as = String)]
    websocket_url: WebsocketUrl,
    #[diesel(deserialize_as = String)]
    http_domain: HttpDomain,
    #[diesel(deserialize_as = String)]
    tcp_address: TcpAddress,
    #[diesel(deserialize_as = String)]
    scope: Scope,
    #[diesel(deserialize_as = String)]
    status: Status,
    #[diesel(deserialize_as = String)]
    description: Description,
    #[diesel(deserialize_as = String)]
    labels: Labels,
    credentials_id: Option<String>,
    changed_by_operation: String,
    changed_by_user_id: Option<i64>,
    changed_by_token_id: Option<String>,
}

/// What a row says beside the region itself.
type Maker = (Option<String>, String, Option<i64>, Option<String>);

fn revision(region: Region, (set, operation, user, token): Maker) -> Result<Revision> {
    Ok(Revision {
        at: region.updated_at,
        region,
        credentials_id: set.map(|id| parsed::<CredentialsId>(&id)).transpose()?,
        operation,
        user_id: user.map(UserId),
        token_id: token.map(|id| parsed::<TokenId>(&id)).transpose()?,
    })
}

impl RevisionRow {
    /// The revision of a region that is now like this.
    fn into_revision(self, now: &Region) -> Result<Revision> {
        let region = Region {
            alias: self.alias,
            addresses: Addresses {
                api: self.api_url,
                websocket: self.websocket_url,
                http_domain: self.http_domain,
                tcp: self.tcp_address,
            },
            scope: self.scope,
            status: self.status,
            description: self.description,
            labels: self.labels,
            updated_at: self.updated_at,
            version: self.version,
            // Identifiers, name, and the time of registration never change.
            ..now.clone()
        };
        let (user, token) = (self.changed_by_user_id, self.changed_by_token_id);
        revision(region, (self.credentials_id, self.changed_by_operation, user, token))
    }
}

impl Repository<'_> {
    /// Keeps this version of a region, which is the present one, as a revision; `false` when there
    /// is no such version.
    pub(super) fn keep_revision(&mut self, region: RegionId, version: i64) -> Result<bool> {
        use region_revisions as past;
        let present = regions::table
            .filter(regions::id.eq(region.to_string()))
            .filter(regions::version.eq(version))
            .select((
                (regions::id, regions::version, regions::updated_at, regions::alias),
                (regions::api_url, regions::websocket_url, regions::http_domain),
                (regions::tcp_address, regions::scope, regions::status, regions::description),
                (regions::labels, regions::credentials_id, regions::changed_by_operation),
                (regions::changed_by_user_id, regions::changed_by_token_id),
            ));
        let kept = present
            .insert_into(region_revisions::table)
            .into_columns((
                (past::region_id, past::version, past::updated_at, past::alias),
                (past::api_url, past::websocket_url, past::http_domain),
                (past::tcp_address, past::scope, past::status, past::description),
                (past::labels, past::credentials_id, past::changed_by_operation),
                (past::changed_by_user_id, past::changed_by_token_id),
            ))
            .execute(self.conn()?)?;
        Ok(kept == 1)
    }

    /// The present version of a region, as a revision.
    fn present(&mut self, region: RegionId) -> Result<Option<Revision>> {
        let row: Option<(RegionRow, Maker)> = regions::table
            .find(region.to_string())
            .select((
                RegionRow::as_select(),
                (
                    regions::credentials_id,
                    regions::changed_by_operation,
                    regions::changed_by_user_id,
                    regions::changed_by_token_id,
                ),
            ))
            .get_result(self.conn()?)
            .optional()?;
        row.map(|(row, maker)| revision(row.into(), maker)).transpose()
    }
}

impl Revisions for Repository<'_> {
    fn list_revisions(
        &mut self,
        region: RegionId,
        before: Option<i64>,
        limit: i64,
    ) -> Result<Vec<Revision>> {
        let Some(present) = self.present(region)? else { return Ok(Vec::new()) };
        let before = before.unwrap_or(i64::MAX);
        let rows: Vec<RevisionRow> = region_revisions::table
            .filter(region_revisions::region_id.eq(region.to_string()))
            .filter(region_revisions::version.lt(before))
            .order(region_revisions::version.desc())
            .limit(limit)
            .select(RevisionRow::as_select())
            .load(self.conn()?)?;
        let now = present.region.clone();
        let mut revisions = Vec::with_capacity(rows.len() + 1);
        revisions.extend(Some(present).filter(|present| present.region.version < before));
        for row in rows {
            revisions.push(row.into_revision(&now)?);
        }
        revisions.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        Ok(revisions)
    }

    fn count_revisions(&mut self, region: RegionId) -> Result<Total> {
        let before = scan::count(|after: Option<&i64>, chunk| {
            let past = region_revisions::table
                .filter(region_revisions::region_id.eq(region.to_string()))
                .into_boxed();
            look!(self, past, region_revisions::version, Vec::new(), after, chunk)
        })?;
        let present = regions::table.find(region.to_string()).count();
        let present: i64 = present.get_result(self.conn()?)?;
        Ok(Total { count: before.count + present, ..before })
    }

    fn find_revision(&mut self, region: RegionId, version: i64) -> Result<Option<Revision>> {
        let Some(present) = self.present(region)? else { return Ok(None) };
        if present.region.version == version {
            return Ok(Some(present));
        }
        let row: Option<RevisionRow> = region_revisions::table
            .find((region.to_string(), version))
            .select(RevisionRow::as_select())
            .get_result(self.conn()?)
            .optional()?;
        row.map(|row| row.into_revision(&present.region)).transpose()
    }

    fn api_urls_of_set(&mut self, region: RegionId, set: CredentialsId) -> Result<Vec<ApiUrl>> {
        let (region, set) = (region.to_string(), set.to_string());
        let mut urls: Vec<String> = region_revisions::table
            .filter(region_revisions::region_id.eq(&region))
            .filter(region_revisions::credentials_id.eq(&set))
            .select(region_revisions::api_url)
            .load(self.conn()?)?;
        let present = regions::table
            .filter(regions::id.eq(&region))
            .filter(regions::credentials_id.eq(&set))
            .select(regions::api_url);
        urls.extend(present.load::<String>(self.conn()?)?);
        // Here and not in the query, where both databases would sort in a temporary table.
        urls.sort_unstable();
        urls.dedup();
        let parsed = urls.into_iter().map(ApiUrl::try_from).collect::<std::result::Result<_, _>>();
        parsed.map_err(|error| StorageError::Query(Arc::new(error)))
    }
}
