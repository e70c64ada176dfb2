//! `/cadastre/v1/regions/{region_id}/availability`.

mod view;

use actix_web::HttpResponse;

use super::call::Call;
use super::headers::IfNoneMatch;
use super::listing::FieldsQuery;
use super::problem::Problem;
use super::selection::Selection;
use crate::operation::GetAvailability;
use crate::reads::ReadClass;
use crate::service::availability;
use crate::service::regions::change::Named;
use view::{AvailabilityView, FIELDS};

/// Tells how a watched region stands, as its nodes see it: now, and over time.
///
/// By part, node, carrier and place. What is not known lately is `stale`, never `up`: each figure
/// tells how old it is and from where it comes.
#[utoipa::path(
    get,
    path = "/cadastre/v1/regions/{region_id}/availability",
    tag = "watches",
    params(
        ("region_id" = String, Path, description = "The identifier of the region."),
        FieldsQuery,
        IfNoneMatch,
    ),
    responses(
        (status = 200, description = "How the region stands.", body = AvailabilityView),
        (status = 304, description = "The caller's copy is still good."),
        (status = 404, description = "There is no such region for the caller, or it is not watched."),
    ),
)]
pub(super) async fn read(call: Call<GetAvailability>) -> Result<HttpResponse, Problem> {
    let mut query = call.query()?;
    let fields = Selection::read(&mut query, FIELDS);
    query.finish().map_err(|error| call.failure(error))?;
    let (named, caller) = (Named::id(&call.path("region_id")), call.session.caller.clone());
    let app = call.app.clone();
    let class = ReadClass::of_list(&caller, true);
    let found =
        call.app.read_as(class, move |tx| availability::show(&app, tx, &caller, &named)).await;
    call.content(found.and_then(|found| fields.of(&AvailabilityView::from(&found))))
}
