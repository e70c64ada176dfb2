//! Use cases: each reads, lets the domain decide, saves, and knows nothing of HTTP.

pub mod enterprises;
pub mod nodes;
pub mod openings;
pub mod regions;
pub mod teams;
pub mod tokens;
pub mod users;
