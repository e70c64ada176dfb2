//! `/cadastre/v1/users`.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use cadastre_domain::id::EnterpriseId;
use cadastre_domain::user::{User, UserId, UserName};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::call::Call;
use super::page::{Page, PageQuery, Place};
use super::problem::Problem;
use crate::error::{Error, Thing};
use crate::operation::{CreateUser, ListUsers};
use crate::service;

/// A user.
#[derive(Serialize, ToSchema)]
#[schema(as = User)]
pub(super) struct UserView {
    /// Its number, which tokens and audit entries tell.
    id: i64,
    /// Its name, unique in the enterprise.
    name: String,
    /// The enterprise to which it belongs.
    enterprise_id: String,
    created_at: DateTime<Utc>,
}

impl From<User> for UserView {
    fn from(user: User) -> Self {
        let User { id, enterprise_id, name, created_at } = user;
        Self { id: id.0, name: name.into(), enterprise_id: enterprise_id.into(), created_at }
    }
}

/// A user to be added.
#[derive(ToSchema)]
#[schema(as = NewUser)]
#[expect(dead_code, reason = "describes a body that is read field by field")]
pub(super) struct NewUserBody {
    /// Its name; one line, unique in the enterprise.
    #[schema(min_length = 1, max_length = 64)]
    name: String,
    /// The enterprise to which it belongs; the caller's own if it is left out.
    enterprise_id: Option<String>,
}

/// Lists users, the oldest first.
///
/// Those of the caller's enterprise, or all for a platform token.
#[utoipa::path(
    get,
    path = "/cadastre/v1/users",
    tag = "users",
    params(PageQuery),
    responses((status = 200, description = "A page of users.", body = Page<UserView>)),
)]
pub(super) async fn list(call: Call<ListUsers>) -> Result<HttpResponse, Problem> {
    let mut query = call.query()?;
    let place = Place::read(&mut query, |text| text.parse().map(UserId));
    query.finish().map_err(|error| call.failure(error))?;
    let enterprise = super::own_enterprise(&call.session.caller);
    let (after, limit) = (place.cursor, place.one_more());
    let users = call.app.read(move |tx| Ok(tx.list_users(enterprise, after, limit)?)).await;
    let page = users.map(|users| {
        let views = users.into_iter().map(UserView::from).collect();
        place.page(views, |view: &UserView| view.id.to_string())
    });
    call.answer(StatusCode::OK, page)
}

/// Adds a user.
#[utoipa::path(
    post,
    path = "/cadastre/v1/users",
    tag = "users",
    request_body = NewUserBody,
    responses(
        (status = 201, description = "The user.", body = UserView),
        (status = 404, description = "There is no such enterprise for the caller."),
        (status = 409, description = "The enterprise has a user of this name."),
    ),
)]
pub(super) async fn create(mut call: Call<CreateUser>) -> Result<HttpResponse, Problem> {
    let mut fields = call.fields().await?;
    let name = fields.required("name", UserName::try_from);
    let enterprise = fields.optional("enterprise_id", |id| id.parse::<EnterpriseId>());
    fields.finish().map_err(|error| call.failure(error))?;
    let name = name.ok_or_else(|| call.failure(Error::Internal("a field was lost".into())))?;
    let enterprise = enterprise.unwrap_or(call.session.caller.enterprise_id);
    if !call.session.caller.reaches(enterprise) {
        return Err(call.failure(Error::NotFound(Thing::Enterprise)));
    }
    let (actor, now) = (call.session.actor.clone(), call.app.clock.now());
    let made = call.app.write(move |tx| service::users::create(tx, &actor, enterprise, &name, now));
    call.answer(StatusCode::CREATED, made.await.map(UserView::from))
}
