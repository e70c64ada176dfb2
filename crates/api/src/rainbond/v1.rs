//! `/openapi/v1`.

pub(super) mod grctl;
pub(super) mod regions;
pub(super) mod teams;
pub(super) mod users;

use actix_web::http::Method;

use super::call::Rainbond;
use crate::http::routes::{Path, Paths};

/// A region by its name or identifier: names have letters and digits of any script. The character
/// left out stands for what is no text.
const REGION: &str = "/regions/{region_id:[A-Za-z0-9_.\u{80}-\u{fffc}\u{fffe}-\u{10ffff}-]+}";

/// What is served here.
pub(super) fn paths() -> Paths<Rainbond> {
    let paths = vec![
        Path::new("/grctl/ip").on(Method::POST, grctl::set_addresses),
        Path::new("/regions").on(Method::GET, regions::list).on(Method::POST, regions::add),
        Path::new(REGION).on(Method::GET, regions::read),
        Path::new("/regions/{region_id:[A-Za-z0-9_-]+}/status")
            .on(Method::PUT, regions::set_status),
        Path::new("/teams").on(Method::GET, teams::list).on(Method::POST, teams::create),
        Path::new("/teams/{team_id:[A-Za-z0-9_-]+}")
            .on(Method::GET, teams::read)
            .on(Method::PUT, teams::update)
            .on(Method::DELETE, teams::delete),
        Path::new("/teams/{team_id:[A-Za-z0-9_-]+}/regions")
            .on(Method::GET, teams::regions::list)
            .on(Method::POST, teams::regions::open),
        Path::new("/teams/{team_id:[A-Za-z0-9_-]+}/regions/{region_name:[^/]+}")
            .on(Method::DELETE, teams::regions::close),
        Path::new("/teams/{team_id:[A-Za-z0-9_-]+}/regions/{region_name:[^/]+}/{rest:.+}")
            .on(Method::GET, teams::regions::guard)
            .otherwise(teams::regions::guard),
        Path::new("/currentuser").on(Method::GET, users::current),
    ];
    Paths::new("/openapi/v1", paths)
}
