//! The dialing face: the part of the Guance OpenAPI that manages self-built dial-testing nodes.

mod call;
mod fields;
mod nodes;
pub mod wire;

use actix_web::{HttpRequest, web};

use crate::error::RequestError;
use wire::Failure;

/// Adds the routes.
pub fn configure(service: &mut web::ServiceConfig) {
    let face = web::scope("/api/v1")
        .service(
            web::resource("/dialing_region/regist")
                .route(web::post().to(nodes::register))
                .default_service(web::to(wrong_method)),
        )
        .default_service(web::to(no_route));
    service.service(face);
}

async fn no_route(request: HttpRequest) -> Result<&'static str, Failure> {
    Err(Failure::new(&request, RequestError::NoRoute))
}

async fn wrong_method(request: HttpRequest) -> Result<&'static str, Failure> {
    let method = request.method().to_string();
    Err(Failure::new(&request, RequestError::Method(method)))
}
