//! `/cadastre/v1/certificates` and `/cadastre/v1/regions/{region_id}/certificates`.

mod request;
mod view;

use actix_web::HttpResponse;

use super::call::Call;
use super::headers::IfNoneMatch;
use super::listing::{ListQuery, Listing};
use super::page::{Page, PageQuery};
use super::problem::Problem;
use crate::operation::{ListCertificates, ListRegionCertificates};
use crate::reads::ReadClass;
use crate::service::credentials;
use crate::service::regions::change::Named;
use request::CertificateQuery;
pub(super) use view::CertificateView;
use view::{FIELDS, LISTED_FIELDS, ListedCertificateView};

/// Lists the certificates of all regions, those that expire first first.
///
/// Those of the caller's enterprise, or all for a platform token. They are public; no key is shown.
#[utoipa::path(
    get,
    path = "/cadastre/v1/certificates",
    tag = "certificates",
    params(PageQuery, ListQuery, CertificateQuery, IfNoneMatch),
    responses(
        (status = 200, description = "A page of certificates.", body = Page<ListedCertificateView>),
        (status = 304, description = "The caller's copy is still good."),
    ),
)]
pub(super) async fn list(call: Call<ListCertificates>) -> Result<HttpResponse, Problem> {
    let mut query = call.query()?;
    let listing = Listing::read(&mut query, LISTED_FIELDS, request::place);
    let before = query.time("expires_before");
    query.finish().map_err(|error| call.failure(error))?;
    let enterprise = super::own_enterprise(&call.session.caller);
    let (place, counted) = (&listing.place, listing.counted);
    let (after, limit) = (place.cursor.clone(), place.one_more());
    let class = ReadClass::of_list(&call.session.caller, counted);
    let found = call.app.read_as(class, move |tx| {
        credentials::list_certificates(tx, enterprise, before, (after.clone(), limit), counted)
    });
    call.content(found.await.and_then(|found| listing.page(found, ListedCertificateView::cursor)))
}

/// Lists the certificates of a region, those of its authority first.
#[utoipa::path(
    get,
    path = "/cadastre/v1/regions/{region_id}/certificates",
    tag = "certificates",
    params(
        ("region_id" = String, Path, description = "The identifier of the region."),
        PageQuery,
        ListQuery,
        IfNoneMatch,
    ),
    responses(
        (status = 200, description = "A page of certificates.", body = Page<CertificateView>),
        (status = 304, description = "The caller's copy is still good."),
        (status = 404, description = "There is no such region for the caller."),
    ),
)]
pub(super) async fn list_of_region(
    call: Call<ListRegionCertificates>,
) -> Result<HttpResponse, Problem> {
    let mut query = call.query()?;
    let listing = Listing::read(&mut query, FIELDS, request::place_in_region);
    query.finish().map_err(|error| call.failure(error))?;
    let (named, caller) = (Named::id(&call.path("region_id")), call.session.caller.clone());
    let (place, counted) = (&listing.place, listing.counted);
    let (after, limit) = (place.cursor, place.one_more());
    let class = ReadClass::of_list(&caller, counted);
    let found = call.app.read_as(class, move |tx| {
        credentials::certificates(tx, &caller, &named, (after, limit), counted)
    });
    call.content(found.await.and_then(|found| listing.page(found, CertificateView::cursor)))
}
