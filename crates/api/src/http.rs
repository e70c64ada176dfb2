//! What all faces have in common: request ids, the access log, bodies and their limits.

pub mod body;
pub mod json;
pub mod limits;
pub mod track;
