//! Answers of which callers may keep copies: things and pages, each with its `ETag`.

use actix_web::http::{StatusCode, header};
use actix_web::web::Bytes;
use actix_web::{HttpResponse, HttpResponseBuilder};
use serde::Serialize;

use super::call::Call;
use super::conditional::etag;
use super::problem::Problem;
use crate::error::Error;
use crate::http::entity_tag;
use crate::kept;
use crate::operation::Operation;

/// Copies are the caller's own, and asked about before they are used.
const OWN_COPY: &str = "private, no-cache";

impl<O: Operation> Call<O> {
    /// A thing and its version, unless the caller has a good copy of it.
    pub(super) fn thing<T: Serialize>(
        &self,
        thing: Result<(T, i64), Error>,
    ) -> Result<HttpResponse, Problem> {
        let (thing, version) = thing.map_err(|error| self.failure(error))?;
        self.unless_copied(&etag(version), || kept::json(&thing))
    }

    /// A thing as it was changed, and its version.
    pub(super) fn changed<T: Serialize>(
        &self,
        thing: Result<(T, i64), Error>,
    ) -> Result<HttpResponse, Problem> {
        let (thing, version) = thing.map_err(|error| self.failure(error))?;
        Ok(tagged(StatusCode::OK, &etag(version)).json(thing))
    }

    /// What has no version, as a page, unless the caller has a good copy of it: its `ETag` follows
    /// from all that it says.
    pub(super) fn content<T: Serialize>(
        &self,
        content: Result<T, Error>,
    ) -> Result<HttpResponse, Problem> {
        let body = content.and_then(|content| kept::json(&content));
        let body = body.map_err(|error| self.failure(error))?;
        let etag = format!("\"{}\"", entity_tag::opaque([&body]));
        self.unless_copied(&etag, || Ok(body))
    }

    /// What `render` makes of a thing with this `ETag`, unless the caller has a good copy of it:
    /// `If-None-Match` names it.
    pub(super) fn unless_copied(
        &self,
        etag: &str,
        render: impl FnOnce() -> Result<Bytes, Error>,
    ) -> Result<HttpResponse, Problem> {
        if entity_tag::has_copy(&self.request, etag.trim_matches('"')) {
            return Ok(tagged(StatusCode::NOT_MODIFIED, etag).finish());
        }
        let body = render().map_err(|error| self.failure(error))?;
        Ok(tagged(StatusCode::OK, etag).content_type("application/json").body(body))
    }
}

/// An answer with this status that may be kept as a copy of what has this `ETag`.
fn tagged(status: StatusCode, etag: &str) -> HttpResponseBuilder {
    let mut response = HttpResponse::build(status);
    response.insert_header((header::ETAG, etag)).insert_header((header::CACHE_CONTROL, OWN_COPY));
    response
}
