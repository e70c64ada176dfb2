//! Bodies that are kept beside the regions that they show: which place holds what.

use actix_web::web::Bytes;
use cadastre_storage::Bodies;
use serde::Serialize;

use crate::error::Error;

/// Beside a region: what the native face shows of it.
pub const NATIVE_REGION: usize = 0;
/// Beside a region: what the rainbond face shows of it to those who see no secrets.
pub const RAINBOND_REGION: usize = 1;
/// Beside a region that has no key: what the rainbond face shows of it to those who see secrets.
pub const RAINBOND_REGION_WITHOUT_KEY: usize = 2;

/// Beside the list of an enterprise's regions: what the rainbond face shows of it.
pub const RAINBOND_LIST: usize = 0;
/// Beside the list of an enterprise's regions: the entity tag of what the rainbond face shows.
pub const RAINBOND_LIST_TAG: usize = 1;

/// Beside a node: the answer to a pull when nothing is new.
pub const NOTHING_NEW: usize = 0;

/// The body in this place; if there is none yet, what `render` makes is kept there.
///
/// # Errors
/// Those of `render`.
pub fn body(
    bodies: &Bodies,
    place: usize,
    render: impl FnOnce() -> Result<Bytes, Error>,
) -> Result<Bytes, Error> {
    if let Some(body) = bodies[place].get() {
        return Ok(body.clone());
    }
    // Two that come at once both render the same.
    let body = render()?;
    Ok(bodies[place].get_or_init(|| body).clone())
}

/// Keeps the body in this place, unless there is one already.
pub fn keep(bodies: &Bodies, place: usize, body: &Bytes) {
    // Who comes second made the same.
    let _ = bodies[place].set(body.clone());
}

/// The thing as JSON.
///
/// # Errors
/// When it cannot be written as JSON, which is a fault of ours.
pub fn json<T: Serialize>(thing: &T) -> Result<Bytes, Error> {
    let text = serde_json::to_vec(thing);
    text.map(Bytes::from).map_err(|error| Error::Internal(error.to_string().into()))
}
