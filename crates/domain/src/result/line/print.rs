//! Lines as text.

use std::fmt::{self, Write as _};

use super::{Line, Value};

/// A word that cannot be written: it is empty, has a line break, or ends in a backslash, which would
/// escape what follows.
fn is_unwritable(word: &str) -> bool {
    word.is_empty() || word.ends_with('\\') || word.contains(['\n', '\r'])
}

impl Line<'_> {
    /// The line without a line break at its end; nothing when there is a word that cannot be
    /// written, or no field. What is written reads back as the same line.
    #[must_use]
    pub fn to_text(&self) -> Option<String> {
        let names = self.fields.iter().map(|(name, _)| name);
        let words = self.tags.iter().flat_map(|(name, value)| [name, value]).chain(names);
        let begins_a_comment = self.measurement.starts_with(['#', '\t']);
        if self.fields.is_empty()
            || begins_a_comment
            || words.chain([&self.measurement]).any(|word| is_unwritable(word))
        {
            return None;
        }
        let mut text = String::new();
        self.write(&mut text).ok()?;
        Some(text)
    }

    fn write(&self, text: &mut String) -> fmt::Result {
        write_word(text, &self.measurement);
        for (name, value) in &self.tags {
            text.push(',');
            write_word(text, name);
            text.push('=');
            write_word(text, value);
        }
        for (place, (name, value)) in self.fields.iter().enumerate() {
            text.push(if place == 0 { ' ' } else { ',' });
            write_word(text, name);
            text.push('=');
            write_value(text, value)?;
        }
        self.at_ns.map_or(Ok(()), |at| write!(text, " {at}"))
    }
}

fn write_word(text: &mut String, word: &str) {
    for c in word.chars() {
        if matches!(c, ',' | '=' | ' ') {
            text.push('\\');
        }
        text.push(c);
    }
}

fn write_value(text: &mut String, value: &Value<'_>) -> fmt::Result {
    match value {
        Value::Float(number) => write!(text, "{number}"),
        Value::Integer(number) => write!(text, "{number}i"),
        Value::Unsigned(number) => write!(text, "{number}u"),
        Value::Boolean(value) => write!(text, "{value}"),
        Value::Text(inside) => write!(text, "\"{}\"", inside.escaped()),
    }
}
