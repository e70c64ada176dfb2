//! What this face shows of results.

use std::collections::BTreeMap;

use cadastre_domain::node::Node;
use cadastre_domain::result::{Class, DialPoint};
use cadastre_storage::{PointPlace, RollupPlace, Series};
use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::query::{self, class, status, steps};
use crate::service::results::{ListedPoint, ListedRollup};

/// The fields of a result.
pub(super) const FIELDS: &[&str] = &[
    "at",
    "time_ns",
    "received_at",
    "enterprise_id",
    "node",
    "task_id",
    "region_id",
    "measurement",
    "class",
    "status",
    "success",
    "response_time_us",
    "dns_us",
    "connect_us",
    "tls_us",
    "first_byte_us",
    "download_us",
    "status_code",
    "packet_loss_percent",
    "fail_reason",
    "certificate_expires_at",
    "agent_version",
    "tags",
];

/// The fields of a roll-up.
pub(super) const ROLLUP_FIELDS: &[&str] = &[
    "step",
    "starts_at",
    "enterprise_id",
    "node",
    "task_id",
    "region_id",
    "measurement",
    "class",
    "count",
    "failures",
    "response_time_us",
];

/// A dial node, as it is now.
#[derive(Serialize, ToSchema)]
#[schema(as = ResultNode)]
pub(in crate::native) struct NodeView {
    id: String,
    /// What people call it; null when it is gone.
    #[schema(required)]
    name: Option<String>,
    #[schema(required)]
    country: Option<String>,
    #[schema(required)]
    province: Option<String>,
    #[schema(required)]
    city: Option<String>,
    /// The carrier.
    #[schema(required)]
    isp: Option<String>,
    /// Inside China or abroad.
    #[schema(required)]
    internal: Option<bool>,
}

impl NodeView {
    fn of(series: &Series, node: Option<Node>) -> Option<Self> {
        let id = series.key.node.as_ref()?.to_string();
        let profile = node.map(|node| node.profile);
        let internal = profile.as_ref().map(|profile| profile.internal);
        let texts = profile.map(|profile| {
            let place = [profile.province, profile.city].map(String::from);
            (String::from(profile.name), String::from(profile.country), place, profile.isp.into())
        });
        let (name, country, [province, city], isp) = match texts {
            Some((name, country, place, isp)) => {
                (Some(name), Some(country), place.map(Some), Some(isp))
            }
            None => (None, None, [None, None], None),
        };
        Some(Self { id, name, country, province, city, isp, internal })
    }
}

/// What a node found when it dialled.
#[derive(Serialize, ToSchema)]
#[schema(as = Result)]
pub(in crate::native) struct ResultView {
    /// When the dial began, as the node told it, however far off its clock is.
    #[schema(value_type = DateTime<Utc>)]
    at: String,
    /// The same in nanoseconds since 1970.
    time_ns: i64,
    /// When the result was received.
    #[schema(value_type = DateTime<Utc>)]
    received_at: String,
    enterprise_id: String,
    /// The node, if the result tells it.
    #[schema(required, value_type = Option<NodeView>)]
    node: Option<NodeView>,
    /// The dial task, if the result tells it.
    #[schema(required)]
    task_id: Option<String>,
    /// The region that the task watches.
    #[schema(required)]
    region_id: Option<String>,
    /// What was measured, as the agent calls it.
    #[schema(example = "http_dial_testing")]
    measurement: String,
    /// What was dialled, if that is known.
    #[schema(required, schema_with = class)]
    class: Option<&'static str>,
    /// How the dial came out.
    #[schema(schema_with = status)]
    status: &'static str,
    /// 1 or -1, as the agent writes it.
    #[schema(required)]
    success: Option<i64>,
    /// How long the dial took, in microseconds.
    #[schema(required)]
    response_time_us: Option<i64>,
    /// How long the name was looked up.
    #[schema(required)]
    dns_us: Option<i64>,
    /// How long the connection took.
    #[schema(required)]
    connect_us: Option<i64>,
    /// How long the handshake of TLS took.
    #[schema(required)]
    tls_us: Option<i64>,
    /// How long the first byte was waited for.
    #[schema(required)]
    first_byte_us: Option<i64>,
    /// How long the answer was read.
    #[schema(required)]
    download_us: Option<i64>,
    /// The status of an HTTP answer.
    #[schema(required)]
    status_code: Option<i32>,
    #[schema(required)]
    packet_loss_percent: Option<f64>,
    /// Why the dial failed.
    #[schema(required)]
    fail_reason: Option<String>,
    /// When the certificate of the target expires.
    #[schema(required)]
    certificate_expires_at: Option<DateTime<Utc>>,
    /// The version of the agent.
    #[schema(required)]
    agent_version: Option<String>,
    /// The tags of the result, its own status left out. They are cut to bounds.
    tags: BTreeMap<String, String>,
    #[serde(skip)]
    place: PointPlace,
}

fn shown(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Micros, true)
}

impl ResultView {
    /// The cursor of the page behind this result.
    pub(super) fn cursor(&self) -> String {
        query::point_cursor(self.place)
    }
}

impl From<ListedPoint> for ResultView {
    fn from(listed: ListedPoint) -> Self {
        let ListedPoint { kept, series, node } = listed;
        let DialPoint { at_ns, outcome, timings, tags, .. } = kept.point;
        let received = DateTime::from_timestamp_micros(kept.received_us).unwrap_or_default();
        let expires = kept.point.certificate_expires;
        Self {
            at: DateTime::from_timestamp_nanos(at_ns).to_rfc3339_opts(SecondsFormat::Nanos, true),
            time_ns: at_ns,
            received_at: shown(received),
            enterprise_id: series.key.enterprise.to_string(),
            node: NodeView::of(&series, node),
            task_id: series.key.task.map(|task| task.to_string()),
            region_id: series.region.map(|region| region.to_string()),
            class: series.key.measurement.class().map(Class::as_str),
            measurement: series.key.measurement.into(),
            status: outcome.as_str(),
            success: outcome.success(),
            response_time_us: timings.response,
            dns_us: timings.dns,
            connect_us: timings.connect,
            tls_us: timings.tls,
            first_byte_us: timings.first_byte,
            download_us: timings.download,
            status_code: kept.point.status_code,
            packet_loss_percent: kept.point.packet_loss,
            fail_reason: kept.point.fail_reason,
            certificate_expires_at: expires.and_then(|time| DateTime::from_timestamp(time, 0)),
            agent_version: tags.agent_version().map(str::to_owned),
            tags: tags.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
            place: (at_ns, kept.series, kept.digest),
        }
    }
}

/// How long those dials took that did not fail, in microseconds. Percentiles are wrong by at most 1
/// of 100.
#[derive(Serialize, ToSchema)]
#[schema(as = ResponseTimes)]
pub(in crate::native) struct TimesView {
    /// How many dials tell it.
    count: usize,
    p50: i64,
    p95: i64,
    p99: i64,
    shortest: i64,
    longest: i64,
}

/// What the points of an hour or a day came to.
#[derive(Serialize, ToSchema)]
#[schema(as = ResultRollup)]
pub(in crate::native) struct RollupView {
    #[schema(schema_with = steps)]
    step: &'static str,
    /// When the hour or day begins, in UTC.
    #[schema(value_type = DateTime<Utc>)]
    starts_at: String,
    enterprise_id: String,
    /// The node, if the results tell it.
    #[schema(required, value_type = Option<NodeView>)]
    node: Option<NodeView>,
    /// The dial task, if the results tell it.
    #[schema(required)]
    task_id: Option<String>,
    /// The region that the task watches.
    #[schema(required)]
    region_id: Option<String>,
    /// What was measured, as the agent calls it.
    measurement: String,
    /// What was dialled, if that is known.
    #[schema(required, schema_with = class)]
    class: Option<&'static str>,
    /// How many dials there were that said how they ended.
    count: i64,
    /// How many of them failed.
    failures: i64,
    /// How long those took that did not.
    #[schema(required, value_type = Option<TimesView>)]
    response_time_us: Option<TimesView>,
    #[serde(skip)]
    place: RollupPlace,
}

impl RollupView {
    /// The cursor of the page behind this roll-up.
    pub(super) fn cursor(&self) -> String {
        query::rollup_cursor(self.place)
    }
}

impl From<ListedRollup> for RollupView {
    fn from(listed: ListedRollup) -> Self {
        let ListedRollup { kept, series, node } = listed;
        let rollup = &kept.rollup;
        let times = rollup.percentiles().zip(rollup.shortest()).zip(rollup.longest());
        let starts_at = DateTime::from_timestamp(kept.step.start(kept.number), 0);
        Self {
            step: kept.step.as_str(),
            starts_at: shown(starts_at.unwrap_or_default()),
            enterprise_id: series.key.enterprise.to_string(),
            node: NodeView::of(&series, node),
            task_id: series.key.task.map(|task| task.to_string()),
            region_id: series.region.map(|region| region.to_string()),
            class: series.key.measurement.class().map(Class::as_str),
            measurement: series.key.measurement.into(),
            count: rollup.count,
            failures: rollup.failures,
            response_time_us: times.map(|((parts, shortest), longest)| TimesView {
                count: rollup.times(),
                p50: parts.p50,
                p95: parts.p95,
                p99: parts.p99,
                shortest,
                longest,
            }),
            place: (kept.number, kept.series),
        }
    }
}
