//! Free text with limits, which are counted in characters (Unicode scalar values), not bytes.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

/// Text of `MIN` to `MAX` characters that may have several lines, but no NUL.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Text<const MIN: usize, const MAX: usize>(String);

/// Text of `MIN` to `MAX` characters on one line: no control character at all.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Line<const MIN: usize, const MAX: usize>(String);

/// Why a text is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// Shorter than the lower limit, which stands here.
    #[error("must have at least {0} characters")]
    TooShort(usize),
    /// Longer than the upper limit, which stands here.
    #[error("must have at most {0} characters")]
    TooLong(usize),
    /// Holds a character that is not allowed here.
    #[error("must not contain {0:?}")]
    Char(char),
}

/// The beginning of `text` that takes at most `most` bytes inside of a JSON string, and `…` where
/// that is not all of it. What a caller wrote is repeated to him only so far.
#[must_use]
pub fn excerpt(text: &str, most: usize) -> Cow<'_, str> {
    const SIGN: char = '…';
    let size = |c: char| match c {
        '"' | '\\' | '\n' | '\r' | '\t' | '\u{8}' | '\u{c}' => 2,
        '\0'..='\u{1f}' => 6,
        c => c.len_utf8(),
    };
    let room = most.saturating_sub(SIGN.len_utf8());
    let (mut used, mut cut) = (0, 0);
    for (place, c) in text.char_indices() {
        used += size(c);
        if used > most {
            return Cow::Owned(format!("{}{SIGN}", &text[..cut]));
        }
        if used <= room {
            cut = place + c.len_utf8();
        }
    }
    Cow::Borrowed(text)
}

/// Checks `text` against limits in characters and a set of forbidden ones.
fn check(text: &str, min: usize, max: usize, forbidden: fn(char) -> bool) -> Result<(), TextError> {
    let length = text.chars().count();
    if length > max {
        return Err(TextError::TooLong(max));
    }
    if length < min {
        return Err(TextError::TooShort(min));
    }
    text.chars().find(|&c| forbidden(c)).map_or(Ok(()), |c| Err(TextError::Char(c)))
}

impl<const MIN: usize, const MAX: usize> TryFrom<String> for Text<MIN, MAX> {
    type Error = TextError;

    fn try_from(text: String) -> Result<Self, TextError> {
        check(&text, MIN, MAX, |c| c == '\0')?;
        Ok(Self(text))
    }
}

impl<const MIN: usize, const MAX: usize> TryFrom<String> for Line<MIN, MAX> {
    type Error = TextError;

    fn try_from(text: String) -> Result<Self, TextError> {
        check(&text, MIN, MAX, char::is_control)?;
        Ok(Self(text))
    }
}

impl<const MIN: usize, const MAX: usize> From<Text<MIN, MAX>> for String {
    fn from(text: Text<MIN, MAX>) -> Self {
        text.0
    }
}

impl<const MIN: usize, const MAX: usize> From<Line<MIN, MAX>> for String {
    fn from(line: Line<MIN, MAX>) -> Self {
        line.0
    }
}

impl<const MIN: usize, const MAX: usize> AsRef<str> for Text<MIN, MAX> {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl<const MIN: usize, const MAX: usize> AsRef<str> for Line<MIN, MAX> {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

/// The empty text, where it is allowed.
impl<const MAX: usize> Default for Text<0, MAX> {
    fn default() -> Self {
        Self(String::new())
    }
}

/// The empty line, where it is allowed.
impl<const MAX: usize> Default for Line<0, MAX> {
    fn default() -> Self {
        Self(String::new())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn both_limits_are_inclusive_and_count_characters() {
        let text = |s: &str| Text::<1, 3>::try_from(s.to_owned()).map(String::from);
        assert_eq!(text(""), Err(TextError::TooShort(1)));
        assert_eq!(text("a"), Ok("a".to_owned()));
        assert_eq!(text("集群名"), Ok("集群名".to_owned()));
        assert_eq!(text("abcd"), Err(TextError::TooLong(3)));
        assert_eq!(text("a\0"), Err(TextError::Char('\0')));
        assert_eq!(text("a\n"), Ok("a\n".to_owned()));
    }

    #[test]
    fn an_excerpt_takes_as_many_bytes_of_json_as_it_may_and_no_more() {
        for (text, most, expected) in [
            ("", 0, ""),
            ("abcdef", 6, "abcdef"),
            ("abcdefg", 6, "abc…"),
            ("区区区", 9, "区区区"),
            ("区区区区", 9, "区区…"),
            ("\0\0", 12, "\0\0"),
            ("\0\0\0", 12, "\0…"),
            ("\"\"\"\"", 7, "\"\"…"),
        ] {
            let found = excerpt(text, most);
            assert_eq!(found, expected);
            let json = serde_json::to_string(&found).expect("a string");
            assert!(json.len() <= most + 2, "{json}");
        }
    }

    #[test]
    fn a_line_has_no_control_character() {
        let line = |s: &str| Line::<0, 3>::try_from(s.to_owned()).map(String::from);
        assert_eq!(line(""), Ok(String::new()));
        for c in ['\0', '\n', '\r', '\t', '\u{7f}', '\u{85}'] {
            assert_eq!(line(&c.to_string()), Err(TextError::Char(c)));
        }
    }

    proptest! {
        #[test]
        fn what_parses_prints_back_the_same(text in ".{0,40}") {
            if let Ok(parsed) = Text::<1, 32>::try_from(text.clone()) {
                prop_assert_eq!(String::from(parsed), text.clone());
            }
            if let Ok(parsed) = Line::<1, 32>::try_from(text.clone()) {
                prop_assert_eq!(String::from(parsed), text);
            }
        }
    }
}
