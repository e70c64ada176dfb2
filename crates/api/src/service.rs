//! Use cases: each reads, lets the domain decide, saves, and knows nothing of HTTP.

pub mod alarms;
pub mod availability;
pub mod credentials;
pub mod enterprises;
pub mod explanations;
pub mod maintenance;
pub mod nodes;
pub mod openings;
pub mod pulls;
pub mod regions;
pub mod results;
pub mod revisions;
pub mod runs;
pub mod tasks;
pub mod teams;
pub mod tokens;
pub mod users;
pub mod variables;
pub mod watches;
pub mod webhooks;

use cadastre_storage::{Found, Total};

use crate::app::{App, Changed};
use crate::auth::Session;
use crate::cluster::ClusterFailure;
use crate::error::Error;

/// Which versions of a thing a caller means to change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expected {
    /// Whichever it has.
    Any,
    /// One of these.
    These(Vec<i64>),
}

impl Expected {
    /// Lets a thing in this version be changed.
    ///
    /// # Errors
    /// [`Error::Stale`] when another version was meant.
    pub fn check(&self, version: i64) -> Result<(), Error> {
        match self {
            Self::These(versions) if !versions.contains(&version) => Err(Error::Stale(version)),
            Self::Any | Self::These(_) => Ok(()),
        }
    }
}

/// Some things of a list.
#[derive(Debug)]
pub struct Counted<T> {
    /// The things.
    pub items: Vec<T>,
    /// The identifier after which the list goes on, when not all that it asks for was looked at. Otherwise it
    /// goes on if there is one thing more than a page has.
    pub rest: Option<String>,
    /// How many there are on all pages, where that was asked for.
    pub total: Option<Total>,
}

impl<T> Counted<T> {
    /// Things of a list that looked at a bounded number of rows.
    #[must_use]
    pub fn found<P: ToString>(found: Found<T, P>, total: Option<Total>) -> Self {
        Self { items: found.items, rest: found.rest.map(|rest| rest.to_string()), total }
    }

    /// Things of a list that ends only when it has as many as were asked for.
    #[must_use]
    pub const fn whole(items: Vec<T>, total: Option<Total>) -> Self {
        Self { items, rest: None, total }
    }

    /// With other things in the place of these.
    #[must_use]
    pub fn map<U>(self, change: impl FnMut(T) -> U) -> Counted<U> {
        let items = self.items.into_iter().map(change).collect();
        Counted { items, rest: self.rest, total: self.total }
    }
}

/// Which part of a list is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slice {
    /// How many things before it are left out.
    pub offset: i64,
    /// How many things it has at most.
    pub limit: i64,
}

/// Lets a cluster be called for a caller: asks what a write asks, in a transaction that writes nothing. A call
/// cannot be undone, so it is not left to the write that follows it.
async fn check_authority(app: &App, session: &Session) -> Result<(), Error> {
    app.write(session.writer(), |_| Ok(Changed::nothing(()))).await
}

/// What an entry tells of a cluster that was not reached.
fn not_told(failure: ClusterFailure) -> String {
    format!("the cluster was not told: {failure}")
}

/// What a guarded write says when the version is another one after all. Inside a transaction, only
/// somebody who writes past the register can have changed it in between.
fn saved(done: bool) -> Result<(), Error> {
    if done {
        Ok(())
    } else {
        let text = "the thing changed meanwhile".to_owned();
        Err(cadastre_storage::StorageError::Unavailable(text).into())
    }
}
