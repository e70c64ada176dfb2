//! `/cadastre/v1/webhooks/{webhook_id}/test`.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use cadastre_domain::audit::Entry;
use serde::Serialize;
use utoipa::ToSchema;

use super::super::call::Call;
use super::super::fields::NothingBody;
use super::super::problem::Problem;
use super::webhook_id;
use crate::app::Changed;
use crate::operation::TestWebhook;
use crate::outbound::OutboundError;
use crate::service::webhooks::{self, sending};

/// What came of a try.
#[derive(Serialize, ToSchema)]
#[schema(as = WebhookTrial)]
pub(in crate::native) struct TrialView {
    /// Whether the webhook took the message.
    is_taken: bool,
    /// The status of its answer, if there was one.
    #[schema(required)]
    status: Option<u16>,
    /// Why it was not taken.
    #[schema(required)]
    error: Option<String>,
}

impl From<Result<u16, OutboundError>> for TrialView {
    fn from(outcome: Result<u16, OutboundError>) -> Self {
        match outcome {
            Ok(status) => Self { is_taken: true, status: Some(status), error: None },
            Err(error) => {
                Self { is_taken: false, status: error.status(), error: Some(error.to_string()) }
            }
        }
    }
}

/// Tries a webhook out: sends it a message of the kind `test` now, and answers what happened.
///
/// Also to one that is not enabled. What fails is not sent again.
#[utoipa::path(
    post,
    path = "/cadastre/v1/webhooks/{webhook_id}/test",
    tag = "webhooks",
    params(("webhook_id" = String, Path, description = "The identifier of the webhook.")),
    request_body(content = Option<NothingBody>, description = "May be left out."),
    responses(
        (status = 200, description = "What happened, be it good or bad.", body = TrialView),
        (status = 404, description = "There is no such webhook for the caller."),
    ),
)]
pub(in crate::native) async fn test(mut call: Call<TestWebhook>) -> Result<HttpResponse, Problem> {
    let id = webhook_id(&call)?;
    call.only_fields().await?.finish().map_err(|error| call.failure(error))?;
    let (session, now) = (call.session.clone(), call.app.clock.now());
    // Written before: something may leave even if its answer does not come.
    let noted = call.app.write(call.session.writer(), move |tx| {
        let webhook = webhooks::find(tx, &session.caller, id)?;
        let entry = Entry::done(&session.actor, now, Some(&webhook), Some(&webhook));
        Ok(Changed::new(webhook, entry))
    });
    let webhook = noted.await.map_err(|error| call.failure(error))?;
    let tried = sending::test(&call.app, &webhook).await;
    call.answer(StatusCode::OK, tried.map(TrialView::from))
}
