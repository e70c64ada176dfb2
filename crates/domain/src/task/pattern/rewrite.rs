//! A pattern for Go in the spelling of the parser that reads it here.

/// How far the end of the braces of `\x{…}` and `\p{…}` is looked for. To search the whole rest for
/// each of them would take a time that grows with the square of the length.
const LONGEST_IN_BRACES: usize = 256;

/// The pattern in a spelling that means here what the original means to Go.
pub(super) fn for_our_parser(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len());
    let mut rest = pattern;
    while let Some(c) = rest.chars().next() {
        let behind = &rest[c.len_utf8()..];
        rest = match c {
            '\\' => escape(behind, &mut out),
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

/// Rewrites what follows a backslash outside of a class, and tells what stands behind it.
fn escape<'a>(escaped: &'a str, out: &mut String) -> &'a str {
    if let Some(quoted) = escaped.strip_prefix('Q') {
        let (quoted, behind) = quoted.split_once("\\E").unwrap_or((quoted, ""));
        out.push_str(&regex_syntax::escape(quoted));
        return behind;
    }
    let behind = character(escaped, out);
    // The braces of `\x{…}` and `\p{…}` belong to the escape.
    let braces =
        behind.starts_with('{') && escaped.starts_with(['x', 'p', 'P', 'u', 'U', 'b', 'B']);
    let mut near = behind.bytes().take(LONGEST_IN_BRACES);
    let end = if braces { near.position(|c| c == b'}').map_or(0, |end| end + 1) } else { 0 };
    out.push_str(&behind[..end]);
    &behind[end..]
}

/// Writes the one character that is escaped, which for Go stands for itself if it is `<` or `>`.
fn character<'a>(escaped: &'a str, out: &mut String) -> &'a str {
    let (one, behind) = escaped.split_at(escaped.chars().next().map_or(0, char::len_utf8));
    if !matches!(one, "<" | ">") {
        out.push('\\');
    }
    out.push_str(one);
    behind
}

/// Whether this, behind an opening brace, is a count: `n}`, `n,}` or `n,m}`.
fn counts(behind: &str) -> bool {
    let number = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let least = number(behind);
    let rest = &behind[least..];
    let rest = rest.strip_prefix(',').map_or(rest, |most| &most[number(most)..]);
    least > 0 && rest.starts_with('}')
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
        match c {
            ']' => {
                out.push(c);
                return behind;
            }
            '\\' => rest = character(behind, out),
            '[' => rest = bracket(behind, out),
            c => {
                if matches!(c, '&' | '~') {
                    out.push('\\');
                }
                out.push(c);
                rest = behind;
            }
        }
    }
    rest
}

/// Rewrites a bracket inside of a class: that of `[:alpha:]` or one that stands for itself.
fn bracket<'a>(behind: &'a str, out: &mut String) -> &'a str {
    let named = behind.strip_prefix(':').and_then(|name| {
        let length = name.bytes().take_while(|c| c.is_ascii_lowercase() || *c == b'^').count();
        let (name, after) = name.split_at(length);
        Some((name, after.strip_prefix(":]")?))
    });
    if let Some((name, after)) = named {
        out.push_str("[:");
        out.push_str(name);
        out.push_str(":]");
        return after;
    }
    out.push_str("\\[");
    behind
}
