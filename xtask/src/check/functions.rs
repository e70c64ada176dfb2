//! Finds functions and their lengths in formatted Rust text.
//!
//! No parser is needed: where rustfmt has been, a body that begins on a line ends on the first
//! line that is nothing but a closing brace at the same indentation.

/// A function with a body of more than one line.
#[derive(Debug, PartialEq, Eq)]
pub struct Function<'a> {
    /// Its name.
    pub name: &'a str,
    /// The line of its `fn`, from 1.
    pub line: usize,
    /// How many lines there are between its braces.
    pub body: usize,
}

/// The functions of a file outside its test modules.
pub fn functions(text: &str) -> Vec<Function<'_>> {
    let lines: Vec<&str> = text.lines().collect();
    let mut found = Vec::new();
    let mut at = 0;
    while at < lines.len() {
        if lines[at].trim_start().starts_with("#[cfg(test)]") {
            at = end_of_item(&lines, at + 1);
        } else if let Some(name) = name(lines[at])
            && let Some((open, close)) = body(&lines, at)
        {
            found.push(Function { name, line: at + 1, body: close - open - 1 });
        }
        at += 1;
    }
    found
}

/// The name of the function that begins on this line.
fn name(line: &str) -> Option<&str> {
    let (before, after) = match line.trim_start().strip_prefix("fn ") {
        Some(after) => ("", after),
        None => line.split_once(" fn ")?,
    };
    let is_modifier = |word: &str| {
        matches!(word, "pub" | "const" | "async" | "unsafe" | "extern" | "\"C\"")
            || word.starts_with("pub(")
            || word.ends_with(')')
    };
    let name = after.split(['(', '<']).next()?;
    before.split_whitespace().all(is_modifier).then_some(name)
}

/// The lines of the opening and the closing brace of the item that begins at a line.
fn body(lines: &[&str], start: usize) -> Option<(usize, usize)> {
    let ends = |line: &str| [';', '}', '{'].iter().any(|end| line.ends_with(*end));
    let open = (start..lines.len()).find(|at| ends(lines[*at]))?;
    if !lines[open].ends_with('{') {
        return None;
    }
    let indentation = lines[start].len() - lines[start].trim_start().len();
    let brace = format!("{}}}", &lines[start][..indentation]);
    let close = (open + 1..lines.len()).find(|at| lines[*at] == brace)?;
    Some((open, close))
}

/// The last line of the item that begins at or after a line, its attributes included.
fn end_of_item(lines: &[&str], start: usize) -> usize {
    let is_attribute = |line: &str| line.trim_start().starts_with("#[");
    let item = (start..lines.len()).find(|at| !is_attribute(lines[*at])).unwrap_or(start);
    if item >= lines.len() {
        return item;
    }
    body(lines, item).map_or(item, |(_, close)| close)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lengths(text: &str) -> Vec<(&str, usize, usize)> {
        functions(text).iter().map(|f| (f.name, f.line, f.body)).collect()
    }

    #[test]
    fn bodies_are_measured_between_their_braces() {
        let text = "\
fn plain() {
    one();
    if two {
        three();
    }
}

impl Thing {
    pub(crate) async fn method<'a>(
        &self,
        other: &'a str,
    ) -> Result<(), Error>
    where
        Self: Sized,
    {
        fn inside() {
            four();
        }
    }
}
";
        assert_eq!(lengths(text), [("plain", 1, 4), ("method", 9, 3), ("inside", 16, 1)]);
    }

    #[test]
    fn what_has_no_body_is_left_out() {
        let text = "\
trait Thing {
    fn declared(&self);
    fn declared_at_length(
        &self,
        a_number: u32,
    ) -> u32;
    fn empty(&self) {}
}

// This fn is only talked about {
type Callback = fn (u32);
";
        assert_eq!(lengths(text), []);
    }

    #[test]
    fn test_modules_are_left_out() {
        let text = "\
#[cfg(test)]
mod tests;

#[cfg(test)]
#[expect(clippy::unwrap_used)]
mod more {
    fn story() {
        once();
    }
}

const fn after() {
    upon();
}
";
        assert_eq!(lengths(text), [("after", 12, 1)]);
    }
}
