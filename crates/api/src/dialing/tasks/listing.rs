//! Lists of tasks: what is asked for, and the page that answers.

use std::str::FromStr;

use actix_web::{HttpRequest, HttpResponse};
use cadastre_domain::id::{EnterpriseId, TagId};
use cadastre_domain::task::{Frequency, TaskClass, TaskClassError, TaskStatus};
use cadastre_storage::TaskFilter;
use utoipa::IntoParams;

use super::super::query::Query;
use super::super::wire::{PageInfo, page};
use super::view::TaskView;
use crate::error::Error;
use crate::service::tasks::{Page, TaskList};

/// How many tasks a page has when nothing is said.
const USUAL_SIZE: i64 = 100;

/// How many tasks a page has at most.
const LARGEST_SIZE: i64 = 1_000;

/// The last page that can be asked for.
const LAST_PAGE: i64 = 1_000_000;

/// The most characters to search for.
const LONGEST_SEARCH: usize = 256;

/// Which tasks are wanted. Lists have commas between their words.
#[derive(IntoParams)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
#[expect(dead_code, reason = "describes a query that is read name by name")]
pub(in super::super) struct ListQuery {
    /// The number of the page, from 1, which is also what is meant when nothing is said.
    #[param(minimum = 1, maximum = 1_000_000)]
    page_index: Option<i64>,
    /// How many tasks the page has at most; 100 when nothing is said.
    #[param(minimum = 1, maximum = 1_000)]
    page_size: Option<i64>,
    /// Those of this type.
    r#type: Option<String>,
    /// Those of one of these types.
    dialing_types: Option<String>,
    /// Those with one of these statuses: `ok`, `stop`.
    dialing_status: Option<String>,
    /// Those with one of these tags, by identifiers.
    #[param(rename = "tagsUUID")]
    tags_uuid: Option<String>,
    /// Those that are dialled in one of these intervals.
    frequency: Option<String>,
    /// Those whose name contains this, in upper or lower case.
    search: Option<String>,
}

/// What is wanted.
pub(super) struct Wanted {
    /// Which tasks; nothing when none can fit.
    pub filter: Option<TaskFilter>,
    /// Which page of them.
    pub page: Page,
}

/// What a query asks for.
pub(super) fn read(mut query: Query, enterprise: EnterpriseId) -> Result<Wanted, Error> {
    let index = query.number("pageIndex", 1, LAST_PAGE).unwrap_or(1);
    let size = query.number("pageSize", 1, LARGEST_SIZE).unwrap_or(USUAL_SIZE);
    let class = query.take("type", str::parse::<Kind>);
    let kinds = query.words::<Kind>("dialingTypes");
    let statuses = query.words::<TaskStatus>("dialingStatus");
    let tags = query.words::<String>("tagsUUID");
    let schedules = query.words::<Frequency>("frequency");
    let contains = query.take("search", |text| {
        let fits = text.chars().count() <= LONGEST_SEARCH;
        let text = fits.then(|| text.to_owned());
        text.ok_or_else(|| format!("must have at most {LONGEST_SEARCH} characters"))
    });
    query.finish()?;
    let filter = both(class, kinds).zip(known(&tags)).map(|(classes, tags)| TaskFilter {
        classes,
        statuses,
        tags,
        schedules: schedules.iter().map(ToString::to_string).collect(),
        contains,
        ..TaskFilter::all(enterprise)
    });
    Ok(Wanted { filter, page: Page { index, size } })
}

/// A type of tasks that the interface names.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    /// One that is served here.
    Served(TaskClass),
    /// One of which there are no tasks here.
    Other,
}

impl FromStr for Kind {
    type Err = TaskClassError;

    fn from_str(text: &str) -> Result<Self, TaskClassError> {
        let is_other = ["dns", "browser"].iter().any(|name| name.eq_ignore_ascii_case(text));
        if is_other { Ok(Self::Other) } else { text.parse().map(Self::Served) }
    }
}

/// The classes that fit both the one and the list, as far as they say anything; nothing when none
/// does.
fn both(kind: Option<Kind>, kinds: Vec<Kind>) -> Option<Vec<TaskClass>> {
    let asked = match kind {
        None => kinds,
        Some(kind) if kinds.is_empty() || kinds.contains(&kind) => vec![kind],
        Some(_) => return None,
    };
    let served = asked.iter().filter_map(|kind| match kind {
        Kind::Served(class) => Some(*class),
        Kind::Other => None,
    });
    let classes: Vec<_> = served.collect();
    (asked.is_empty() || !classes.is_empty()).then_some(classes)
}

/// Those of these tags that may be there; nothing when some were named, and none may.
fn known(named: &[String]) -> Option<Vec<String>> {
    let tags = named.iter().filter_map(|text| text.parse::<TagId>().ok());
    let tags: Vec<_> = tags.map(String::from).collect();
    (named.is_empty() || !tags.is_empty()).then_some(tags)
}

/// The answer with a page.
pub(super) fn answer(request: &HttpRequest, listed: TaskList, asked: Page) -> HttpResponse {
    let tasks: Vec<_> = listed.tasks.into_iter().map(TaskView::listed).collect();
    let info = PageInfo {
        count: tasks.len(),
        page_index: asked.index,
        page_size: asked.size,
        total_count: listed.total,
    };
    page(request, tasks, info)
}
