//! From the text of a token to the caller that it stands for.

use actix_web::{HttpRequest, web};
use cadastre_domain::role::Right;
use cadastre_domain::token::{Caller, Token};
use sha2::{Digest as _, Sha256};

use crate::app::App;
use crate::error::{Error, Unauthenticated};

/// What is stored of a token. Tokens are long and random, so a plain digest cannot be turned back.
#[must_use]
pub fn digest(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}

/// The running application, and the token in this header of the request, when it is accepted now.
///
/// # Errors
/// Why nobody known is calling, and failures of the storage.
pub async fn identify(
    request: &HttpRequest,
    header: &str,
) -> Result<(web::Data<App>, Token), Error> {
    let app = request
        .app_data::<web::Data<App>>()
        .cloned()
        .ok_or_else(|| Error::Internal("no application state".into()))?;
    // What is no text is the text of no token.
    let key = request.headers().get(header).map(|value| value.to_str().unwrap_or("\0"));
    let key = key.unwrap_or_default();
    if key.is_empty() {
        return Err(Error::Unauthenticated(Unauthenticated::Missing));
    }
    let token = authenticate(&app, key).await?;
    Ok((app, token))
}

/// The token whose text this is, when it is accepted now.
///
/// # Errors
/// [`Unauthenticated::Unknown`], and failures of the storage.
async fn authenticate(app: &App, text: &str) -> Result<Token, Error> {
    let digest = digest(text);
    let token = app.read(move |tx| Ok(tx.find_token(&digest)?)).await?;
    token
        .filter(|token| token.accepted_at(app.clock.now()))
        .ok_or(Error::Unauthenticated(Unauthenticated::Unknown))
}

/// A right that stands in the type of a handler's argument, so that it cannot be forgotten.
pub trait RequiredRight: 'static {
    /// The right.
    const RIGHT: Right;

    /// What a caller without the right is told.
    #[must_use]
    fn refusal() -> Error {
        Error::Forbidden
    }

    /// Lets a caller with the right pass.
    ///
    /// # Errors
    /// [`Self::refusal`].
    fn check(caller: &Caller) -> Result<(), Error> {
        if caller.may(Self::RIGHT) { Ok(()) } else { Err(Self::refusal()) }
    }
}

/// The right to list regions.
pub enum ReadRegions {}
impl RequiredRight for ReadRegions {
    const RIGHT: Right = Right::ReadRegions;
}

/// The right to add and change regions.
pub enum ManageRegions {}
impl RequiredRight for ManageRegions {
    const RIGHT: Right = Right::ManageRegions;
}

/// The right to read teams.
pub enum ReadTeams {}
impl RequiredRight for ReadTeams {
    const RIGHT: Right = Right::ReadTeams;
}

/// The right to create teams.
pub enum ManageTeams {}
impl RequiredRight for ManageTeams {
    const RIGHT: Right = Right::ManageTeams;
}

/// The right to open regions.
pub enum OpenRegions {}
impl RequiredRight for OpenRegions {
    const RIGHT: Right = Right::OpenRegions;

    fn refusal() -> Error {
        Error::Opening(cadastre_domain::opening::OpeningRefusal::NotPermitted)
    }
}

/// The right to register nodes.
pub enum ManageNodes {}
impl RequiredRight for ManageNodes {
    const RIGHT: Right = Right::ManageNodes;
}

/// The right to act in every enterprise. Whoever lacks it is nobody to the management interface.
pub enum ManagePlatform {}
impl RequiredRight for ManagePlatform {
    const RIGHT: Right = Right::ManagePlatform;

    fn refusal() -> Error {
        Error::Unauthenticated(Unauthenticated::NotPlatform)
    }
}
