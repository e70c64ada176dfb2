//! The agent face: what the agents of dial nodes call (dialing contract, section 3).
//!
//! An unknown path below `/v1` is answered in plain text, by the server itself: agents take a JSON
//! error there for the end of their tasks.

mod check;
mod pull;
mod query;
mod results;
mod signed;
mod stream;
mod variables;
pub mod wire;

use actix_web::web;

/// Adds the routes.
pub fn configure(service: &mut web::ServiceConfig) {
    service.configure(pull::configure).configure(check::configure);
    service.configure(variables::configure).configure(stream::configure);
    // The last, as it takes any path that ends in its own.
    results::configure(service);
}
