//! `/cadastre/v1/users`.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use cadastre_domain::id::EnterpriseId;
use cadastre_domain::user::{User, UserId, UserName};
use chrono::{DateTime, Utc};
use serde::Serialize;

use super::call::Call;
use super::page::Place;
use super::problem::Problem;
use crate::error::{Error, Thing};
use crate::operation::{CreateUser, ListUsers};
use crate::service;

/// A user, as this face shows it.
#[derive(Serialize)]
struct UserView {
    id: i64,
    name: String,
    enterprise_id: String,
    created_at: DateTime<Utc>,
}

impl From<User> for UserView {
    fn from(user: User) -> Self {
        let User { id, enterprise_id, name, created_at } = user;
        Self { id: id.0, name: name.into(), enterprise_id: enterprise_id.into(), created_at }
    }
}

/// Lists the users of the caller's enterprise, or of all for a platform token; the oldest first.
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
