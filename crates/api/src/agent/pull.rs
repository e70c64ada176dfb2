//! `GET /v1/task/pull`: what is new for a node (dialing contract, section 3.2).
//!
//! The cursor is exclusive. When nothing is behind it, no query is made but the one whether the nodes
//! in memory are fresh, and the answer is one that was rendered before.

mod content;

use actix_web::http::header;
use actix_web::web::{self, Bytes};
use actix_web::{HttpRequest, HttpResponse};

use super::query::Query;
use super::signed::{self, Signed};
use super::wire::{Failure, in_time};
use crate::app::App;
use crate::contacts::AcceptedPull;
use crate::http::client_address;
use crate::kept;
use crate::service::pulls::{Cursor, has_news, news};
use crate::service::tasks::delivery::agent_region;
use content::{Answer, accepts_gzip};

/// Adds the route.
pub(super) fn configure(service: &mut web::ServiceConfig) {
    service.service(
        web::resource("/v1/task/pull")
            .route(web::get().to(pull))
            .default_service(web::to(super::wire::only_get)),
    );
}

async fn pull(
    app: web::Data<App>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, Failure> {
    in_time(answer(app, request, payload)).await
}

async fn answer(
    app: web::Data<App>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, Failure> {
    let query = Query::read(&request);
    let asked = query.text("region_id");
    let signed = signed::accept(&app, &request, payload.into_inner(), asked).await?;
    let since = query.cursor("since")?;
    let cursor = Cursor { since, variable_since: query.cursor("variable_since")? };
    app.contacts.accepted(&AcceptedPull {
        node: &signed.node.node.id,
        key: &signed.key,
        address: client_address::of(&request),
        date: signed.date,
        cursor: since,
        at: signed.now,
    });
    if !has_news(&app, &signed.node, cursor) {
        return Ok(json(nothing_new(&signed)?, false));
    }
    let (region, gzip) = (agent_region(&signed.node.node), accepts_gzip(&request));
    let render = move |news| content::render(&region, news, gzip);
    let Answer { body, is_gzip } = news(&app, &signed.node, &signed.key, cursor, render).await?;
    Ok(json(body, is_gzip))
}

/// The answer when nothing is new, which is kept beside the node.
fn nothing_new(signed: &Signed<'_>) -> Result<Bytes, Failure> {
    let node = &signed.node;
    Ok(kept::body(&node.bodies, kept::NOTHING_NEW, || content::nothing_new(&node.node))?)
}

fn json(body: Bytes, is_gzip: bool) -> HttpResponse {
    let mut response = HttpResponse::Ok();
    response.content_type("application/json");
    if is_gzip {
        response.insert_header((header::CONTENT_ENCODING, "gzip"));
        response.insert_header((header::VARY, "Accept-Encoding"));
    }
    response.body(body)
}
