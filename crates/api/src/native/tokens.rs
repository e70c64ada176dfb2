//! `/cadastre/v1/tokens`.

mod request;
mod view;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use cadastre_domain::id::TokenId;
use cadastre_storage::Tx;

use super::call::Call;
use super::headers::{IdempotencyKey, IfNoneMatch};
use super::listing::{FieldsQuery, ListQuery, Listing};
use super::once::Made;
use super::page::{Page, PageQuery};
use super::problem::Problem;
use super::selection::Selection;
use crate::auth::LEASE;
use crate::error::{Error, Thing};
use crate::operation::{CreateToken, GetToken, ListTokens, Operation, RevokeToken, RotateToken};
use crate::reads::ReadClass;
use crate::service::tokens::{self, Realm};
use request::{NewTokenBody, RotationBody};
use view::{FIELDS, TokenView};

/// Lists tokens, the oldest first.
///
/// Those that the caller could have made: of his enterprise and without those of the platform, or
/// all for a platform token.
#[utoipa::path(
    get,
    path = "/cadastre/v1/tokens",
    tag = "tokens",
    params(PageQuery, ListQuery, IfNoneMatch),
    responses(
        (status = 200, description = "A page of tokens, without secrets.", body = Page<TokenView>),
        (status = 304, description = "The caller's copy is still good."),
    ),
)]
pub(super) async fn list(call: Call<ListTokens>) -> Result<HttpResponse, Problem> {
    let mut query = call.query()?;
    let listing = Listing::read(&mut query, FIELDS, str::parse::<TokenId>);
    query.finish().map_err(|error| call.failure(error))?;
    let (realm, counted) = (realm(&call), listing.counted);
    let (after, limit) = (listing.place.cursor, listing.place.one_more());
    let class = ReadClass::of_list(&call.session.caller, counted);
    let found =
        call.app.read_as(class, move |tx| tokens::list(tx, &realm, after, limit, counted)).await;
    let now = call.app.clock.now();
    let view = |token| TokenView::new(token, now);
    call.content(found.and_then(|found| listing.page_of(found, view, |view| view.id.clone())))
}

/// Makes a token.
///
/// Its secret is in the answer and is shown again only to whoever repeats the request with the same
/// `Idempotency-Key` within a day.
#[utoipa::path(
    post,
    path = "/cadastre/v1/tokens",
    tag = "tokens",
    params(IdempotencyKey),
    request_body = NewTokenBody,
    responses(
        (
            status = 201,
            description = "The token, with its secret.",
            body = TokenView,
            headers(("Location" = String, description = "The path of the token.")),
        ),
        (status = 403, description = "The role of the caller does not allow this, or not to grant that role."),
        (status = 404, description = "There is no such enterprise or team for the caller."),
        (status = 409, description = "The first request with this key is not done."),
        (status = 422, description = "The key was used for another request."),
    ),
)]
pub(super) async fn create(mut call: Call<CreateToken>) -> Result<HttpResponse, Problem> {
    let fields = call.only_fields().await?;
    let now = call.app.clock.now();
    let request = request::new_token(fields, &call.session.caller, now);
    let request = request.map_err(|error| call.failure(error))?;
    let actor = call.session.actor.clone();
    let work = move |tx: &mut dyn Tx| tokens::create(tx, &actor, &request, now);
    call.once(StatusCode::CREATED, work, move |shown| {
        let view = TokenView::shown(shown, now);
        let place = format!("/cadastre/v1/tokens/{}", view.id);
        Ok(Made::new(&view)?.at(place))
    })
    .await
}

/// Shows a token, never its secret.
#[utoipa::path(
    get,
    path = "/cadastre/v1/tokens/{token_id}",
    tag = "tokens",
    params(
        ("token_id" = String, Path, description = "The identifier of the token."),
        FieldsQuery,
        IfNoneMatch,
    ),
    responses(
        (status = 200, description = "The token.", body = TokenView),
        (status = 304, description = "The caller's copy is still good."),
        (status = 404, description = "There is no such token for the caller."),
    ),
)]
pub(super) async fn read(call: Call<GetToken>) -> Result<HttpResponse, Problem> {
    let mut query = call.query()?;
    let fields = Selection::read(&mut query, FIELDS);
    query.finish().map_err(|error| call.failure(error))?;
    let (realm, id) = (realm(&call), token_id(&call)?);
    let token = call.app.read(move |tx| tokens::find(tx, &realm, id)).await;
    let now = call.app.clock.now();
    call.content(token.and_then(|token| fields.of(&TokenView::new(token, now))))
}

/// Gives a token another secret.
///
/// The one before is accepted for a while, so that programs can be changed over. The answer comes
/// when every server knows.
#[utoipa::path(
    post,
    path = "/cadastre/v1/tokens/{token_id}/rotate",
    tag = "tokens",
    params(
        ("token_id" = String, Path, description = "The identifier of the token."),
        IdempotencyKey,
    ),
    request_body(content = Option<RotationBody>, description = "May be left out."),
    responses(
        (status = 200, description = "The token, with its new secret.", body = TokenView),
        (status = 404, description = "There is no such token for the caller."),
        (status = 409, description = "The token has expired or was revoked, or the first request with this key is not done."),
        (status = 422, description = "The key was used for another request."),
    ),
)]
pub(super) async fn rotate(mut call: Call<RotateToken>) -> Result<HttpResponse, Problem> {
    let overlap =
        request::overlap(call.only_fields().await?).map_err(|error| call.failure(error))?;
    let (realm, id) = (realm(&call), token_id(&call)?);
    let (actor, now) = (call.session.actor.clone(), call.app.clock.now());
    let work = move |tx: &mut dyn Tx| tokens::rotate(tx, &actor, (&realm, id), overlap, now);
    let render = move |shown| Made::new(&TokenView::shown(shown, now));
    let rotated = call.once(StatusCode::OK, work, render).await?;
    // Until then, a server may still accept the secret before for longer than it should.
    tokio::time::sleep(LEASE).await;
    Ok(rotated)
}

/// Revokes a token. To revoke it again changes nothing.
///
/// The answer comes when no server accepts the token any more.
#[utoipa::path(
    delete,
    path = "/cadastre/v1/tokens/{token_id}",
    tag = "tokens",
    params(("token_id" = String, Path, description = "The identifier of the token.")),
    responses(
        (status = 204, description = "It is revoked."),
        (status = 404, description = "There is no such token for the caller."),
    ),
)]
pub(super) async fn revoke(call: Call<RevokeToken>) -> Result<HttpResponse, Problem> {
    call.no_parameters()?;
    let (realm, id) = (realm(&call), token_id(&call)?);
    let (actor, now) = (call.session.actor.clone(), call.app.clock.now());
    let revoked = call
        .app
        .write(call.session.writer(), move |tx| tokens::revoke(tx, &actor, (&realm, id), now))
        .await;
    revoked.map_err(|error| call.failure(error))?;
    // Only then no server accepts it any more.
    tokio::time::sleep(LEASE).await;
    Ok(HttpResponse::NoContent().finish())
}

fn realm<O: Operation>(call: &Call<O>) -> Realm {
    Realm::Caller(call.session.caller.clone())
}

/// The token that the path names. What is no identifier is that of no token.
fn token_id<O: Operation>(call: &Call<O>) -> Result<TokenId, Problem> {
    call.path("token_id").parse().map_err(|_| call.failure(Error::NotFound(Thing::Token)))
}
