//! Which regions to list.

use std::collections::BTreeMap;

use cadastre_domain::region::{Labels, Scope, Status};
use chrono::{DateTime, Utc};
use utoipa::IntoParams;

use super::super::query::Query;
use super::view;
use crate::service::regions::reading::Filter;

/// Which regions are asked for: those that fit all of this.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes parameters that are read one by one")]
pub(in crate::native) struct RegionQuery {
    /// Those in this status.
    #[param(required = false, schema_with = view::status)]
    status: Option<String>,
    /// Those with this scope.
    #[param(required = false, schema_with = view::scope)]
    scope: Option<String>,
    /// Those with this label: a key, or a key and a value as `zone=east`. May be given several
    /// times, up to 64; all must be there.
    #[param(example = json!(["zone=east"]))]
    label: Option<Vec<String>>,
    /// Those whose name or alias contains this, in upper or lower case.
    q: Option<String>,
    /// Those that depend on a certificate that expires before this time.
    expires_before: Option<DateTime<Utc>>,
    /// Whether to count how many there are on all pages.
    #[param(default = false)]
    total: Option<bool>,
    /// The fields to show, with commas between; all if it is left out.
    #[param(example = "id,name,status")]
    fields: Option<String>,
}

/// Reads the parameters that say which.
pub(super) fn filter(query: &mut Query) -> Filter {
    Filter {
        status: query.take("status", str::parse::<Status>),
        scope: query.take("scope", |text| Scope::try_from(text.to_owned())),
        labels: query.each("label", Labels::MOST, label),
        contains: query.text("q").map(|text| text.to_lowercase()),
        expires_before: query.time("expires_before"),
    }
}

/// A key that labels may have, and the value that stands behind it.
fn label(text: &str) -> Result<(String, Option<String>), String> {
    let (key, value) = text.split_once('=').map_or((text, None), |(key, value)| (key, Some(value)));
    let (key, value) = (key.to_owned(), value.map(str::to_owned));
    let label = BTreeMap::from([(key.clone(), value.clone().unwrap_or_default())]);
    Labels::try_from(label).map(|_| (key, value)).map_err(|error| error.to_string())
}
