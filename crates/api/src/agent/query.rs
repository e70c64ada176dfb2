//! The parameters of what agents ask.

use actix_web::HttpRequest;

use super::wire::Failure;

/// The parameters of a query. Of one that is given twice, the first counts.
pub(super) struct Query(Vec<(String, String)>);

impl Query {
    pub(super) fn read(request: &HttpRequest) -> Self {
        Self(serde_urlencoded::from_str(request.query_string()).unwrap_or_default())
    }

    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(given, _)| given == name).map(|(_, text)| text.as_str())
    }

    /// A time of the register, 0 or more; 0 when it is left out.
    pub(super) fn cursor(&self, name: &str) -> Result<i64, Failure> {
        let Some(text) = self.text(name) else { return Ok(0) };
        let number = text.parse::<i64>().ok().filter(|number| *number >= 0);
        number.ok_or_else(|| {
            Failure::parameter(format!("{name} must be a whole number from 0 to {}", i64::MAX))
        })
    }
}
