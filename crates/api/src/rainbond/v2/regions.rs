//! `/openapi/v2/manage/regions`.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use cadastre_domain::region::RegionEdit;

use super::super::call::Call;
use super::super::fields::{Fields, Shape};
use super::super::region_fields::{AddressFields, TlsFields, status};
use super::super::view::RegionView;
use super::super::wire::Failure;
use crate::error::{Error, Rule};
use crate::operation::UpdateRegion;
use crate::service;

/// Changes a region. The body is judged before the region is looked for (contract 4).
pub(super) async fn update(mut call: Call<UpdateRegion>) -> Result<HttpResponse, Failure> {
    let edit = read(call.fields().await?).map_err(|error| call.failure(error))?;
    let id = call.path("region_id");
    let changed = service::regions::edit(&call.app, &call.session, &id, edit).await;
    call.answer(StatusCode::OK, changed.map(RegionView::managed))
}

fn read(mut fields: Fields) -> Result<RegionEdit, Error> {
    let body = &mut fields;
    let alias = body.plain("region_alias", Shape::required(64));
    let (addresses, token) = AddressFields::read(body);
    let scope = body.ruled("scope", Shape::optional(10), Rule::Scope);
    let TlsFields { ca, certificate, key } = TlsFields::read(body);
    let status = status(body, Shape::required(2));
    let description = body.plain("desc", Shape::optional(200).or_blank());

    let errors = fields.into_errors();
    match (alias, addresses.complete(), status) {
        (Some(alias), Some(addresses), Some(status)) if errors.is_empty() => Ok(RegionEdit {
            alias,
            addresses,
            status,
            scope,
            description,
            token,
            ca,
            certificate,
            key,
        }),
        _ => Err(Error::Fields(errors)),
    }
}
