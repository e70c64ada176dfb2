//! Lists that can be paged, searched, counted and cut down to some fields.

use std::fmt::Display;

use serde::Serialize;
use serde_json::Value;
use utoipa::IntoParams;

use super::page::{Page, Place};
use super::query::Query;
use super::selection::Selection;
use crate::error::Error;
use crate::service::Counted;

/// What the things of a list are searched for.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes a parameter that is read elsewhere")]
pub(super) struct SearchQuery {
    /// A part of the name, in upper or lower case; of what has an alias, also of that.
    q: Option<String>,
}

/// Takes the parameter of [`SearchQuery`].
pub(super) fn search(query: &mut Query) -> Option<String> {
    query.text("q").filter(|text| !text.is_empty())
}

/// What is asked of a list, besides the place in it.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes parameters that are read one by one")]
pub(super) struct ListQuery {
    /// Whether to tell how many things there are on all pages.
    #[param(default = false)]
    total: Option<bool>,
    /// The fields that are shown of each thing, with commas between; all if it is left out.
    #[param(example = "id,name")]
    fields: Option<String>,
}

/// The fields that are shown of a single thing.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes a parameter that is read elsewhere")]
pub(super) struct FieldsQuery {
    /// The fields that are shown, with commas between; all if it is left out.
    #[param(example = "id,name")]
    fields: Option<String>,
}

/// What is asked of a list.
pub(super) struct Listing<C> {
    /// Which page.
    pub(super) place: Place<C>,
    /// Whether they are counted.
    pub(super) counted: bool,
    fields: Selection,
}

impl<C> Listing<C> {
    /// Takes the parameters of [`super::page::PageQuery`] and [`ListQuery`]. `known` are the fields.
    pub(super) fn read<E: Display>(
        query: &mut Query,
        known: &'static [&'static str],
        parse: impl FnOnce(&str) -> Result<C, E>,
    ) -> Self {
        Self {
            place: Place::read(query, parse),
            counted: query.flag("total"),
            fields: Selection::read(query, known),
        }
    }

    /// The page of these things, of which there is one more than asked for when the list goes on.
    pub(super) fn page<T, V: Serialize + From<T>>(
        &self,
        found: Counted<T>,
        cursor: impl Fn(&V) -> String,
    ) -> Result<Page<Value>, Error> {
        self.page_of(found, V::from, cursor)
    }

    /// [`Self::page`] of things that it takes more than themselves to show.
    pub(super) fn page_of<T, V: Serialize>(
        &self,
        found: Counted<T>,
        view: impl FnMut(T) -> V,
        cursor: impl Fn(&V) -> String,
    ) -> Result<Page<Value>, Error> {
        let views = found.items.into_iter().map(view).collect();
        let page = self.place.page_found(views, cursor, found.rest).with_total(found.total);
        page.try_map(|view| self.fields.of(&view))
    }
}
