//! Calls on this face: the key stands in `Authorization` as it is.

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, Route, web};
use serde::Serialize;

use super::fields::Fields;
use super::wire::{Failure, answer};
use crate::auth;
use crate::error::{Error, RequestError, Unauthenticated};
use crate::http::call::{self, Face};
use crate::operation::Operation;

/// This face.
pub(super) enum Rainbond {}

/// An authenticated call on this face by somebody who may do `O`.
pub(super) type Call<O> = call::Call<Rainbond, O>;

impl Face for Rainbond {
    type Failure = Failure;

    const HEAD: bool = true;

    fn failure(request: &HttpRequest, error: Error) -> Failure {
        Failure::new(request, error)
    }

    fn key(request: &HttpRequest) -> &str {
        auth::key(request, "Authorization")
    }

    fn before(request: &HttpRequest) -> Result<(), Error> {
        Ok(negotiate(request)?)
    }

    /// Where only some roles are known at all, an unknown key gets the same answer as the others.
    fn unknown<O: Operation>(error: Error) -> Error {
        match (error, O::refusal()) {
            (
                Error::Unauthenticated(Unauthenticated::Unknown),
                refusal @ Error::Unauthenticated(_),
            ) => refusal,
            (error, _) => error,
        }
    }

    /// Told only to callers who may use the path at all: strangers learn nothing of it.
    fn wrong_method<O: Operation>() -> Route {
        web::to(wrong_method::<O>)
    }
}

async fn wrong_method<O: Operation>(call: Call<O>) -> Result<&'static str, Failure> {
    let method = call.request.method().to_string();
    Err(call.failure(RequestError::Method(method)))
}

/// The client must take JSON, and may ask for it by `?format=json`. The paths below one team do
/// not ask (contract 1.1).
fn negotiate(request: &HttpRequest) -> Result<(), RequestError> {
    if request.path().starts_with("/openapi/v1/teams/") {
        return Ok(());
    }
    let mut query = request.query_string().split('&');
    if query.any(|pair| pair.strip_prefix("format=").is_some_and(|f| f != "json" && f != "api")) {
        return Err(RequestError::NoRoute);
    }
    let accept = request.headers().get(header::ACCEPT).map(|value| value.to_str());
    let accept = accept.and_then(Result::ok).unwrap_or("*/*").to_ascii_lowercase();
    let json = |range: &str| {
        let range = range.split(';').next().unwrap_or_default().trim();
        matches!(range, "" | "*/*" | "application/*" | "application/json" | "text/html")
    };
    if accept.split(',').any(json) { Ok(()) } else { Err(RequestError::NotAcceptable) }
}

impl<O: Operation> Call<O> {
    /// The fields of the body.
    pub(super) async fn fields(&mut self) -> Result<Fields, Failure> {
        let payload = self.take_body();
        let read = Fields::read(&self.request, payload).await;
        self.confirm().await?;
        read.map_err(|error| self.failure(error))
    }

    /// An answer without a body, or the failure that came instead.
    pub(super) fn done<T>(&self, done: Result<T, Error>) -> Result<HttpResponse, Failure> {
        done.map(|_| answer(&self.request, StatusCode::OK).finish())
            .map_err(|error| self.failure(error))
    }

    /// An answer with this status and body, or the failure that came instead.
    pub(super) fn answer<T: Serialize>(
        &self,
        status: StatusCode,
        body: Result<T, Error>,
    ) -> Result<HttpResponse, Failure> {
        body.map(|body| answer(&self.request, status).json(body))
            .map_err(|error| self.failure(error))
    }
}
