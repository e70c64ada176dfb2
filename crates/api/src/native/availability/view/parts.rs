//! What the availability of a region is made of.

use cadastre_domain::node::Node;
use cadastre_domain::watch::WatchPart;
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::{RefOr, Schema};

use super::{FiguresView, SpanView, over_time, state};
use crate::openapi::one_of;
use crate::service::availability::{Availability, Group, Member, Place};

/// One part of a region, as all nodes see it.
#[derive(Serialize, ToSchema)]
#[schema(as = PartAvailability)]
pub(in crate::native) struct PartView {
    #[schema(schema_with = part)]
    part: &'static str,
    figures: FiguresView,
}

/// What all nodes of one carrier see.
#[derive(Serialize, ToSchema)]
#[schema(as = CarrierAvailability)]
pub(in crate::native) struct CarrierView {
    /// The carrier.
    isp: String,
    figures: FiguresView,
}

/// What all nodes of one place see.
#[derive(Serialize, ToSchema)]
#[schema(as = PlaceAvailability)]
pub(in crate::native) struct PlaceView {
    country: String,
    province: String,
    city: String,
    figures: FiguresView,
}

/// What one node sees.
#[derive(Serialize, ToSchema)]
#[schema(as = NodeAvailability)]
pub(in crate::native) struct NodeView {
    node_id: String,
    name: String,
    country: String,
    province: String,
    city: String,
    isp: String,
    /// Whether it may dial at all.
    is_enabled: bool,
    figures: FiguresView,
    parts: Vec<NodePartView>,
}

/// One part of a region, as one node sees it.
#[derive(Serialize, ToSchema)]
#[schema(as = NodePartAvailability)]
struct NodePartView {
    #[schema(schema_with = part)]
    part: &'static str,
    /// The dial task by which it is seen: where the figures come from.
    task_id: String,
    #[schema(schema_with = state)]
    state: &'static str,
    /// When the node dialled it last, if that was what it dials now: nothing after its address was
    /// changed, until it has been dialled.
    #[schema(required)]
    at: Option<DateTime<Utc>>,
    /// How long that is ago, in seconds.
    #[schema(required)]
    age_seconds: Option<i64>,
    /// Since when it comes out as it did last.
    #[schema(required)]
    since: Option<DateTime<Utc>>,
    /// How long the last dial took, in microseconds.
    #[schema(required)]
    response_time_us: Option<i64>,
    /// When the certificate expires that was shown last.
    #[schema(required)]
    certificate_expires_at: Option<DateTime<Utc>>,
    over_time: Vec<SpanView>,
}

fn part() -> RefOr<Schema> {
    one_of(WatchPart::ALL.map(WatchPart::as_str))
}

impl PartView {
    pub(super) fn new((part, figures): &Group<WatchPart>, now: DateTime<Utc>) -> Self {
        Self { part: part.as_str(), figures: FiguresView::new(figures, now) }
    }
}

impl CarrierView {
    pub(super) fn new((isp, figures): Group<String>, now: DateTime<Utc>) -> Self {
        Self { isp, figures: FiguresView::new(&figures, now) }
    }
}

impl PlaceView {
    pub(super) fn new((place, figures): Group<Place>, now: DateTime<Utc>) -> Self {
        let Place { country, province, city } = place;
        Self { country, province, city, figures: FiguresView::new(&figures, now) }
    }
}

impl NodeView {
    pub(super) fn new(found: &Availability, node: &Node) -> Self {
        let (profile, now) = (&node.profile, found.now);
        let members = found.members_of(&node.id);
        Self {
            node_id: node.id.to_string(),
            name: profile.name.as_ref().to_owned(),
            country: profile.country.as_ref().to_owned(),
            province: profile.province.as_ref().to_owned(),
            city: profile.city.as_ref().to_owned(),
            isp: profile.isp.as_ref().to_owned(),
            is_enabled: node.is_enabled,
            figures: FiguresView::new(&found.of_node(&node.id), now),
            parts: members.map(|member| NodePartView::new(member, now)).collect(),
        }
    }
}

impl NodePartView {
    fn new(member: &Member, now: DateTime<Utc>) -> Self {
        let last = member.last.as_ref();
        let at = last.map(|seen| DateTime::from_timestamp_nanos(seen.at_ns));
        let certificate = last.and_then(|seen| seen.certificate);
        Self {
            part: member.part.as_str(),
            task_id: member.task.to_string(),
            state: member.state.as_str(),
            at,
            age_seconds: at.map(|at| (now - at).num_seconds().max(0)),
            since: last.map(|seen| DateTime::from_timestamp_nanos(seen.since_ns)),
            response_time_us: last.and_then(|seen| seen.response_us),
            certificate_expires_at: certificate
                .and_then(|shown| DateTime::from_timestamp(shown.expires, 0)),
            over_time: over_time(&member.spans, now),
        }
    }
}
