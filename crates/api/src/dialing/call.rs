//! A call on this face: the key in `DF-API-KEY` selects the workspace and the role.

use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, HttpResponse, web};
use cadastre_domain::token::Caller;
use serde::Serialize;

use super::fields::Fields;
use super::wire::{Failure, success};
use crate::app::App;
use crate::auth::{RequiredRight, identify};
use crate::error::Error;

/// An authenticated call by somebody with the right `R`, within the limits.
pub(super) struct Call<R> {
    pub(super) app: web::Data<App>,
    pub(super) caller: Caller,
    request: HttpRequest,
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
    let (app, token) = identify(request, "DF-API-KEY").await?;
    app.dialing_limits.count(token.id, token.caller.enterprise_id)?;
    R::check(&token.caller)?;
    Ok((app, token.caller))
}

impl<R> Call<R> {
    /// The fields of the body. Reading starts here, after the caller was let in.
    pub(super) async fn fields(&mut self) -> Result<Fields, Failure> {
        let payload = std::mem::replace(&mut self.payload, Payload::None);
        let fields = Fields::read(&self.request, payload).await;
        fields.map_err(|error| self.failure(error))
    }

    /// A failure in this face's shape.
    pub(super) fn failure(&self, error: Error) -> Failure {
        Failure::new(&self.request, error)
    }

    /// The envelope around `content`, or the failure that came instead.
    pub(super) fn answer<T: Serialize>(
        &self,
        content: Result<T, Error>,
    ) -> Result<HttpResponse, Failure> {
        content.map(|content| success(&self.request, &content)).map_err(|error| self.failure(error))
    }
}
