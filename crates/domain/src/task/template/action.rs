//! What stands between `{{` and `}}`.

use std::collections::HashSet;

use crate::text::excerpt;

/// The most bytes that are repeated of the name of a variable.
const LONGEST_NAME: usize = 128;

/// What the agent offers beside the variables of a task; each takes one text.
const FUNCTIONS: [&str; 3] = ["timestamp", "date", "urlencode"];

/// The units that `timestamp` knows. It makes 0 of others.
const UNITS: [&str; 4] = ["s", "ms", "us", "ns"];

/// What Go takes for space.
const BLANKS: [char; 4] = [' ', '\t', '\r', '\n'];

/// Why the agent could not fill in a template.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// `}}` is missing.
    #[error("a template is not closed by }}}}")]
    Open,
    /// Nothing stands in it, or on one side of a `|`.
    #[error("a template must have something between {{{{ and }}}}, and on both sides of each |")]
    Empty,
    /// A text in it has no end, or an escape that is unknown.
    #[error("a template has a text in it that is not closed, or a \\ before something strange")]
    Text,
    /// Something else stands in it than what is allowed.
    #[error(
        "in a template only variables, texts in quotes, timestamp, date and urlencode may stand, \
         with spaces or | between them"
    )]
    Foreign,
    /// It uses this variable or function, which the agent would not know.
    #[error("uses the variable {0:?}, which is not declared in config_vars")]
    Undeclared(String),
    /// A variable or a text is given something.
    #[error("a template gives something to a variable or text, which takes no argument")]
    Given,
    /// A function is given nothing, or too much.
    #[error("in a template each of timestamp, date and urlencode takes one argument")]
    Arguments,
    /// The unit of a time is unknown.
    #[error("in a template timestamp takes one of s, ms, us and ns")]
    Unit,
    /// A time is given to a function that takes texts.
    #[error("a template gives the number that timestamp makes to a function that takes texts")]
    Number,
}

/// A part of a command.
#[derive(Clone, Copy)]
enum Operand<'a> {
    Name(&'a str),
    Text(&'a str),
}

/// Checks the action that begins `text`, behind its braces, where variables have these names; what
/// stands behind it.
pub(super) fn check<'a>(text: &'a str, names: &HashSet<&str>) -> Result<&'a str, TemplateError> {
    let (pipe, behind) = pipe(text)?;
    let (mut is_given, mut is_number) = (false, false);
    for command in pipe {
        let (head, arguments) = command.split_first().ok_or(TemplateError::Empty)?;
        let count = arguments.len() + usize::from(is_given);
        if is_number {
            return Err(TemplateError::Number);
        }
        match head {
            Operand::Name(name) if FUNCTIONS.contains(name) && !names.contains(*name) => {
                if count != 1 {
                    return Err(TemplateError::Arguments);
                }
                arguments.iter().try_for_each(|one| argument(name, *one, names))?;
                is_number = *name == "timestamp";
            }
            Operand::Name(name) if !names.contains(*name) => {
                return Err(undeclared(name));
            }
            Operand::Name(_) | Operand::Text(_) if count > 0 => return Err(TemplateError::Given),
            Operand::Name(_) | Operand::Text(_) => {}
        }
        is_given = true;
    }
    Ok(behind)
}

/// The error for a name that nothing declares, of which only the beginning is repeated.
fn undeclared(name: &str) -> TemplateError {
    TemplateError::Undeclared(excerpt(name, LONGEST_NAME).into_owned())
}

fn argument(
    function: &str,
    given: Operand<'_>,
    names: &HashSet<&str>,
) -> Result<(), TemplateError> {
    match given {
        Operand::Name(name) if !names.contains(name) => Err(undeclared(name)),
        Operand::Text(unit) if function == "timestamp" && !UNITS.contains(&unit) => {
            Err(TemplateError::Unit)
        }
        _ => Ok(()),
    }
}

/// The commands of an action, and what stands behind its closing braces.
fn pipe(text: &str) -> Result<(Vec<Vec<Operand<'_>>>, &str), TemplateError> {
    let mut commands = vec![Vec::new()];
    let mut rest = text.strip_prefix('-').filter(|rest| rest.starts_with(BLANKS)).unwrap_or(text);
    loop {
        let trimmed = rest.trim_start_matches(BLANKS);
        let is_apart = trimmed.len() < rest.len();
        let marked = trimmed.strip_prefix("-}}").filter(|_| is_apart);
        if let Some(behind) = trimmed.strip_prefix("}}").or(marked) {
            return Ok((commands, behind));
        }
        if let Some(behind) = trimmed.strip_prefix('|') {
            commands.push(Vec::new());
            rest = behind;
            continue;
        }
        let (operand, behind) = operand(trimmed)?;
        let Some(command) = commands.last_mut().filter(|command| is_apart || command.is_empty())
        else {
            return Err(TemplateError::Foreign);
        };
        command.push(operand);
        rest = behind;
    }
}

/// The operand that begins `text`, and what stands behind it.
fn operand(text: &str) -> Result<(Operand<'_>, &str), TemplateError> {
    if let Some(quoted) = text.strip_prefix('`') {
        let (raw, behind) = quoted.split_once('`').ok_or(TemplateError::Text)?;
        return Ok((Operand::Text(raw), behind));
    }
    if let Some(quoted) = text.strip_prefix('"') {
        let end = end_of_quoted(quoted).ok_or(TemplateError::Text)?;
        return Ok((Operand::Text(&quoted[..end]), &quoted[end + 1..]));
    }
    let (name, behind) =
        text.split_at(text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len()));
    match name.chars().next() {
        None if text.is_empty() => Err(TemplateError::Open),
        Some(first) if !first.is_numeric() => Ok((Operand::Name(name), behind)),
        _ => Err(TemplateError::Foreign),
    }
}

/// Where the quote is that closes a text. Of the escapes of Go those are known that have one letter.
fn end_of_quoted(text: &str) -> Option<usize> {
    let mut characters = text.char_indices();
    while let Some((place, c)) = characters.next() {
        match c {
            '"' => return Some(place),
            '\n' => return None,
            '\\' => {
                characters.next().filter(|(_, escaped)| "abfnrtv\\\"".contains(*escaped))?;
            }
            _ => {}
        }
    }
    None
}
