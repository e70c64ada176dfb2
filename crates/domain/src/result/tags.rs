//! The tags of a point, within bounds.

use std::collections::BTreeMap;

use super::line::Line;

/// The most tags that are kept of a point.
pub const MOST_TAGS: usize = 64;
/// The longest value of a tag that is kept, in characters; the rest is cut off.
pub const LONGEST_TAG_VALUE: usize = 256;
/// The longest name of a tag that is kept, in bytes; longer ones are left out.
const LONGEST_TAG_NAME: usize = 64;
/// The most that all tags of a point have together, in bytes; what is beyond that is left out.
const LARGEST: usize = 8 * 1024;

/// The tag that tells the version of the agent.
pub const AGENT_VERSION: &str = "datakit_version";

/// What stands in a column of its own.
const ELSEWHERE: [&str; 1] = ["status"];

/// The tags of a point by their names.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct PointTags(BTreeMap<String, String>);

impl PointTags {
    /// The tags of a line, as far as they are kept. Of a name that comes twice, the first counts. Control
    /// characters in values become spaces, because PostgreSQL keeps no NUL; names with one are left out.
    #[must_use]
    pub fn of(line: &Line<'_>) -> Self {
        let (mut tags, mut size) = (BTreeMap::new(), 0);
        for (name, value) in &line.tags {
            let is_left_out = name.len() > LONGEST_TAG_NAME
                || name.contains(char::is_control)
                || ELSEWHERE.contains(&&**name);
            if is_left_out {
                continue;
            }
            let value = cut(value, LONGEST_TAG_VALUE).replace(char::is_control, " ");
            size += name.len() + value.len();
            if tags.len() == MOST_TAGS || size > LARGEST {
                break;
            }
            tags.entry(name.clone().into_owned()).or_insert(value);
        }
        Self(tags)
    }

    /// The value of a tag.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// The version of the agent that sent the point.
    #[must_use]
    pub fn agent_version(&self) -> Option<&str> {
        self.get(AGENT_VERSION)
    }

    /// Only the version of the agent: what is kept when there are too many different tags.
    #[must_use]
    pub fn version_alone(&self) -> Self {
        let version = self.0.get_key_value(AGENT_VERSION);
        Self(version.map(|(name, value)| (name.clone(), value.clone())).into_iter().collect())
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The tags in the order of their names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The tags as a JSON object.
    #[must_use]
    pub fn to_json(&self) -> String {
        // Texts by texts do not fail.
        serde_json::to_string(&self.0).unwrap_or_default()
    }

    /// What [`Self::to_json`] wrote.
    ///
    /// # Errors
    /// When it is something else.
    pub fn from_json(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text).map(Self)
    }
}

/// The first characters of a text.
pub(super) fn cut(text: &str, characters: usize) -> &str {
    text.char_indices().nth(characters).map_or(text, |(end, _)| &text[..end])
}
