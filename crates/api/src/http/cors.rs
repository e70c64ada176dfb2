//! Which pages may call the register from a browser: none, unless their origin was named.

use actix_cors::Cors;
use actix_web::http::header::{
    AUTHORIZATION, CONTENT_TYPE, ETAG, HeaderName, IF_MATCH, RETRY_AFTER,
};
use actix_web::middleware::Condition;

use super::track::REQUEST_ID;

/// The header of the key on the dialing face.
static API_KEY: HeaderName = HeaderName::from_static("df-api-key");
/// The header by which a request that is repeated is known.
static IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// How many seconds a browser may remember what it was allowed.
const REMEMBERED: usize = 600;

/// Tells browsers that pages of these origins may call. Without any, nothing is told, and `OPTIONS`
/// is a method like others.
pub fn allowing(origins: &[String]) -> Condition<Cors> {
    let cors = Cors::default()
        .allowed_methods(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"])
        .allowed_headers([AUTHORIZATION, CONTENT_TYPE, IF_MATCH])
        .allowed_headers([API_KEY.clone(), IDEMPOTENCY_KEY.clone()])
        .expose_headers([REQUEST_ID.clone(), ETAG, RETRY_AFTER])
        .max_age(REMEMBERED);
    let cors = origins.iter().fold(cors, |cors, origin| cors.allowed_origin(origin));
    Condition::new(!origins.is_empty(), cors)
}
