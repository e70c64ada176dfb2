//! The values of fields.

use std::borrow::Cow;

use super::LineFault;
use super::cursor::{Cursor, unescaped};

/// What a backslash escapes in texts.
const ESCAPED: &[u8] = b"\"\\";

/// The value of a field.
#[derive(Debug, Clone, PartialEq)]
pub enum Value<'a> {
    /// A number, neither infinite nor NaN.
    Float(f64),
    /// A whole number, written with `i`.
    Integer(i64),
    /// A whole number that is not negative, written with `u`.
    Unsigned(u64),
    /// `t`, `true`, `f`, `false`, also with capitals.
    Boolean(bool),
    /// A text in double quotes.
    Text(Text<'a>),
}

/// A text, as it stands between its quotes. It can be long, and most are of no interest: so it is
/// not unescaped before somebody asks for it.
#[derive(Debug, Clone)]
pub struct Text<'a>(Cow<'a, str>);

impl Text<'_> {
    /// The text.
    #[must_use]
    pub fn value(&self) -> Cow<'_, str> {
        unescaped(&self.0, ESCAPED, self.0.contains('\\'))
    }

    /// As it stands between its quotes.
    pub(super) fn escaped(&self) -> &str {
        &self.0
    }
}

impl PartialEq for Text<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.value() == other.value()
    }
}

impl From<&str> for Text<'static> {
    fn from(text: &str) -> Self {
        Self(text.replace('\\', "\\\\").replace('"', "\\\"").into())
    }
}

impl Value<'_> {
    /// The value as a number, if it is one.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "no whole number that is of use is that large")]
    pub const fn number(&self) -> Option<f64> {
        match self {
            Self::Float(number) => Some(*number),
            Self::Integer(number) => Some(*number as f64),
            Self::Unsigned(number) => Some(*number as f64),
            Self::Boolean(_) | Self::Text(_) => None,
        }
    }

    /// The value as a whole number, if it is a number.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "what is out of range becomes the bound")]
    pub fn integer(&self) -> Option<i64> {
        match self {
            Self::Float(number) => Some(number.round() as i64),
            Self::Integer(number) => Some(*number),
            Self::Unsigned(number) => Some(i64::try_from(*number).unwrap_or(i64::MAX)),
            Self::Boolean(_) | Self::Text(_) => None,
        }
    }

    /// The text, if it is one.
    #[must_use]
    pub fn text(&self) -> Option<Cow<'_, str>> {
        match self {
            Self::Text(text) => Some(text.value()),
            _ => None,
        }
    }
}

/// The value that begins here.
pub(super) fn read<'a>(cursor: &mut Cursor<'a>) -> Result<Value<'a>, LineFault> {
    if cursor.peek() == Some(b'"') {
        return Ok(Value::Text(Text(Cow::Borrowed(cursor.quoted()?))));
    }
    let plain = cursor.plain();
    match plain {
        "" => Err(LineFault::NoValue),
        "t" | "T" | "true" | "True" | "TRUE" => Ok(Value::Boolean(true)),
        "f" | "F" | "false" | "False" | "FALSE" => Ok(Value::Boolean(false)),
        _ => number(plain).ok_or(LineFault::Value),
    }
}

fn number(text: &str) -> Option<Value<'static>> {
    if let Some(digits) = text.strip_suffix('i') {
        return digits.parse().ok().map(Value::Integer);
    }
    if let Some(digits) = text.strip_suffix('u') {
        return digits.parse().ok().map(Value::Unsigned);
    }
    // Also takes `inf` and `nan`, which are no values here.
    text.parse().ok().filter(|number: &f64| number.is_finite()).map(Value::Float)
}
