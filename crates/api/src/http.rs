//! What all faces have in common: request ids, the access log, bodies and their limits, where a
//! request comes from, what is told of its path, and what browsers are told.

pub mod body;
pub mod call;
pub mod client_address;
pub mod cors;
pub mod entity_tag;
pub mod limits;
pub mod refusals;
pub mod routes;
pub mod security_headers;
pub mod shown_path;
pub mod throttle;
pub mod track;
