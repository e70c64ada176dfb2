//! The program as its users meet it: started as a process, told things by settings, signals and
//! requests, and judged by what it prints, answers and leaves behind.
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod agents;
mod audit;
mod canary;
#[path = "../suite/certificates.rs"]
mod certificates;
mod commands;
mod database_check;
mod first_start;
mod freshness;
mod hangup;
mod keys;
mod logs;
mod maintenance;
mod memory;
mod nodes;
mod open_files;
mod outage;
mod panics;
mod proxies;
mod results;
mod settings;
mod several_servers;
mod stopping;
mod support;
mod tls;
mod token_life;
mod tokens;
mod tour;
mod webhooks;
