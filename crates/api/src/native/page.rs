//! Pages of a list: `limit` and `cursor`, and where the list goes on.

use std::fmt::Display;

use actix_web::web::Bytes;
use cadastre_storage::Total;
use serde::Serialize;
use sha2::{Digest as _, Sha256};
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
    /// How many things there are on all pages, when it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    total: Option<i64>,
    /// False when there are more things than `total` says: so many rows had to be looked at that the
    /// counting ended. Otherwise it is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    total_is_exact: Option<bool>,
}

impl<T> Page<T> {
    /// With the number of things on all pages.
    pub(super) fn with_total(self, total: Option<Total>) -> Self {
        let total_is_exact = total.filter(|total| !total.is_exact).map(|total| total.is_exact);
        Self { total: total.map(|total| total.count), total_is_exact, ..self }
    }

    /// With other things in the place of these.
    pub(super) fn try_map<U, E>(self, change: impl FnMut(T) -> Result<U, E>) -> Result<Page<U>, E> {
        let items = self.items.into_iter().map(change).collect::<Result<_, _>>()?;
        let Self { next, total, total_is_exact, .. } = self;
        Ok(Page { items, next, total, total_is_exact })
    }
}

/// The page of things whose bodies are there already, the last of which is in the place `next`.
pub(super) fn joined(items: &[Bytes], next: Option<&str>, total: Option<Total>) -> Bytes {
    let size = items.iter().map(|item| item.len() + 1).sum::<usize>() + 100;
    let mut page = Vec::with_capacity(size);
    page.extend_from_slice(b"{\"items\":[");
    for (number, item) in items.iter().enumerate() {
        if number > 0 {
            page.push(b',');
        }
        page.extend_from_slice(item);
    }
    let next = next.map_or_else(|| "null".to_owned(), |next| format!("\"{}\"", checked(next)));
    let total = total.map_or_else(String::new, |Total { count, is_exact }| {
        let part = if is_exact { "" } else { ",\"total_is_exact\":false" };
        format!(",\"total\":{count}{part}")
    });
    page.extend_from_slice(format!("],\"next\":{next}{total}}}").as_bytes());
    page.into()
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
        let cursor = query.take("cursor", |text| {
            let place = unchecked(text).and_then(|place| parse(place).ok());
            place.ok_or("must be the `next` of another page")
        });
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
        let next = next.map(|place| checked(&place));
        Page { items, next, total: None, total_is_exact: None }
    }

    /// The page of these things, of which there is [`Self::one_more`] when the list goes on behind
    /// the page; a list that goes on without one does so behind `rest`.
    pub(super) fn page_found<T>(
        &self,
        items: Vec<T>,
        cursor: impl Fn(&T) -> String,
        rest: Option<String>,
    ) -> Page<T> {
        let page = self.page(items, cursor);
        Page { next: page.next.or_else(|| rest.map(|place| checked(&place))), ..page }
    }
}

/// A place in a list as a cursor, with a check by which a damaged one is noticed. That is no secret:
/// whoever makes up a cursor sees no more than whoever pages on.
fn checked(place: &str) -> String {
    format!("{place}.{}", check(place))
}

/// The place that a cursor names, if it is one.
fn unchecked(cursor: &str) -> Option<&str> {
    let (place, given) = cursor.rsplit_once('.')?;
    (check(place) == given).then_some(place)
}

fn check(place: &str) -> String {
    let digest = Sha256::new().chain_update("cadastre cursor\n").chain_update(place).finalize();
    let part = digest.into_iter().take(4);
    format!("{:08x}", part.fold(0_u32, |number, byte| (number << 8) | u32::from(byte)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    proptest! {
        #[test]
        fn every_place_reads_back_and_no_damaged_cursor_does(
            place in "[0-9a-z.:-]{0,40}", damage in "[0-9a-z.]", at in 0_usize..60,
        ) {
            let cursor = checked(&place);
            prop_assert_eq!(unchecked(&cursor), Some(place.as_str()));
            let at = at % cursor.len();
            let mut damaged = cursor.clone();
            damaged.replace_range(at..=at, &damage);
            prop_assert_eq!(unchecked(&damaged).is_some(), damaged == cursor);
        }

        #[test]
        fn no_text_panics(text in ".*") {
            let _ = unchecked(&text);
        }
    }

    #[test]
    fn a_page_that_is_joined_is_the_page_that_is_written() {
        for items in [vec![], vec![json!({"a": 1})], vec![json!("x"), json!(2)]] {
            let part = Total { count: 7, is_exact: false };
            for (next, total) in
                [(None, None), (Some("id".to_owned()), Some(Total::exact(7))), (None, Some(part))]
            {
                let bodies: Vec<_> = items.iter().map(|item| item.to_string().into()).collect();
                let joined = joined(&bodies, next.as_deref(), total);
                let next = next.map(|next: String| checked(&next));
                let (items, none) = (items.clone(), None);
                let page = Page { items, next, total: none, total_is_exact: None };
                let page = page.with_total(total);
                assert_eq!(joined, serde_json::to_string(&page).unwrap_or_default());
            }
        }
    }
}
