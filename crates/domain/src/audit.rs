//! Audit entries: who did what to which thing, and what it was before and after.

mod subject;

use std::borrow::Cow;
use std::net::IpAddr;

use chrono::{DateTime, Utc};

pub use subject::{AuditArchive, Subject};

use crate::id::{EnterpriseId, TokenId};
use crate::secret::Secret;
use crate::user::UserId;

/// Who acts, and how he came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// How the register was reached.
    pub origin: Origin,
    /// What was asked for: the name of the operation, as `create_region`.
    pub operation: &'static str,
    /// The token that was used, or that somebody claimed to have.
    pub token_id: Option<TokenId>,
    /// The user that the token acts for.
    pub user_id: Option<UserId>,
    /// The enterprise in which the token acts.
    pub enterprise_id: Option<EnterpriseId>,
}

/// How the register was reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// By a request.
    Request {
        /// The client's address, when it is known.
        address: Option<IpAddr>,
        /// The id of the request, as its answer tells it.
        id: String,
    },
    /// By the command line, on a machine that has the database.
    Command,
    /// By the server itself.
    Server,
}

impl Origin {
    /// The origin in one word.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Request { .. } => "request",
            Self::Command => "command",
            Self::Server => "server",
        }
    }
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It was done.
    Done,
    /// A known caller was refused, and nothing changed.
    Refused,
    /// Nobody known called: a token was presented that is not accepted.
    SignInFailed,
}

impl Outcome {
    /// All outcomes.
    pub const ALL: [Self; 3] = [Self::Done, Self::Refused, Self::SignInFailed];

    /// The outcome in one word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Refused => "refused",
            Self::SignInFailed => "sign_in_failed",
        }
    }
}

/// The thing that an entry is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object {
    /// What kind of thing, as `region`.
    pub kind: Cow<'static, str>,
    /// Its identifier.
    pub id: String,
}

/// The value of a field, as far as an entry may tell it.
#[derive(Debug, Clone)]
pub enum Value {
    /// It is told.
    Text(String),
    /// Only a keyed fingerprint of it is told, by which one sees whether it changed.
    Secret(Secret),
}

impl Value {
    fn same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Text(one), Self::Text(other)) => one == other,
            (Self::Secret(one), Self::Secret(other)) => one.same(other),
            _ => false,
        }
    }
}

/// A field before and after; `None` is null, or that there was no such thing.
#[derive(Debug, Clone)]
pub struct FieldChange {
    /// The name of the field.
    pub field: &'static str,
    /// What it was.
    pub before: Option<Value>,
    /// What it is.
    pub after: Option<Value>,
}

/// One entry, to be written in the transaction of what it tells.
#[derive(Debug, Clone)]
pub struct Entry {
    /// When it happened.
    pub at: DateTime<Utc>,
    /// Who did it.
    pub actor: Actor,
    /// What came of it.
    pub outcome: Outcome,
    /// The enterprise to which the thing belongs, or else in which the actor acts.
    pub enterprise_id: Option<EnterpriseId>,
    /// The thing, when there is one.
    pub object: Option<Object>,
    /// The fields that changed.
    pub changes: Vec<FieldChange>,
    /// The fields whose secrets were shown to the actor.
    pub revealed: Vec<Cow<'static, str>>,
    /// Why it was refused.
    pub reason: Option<String>,
}

impl Entry {
    /// That `actor` did something to a thing: made it when there was none `before`, removed it when
    /// there is none `after`.
    #[must_use]
    pub fn done<T: Subject>(
        actor: &Actor,
        at: DateTime<Utc>,
        before: Option<&T>,
        after: Option<&T>,
    ) -> Self {
        let subject = after.or(before);
        let object = subject.map(|thing| Object { kind: T::KIND.into(), id: thing.object_id() });
        let enterprise_id = subject.and_then(Subject::enterprise).or(actor.enterprise_id);
        Self {
            at,
            actor: actor.clone(),
            outcome: Outcome::Done,
            enterprise_id,
            object,
            changes: changes(before, after),
            revealed: Vec::new(),
            reason: None,
        }
    }

    /// That `actor` was shown secrets of a thing.
    #[must_use]
    pub fn revealed<T: Subject>(
        actor: &Actor,
        at: DateTime<Utc>,
        thing: &T,
        revealed: Vec<&'static str>,
    ) -> Self {
        Self::done(actor, at, Some(thing), Some(thing)).showing(revealed)
    }

    /// With an answer that shows these secrets.
    #[must_use]
    pub fn showing(mut self, revealed: Vec<&'static str>) -> Self {
        self.revealed = revealed.into_iter().map(Cow::from).collect();
        self
    }

    /// With a secret that the thing has from now on, and that the actor is shown. Of one that is kept
    /// as a code alone, nothing is known `before`: what it was, the entry tells by which it came.
    #[must_use]
    pub fn giving(mut self, field: &'static str, secret: Secret) -> Self {
        let after = Some(Value::Secret(secret));
        self.changes.push(FieldChange { field, before: None, after });
        self.revealed.push(field.into());
        self
    }

    /// That `actor` sent a request again, and got its first answer again. Whoever knows adds what
    /// thing it is about and which secrets it shows.
    #[must_use]
    pub fn repeated(actor: &Actor, at: DateTime<Utc>) -> Self {
        let reason = "the first answer to this request was given again".to_owned();
        Self::refused(actor, at, Outcome::Done, reason)
    }

    /// That `actor` was refused, or is nobody known.
    #[must_use]
    pub fn refused(actor: &Actor, at: DateTime<Utc>, outcome: Outcome, reason: String) -> Self {
        Self {
            at,
            actor: actor.clone(),
            outcome,
            enterprise_id: actor.enterprise_id,
            object: None,
            changes: Vec::new(),
            revealed: Vec::new(),
            reason: Some(reason),
        }
    }
}

/// The fields in which the two differ.
#[must_use]
pub fn differences<T: Subject>(before: &T, after: &T) -> Vec<FieldChange> {
    changes(Some(before), Some(after))
}

/// The fields in which the two differ. Both have the same fields in the same order.
fn changes<T: Subject>(before: Option<&T>, after: Option<&T>) -> Vec<FieldChange> {
    let fields = |thing: Option<&T>| thing.map(Subject::fields);
    let (mut before, mut after) = (fields(before), fields(after));
    let names: Vec<_> =
        before.as_ref().or(after.as_ref()).into_iter().flatten().map(|f| f.0).collect();
    let mut take = |place: usize| {
        let value = |fields: &mut Option<Vec<(&'static str, Option<Value>)>>| {
            fields.as_mut().and_then(|fields| fields[place].1.take())
        };
        (value(&mut before), value(&mut after))
    };
    let all = names.into_iter().enumerate().map(|(place, field)| {
        let (before, after) = take(place);
        FieldChange { field, before, after }
    });
    all.filter(|change| match (&change.before, &change.after) {
        (None, None) => false,
        (Some(before), Some(after)) => !before.same(after),
        _ => true,
    })
    .collect()
}

#[cfg(test)]
mod tests;
