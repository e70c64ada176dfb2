//! Notes in the audit, before anybody is told, that a known caller was refused a change and that a
//! token was presented that is not accepted; within a budget, and beyond it in one entry a minute.

mod budget;

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use actix_web::{HttpMessage as _, HttpRequest, HttpResponse, web};
use cadastre_domain::audit::{Actor, Entry, Object, Origin, Outcome};
use cadastre_storage::{StorageError, Store};
use chrono::{DateTime, Utc};

use crate::app::{App, Changed, Writer};
use crate::auth::Visitor;
use crate::http::shown_path::Shown;
use crate::http::track;
use crate::server;
pub use budget::RefusalBudget;

/// Left in the extensions of an answer: why the request was refused, without what it contained.
#[derive(Debug, Clone)]
pub struct Refusal(pub String);

/// The most characters of a path, and of a reason, that an entry tells.
const LONGEST_TEXT: usize = 200;

/// What the summary tells, for the log.
pub(crate) const SUMMARY: &str = "how many refusals were not recorded one by one";

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

/// Writes the entry that sums up the refusals since the last one that were not recorded one by one.
/// Blocks. When it cannot be written, its counts go into the next one.
///
/// # Errors
/// Failures of the storage.
pub fn write_summary(
    budget: &RefusalBudget,
    store: &Store,
    now: DateTime<Utc>,
) -> Result<(), StorageError> {
    let Some(summary) = budget.take_summary() else { return Ok(()) };
    let actor = Actor {
        origin: Origin::Server,
        operation: "summarize_refusals",
        token_id: None,
        user_id: None,
        enterprise_id: None,
    };
    let entry = summary.entry(&actor, now);
    log::warn!("{}", entry.reason.as_deref().unwrap_or(SUMMARY));
    let recorded = store.write(move |tx| {
        tx.record(entry.clone());
        Ok(())
    });
    recorded.inspect_err(|_| budget.put_back(summary))
}

/// What there is to note about this answer, within the budget.
fn entry<B>(response: &ServiceResponse<B>) -> Option<Entry> {
    let request = response.request();
    let app = request.app_data::<web::Data<App>>()?;
    let visitor = request.extensions().get::<Visitor>().cloned()?;
    let reason = response.response().extensions().get::<Refusal>().map(|refusal| refusal.0.clone());
    let (actor, outcome, reason) = match visitor {
        Visitor::Unknown(actor, why) => (actor, Outcome::SignInFailed, why),
        Visitor::Throttled(actor) => {
            // That would be the way to fill the disk.
            app.refusals.suppress(&actor, Outcome::SignInFailed, app.clock.now());
            return None;
        }
        Visitor::Known(actor, info) => {
            let refused = info.changes && response.status().is_client_error();
            (actor, Outcome::Refused, reason.filter(|_| refused)?)
        }
    };
    if !app.refusals.admit(&actor, outcome, app.clock.now()) {
        return None;
    }
    let cut = |text: &str| text.chars().take(LONGEST_TEXT).collect::<String>();
    let path = cut(&Shown(request.path()).to_string());
    let mut entry = Entry::refused(&actor, app.clock.now(), outcome, cut(&reason));
    entry.object = Some(Object { kind: "path".into(), id: path });
    Some(entry)
}

/// Writes the entry; when that fails, what is answered instead.
async fn note(request: &HttpRequest, entry: Entry) -> Result<(), HttpResponse> {
    let Some(app) = request.app_data::<web::Data<App>>().cloned() else { return Ok(()) };
    let written = app.write(Writer::Register, move |_| Ok(Changed::new((), entry.clone()))).await;
    written.map_err(|error| server::failure(request.path(), track::id_of(request), error))
}
