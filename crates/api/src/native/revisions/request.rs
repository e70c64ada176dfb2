//! What is asked about the versions of a region: how it is described, and how it is read.

use utoipa::IntoParams;

use super::super::query::Query;
use crate::error::{Error, FieldError, Problem};

/// Which versions to compare.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes parameters that are read one by one")]
pub(in crate::native) struct ComparisonQuery {
    /// The version that counts as before.
    from: i64,
    /// The version that counts as after.
    to: i64,
}

/// Takes which versions to compare.
pub(super) fn comparison(mut query: Query) -> Result<(i64, i64), Error> {
    let from = query.take("from", number);
    let to = query.take("to", number);
    query.finish()?;
    let missing = |name| Error::from(FieldError::new(name, Problem::Required));
    Ok((from.ok_or_else(|| missing("from"))?, to.ok_or_else(|| missing("to"))?))
}

fn number(text: &str) -> Result<i64, &'static str> {
    text.parse().map_err(|_| "must be the number of a version")
}
