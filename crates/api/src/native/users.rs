//! `/cadastre/v1/users`.

mod request;
mod view;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use cadastre_domain::user::{User, UserId};
use cadastre_storage::{Tx, UserFilter};

use super::call::Call;
use super::headers::{IdempotencyKey, IfMatch, IfNoneMatch};
use super::listing::{FieldsQuery, ListQuery, Listing, SearchQuery, search};
use super::once::Made;
use super::page::{Page, PageQuery};
use super::problem::Problem;
use super::selection::Selection;
use crate::error::{Error, Thing};
use crate::operation::{CreateUser, GetUser, ListUsers, Operation, RenameUser};
use crate::reads::ReadClass;
use crate::service::users;
use request::{NewUserBody, UserChangeBody};
use view::{FIELDS, UserView};

/// Lists users, the oldest first.
///
/// Those of the caller's enterprise, or all for a platform token.
#[utoipa::path(
    get,
    path = "/cadastre/v1/users",
    tag = "users",
    params(PageQuery, ListQuery, SearchQuery, IfNoneMatch),
    responses(
        (status = 200, description = "A page of users.", body = Page<UserView>),
        (status = 304, description = "The caller's copy is still good."),
    ),
)]
pub(super) async fn list(call: Call<ListUsers>) -> Result<HttpResponse, Problem> {
    let mut query = call.query()?;
    let listing = Listing::read(&mut query, FIELDS, |text| text.parse().map(UserId));
    let contains = search(&mut query);
    query.finish().map_err(|error| call.failure(error))?;
    let enterprise = super::own_enterprise(&call.session.caller);
    let after = listing.place.cursor;
    let filter = UserFilter { enterprise, contains, after };
    let (limit, counted) = (listing.place.one_more(), listing.counted);
    let is_scan = counted || filter.contains.is_some();
    let class = ReadClass::of_list(&call.session.caller, is_scan);
    let found = call.app.read_as(class, move |tx| users::list(tx, &filter, limit, counted)).await;
    call.content(found.and_then(|found| listing.page(found, |view: &UserView| view.id.to_string())))
}

/// Adds a user.
#[utoipa::path(
    post,
    path = "/cadastre/v1/users",
    tag = "users",
    params(IdempotencyKey),
    request_body = NewUserBody,
    responses(
        (
            status = 201,
            description = "The user.",
            body = UserView,
            headers(("Location" = String, description = "The path of the user.")),
        ),
        (status = 404, description = "There is no such enterprise for the caller."),
        (status = 409, description = "The enterprise has a user of this name, or the first request with this key is not done."),
        (status = 422, description = "The key was used for another request."),
    ),
)]
pub(super) async fn create(mut call: Call<CreateUser>) -> Result<HttpResponse, Problem> {
    let fields = call.only_fields().await?;
    let request = request::new_user(fields, &call.session.caller);
    let (enterprise, name) = request.map_err(|error| call.failure(error))?;
    let (actor, now) = (call.session.actor.clone(), call.app.clock.now());
    let work = move |tx: &mut dyn Tx| users::create(tx, &actor, enterprise, &name, now);
    call.once(StatusCode::CREATED, work, |user| {
        let view = UserView::from(user);
        let place = format!("/cadastre/v1/users/{}", view.id);
        Ok(Made::new(&view)?.at(place).version(view.version))
    })
    .await
}

/// Shows a user.
#[utoipa::path(
    get,
    path = "/cadastre/v1/users/{user_id}",
    tag = "users",
    params(
        ("user_id" = String, Path, description = "The number of the user."),
        FieldsQuery,
        IfNoneMatch,
    ),
    responses(
        (status = 200, description = "The user.", body = UserView),
        (status = 304, description = "The caller's copy is still good."),
        (status = 404, description = "There is no such user for the caller."),
    ),
)]
pub(super) async fn read(call: Call<GetUser>) -> Result<HttpResponse, Problem> {
    let mut query = call.query()?;
    let fields = Selection::read(&mut query, FIELDS);
    query.finish().map_err(|error| call.failure(error))?;
    let (id, caller) = (user_id(&call)?, call.session.caller.clone());
    let found = call.app.read(move |tx| users::find(tx, &caller, id)).await;
    call.thing(found.and_then(|user| shown(user, &fields)))
}

/// Renames a user.
#[utoipa::path(
    patch,
    path = "/cadastre/v1/users/{user_id}",
    tag = "users",
    params(("user_id" = String, Path, description = "The number of the user."), IfMatch),
    request_body(content(
        (UserChangeBody = "application/merge-patch+json"),
        (UserChangeBody = "application/json"),
    )),
    responses(
        (status = 200, description = "The user as it is now.", body = UserView),
        (status = 404, description = "There is no such user for the caller."),
        (status = 409, description = "The enterprise has a user of this name."),
        (status = 412, description = "The user has another version by now."),
        (status = 428, description = "`If-Match` is missing."),
    ),
)]
pub(super) async fn rename(mut call: Call<RenameUser>) -> Result<HttpResponse, Problem> {
    let id = user_id(&call)?;
    let expected = call.expected()?;
    let name = request::change(call.only_fields().await?).map_err(|error| call.failure(error))?;
    let (session, now) = (call.session.clone(), call.app.clock.now());
    let renamed = call
        .app
        .write(call.session.writer(), move |tx| {
            users::rename(tx, &session, (id, &expected), name.clone(), now)
        })
        .await;
    call.changed(renamed.and_then(|user| shown(user, &Selection::default())))
}

fn shown(user: User, fields: &Selection) -> Result<(serde_json::Value, i64), Error> {
    let view = UserView::from(user);
    Ok((fields.of(&view)?, view.version))
}

/// The user that the path names. What is no number is that of no user.
fn user_id<O: Operation>(call: &Call<O>) -> Result<UserId, Problem> {
    let id = call.path("user_id").parse().map(UserId);
    id.map_err(|_| call.failure(Error::NotFound(Thing::User)))
}
