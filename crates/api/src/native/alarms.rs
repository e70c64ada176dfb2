//! `/cadastre/v1/alarms`.

mod request;
mod view;

use actix_web::HttpResponse;
use cadastre_domain::id::AlarmId;

use super::call::Call;
use super::headers::IfNoneMatch;
use super::listing::{FieldsQuery, ListQuery, Listing};
use super::page::{Page, PageQuery};
use super::problem::Problem;
use super::selection::Selection;
use crate::error::{Error, Thing};
use crate::operation::{GetAlarm, ListAlarms};
use crate::reads::ReadClass;
use crate::service::alarms;
use request::AlarmQuery;
use view::{AlarmView, DETAIL_FIELDS, FIELDS};

/// Lists alarms, the oldest first.
///
/// Those of the caller's enterprise, or all for a platform token. There is at most one for each rule
/// and each node or region; one that is over stays as `resolved`.
#[utoipa::path(
    get,
    path = "/cadastre/v1/alarms",
    tag = "alarms",
    params(PageQuery, ListQuery, AlarmQuery, IfNoneMatch),
    responses(
        (status = 200, description = "A page of alarms.", body = Page<AlarmView>),
        (status = 304, description = "The caller's copy is still good."),
    ),
)]
pub(super) async fn list(call: Call<ListAlarms>) -> Result<HttpResponse, Problem> {
    let mut query = call.query()?;
    let listing = Listing::read(&mut query, FIELDS, str::parse::<AlarmId>);
    let filter = request::filter(&mut query);
    query.finish().map_err(|error| call.failure(error))?;
    let mut filter = filter.map_err(|error| call.failure(error))?;
    filter.enterprise = super::own_enterprise(&call.session.caller);
    filter.after = listing.place.cursor;
    let (limit, counted) = (listing.place.one_more(), listing.counted);
    let is_filtered = filter.state.is_some() || filter.kind.is_some() || filter.subject.is_some();
    let class = ReadClass::of_list(&call.session.caller, counted || is_filtered);
    let found = call.app.read_as(class, move |tx| alarms::list(tx, &filter, limit, counted)).await;
    call.content(found.and_then(|found| listing.page(found, |view: &AlarmView| view.id.clone())))
}

/// Shows an alarm with the latest hundred things that happened to it, the latest first.
#[utoipa::path(
    get,
    path = "/cadastre/v1/alarms/{alarm_id}",
    tag = "alarms",
    params(
        ("alarm_id" = String, Path, description = "The identifier of the alarm."),
        FieldsQuery,
        IfNoneMatch,
    ),
    responses(
        (status = 200, description = "The alarm.", body = AlarmView),
        (status = 304, description = "The caller's copy is still good."),
        (status = 404, description = "There is no such alarm for the caller."),
    ),
)]
pub(super) async fn read(call: Call<GetAlarm>) -> Result<HttpResponse, Problem> {
    let mut query = call.query()?;
    let fields = Selection::read(&mut query, DETAIL_FIELDS);
    query.finish().map_err(|error| call.failure(error))?;
    let id = call.path("alarm_id").parse();
    let id = id.map_err(|_| call.failure(Error::NotFound(Thing::Alarm)))?;
    let caller = call.session.caller.clone();
    let found = call.app.read(move |tx| alarms::find(tx, &caller, id)).await;
    call.content(found.and_then(|found| fields.of(&AlarmView::from(found))))
}
