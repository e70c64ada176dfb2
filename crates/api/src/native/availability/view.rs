//! What this face shows of the availability of a region.

mod parts;

use cadastre_domain::availability::State;
use cadastre_domain::result::{Rollup, Step};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::{RefOr, Schema};

use crate::openapi::one_of;
use crate::service::availability::{Availability, Figures, SPANS, Span};
use parts::{CarrierView, NodeView, PartView, PlaceView};

/// The fields that can be chosen.
pub(super) const FIELDS: &[&str] = &[
    "region_id",
    "asked_at",
    "dialling",
    "down_from",
    "frequency",
    "figures",
    "parts",
    "nodes",
    "carriers",
    "places",
];

/// How a region stands.
#[derive(Serialize, ToSchema)]
#[schema(as = Availability)]
pub(in crate::native) struct AvailabilityView {
    region_id: String,
    /// When this was found.
    asked_at: DateTime<Utc>,
    /// Whether nodes dial it: `off` while its status forbids it, `muted` during maintenance.
    dialling: &'static str,
    /// How many nodes must find any part down, be it each another one, before that is an alarm.
    down_from: u32,
    /// How often it is dialled.
    frequency: &'static str,
    /// The region as a whole.
    figures: FiguresView,
    parts: Vec<PartView>,
    nodes: Vec<NodeView>,
    carriers: Vec<CarrierView>,
    places: Vec<PlaceView>,
}

/// How something stands, now and over time.
#[derive(Serialize, ToSchema)]
#[schema(as = AvailabilityFigures)]
struct FiguresView {
    /// `up`: every node is answered, and lately. `down`: none that dialled lately is. `partial`: some
    /// are. `stale`: nobody is known to be refused, but the news of some are too old, or there have
    /// been none. `unknown`: it has never been dialled where it is now, or the last dial does not say
    /// how it ended.
    #[schema(schema_with = state)]
    state: &'static str,
    /// How many nodes there are.
    of_nodes: usize,
    up_nodes: usize,
    partial_nodes: usize,
    down_nodes: usize,
    stale_nodes: usize,
    unknown_nodes: usize,
    /// When it was dialled last, by the node that did so last.
    #[schema(required)]
    newest_at: Option<DateTime<Utc>>,
    /// How long that is ago, in seconds.
    #[schema(required)]
    newest_age_seconds: Option<i64>,
    /// The node that dialled it last.
    #[schema(required)]
    newest_from: Option<String>,
    /// How old the oldest of the results is that make up the state, in seconds; null if one is
    /// missing.
    #[schema(required)]
    oldest_age_seconds: Option<i64>,
    /// What it came to over time.
    over_time: Vec<SpanView>,
}

/// What dials came to over a time.
#[derive(Serialize, ToSchema)]
#[schema(as = AvailabilitySpan)]
struct SpanView {
    #[schema(example = "24h")]
    span: &'static str,
    /// From when on.
    since: DateTime<Utc>,
    /// Where this comes from: roll-ups by the hour or by the day, the present one included.
    #[schema(example = "hourly_rollups")]
    source: &'static str,
    /// How many dials said how they ended.
    dials: i64,
    failures: i64,
    /// Which part of the dials was answered, from 0 to 1; null without any.
    #[schema(required)]
    availability: Option<f64>,
    /// Half of the answers took no longer than this, in microseconds.
    #[schema(required)]
    p50_us: Option<i64>,
    #[schema(required)]
    p95_us: Option<i64>,
    #[schema(required)]
    p99_us: Option<i64>,
}

fn state() -> RefOr<Schema> {
    one_of(State::ALL.map(State::as_str))
}

impl From<&Availability> for AvailabilityView {
    fn from(found: &Availability) -> Self {
        let now = found.now;
        Self {
            region_id: found.region.id.to_string(),
            asked_at: now,
            dialling: found.region.status.dialling().as_str(),
            down_from: found.watch.down_from,
            frequency: found.watch.frequency.as_str(),
            figures: FiguresView::new(&found.whole(), now),
            parts: found.parts().iter().map(|group| PartView::new(group, now)).collect(),
            nodes: found.nodes.iter().map(|node| NodeView::new(found, node)).collect(),
            carriers: found.carriers().into_iter().map(|g| CarrierView::new(g, now)).collect(),
            places: found.places().into_iter().map(|g| PlaceView::new(g, now)).collect(),
        }
    }
}

impl FiguresView {
    fn new(figures: &Figures, now: DateTime<Utc>) -> Self {
        let [up_nodes, partial_nodes, down_nodes, stale_nodes, unknown_nodes] = figures.nodes;
        let age = |at: DateTime<Utc>| (now - at).num_seconds().max(0);
        let newest_at = figures.newest.as_ref().map(|newest| newest.0);
        Self {
            state: figures.state.as_str(),
            of_nodes: figures.nodes.iter().sum(),
            up_nodes,
            partial_nodes,
            down_nodes,
            stale_nodes,
            unknown_nodes,
            newest_at,
            newest_age_seconds: newest_at.map(age),
            newest_from: figures.newest.as_ref().map(|newest| newest.1.to_string()),
            oldest_age_seconds: figures.oldest.map(age),
            over_time: over_time(&figures.spans, now),
        }
    }
}

fn over_time(spans: &[Rollup; SPANS.len()], now: DateTime<Utc>) -> Vec<SpanView> {
    SPANS.iter().zip(spans).map(|(span, rollup)| SpanView::new(*span, rollup, now)).collect()
}

impl SpanView {
    fn new(span: Span, rollup: &Rollup, now: DateTime<Utc>) -> Self {
        let times = rollup.percentiles();
        Self {
            span: span.name,
            since: span.start(now),
            source: match span.step {
                Step::Hour => "hourly_rollups",
                Step::Day => "daily_rollups",
            },
            dials: rollup.count,
            failures: rollup.failures,
            availability: ratio(rollup.count - rollup.failures, rollup.count),
            p50_us: times.map(|times| times.p50),
            p95_us: times.map(|times| times.p95),
            p99_us: times.map(|times| times.p99),
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "numbers of dials are far below 2^52")]
fn ratio(part: i64, whole: i64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}
