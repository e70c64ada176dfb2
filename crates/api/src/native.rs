//! The native face: everything that the published interfaces cannot say.
//!
//! JSON with names in snake case; failures are problem details (RFC 9457).

mod audit;
mod call;
mod credentials;
mod document;
mod fields;
mod page;
pub mod problem;
mod query;
mod tokens;
mod users;

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
    let paths = vec![
        Path::new("/tokens").on(Method::GET, tokens::list).on(Method::POST, tokens::create),
        Path::new("/tokens/{token_id}")
            .on(Method::GET, tokens::read)
            .on(Method::DELETE, tokens::revoke),
        Path::new("/tokens/{token_id}/rotate").on(Method::POST, tokens::rotate),
        Path::new("/users").on(Method::GET, users::list).on(Method::POST, users::create),
        Path::new("/audit").on(Method::GET, audit::list),
        Path::new("/regions/{region_id}/credentials").on(Method::GET, credentials::read),
    ];
    Paths::new("/cadastre/v1", paths)
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
