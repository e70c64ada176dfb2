//! Pulling: what is new, and what becomes of it (dialing contract, section 3.2).

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

use super::Agent;
use super::dialer::Dialer;
use super::http::Reply;
use super::spec::Delivered;

/// The text that stops everything.
const STOP: &str = "kodo.RegionNotFoundOrDisabled";
/// The classes of 1.84.1.
const CLASSES: [&str; 5] = ["HTTP", "TCP", "ICMP", "WEBSOCKET", "MULTI"];

/// What a pull brought.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pulled {
    /// The status of the answer; 0 when there was none.
    pub status: u16,
    /// What the answer says.
    pub text: String,
    /// The `external_id` of each task that started, in the order of the answer.
    pub started: Vec<String>,
    /// Of those that changed, and run at once.
    pub changed: Vec<String>,
    /// Of those that stopped.
    pub stopped: Vec<String>,
    /// What was dropped, and why, as the agent would log it.
    pub dropped: Vec<String>,
}

impl Pulled {
    /// Whether the server agreed and nothing is new.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let lists = [&self.started, &self.changed, &self.stopped, &self.dropped];
        self.status == 200 && lists.into_iter().all(Vec::is_empty)
    }
}

impl Agent {
    /// Pulls what is new.
    ///
    /// # Panics
    /// When there is a null in the answer, as agents of 1.84.1 do.
    pub fn pull(&mut self, now: DateTime<Utc>) -> Pulled {
        let mut pulled = Pulled::default();
        let Ok(reply) = self.ask(now) else { return pulled };
        pulled.status = reply.status;
        pulled.text = reply.text();
        if !reply.is_success() {
            if pulled.text.contains(STOP) {
                let running = std::mem::take(&mut self.dialers);
                pulled.stopped = running.values().map(Dialer::external_id).collect();
            }
            return pulled;
        }
        let answer = serde_json::from_slice::<Value>(&reply.body);
        let Ok(Value::Object(mut answer)) = answer else { return pulled };
        if let Some(Value::Object(content)) = answer.remove("content") {
            if !self.settings.is_newer {
                let content = Value::Object(content.clone());
                assert!(!has_null(&content), "a null panics the pull loop: {content}");
            }
            self.take(content, now, &mut pulled);
        }
        pulled
    }

    /// The answer to a pull, whatever it is.
    ///
    /// # Errors
    /// When there is none.
    pub fn ask(&self, now: DateTime<Utc>) -> std::io::Result<Reply> {
        let query = format!(
            "region_id={}&since={}&variable_since={}",
            self.settings.region_id, self.cursor, self.variable_since
        );
        self.call("GET", ("/v1/task/pull", &query), b"", now)
    }

    fn take(&mut self, content: Map<String, Value>, now: DateTime<Utc>, pulled: &mut Pulled) {
        // The region first, whatever the order is, as tasks are started with it.
        if let Some(Value::Object(region)) = content.get("region") {
            self.region.clone_from(region);
        }
        if let Some(variables) = content.get("variables") {
            self.take_variables(variables, &mut pulled.dropped);
        }
        for (class, tasks) in content {
            match (class.as_str(), tasks) {
                ("region" | "variables" | "DNS" | "OTHER", _) => {}
                (class, Value::Array(tasks)) if self.knows(class) => {
                    for task in tasks {
                        self.take_task(class, &task, now, pulled);
                    }
                }
                (class, _) => pulled.dropped.push(format!("unknown key {class:?}")),
            }
        }
    }

    fn knows(&self, class: &str) -> bool {
        CLASSES.contains(&class) || self.settings.is_newer && class == "SSL"
    }

    /// The region as an event of the stream tells it anew.
    pub(super) fn take_region(&mut self, region: &Map<String, Value>) {
        self.region.clone_from(region);
    }

    fn take_task(&mut self, class: &str, text: &Value, now: DateTime<Utc>, pulled: &mut Pulled) {
        let Value::String(text) = text else {
            pulled.dropped.push(format!("{class}: not a string: {text}"));
            return;
        };
        let task = match Delivered::read(class, text) {
            Ok(task) => task,
            Err(error) => {
                pulled.dropped.push(format!("{class}: {error}: {text}"));
                return;
            }
        };
        self.cursor = self.cursor.max(task.spec.update_time);
        let (identity, name) = (task.identity(), task.spec.external_id.clone());
        if task.is_stop() {
            if self.dialers.remove(&identity).is_some() {
                pulled.stopped.push(name);
            }
        } else if let Some(fault) = task.fault() {
            pulled.dropped.push(format!("{class}: {fault}: {text}"));
        } else if let Some(dialer) = self.dialers.get_mut(&identity) {
            dialer.change(task, &self.region, now);
            pulled.changed.push(name);
        } else {
            let dialer = Dialer::start(task, &self.region, &self.settings.region_id, now);
            self.dialers.insert(identity, dialer);
            pulled.started.push(name);
        }
    }
}

fn has_null(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.iter().any(has_null),
        Value::Object(fields) => fields.values().any(has_null),
        _ => false,
    }
}
