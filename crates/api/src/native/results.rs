//! `/cadastre/v1/results` and `/cadastre/v1/results/rollups`.
//!
//! Their pages may be shorter than asked for, even empty, and go on: a page looks at a bounded number
//! of points. For the same reason they are not counted.

mod query;
mod view;

use actix_web::HttpResponse;
use cadastre_domain::result::Step;
use cadastre_storage::Tx;

use super::call::Call;
use super::headers::IfNoneMatch;
use super::page::{Page, PageQuery, Place};
use super::problem::Problem;
use super::selection::Selection;
use crate::operation::{ListResultRollups, ListResults};
use crate::reads::ReadClass;
use crate::service::results;
use query::{ResultQuery, RollupQuery};
use view::{FIELDS, ROLLUP_FIELDS, ResultView, RollupView};

/// Lists what dial nodes found, the latest first.
///
/// That of the caller's enterprise, or all for a platform token. Place and carrier are those of the
/// node as they are now. A page may be shorter than asked for, even empty, while `next` leads on.
#[utoipa::path(
    get,
    path = "/cadastre/v1/results",
    tag = "results",
    params(PageQuery, ResultQuery, IfNoneMatch),
    responses(
        (status = 200, description = "A page of results.", body = Page<ResultView>),
        (status = 304, description = "The caller's copy is still good."),
    ),
)]
pub(super) async fn list(call: Call<ListResults>) -> Result<HttpResponse, Problem> {
    let mut query = call.query()?;
    let place = Place::read(&mut query, query::point_place);
    let fields = Selection::read(&mut query, FIELDS);
    let mut filter = query::filter(&mut query);
    filter.outcome = query.take("status", str::parse);
    query.finish().map_err(|error| call.failure(error))?;
    filter.enterprise = super::own_enterprise(&call.session.caller);
    let (behind, limit) = (place.cursor, query::one_more(&place));
    let class = ReadClass::of_list(&call.session.caller, true);
    let read = move |tx: &mut dyn Tx| Ok(results::points(tx, &filter, behind, limit)?);
    let found = call.app.read_as(class, read).await;
    call.content(found.and_then(|found| {
        let rest = found.rest.map(query::point_cursor);
        let views = found.items.into_iter().map(ResultView::from).collect();
        let page = place.page_found(views, ResultView::cursor, rest);
        page.try_map(|view| fields.of(&view))
    }))
}

/// Lists what the points of hours or days came to, the latest first.
///
/// They are there for longer than the points. An hour or a day that is not over yet is there as far
/// as its points are rolled up, which takes a minute or so.
#[utoipa::path(
    get,
    path = "/cadastre/v1/results/rollups",
    tag = "results",
    params(PageQuery, RollupQuery, IfNoneMatch),
    responses(
        (status = 200, description = "A page of roll-ups.", body = Page<RollupView>),
        (status = 304, description = "The caller's copy is still good."),
    ),
)]
pub(super) async fn rollups(call: Call<ListResultRollups>) -> Result<HttpResponse, Problem> {
    let mut query = call.query()?;
    let place = Place::read(&mut query, query::rollup_place);
    let fields = Selection::read(&mut query, ROLLUP_FIELDS);
    let step = query.take("step", query::step).unwrap_or(Step::Hour);
    let mut filter = query::filter(&mut query);
    query.finish().map_err(|error| call.failure(error))?;
    filter.enterprise = super::own_enterprise(&call.session.caller);
    let (behind, limit) = (place.cursor, query::one_more(&place));
    let class = ReadClass::of_list(&call.session.caller, true);
    let read = move |tx: &mut dyn Tx| Ok(results::rollups(tx, &filter, step, behind, limit)?);
    let found = call.app.read_as(class, read).await;
    call.content(found.and_then(|found| {
        let rest = found.rest.map(query::rollup_cursor);
        let views = found.items.into_iter().map(RollupView::from).collect();
        let page = place.page_found(views, RollupView::cursor, rest);
        page.try_map(|view| fields.of(&view))
    }))
}
