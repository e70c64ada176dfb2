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

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{ACCEPT_ENCODING, AcceptEncoding, Encoding, HeaderValue};
use actix_web::middleware::{Compress, DefaultHeaders, Next, from_fn};
use actix_web::{HttpMessage as _, HttpRequest, Resource, Scope, web};

use crate::error::RequestError;
use crate::operation::Operation;
use call::Call;
use wire::Failure;

/// Adds the routes.
pub fn configure(service: &mut web::ServiceConfig) {
    let face = web::scope("/openapi")
        // Inside the compression, which else would name the only header in `Vary`.
        .wrap(
            DefaultHeaders::new()
                .add(("X-Frame-Options", "DENY"))
                .add(("Vary", "Accept, origin, Accept-Encoding")),
        )
        .wrap(Compress::default())
        .wrap(from_fn(only_gzip))
        .service(scope("/v1").configure(v1::configure))
        .service(scope("/v2/manage").configure(v2::configure))
        .default_service(web::to(no_route));
    service.service(face);
}

/// A scope does not take over what the one around it says of unknown paths.
fn scope(path: &str) -> Scope {
    web::scope(path).default_service(web::to(no_route))
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

async fn no_route(request: HttpRequest) -> Result<&'static str, Failure> {
    Err(Failure::new(&request, RequestError::NoRoute.into()))
}

/// A path on which methods other than those routed are refused, but only to callers who may use
/// the path at all: strangers learn nothing of it.
fn resource<O: Operation>(path: &str, methods: &[Method]) -> Resource {
    let allow = methods.iter().map(Method::as_str).collect::<Vec<_>>().join(", ");
    web::resource(path)
        .app_data(web::Data::new(Allow(allow)))
        .default_service(web::to(wrong_method::<O>))
}

/// The methods of a path, for the `Allow` header that every answer of the face carries.
struct Allow(String);

async fn wrong_method<O: Operation>(call: Call<O>) -> Result<&'static str, Failure> {
    let method = call.request.method().to_string();
    Err(call.failure(RequestError::Method(method)))
}
