//! `/cadastre/v1/webhooks`.

pub(super) mod deliveries;
mod request;
pub(super) mod trial;
mod view;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use cadastre_domain::id::WebhookId;
use cadastre_domain::webhook::Webhook;
use cadastre_storage::{Tx, WebhookFilter};

use super::call::Call;
use super::fields::NothingBody;
use super::headers::{IdempotencyKey, IfMatch, IfNoneMatch};
use super::listing::{FieldsQuery, ListQuery, Listing};
use super::once::Made;
use super::page::{Page, PageQuery};
use super::problem::Problem;
use super::selection::Selection;
use crate::error::{Error, Thing};
use crate::ids;
use crate::operation::{
    ChangeWebhook, CreateWebhook, DeleteWebhook, GetWebhook, ListWebhooks, Operation, RotateWebhook,
};
use crate::reads::ReadClass;
use crate::service::webhooks;
use request::{NewWebhookBody, WebhookChangeBody};
use view::{FIELDS, WebhookView};

/// Lists webhooks, the oldest first.
///
/// Those of the caller's enterprise, or all for a platform token.
#[utoipa::path(
    get,
    path = "/cadastre/v1/webhooks",
    tag = "webhooks",
    params(PageQuery, ListQuery, IfNoneMatch),
    responses(
        (status = 200, description = "A page of webhooks, without secrets.", body = Page<WebhookView>),
        (status = 304, description = "The caller's copy is still good."),
    ),
)]
pub(super) async fn list(call: Call<ListWebhooks>) -> Result<HttpResponse, Problem> {
    let mut query = call.query()?;
    let listing = Listing::read(&mut query, FIELDS, str::parse::<WebhookId>);
    query.finish().map_err(|error| call.failure(error))?;
    let enterprise = super::own_enterprise(&call.session.caller);
    let filter = WebhookFilter { enterprise, after: listing.place.cursor };
    let (limit, counted) = (listing.place.one_more(), listing.counted);
    let class = ReadClass::of_list(&call.session.caller, counted);
    let found =
        call.app.read_as(class, move |tx| webhooks::list(tx, &filter, limit, counted)).await;
    call.content(found.and_then(|found| listing.page(found, |view: &WebhookView| view.id.clone())))
}

/// Makes a webhook, which is told of all alarms of its enterprise from now on.
///
/// Its secret, with which messages are signed, is in the answer and is shown again only to whoever
/// repeats the request with the same `Idempotency-Key` within a day.
#[utoipa::path(
    post,
    path = "/cadastre/v1/webhooks",
    tag = "webhooks",
    params(IdempotencyKey),
    request_body = NewWebhookBody,
    responses(
        (
            status = 201,
            description = "The webhook, with its secret.",
            body = WebhookView,
            headers(("Location" = String, description = "The path of the webhook.")),
        ),
        (status = 404, description = "There is no such enterprise for the caller."),
        (status = 409, description = "The enterprise has as many as it may have, or the first request with this key is not done."),
        (status = 422, description = "The key was used for another request."),
    ),
)]
pub(super) async fn create(mut call: Call<CreateWebhook>) -> Result<HttpResponse, Problem> {
    let fields = call.only_fields().await?;
    let allowed = call.app.outbound.allowed();
    let request = request::new_webhook(fields, &call.session.caller, allowed);
    let request = request.map_err(|error| call.failure(error))?;
    let (session, now) = (call.session.clone(), call.app.clock.now());
    let (id, secret) = (ids::hex_id(), ids::webhook_secret());
    let work = move |tx: &mut dyn Tx| webhooks::create(tx, &session, &request, (id, &secret), now);
    call.once(StatusCode::CREATED, work, |shown| {
        let view = WebhookView::shown(shown);
        let place = format!("/cadastre/v1/webhooks/{}", view.id);
        Ok(Made::new(&view)?.at(place).version(view.version))
    })
    .await
}

/// Shows a webhook, never its secret.
#[utoipa::path(
    get,
    path = "/cadastre/v1/webhooks/{webhook_id}",
    tag = "webhooks",
    params(
        ("webhook_id" = String, Path, description = "The identifier of the webhook."),
        FieldsQuery,
        IfNoneMatch,
    ),
    responses(
        (status = 200, description = "The webhook.", body = WebhookView),
        (status = 304, description = "The caller's copy is still good."),
        (status = 404, description = "There is no such webhook for the caller."),
    ),
)]
pub(super) async fn read(call: Call<GetWebhook>) -> Result<HttpResponse, Problem> {
    let mut query = call.query()?;
    let fields = Selection::read(&mut query, FIELDS);
    query.finish().map_err(|error| call.failure(error))?;
    let (id, caller) = (webhook_id(&call)?, call.session.caller.clone());
    let found = call.app.read(move |tx| webhooks::find(tx, &caller, id)).await;
    call.thing(found.and_then(|webhook| shown(webhook, &fields)))
}

/// Changes a webhook. What is on its way already goes to where it is then.
#[utoipa::path(
    patch,
    path = "/cadastre/v1/webhooks/{webhook_id}",
    tag = "webhooks",
    params(("webhook_id" = String, Path, description = "The identifier of the webhook."), IfMatch),
    request_body(content(
        (WebhookChangeBody = "application/merge-patch+json"),
        (WebhookChangeBody = "application/json"),
    )),
    responses(
        (status = 200, description = "The webhook as it is now.", body = WebhookView),
        (status = 404, description = "There is no such webhook for the caller."),
        (status = 412, description = "The webhook has another version by now."),
        (status = 428, description = "`If-Match` is missing."),
    ),
)]
pub(super) async fn change(mut call: Call<ChangeWebhook>) -> Result<HttpResponse, Problem> {
    let id = webhook_id(&call)?;
    let expected = call.expected()?;
    let fields = call.only_fields().await?;
    let change = request::change(fields, call.app.outbound.allowed());
    let change = change.map_err(|error| call.failure(error))?;
    let (session, now) = (call.session.clone(), call.app.clock.now());
    let work = move |tx: &mut dyn Tx| webhooks::change(tx, &session, (id, &expected), &change, now);
    let changed = call.app.write(call.session.writer(), work).await;
    call.changed(changed.and_then(|webhook| shown(webhook, &Selection::default())))
}

/// Removes a webhook with all that is on its way to it.
#[utoipa::path(
    delete,
    path = "/cadastre/v1/webhooks/{webhook_id}",
    tag = "webhooks",
    params(("webhook_id" = String, Path, description = "The identifier of the webhook."), IfMatch),
    responses(
        (status = 204, description = "It is gone."),
        (status = 404, description = "There is no such webhook for the caller."),
        (status = 412, description = "The webhook has another version by now."),
        (status = 428, description = "`If-Match` is missing."),
    ),
)]
pub(super) async fn delete(call: Call<DeleteWebhook>) -> Result<HttpResponse, Problem> {
    call.no_parameters()?;
    let id = webhook_id(&call)?;
    let expected = call.expected()?;
    let (session, now) = (call.session.clone(), call.app.clock.now());
    let work = move |tx: &mut dyn Tx| webhooks::remove(tx, &session, (id, &expected), now);
    call.app.write(call.session.writer(), work).await.map_err(|error| call.failure(error))?;
    Ok(HttpResponse::NoContent().finish())
}

/// Gives a webhook another secret, which is in the answer.
///
/// Everything is signed with it from now on. What the webhook refuses until it knows it is sent again.
#[utoipa::path(
    post,
    path = "/cadastre/v1/webhooks/{webhook_id}/rotate",
    tag = "webhooks",
    params(
        ("webhook_id" = String, Path, description = "The identifier of the webhook."),
        IfMatch,
        IdempotencyKey,
    ),
    request_body(content = Option<NothingBody>, description = "May be left out."),
    responses(
        (status = 200, description = "The webhook, with its new secret.", body = WebhookView),
        (status = 404, description = "There is no such webhook for the caller."),
        (status = 409, description = "The first request with this key is not done."),
        (status = 412, description = "The webhook has another version by now."),
        (status = 422, description = "The key was used for another request."),
        (status = 428, description = "`If-Match` is missing."),
    ),
)]
pub(super) async fn rotate(mut call: Call<RotateWebhook>) -> Result<HttpResponse, Problem> {
    let id = webhook_id(&call)?;
    let expected = call.expected()?;
    call.only_fields().await?.finish().map_err(|error| call.failure(error))?;
    let (session, now) = (call.session.clone(), call.app.clock.now());
    let secret = ids::webhook_secret();
    let work = move |tx: &mut dyn Tx| webhooks::rotate(tx, &session, (id, &expected), &secret, now);
    call.once(StatusCode::OK, work, |shown| {
        let view = WebhookView::shown(shown);
        Ok(Made::new(&view)?.version(view.version))
    })
    .await
}

fn shown(webhook: Webhook, fields: &Selection) -> Result<(serde_json::Value, i64), Error> {
    let view = WebhookView::from(webhook);
    Ok((fields.of(&view)?, view.version))
}

/// The webhook that the path names. What is no identifier is that of no webhook.
fn webhook_id<O: Operation>(call: &Call<O>) -> Result<WebhookId, Problem> {
    call.path("webhook_id").parse().map_err(|_| call.failure(Error::NotFound(Thing::Webhook)))
}
