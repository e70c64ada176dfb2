//! Notes in the audit, before anybody is told, that a known caller was refused a change and that a
//! token was presented that is not accepted.

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use actix_web::{HttpMessage as _, HttpRequest, HttpResponse, web};
use cadastre_domain::audit::{Entry, Object, Outcome};

use crate::app::{App, Changed, Writer};
use crate::auth::Visitor;
use crate::http::shown_path::Shown;
use crate::http::track;
use crate::server;

/// Left in the extensions of an answer: why the request was refused, without what it contained.
#[derive(Debug, Clone)]
pub struct Refusal(pub String);

/// The most characters of a path that an entry tells.
const LONGEST_PATH: usize = 200;

/// The middleware around all faces.
///
/// # Errors
/// As `next`.
pub async fn note_refusals<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, actix_web::Error> {
    let response = next.call(request).await?;
    let Some(entry) = entry(&response) else { return Ok(response.map_into_left_body()) };
    let request = response.request().clone();
    match note(&request, entry).await {
        Ok(()) => Ok(response.map_into_left_body()),
        Err(failure) => Ok(ServiceResponse::new(request, failure).map_into_right_body()),
    }
}

/// What there is to note about this answer.
fn entry<B>(response: &ServiceResponse<B>) -> Option<Entry> {
    let request = response.request();
    let app = request.app_data::<web::Data<App>>()?;
    let visitor = request.extensions().get::<Visitor>().cloned()?;
    let reason = response.response().extensions().get::<Refusal>().map(|refusal| refusal.0.clone());
    let (actor, outcome, reason) = match visitor {
        Visitor::Unknown(actor, why) => (actor, Outcome::SignInFailed, why),
        Visitor::Known(actor, info) => {
            let refused = info.changes && response.status().is_client_error();
            (actor, Outcome::Refused, reason.filter(|_| refused)?)
        }
    };
    let path = Shown(request.path()).to_string().chars().take(LONGEST_PATH).collect();
    let mut entry = Entry::refused(&actor, app.clock.now(), outcome, reason);
    entry.object = Some(Object { kind: "path".into(), id: path });
    Some(entry)
}

/// Writes the entry; when that fails, what is answered instead.
async fn note(request: &HttpRequest, entry: Entry) -> Result<(), HttpResponse> {
    let Some(app) = request.app_data::<web::Data<App>>().cloned() else { return Ok(()) };
    let written = app.write(Writer::Register, move |_| Ok(Changed::new((), entry.clone()))).await;
    written.map_err(|error| server::failure(request.path(), track::id_of(request), error))
}
