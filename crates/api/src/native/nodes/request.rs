//! What is asked about nodes: how it is described, and how it is read.

use cadastre_domain::duration::GoDuration;
use cadastre_domain::id::TaskId;
use cadastre_domain::node::{MOST_RUN_TASKS, NodeEdit, Overlap};
use chrono::{DateTime, TimeDelta, Utc};
use utoipa::{IntoParams, ToSchema};

use super::super::fields::Fields;
use super::super::listing::search;
use super::super::query::Query;
use crate::error::Error;
use crate::service::nodes::survey::SurveyFilter;

/// The longest overlap of two keys.
const LONGEST_OVERLAP: TimeDelta = TimeDelta::days(30);

/// Which nodes to list.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes parameters that are read one by one")]
pub(in crate::native) struct NodeQuery {
    /// Those that are alive, or not.
    alive: Option<bool>,
    /// Those that are enabled, or not.
    enabled: Option<bool>,
    /// Those in this country.
    country: Option<String>,
    /// Those with this carrier.
    isp: Option<String>,
}

/// Takes the filters of [`NodeQuery`], and the text that is searched for.
pub(super) fn filter(query: &mut Query) -> SurveyFilter {
    SurveyFilter {
        contains: search(query),
        alive: query.take("alive", flag),
        enabled: query.take("enabled", flag),
        country: query.text("country"),
        isp: query.text("isp"),
        ..SurveyFilter::default()
    }
}

fn flag(text: &str) -> Result<bool, &'static str> {
    text.parse().map_err(|_| "must be true or false")
}

/// Which agents to list.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes a parameter that is read elsewhere")]
pub(in crate::native) struct AgentQuery {
    /// Those that pulled at this time or later; all that are remembered if it is left out.
    since: Option<DateTime<Utc>>,
}

/// A change of a node: a merge patch, what is left out stays. Its keycode never changes.
#[derive(ToSchema)]
#[schema(as = NodeChange)]
#[expect(dead_code, reason = "describes a body that is read field by field")]
pub(in crate::native) struct NodeChangeBody {
    /// Whether it stands inside China.
    #[schema(nullable = false)]
    internal: Option<bool>,
    /// Its carrier.
    #[schema(min_length = 1, max_length = 256, nullable = false)]
    isp: Option<String>,
    /// Its country.
    #[schema(min_length = 1, max_length = 256, nullable = false)]
    country: Option<String>,
    /// Its province; null empties it.
    #[schema(max_length = 256)]
    province: Option<String>,
    /// Its city; null empties it.
    #[schema(max_length = 256)]
    city: Option<String>,
    /// What people call it; null empties it.
    #[schema(max_length = 256)]
    name: Option<String>,
    /// Whose it is; null empties it.
    #[schema(max_length = 256)]
    company: Option<String>,
}

/// Reads the body of a change of a node.
pub(super) fn change(mut fields: Fields) -> Result<NodeEdit, Error> {
    fields.not_null("internal");
    let internal = fields.flag("internal");
    let isp = fields.replaced("isp", TryFrom::try_from);
    let country = fields.replaced("country", TryFrom::try_from);
    let mut text = |field| {
        if fields.cleared(field) {
            return Some(cadastre_domain::node::NodeText::default());
        }
        fields.optional(field, TryFrom::try_from)
    };
    let (province, city) = (text("province"), text("city"));
    let (name, company) = (text("name"), text("company"));
    fields.finish()?;
    Ok(NodeEdit { internal, isp, country, province, city, name, company })
}

/// Until when the keys before a new one are valid: one of the two, or until the first use when both
/// are left out.
#[derive(ToSchema)]
#[schema(as = NewNodeKey)]
#[expect(dead_code, reason = "describes a body that is read field by field")]
pub(in crate::native) struct NewKeyBody {
    /// For so long: a duration as `24h` or `90m`, at most 720h.
    #[schema(example = "24h", nullable = false)]
    overlap: Option<String>,
    /// Until the new key is used first.
    #[schema(example = "first_use", nullable = false)]
    until: Option<String>,
}

/// Reads the body of a request for a key.
pub(super) fn overlap(mut fields: Fields) -> Result<Overlap, Error> {
    let until = fields.optional("until", |text| match text.as_str() {
        "first_use" => Ok(Overlap::FirstUse),
        _ => Err("must be first_use"),
    });
    let time = fields.optional("overlap", |text| duration(&text));
    if until.is_some() && time.is_some() {
        fields.complain("overlap", "must not be given together with until");
    }
    fields.finish()?;
    Ok(time.map(Overlap::For).or(until).unwrap_or(Overlap::FirstUse))
}

fn duration(text: &str) -> Result<TimeDelta, String> {
    let wanted = || "must be a duration from 0s to 720h, as 24h".to_owned();
    let duration: GoDuration = text.parse().map_err(|_| wanted())?;
    let time = TimeDelta::nanoseconds(duration.as_nanos());
    // Both databases keep whole microseconds.
    let time = TimeDelta::microseconds(time.num_microseconds().ok_or_else(wanted)?);
    (TimeDelta::zero()..=LONGEST_OVERLAP).contains(&time).then_some(time).ok_or_else(wanted)
}

/// What is asked of the end of a key.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes a parameter that is read elsewhere")]
pub(in crate::native) struct ForceQuery {
    /// Also when it is the last valid key of the node.
    #[param(default = false)]
    force: Option<bool>,
}

/// Tasks to be run once.
#[derive(ToSchema)]
#[schema(as = NewNodeRun)]
#[expect(dead_code, reason = "describes a body that is read field by field")]
pub(in crate::native) struct RunBody {
    /// The tasks, all of which the node has.
    #[schema(min_items = 1, max_items = 100)]
    task_ids: Vec<String>,
}

/// Reads the body of a request for a run.
pub(super) fn run(mut fields: Fields) -> Result<Vec<TaskId>, Error> {
    let mut tasks: Vec<TaskId> = fields.list("task_ids", MOST_RUN_TASKS, |id| id.parse());
    tasks.sort_unstable();
    tasks.dedup();
    if !fields.has_complaints() && !(1..=MOST_RUN_TASKS).contains(&tasks.len()) {
        fields.complain("task_ids", &format!("must name 1 to {MOST_RUN_TASKS} tasks"));
    }
    fields.finish()?;
    Ok(tasks)
}
