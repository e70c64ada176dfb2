//! Answers of this face whose bodies are kept, and copies of them that callers have.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, ACCEPT_ENCODING};
use actix_web::web::Bytes;

use super::call::Call;
use super::view::RegionRow;
use super::wire::{Failure, answer};
use crate::error::Error;
use crate::http::entity_tag;
use crate::kept;
use crate::operation::Operation;
use crate::service::regions::reading::Listing;

/// A body, and the tag by which copies of it are told.
pub(super) struct Kept {
    body: Bytes,
    tag: Bytes,
}

impl Kept {
    /// The list of an enterprise's regions, rendered once for each state of it.
    pub(super) fn list(listing: &Listing) -> Result<Self, Error> {
        let rows = || {
            let regions = listing.regions.iter().map(|region| region.listed.region.clone());
            kept::json(&regions.map(RegionRow::from).collect::<Vec<_>>())
        };
        let body = kept::body(&listing.bodies, kept::RAINBOND_LIST, rows)?;
        let tag = || Ok(Bytes::from(entity_tag::opaque([&body])));
        let tag = kept::body(&listing.bodies, kept::RAINBOND_LIST_TAG, tag)?;
        Ok(Self { body, tag })
    }
}

impl<O: Operation> Call<O> {
    /// The body as it is, or the failure that came instead.
    pub(super) fn rendered(&self, body: Result<Bytes, Error>) -> Result<HttpResponse, Failure> {
        let body = body.map_err(|error| self.failure(error))?;
        let mut response = answer(&self.request, StatusCode::OK);
        Ok(response.content_type("application/json").body(body))
    }

    /// The body, unless the caller has a good copy of it; or the failure that came instead.
    pub(super) fn kept(&self, kept: Result<Kept, Error>) -> Result<HttpResponse, Failure> {
        let kept = kept.map_err(|error| self.failure(error))?;
        let mut tag = String::from_utf8_lossy(&kept.tag).into_owned();
        // By now the header tells what will be done; other bytes have another tag.
        if self.request.headers().get(ACCEPT_ENCODING).is_some_and(|coding| coding == "gzip") {
            tag.push_str("-gzip");
        }
        let copied = entity_tag::has_copy(&self.request, &tag);
        let status = if copied { StatusCode::NOT_MODIFIED } else { StatusCode::OK };
        let mut response = answer(&self.request, status);
        response.insert_header((header::ETAG, format!("\"{tag}\"")));
        if copied {
            return Ok(response.finish());
        }
        Ok(response.content_type("application/json").body(kept.body))
    }
}
