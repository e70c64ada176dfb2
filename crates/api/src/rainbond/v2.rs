//! `/openapi/v2/manage`: every enterprise, for `platform` tokens only.

pub(super) mod regions;

use actix_web::http::Method;

use super::call::Rainbond;
use crate::http::routes::{Path, Paths};

/// What is served here.
pub(super) fn paths() -> Paths<Rainbond> {
    let region = Path::new("/regions/{region_id:[A-Za-z0-9_-]+}");
    Paths::new("/openapi/v2/manage", vec![region.on(Method::PUT, regions::update)])
}
