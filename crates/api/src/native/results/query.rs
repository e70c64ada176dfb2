//! Which results to list, and where the list goes on.

use cadastre_domain::result::{Class, Outcome, Step};
use cadastre_storage::{PointPlace, RollupPlace};
use chrono::{DateTime, Utc};
use utoipa::IntoParams;
use utoipa::openapi::{RefOr, Schema};

use super::super::page::Place;
use super::super::query::Query;
use crate::openapi::one_of;
use crate::service::results::ResultFilter;

/// Which results are asked for: those that fit all of this.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes parameters that are read one by one")]
pub(in crate::native) struct ResultQuery {
    /// Those of this node.
    node: Option<String>,
    /// Those of this dial task.
    task: Option<String>,
    /// Those of tasks that watch this region.
    region: Option<String>,
    /// Those of nodes in this country.
    country: Option<String>,
    /// Those of nodes in this province.
    province: Option<String>,
    /// Those of nodes in this city.
    city: Option<String>,
    /// Those of nodes of this carrier.
    isp: Option<String>,
    /// Those of this class.
    #[param(required = false, schema_with = class)]
    class: Option<String>,
    /// Those with this outcome.
    #[param(required = false, schema_with = status)]
    status: Option<String>,
    /// Those at this time or later.
    since: Option<DateTime<Utc>>,
    /// Those before this time.
    until: Option<DateTime<Utc>>,
    /// The fields that are shown of each, with commas between; all if it is left out.
    #[param(example = "at,status,response_time_us")]
    fields: Option<String>,
}

/// Which roll-ups are asked for: those that fit all of this.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes parameters that are read one by one")]
pub(in crate::native) struct RollupQuery {
    /// Those of hours, or of days.
    #[param(required = false, schema_with = steps)]
    step: Option<String>,
    /// Those of this node.
    node: Option<String>,
    /// Those of this dial task.
    task: Option<String>,
    /// Those of tasks that watch this region.
    region: Option<String>,
    /// Those of nodes in this country.
    country: Option<String>,
    /// Those of nodes in this province.
    province: Option<String>,
    /// Those of nodes in this city.
    city: Option<String>,
    /// Those of nodes of this carrier.
    isp: Option<String>,
    /// Those of this class.
    #[param(required = false, schema_with = class)]
    class: Option<String>,
    /// Those of hours or days that begin at this time or later.
    since: Option<DateTime<Utc>>,
    /// Those of hours or days that end at this time or before.
    until: Option<DateTime<Utc>>,
    /// The fields that are shown of each, with commas between; all if it is left out.
    #[param(example = "starts_at,count,failures")]
    fields: Option<String>,
}

/// The classes.
pub(super) fn class() -> RefOr<Schema> {
    one_of(Class::ALL.map(Class::as_str))
}

/// The outcomes.
pub(super) fn status() -> RefOr<Schema> {
    one_of(Outcome::ALL.map(Outcome::as_str))
}

/// The steps.
pub(super) fn steps() -> RefOr<Schema> {
    one_of(Step::ALL.map(Step::as_str))
}

/// Reads the parameters that both lists have.
pub(super) fn filter(query: &mut Query) -> ResultFilter {
    let class = |text: &str| {
        let found = Class::ALL.into_iter().find(|class| class.as_str() == text);
        found.ok_or_else(|| format!("must be one of {}", Class::ALL.map(Class::as_str).join(", ")))
    };
    ResultFilter {
        enterprise: None,
        node: query.take("node", str::parse),
        task: query.take("task", str::parse),
        region: query.take("region", str::parse),
        class: query.take("class", class),
        country: query.text("country"),
        province: query.text("province"),
        city: query.text("city"),
        isp: query.text("isp"),
        outcome: None,
        since: query.time("since"),
        until: query.time("until"),
    }
}

/// Hours or days.
pub(super) fn step(text: &str) -> Result<Step, &'static str> {
    Step::ALL.into_iter().find(|step| step.as_str() == text).ok_or("must be hour or day")
}

/// One more than the page has.
pub(super) fn one_more<C>(place: &Place<C>) -> usize {
    usize::try_from(place.one_more()).unwrap_or(usize::MAX)
}

fn numbers<const N: usize>(text: &str) -> Result<[i64; N], &'static str> {
    let numbers = text.split(':').map(str::parse).collect::<Result<Vec<i64>, _>>();
    numbers.ok().and_then(|numbers| numbers.try_into().ok()).ok_or("no place in this list")
}

/// The place in the list of points that a cursor names.
pub(super) fn point_place(text: &str) -> Result<PointPlace, &'static str> {
    numbers(text).map(|[at, series, digest]| (at, series, digest))
}

/// The cursor of a place in the list of points.
pub(super) fn point_cursor((at, series, digest): PointPlace) -> String {
    format!("{at}:{series}:{digest}")
}

/// The place in the list of roll-ups that a cursor names.
pub(super) fn rollup_place(text: &str) -> Result<RollupPlace, &'static str> {
    numbers(text).map(|[number, series]| (number, series))
}

/// The cursor of a place in the list of roll-ups.
pub(super) fn rollup_cursor((number, series): RollupPlace) -> String {
    format!("{number}:{series}")
}
