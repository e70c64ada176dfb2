//! Entity tags in requests (RFC 9110, sections 8.8.3 and 13.1).

use actix_web::HttpRequest;
use actix_web::http::header::{self, HeaderName};
use sha2::{Digest as _, Sha256};

/// An entity tag.
#[derive(Debug, PartialEq, Eq)]
pub struct Tag {
    /// Whether it is a weak one.
    pub weak: bool,
    /// What stands between its quotes.
    pub opaque: String,
}

/// What stands between the quotes of the tag of what follows from these parts, each of which is
/// delimited by itself.
#[must_use]
pub fn opaque<P: AsRef<[u8]>>(parts: impl IntoIterator<Item = P>) -> String {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update(part);
    }
    let half = digest.finalize().into_iter().take(16);
    format!("{:032x}", half.fold(0_u128, |number, byte| (number << 8) | u128::from(byte)))
}

/// Whether the caller has a copy that is still good: `If-None-Match` names what stands between the
/// quotes of this tag. Of weak tags, that is compared, too.
#[must_use]
pub fn has_copy(request: &HttpRequest, opaque: &str) -> bool {
    let Some(text) = values(request, &header::IF_NONE_MATCH) else { return false };
    text.trim() == "*"
        || tags(&text).is_some_and(|tags| tags.iter().any(|tag| tag.opaque == opaque))
}

/// All values of a header as one list.
#[must_use]
pub fn values(request: &HttpRequest, name: &HeaderName) -> Option<String> {
    let values = request.headers().get_all(name);
    let texts: Vec<_> =
        values.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned()).collect();
    (!texts.is_empty()).then(|| texts.join(", "))
}

/// A list of entity tags; none when it is no such list.
#[must_use]
pub fn tags(text: &str) -> Option<Vec<Tag>> {
    let (mut tags, mut rest) = (Vec::new(), text.trim());
    while !rest.is_empty() {
        let (weak, quoted) = match rest.strip_prefix("W/") {
            Some(quoted) => (true, quoted),
            None => (false, rest),
        };
        let (opaque, after) = quoted.strip_prefix('"')?.split_once('"')?;
        tags.push(Tag { weak, opaque: opaque.to_owned() });
        let after = after.trim_start();
        rest = match after.strip_prefix(',') {
            Some(next) => next.trim_start(),
            None if after.is_empty() => "",
            None => return None,
        };
    }
    (!tags.is_empty()).then_some(tags)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn tag(weak: bool, opaque: &str) -> Tag {
        Tag { weak, opaque: opaque.to_owned() }
    }

    #[test]
    fn lists_of_tags_are_read() {
        assert_eq!(tags("\"3\""), Some(vec![tag(false, "3")]));
        assert_eq!(tags(" W/\"3\" , \"a,b\""), Some(vec![tag(true, "3"), tag(false, "a,b")]));
        for wrong in ["", "3", "\"3", "\"3\" \"4\"", "w/\"3\"", "\"3\", x"] {
            assert_eq!(tags(wrong), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in ".*") {
            let _ = tags(&text);
        }

        #[test]
        fn every_version_reads_back(version: i64) {
            let read = tags(&format!("\"{version}\"")).unwrap_or_default();
            prop_assert_eq!(read, vec![tag(false, &version.to_string())]);
        }
    }
}
