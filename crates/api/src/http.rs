//! What all faces have in common: request ids, the access log, bodies and their limits.

pub mod body;
pub mod call;
pub mod client_address;
pub mod json;
pub mod limits;
pub mod refusals;
pub mod routes;
pub mod throttle;
pub mod track;
