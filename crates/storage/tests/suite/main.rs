//! The storage on real databases. A test runs on SQLite and on PostgreSQL, unless what it is about
//! exists on one of them only.
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod audit_chain;
mod audit_edits;
mod audit_list;
mod batches;
mod concurrency;
mod connections;
mod credentials;
mod enterprises;
mod identification;
mod key_start;
mod migrations;
mod nodes;
mod openings;
mod outage;
mod peppers;
mod preparation;
mod queue;
mod regions;
mod rotation;
mod rotation_races;
mod rows;
mod schema;
mod sealing;
mod stalls;
mod support;
mod teams;
mod texts;
mod tokens;
mod upgrade;
mod users;
