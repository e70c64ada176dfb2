//! Streams that agents keep open to be told at once what concerns their node (dialing contract,
//! section 3.7).
//!
//! One task of the server looks once a second, for all streams together, whether anything has changed:
//! it asks as every reader does whether the nodes in memory are fresh, and reads the database only
//! when tasks are to be run. So it does not matter on which server something is changed, and how
//! many streams there are. An agent that does not take its events in time is told the rest later, in
//! the order in which it happened.

mod event;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use actix_web::web::Bytes;
use cadastre_domain::id::NodeId;
use cadastre_domain::node::AccessKeyId;
use cadastre_storage::{Model, ModelNode};
use chrono::{DateTime, Utc};
use tokio::sync::mpsc::{self, Receiver, Sender};

use crate::app::App;
use crate::error::Error;
use crate::http::track::Stopping;
use crate::service::runs::{Due, tasks_of};

/// The most streams of one node.
pub const MOST_OF_NODE: usize = 8;
/// The most streams of all nodes on this server.
pub const MOST: usize = 4096;
/// How many events may wait for an agent. What does not fit is told when there is room.
const WAITING: usize = 16;
/// How often it is looked whether anything has changed.
const OFTEN: Duration = Duration::from_secs(1);

/// The streams that are open.
#[derive(Debug, Default)]
pub struct Streams(Mutex<HashMap<u64, Stream>>);

/// A stream that is open.
#[derive(Debug)]
struct Stream {
    node: NodeId,
    key: AccessKeyId,
    /// What the agent was told of its node last, or knew when it came.
    region: Bytes,
    /// The number of the last run that it was told of, or that there was when it came.
    last_run: i64,
    /// How many events there must be room for until it is told anything more of runs.
    needs: usize,
    events: Sender<Bytes>,
}

impl Streams {
    /// Opens a stream for a node, by this key; none when there are too many.
    pub fn open(&self, node: &ModelNode, key: &AccessKeyId) -> Option<Receiver<Bytes>> {
        let mut open = self.lock();
        open.retain(|_, stream| !stream.events.is_closed());
        let of_node = open.values().filter(|stream| stream.node == node.node.id).count();
        if open.len() >= MOST || of_node >= MOST_OF_NODE {
            return None;
        }
        let (events, receiver) = mpsc::channel(WAITING);
        let stream = Stream {
            node: node.node.id.clone(),
            key: key.clone(),
            region: event::region(&node.node),
            last_run: node.last_run,
            needs: 1,
            events,
        };
        let number = open.keys().max().map_or(0, |last| last + 1);
        open.insert(number, stream);
        Some(receiver)
    }

    /// How many are open.
    #[must_use]
    pub fn len(&self) -> usize {
        self.lock().len()
    }

    /// Whether none is open.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lock().is_empty()
    }

    /// Ends all streams.
    pub fn close(&self) {
        self.lock().clear();
    }

    /// Tells agents of changes of their nodes, and ends the streams of those that may not pull any
    /// more; the nodes with tasks that are to be run, and behind which run: each node once for all
    /// agents that know equally much and have the same key.
    fn look(&self, model: &Model, now: DateTime<Utc>) -> Vec<Due> {
        let mut due: HashMap<(NodeId, AccessKeyId, i64), Due> = HashMap::new();
        self.lock().retain(|_, stream| {
            let Some(node) = model.nodes().find(&stream.node) else { return false };
            if !stream.may_stay(node, now) {
                return false;
            }
            stream.tell_region(node);
            if stream.last_run < node.last_run && stream.has_room() {
                let after = stream.last_run;
                let key = stream.key.clone();
                let behind = Due { node: Arc::clone(node), key: key.clone(), after };
                due.insert((stream.node.clone(), key, after), behind);
            }
            true
        });
        due.into_values().collect()
    }

    /// Tells the agents of a node that have this key of the run behind `after`, unless they know it.
    /// Those that do not know even what was before it, or have no room for it, are told another time.
    fn tell_run(&self, node: &NodeId, key: &AccessKeyId, after: i64, run: &Run) {
        for stream in self.lock().values_mut() {
            let is_theirs = stream.node == *node && stream.key == *key;
            if is_theirs && stream.last_run >= after && stream.last_run < run.number {
                stream.tell_run(run);
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<u64, Stream>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A run as agents are told of it.
#[derive(Debug)]
struct Run {
    number: i64,
    events: Vec<Bytes>,
}

impl Stream {
    /// Whether there is room for what it was not told of before.
    fn has_room(&self) -> bool {
        self.events.capacity() >= self.needs.min(self.events.max_capacity())
    }

    /// Tells the agent of a run, if all of it fits.
    fn tell_run(&mut self, run: &Run) {
        self.needs = run.events.len();
        if !self.has_room() {
            return;
        }
        self.needs = 1;
        self.last_run = run.number;
        for event in &run.events {
            // Nobody else sends; and of a stream that has ended, nobody misses anything.
            let _ = self.events.try_send(event.clone());
        }
    }

    fn may_stay(&self, node: &ModelNode, now: DateTime<Utc>) -> bool {
        let key = node.key(&self.key);
        !self.events.is_closed() && node.node.may_pull() && key.is_some_and(|key| key.is_valid(now))
    }

    /// Tells the agent what is said about its node, if that is new and there is room.
    fn tell_region(&mut self, node: &ModelNode) {
        let region = event::region(&node.node);
        if region != self.region && self.events.try_send(event::region_update(&node.node)).is_ok() {
            self.region = region;
        }
    }
}

/// Looks again and again whether there is anything to tell, until the server stops.
pub async fn watch(app: App, stopping: Stopping) {
    let mut well = true;
    loop {
        tokio::time::sleep(OFTEN).await;
        if stopping.is_set() {
            // Requests in flight are waited for, and streams have no end of their own.
            app.streams.close();
        } else if !app.streams.is_empty() {
            match look(&app).await {
                Ok(()) => well = true,
                // Told once, not every second: the database may be away for long.
                Err(error) if well => {
                    log::warn!("agents with streams are not told anything now: {error}");
                    well = false;
                }
                Err(_) => {}
            }
        }
    }
}

async fn look(app: &App) -> Result<(), Error> {
    let due = {
        let model = app.regions().await?;
        app.streams.look(&model, app.clock.now())
    };
    let mut failure = None;
    for due in due {
        // What is the matter with one node is not the others' business.
        if let Err(error) = tell(app, due).await {
            failure = Some(error);
        }
    }
    failure.map_or(Ok(()), Err)
}

/// Tells the agents of a node that know equally much what they are to run.
async fn tell(app: &App, due: Due) -> Result<(), Error> {
    let (node, key, mut after) = (Arc::clone(&due.node), due.key.clone(), due.after);
    let id = &node.node.id;
    let runs = tasks_of(app, due).await?;
    if runs.is_empty() {
        // They waited for so long that they are forgotten.
        app.streams.tell_run(id, &key, after, &Run { number: node.last_run, events: Vec::new() });
    }
    for (run, tasks) in runs {
        let number = run.number.unwrap_or_default();
        let events = event::one_shot_run(&run, &tasks);
        app.streams.tell_run(id, &key, after, &Run { number, events });
        after = number;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
