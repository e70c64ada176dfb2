//! The native face: everything that the published interfaces cannot say.
//!
//! JSON with names in snake case; failures are problem details (RFC 9457).

mod audit;
mod call;
mod credentials;
mod fields;
mod page;
pub mod problem;
mod query;
mod tokens;
mod users;

use actix_web::{HttpRequest, Resource, web};

use cadastre_domain::id::EnterpriseId;
use cadastre_domain::role::Right;
use cadastre_domain::token::Caller;

use crate::error::RequestError;
pub(crate) use audit::audit_entry;
use problem::Problem;

/// Adds the routes.
pub fn configure(service: &mut web::ServiceConfig) {
    let face = web::scope("/cadastre/v1")
        .service(
            resource("/tokens", "GET, POST")
                .route(web::get().to(tokens::list))
                .route(web::post().to(tokens::create)),
        )
        .service(
            resource("/tokens/{token_id}", "GET, DELETE")
                .route(web::get().to(tokens::read))
                .route(web::delete().to(tokens::revoke)),
        )
        .service(
            resource("/tokens/{token_id}/rotate", "POST").route(web::post().to(tokens::rotate)),
        )
        .service(
            resource("/users", "GET, POST")
                .route(web::get().to(users::list))
                .route(web::post().to(users::create)),
        )
        .service(resource("/audit", "GET").route(web::get().to(audit::list)))
        .service(
            resource("/regions/{region_id}/credentials", "GET")
                .route(web::get().to(credentials::read)),
        )
        .default_service(web::to(no_route));
    service.service(face);
}

/// A path with its methods, for the `Allow` header of the answer to any other.
fn resource(path: &str, methods: &'static str) -> Resource {
    web::resource(path).default_service(web::to(move |request| wrong_method(request, methods)))
}

/// The enterprise whose things alone exist for this caller; none for those who reach all.
fn own_enterprise(caller: &Caller) -> Option<EnterpriseId> {
    (!caller.may(Right::ManagePlatform)).then_some(caller.enterprise_id)
}

async fn no_route(request: HttpRequest) -> Result<&'static str, Problem> {
    Err(Problem::new(&request, RequestError::NoRoute))
}

async fn wrong_method(request: HttpRequest, allow: &'static str) -> Result<&'static str, Problem> {
    let method = request.method().to_string();
    Err(Problem::new(&request, RequestError::Method(method)).allowing(allow))
}
