//! For machines that run the service: is it alive, is it ready, what does it speak.

use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::http::header::{
    self, AcceptEncoding, ContentEncoding, ContentType, Encoding, Header as _,
};
use actix_web::{HttpRequest, HttpResponse, web};
use cadastre_storage::StorageError;
use tokio::time::timeout;

use crate::app::App;
use crate::http::entity_tag;
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
        let document = move |request: HttpRequest| async move { document(&request, face).await };
        let resource = only_get(&format!("/openapi/{face}.json"));
        service.service(resource.route(web::get().to(document)).route(web::head().to(document)));
    }
}

/// Answers with the document of this API, which is public, unless the caller has a copy.
async fn document(request: &HttpRequest, face: &str) -> HttpResponse {
    let Some(document) = openapi::rendered(face).await else {
        return HttpResponse::InternalServerError().content_type(PLAIN).body("error\n");
    };
    let copied = entity_tag::has_copy(request, &document.tag);
    let mut response = if copied { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    // Weak, because the same tag stands for the compressed bytes and for the others.
    response.insert_header((header::ETAG, format!("W/\"{}\"", document.tag)));
    response.insert_header((header::CACHE_CONTROL, "no-cache"));
    response.insert_header((header::VARY, "Accept-Encoding"));
    if copied {
        return response.finish();
    }
    response.content_type(ContentType::json());
    let accepted = AcceptEncoding::parse(request).ok();
    let offered = [Encoding::identity(), Encoding::gzip()];
    let chosen = accepted.and_then(|accepted| accepted.negotiate(offered.iter()));
    if chosen == Some(Encoding::gzip()) {
        response.insert_header(ContentEncoding::Gzip);
        response.body(document.gzip.clone())
    } else {
        response.body(document.text.clone())
    }
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
