//! Throw-away databases and samples for the tests of the register, and a wire that can be cut.
//!
//! The tests run on a real PostgreSQL, whose URL `cargo xtask test` gives in `TEST_POSTGRES_URL`.

mod database;
pub mod sample;
mod wire;

pub use database::{TestDatabase, databases, postgres, sqlite};
pub use wire::Wire;
