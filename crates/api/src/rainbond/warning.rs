//! What will soon be wrong with a region that was written, in headers: the bodies are published and
//! have no place for it.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderValue, WARNING};
use cadastre_domain::region::{RegionDetail, RegionWarning};
use serde::Serialize;

use super::call::Call;
use super::texts;
use super::wire::Failure;
use crate::error::Error;
use crate::operation::Operation;

impl<O: Operation> Call<O> {
    /// The answer to a write of a region, or the failure that came instead. Each certificate that
    /// expires soon, and a token that is not sent, is told in a `Warning`.
    pub(super) fn answer_written<T: Serialize>(
        &self,
        status: StatusCode,
        written: Result<RegionDetail, Error>,
        view: impl FnOnce(RegionDetail) -> T,
    ) -> Result<HttpResponse, Failure> {
        let now = self.app.clock.now();
        let warnings = written.as_ref().map(|detail| detail.warnings(now));
        let warnings = warnings.unwrap_or_default();
        let mut response = self.answer(status, written.map(view))?;
        for value in warnings.iter().filter_map(header) {
            response.headers_mut().append(WARNING, value);
        }
        Ok(response)
    }
}

/// The value of the header: a miscellaneous warning by the register, which concerns the field.
fn header(warning: &RegionWarning) -> Option<HeaderValue> {
    let field = match warning {
        RegionWarning::Tls(warning) => texts::part(warning.part()),
        RegionWarning::TokenWithoutTls => "token",
    };
    HeaderValue::from_str(&format!("299 cadastre \"{field}: {warning}\"")).ok()
}
