//! Reading a body: bounded in size and in time.

use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::web::{Bytes, BytesMut};
use actix_web::{HttpRequest, web};
use futures_util::StreamExt as _;

use crate::app::App;
use crate::error::{Error, RequestError};

/// The largest body, in bytes: 1 MiB.
pub const LARGEST: usize = 1024 * 1024;

/// The longest time for a body to arrive where no setting is known.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// The whole body.
///
/// # Errors
/// When it is compressed, larger than [`LARGEST`], does not arrive within the time that the
/// settings give it, or breaks off.
pub async fn read(request: &HttpRequest, payload: Payload) -> Result<Bytes, Error> {
    if let Some(coding) = coding(request) {
        return Err(RequestError::Coding(coding).into());
    }
    read_as_sent(request, payload).await
}

/// The whole body, compressed or not.
///
/// # Errors
/// When it is larger than [`LARGEST`], does not arrive within the time that the settings give it,
/// or breaks off.
pub async fn read_as_sent(request: &HttpRequest, payload: Payload) -> Result<Bytes, Error> {
    let announced = request.headers().get(header::CONTENT_LENGTH);
    let announced = announced.and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|length| length > LARGEST) {
        return Err(RequestError::TooLarge.into());
    }
    let app = request.app_data::<web::Data<App>>();
    let longest_wait = app.map_or(LONGEST_WAIT, |app| app.door.body_timeout);
    tokio::time::timeout(longest_wait, collect(payload))
        .await
        .unwrap_or_else(|_| Err(RequestError::TooSlow.into()))
}

async fn collect(mut payload: Payload) -> Result<Bytes, Error> {
    let mut body = BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|_| RequestError::Malformed("the body breaks off".to_owned()))?;
        if body.len() + chunk.len() > LARGEST {
            return Err(RequestError::TooLarge.into());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

/// What the body is compressed with, in lower case. Small as most bodies are, none needs to be, and
/// what a compressed one would grow to is not known before.
pub fn coding(request: &HttpRequest) -> Option<String> {
    let values = request.headers().get_all(header::CONTENT_ENCODING);
    let texts = values.map(|value| String::from_utf8_lossy(value.as_bytes()).to_ascii_lowercase());
    let text = texts.collect::<Vec<_>>().join(", ");
    (!matches!(text.trim(), "" | "identity")).then_some(text)
}

/// The media type of the body in lower case, without its parameters; empty when not given.
#[must_use]
pub fn media_type(request: &HttpRequest) -> String {
    let value = request.headers().get(header::CONTENT_TYPE);
    let text = value.and_then(|value| value.to_str().ok()).unwrap_or_default();
    text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}
