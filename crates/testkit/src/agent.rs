//! An agent of a dial node: it pulls tasks, dials for real, and posts what it finds, as the
//! dialtesting input of DataKit 1.84.1 does (dialing contract, section 3), with code of its own.
//!
//! A test drives its clock, so nobody waits: [`Agent::pull`] and [`Agent::run_due`] are told what
//! time it is. What it does not do: it dials no ICMP (no raw sockets: such dials fail and say so),
//! runs no scripts, spreads no starts over a minute, reads no crontab, and posts one result after
//! the other instead of ten at once. Waits of steps are told and not waited for.

mod connection;
mod dial;
mod dialer;
pub mod http;
pub mod line;
mod post;
mod pull;
pub mod rules;
pub mod signature;
pub mod spec;
mod stream;
pub mod targets;
pub mod url;
mod variables;

use std::collections::BTreeMap;
use std::io;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value};

pub use connection::Trust;
use dialer::Dialer;
pub use dialer::Run;
use http::{Reply, Request};
pub use pull::Pulled;
use signature::{Signed, date, sign};
pub use stream::Stream;
use url::Url;
use variables::Variable;

/// What the configuration of an agent says.
#[derive(Debug, Clone)]
pub struct Settings {
    /// `server`: path and query of it are discarded.
    pub server: String,
    /// `region_id`.
    pub region_id: String,
    /// `ak`.
    pub ak: String,
    /// `sk`.
    pub sk: String,
    /// The zone in which the machine stands: what its wall clock is ahead of UTC.
    pub zone: TimeDelta,
    /// How much the machine's clock is wrong.
    pub clock_error: TimeDelta,
    /// Whose certificates are believed where results go; the task server's is never looked at.
    pub trust: Trust,
    /// Whether it is an agent of 2026: one that tolerates nulls, and knows SSL.
    pub is_newer: bool,
}

impl Settings {
    /// An agent of this node at this server, whose clock is right and on UTC.
    #[must_use]
    pub fn new(server: &str, region_id: &str, ak: &str, sk: &str) -> Self {
        Self {
            server: server.to_owned(),
            region_id: region_id.to_owned(),
            ak: ak.to_owned(),
            sk: sk.to_owned(),
            zone: TimeDelta::zero(),
            clock_error: TimeDelta::zero(),
            trust: Trust::Authorities(String::new()),
            is_newer: false,
        }
    }
}

/// An agent.
#[derive(Debug)]
pub struct Agent {
    /// Its configuration.
    pub settings: Settings,
    cursor: i64,
    variable_since: i64,
    region: Map<String, Value>,
    dialers: BTreeMap<String, Dialer>,
    variables: BTreeMap<String, Variable>,
    /// By URL, how many posts in a row failed.
    post_failures: BTreeMap<String, u32>,
}

impl Agent {
    /// An agent that was just started: it knows nothing.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        Self {
            settings,
            cursor: 0,
            variable_since: 0,
            region: Map::new(),
            dialers: BTreeMap::new(),
            variables: BTreeMap::new(),
            post_failures: BTreeMap::new(),
        }
    }

    /// The `external_id` of each task that runs, sorted.
    #[must_use]
    pub fn running(&self) -> Vec<String> {
        let mut running: Vec<_> = self.dialers.values().map(Dialer::external_id).collect();
        running.sort();
        running
    }

    /// The largest `update_time` of a task that it could read.
    #[must_use]
    pub const fn cursor(&self) -> i64 {
        self.cursor
    }

    /// Says that it has read as far as this.
    pub const fn set_cursor(&mut self, cursor: i64) {
        self.cursor = cursor;
    }

    /// How many posts to the URL of this task failed in a row.
    #[must_use]
    pub fn post_failures(&self, external_id: &str) -> u32 {
        let dialer = self.dialers.values().find(|dialer| dialer.external_id() == external_id);
        dialer.and_then(|dialer| self.post_failures.get(dialer.post_url())).copied().unwrap_or(0)
    }

    /// Pulls, and then dials what is due: one turn of its loop.
    pub fn turn(&mut self, now: DateTime<Utc>) -> (Pulled, Vec<Run>) {
        let pulled = self.pull(now);
        (pulled, self.run_due(now))
    }

    /// What its clock says when it is `now`.
    fn clock(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        now + self.settings.clock_error
    }

    /// What it signs under a request with this body.
    #[must_use]
    pub fn signed(&self, method: &str, body: &[u8], now: DateTime<Utc>) -> Signed {
        let Settings { ak, sk, zone, .. } = &self.settings;
        sign(ak, sk, method, body, &date(self.clock(now) + *zone))
    }

    /// Calls its task server, signed.
    fn call(
        &self,
        method: &str,
        (path, query): (&str, &str),
        body: &[u8],
        now: DateTime<Utc>,
    ) -> io::Result<Reply> {
        let url = self.server().at(path, query);
        let signed = self.signed(method, body, now);
        let headers = vec![
            ("Authorization", signed.authorization.as_str()),
            ("Content-MD5", signed.content_md5.as_str()),
            ("Date", signed.date.as_str()),
            ("Accept-Encoding", "gzip"),
            ("Connection", "close"),
        ];
        http::exchange(&url, &Trust::Anybody, &Request { method, headers, body })
    }

    /// The task server.
    fn server(&self) -> Url {
        Url::parse(&self.settings.server).expect("a server that is a URL")
    }
}

#[cfg(test)]
mod tests;
