//! Calls on this face: the key in `DF-API-KEY` selects the workspace and the role.

use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;

use super::fields::Fields;
use super::wire::{Failure, success};
use crate::app::App;
use crate::auth::{self, Session};
use crate::error::Error;
use crate::http::call::{self, Face};

/// This face.
pub(super) enum Dialing {}

/// An authenticated call on this face by somebody who may do `O`.
pub(super) type Call<O> = call::Call<Dialing, O>;

impl Face for Dialing {
    type Failure = Failure;

    fn failure(request: &HttpRequest, error: Error) -> Failure {
        Failure::new(request, error)
    }

    fn key(request: &HttpRequest) -> &str {
        auth::key(request, "DF-API-KEY")
    }

    fn admit(app: &App, session: &Session) -> Result<(), Error> {
        match session.actor.token_id {
            Some(token) => app.dialing_limits.count(token, session.caller.enterprise_id),
            None => Ok(()),
        }
    }
}

impl<O> Call<O> {
    /// The fields of the body.
    pub(super) async fn fields(&mut self) -> Result<Fields, Failure> {
        let payload = self.take_body();
        Fields::read(&self.request, payload).await.map_err(|error| self.failure(error))
    }

    /// The envelope around `content`, or the failure that came instead.
    pub(super) fn answer<T: Serialize>(
        &self,
        content: Result<T, Error>,
    ) -> Result<HttpResponse, Failure> {
        content.map(|content| success(&self.request, &content)).map_err(|error| self.failure(error))
    }
}
