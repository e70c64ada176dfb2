//! From the text of a token to the caller that it stands for.

mod altered;
mod look_ups;
mod remembered;
mod uses;

use std::sync::Arc;

use actix_web::{HttpMessage as _, HttpRequest, web};
use cadastre_domain::audit::{Actor, Origin};
use cadastre_domain::id::TokenId;
use cadastre_domain::secret::Secret;
use cadastre_domain::token::{Caller, Presented, Token, TokenRefusal};
use cadastre_storage::{Identified, TokenProof};

use crate::app::{App, Writer};
use crate::clock::BootInstant;
use crate::error::{Error, RateLimited, Unauthenticated};
use crate::http::{client_address, track};
use crate::operation::{Info, Operation};
pub use altered::AlteredTokens;
pub use look_ups::{LookUpTurn, TokenLookUps};
pub use remembered::{LEASE, Remembered};
pub use uses::Uses;

/// Who is calling, and for what.
#[derive(Debug, Clone)]
pub struct Session {
    /// The caller, for the rules.
    pub caller: Caller,
    /// The caller, for the audit.
    pub actor: Actor,
    /// The caller, for writes.
    pub writer: Writer,
}

impl Session {
    /// On whose authority the caller's writes happen.
    #[must_use]
    pub fn writer(&self) -> Writer {
        self.writer.clone()
    }
}

/// Left in the extensions of a request: whose it is, for the audit of refusals.
#[derive(Debug, Clone)]
pub enum Visitor {
    /// A known caller, and what he asks for.
    Known(Actor, Info),
    /// Nobody known: a token was presented that is not accepted, and why.
    Unknown(Actor, String),
    /// The same, after too many from that address: he is told to wait.
    Throttled(Actor),
}

/// A token that was looked up and found to be in order, but for the time.
#[derive(Debug)]
pub struct KnownToken {
    /// The token.
    pub token: Token,
    /// Which of its texts was presented.
    pub presented: Presented,
    /// That it was presented.
    pub proof: TokenProof,
    /// When the register was asked.
    pub asked: BootInstant,
}

/// A caller who was let in.
pub struct Admitted {
    /// The running application.
    pub app: web::Data<App>,
    /// The caller.
    pub session: Session,
    /// When the register was asked about the token.
    pub asked: BootInstant,
}

/// The caller with this token, when it is accepted now. Whether it has
/// the right that the operation takes is asked by [`Operation::check`].
///
/// # Errors
/// Why nobody known is calling, that the caller may not, and failures of the storage.
pub async fn identify<O: Operation>(request: &HttpRequest, key: &str) -> Result<Admitted, Error> {
    let app = request
        .app_data::<web::Data<App>>()
        .cloned()
        .ok_or_else(|| Error::Internal("no application state".into()))?;
    #[cfg(feature = "unguarded")]
    if let Some(session) = app.assumed.clone() {
        let actor = Actor { operation: O::INFO.name, ..session.actor };
        let session = Session { actor, ..session };
        return Ok(Admitted { app, session, asked: BootInstant::now() });
    }
    if key.is_empty() {
        return Err(Error::Unauthenticated(Unauthenticated::Missing));
    }
    let known = authenticate::<O>(&app, request, key).await?;
    let session = session::<O>(request, &known);
    request.extensions_mut().insert(Visitor::Known(session.actor.clone(), O::INFO));
    app.token_limits.count(known.token.id, session.caller.enterprise_id)?;
    Ok(Admitted { app, session, asked: known.asked })
}

/// The session of a caller whose token was accepted before, when it still is: asked again after a body
/// that was longer on its way than what is known of a token is trusted.
///
/// # Errors
/// That it is not accepted any more, and failures of the storage.
pub async fn confirm<O: Operation>(
    app: &web::Data<App>,
    request: &HttpRequest,
    key: &str,
) -> Result<(Session, BootInstant), Error> {
    let known = authenticate::<O>(app, request, key).await?;
    Ok((session::<O>(request, &known), known.asked))
}

fn session<O: Operation>(request: &HttpRequest, known: &KnownToken) -> Session {
    Session {
        caller: known.token.caller.clone(),
        actor: owner::<O>(request, &known.token),
        writer: Writer::Token { proof: known.proof, enterprise: known.token.caller.enterprise_id },
    }
}

/// Notes that a token of the register came with this request and is not accepted.
#[must_use]
pub fn refuse_token(app: &App, request: &HttpRequest, actor: Actor, why: TokenRefusal) -> Error {
    let actor = match (why, actor.token_id) {
        (TokenRefusal::Altered, Some(id)) => {
            app.altered_tokens.report(id);
            // Whose it is stands in the row that was altered.
            Actor { user_id: None, enterprise_id: None, ..actor }
        }
        _ => actor,
    };
    refuse(app, request, actor, why.to_string())
}

/// Notes that the text of a token that came with this request is not accepted. Beyond the limit of wrong tokens of
/// its address, the caller is told to wait; a right token is accepted whatever else its address sends.
fn refuse(app: &App, request: &HttpRequest, actor: Actor, why: String) -> Error {
    let wait = client_address::of(request).and_then(|from| app.wrong_tokens.count(from));
    let (visitor, error) = match wait {
        Some(retry_after) => (
            Visitor::Throttled(actor),
            Error::RateLimited(RateLimited { workspace: false, retry_after }),
        ),
        None => (Visitor::Unknown(actor, why), Error::Unauthenticated(Unauthenticated::Unknown)),
    };
    request.extensions_mut().insert(visitor);
    error
}

/// The key in this header of the request; empty when there is none.
#[must_use]
pub fn key<'a>(request: &'a HttpRequest, header: &str) -> &'a str {
    // What is no text is the text of no token.
    request.headers().get(header).map_or("", |value| value.to_str().unwrap_or("\0"))
}

/// The token whose text this is, when it is accepted now.
async fn authenticate<O: Operation>(
    app: &web::Data<App>,
    request: &HttpRequest,
    text: &str,
) -> Result<Arc<KnownToken>, Error> {
    let known = match app.remembered.find(text) {
        Some((known, true)) => Ok(known),
        // It was in order a while ago, so it need not wait with texts of which nothing is known.
        Some((_, false)) => look_up(app, text, None).await?,
        None if app.look_ups.rule_out(text) => Err(None),
        None => {
            let turn = app.look_ups.turn(client_address::of(request)).await?;
            look_up(app, text, Some(turn)).await?
        }
    };
    let now = app.clock.now();
    let (actor, why) = match known {
        Ok(known) => match known.token.accept(known.presented, now) {
            Ok(()) => {
                app.uses.note(known.token.id, now);
                return Ok(known);
            }
            Err(why) => {
                let actor = owner::<O>(request, &known.token);
                return Err(refuse_token(app, request, actor, why));
            }
        },
        Err(claimed) => {
            (Actor { token_id: claimed, ..stranger::<O>(request) }, "unknown".to_owned())
        }
    };
    Err(refuse(app, request, actor, why))
}

/// The token of this text, from the register; or the token that the text claims to be, and that it
/// is not. The read holds `turn`.
async fn look_up(
    app: &web::Data<App>,
    text: &str,
    turn: Option<LookUpTurn>,
) -> Result<Result<Arc<KnownToken>, Option<TokenId>>, Error> {
    let asked = BootInstant::now();
    let secret = Secret::from(text.to_owned());
    let found = app.read(move |tx| {
        let _turn = &turn;
        let found = tx.identify(&secret)?;
        let is_formless = matches!(found, Identified::Nobody(None));
        let none_chosen = is_formless && !tx.any_chosen_token()?;
        Ok((found, none_chosen))
    });
    let (found, none_chosen) = found.await?;
    match found {
        Identified::Nobody(claimed) => {
            app.remembered.forget(text);
            if none_chosen {
                app.look_ups.note_none_chosen(asked);
            }
            Ok(Err(claimed))
        }
        Identified::Token { token, presented, renewed } => {
            if let Some(code) = renewed {
                app.uses.renew(token.id, app.clock.now(), code);
            }
            let proof = TokenProof::new(token.id, text);
            let known = Arc::new(KnownToken { token, presented, proof, asked });
            app.remembered.insert(text, Arc::clone(&known));
            Ok(Ok(known))
        }
    }
}

/// Whoever has this token.
fn owner<O: Operation>(request: &HttpRequest, token: &Token) -> Actor {
    Actor {
        token_id: Some(token.id),
        user_id: Some(token.caller.user_id),
        enterprise_id: Some(token.caller.enterprise_id),
        ..stranger::<O>(request)
    }
}

/// Somebody of whom only the request is known.
fn stranger<O: Operation>(request: &HttpRequest) -> Actor {
    Actor {
        origin: Origin::Request {
            address: client_address::of(request),
            id: track::id_of(request).simple().to_string(),
        },
        operation: O::INFO.name,
        token_id: None,
        user_id: None,
        enterprise_id: None,
    }
}
