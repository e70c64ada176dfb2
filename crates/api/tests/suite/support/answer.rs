//! An answer of a register.

use serde_json::Value;
use ureq::http::{HeaderMap, Response};

/// An answer, read to its end.
#[derive(Debug)]
pub struct Answer {
    response: Response<()>,
    /// The body as text.
    pub text: String,
}

impl Answer {
    /// An answer that was read by other means than [`Call::send`].
    pub fn new(response: Response<()>, text: String) -> Self {
        Self { response, text }
    }

    /// The status.
    pub fn status(&self) -> u16 {
        self.response.status().as_u16()
    }

    /// The header, or the empty text.
    pub fn header(&self, name: &str) -> &str {
        self.response.headers().get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// All headers.
    pub fn headers(&self) -> &HeaderMap {
        self.response.headers()
    }

    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }
}
