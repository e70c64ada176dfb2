//! `/cadastre/v1/audit`.

mod query;
mod view;

use actix_web::HttpResponse;

use super::call::Call;
use super::headers::IfNoneMatch;
use super::page::{Page, PageQuery, Place};
use super::problem::Problem;
use crate::operation::ListAuditEntries;
use query::AuditQuery;
pub(crate) use view::AuditEntryView;
pub(super) use view::FieldChangeView;

/// Lists audit entries, the latest first.
///
/// Those about the caller's enterprise, or all for a platform token. The parameters narrow that
/// down; an entry is listed when it fits all of them.
#[utoipa::path(
    get,
    path = "/cadastre/v1/audit",
    tag = "audit",
    params(PageQuery, AuditQuery, IfNoneMatch),
    responses(
        (status = 200, description = "A page of entries.", body = Page<AuditEntryView>),
        (status = 304, description = "The caller's copy is still good."),
    ),
)]
pub(super) async fn list(call: Call<ListAuditEntries>) -> Result<HttpResponse, Problem> {
    let mut query = call.query()?;
    let place = Place::read(&mut query, str::parse::<i64>);
    let mut filter = query::filter(&mut query);
    query.finish().map_err(|error| call.failure(error))?;
    filter.before = place.cursor;
    if let Some(own) = super::own_enterprise(&call.session.caller) {
        // Somebody else's entries are as if there were none.
        if filter.enterprise.is_some_and(|asked| asked != own) {
            let none = Vec::<AuditEntryView>::new();
            return call.content(Ok(place.page(none, AuditEntryView::cursor)));
        }
        filter.enterprise = Some(own);
    }
    let limit = place.one_more();
    let entries = call.app.read(move |tx| Ok(tx.list_audit(&filter, limit)?)).await;
    let page = entries.map(|entries| {
        let views = entries.into_iter().map(AuditEntryView::from).collect();
        place.page(views, AuditEntryView::cursor)
    });
    call.content(page)
}
