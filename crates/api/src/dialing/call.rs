//! Calls on this face: the key in `DF-API-KEY` selects the workspace and the role.

use std::str::FromStr;

use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;

use super::fields::Fields;
use super::query::Query;
use super::wire::{Failure, success};
use crate::app::App;
use crate::auth::{self, Session};
use crate::error::{Error, Thing};
use crate::http::call::{self, Face};
use crate::operation::Operation;

/// This face.
pub(super) enum Dialing {}

/// An authenticated call on this face by somebody who may do `O`.
pub(super) type Call<O> = call::Call<Dialing, O>;

impl Face for Dialing {
    type Failure = Failure;

    const HEAD: bool = true;

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

impl<O: Operation> Call<O> {
    /// The fields of the body.
    pub(super) async fn fields(&mut self) -> Result<Fields, Failure> {
        let payload = self.take_body();
        let read = Fields::read(&self.request, payload).await;
        self.confirm().await?;
        read.map_err(|error| self.failure(error))
    }

    /// The parameters of the query.
    pub(super) fn query(&self) -> Result<Query, Failure> {
        Query::read(self.request.query_string()).map_err(|error| self.failure(error))
    }

    /// The identifier in the path. What is none identifies nothing.
    pub(super) fn id<T: FromStr>(&self, thing: Thing) -> Result<T, Failure> {
        self.path("uuid").parse().map_err(|_| self.failure(Error::NotFound(thing)))
    }

    /// The envelope around `content`, or the failure that came instead.
    pub(super) fn answer<T: Serialize>(
        &self,
        content: Result<T, Error>,
    ) -> Result<HttpResponse, Failure> {
        content.map(|content| success(&self.request, &content)).map_err(|error| self.failure(error))
    }
}
