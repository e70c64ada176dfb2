//! `/cadastre/v1/regions`: writing.

use std::sync::{Arc, Mutex, PoisonError};

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use cadastre_domain::region::RegionDetail;
use cadastre_storage::Tx;
use chrono::{DateTime, Utc};
use utoipa::ToSchema;

use super::super::call::Call;
use super::super::fields::Fields;
use super::super::once::Made;
use super::super::problem::Problem;
use super::impact::ImpactView;
use super::region_id;
use super::request::{self, NewRegionBody, Patch, RegionPatchBody, StatusBody};
use super::view::RegionView;
use crate::error::{Error, Thing};
use crate::operation::{ChangeRegionStatus, EditRegion, RegisterRegion, RemoveRegion};
use crate::reads::ReadClass;
use crate::service::credentials::USUAL_KEEP;
use crate::service::regions::change::{self, Named, Writing};
use crate::service::regions::{self, Addition, removal};

/// Registers a region, in any status.
///
/// TLS material that is given must be coherent. The first region of an enterprise brings the team
/// `default` along, for which it is opened if it can be. Where the register calls clusters, the
/// region's must answer.
#[utoipa::path(
    post,
    path = "/cadastre/v1/regions",
    tag = "regions",
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes sending it again harmless, for 24 hours.")),
    request_body = NewRegionBody,
    responses(
        (
            status = 201,
            description = "The region.",
            body = RegionView,
            headers(
                ("ETag" = String, description = "The version of the region."),
                ("Location" = String, description = "The path of the region."),
            ),
        ),
        (status = 404, description = "There is no such enterprise for the caller."),
        (status = 409, description = "A region of this name exists, or the request is still being worked on."),
        (status = 422, description = "The Idempotency-Key was used for another request."),
    ),
)]
pub(in crate::native) async fn create(
    mut call: Call<RegisterRegion>,
) -> Result<HttpResponse, Problem> {
    let fields = call.only_fields().await?;
    // What was done already is not judged again: certificates may have expired since.
    let addition = if call.was_answered().await? {
        None
    } else {
        let prepared = prepare(&call, fields).await;
        Some(prepared.map_err(|error| call.failure(request::placed(error)))?)
    };
    let (now, to_be_opened) = (call.app.clock.now(), Arc::new(Mutex::new(None)));
    let told = Arc::clone(&to_be_opened);
    let answer = call.once(
        StatusCode::CREATED,
        move |tx| {
            // The first answer has just been forgotten: the next try is a new one.
            let addition = addition.as_ref().ok_or(Error::StillRunning)?;
            regions::insert(tx, addition)
        },
        move |(detail, team)| {
            let team = team.map(|team| (team, detail.region.name.clone()));
            *told.lock().unwrap_or_else(PoisonError::into_inner) = team;
            let place = format!("/cadastre/v1/regions/{}", detail.region.id);
            Ok(written(&detail, now)?.at(place))
        },
    );
    let answer = answer.await?;
    let to_be_opened = to_be_opened.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let Some((team, region)) = to_be_opened {
        regions::open_for_default_team(&call.app, &call.session, team, &region).await;
    }
    Ok(answer)
}

async fn prepare(call: &Call<RegisterRegion>, fields: Fields) -> Result<Addition, Error> {
    let (draft, enterprise) = request::new_region(fields)?;
    Addition::of(&call.app, &call.session, draft, enterprise).await
}

/// Changes a region, but not its status.
///
/// Credentials do not follow `api_url` to another origin (scheme, host or port): a change that names one
/// brings the stored secrets again in `credentials`, or drops them there with null.
#[utoipa::path(
    patch,
    path = "/cadastre/v1/regions/{region_id}",
    tag = "regions",
    params(
        ("region_id" = String, Path, description = "The identifier of the region."),
        ("If-Match" = String, Header, description = "The `ETag` of the version that is to be changed, or `*`."),
    ),
    request_body(content = RegionPatchBody, content_type = "application/merge-patch+json"),
    responses(
        (
            status = 200,
            description = "The region. If nothing differs, nothing was written.",
            body = RegionView,
            headers(("ETag" = String, description = "The version of the region.")),
        ),
        (status = 404, description = "There is no such region for the caller."),
        (status = 412, description = "The region has another version by now."),
        (status = 428, description = "If-Match is missing."),
    ),
)]
pub(in crate::native) async fn edit(mut call: Call<EditRegion>) -> Result<HttpResponse, Problem> {
    let patch = Patch::read(call.only_fields().await?).map_err(|error| call.failure(error))?;
    let (expected, named) = (call.expected()?, Named::Id(region_id(&call)?));
    let writing = Writing::new(&call.app, &call.session);
    let now = writing.now;
    let writing = writing.keeping_until(Some(now + USUAL_KEEP));
    let edited = call.app.write(call.session.writer(), move |tx| {
        let place = (&named, Thing::Region);
        change::edit_with(tx, &writing, place, &expected, |region| patch.edit(&region.labels))
    });
    let view = |detail: RegionDetail| (RegionView::written(&detail, now), detail.region.version);
    call.changed(edited.await.map_err(request::placed).map(view))
}

/// Deletes a region, with everything that belongs to it alone. The audit stays.
///
/// One that is enabled or in maintenance is not deleted; one that is disabled and open for teams
/// only by force, and is closed for them.
#[utoipa::path(
    delete,
    path = "/cadastre/v1/regions/{region_id}",
    tag = "regions",
    params(
        ("region_id" = String, Path, description = "The identifier of the region."),
        ("force" = Option<bool>, Query, description = "Delete it even if it is open for teams."),
        ("dry_run" = Option<bool>, Query, description = "Only tell what would come of it."),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of the version that is to be deleted, or `*`. Needed but for a dry run."),
    ),
    responses(
        (status = 200, description = "What would come of it.", body = ImpactView),
        (status = 204, description = "It is deleted."),
        (status = 404, description = "There is no such region for the caller."),
        (status = 409, description = "The region may not be deleted."),
        (status = 412, description = "The region has another version by now."),
        (status = 428, description = "If-Match is missing."),
    ),
)]
pub(in crate::native) async fn remove(call: Call<RemoveRegion>) -> Result<HttpResponse, Problem> {
    let mut query = call.query()?;
    let (force, dry_run) = (query.flag("force"), query.flag("dry_run"));
    query.finish().map_err(|error| call.failure(error))?;
    let named = Named::Id(region_id(&call)?);
    if dry_run {
        let caller = call.session.caller.clone();
        let class = ReadClass::Scan(caller.enterprise_id);
        let work = move |tx: &mut dyn Tx| removal::impact_of_deletion(tx, &caller, &named, force);
        let impact = call.app.read_as(class, work).await;
        return call.answer(StatusCode::OK, impact.map(ImpactView::from));
    }
    let (expected, writing) = (call.expected()?, Writing::new(&call.app, &call.session));
    let removed = call.app.write(call.session.writer(), move |tx| {
        removal::delete(tx, &writing, (&named, Thing::Region), &expected, force)
    });
    removed.await.map_err(|error| call.failure(error))?;
    Ok(HttpResponse::NoContent().finish())
}

/// Gives a region another status, or tells what would come of it.
#[utoipa::path(
    post,
    path = "/cadastre/v1/regions/{region_id}/status",
    tag = "regions",
    params(
        ("region_id" = String, Path, description = "The identifier of the region."),
        ("dry_run" = Option<bool>, Query, description = "Only tell what would come of it."),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of the version that is to be changed, or `*`. Needed but for a dry run."),
        ("Idempotency-Key" = Option<String>, Header, description = "Makes sending it again harmless, for 24 hours."),
    ),
    request_body = StatusBody,
    responses(
        (
            status = 200,
            description = "The region, or, of a dry run, what would come of it.",
            body = StatusAnswer,
        ),
        (status = 404, description = "There is no such region for the caller."),
        (status = 409, description = "The region cannot take this status, or the request is still being worked on."),
        (status = 412, description = "The region has another version by now."),
        (status = 422, description = "The Idempotency-Key was used for another request."),
        (status = 428, description = "If-Match is missing."),
    ),
)]
pub(in crate::native) async fn set_status(
    mut call: Call<ChangeRegionStatus>,
) -> Result<HttpResponse, Problem> {
    let mut query = call.query()?;
    let dry_run = query.flag("dry_run");
    query.finish().map_err(|error| call.failure(error))?;
    let status = request::status(call.fields().await?).map_err(|error| call.failure(error))?;
    let named = Named::Id(region_id(&call)?);
    let writing = Writing::new(&call.app, &call.session);
    let now = writing.now;
    if dry_run {
        let caller = call.session.caller.clone();
        let class = ReadClass::Scan(caller.enterprise_id);
        let work =
            move |tx: &mut dyn Tx| change::impact_of_status(tx, &caller, &named, status, now);
        let impact = call.app.read_as(class, work).await;
        return call.answer(StatusCode::OK, impact.map(ImpactView::from));
    }
    let expected = call.expected()?;
    let change = move |tx: &mut dyn Tx| {
        change::set_status(tx, &writing, (&named, Thing::Region), &expected, status)
    };
    call.once(StatusCode::OK, change, move |detail| written(&detail, now)).await
}

/// What a change of status answers.
#[derive(ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "describes the two answers of an operation")]
pub(in crate::native) enum StatusAnswer {
    /// The region.
    Written(RegionView),
    /// What would come of it.
    Impact(ImpactView),
}

/// A region as it was written at `now`.
fn written(detail: &RegionDetail, now: DateTime<Utc>) -> Result<Made, Error> {
    Ok(Made::new(&RegionView::written(detail, now))?.version(detail.region.version))
}
