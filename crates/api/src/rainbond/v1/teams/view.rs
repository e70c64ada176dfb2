//! What lists of teams, and of the regions open for a team, show.

use cadastre_domain::region::Region;
use cadastre_domain::role::Role;
use cadastre_domain::team::Team;
use serde::Serialize;
use utoipa::ToSchema;

use super::super::super::page::Page;
use super::super::super::view::{local_time, scopes, status, statuses};
use crate::service::openings::OpenRegions;
use crate::service::teams::SeenTeams;

/// A page of teams.
#[derive(Serialize, ToSchema)]
#[schema(as = TeamList)]
pub(in crate::rainbond) struct TeamsView {
    tenants: Vec<TeamRow>,
    /// How many teams fit in all.
    total: i64,
    /// As asked for.
    page: i64,
    /// As asked for.
    page_size: i64,
}

impl TeamsView {
    /// The page of these teams for a caller with this role.
    pub(super) fn new(seen: SeenTeams, page: &Page, role: Role) -> Self {
        let user = seen.user.map(String::from).unwrap_or_default();
        let row = |team| TeamRow::new(team, user.clone(), role);
        let tenants = seen.teams.into_iter().map(row).collect();
        Self { tenants, total: seen.total, page: page.number, page_size: page.size }
    }
}

/// A team in a list. The time is that of Shanghai, without saying so, and with a `T` in it.
#[derive(Serialize, ToSchema)]
#[schema(as = TeamRow)]
pub(in crate::rainbond) struct TeamRow {
    /// A number made of the identifier, which no path takes.
    #[serde(rename = "ID")]
    id: u32,
    tenant_id: String,
    tenant_name: String,
    tenant_alias: String,
    is_active: bool,
    enterprise_id: String,
    create_time: String,
    /// The name of the user that the token acts for, whoever made the team.
    creater: String,
    role_infos: [RoleView; 1],
}

impl TeamRow {
    fn new(team: Team, user: String, role: Role) -> Self {
        let tenant_id = team.id.to_string();
        Self {
            id: number(&tenant_id),
            tenant_id,
            tenant_name: team.name.into(),
            tenant_alias: team.alias.into(),
            is_active: team.is_active,
            enterprise_id: team.enterprise_id.to_string(),
            create_time: local_time(team.created_at).replacen(' ', "T", 1),
            creater: user,
            role_infos: [role.into()],
        }
    }
}

/// A number made of the end of an identifier, which is chance. It has 31 bits: clients may read it
/// as a signed one.
fn number(id: &str) -> u32 {
    let end = id.get(id.len().saturating_sub(8)..).unwrap_or_default();
    u32::from_str_radix(end, 16).unwrap_or_default() >> 1
}

/// What the caller may do for a team, in the words of the original.
#[derive(Serialize, ToSchema)]
#[schema(as = RoleInfo)]
struct RoleView {
    role_id: &'static str,
    role_name: &'static str,
}

impl From<Role> for RoleView {
    fn from(role: Role) -> Self {
        let (role_id, role_name) = match role {
            Role::Platform | Role::Admin | Role::Operator => ("1", "管理员"),
            Role::Team => ("2", "开发者"),
            Role::Viewer => ("3", "观察者"),
        };
        Self { role_id, role_name }
    }
}

/// A page of the regions that are open for a team.
#[derive(Serialize, ToSchema)]
#[schema(as = TeamRegionList)]
pub(in crate::rainbond) struct TeamRegionsView {
    /// How many regions fit in all.
    total: i64,
    regions: Vec<TeamRegionRow>,
}

impl From<OpenRegions> for TeamRegionsView {
    fn from(open: OpenRegions) -> Self {
        let row = |(_, region)| TeamRegionRow::new(region, open.team.name.as_ref().to_owned());
        Self { total: open.total, regions: open.regions.into_iter().map(row).collect() }
    }
}

/// A region that is open for a team. Its token is never shown.
#[derive(Serialize, ToSchema)]
#[schema(as = TeamRegion)]
pub(in crate::rainbond) struct TeamRegionRow {
    region_id: String,
    region_name: String,
    region_alias: String,
    tenant_name: String,
    url: String,
    wsurl: String,
    httpdomain: String,
    tcpdomain: String,
    /// Always null.
    #[schema(required)]
    token: Option<String>,
    #[schema(schema_with = statuses)]
    status: &'static str,
    desc: String,
    #[schema(schema_with = scopes)]
    scope: &'static str,
}

impl TeamRegionRow {
    fn new(region: Region, tenant_name: String) -> Self {
        Self {
            region_id: region.id.to_string(),
            region_name: region.name.into(),
            region_alias: region.alias.into(),
            tenant_name,
            url: region.addresses.api.into(),
            wsurl: region.addresses.websocket.into(),
            httpdomain: region.addresses.http_domain.into(),
            tcpdomain: region.addresses.tcp.into(),
            token: None,
            status: status(region.status),
            desc: region.description.into(),
            scope: region.scope.as_str(),
        }
    }
}
