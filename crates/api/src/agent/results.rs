//! `POST {any prefix}/v1/write/logging?token=…`: points (dialing contract, section 3.5).
//!
//! An answer leaves after its points are committed. The token in the query is the only credential. It
//! names node and task; a prefix that ends in `/dial/<node>/<task>` must name the same. A token of the
//! old form names neither, so with it the prefix tells, and any other prefix tells nothing.

mod inflate;

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::web::{self, Bytes};
use actix_web::{HttpRequest, HttpResponse};
use cadastre_domain::id::{EnterpriseId, NodeId, TaskId};
use cadastre_domain::result::DialPoint;
use cadastre_domain::result::line::{Line, LineError, Lines};
use cadastre_domain::secret::Secret;
use chrono::{DateTime, Utc};
use sha2::{Digest as _, Sha256};

use super::query::Query;
use super::wire::{Failure, body_in_time, in_time, only_post};
use crate::app::App;
use crate::error::{Error, RequestError};
use crate::http::{body, client_address};
use crate::service::results::{Posted, check_limits, count_refused, keep, poster};

/// The header that names the package in which points come.
const PACKAGE: &str = "x-pkg-id";

/// The most bytes of lines that are read on the event loop.
const SMALL: usize = 16 * 1024;

/// Adds the route. It stands behind those of all other faces, whose paths are their own.
pub(super) fn configure(service: &mut web::ServiceConfig) {
    service.service(
        web::resource(["/v1/write/logging", "/{prefix:.*}/v1/write/logging"])
            .route(web::post().to(post))
            .default_service(web::to(only_post)),
    );
}

async fn post(
    app: web::Data<App>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, Failure> {
    in_time(answer(&app, &request, payload.into_inner())).await
}

async fn answer(
    app: &App,
    request: &HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, Failure> {
    let prefix = request.match_info().get("prefix").unwrap_or_default();
    let token = token(request).ok_or_else(Failure::token)?;
    // A caller without a valid token learns nothing about the path.
    let named = pair(prefix);
    let from = client_address::of(request);
    let poster = poster(app, from, &token, named.clone().unwrap_or_default()).await?;
    let poster = poster.ok_or_else(Failure::token)?;
    if named.is_err() {
        return Err(Error::Forbidden.into());
    }
    check_limits(app, &poster)?;
    let (body, is_gzip) = whole_body(request, payload).await?;
    let received = app.clock.now();
    let batch = Batch::of(request, received);
    let points = points(app, poster.enterprise, batch, body, is_gzip).await;
    let points = points.inspect_err(|_| count_refused(app, &poster))?;
    if !keep(app, Posted { poster, points, received }).await? {
        return Err(Failure::token());
    }
    Ok(HttpResponse::NoContent().finish())
}

/// The points of a body, each with its digest. Where that takes long, it is not done on the event
/// loop; a usual body, of one or a few points, is not worth the way to another thread.
async fn points(
    app: &App,
    enterprise: EnterpriseId,
    batch: Batch,
    body: Bytes,
    is_gzip: bool,
) -> Result<Points, Failure> {
    let small = match is_gzip {
        false if body.len() <= SMALL => Some(body.clone()),
        true if body.len() <= SMALL => inflate::gzip_if_small(&body, SMALL)?,
        _ => None,
    };
    if let Some(body) = small {
        return batch.points(&body).map_err(unreadable);
    }
    let read = move || {
        let body = if is_gzip { inflate::gzip(&body)? } else { body };
        batch.points(&body).map_err(unreadable)
    };
    app.computations.run(enterprise, read).await?
}

/// The points of a body, each with its digest.
type Points = Vec<(DialPoint, i64)>;

/// What is said of all points of a body.
struct Batch {
    /// The package in which they come, if it is named.
    package: Option<Vec<u8>>,
    /// When they came, in nanoseconds since 1970.
    received_ns: i64,
}

impl Batch {
    fn of(request: &HttpRequest, received: DateTime<Utc>) -> Self {
        let package = request.headers().get(PACKAGE).map(|package| package.as_bytes().to_owned());
        Self {
            package: package.filter(|package| !package.is_empty()),
            received_ns: received.timestamp_nanos_opt().unwrap_or_default(),
        }
    }

    /// The points of this body; nothing of a body in which anything is wrong, but what that is.
    fn points(&self, body: &[u8]) -> Result<Points, String> {
        let lines = Lines::of(body).map_err(|error| error.to_string())?;
        let point = |(place, line): (usize, Result<(Line<'_>, &str), LineError>)| {
            let (line, text) = line.map_err(|error| error.to_string())?;
            let point = DialPoint::read(&line, self.received_ns);
            let digest = match &self.package {
                Some(package) => digest(&[b"package", package, place.to_string().as_bytes()]),
                None => digest(&[b"line", text.as_bytes()]),
            };
            Ok((point.map_err(|error| format!("point {}: {error}", place + 1))?, digest))
        };
        lines.enumerate().map(point).collect()
    }
}

/// What tells points of one series and time apart.
fn digest(parts: &[&[u8]]) -> i64 {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.len().to_le_bytes());
        hash.update(part);
    }
    let bytes = hash.finalize();
    i64::from_le_bytes(std::array::from_fn(|place| bytes[place]))
}

/// The whole body, and whether it is compressed.
async fn whole_body(request: &HttpRequest, payload: Payload) -> Result<(Bytes, bool), Error> {
    let coding = body::coding(request);
    if let Some(other) = coding.as_ref().filter(|coding| coding.trim() != "gzip") {
        return Err(RequestError::Coding(other.clone()).into());
    }
    let body = body_in_time(body::read_as_sent(request, payload)).await?;
    Ok((body, coding.is_some()))
}

/// The token in the query.
fn token(request: &HttpRequest) -> Option<Secret> {
    let query = Query::read(request);
    let token = query.text("token").filter(|token| !token.is_empty())?;
    Some(Secret::from(token.to_owned()))
}

/// The node and the task that a prefix names, if it is one that does.
fn pair(prefix: &str) -> Result<Option<(NodeId, TaskId)>, ()> {
    let mut parts = prefix.trim_start_matches('/').rsplitn(4, '/');
    let (task, node, word) = (parts.next(), parts.next(), parts.next());
    let (Some(task), Some(node), Some("dial")) = (task, node, word) else { return Ok(None) };
    match (node.parse(), task.parse()) {
        (Ok(node), Ok(task)) => Ok(Some((node, task))),
        _ => Err(()),
    }
}

fn unreadable(message: String) -> Failure {
    Failure::new(StatusCode::BAD_REQUEST, "kodo.InvalidLineProtocol", message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_tells_node_and_task_or_nothing() {
        let (node, task) = ("reg_cg2britepb7e977fpm8g", "dial_0123456789abcdef0123456789abcdef");
        let known = Ok(Some((node.parse().expect("a node"), task.parse().expect("a task"))));
        for prefix in [
            format!("/dial/{node}/{task}"),
            format!("dial/{node}/{task}"),
            format!("/a/b/dial/{node}/{task}"),
        ] {
            assert_eq!(pair(&prefix), known, "{prefix}");
        }
        for prefix in ["", "/", "/pre", "/dial", "/dial/x", "/a/b/c", &format!("/{node}/{task}")] {
            assert_eq!(pair(prefix), Ok(None), "{prefix}");
        }
        for prefix in ["/dial/x/y", &format!("/dial/{task}/{node}"), &format!("/dial/{node}/")] {
            assert_eq!(pair(prefix), Err(()), "{prefix}");
        }
    }

    #[test]
    fn parts_of_a_digest_are_told_apart() {
        assert_ne!(digest(&[b"a", b"bc"]), digest(&[b"ab", b"c"]));
        assert_eq!(digest(&[b"a", b"bc"]), digest(&[b"a", b"bc"]));
    }
}
