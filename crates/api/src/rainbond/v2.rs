//! `/openapi/v2/manage`: every enterprise, for `platform` tokens only.

pub(super) mod regions;

use actix_web::http::Method;

use super::call::Rainbond;
use crate::http::routes::{Path, Paths};

/// What is served here.
pub(super) fn paths() -> Paths<Rainbond> {
    let paths = vec![
        Path::new("/regions").on(Method::GET, regions::list).on(Method::POST, regions::add),
        Path::new("/regions/{region_id:[A-Za-z0-9_-]+}")
            .on(Method::GET, regions::read)
            .on(Method::PUT, regions::update)
            .on(Method::DELETE, regions::remove),
    ];
    Paths::new("/openapi/v2/manage", paths)
}
