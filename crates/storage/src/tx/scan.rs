//! Lists and counts that look at a bounded number of rows.

/// How many rows a list with a filter, or a count, looks at. On both databases that takes some ten
/// milliseconds.
pub const MOST_SCANNED: usize = 20_000;

/// What a bounded search found. It may find less than was asked for, even nothing, and go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found<T, P> {
    /// The things.
    pub items: Vec<T>,
    /// Where to go on; nothing when all was looked at.
    pub rest: Option<P>,
}

impl<T, P> Found<T, P> {
    /// The things of a list that ends when it has as many as were asked for.
    #[must_use]
    pub const fn whole(items: Vec<T>) -> Self {
        Self { items, rest: None }
    }

    /// With other things in the place of these.
    #[must_use]
    pub fn map<U>(self, change: impl FnMut(T) -> U) -> Found<U, P> {
        Found { items: self.items.into_iter().map(change).collect(), rest: self.rest }
    }
}

/// How many things there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Total {
    /// How many were counted.
    pub count: i64,
    /// Whether that is all. If not, [`MOST_SCANNED`] rows were looked at, and there are more.
    pub is_exact: bool,
}

impl Total {
    /// A number that is known.
    #[must_use]
    pub const fn exact(count: i64) -> Self {
        Self { count, is_exact: true }
    }
}
