//! Pages of a list: `limit` and `cursor`, and where the list goes on.

use std::fmt::Display;

use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use super::query::Query;

/// How many things a page has unless asked otherwise, and how many at most.
const LIMITS: (i64, i64) = (100, 1000);

/// One page of a list.
#[derive(Serialize, ToSchema)]
pub(super) struct Page<T> {
    items: Vec<T>,
    /// The cursor of the next page, if there is one.
    #[schema(required)]
    next: Option<String>,
}

/// Which page of a list is asked for.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes parameters that are read one by one")]
pub(super) struct PageQuery {
    /// How many things the page has at most.
    #[param(minimum = 1, maximum = 1000, default = 100)]
    limit: Option<i64>,
    /// Where the page begins: the `next` of the one before.
    cursor: Option<String>,
}

/// Which page.
pub(super) struct Place<C> {
    /// Where it begins, if not at the start.
    pub(super) cursor: Option<C>,
    /// How many things it has at most.
    pub(super) limit: i64,
}

impl<C> Place<C> {
    /// Takes `limit` and `cursor`.
    pub(super) fn read<E: Display>(
        query: &mut Query,
        parse: impl FnOnce(&str) -> Result<C, E>,
    ) -> Self {
        let (usual, most) = LIMITS;
        let wanted = || format!("must be a number from 1 to {most}");
        let limit = query.take("limit", |text| {
            text.parse().ok().filter(|limit| (1..=most).contains(limit)).ok_or_else(wanted)
        });
        let cursor = query
            .take("cursor", |text| parse(text).map_err(|_| "must be the `next` of another page"));
        Self { cursor, limit: limit.unwrap_or(usual) }
    }

    /// One more than the page has: whether it is there tells whether the list goes on.
    pub(super) const fn one_more(&self) -> i64 {
        self.limit + 1
    }

    /// The page of these things, of which there is [`Self::one_more`] when the list goes on.
    pub(super) fn page<T>(&self, mut items: Vec<T>, cursor: impl Fn(&T) -> String) -> Page<T> {
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let goes_on = items.len() > limit;
        items.truncate(limit);
        let next = if goes_on { items.last().map(cursor) } else { None };
        Page { items, next }
    }
}
