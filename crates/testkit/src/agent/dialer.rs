//! A task that runs: when it is due, what its results carry, and when it pauses or ends.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value};

use super::line::Point;
use super::spec::Delivered;
use super::{Agent, dial, post};

/// After how many failed posts in a row a task pauses, when one more dial is made.
const MOST_FAILURES: u32 = 16;
/// For how long.
const PAUSE: TimeDelta = TimeDelta::minutes(30);
/// The tags of a region that the measurements of all classes know; those of several steps take all.
const REGION_TAGS: [&str; 6] = ["country", "province", "city", "isp", "internal", "owner"];

/// One dial, and what became of its result.
#[derive(Debug, Clone)]
pub struct Run {
    /// The task.
    pub external_id: String,
    /// Whether the dial succeeded.
    pub is_success: bool,
    /// The line that was posted.
    pub line: String,
    /// What the post was answered with; `None` when there was no answer.
    pub status: Option<u16>,
}

/// A task that runs.
#[derive(Debug)]
pub(super) struct Dialer {
    task: Delivered,
    /// Tags of the region, as they were when the task was started; never changed but by a restart.
    tags: BTreeMap<String, String>,
    node_name: String,
    region_id: String,
    due: DateTime<Utc>,
    sequence: i64,
    is_checked: bool,
}

impl Dialer {
    /// Starts a task, which is due at once.
    pub(super) fn start(
        task: Delivered,
        region: &Map<String, Value>,
        region_id: &str,
        now: DateTime<Utc>,
    ) -> Self {
        let takes_all = task.class == "MULTI";
        let tag = |(name, value): (&String, &Value)| {
            let value = match value {
                Value::String(text) => text.clone(),
                Value::Bool(flag) => flag.to_string(),
                _ => return None,
            };
            let is_taken = takes_all || REGION_TAGS.contains(&name.as_str());
            let is_name = matches!(name.as_str(), "name" | "name_en" | "status");
            (is_taken && !is_name && !value.is_empty()).then(|| (name.clone(), value))
        };
        let tags = region.iter().filter_map(tag).collect();
        let (region_id, node_name) = (region_id.to_owned(), node_name(region, region_id));
        Self { task, tags, node_name, region_id, due: now, sequence: 0, is_checked: false }
    }

    /// The same task, changed: due at once, and named after the region as it is now.
    pub(super) fn change(
        &mut self,
        task: Delivered,
        region: &Map<String, Value>,
        now: DateTime<Utc>,
    ) {
        self.task = task;
        self.node_name = node_name(region, &self.region_id);
        self.due = now;
    }

    pub(super) fn external_id(&self) -> String {
        self.task.spec.external_id.clone()
    }

    pub(super) fn post_url(&self) -> &str {
        &self.task.spec.post_url
    }

    /// Puts on a point what the points of all classes have.
    fn complete(&self, point: &mut Point, success: bool, reasons: &str, answer: &str) {
        let spec = &self.task.spec;
        let labels = serde_json::from_str::<Vec<String>>(&spec.df_label).unwrap_or_default();
        let labels = labels.iter().filter_map(|label| label.split_once(':'));
        let own = spec.tags.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        for (name, value) in labels.chain(own) {
            point.tag(name, value);
        }
        for (name, value) in &self.tags {
            point.tag(name, value.clone());
        }
        point.tag("name", spec.name.clone());
        point.tag("status", if success { "OK" } else { "FAIL" });
        point.tag("node_name", self.node_name.clone());
        point.tag("datakit_version", "1.84.1");
        point.tag("df_label", spec.df_label.clone());
        point.field("success", if success { 1 } else { -1 });
        point.field("seq_number", self.sequence);
        point.field("message", dial::message(reasons, answer));
        point.field("task", self.task.class_part().to_string());
        let shown: Vec<Value> = spec
            .config_vars
            .iter()
            .map(|var| serde_json::json!({"id": var.id, "name": var.name}))
            .collect();
        point.field("config_vars", Value::from(shown).to_string());
        if !success {
            point.field("fail_reason", reasons.to_owned());
        }
    }
}

fn node_name(region: &Map<String, Value>, region_id: &str) -> String {
    let name = region.get("name").and_then(Value::as_str).filter(|name| !name.is_empty());
    name.unwrap_or(region_id).to_owned()
}

impl Agent {
    /// Dials every task that is due, and posts what comes of it. A task whose token is refused ends.
    pub fn run_due(&mut self, now: DateTime<Utc>) -> Vec<Run> {
        let due = self.dialers.iter().filter(|(_, dialer)| dialer.due <= now);
        let due: Vec<_> = due.map(|(identity, _)| identity.clone()).collect();
        let run = |identity| {
            let mut dialer = self.dialers.remove(&identity)?;
            let run = self.run(&mut dialer, now)?;
            self.dialers.insert(identity, dialer);
            Some(run)
        };
        due.into_iter().filter_map(run).collect()
    }

    /// Runs one task; `None` when its token is refused.
    pub(super) fn run(&mut self, dialer: &mut Dialer, now: DateTime<Utc>) -> Option<Run> {
        let trust = self.settings.trust.clone();
        if !dialer.is_checked {
            if !post::accepts_token(dialer.post_url(), &trust) {
                return None;
            }
            dialer.is_checked = true;
        }
        dialer.sequence += 1;
        let filled = dialer.task.filled(&self.values_of(&dialer.task.spec));
        let found = dial::dial(&filled, &trust);
        let is_success = found.verdict.is_success(&filled.spec.success_when_logic);
        let (mut point, reasons) = (found.point, found.verdict.reasons.join(";"));
        dialer.complete(
            &mut point,
            is_success,
            if is_success { "" } else { &reasons },
            &found.answer,
        );
        point.at_ns = self.clock(now).timestamp_nanos_opt().unwrap_or_default();
        let line = point.line();
        let status = post::post(dialer.post_url(), &trust, &line);
        self.count(dialer, status, now);
        self.post_computed(&dialer.task.spec, &found.answer, now);
        Some(Run { external_id: dialer.external_id(), is_success, line, status })
    }

    /// Counts failed posts, and says when the task is due again.
    fn count(&mut self, dialer: &mut Dialer, status: Option<u16>, now: DateTime<Utc>) {
        let failures = self.post_failures.entry(dialer.post_url().to_owned()).or_default();
        let is_taken = matches!(status, Some(200..300));
        let pauses = *failures > MOST_FAILURES && !is_taken;
        *failures = if is_taken { 0 } else { *failures + 1 };
        let interval = dialer.task.interval().unwrap_or_default();
        let interval = TimeDelta::from_std(interval).unwrap_or(TimeDelta::MAX);
        dialer.due = now + if pauses { PAUSE } else { interval };
    }
}
