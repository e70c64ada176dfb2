//! For machines that run the service: is it alive, is it ready.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};

use crate::app::App;

/// The type of all answers.
const PLAIN: &str = "text/plain; charset=utf-8";

/// Adds the routes.
pub fn configure(service: &mut web::ServiceConfig) {
    service
        .service(only_get("/livez").route(web::get().to(alive)).route(web::head().to(alive)))
        .service(only_get("/readyz").route(web::get().to(ready)).route(web::head().to(ready)));
}

fn only_get(path: &str) -> actix_web::Resource {
    web::resource(path).default_service(web::to(|| async {
        HttpResponse::MethodNotAllowed()
            .insert_header(("Allow", "GET, HEAD"))
            .content_type(PLAIN)
            .body("GET only\n")
    }))
}

/// The process runs and answers.
async fn alive() -> &'static str {
    "alive\n"
}

/// The database is there and prepared, so requests can be served.
async fn ready(app: web::Data<App>) -> HttpResponse {
    match app.read(|tx| Ok(tx.any_token()?)).await {
        Ok(_) => HttpResponse::Ok().content_type(PLAIN).body("ready\n"),
        Err(error) => {
            log::warn!("not ready: {error}");
            HttpResponse::build(StatusCode::SERVICE_UNAVAILABLE)
                .insert_header(("Retry-After", "1"))
                .content_type(PLAIN)
                .body("not ready: the database is not available\n")
        }
    }
}
