//! `/cadastre/v1/tokens`.

use actix_web::HttpResponse;
use actix_web::http::{StatusCode, header};
use cadastre_domain::id::TokenId;
use cadastre_domain::role::Role;
use cadastre_domain::token::{LONGEST_OVERLAP, Presented, Token, TokenNote, TokenRefusal};
use cadastre_domain::user::UserName;
use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;

use super::call::Call;
use super::fields::Fields;
use super::page::Place;
use super::problem::Problem;
use crate::auth::LEASE;
use crate::error::{Error, Thing};
use crate::operation::{CreateToken, GetToken, ListTokens, RevokeToken, RotateToken};
use crate::service::tokens::{self, NewToken, Realm, Shown};

/// For how many seconds the secret before a rotation is accepted, unless asked otherwise.
const USUAL_OVERLAP: i64 = 3600;

/// A token, as this face shows it.
#[derive(Serialize)]
struct TokenView {
    id: String,
    name: String,
    note: String,
    role: &'static str,
    enterprise_id: String,
    user_id: i64,
    teams: Vec<String>,
    state: &'static str,
    created_at: DateTime<Utc>,
    expires_at: Option<DateTime<Utc>>,
    revoked_at: Option<DateTime<Utc>>,
    last_used_at: Option<DateTime<Utc>>,
    overlap_ends_at: Option<DateTime<Utc>>,
    /// Its text: only in the answer that makes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
}

impl TokenView {
    fn new(token: Token, now: DateTime<Utc>) -> Self {
        let state = match token.accept(Presented::Current, now) {
            Ok(()) => "live",
            Err(TokenRefusal::Revoked) => "revoked",
            Err(TokenRefusal::Expired | TokenRefusal::Rotated) => "expired",
        };
        Self {
            id: token.id.to_string(),
            name: token.name.into(),
            note: token.note.into(),
            role: token.caller.role.as_str(),
            enterprise_id: token.caller.enterprise_id.to_string(),
            user_id: token.caller.user_id.0,
            teams: token.caller.teams.iter().map(ToString::to_string).collect(),
            state,
            created_at: token.created_at,
            expires_at: token.expires_at,
            revoked_at: token.revoked_at,
            last_used_at: token.last_used_at,
            overlap_ends_at: token.overlap_ends_at,
            secret: None,
        }
    }

    fn shown(shown: Shown, now: DateTime<Utc>) -> Self {
        let secret = Some(shown.text.reveal().to_owned());
        Self { secret, ..Self::new(shown.token, now) }
    }
}

/// Lists the tokens that the caller may deal with, the oldest first.
pub(super) async fn list(call: Call<ListTokens>) -> Result<HttpResponse, Problem> {
    let mut query = call.query()?;
    let place = Place::read(&mut query, str::parse::<TokenId>);
    query.finish().map_err(|error| call.failure(error))?;
    let (realm, after, limit) = (realm(&call), place.cursor, place.one_more());
    let tokens =
        call.app.read(move |tx| Ok(tx.list_some_tokens(realm.enterprise(), after, limit)?));
    let (tokens, now) = (tokens.await, call.app.clock.now());
    let page = tokens.map(|tokens| {
        let views = tokens.into_iter().map(|token| TokenView::new(token, now)).collect();
        place.page(views, |view: &TokenView| view.id.clone())
    });
    call.answer(StatusCode::OK, page)
}

/// Makes a token. Its secret is in the answer and cannot be shown again.
pub(super) async fn create(mut call: Call<CreateToken>) -> Result<HttpResponse, Problem> {
    let request = new_token(call.fields().await?, &call).map_err(|error| call.failure(error))?;
    let (actor, now) = (call.session.actor.clone(), call.app.clock.now());
    let made = call.app.write(move |tx| tokens::create(tx, &actor, &request, now)).await;
    let view =
        made.map(|shown| TokenView::shown(shown, now)).map_err(|error| call.failure(error))?;
    let place = format!("/cadastre/v1/tokens/{}", view.id);
    Ok(HttpResponse::Created().insert_header((header::LOCATION, place)).json(view))
}

fn new_token(mut fields: Fields, call: &Call<CreateToken>) -> Result<NewToken, Error> {
    let body = &mut fields;
    let name = body.required("name", TryFrom::try_from);
    let note = body.optional("note", TokenNote::try_from).unwrap_or_default();
    let user = body.optional("user", UserName::try_from);
    let role = body.required("role", Role::try_from);
    let caller = &call.session.caller;
    let enterprise =
        body.optional("enterprise_id", |id| id.parse::<cadastre_domain::id::EnterpriseId>());
    let enterprise = enterprise.unwrap_or(caller.enterprise_id);
    let teams = body.list("teams", |id| id.parse::<cadastre_domain::id::TeamId>());
    let now = call.app.clock.now();
    let expires_at = body.optional("expires_at", |text| future(&text, now));
    if role != Some(Role::Team) && !teams.is_empty() {
        body.complain("teams", "only a team token has teams");
    }
    fields.finish()?;
    let (Some(name), Some(role)) = (name, role) else {
        return Err(Error::Internal("a field was lost".into()));
    };
    if !caller.reaches(enterprise) {
        return Err(Error::NotFound(Thing::Enterprise));
    }
    if !caller.may_grant(role, enterprise) {
        return Err(Error::Grant);
    }
    Ok(NewToken { name, note, user, role, enterprise, teams, expires_at, text: None })
}

/// A time that is not over.
fn future(text: &str, now: DateTime<Utc>) -> Result<DateTime<Utc>, &'static str> {
    let time = DateTime::parse_from_rfc3339(text);
    let time = time.map_err(|_| "must be a time as 2026-11-24T08:00:00Z")?.with_timezone(&Utc);
    let micros = DateTime::from_timestamp_micros(time.timestamp_micros()).unwrap_or(time);
    if micros > now { Ok(micros) } else { Err("must be in the future") }
}

/// Shows a token.
pub(super) async fn read(call: Call<GetToken>) -> Result<HttpResponse, Problem> {
    let (realm, id) = (realm(&call), token_id(&call)?);
    let token = call.app.read(move |tx| tokens::find(tx, &realm, id)).await;
    let now = call.app.clock.now();
    call.answer(StatusCode::OK, token.map(|token| TokenView::new(token, now)))
}

/// Gives a token another secret.
pub(super) async fn rotate(mut call: Call<RotateToken>) -> Result<HttpResponse, Problem> {
    let mut fields = call.fields().await?;
    let overlap = fields.number("overlap_seconds", 0, LONGEST_OVERLAP.num_seconds());
    fields.finish().map_err(|error| call.failure(error))?;
    let overlap = TimeDelta::seconds(overlap.unwrap_or(USUAL_OVERLAP));
    let (realm, id) = (realm(&call), token_id(&call)?);
    let (actor, now) = (call.session.actor.clone(), call.app.clock.now());
    let rotated = call.app.write(move |tx| tokens::rotate(tx, &actor, (&realm, id), overlap, now));
    let rotated = rotated.await;
    if rotated.is_ok() {
        // Until then, a server may still accept the secret before for longer than it should.
        tokio::time::sleep(LEASE).await;
    }
    call.answer(StatusCode::OK, rotated.map(|shown| TokenView::shown(shown, now)))
}

/// Revokes a token. To revoke it again changes nothing.
pub(super) async fn revoke(call: Call<RevokeToken>) -> Result<HttpResponse, Problem> {
    let (realm, id) = (realm(&call), token_id(&call)?);
    let (actor, now) = (call.session.actor.clone(), call.app.clock.now());
    let revoked = call.app.write(move |tx| tokens::revoke(tx, &actor, (&realm, id), now)).await;
    revoked.map_err(|error| call.failure(error))?;
    // Only then no server accepts it any more.
    tokio::time::sleep(LEASE).await;
    Ok(HttpResponse::NoContent().finish())
}

fn realm<O>(call: &Call<O>) -> Realm {
    Realm::Caller(call.session.caller.clone())
}

/// The token that the path names. What is no identifier is that of no token.
fn token_id<O>(call: &Call<O>) -> Result<TokenId, Problem> {
    call.path("token_id").parse().map_err(|_| call.failure(Error::NotFound(Thing::Token)))
}
