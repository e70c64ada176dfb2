//! The least that a durable commit costs on SQLite: one row of 4 KiB, and nothing else.

use std::time::{Duration, Instant};

use cadastre_testkit::interrupt;
use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;

use crate::Outcome;
use crate::region::{SIZE, base64};

diesel::table! {
    bare (id) {
        id -> BigInt,
        body -> Text,
    }
}

/// A connection with the settings of the register's own writer, and an empty table.
pub struct Bare {
    conn: SqliteConnection,
    body: String,
}

impl Bare {
    /// In a database of its own.
    pub fn new(url: &str) -> Outcome<Self> {
        let mut conn = SqliteConnection::establish(url.trim_start_matches("sqlite:"))?;
        conn.batch_execute(
            "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
             CREATE TABLE bare (id INTEGER PRIMARY KEY NOT NULL, body TEXT NOT NULL) STRICT",
        )?;
        Ok(Self { conn, body: base64(SIZE) })
    }

    /// Commits a second, one row each, over so many seconds.
    pub fn rate(&mut self, seconds: u32) -> Outcome<f64> {
        interrupt::check()?;
        let (start, limit) = (Instant::now(), Duration::from_secs(seconds.into()));
        let mut commits: u32 = 0;
        while start.elapsed() < limit {
            diesel::insert_into(bare::table)
                .values(bare::body.eq(&self.body))
                .execute(&mut self.conn)?;
            commits += 1;
        }
        Ok(f64::from(commits) / start.elapsed().as_secs_f64())
    }
}
