//! For machines that run the service: is it alive, is it ready, what does it speak.

use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::http::header::ContentType;
use actix_web::{HttpResponse, Responder, web};
use cadastre_storage::StorageError;
use tokio::time::timeout;

use crate::app::App;
use crate::openapi;

/// The type of answers in words.
const PLAIN: &str = "text/plain; charset=utf-8";

/// How long it is waited for the database until the service counts as not ready. Those who ask wait
/// for some seconds themselves.
const LONGEST_ANSWER: Duration = Duration::from_secs(3);

/// The paths that tell whether the service is alive and ready.
pub const PROBES: [&str; 2] = ["/livez", "/readyz"];

/// Adds the routes.
pub fn configure(service: &mut web::ServiceConfig) {
    service
        .service(only_get(PROBES[0]).route(web::get().to(alive)).route(web::head().to(alive)))
        .service(only_get(PROBES[1]).route(web::get().to(ready)).route(web::head().to(ready)));
    for face in openapi::FACES {
        let document = move || async move { document(face) };
        let resource = only_get(&format!("/openapi/{face}.json"));
        service.service(resource.route(web::get().to(document)).route(web::head().to(document)));
    }
}

/// What the face of this name speaks: public, as is everything in it.
fn document(face: &str) -> Option<impl Responder> {
    openapi::text(face).map(|text| text.customize().insert_header(ContentType::json()))
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
    let read = timeout(LONGEST_ANSWER, app.read(|tx| Ok(tx.any_token()?))).await;
    let late = || StorageError::Unavailable("it does not answer in time".to_owned()).into();
    match read.unwrap_or_else(|_| Err(late())) {
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
