//! `/cadastre/v1/audit`.

mod query;
mod view;

use actix_web::HttpResponse;
use cadastre_storage::{AuditFilter, AuditRecord, Total};

use super::call::Call;
use super::headers::IfNoneMatch;
use super::listing::{ListQuery, Listing};
use super::page::{Page, PageQuery};
use super::problem::Problem;
use crate::operation::ListAuditEntries;
use crate::reads::ReadClass;
use crate::service::Counted;
use query::AuditQuery;
pub(crate) use view::AuditEntryView;
use view::FIELDS;
pub(super) use view::FieldChangeView;

/// Lists audit entries, the latest first.
///
/// Those about the caller's enterprise, or all for a platform token. The parameters narrow that
/// down; an entry is listed when it fits all of them.
#[utoipa::path(
    get,
    path = "/cadastre/v1/audit",
    tag = "audit",
    params(PageQuery, ListQuery, AuditQuery, IfNoneMatch),
    responses(
        (status = 200, description = "A page of entries.", body = Page<AuditEntryView>),
        (status = 304, description = "The caller's copy is still good."),
    ),
)]
pub(super) async fn list(call: Call<ListAuditEntries>) -> Result<HttpResponse, Problem> {
    let mut query = call.query()?;
    let listing = Listing::read(&mut query, FIELDS, str::parse::<i64>);
    let mut filter = query::filter(&mut query);
    query.finish().map_err(|error| call.failure(error))?;
    filter.before = listing.place.cursor;
    let (limit, counted) = (listing.place.one_more(), listing.counted);
    if let Some(own) = super::own_enterprise(&call.session.caller) {
        // Somebody else's entries are as if there were none.
        if filter.enterprise.is_some_and(|asked| asked != own) {
            let none = Counted::<AuditRecord>::whole(Vec::new(), counted.then(|| Total::exact(0)));
            return call.content(listing.page(none, AuditEntryView::cursor));
        }
        filter.enterprise = Some(own);
    }
    let owned = AuditFilter {
        enterprise: filter.enterprise,
        before: filter.before,
        ..AuditFilter::default()
    };
    let class = ReadClass::of_list(&call.session.caller, counted || filter != owned);
    let found = call.app.read_as(class, move |tx| {
        let total = counted.then(|| tx.count_audit(&filter)).transpose()?;
        Ok(Counted::found(tx.scan_audit(&filter, limit)?, total))
    });
    call.content(found.await.and_then(|found| listing.page(found, AuditEntryView::cursor)))
}
