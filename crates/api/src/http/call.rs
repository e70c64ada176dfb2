//! A call on any face: who is calling and may he, and then the body.

use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::web::Bytes;
use actix_web::{FromRequest, HttpRequest, ResponseError, Route, web};

use crate::app::App;
use crate::auth::{self, Admitted, LEASE, Session, identify};
use crate::clock::BootInstant;
use crate::error::{Error, RequestError, Unauthenticated};
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
    /// When the register was asked about the caller's token.
    asked: BootInstant,
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
                Ok(Admitted { app, session, asked }) => {
                    let body = Bytes::new();
                    Ok(Self { app, session, request, payload, asked, body, kind: PhantomData })
                }
                Err(error) => Err(F::failure(&request, error)),
            }
        })
    }
}

async fn check<F: Face, O: Operation>(request: &HttpRequest) -> Result<Admitted, Error> {
    F::before(request)?;
    let identified = identify::<O>(request, F::key(request)).await;
    let admitted = identified.map_err(F::unknown::<O>)?;
    F::admit(&admitted.app, &admitted.session)?;
    O::check(&admitted.session.caller)?;
    Ok(admitted)
}

impl<F: Face, O: Operation> Call<F, O> {
    /// Asks again whether the token is accepted, when reading the body took so long that what was known of it is
    /// not to be trusted any more.
    ///
    /// # Errors
    /// That it is not, and failures of the storage.
    pub async fn confirm(&mut self) -> Result<(), F::Failure> {
        if self.asked.elapsed() < LEASE {
            return Ok(());
        }
        #[cfg(feature = "unguarded")]
        if self.app.assumed.is_some() {
            return Ok(());
        }
        let confirmed = auth::confirm::<O>(&self.app, &self.request, F::key(&self.request)).await;
        let confirmed = confirmed.map_err(F::unknown::<O>);
        (self.session, self.asked) = confirmed.map_err(|error| self.failure(error))?;
        Ok(())
    }

    /// The body, which is not read before the caller was let in.
    pub fn take_body(&mut self) -> Payload {
        std::mem::replace(&mut self.payload, Payload::None)
    }

    /// A part of the path.
    #[must_use]
    pub fn path(&self, name: &str) -> String {
        self.request.match_info().get(name).unwrap_or_default().to_owned()
    }

    /// A failure in this face's shape. A caller whose token has ended meanwhile is told what strangers are told.
    pub fn failure(&self, error: impl Into<Error>) -> F::Failure {
        let mut error = error.into();
        if let Error::Unauthenticated(Unauthenticated::Ended(why)) = error {
            let actor = self.session.actor.clone();
            error = F::unknown::<O>(auth::refuse_token(&self.app, &self.request, actor, why));
        }
        F::failure(&self.request, error)
    }
}
