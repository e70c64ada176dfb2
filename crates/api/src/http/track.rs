//! Every request gets an id, one line in the log, and an answer even when its handler panics.

use std::fmt;
use std::net::IpAddr;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Instant;

use actix_web::body::{BodySize, BoxBody, EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::error::InternalError;
use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use actix_web::http::{ConnectionType, Method};
use actix_web::middleware::Next;
use actix_web::{HttpMessage as _, HttpRequest, web};
use futures_util::FutureExt as _;
use uuid::Uuid;

use super::shown_path::Shown;
use super::{client_address, security_headers};
use crate::app::App;
use crate::error::Error;
use crate::server::patience::{Patience, Streaming};
use crate::{logging, ops, server};

/// The header that carries the id.
pub static REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The id of a request, in its extensions.
#[derive(Debug, Clone, Copy)]
pub struct RequestId(pub Uuid);

/// Set when the server stops: connections are closed after their answer.
#[derive(Debug, Clone, Default)]
pub struct Stopping(pub Arc<AtomicBool>);

impl Stopping {
    /// Whether the server stops.
    #[must_use]
    pub fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// The id of this request.
#[must_use]
pub fn id_of(request: &HttpRequest) -> Uuid {
    request.extensions().get::<RequestId>().map_or_else(Uuid::nil, |id| id.0)
}

/// The middleware around everything.
///
/// # Errors
/// As `next`, but with a body in the face's own shape.
pub async fn track<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B, StreamBody>>, actix_web::Error> {
    let id = Uuid::new_v4();
    request.extensions_mut().insert(RequestId(id));
    logging::with_request(id, answer(id, request, next)).await
}

async fn answer<B: MessageBody + 'static>(
    id: Uuid,
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B, StreamBody>>, actix_web::Error> {
    let started = Instant::now();
    let patience = request.conn_data::<Rc<Patience>>().cloned();
    let working = patience.as_ref().map(Patience::work);
    let probes_only = patience.as_ref().is_some_and(|patience| patience.serves_probes_only());
    let line = Line::of(&request);
    let stopping = request.app_data::<web::Data<Stopping>>().cloned();
    let tls = request.app_data::<web::Data<App>>().is_some_and(|app| app.door.tls.is_some());
    let outcome = if probes_only && !ops::PROBES.contains(&&*line.path) {
        Err(failed("too many connections", &line.path, id, Error::TooManyConnections))
    } else {
        let outcome = AssertUnwindSafe(next.call(request)).catch_unwind().await;
        outcome.unwrap_or_else(|_| {
            let error = Error::Internal("a handler panicked".into());
            Err(failed("a handler panicked", &line.path, id, error))
        })
    };
    let micros = started.elapsed().as_micros();
    let status = match &outcome {
        Ok(response) => response.status(),
        Err(error) => error.as_response_error().status_code(),
    };
    log::info!(target: "access", "{line} {} {micros}us", status.as_u16());
    let is_last = probes_only || stopping.is_some_and(|flag| flag.is_set());
    match outcome {
        Ok(mut response) => {
            let head = response.response_mut();
            mark(head.headers_mut(), id, tls);
            if is_last {
                head.head_mut().set_connection_type(ConnectionType::Close);
            }
            let response = watched(response, patience.as_ref());
            drop(working);
            Ok(response)
        }
        Err(error) => {
            let mut response = error.error_response();
            mark(response.headers_mut(), id, tls);
            if is_last {
                response.head_mut().set_connection_type(ConnectionType::Close);
            }
            Err(InternalError::from_response(error, response).into())
        }
    }
}

/// The beginning of the line in the log. Never the query: some protocols carry credentials in it.
/// Nor what else in the path may be one.
struct Line {
    method: Method,
    path: String,
    from: Option<IpAddr>,
}

impl Line {
    fn of(request: &ServiceRequest) -> Self {
        let (method, path) = (request.method().clone(), request.path().to_owned());
        Self { method, path, from: client_address::of(request.request()) }
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} ", self.method, Shown(&self.path))?;
        match self.from {
            Some(from) => write!(f, "{from}"),
            None => f.write_str("-"),
        }
    }
}

/// A failure outside of any face, in the shape of the one that serves `path`.
fn failed(what: &'static str, path: &str, id: Uuid, error: Error) -> actix_web::Error {
    InternalError::from_response(what, server::failure(path, id, error)).into()
}

/// The answer, which keeps its connection busy until it ends when it is a stream.
fn watched<B: MessageBody + 'static>(
    response: ServiceResponse<B>,
    patience: Option<&Rc<Patience>>,
) -> ServiceResponse<EitherBody<B, StreamBody>> {
    let streaming =
        patience.filter(|_| matches!(response.response().body().size(), BodySize::Stream));
    match streaming.map(Patience::stream) {
        None => response.map_into_left_body(),
        Some(streaming) => response.map_body(|_, body| {
            EitherBody::right(StreamBody { body: BoxBody::new(body), _streaming: streaming })
        }),
    }
}

/// The body of an answer whose length is not known.
#[derive(Debug)]
pub struct StreamBody {
    body: BoxBody,
    _streaming: Streaming,
}

impl MessageBody for StreamBody {
    type Error = <BoxBody as MessageBody>::Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<web::Bytes, Self::Error>>> {
        Pin::new(&mut self.body).poll_next(context)
    }
}

fn mark(headers: &mut HeaderMap, id: Uuid, tls: bool) {
    if let Ok(value) = HeaderValue::from_str(&id.simple().to_string()) {
        headers.insert(REQUEST_ID.clone(), value);
    }
    security_headers::add(headers, tls);
}

#[cfg(test)]
mod tests;
