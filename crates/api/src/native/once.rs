//! Requests that are done once, however often they are sent: `Idempotency-Key`.
//!
//! The first answer is kept in the transaction of the change, so that either both are there or
//! none. It is kept for a day. An answer to a request that changed nothing and showed no secret is
//! not kept: a caller with very few rights could fill the disk with such answers, and doing it
//! again comes to the same.

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use actix_web::HttpResponse;
use actix_web::http::{StatusCode, header};
use cadastre_domain::audit::{Actor, Entry, Object};
use cadastre_domain::id::TokenId;
use cadastre_storage::{Answer, Tx};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::call::Call;
use super::problem::Problem;
use crate::app::Changed;
use crate::error::{Error, RequestError};
use crate::operation::Operation;

/// For how long a first answer is kept.
pub const KEPT: TimeDelta = TimeDelta::hours(24);

/// The most characters of a key.
const LONGEST_KEY: usize = 255;

/// What is answered when something was made.
#[derive(Serialize, Deserialize)]
pub(super) struct Made {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) location: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) etag: Option<String>,
    /// The status, where it is not that of the operation.
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    /// What the audit is told when it is given again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    told: Option<Told>,
    body: Box<RawValue>,
}

/// Which thing an answer is about, and which secrets of it the answer shows.
#[derive(Serialize, Deserialize)]
struct Told {
    kind: String,
    id: String,
    enterprise: Option<String>,
    revealed: Vec<String>,
}

impl Told {
    /// As the first entry says, which is about what was asked for. What comes with it has no secrets.
    fn of(entries: &[Entry]) -> Option<Self> {
        let entry = entries.first()?;
        let object = entry.object.as_ref()?;
        Some(Self {
            kind: object.kind.to_string(),
            id: object.id.clone(),
            enterprise: entry.enterprise_id.map(|id| id.to_string()),
            revealed: entry.revealed.iter().map(ToString::to_string).collect(),
        })
    }

    /// The entry that tells it once more.
    fn again(&self, entry: Entry) -> Entry {
        let enterprise = self.enterprise.as_ref().and_then(|id| id.parse().ok());
        Entry {
            object: Some(Object { kind: self.kind.clone().into(), id: self.id.clone() }),
            enterprise_id: enterprise.or(entry.enterprise_id),
            revealed: self.revealed.iter().cloned().map(Cow::from).collect(),
            ..entry
        }
    }
}

impl Made {
    /// Something with this body.
    pub(super) fn new<T: Serialize>(body: &T) -> Result<Self, Error> {
        let body = serde_json::value::to_raw_value(body).map_err(internal)?;
        Ok(Self { location: None, etag: None, status: None, told: None, body })
    }

    /// Where it is found from now on.
    pub(super) fn at(mut self, location: String) -> Self {
        self.location = Some(location);
        self
    }

    /// Which version it is.
    pub(super) fn version(mut self, version: i64) -> Self {
        self.etag = Some(super::conditional::etag(version));
        self
    }

    /// With another status than such requests have else.
    pub(super) fn answering(mut self, status: StatusCode) -> Self {
        self.status = Some(status.as_u16());
        self
    }

    fn respond(self, status: StatusCode, again: bool) -> HttpResponse {
        let own = self.status.and_then(|code| StatusCode::from_u16(code).ok());
        let status = own.unwrap_or(status);
        let mut response = HttpResponse::build(status);
        if let Some(location) = self.location {
            response.insert_header((header::LOCATION, location));
        }
        if let Some(etag) = self.etag {
            response.insert_header((header::ETAG, etag));
        }
        if again {
            response.insert_header(("Idempotency-Replayed", "true"));
        }
        response.content_type("application/json").body(String::from(Box::<str>::from(self.body)))
    }
}

fn internal(error: impl std::fmt::Display) -> Error {
    Error::Internal(error.to_string().into())
}

/// Requests with a key that are being worked on by this process.
#[derive(Debug, Default)]
pub struct Running(Mutex<HashSet<(TokenId, String)>>);

/// Takes its request out again when it is done, whatever came of it.
struct Guard {
    running: Arc<Running>,
    place: (TokenId, String),
}

impl Running {
    fn enter(self: &Arc<Self>, place: (TokenId, String)) -> Option<Guard> {
        let entered = self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(place.clone());
        entered.then(|| Guard { running: Arc::clone(self), place })
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        let mut running = self.running.0.lock().unwrap_or_else(PoisonError::into_inner);
        running.remove(&self.place);
    }
}

/// A request with a key.
struct Asked {
    actor: Actor,
    token: TokenId,
    key: String,
    digest: [u8; 32],
    now: DateTime<Utc>,
}

impl Asked {
    /// The first answer, when there is one.
    fn before(&self, tx: &mut dyn Tx) -> Result<Option<(Made, i32)>, Error> {
        tx.forget_answers(self.now - KEPT)?;
        let Some(answer) = tx.find_answer(self.token, &self.key)? else { return Ok(None) };
        if answer.digest != self.digest {
            return Err(Error::KeyReused);
        }
        let made = serde_json::from_slice(&answer.content).map_err(internal)?;
        Ok(Some((made, answer.status)))
    }

    fn keep(&self, tx: &mut dyn Tx, made: &Made, status: StatusCode) -> Result<(), Error> {
        let content = Zeroizing::new(serde_json::to_vec(made).map_err(internal)?);
        let (digest, status) = (self.digest, i32::from(status.as_u16()));
        let answer = Answer { digest, status, content };
        Ok(tx.insert_answer(self.token, &self.key, &answer, self.now)?)
    }
}

impl<O: Operation> Call<O> {
    /// Does `work` and answers with `status` and what `render` makes of it; when the request has a
    /// key and was answered before, that answer is given again and nothing is done.
    pub(super) async fn once<T: Send + 'static>(
        &self,
        status: StatusCode,
        mut work: impl FnMut(&mut dyn Tx) -> Result<Changed<T>, Error> + Send + 'static,
        render: impl Fn(T) -> Result<Made, Error> + Send + 'static,
    ) -> Result<HttpResponse, Problem> {
        let asked = self.asked().map_err(|error| self.failure(error))?;
        let place = asked.as_ref().map(|asked| (asked.token, asked.key.clone()));
        let guard = place.map(|place| self.app.running.enter(place).ok_or(Error::StillRunning));
        let _guard = guard.transpose().map_err(|error| self.failure(error))?;
        let done = self.app.write(self.session.writer(), move |tx| {
            let Some(asked) = &asked else {
                return work(tx)?.try_map(&render).map(|made| made.map(|made| (made, None)));
            };
            if let Some((made, status)) = asked.before(tx)? {
                let entry = Entry::repeated(&asked.actor, asked.now);
                let answer = (made, Some(status));
                return Ok(match &answer.0.told {
                    // Nothing is changed and nothing secret is shown.
                    Some(told) if told.revealed.is_empty() => Changed::nothing(answer),
                    Some(told) => {
                        let entry = told.again(entry);
                        Changed::new(answer, entry)
                    }
                    None => Changed::new(answer, entry),
                });
            }
            let made = work(tx)?.try_map(&render)?;
            let told = Told::of(made.entries());
            let made = made.map(|made| Made { told, ..made });
            if !made.entries().is_empty() {
                asked.keep(tx, made.value(), status)?;
            }
            Ok(made.map(|made| (made, None)))
        });
        let (made, before) = done.await.map_err(|error| self.failure(error))?;
        let again = before.is_some();
        let before = before.and_then(|code| StatusCode::from_u16(u16::try_from(code).ok()?).ok());
        Ok(made.respond(before.unwrap_or(status), again))
    }

    /// Whether the first answer to this request is still kept, or to another with its key. Then
    /// [`Self::once`] decides.
    pub(super) async fn was_answered(&self) -> Result<bool, Problem> {
        let asked = self.asked().map_err(|error| self.failure(error))?;
        let Some(Asked { token, key, now, .. }) = asked else { return Ok(false) };
        let named = key.clone();
        let found = self.app.read(move |tx| Ok(tx.find_answer(token, &named)?.is_some()));
        if !found.await.map_err(|error| self.failure(error))? {
            return Ok(false);
        }
        // It may be too old, and nobody has asked since.
        let kept = self.app.write(self.session.writer(), move |tx| {
            tx.forget_answers(now - KEPT)?;
            Ok(Changed::nothing(tx.find_answer(token, &key)?.is_some()))
        });
        kept.await.map_err(|error| self.failure(error))
    }

    /// The key of the request, if it has one.
    fn asked(&self) -> Result<Option<Asked>, Error> {
        let Some(value) = self.request.headers().get("Idempotency-Key") else { return Ok(None) };
        let key = value.to_str().unwrap_or_default().trim().trim_matches('"');
        if key.is_empty() || key.len() > LONGEST_KEY {
            let text = format!("Idempotency-Key must have 1 to {LONGEST_KEY} visible characters");
            return Err(RequestError::Malformed(text).into());
        }
        let actor = self.session.actor.clone();
        let Some(token) = actor.token_id else { return Ok(None) };
        let mut digest = Sha256::new();
        let target = self.request.uri().path_and_query().map_or("", |target| target.as_str());
        for part in [self.request.method().as_str().as_bytes(), target.as_bytes(), &self.body] {
            digest.update((part.len() as u64).to_be_bytes());
            digest.update(part);
        }
        let (digest, now) = (digest.finalize().into(), self.app.clock.now());
        Ok(Some(Asked { actor, token, key: key.to_owned(), digest, now }))
    }
}
