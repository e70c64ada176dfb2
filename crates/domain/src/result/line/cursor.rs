//! A place in a body, and how it moves on.

use std::borrow::Cow;

use super::{LONGEST_NAME, LineFault};

/// What a backslash escapes outside of texts.
const ESCAPED: &[u8] = b",= ";

#[derive(Debug)]
pub(super) struct Cursor<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Cursor<'a> {
    pub(super) const fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    /// The byte that comes next.
    pub(super) const fn at(&self) -> usize {
        self.at
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Moves behind this byte, if it comes next.
    pub(super) fn take(&mut self, byte: u8) -> bool {
        let is_next = self.peek() == Some(byte);
        self.at += usize::from(is_next);
        is_next
    }

    /// Moves behind spaces; whether there was any.
    pub(super) fn skip_spaces(&mut self) -> bool {
        let start = self.at;
        while self.take(b' ') {}
        self.at > start
    }

    /// Moves to the next line that holds a point; `false` when there is none.
    pub(super) fn skip_to_line(&mut self) -> bool {
        loop {
            while self.peek().is_some_and(|byte| matches!(byte, b' ' | b'\n' | b'\r' | b'\t')) {
                self.at += 1;
            }
            match self.peek() {
                None => return false,
                Some(b'#') => self.at += self.until(|byte| byte == b'\n'),
                Some(_) => return true,
            }
        }
    }

    pub(super) fn is_at_end_of_line(&self) -> bool {
        let rest = &self.text.as_bytes()[self.at..];
        matches!(rest, [] | [b'\n', ..] | [b'\r', b'\n', ..] | [b'\r'])
    }

    /// Moves behind the end of the line, if that comes next.
    pub(super) fn end_line(&mut self) -> bool {
        let ends = self.is_at_end_of_line();
        if ends {
            let _ = self.take(b'\r') | self.take(b'\n');
        }
        ends
    }

    /// How many bytes there are before one that `ends`.
    fn until(&self, ends: impl Fn(u8) -> bool) -> usize {
        let rest = &self.text.as_bytes()[self.at..];
        rest.iter().position(|byte| ends(*byte)).unwrap_or(rest.len())
    }

    /// A word that ends before an unescaped byte of `ends`, or with the line.
    pub(super) fn word(&mut self, ends: &[u8]) -> Result<Cow<'a, str>, LineFault> {
        let (start, bytes) = (self.at, self.text.as_bytes());
        let (mut end, mut is_escaped) = (start, false);
        while let Some(&byte) = bytes.get(end) {
            if byte == b'\\' && bytes.get(end + 1).is_some_and(|next| ESCAPED.contains(next)) {
                is_escaped = true;
                end += 2;
            } else if matches!(byte, b'\n' | b'\r') || ends.contains(&byte) {
                break;
            } else {
                end += 1;
            }
        }
        self.at = end;
        match end - start {
            0 => Err(LineFault::NoName),
            1..=LONGEST_NAME => Ok(unescaped(&self.text[start..end], ESCAPED, is_escaped)),
            _ => {
                self.at = start;
                Err(LineFault::LongName)
            }
        }
    }

    /// What stands before the next comma, space or end of the line.
    pub(super) fn plain(&mut self) -> &'a str {
        let start = self.at;
        self.at += self.until(|byte| matches!(byte, b',' | b' ' | b'\n' | b'\r'));
        &self.text[start..self.at]
    }

    /// The inside of a text that begins here, still escaped.
    pub(super) fn quoted(&mut self) -> Result<&'a str, LineFault> {
        let (start, bytes) = (self.at + 1, self.text.as_bytes());
        let mut end = start;
        while let Some(&byte) = bytes.get(end) {
            match byte {
                b'"' => {
                    self.at = end + 1;
                    return Ok(&self.text[start..end]);
                }
                b'\\' => end += 2,
                _ => end += 1,
            }
        }
        Err(LineFault::OpenText)
    }
}

/// A text without the backslashes before these bytes.
pub(super) fn unescaped<'a>(text: &'a str, escaped: &[u8], is_escaped: bool) -> Cow<'a, str> {
    if !is_escaped {
        return Cow::Borrowed(text);
    }
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let next = chars.peek().and_then(|next| u8::try_from(*next).ok());
        match next {
            Some(next) if c == '\\' && escaped.contains(&next) => {
                plain.push(char::from(next));
                chars.next();
            }
            _ => plain.push(c),
        }
    }
    Cow::Owned(plain)
}
