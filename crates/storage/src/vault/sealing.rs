//! How a value is sealed: XChaCha20-Poly1305 under a nonce of chance.
//!
//! A sealed value is a byte that says the version, which is 1; the nonce, 24 bytes; the ciphertext,
//! as long as the value; and the tag, 16 bytes. The nonce is long enough to be left to chance for
//! any number of values.

use chacha20poly1305::aead::AeadInOut as _;
use chacha20poly1305::{Key, KeyInit as _, Tag, XChaCha20Poly1305, XNonce};
use zeroize::Zeroizing;

use super::key::MasterKey;
use super::{KeyId, Place, VaultError};
use crate::mac::length;

/// The version of the format, the first byte of every sealed value.
const VERSION: u8 = 1;
/// How many bytes the nonce has.
const NONCE: usize = 24;
/// How many bytes the tag has.
const TAG: usize = 16;
/// What every sealed value is bound to besides its key and place.
const LABEL: &[u8] = b"cadastre sealed value 1";

/// Seals a value for its place.
pub(super) fn seal(
    key: &MasterKey,
    id: &KeyId,
    place: Place<'_>,
    plain: &[u8],
) -> Result<Vec<u8>, VaultError> {
    let mut nonce = [0; NONCE];
    fill(&mut nonce)?;
    seal_under(&nonce, key, id, place, plain)
}

fn seal_under(
    nonce: &[u8; NONCE],
    key: &MasterKey,
    id: &KeyId,
    place: Place<'_>,
    plain: &[u8],
) -> Result<Vec<u8>, VaultError> {
    // Room for all of it, because a text that grows leaves a copy behind, here of the value.
    let mut sealed = Vec::with_capacity(1 + NONCE + plain.len() + TAG);
    sealed.push(VERSION);
    sealed.extend_from_slice(nonce);
    sealed.extend_from_slice(plain);
    let tag = cipher(key)
        .encrypt_inout_detached(
            <&XNonce>::from(nonce),
            &bound_to(id, place),
            (&mut sealed[1 + NONCE..]).into(),
        )
        .map_err(|_| VaultError::TooLong)?;
    sealed.extend_from_slice(&tag);
    Ok(sealed)
}

/// Opens what was sealed with this key for this place.
pub(super) fn open(
    key: &MasterKey,
    id: &KeyId,
    place: Place<'_>,
    sealed: &[u8],
) -> Result<Zeroizing<Vec<u8>>, VaultError> {
    let (nonce, text, tag) = take_apart(sealed).ok_or(VaultError::DoesNotOpen)?;
    let mut plain = Zeroizing::new(text.to_vec());
    cipher(key)
        .decrypt_inout_detached(
            <&XNonce>::from(nonce),
            &bound_to(id, place),
            plain.as_mut_slice().into(),
            <&Tag>::from(tag),
        )
        .map_err(|_| VaultError::DoesNotOpen)?;
    Ok(plain)
}

/// The nonce, the ciphertext and the tag.
fn take_apart(sealed: &[u8]) -> Option<(&[u8; NONCE], &[u8], &[u8; TAG])> {
    let rest = sealed.strip_prefix(&[VERSION])?;
    let (nonce, rest) = rest.split_first_chunk()?;
    let (text, tag) = rest.split_last_chunk()?;
    Some((nonce, text, tag))
}

fn cipher(key: &MasterKey) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(<&Key>::from(key.bytes()))
}

/// What a sealed value is bound to. Each part stands behind its length, so that no other place
/// gives the same bytes.
fn bound_to(id: &KeyId, place: Place<'_>) -> Vec<u8> {
    let Place { table, row, column } = place;
    let places = [id.as_ref(), table, row, column].map(str::as_bytes);
    let mut bytes = Vec::new();
    for part in [LABEL].into_iter().chain(places) {
        bytes.extend_from_slice(&length(part));
        bytes.extend_from_slice(part);
    }
    bytes
}

/// Fills these bytes from the system's generator of random numbers.
pub(super) fn fill(bytes: &mut [u8]) -> Result<(), VaultError> {
    getrandom::fill(bytes)
        .map_err(|error| VaultError::Io(format!("the system gave no random numbers: {error}")))
}

#[cfg(test)]
mod tests;
