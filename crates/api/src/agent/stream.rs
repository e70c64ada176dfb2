//! `GET /v1/stream/watch`: a stream of server-sent events (dialing contract, section 3.7).

use std::convert::Infallible;
use std::time::Duration;

use actix_web::http::{StatusCode, header};
use actix_web::web::{self, Bytes};
use actix_web::{HttpRequest, HttpResponse};
use futures_util::stream::unfold;
use tokio::sync::mpsc::Receiver;

use super::query::Query;
use super::signed;
use super::wire::{Failure, in_time, only_get};
use crate::app::App;

/// How often an agent is told at least that the stream is still there.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// Adds the route.
pub(super) fn configure(service: &mut web::ServiceConfig) {
    service.service(
        web::resource("/v1/stream/watch")
            .route(web::get().to(watch))
            .default_service(web::to(only_get)),
    );
}

async fn watch(
    app: web::Data<App>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, Failure> {
    let query = Query::read(&request);
    let asked = query.text("region_id");
    let signed = in_time(signed::accept(&app, &request, payload.into_inner(), asked)).await?;
    let events = app.streams.open(&signed.node, &signed.key).ok_or_else(too_many)?;
    // A connection that says nothing for that long is closed.
    let keep_alive = KEEP_ALIVE.min(app.door.keep_alive / 2);
    let open = Open { events, keep_alive, is_new: true };
    Ok(HttpResponse::Ok()
        .content_type("text/event-stream")
        .insert_header((header::CACHE_CONTROL, "no-store"))
        // Proxies that collect answers would keep events back.
        .insert_header(("X-Accel-Buffering", "no"))
        .streaming(unfold(open, next)))
}

/// A stream that is open.
struct Open {
    events: Receiver<Bytes>,
    keep_alive: Duration,
    is_new: bool,
}

/// What comes next: at once a comment, so that the head of the answer leaves; then events, and
/// comments when there are none for long.
async fn next(mut open: Open) -> Option<(Result<Bytes, Infallible>, Open)> {
    if std::mem::take(&mut open.is_new) {
        return Some((Ok(Bytes::from_static(b": connected\n\n")), open));
    }
    let event = match tokio::time::timeout(open.keep_alive, open.events.recv()).await {
        Ok(event) => event?,
        Err(_) => Bytes::from_static(b": keep-alive\n\n"),
    };
    Some((Ok(event), open))
}

fn too_many() -> Failure {
    let text = "too many streams are open";
    Failure::new(StatusCode::SERVICE_UNAVAILABLE, "kodo.TooManyStreams", text)
}
