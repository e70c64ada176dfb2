//! `/cadastre/v1/certificates` and `/cadastre/v1/regions/{region_id}/certificates`.

mod request;
mod view;

use actix_web::HttpResponse;

use super::call::Call;
use super::headers::IfNoneMatch;
use super::page::{Page, PageQuery, Place};
use super::problem::Problem;
use crate::operation::{ListCertificates, ListRegionCertificates};
use crate::service::credentials;
use crate::service::regions::change::Named;
use request::CertificateQuery;
pub(super) use view::CertificateView;
use view::ListedCertificateView;

/// Lists the certificates of all regions, those that expire first first.
///
/// Those of the caller's enterprise, or all for a platform token. They are public; no key is shown.
#[utoipa::path(
    get,
    path = "/cadastre/v1/certificates",
    tag = "certificates",
    params(PageQuery, CertificateQuery, IfNoneMatch),
    responses(
        (status = 200, description = "A page of certificates.", body = Page<ListedCertificateView>),
        (status = 304, description = "The caller's copy is still good."),
    ),
)]
pub(super) async fn list(call: Call<ListCertificates>) -> Result<HttpResponse, Problem> {
    let mut query = call.query()?;
    let place = Place::read(&mut query, request::place);
    let (before, counted) = (query.time("expires_before"), query.flag("total"));
    query.finish().map_err(|error| call.failure(error))?;
    let enterprise = super::own_enterprise(&call.session.caller);
    let (after, limit) = (place.cursor.clone(), place.one_more());
    let found = call.app.read(move |tx| {
        credentials::list_certificates(tx, enterprise, before, (after.clone(), limit), counted)
    });
    call.content(found.await.and_then(|(listed, total)| {
        let page = place.page(listed, request::cursor).with_total(total);
        page.try_map(|listed| Ok(ListedCertificateView::from(listed)))
    }))
}

/// Lists the certificates of a region, those of its authority first.
#[utoipa::path(
    get,
    path = "/cadastre/v1/regions/{region_id}/certificates",
    tag = "certificates",
    params(
        ("region_id" = String, Path, description = "The identifier of the region."),
        IfNoneMatch,
    ),
    responses(
        (status = 200, description = "All of them.", body = Page<CertificateView>),
        (status = 304, description = "The caller's copy is still good."),
        (status = 404, description = "There is no such region for the caller."),
    ),
)]
pub(super) async fn list_of_region(
    call: Call<ListRegionCertificates>,
) -> Result<HttpResponse, Problem> {
    let (named, caller) = (Named::id(&call.path("region_id")), call.session.caller.clone());
    let found = call.app.read(move |tx| credentials::certificates(tx, &caller, &named)).await;
    call.content(
        found.map(|facts| Page::whole(facts.into_iter().map(CertificateView::from).collect())),
    )
}
