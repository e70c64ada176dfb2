//! The query of a request, read as the original does: what makes no sense is as if it were not
//! there, and of a parameter that is given twice the last counts.

use actix_web::HttpRequest;

/// The parameters of a query.
#[derive(Debug)]
pub(super) struct Query {
    pairs: Vec<(String, String)>,
}

impl Query {
    /// Those of this request.
    pub(super) fn of(request: &HttpRequest) -> Self {
        Self::read(request.query_string())
    }

    fn read(text: &str) -> Self {
        Self { pairs: serde_urlencoded::from_str(text).unwrap_or_default() }
    }

    /// The text of a parameter; empty when it is not there.
    pub(super) fn text(&self, name: &str) -> &str {
        let found = self.pairs.iter().rfind(|(known, _)| known == name);
        found.map_or("", |(_, text)| text)
    }

    /// Whether a parameter is exactly `true`.
    pub(super) fn is_true(&self, name: &str) -> bool {
        self.text(name) == "true"
    }

    /// A whole number that is at least `least`, or else what stands for it.
    pub(super) fn number(&self, name: &str, least: usize, otherwise: usize) -> usize {
        let number = self.text(name).trim().parse().ok();
        number.filter(|number| *number >= least).unwrap_or(otherwise)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_makes_no_sense_is_as_if_it_were_not_there() {
        for (text, number) in [
            ("", 7),
            ("n", 7),
            ("n=", 7),
            ("n=x", 7),
            ("n=-1", 7),
            ("n=0", 7),
            ("n=1.5", 7),
            ("n=99999999999999999999999", 7),
            ("N=3", 7),
            ("n=3", 3),
            ("n=%203%20", 3),
            ("n=+3", 3),
            ("n=2&n=3", 3),
            ("n=3&n=x", 7),
        ] {
            assert_eq!(Query::read(text).number("n", 1, 7), number, "{text}");
        }
        assert_eq!(Query::read("n=0").number("n", 0, 7), 0);
    }

    #[test]
    fn only_true_is_true() {
        for (text, expected) in [
            ("f=true", true),
            ("f=True", false),
            ("f=1", false),
            ("f", false),
            ("f=true&f=", false),
        ] {
            assert_eq!(Query::read(text).is_true("f"), expected, "{text}");
        }
    }

    #[test]
    fn text_is_decoded() {
        for (text, expected) in
            [("q=a%20b+c", "a b c"), ("q=%E5%8C%BA", "区"), ("q=%ff", "\u{fffd}"), ("q=%zz", "%zz")]
        {
            assert_eq!(Query::read(text).text("q"), expected, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_query_panics(text in ".*") {
            let _ = Query::read(&text).number("n", 1, 7);
        }
    }
}
