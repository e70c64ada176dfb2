//! `GET /v1/check/token/{token}`: whether results with this token are taken (dialing contract,
//! section 3.4). An agent asks before each task, and ends those whose token is refused.

use actix_web::{HttpRequest, HttpResponse, web};
use cadastre_domain::secret::Secret;
use serde_json::json;

use super::wire::{Failure, in_time, only_get};
use crate::app::App;
use crate::http::client_address;
use crate::service::results::poster;

/// Adds the route.
pub(super) fn configure(service: &mut web::ServiceConfig) {
    service.service(
        web::resource("/v1/check/token/{token}")
            .route(web::get().to(check))
            .default_service(web::to(only_get)),
    );
}

async fn check(
    app: web::Data<App>,
    request: HttpRequest,
    token: web::Path<String>,
) -> Result<HttpResponse, Failure> {
    let from = client_address::of(&request);
    let token = Secret::from(token.into_inner());
    let poster = in_time(async {
        // A token that is refused here ends a task, so nothing old in memory may decide.
        drop(app.regions().await?);
        Ok(poster(&app, from, &token, None).await?)
    });
    if poster.await?.is_none() {
        return Err(Failure::token());
    }
    Ok(HttpResponse::Ok().json(json!({
        "code": 200, "content": {}, "errorCode": "", "error_code": "", "message": "",
    })))
}
