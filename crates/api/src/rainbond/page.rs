//! Pages of lists, as this face asks for them: by number and size, and nothing is wrong (contract
//! 6.5).

use actix_web::HttpRequest;
use utoipa::IntoParams;

use crate::service::Slice;

/// Which part of a list is asked for.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes parameters that are read one by one")]
pub(super) struct PageQuery {
    /// What the name or the alias must contain, in upper or lower case.
    query: Option<String>,
    /// Which page; anything below 1 is the first.
    #[param(value_type = i64, default = 1)]
    page: Option<i64>,
    /// How many things a page has. With 0 it has none, below that it has all.
    #[param(value_type = i64, default = 10)]
    page_size: Option<i64>,
}

/// Which part of a list is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Page {
    /// What is searched for, if anything.
    pub(super) query: Option<String>,
    /// The page, as asked for.
    pub(super) number: i64,
    /// Its size, as asked for.
    pub(super) size: i64,
}

impl Page {
    /// Reads the query of a request. What is no number is as if it were not there.
    pub(super) fn read(request: &HttpRequest) -> Self {
        Self::parse(request.query_string())
    }

    fn parse(query: &str) -> Self {
        let pairs: Vec<(String, String)> = serde_urlencoded::from_str(query).unwrap_or_default();
        let last =
            |name: &str| pairs.iter().rfind(|(given, _)| given == name).map(|(_, text)| text);
        let number =
            |name, usual| last(name).and_then(|text| text.trim().parse().ok()).unwrap_or(usual);
        Self {
            query: last("query").filter(|text| !text.is_empty()).cloned(),
            number: number("page", 1),
            size: number("page_size", 10),
        }
    }

    /// The part of the list.
    pub(super) fn slice(&self) -> Slice {
        if self.size < 0 {
            return Slice { offset: 0, limit: i64::MAX };
        }
        let before = self.number.max(1) - 1;
        Slice { offset: before.saturating_mul(self.size), limit: self.size }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(query: &str) -> (i64, i64, Slice) {
        let page = Page::parse(query);
        (page.number, page.size, page.slice())
    }

    #[test]
    fn a_page_is_read_as_the_original_reads_it() {
        let slice = |offset, limit| Slice { offset, limit };
        for (query, expected) in [
            ("", (1, 10, slice(0, 10))),
            ("page=3", (3, 10, slice(20, 10))),
            ("page=2&page_size=5", (2, 5, slice(5, 5))),
            ("page=0&page_size=5", (0, 5, slice(0, 5))),
            ("page=-7", (-7, 10, slice(0, 10))),
            ("page_size=0", (1, 0, slice(0, 0))),
            ("page=4&page_size=-1", (4, -1, slice(0, i64::MAX))),
            ("page=x&page_size=1.5", (1, 10, slice(0, 10))),
            ("page=+2&page_size=%202%20", (2, 2, slice(2, 2))),
            ("page=1&page=2", (2, 10, slice(10, 10))),
            ("page=9223372036854775807&page_size=9", (i64::MAX, 9, slice(i64::MAX, 9))),
            ("page=99999999999999999999", (1, 10, slice(0, 10))),
        ] {
            assert_eq!(page(query), expected, "{query}");
        }
    }

    #[test]
    fn nothing_is_searched_for_with_an_empty_text() {
        for (query, expected) in
            [("", None), ("query=", None), ("query=a%20b", Some("a b")), ("query=%00", Some("\0"))]
        {
            assert_eq!(Page::parse(query).query.as_deref(), expected, "{query}");
        }
    }
}
