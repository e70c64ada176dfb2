//! A call on any face: who is calling and may he, and then the body.

use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::web::Bytes;
use actix_web::{FromRequest, HttpRequest, ResponseError, Route, web};

use crate::app::App;
use crate::auth::{Session, identify};
use crate::error::{Error, RequestError};
use crate::operation::Operation;

/// What differs from face to face.
pub trait Face: Sized + 'static {
    /// A failure in the face's own shape.
    type Failure: ResponseError + 'static;

    /// Whether `HEAD` is served wherever `GET` is.
    const HEAD: bool = false;

    /// The failure that answers `request`.
    fn failure(request: &HttpRequest, error: Error) -> Self::Failure;

    /// The text of the caller's token; empty when there is none.
    fn key(request: &HttpRequest) -> &str;

    /// What is asked of a request before its caller is looked at.
    ///
    /// # Errors
    /// Why the request is not served.
    fn before(_request: &HttpRequest) -> Result<(), Error> {
        Ok(())
    }

    /// What is asked of a known caller before his right.
    ///
    /// # Errors
    /// Why he is not served.
    fn admit(_app: &App, _session: &Session) -> Result<(), Error> {
        Ok(())
    }

    /// What somebody who is not known is told.
    #[must_use]
    fn unknown<O: Operation>(error: Error) -> Error {
        error
    }

    /// What answers on a path that leads nowhere.
    #[must_use]
    fn no_route() -> Route {
        web::to(no_route::<Self>)
    }

    /// What answers to methods that are not served on a path, whose first operation is `O`.
    #[must_use]
    fn wrong_method<O: Operation>() -> Route {
        web::to(wrong_method::<Self>)
    }
}

async fn no_route<F: Face>(request: HttpRequest) -> Result<&'static str, F::Failure> {
    Err(F::failure(&request, RequestError::NoRoute.into()))
}

async fn wrong_method<F: Face>(request: HttpRequest) -> Result<&'static str, F::Failure> {
    let method = request.method().to_string();
    Err(F::failure(&request, RequestError::Method(method).into()))
}

/// An authenticated call on the face `F` by somebody who may do `O`.
pub struct Call<F, O> {
    /// The running application.
    pub app: web::Data<App>,
    /// Who is calling.
    pub session: Session,
    /// The request.
    pub request: HttpRequest,
    payload: Payload,
    /// The body, once it was read.
    pub body: Bytes,
    kind: PhantomData<(F, O)>,
}

impl<F: Face, O: Operation> FromRequest for Call<F, O> {
    type Error = F::Failure;
    type Future = Pin<Box<dyn Future<Output = Result<Self, F::Failure>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move {
            match check::<F, O>(&request).await {
                Ok((app, session)) => {
                    let body = Bytes::new();
                    Ok(Self { app, session, request, payload, body, kind: PhantomData })
                }
                Err(error) => Err(F::failure(&request, error)),
            }
        })
    }
}

async fn check<F: Face, O: Operation>(
    request: &HttpRequest,
) -> Result<(web::Data<App>, Session), Error> {
    F::before(request)?;
    let identified = identify::<O>(request, F::key(request)).await;
    let (app, session) = identified.map_err(F::unknown::<O>)?;
    F::admit(&app, &session)?;
    O::check(&session.caller)?;
    Ok((app, session))
}

impl<F: Face, O> Call<F, O> {
    /// The body, which is not read before the caller was let in.
    pub fn take_body(&mut self) -> Payload {
        std::mem::replace(&mut self.payload, Payload::None)
    }

    /// A part of the path.
    #[must_use]
    pub fn path(&self, name: &str) -> String {
        self.request.match_info().get(name).unwrap_or_default().to_owned()
    }

    /// A failure in this face's shape.
    pub fn failure(&self, error: impl Into<Error>) -> F::Failure {
        F::failure(&self.request, error.into())
    }
}
