//! Regular expressions in the syntax of RE2, as Go has it.

mod property;
mod rewrite;

use regex_syntax::ast::parse::ParserBuilder;
use regex_syntax::ast::{self, Ast};

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
/// `\<` is a character, as are `[`, `&` and `~` in a class. Where it is more lenient, the tree is searched for
/// what Go does not have.
///
/// # Errors
/// When it cannot.
pub fn check(pattern: &str) -> Result<(), PatternError> {
    let tree = ParserBuilder::new()
        .octal(true)
        .build()
        .parse(&rewrite::for_our_parser(pattern))
        .map_err(|error| PatternError::Syntax(error.kind().to_string()))?;
    ast::visit(&tree, Foreign { counts: Vec::new() }).map_err(PatternError::Foreign)
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
                // Go takes this for a name from 1.22 on only, and agents are made with older ones.
                ast::GroupKind::CaptureName { starts_with_p: false, .. } => {
                    Err("a named group without P, which is written (?P<name>…)")
                }
                ast::GroupKind::CaptureName { name, .. } => group_name(&name.name),
                ast::GroupKind::CaptureIndex(_) => Ok(()),
            },
            Ast::Literal(literal) => character(literal),
            Ast::Assertion(assertion) => boundary(&assertion.kind),
            Ast::ClassUnicode(class) => property::check(class),
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
            ast::ClassSetItem::Unicode(class) => property::check(class),
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

#[cfg(test)]
mod tests;
