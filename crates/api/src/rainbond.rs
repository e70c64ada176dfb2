//! The Rainbond OpenAPI face: what existing clients of a Rainbond console call.
//!
//! Its contract is the published text of the interface and what the console does on the wire.

mod call;
mod document;
mod fields;
mod kept;
mod new_region;
mod page;
mod query;
mod region_fields;
mod shapes;
mod texts;
mod v1;
mod v2;
mod view;
mod warning;
pub mod wire;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{ACCEPT_ENCODING, AcceptEncoding, Encoding, HeaderValue};
use actix_web::middleware::{Compress, DefaultHeaders, Next, from_fn};
use actix_web::{HttpMessage as _, Scope, web};

use crate::http::call::Face as _;
use crate::http::routes::{Endpoint, Paths};
use call::Rainbond;
pub use document::document;

/// Where all paths of this face begin.
const PREFIX: &str = "/openapi";

/// What is served.
fn paths() -> [Paths<Rainbond>; 2] {
    [v1::paths(), v2::paths()]
}

/// Everything that is served.
pub fn endpoints() -> Vec<Endpoint> {
    paths().iter().flat_map(Paths::endpoints).collect()
}

/// Adds the routes.
pub fn configure(service: &mut web::ServiceConfig) {
    let face = web::scope(PREFIX)
        // Inside the compression, which else would name the only header in `Vary`.
        .wrap(
            DefaultHeaders::new()
                .add(("X-Frame-Options", "DENY"))
                .add(("Vary", "Accept, origin, Accept-Encoding")),
        )
        .wrap(Compress::default())
        .wrap(from_fn(only_gzip))
        .default_service(Rainbond::no_route());
    let scopes = paths().into_iter().map(|paths| paths.scope(PREFIX));
    service.service(scopes.fold(face, Scope::service));
}

/// Answers go out in gzip or as they are, also to clients that want neither: a refusal by the
/// compression would not have the shape of this face.
async fn only_gzip<B: MessageBody>(
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, actix_web::Error> {
    let accepted = request.get_header::<AcceptEncoding>();
    let gzip = [Encoding::identity(), Encoding::gzip()];
    let chosen = accepted.and_then(|accepted| accepted.negotiate(gzip.iter()));
    if chosen == Some(Encoding::gzip()) {
        request.headers_mut().insert(ACCEPT_ENCODING, HeaderValue::from_static("gzip"));
    } else {
        request.headers_mut().remove(ACCEPT_ENCODING);
    }
    next.call(request).await
}
