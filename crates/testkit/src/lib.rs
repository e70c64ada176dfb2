//! Throw-away databases and samples for the tests of the register, ways to a database around it, a
//! wire that can be cut, and an agent that dials.
//!
//! The tests run on a real PostgreSQL, whose URL `cargo xtask test` gives in `TEST_POSTGRES_URL`.
//! Two programs live here as well: `bench` measures a server, `survive` kills one again and again
//! and looks for lost writes.

pub mod agent;
mod credentials;
mod database;
pub mod dump;
pub mod interrupt;
mod loopback;
pub mod raw;
pub mod sample;
pub mod seed;
pub mod server;
mod tls;
mod wire;

pub use credentials::credentials;
pub use database::{TestDatabase, databases, postgres, sqlite};
pub use loopback::own_loopback;
pub use seed::Seed;
pub use server::Server;
pub use tls::server_config;
pub use wire::Wire;
