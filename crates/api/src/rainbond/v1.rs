//! `/openapi/v1`.

pub(super) mod regions;
pub(super) mod teams;

use actix_web::http::Method;

use super::call::Rainbond;
use crate::http::routes::{Path, Paths};

/// What is served here.
pub(super) fn paths() -> Paths<Rainbond> {
    let paths = vec![
        Path::new("/regions").on(Method::GET, regions::list).on(Method::POST, regions::add),
        Path::new("/teams").on(Method::POST, teams::create),
        Path::new("/teams/{team_id:[A-Za-z0-9_-]+}").on(Method::GET, teams::read),
        Path::new("/teams/{team_id:[A-Za-z0-9_-]+}/regions").on(Method::POST, teams::open_region),
    ];
    Paths::new("/openapi/v1", paths)
}
