//! The line protocol in which agents write points (dialing contract, section 3.5).
//!
//! Backslashes escape `,`, `=` and spaces in measurements, tags and the names of fields, and `"` and
//! `\` in texts; every other backslash is one. Line breaks may stand inside texts only. Times are
//! nanoseconds.

mod cursor;
mod print;
mod value;

use std::borrow::Cow;

use cursor::Cursor;
pub use value::{Text, Value};

/// The most lines in one body.
pub const MOST_LINES: usize = 1000;
/// The most tags, and the most fields, of one line.
pub const MOST_PAIRS: usize = 256;
/// The longest measurement, name or tag value, in bytes of the line.
pub const LONGEST_NAME: usize = 8192;

/// A point as it was written.
#[derive(Debug, Clone, PartialEq)]
pub struct Line<'a> {
    /// What was measured.
    pub measurement: Cow<'a, str>,
    /// The tags, in the order in which they stand.
    pub tags: Vec<(Cow<'a, str>, Cow<'a, str>)>,
    /// The fields, in the order in which they stand; at least one.
    pub fields: Vec<(Cow<'a, str>, Value<'a>)>,
    /// When it was measured, in nanoseconds since 1970, if that was told.
    pub at_ns: Option<i64>,
}

/// What is wrong with a line, and where. Nothing of what stands there is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {fault}")]
pub struct LineError {
    /// The line of the body, from 1.
    pub line: usize,
    /// The byte of that line, from 1.
    pub column: usize,
    /// What is wrong.
    pub fault: LineFault,
}

/// What is wrong with a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LineFault {
    /// The body is no UTF-8.
    #[error("this is no UTF-8")]
    Encoding,
    /// A measurement, or the name of a tag or a field, is empty.
    #[error("a name is missing")]
    NoName,
    /// A name is not followed by a value.
    #[error("a name is not followed by `=` and a value")]
    NoValue,
    /// A line has no field.
    #[error("a line has at least one field")]
    NoField,
    /// A text is not closed.
    #[error("a text is not closed")]
    OpenText,
    /// A value is none of the kinds that there are.
    #[error("this is no number, boolean or text")]
    Value,
    /// The time is no whole number of nanoseconds.
    #[error("the time is no whole number of nanoseconds")]
    Time,
    /// Something follows where the line ends.
    #[error("the line goes on behind its end")]
    Trailing,
    /// A name or the value of a tag is longer than [`LONGEST_NAME`].
    #[error("a name or a tag is longer than {LONGEST_NAME} bytes")]
    LongName,
    /// A line has more tags or fields than [`MOST_PAIRS`].
    #[error("a line has at most {MOST_PAIRS} tags and as many fields")]
    ManyPairs,
    /// A body has more lines than [`MOST_LINES`].
    #[error("a body has at most {MOST_LINES} lines")]
    ManyLines,
}

/// The points of a body. Empty lines, and those that begin with `#`, are passed over.
///
/// # Errors
/// The first thing that is wrong; then nothing of the body counts.
pub fn parse(body: &[u8]) -> Result<Vec<Line<'_>>, LineError> {
    Lines::of(body)?.map(|line| Ok(line?.0)).collect()
}

/// Reads the points of a body one after the other, each with the text of its line. So there is only
/// one of them in memory at a time: a line of many short tags takes ten times its length there.
///
/// Ends after the first error; then nothing of the body counts.
#[derive(Debug)]
pub struct Lines<'a> {
    text: &'a str,
    cursor: Cursor<'a>,
    /// How many more there may be; nothing when there was an error.
    left: Option<usize>,
}

impl<'a> Lines<'a> {
    /// Those of this body.
    ///
    /// # Errors
    /// That the body is no UTF-8.
    pub fn of(body: &'a [u8]) -> Result<Self, LineError> {
        let text = std::str::from_utf8(body)
            .map_err(|error| place(body, error.valid_up_to(), LineFault::Encoding))?;
        Ok(Self { text, cursor: Cursor::new(text), left: Some(MOST_LINES) })
    }

    fn read(&mut self, left: usize) -> Result<(Line<'a>, &'a str), LineFault> {
        self.left = Some(left.checked_sub(1).ok_or(LineFault::ManyLines)?);
        let start = self.cursor.at();
        let line = line(&mut self.cursor)?;
        Ok((line, self.text[start..self.cursor.at()].trim_ascii_end()))
    }
}

impl<'a> Iterator for Lines<'a> {
    type Item = Result<(Line<'a>, &'a str), LineError>;

    fn next(&mut self) -> Option<Self::Item> {
        let left = self.left?;
        if !self.cursor.skip_to_line() {
            return None;
        }
        let read = self.read(left);
        if read.is_err() {
            self.left = None;
        }
        Some(read.map_err(|fault| place(self.text.as_bytes(), self.cursor.at(), fault)))
    }
}

fn place(body: &[u8], at: usize, fault: LineFault) -> LineError {
    let before = &body[..at.min(body.len())];
    let start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
    let line = before.split(|byte| *byte == b'\n').count();
    LineError { line, column: before.len() - start + 1, fault }
}

fn line<'a>(cursor: &mut Cursor<'a>) -> Result<Line<'a>, LineFault> {
    let measurement = cursor.word(b", ")?;
    let mut tags = Vec::new();
    while cursor.take(b',') {
        within(&tags)?;
        let name = named(cursor)?;
        tags.push((name, cursor.word(b", ").map_err(no_value)?));
    }
    cursor.skip_spaces();
    if cursor.is_at_end_of_line() {
        return Err(LineFault::NoField);
    }
    let mut fields = Vec::new();
    loop {
        within(&fields)?;
        let name = named(cursor)?;
        fields.push((name, value::read(cursor)?));
        if !cursor.take(b',') {
            break;
        }
    }
    let at_ns = time(cursor)?;
    if cursor.end_line() {
        Ok(Line { measurement, tags, fields, at_ns })
    } else {
        Err(LineFault::Trailing)
    }
}

/// The name of a tag or a field, and the `=` behind it.
fn named<'a>(cursor: &mut Cursor<'a>) -> Result<Cow<'a, str>, LineFault> {
    let name = cursor.word(b"=, ")?;
    if cursor.take(b'=') { Ok(name) } else { Err(LineFault::NoValue) }
}

const fn no_value(fault: LineFault) -> LineFault {
    match fault {
        LineFault::NoName => LineFault::NoValue,
        other => other,
    }
}

const fn within<T>(pairs: &[T]) -> Result<(), LineFault> {
    if pairs.len() < MOST_PAIRS { Ok(()) } else { Err(LineFault::ManyPairs) }
}

fn time(cursor: &mut Cursor<'_>) -> Result<Option<i64>, LineFault> {
    if !cursor.skip_spaces() || cursor.is_at_end_of_line() {
        return Ok(None);
    }
    let text = cursor.plain();
    let time = text.parse().map(Some).map_err(|_| LineFault::Time)?;
    cursor.skip_spaces();
    Ok(time)
}

#[cfg(test)]
mod tests;
