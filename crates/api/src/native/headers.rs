//! The headers of requests on this face, as they are described.

use utoipa::IntoParams;

/// Which version of a thing is meant to be changed.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "describes a header that is read elsewhere")]
pub(super) struct IfMatch {
    /// The `ETag` of the thing as the caller knows it, or `*` for whichever it has.
    #[param(rename = "If-Match", example = "\"3\"")]
    if_match: Option<String>,
}

/// Which copy the caller has.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "describes a header that is read elsewhere")]
pub(super) struct IfNoneMatch {
    /// The `ETag` of the copy that the caller has: 304 when it is still good.
    #[param(rename = "If-None-Match", example = "\"3\"")]
    if_none_match: Option<String>,
}

/// By what a request that is sent again is known.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "describes a header that is read elsewhere")]
pub(super) struct IdempotencyKey {
    /// A text of the caller's choice. Whoever sends the same request with it again within a day gets
    /// the first answer, and nothing is done twice.
    #[param(rename = "Idempotency-Key", min_length = 1, max_length = 255)]
    idempotency_key: Option<String>,
}
