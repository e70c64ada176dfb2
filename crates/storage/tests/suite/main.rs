//! The storage on real databases. A test runs on SQLite and on PostgreSQL, unless what it is about
//! exists on one of them only.
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod answers;
mod audit_chain;
mod audit_edits;
mod audit_list;
mod batches;
mod certificates;
mod concurrency;
mod connections;
mod credentials;
mod deletion;
mod enterprises;
mod identification;
mod index_use;
mod key_start;
mod life_upgrade;
mod migrations;
mod model;
mod nodes;
mod openings;
mod outage;
mod peppers;
mod preparation;
mod queue;
mod regions;
mod results;
mod revisions;
mod rotation;
mod rotation_races;
mod rows;
mod schema;
mod sealing;
mod sets;
mod stalls;
mod support;
mod tasks;
mod team_lists;
mod teams;
mod texts;
mod tokens;
mod upgrade;
mod users;
mod versions;
mod windows;
