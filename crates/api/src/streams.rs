//! Streams that agents keep open to be told at once what concerns their node (dialing contract,
//! section 3.7).
//!
//! One task of the server looks once a second, for all streams together, whether anything has changed:
//! it asks as every reader does whether the nodes in memory are fresh, and reads the database only
//! when tasks are to be run. So it does not matter on which server something is changed, and how
//! many streams there are.

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
/// How many events may wait for an agent. One that does not take them is cut off, and comes again.
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
    /// more; the nodes with tasks that are to be run, and behind which run.
    fn look(&self, model: &Model, now: DateTime<Utc>) -> Vec<Due> {
        let mut due: HashMap<NodeId, Due> = HashMap::new();
        self.lock().retain(|_, stream| {
            let Some(node) = model.nodes().find(&stream.node) else { return false };
            if !stream.may_stay(node, now) || !stream.tell_region(node) {
                return false;
            }
            if stream.last_run < node.last_run {
                let behind = due
                    .entry(stream.node.clone())
                    .or_insert_with(|| Due { node: Arc::clone(node), after: stream.last_run });
                behind.after = behind.after.min(stream.last_run);
            }
            true
        });
        due.into_values().collect()
    }

    /// Tells the agents of a node of a run, unless they know it.
    fn tell_run(&self, node: &NodeId, number: i64, events: &[Bytes]) {
        self.lock().retain(|_, stream| {
            if stream.node != *node || stream.last_run >= number {
                return true;
            }
            stream.last_run = number;
            events.iter().all(|event| stream.events.try_send(event.clone()).is_ok())
        });
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<u64, Stream>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Stream {
    fn may_stay(&self, node: &ModelNode, now: DateTime<Utc>) -> bool {
        let key = node.key(&self.key);
        !self.events.is_closed() && node.node.may_pull() && key.is_some_and(|key| key.is_valid(now))
    }

    /// Tells the agent what is said about its node, if that is new; whether it could be told.
    fn tell_region(&mut self, node: &ModelNode) -> bool {
        let region = event::region(&node.node);
        if region == self.region {
            return true;
        }
        self.region = region;
        self.events.try_send(event::region_update(&node.node)).is_ok()
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
    for due in due {
        let id = due.node.node.id.clone();
        for (run, tasks) in tasks_of(app, due).await? {
            let number = run.number.unwrap_or_default();
            app.streams.tell_run(&id, number, &event::one_shot_run(&run, &tasks));
        }
    }
    Ok(())
}
