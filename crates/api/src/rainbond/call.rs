//! A call on this face: who is calling and may he, and then the body.

use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::{StatusCode, header};
use actix_web::{FromRequest, HttpRequest, HttpResponse, web};
use cadastre_domain::token::Caller;
use serde::Serialize;

use super::fields::Fields;
use super::wire::{Failure, answer};
use crate::app::App;
use crate::auth::{RequiredRight, identify};
use crate::error::{Error, RequestError, Unauthenticated};

/// An authenticated call by somebody with the right `R`.
pub(super) struct Call<R> {
    pub(super) app: web::Data<App>,
    pub(super) caller: Caller,
    pub(super) request: HttpRequest,
    payload: Payload,
    right: PhantomData<R>,
}

impl<R: RequiredRight> FromRequest for Call<R> {
    type Error = Failure;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Failure>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move {
            let checked = check::<R>(&request).await;
            match checked {
                Ok((app, caller)) => Ok(Self { app, caller, request, payload, right: PhantomData }),
                Err(error) => Err(Failure::new(&request, error)),
            }
        })
    }
}

async fn check<R: RequiredRight>(request: &HttpRequest) -> Result<(web::Data<App>, Caller), Error> {
    negotiate(request)?;
    let (app, token) = identify(request, "Authorization").await.map_err(as_seen_by::<R>)?;
    R::check(&token.caller)?;
    Ok((app, token.caller))
}

/// Where only some roles are known at all, an unknown key gets the same answer as the others.
fn as_seen_by<R: RequiredRight>(error: Error) -> Error {
    match (error, R::refusal()) {
        (Error::Unauthenticated(Unauthenticated::Unknown), refusal @ Error::Unauthenticated(_)) => {
            refusal
        }
        (error, _) => error,
    }
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

impl<R> Call<R> {
    /// The fields of the body. Reading starts here, after the caller was let in.
    pub(super) async fn fields(&mut self) -> Result<Fields, Failure> {
        let payload = std::mem::replace(&mut self.payload, Payload::None);
        let fields = Fields::read(&self.request, payload).await;
        fields.map_err(|error| self.failure(error))
    }

    /// A part of the path.
    pub(super) fn path(&self, name: &str) -> String {
        self.request.match_info().get(name).unwrap_or_default().to_owned()
    }

    /// A failure in this face's shape.
    pub(super) fn failure(&self, error: impl Into<Error>) -> Failure {
        Failure::new(&self.request, error.into())
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
