//! `/cadastre/v1/webhooks/{webhook_id}/deliveries`.

mod view;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use cadastre_domain::id::WebhookDeliveryId;
use cadastre_domain::webhook::DeliveryState;
use cadastre_storage::{Tx, WebhookDeliveryFilter};

use super::super::call::Call;
use super::super::fields::NothingBody;
use super::super::headers::{IdempotencyKey, IfNoneMatch};
use super::super::listing::{ListQuery, Listing};
use super::super::once::Made;
use super::super::page::{Page, PageQuery};
use super::super::problem::Problem;
use super::webhook_id;
use crate::error::{Error, Thing};
use crate::operation::{ListWebhookDeliveries, ReplayWebhookDelivery};
use crate::reads::ReadClass;
use crate::service::webhooks::deliveries;
use view::{DeliveryQuery, DeliveryView, FIELDS};

/// Lists what is on its way to a webhook, was sent in the last 30 days, or was given up in them; the
/// oldest first.
#[utoipa::path(
    get,
    path = "/cadastre/v1/webhooks/{webhook_id}/deliveries",
    tag = "webhooks",
    params(
        ("webhook_id" = String, Path, description = "The identifier of the webhook."),
        PageQuery,
        ListQuery,
        DeliveryQuery,
        IfNoneMatch,
    ),
    responses(
        (status = 200, description = "A page of deliveries.", body = Page<DeliveryView>),
        (status = 304, description = "The caller's copy is still good."),
        (status = 404, description = "There is no such webhook for the caller."),
    ),
)]
pub(in crate::native) async fn list(
    call: Call<ListWebhookDeliveries>,
) -> Result<HttpResponse, Problem> {
    let webhook = webhook_id(&call)?;
    let mut query = call.query()?;
    let listing = Listing::read(&mut query, FIELDS, str::parse::<WebhookDeliveryId>);
    let state = query.take("state", str::parse::<DeliveryState>);
    query.finish().map_err(|error| call.failure(error))?;
    let filter = WebhookDeliveryFilter { webhook, state, after: listing.place.cursor };
    let (limit, counted) = (listing.place.one_more(), listing.counted);
    let caller = call.session.caller.clone();
    let class = ReadClass::of_list(&caller, counted || filter.state.is_some());
    let read = move |tx: &mut dyn Tx| deliveries::list(tx, &caller, &filter, limit, counted);
    let found = call.app.read_as(class, read).await;
    call.content(found.and_then(|found| listing.page(found, |view: &DeliveryView| view.id.clone())))
}

/// Has a delivery sent once more, whether it was given up, was sent, or waits.
#[utoipa::path(
    post,
    path = "/cadastre/v1/webhooks/{webhook_id}/deliveries/{delivery_id}/replay",
    tag = "webhooks",
    params(
        ("webhook_id" = String, Path, description = "The identifier of the webhook."),
        ("delivery_id" = String, Path, description = "The identifier of the delivery."),
        IdempotencyKey,
    ),
    request_body(content = Option<NothingBody>, description = "May be left out."),
    responses(
        (status = 200, description = "The delivery, which waits to be sent.", body = DeliveryView),
        (status = 404, description = "There is no such delivery for the caller."),
        (status = 409, description = "The first request with this key is not done."),
        (status = 422, description = "The key was used for another request."),
    ),
)]
pub(in crate::native) async fn replay(
    mut call: Call<ReplayWebhookDelivery>,
) -> Result<HttpResponse, Problem> {
    let webhook = webhook_id(&call)?;
    let id = call.path("delivery_id").parse();
    let id = id.map_err(|_| call.failure(Error::NotFound(Thing::WebhookDelivery)))?;
    call.only_fields().await?.finish().map_err(|error| call.failure(error))?;
    let (session, now) = (call.session.clone(), call.app.clock.now());
    let work = move |tx: &mut dyn Tx| deliveries::replay(tx, &session, (webhook, id), now);
    let render = |delivery| Made::new(&DeliveryView::from(delivery));
    call.once(StatusCode::OK, work, render).await
}
