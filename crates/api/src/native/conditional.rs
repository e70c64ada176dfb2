//! Versions on the wire: strong `ETag`s and `If-Match` (RFC 9110, section 13).

use actix_web::http::header;

use super::call::Call;
use super::problem::Problem;
use crate::error::{Error, RequestError};
use crate::http::entity_tag::{Tag, tags, values};
use crate::operation::Operation;
use crate::service::Expected;

/// The `ETag` of a thing in this version.
pub(super) fn etag(version: i64) -> String {
    format!("\"{version}\"")
}

impl<O: Operation> Call<O> {
    /// Which versions the caller means to change: `If-Match` must say so.
    pub(super) fn expected(&self) -> Result<Expected, Problem> {
        let Some(text) = values(&self.request, &header::IF_MATCH) else {
            return Err(self.failure(Error::VersionMissing));
        };
        let malformed = || {
            let text = "If-Match must be * or the ETag of an earlier answer, as \"3\"".to_owned();
            self.failure(RequestError::Malformed(text))
        };
        if text.trim() == "*" {
            return Ok(Expected::Any);
        }
        let tags = tags(&text).ok_or_else(malformed)?;
        // Weak ones match nothing here, and what is no version never was that of this thing.
        let version = |tag: Tag| {
            let version = tag.opaque.parse::<i64>().ok();
            version.filter(|version| !tag.weak && version.to_string() == tag.opaque)
        };
        Ok(Expected::These(tags.into_iter().filter_map(version).collect()))
    }
}
