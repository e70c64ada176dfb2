//! `/openapi/v1`.

mod regions;
mod teams;

use actix_web::http::Method;
use actix_web::web;

use super::resource;
use crate::operation::{CreateTeam, GetTeam, ListRegions, OpenRegion};

/// Adds the routes.
pub(super) fn configure(service: &mut web::ServiceConfig) {
    service
        .service(
            resource::<ListRegions>("/regions", &[Method::GET, Method::POST, Method::HEAD])
                .route(web::get().to(regions::list))
                .route(web::head().to(regions::list))
                .route(web::post().to(regions::add)),
        )
        .service(
            resource::<CreateTeam>("/teams", &[Method::POST]).route(web::post().to(teams::create)),
        )
        .service(
            resource::<GetTeam>("/teams/{team_id:[A-Za-z0-9_-]+}", &[Method::GET, Method::HEAD])
                .route(web::get().to(teams::read))
                .route(web::head().to(teams::read)),
        )
        .service(
            resource::<OpenRegion>("/teams/{team_id:[A-Za-z0-9_-]+}/regions", &[Method::POST])
                .route(web::post().to(teams::open_region)),
        );
}
