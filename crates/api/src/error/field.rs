//! Wrong fields, in words of the register.

use std::borrow::Cow;
use std::ops::{Deref, DerefMut};

use cadastre_domain::region::tls::TlsFault;
use cadastre_domain::region::{RegionRefusal, StatusRefusal};
use cadastre_domain::task::TaskRefusal;
use cadastre_domain::text::{TextError, excerpt};

use super::{Error, Thing};

/// One wrong field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// The field, by its name on the wire, or the path to it.
    pub field: Cow<'static, str>,
    /// What is wrong with it.
    pub problem: Problem,
}

/// What is wrong with a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// It is missing.
    Required,
    /// It is null.
    Null,
    /// It is empty.
    Blank,
    /// It is not text.
    NotText,
    /// It is neither true nor false.
    NotBoolean,
    /// It is no whole number from the first to the second of these.
    NotWithin(i64, i64),
    /// It has more than so many characters.
    TooLong(usize),
    /// It contains this character, which is not allowed.
    Char(char),
    /// It breaks the rule of its kind.
    Rule(Rule),
    /// A region of this name exists.
    NameTaken,
    /// The region cannot take this status.
    Status(StatusRefusal),
    /// The TLS material of a region has this fault.
    Tls(TlsFault),
    /// The secret was given for another origin than the region's API would have.
    OtherOrigin,
    /// It names a thing that does not exist, or not for this caller.
    NoSuch(Thing),
    /// It says another thing than what is so and never changes.
    Fixed,
    /// It is given more than once.
    Repeated,
    /// There is no field of this name.
    UnknownField(String),
    /// Something else, told in words.
    Other(String),
    /// The whole body is no object but this kind of value.
    NotObject(&'static str),
}

/// A rule that a field can break.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// The name of a region.
    RegionName,
    /// The URL of an API.
    ApiUrl,
    /// The URL of a websocket.
    WebsocketUrl,
    /// A TCP address.
    TcpAddress,
    /// A scope.
    Scope,
    /// A status.
    Status,
}

impl FieldError {
    /// `problem` with `field`.
    #[must_use]
    pub fn new(field: impl Into<Cow<'static, str>>, problem: Problem) -> Self {
        Self { field: field.into(), problem }
    }

    /// The same with no more of what the caller wrote than can be told.
    fn shortened(self) -> Self {
        let field = match self.field {
            Cow::Owned(path) => Cow::Owned(shortened(path, LONGEST_PATH)),
            Cow::Borrowed(name) => Cow::Borrowed(name),
        };
        let problem = match self.problem {
            Problem::UnknownField(name) => Problem::UnknownField(shortened(name, LONGEST_PATH)),
            Problem::Other(text) => Problem::Other(shortened(text, LONGEST_REASON)),
            other => other,
        };
        Self { field, problem }
    }
}

fn shortened(text: String, most: usize) -> String {
    match excerpt(&text, most) {
        Cow::Borrowed(_) => text,
        Cow::Owned(excerpt) => excerpt,
    }
}

/// The most wrong fields of one request that are collected, and so told.
pub const MOST_FIELD_ERRORS: usize = 50;

/// The most bytes that the path to a field, or the name of an unknown one, takes as JSON.
const LONGEST_PATH: usize = 400;

/// The most bytes that the reason takes as JSON why a field is wrong.
const LONGEST_REASON: usize = 600;

/// The wrong fields of one request, in the order in which they were found: the first
/// [`MOST_FIELD_ERRORS`]. What a caller wrote is kept only as far as it is told.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FieldErrors {
    kept: Vec<FieldError>,
    has_more: bool,
}

impl FieldErrors {
    /// No wrong field so far.
    #[must_use]
    pub const fn new() -> Self {
        Self { kept: Vec::new(), has_more: false }
    }

    /// Keeps a wrong field, if there is room.
    pub fn push(&mut self, error: FieldError) {
        self.insert(self.kept.len(), error);
    }

    /// Keeps a wrong field in this place of the order. If there are too many then, the last one goes.
    pub fn insert(&mut self, place: usize, error: FieldError) {
        if place >= MOST_FIELD_ERRORS {
            self.has_more = true;
            return;
        }
        if self.is_full() {
            self.kept.pop();
            self.has_more = true;
        }
        self.kept.insert(place.min(self.kept.len()), error.shortened());
    }

    /// Whether there is no room for another one.
    #[must_use]
    pub const fn is_full(&self) -> bool {
        self.kept.len() >= MOST_FIELD_ERRORS
    }

    /// Whether more fields are wrong than those that were kept.
    #[must_use]
    pub const fn has_more(&self) -> bool {
        self.has_more
    }

    /// These and others, of which it is known whether they were all.
    pub fn append(&mut self, others: Self) {
        self.has_more |= others.has_more;
        self.extend(others.kept);
    }
}

impl Extend<FieldError> for FieldErrors {
    /// Looks at no more errors than one beyond the room.
    fn extend<I: IntoIterator<Item = FieldError>>(&mut self, errors: I) {
        for error in errors {
            if self.is_full() {
                self.has_more = true;
                break;
            }
            self.push(error);
        }
    }
}

impl FromIterator<FieldError> for FieldErrors {
    fn from_iter<I: IntoIterator<Item = FieldError>>(errors: I) -> Self {
        let mut all = Self::new();
        all.extend(errors);
        all
    }
}

impl From<Vec<FieldError>> for FieldErrors {
    fn from(errors: Vec<FieldError>) -> Self {
        errors.into_iter().collect()
    }
}

impl Deref for FieldErrors {
    type Target = [FieldError];

    fn deref(&self) -> &[FieldError] {
        &self.kept
    }
}

impl DerefMut for FieldErrors {
    fn deref_mut(&mut self) -> &mut [FieldError] {
        &mut self.kept
    }
}

/// The fields by which a region was refused. The parts of its TLS material have their native names.
#[must_use]
pub fn of_region(refusal: RegionRefusal) -> FieldErrors {
    match refusal {
        RegionRefusal::Status(refusal) => {
            FieldErrors::from_iter([FieldError::new("status", Problem::Status(refusal))])
        }
        RegionRefusal::Incoherent(faults) => {
            let error =
                |fault: TlsFault| FieldError::new(fault.part().as_str(), Problem::Tls(fault));
            faults.into_iter().map(error).collect()
        }
        RegionRefusal::OtherOrigin(secrets) => {
            let error = |secret| FieldError::new(secret, Problem::OtherOrigin);
            secrets.into_iter().map(error).collect()
        }
    }
}

/// What is wrong with a dial task, by the paths to its fields.
#[must_use]
pub fn of_task(refusal: &TaskRefusal) -> FieldErrors {
    let faults = refusal.faults().iter();
    let error = |fault: &cadastre_domain::task::TaskFault| {
        FieldError::new(fault.field.clone(), Problem::Other(fault.reason.to_string()))
    };
    FieldErrors { has_more: refusal.has_more(), ..faults.map(error).collect() }
}

impl From<RegionRefusal> for Error {
    fn from(refusal: RegionRefusal) -> Self {
        Self::Fields(of_region(refusal))
    }
}

impl From<FieldError> for Error {
    fn from(error: FieldError) -> Self {
        Self::Fields(FieldErrors::from_iter([error]))
    }
}

impl From<TextError> for Problem {
    fn from(error: TextError) -> Self {
        match error {
            TextError::TooShort(_) => Self::Blank,
            TextError::TooLong(most) => Self::TooLong(most),
            TextError::Char(c) => Self::Char(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(field: String) -> FieldError {
        FieldError::new(field, Problem::Required)
    }

    fn fields(errors: &FieldErrors) -> Vec<&str> {
        errors.iter().map(|error| &*error.field).collect()
    }

    #[test]
    fn fifty_errors_are_collected_and_it_is_known_that_there_were_more() {
        for (count, kept, has_more) in [(0, 0, false), (50, 50, false), (51, 50, true)] {
            let mut pushed = FieldErrors::new();
            (0..count).for_each(|n| pushed.push(error(n.to_string())));
            let collected: FieldErrors = (0..count).map(|n| error(n.to_string())).collect();
            assert_eq!(pushed, collected);
            assert_eq!((pushed.len(), pushed.has_more()), (kept, has_more));
            let mut appended = FieldErrors::new();
            appended.append(pushed);
            assert_eq!(appended, collected);
        }
        let mut looked_at = 0;
        let endless = std::iter::repeat_with(|| {
            looked_at += 1;
            error("x".to_owned())
        });
        assert!(endless.collect::<FieldErrors>().has_more());
        assert_eq!(looked_at, 51);
    }

    #[test]
    fn an_error_that_is_put_in_front_takes_the_room_of_the_last() {
        let mut errors: FieldErrors = (0..50).map(|n| error(n.to_string())).collect();
        errors.insert(1, error("name".to_owned()));
        assert_eq!((errors.len(), errors.has_more()), (50, true));
        assert_eq!(fields(&errors)[..3], ["0", "name", "1"]);
        assert_eq!(fields(&errors)[49], "48");
        errors.insert(50, error("late".to_owned()));
        assert_eq!(fields(&errors)[49], "48");
        let mut errors = FieldErrors::new();
        errors.insert(7, error("only".to_owned()));
        assert_eq!(fields(&errors), ["only"]);
    }

    #[test]
    fn of_what_a_caller_wrote_only_the_beginning_is_kept() {
        let long = || "\0".repeat(10_000);
        let errors = FieldErrors::from(vec![
            error(long()),
            FieldError::new("", Problem::UnknownField(long())),
            FieldError::new("x", Problem::Other(long())),
        ]);
        let [path, name, text] = &*errors else { panic!("three") };
        assert_eq!(path.field.chars().count(), 67);
        let name = match &name.problem {
            Problem::UnknownField(name) => name.chars().count(),
            other => panic!("{other:?}"),
        };
        let text = match &text.problem {
            Problem::Other(text) => text.chars().count(),
            other => panic!("{other:?}"),
        };
        assert_eq!((name, text), (67, 100));
    }
}
