//! The native face: everything that the published interfaces cannot say.
//!
//! JSON with names in snake case; failures are problem details (RFC 9457).

mod alarms;
mod audit;
mod availability;
mod call;
mod certificates;
mod closing;
mod conditional;
mod credentials;
mod document;
mod enterprises;
mod explain;
mod fields;
mod headers;
mod listing;
mod maintenance;
mod nodes;
pub(crate) mod once;
mod openings;
mod page;
pub mod problem;
mod query;
mod regions;
mod results;
mod revisions;
mod selection;
mod shown;
mod teams;
mod tokens;
mod users;
mod variables;
mod watches;
mod webhooks;

use actix_web::http::Method;
use actix_web::web;

use cadastre_domain::id::EnterpriseId;
use cadastre_domain::role::Right;
use cadastre_domain::token::Caller;

use crate::http::routes::{Endpoint, Path, Paths};
pub(crate) use audit::AuditEntryView;
use call::Native;
pub use document::document;

/// What is served.
fn paths() -> Paths<Native> {
    // What is asked for most comes first: patterns are tried in this order.
    let parts = [
        present_regions(),
        tenants(),
        teams_and_openings(),
        past_and_future(),
        watched_regions(),
        found_by_nodes(),
        watching(),
        dial_nodes(),
    ];
    Paths::new("/cadastre/v1", parts.into_iter().flatten().collect())
}

/// Tokens, enterprises and users.
fn tenants() -> Vec<Path<Native>> {
    vec![
        Path::new("/tokens").on(Method::GET, tokens::list).on(Method::POST, tokens::create),
        Path::new("/tokens/{token_id}")
            .on(Method::GET, tokens::read)
            .on(Method::DELETE, tokens::revoke),
        Path::new("/tokens/{token_id}/rotate").on(Method::POST, tokens::rotate),
        Path::new("/enterprises")
            .on(Method::GET, enterprises::list)
            .on(Method::POST, enterprises::create),
        Path::new("/enterprises/{enterprise_id}")
            .on(Method::GET, enterprises::read)
            .on(Method::PATCH, enterprises::rename),
        Path::new("/users").on(Method::GET, users::list).on(Method::POST, users::create),
        Path::new("/users/{user_id}").on(Method::GET, users::read).on(Method::PATCH, users::rename),
    ]
}

/// Teams and what is open for them.
fn teams_and_openings() -> Vec<Path<Native>> {
    vec![
        Path::new("/teams").on(Method::GET, teams::list).on(Method::POST, teams::create),
        Path::new("/teams/{team_id}")
            .on(Method::GET, teams::read)
            .on(Method::PATCH, teams::change)
            .on(Method::DELETE, teams::delete),
        Path::new("/teams/{team_id}/openings")
            .on(Method::GET, openings::of_team)
            .on(Method::POST, openings::create),
        Path::new("/teams/{team_id}/openings/{region_id}")
            .on(Method::GET, openings::read)
            .on(Method::PATCH, openings::change)
            .on(Method::DELETE, openings::close),
        Path::new("/regions/{region_id}/openings").on(Method::GET, openings::of_region),
        Path::new("/regions/{region_id}/explain").on(Method::GET, explain::explain),
    ]
}

/// The audit, and regions as they are.
fn present_regions() -> Vec<Path<Native>> {
    vec![
        Path::new("/audit").on(Method::GET, audit::list),
        Path::new("/regions")
            .on(Method::GET, regions::list)
            .on(Method::POST, regions::writing::create),
        Path::new("/regions/{region_id}")
            .on(Method::GET, regions::read)
            .on(Method::PATCH, regions::writing::edit)
            .on(Method::DELETE, regions::writing::remove),
        Path::new("/regions/{region_id}/status").on(Method::POST, regions::writing::set_status),
    ]
}

/// Nodes, and variables of what they dial.
fn dial_nodes() -> Vec<Path<Native>> {
    vec![
        Path::new("/nodes").on(Method::GET, nodes::list),
        Path::new("/nodes/{node_id}")
            .on(Method::GET, nodes::read)
            .on(Method::PATCH, nodes::change)
            .on(Method::DELETE, nodes::delete),
        Path::new("/nodes/{node_id}/enable").on(Method::POST, nodes::switching::enable),
        Path::new("/nodes/{node_id}/disable").on(Method::POST, nodes::switching::disable),
        Path::new("/nodes/{node_id}/keys")
            .on(Method::GET, nodes::keys::list)
            .on(Method::POST, nodes::keys::add),
        Path::new("/nodes/{node_id}/keys/{ak}").on(Method::DELETE, nodes::keys::revoke),
        Path::new("/nodes/{node_id}/agents").on(Method::GET, nodes::agents),
        Path::new("/nodes/{node_id}/run").on(Method::POST, nodes::run::ask),
        Path::new("/dial-variables")
            .on(Method::GET, variables::list)
            .on(Method::POST, variables::create),
        Path::new("/dial-variables/{variable_id}")
            .on(Method::GET, variables::read)
            .on(Method::PATCH, variables::change)
            .on(Method::DELETE, variables::delete),
    ]
}

/// Credentials, certificates, what regions were, and windows of maintenance.
fn past_and_future() -> Vec<Path<Native>> {
    vec![
        Path::new("/regions/{region_id}/credentials")
            .on(Method::GET, credentials::read)
            .on(Method::PATCH, credentials::change),
        Path::new("/regions/{region_id}/credentials/rollback")
            .on(Method::POST, credentials::roll_back),
        Path::new("/regions/{region_id}/certificates")
            .on(Method::GET, certificates::list_of_region),
        Path::new("/certificates").on(Method::GET, certificates::list),
        Path::new("/regions/{region_id}/revisions").on(Method::GET, revisions::list),
        // Before the one with a number in its place.
        Path::new("/regions/{region_id}/revisions/compare").on(Method::GET, revisions::compare),
        Path::new("/regions/{region_id}/revisions/{version}").on(Method::GET, revisions::read),
        Path::new("/regions/{region_id}/revisions/{version}/revert")
            .on(Method::POST, revisions::revert),
        Path::new("/maintenance")
            .on(Method::GET, maintenance::list)
            .on(Method::POST, maintenance::plan),
        Path::new("/maintenance/{window_id}")
            .on(Method::GET, maintenance::read)
            .on(Method::PATCH, maintenance::change),
        Path::new("/maintenance/{window_id}/cancel").on(Method::POST, maintenance::cancel),
    ]
}

/// How regions are watched, and how they stand.
fn watched_regions() -> Vec<Path<Native>> {
    vec![
        Path::new("/regions/{region_id}/watch")
            .on(Method::POST, watches::create)
            .on(Method::GET, watches::read)
            .on(Method::PATCH, watches::change)
            .on(Method::DELETE, watches::remove),
        Path::new("/regions/{region_id}/availability").on(Method::GET, availability::read),
    ]
}

/// What dial nodes found.
fn found_by_nodes() -> Vec<Path<Native>> {
    vec![
        Path::new("/results").on(Method::GET, results::list),
        Path::new("/results/rollups").on(Method::GET, results::rollups),
    ]
}

/// Alarms, and who is told of them.
fn watching() -> Vec<Path<Native>> {
    vec![
        Path::new("/alarms").on(Method::GET, alarms::list),
        Path::new("/alarms/{alarm_id}").on(Method::GET, alarms::read),
        Path::new("/webhooks").on(Method::GET, webhooks::list).on(Method::POST, webhooks::create),
        Path::new("/webhooks/{webhook_id}")
            .on(Method::GET, webhooks::read)
            .on(Method::PATCH, webhooks::change)
            .on(Method::DELETE, webhooks::delete),
        Path::new("/webhooks/{webhook_id}/rotate").on(Method::POST, webhooks::rotate),
        Path::new("/webhooks/{webhook_id}/test").on(Method::POST, webhooks::trial::test),
        Path::new("/webhooks/{webhook_id}/deliveries").on(Method::GET, webhooks::deliveries::list),
        Path::new("/webhooks/{webhook_id}/deliveries/{delivery_id}/replay")
            .on(Method::POST, webhooks::deliveries::replay),
    ]
}

/// Everything that is served.
pub fn endpoints() -> Vec<Endpoint> {
    paths().endpoints()
}

/// Adds the routes.
pub fn configure(service: &mut web::ServiceConfig) {
    service.service(paths().scope(""));
}

/// The enterprise whose things alone exist for this caller; none for those who reach all.
fn own_enterprise(caller: &Caller) -> Option<EnterpriseId> {
    (!caller.may(Right::ManagePlatform)).then_some(caller.enterprise_id)
}
