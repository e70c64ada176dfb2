//! `/openapi/v2/manage`: every enterprise, for `platform` tokens only.

mod regions;

use actix_web::http::Method;
use actix_web::web;

use super::resource;
use crate::operation::UpdateRegion;

/// Adds the routes.
pub(super) fn configure(service: &mut web::ServiceConfig) {
    service.service(
        resource::<UpdateRegion>("/regions/{region_id:[A-Za-z0-9_-]+}", &[Method::PUT])
            .route(web::put().to(regions::update)),
    );
}
