//! Wrong fields, in words of the register.

use std::borrow::Cow;

use cadastre_domain::region::tls::TlsFault;
use cadastre_domain::region::{RegionRefusal, StatusRefusal};
use cadastre_domain::task::TaskRefusal;
use cadastre_domain::text::TextError;

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
}

/// The fields by which a region was refused. The parts of its TLS material have their native names.
#[must_use]
pub fn of_region(refusal: RegionRefusal) -> Vec<FieldError> {
    match refusal {
        RegionRefusal::Status(refusal) => {
            vec![FieldError::new("status", Problem::Status(refusal))]
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

/// All that is wrong with a dial task, by the paths to its fields.
#[must_use]
pub fn of_task(refusal: &TaskRefusal) -> Vec<FieldError> {
    let faults = refusal.faults().iter();
    let error = |fault: &cadastre_domain::task::TaskFault| {
        FieldError::new(fault.field.clone(), Problem::Other(fault.reason.to_string()))
    };
    faults.map(error).collect()
}

impl From<RegionRefusal> for Error {
    fn from(refusal: RegionRefusal) -> Self {
        Self::Fields(of_region(refusal))
    }
}

impl From<FieldError> for Error {
    fn from(error: FieldError) -> Self {
        Self::Fields(vec![error])
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
