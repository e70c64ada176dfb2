//! The Rainbond OpenAPI face: what existing clients of a Rainbond console call.
//!
//! Its contract is the published text of the interface and what the console does on the wire.

mod call;
mod fields;
mod region_fields;
mod texts;
mod v1;
mod v2;
mod view;
pub mod wire;

use actix_web::http::Method;
use actix_web::middleware::{Compress, DefaultHeaders};
use actix_web::{HttpRequest, Resource, web};

use crate::auth::RequiredRight;
use crate::error::RequestError;
use call::Call;
use wire::Failure;

/// Adds the routes.
pub fn configure(service: &mut web::ServiceConfig) {
    let face = web::scope("/openapi")
        .wrap(Compress::default())
        .wrap(
            DefaultHeaders::new()
                .add(("X-Frame-Options", "DENY"))
                .add(("Vary", "Accept, origin, Accept-Encoding")),
        )
        .service(web::scope("/v1").configure(v1::configure))
        .service(web::scope("/v2/manage").configure(v2::configure))
        .default_service(web::to(no_route));
    service.service(face);
}

async fn no_route(request: HttpRequest) -> Result<&'static str, Failure> {
    Err(Failure::new(&request, RequestError::NoRoute.into()))
}

/// A path on which methods other than those routed are refused, but only to callers who may use
/// the path at all: strangers learn nothing of it.
fn resource<R: RequiredRight>(path: &str, methods: &[Method]) -> Resource {
    let allow = methods.iter().map(Method::as_str).collect::<Vec<_>>().join(", ");
    web::resource(path)
        .app_data(web::Data::new(Allow(allow)))
        .default_service(web::to(wrong_method::<R>))
}

/// The methods of a path, for the `Allow` header that every answer of the face carries.
struct Allow(String);

async fn wrong_method<R: RequiredRight>(call: Call<R>) -> Result<&'static str, Failure> {
    let method = call.request.method().to_string();
    Err(call.failure(RequestError::Method(method)))
}
