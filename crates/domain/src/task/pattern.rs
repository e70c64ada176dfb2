//! Regular expressions in the syntax of RE2, as Go has it.

use regex_syntax::ast::parse::ParserBuilder;
use regex_syntax::ast::{self, Ast};
use regex_syntax::hir::translate::Translator;

/// Why the agent would not understand a regular expression.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// It is none at all, for this reason.
    #[error("is no regular expression: {0}")]
    Syntax(String),
    /// It uses something that RE2 does not have.
    #[error("is no regular expression in RE2 syntax: {0}")]
    Foreign(&'static str),
}

/// The most repetitions that RE2 counts, those of a repetition inside of another multiplied.
const MOST_REPETITIONS: u32 = 1_000;

/// Checks that the agent, which is written in Go, can compile `pattern`.
///
/// Read by the parser of the `regex` family, whose syntax comes from RE2. Where it is stricter than
/// Go, the text is rewritten first: a brace that counts nothing is a character, `\Q…\E` quotes, and
/// in a class `[`, `&` and `~` are characters. Where it is more lenient, the tree is searched for
/// what Go does not have.
///
/// # Errors
/// When it cannot.
pub fn check(pattern: &str) -> Result<(), PatternError> {
    let rewritten = rewrite(pattern);
    let syntax = |kind: String| PatternError::Syntax(kind);
    let tree = ParserBuilder::new()
        .octal(true)
        .build()
        .parse(&rewritten)
        .map_err(|error| syntax(error.kind().to_string()))?;
    ast::visit(&tree, Foreign { counts: Vec::new() }).map_err(PatternError::Foreign)?;
    Translator::new()
        .translate(&rewritten, &tree)
        .map_err(|error| syntax(error.kind().to_string()))?;
    Ok(())
}

/// The pattern in a spelling that means the same to both parsers.
fn rewrite(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len());
    let mut rest = pattern;
    while let Some(c) = rest.chars().next() {
        let behind = &rest[c.len_utf8()..];
        rest = match c {
            '\\' if behind.starts_with('Q') => {
                let (quoted, after) = behind[1..].split_once("\\E").unwrap_or((&behind[1..], ""));
                out.push_str(&regex_syntax::escape(quoted));
                after
            }
            '\\' => {
                let length = behind.chars().next().map_or(0, char::len_utf8);
                // The braces of `\x{…}` and `\p{…}` belong to the escape.
                let braces = behind[length..].starts_with('{')
                    && behind.starts_with(['x', 'p', 'P', 'u', 'U', 'b', 'B']);
                let brace =
                    if braces { behind.find('}').map_or(length, |end| end + 1) } else { length };
                out.push('\\');
                out.push_str(&behind[..brace]);
                &behind[brace..]
            }
            '[' => class(behind, &mut out),
            '{' if !counts(behind) => {
                out.push_str("\\{");
                behind
            }
            c => {
                out.push(c);
                behind
            }
        };
    }
    out
}

/// Whether this, behind an opening brace, is a count: `n}`, `n,}` or `n,m}`.
fn counts(behind: &str) -> bool {
    let Some((count, _)) = behind.split_once('}') else { return false };
    let number = |text: &str| !text.is_empty() && text.bytes().all(|c| c.is_ascii_digit());
    match count.split_once(',') {
        None => number(count),
        Some((least, most)) => number(least) && (most.is_empty() || number(most)),
    }
}

/// Rewrites the class that begins behind its bracket, and tells what stands behind it.
fn class<'a>(inner: &'a str, out: &mut String) -> &'a str {
    out.push('[');
    let mut rest = inner;
    if let Some(after) = rest.strip_prefix('^') {
        out.push('^');
        rest = after;
    }
    if let Some(after) = rest.strip_prefix(']') {
        out.push_str("\\]");
        rest = after;
    }
    while let Some(c) = rest.chars().next() {
        let behind = &rest[c.len_utf8()..];
        let named = behind.strip_prefix(':').and_then(|name| name.split_once(":]"));
        match (c, named) {
            (']', _) => {
                out.push(c);
                return behind;
            }
            ('[', Some((name, after)))
                if name.chars().all(|c| c.is_ascii_lowercase() || c == '^') =>
            {
                out.push_str("[:");
                out.push_str(name);
                out.push_str(":]");
                rest = after;
                continue;
            }
            ('\\', _) => {
                let length = behind.chars().next().map_or(0, char::len_utf8);
                out.push(c);
                out.push_str(&behind[..length]);
                rest = &behind[length..];
                continue;
            }
            ('[' | '&' | '~', _) => out.push('\\'),
            _ => {}
        }
        out.push(c);
        rest = behind;
    }
    rest
}

/// Searches a tree for what Go does not have.
struct Foreign {
    /// How often what is being visited may be repeated by each repetition around it.
    counts: Vec<u32>,
}

impl ast::Visitor for Foreign {
    type Output = ();
    type Err = &'static str;

    fn finish(self) -> Result<(), &'static str> {
        Ok(())
    }

    fn visit_pre(&mut self, tree: &Ast) -> Result<(), &'static str> {
        match tree {
            Ast::Flags(set) => flags(&set.flags),
            Ast::Group(group) => match &group.kind {
                ast::GroupKind::NonCapturing(set) => flags(set),
                ast::GroupKind::CaptureName { name, .. } => group_name(&name.name),
                ast::GroupKind::CaptureIndex(_) => Ok(()),
            },
            Ast::Literal(literal) => character(literal),
            Ast::Assertion(assertion) => boundary(&assertion.kind),
            Ast::ClassUnicode(class) => property(class),
            Ast::Repetition(repetition) => self.enter(repetition),
            _ => Ok(()),
        }
    }

    fn visit_post(&mut self, tree: &Ast) -> Result<(), &'static str> {
        if matches!(tree, Ast::Repetition(_)) {
            self.counts.pop();
        }
        Ok(())
    }

    fn visit_class_set_item_pre(&mut self, item: &ast::ClassSetItem) -> Result<(), &'static str> {
        match item {
            ast::ClassSetItem::Literal(literal) => character(literal),
            ast::ClassSetItem::Range(range) => {
                character(&range.start).and_then(|()| character(&range.end))
            }
            ast::ClassSetItem::Unicode(class) => property(class),
            ast::ClassSetItem::Bracketed(_) => Err("a class inside of a class"),
            _ => Ok(()),
        }
    }

    fn visit_class_set_binary_op_pre(
        &mut self,
        _: &ast::ClassSetBinaryOp,
    ) -> Result<(), &'static str> {
        Err("an operation on classes")
    }
}

impl Foreign {
    fn enter(&mut self, repetition: &ast::Repetition) -> Result<(), &'static str> {
        use ast::{RepetitionKind as Kind, RepetitionRange as Range};
        if matches!(*repetition.ast, Ast::Repetition(_)) {
            return Err("a repetition directly behind another");
        }
        let count = match &repetition.op.kind {
            Kind::Range(Range::Exactly(n) | Range::AtLeast(n)) => *n,
            Kind::Range(Range::Bounded(_, most)) => *most,
            Kind::ZeroOrOne | Kind::ZeroOrMore | Kind::OneOrMore => 1,
        };
        self.counts.push(count.max(1));
        let product = self.counts.iter().fold(1_u32, |all, count| all.saturating_mul(*count));
        if product > MOST_REPETITIONS { Err("more than 1000 repetitions") } else { Ok(()) }
    }
}

fn flags(set: &ast::Flags) -> Result<(), &'static str> {
    let foreign = set.items.iter().any(|item| {
        matches!(
            item.kind,
            ast::FlagsItemKind::Flag(
                ast::Flag::Unicode | ast::Flag::CRLF | ast::Flag::IgnoreWhitespace
            )
        )
    });
    if foreign { Err("a flag other than i, m, s and U") } else { Ok(()) }
}

fn group_name(name: &str) -> Result<(), &'static str> {
    if name.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'_') {
        Ok(())
    } else {
        Err("a group name with other characters than 0-9, A-Z, a-z and _")
    }
}

fn character(literal: &ast::Literal) -> Result<(), &'static str> {
    use ast::{HexLiteralKind as Hex, LiteralKind as Kind};
    let length = literal.span.end.offset - literal.span.start.offset;
    match literal.kind {
        // One octal digit other than 0 refers to a group in other dialects.
        Kind::Octal if length == 2 && literal.c != '\0' => Err("a reference to a group"),
        Kind::HexFixed(Hex::UnicodeShort | Hex::UnicodeLong)
        | Kind::HexBrace(Hex::UnicodeShort | Hex::UnicodeLong) => Err("\\u or \\U"),
        _ => Ok(()),
    }
}

fn boundary(kind: &ast::AssertionKind) -> Result<(), &'static str> {
    use ast::AssertionKind as Kind;
    match kind {
        Kind::StartLine
        | Kind::EndLine
        | Kind::StartText
        | Kind::EndText
        | Kind::WordBoundary
        | Kind::NotWordBoundary => Ok(()),
        _ => Err("a half boundary of a word"),
    }
}

/// A negation inside of the braces is Go's own and is refused: `\P{…}` says the same.
///
/// Go takes one letter, or in braces the name of a general category of one or two letters or of a
/// script, spelled as in the Unicode tables.
fn property(class: &ast::ClassUnicode) -> Result<(), &'static str> {
    match &class.kind {
        ast::ClassUnicodeKind::OneLetter(_) => Ok(()),
        ast::ClassUnicodeKind::Named(name) => {
            let letters = name.bytes().all(|c| c.is_ascii_alphabetic() || c == b'_');
            let spelled = name.starts_with(|c: char| c.is_ascii_uppercase())
                && !name[1..].starts_with(|c: char| c.is_ascii_uppercase());
            let long = ["Letter", "Number", "Mark", "Punctuation", "Symbol", "Separator", "Other"];
            if letters && spelled && !long.contains(&name.as_str()) {
                Ok(())
            } else {
                Err("a property that is no category and no script")
            }
        }
        ast::ClassUnicodeKind::NamedValue { .. } => Err("a property with a value"),
    }
}

#[cfg(test)]
mod tests;
