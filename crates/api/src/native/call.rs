//! Calls on this face: `Authorization: Bearer <token>`.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;

use super::fields::Fields;
use super::problem::Problem;
use super::query::Query;
use crate::auth;
use crate::error::Error;
use crate::http::call::{self, Face};
use crate::operation::Operation;

/// This face.
pub(super) enum Native {}

/// An authenticated call on this face by somebody who may do `O`.
pub(super) type Call<O> = call::Call<Native, O>;

impl Face for Native {
    type Failure = Problem;

    fn failure(request: &HttpRequest, error: Error) -> Problem {
        Problem::new(request, error)
    }

    fn key(request: &HttpRequest) -> &str {
        let value = auth::key(request, "Authorization");
        // The scheme is written in any case (RFC 9110, section 11.1).
        match value.split_once(' ') {
            Some((scheme, key)) if scheme.eq_ignore_ascii_case("bearer") => key.trim_start(),
            _ => value,
        }
    }
}

impl<O: Operation> Call<O> {
    /// The fields of the body.
    pub(super) async fn fields(&mut self) -> Result<Fields, Problem> {
        let payload = self.take_body();
        let read = Fields::read(&self.request, payload).await;
        self.confirm().await?;
        let (fields, body) = read.map_err(|error| self.failure(error))?;
        self.body = body;
        Ok(fields)
    }

    /// The fields of the body of a request that takes no parameters.
    pub(super) async fn only_fields(&mut self) -> Result<Fields, Problem> {
        self.no_parameters()?;
        self.fields().await
    }

    /// Refuses every parameter.
    pub(super) fn no_parameters(&self) -> Result<(), Problem> {
        self.query()?.finish().map_err(|error| self.failure(error))
    }

    /// The parameters of the query.
    pub(super) fn query(&self) -> Result<Query, Problem> {
        Query::read(self.request.query_string()).map_err(|error| self.failure(error))
    }

    /// An answer with this status and body, or the failure that came instead.
    pub(super) fn answer<T: Serialize>(
        &self,
        status: StatusCode,
        body: Result<T, Error>,
    ) -> Result<HttpResponse, Problem> {
        body.map(|body| HttpResponse::build(status).json(body)).map_err(|error| self.failure(error))
    }
}
