//! How a node signs what it asks of the register (dialing contract, section 3.1).
//!
//! ```text
//! Authorization: DIAL_TESTING <access key>:<signature>
//! signature      = base64(HMAC-SHA256(secret key, string to sign))
//! string to sign = METHOD \n Content-MD5 \n Content-Type \n Date
//! ```
//!
//! Path and query are **not** signed. Whoever accepts a signature has to see to it that its key
//! belongs to the node that is asked for; and as nothing is said about freshness either, a request
//! can be repeated by whoever saw it. The date is signed as the text that it is: agents write their
//! local wall time with `GMT` behind it, so no window of time is asked for.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::digest::Key;
use hmac::{Hmac, KeyInit as _, Mac as _};
use md5::{Digest as _, Md5};
use secrecy::zeroize::Zeroize as _;
use sha2::Sha256;
use subtle::ConstantTimeEq as _;

use super::{AccessKeyId, SecretKey};

/// The word in front of a key and a signature; its case counts.
const SCHEME: &str = "DIAL_TESTING";

/// The HMAC-SHA256 of what a request says of itself: 32 bytes, written in padded base64.
///
/// Two of them are compared only in a time that says nothing about where they differ.
#[derive(Clone, Copy)]
pub struct Signature([u8; 32]);

/// What stands in the header `Authorization` of a node's request.
#[derive(Debug, Clone)]
pub struct Authorization {
    /// The public half of the key that it was signed with.
    pub key: AccessKeyId,
    /// The signature.
    pub signature: Signature,
}

/// The part of a request that is signed. A header that was not sent is the empty text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SignedRequest<'a> {
    /// The method, in upper case as sent.
    pub method: &'a str,
    /// The header `Content-MD5`: the MD5 of the body in lower-case hexadecimal digits.
    pub content_md5: &'a str,
    /// The header `Content-Type`, which agents do not send.
    pub content_type: &'a str,
    /// The header `Date`, whatever it says.
    pub date: &'a str,
}

/// Why a request is not taken for one of the node's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// The header is not the scheme, one space, a key, one colon and a signature.
    #[error(
        "the authorization must be {SCHEME:?}, one space, the access key, \":\" and the signature"
    )]
    Malformed,
    /// The body is not the one that `Content-MD5` tells of.
    #[error("the body does not have the MD5 that Content-MD5 says")]
    Body,
    /// The secret key at hand makes another signature.
    #[error("the signature is not that of the key")]
    Wrong,
}

impl SignedRequest<'_> {
    /// The text that is signed: four lines without an end of line behind the last one.
    #[must_use]
    pub fn string_to_sign(&self) -> String {
        [self.method, self.content_md5, self.content_type, self.date].join("\n")
    }

    /// The signature that the owner of `secret` puts under this request.
    #[must_use]
    pub fn sign(&self, secret: &SecretKey) -> Signature {
        Signature(self.mac(secret).finalize().into_bytes().into())
    }

    /// Whether `signature` is that of `secret` under this request, and `body` the body that it
    /// tells of.
    ///
    /// The signature is judged first, so that only the owner of a key learns about his body.
    ///
    /// # Errors
    /// [`SignatureError::Wrong`] or [`SignatureError::Body`]. A request without `Content-MD5` is
    /// refused even if its body is empty: agents always send it, and without it no body is signed.
    pub fn verify(
        &self,
        signature: Signature,
        secret: &SecretKey,
        body: &[u8],
    ) -> Result<(), SignatureError> {
        if !self.sign(secret).same(signature) {
            return Err(SignatureError::Wrong);
        }
        if self.content_md5 != content_md5(body) {
            return Err(SignatureError::Body);
        }
        Ok(())
    }

    fn mac(&self, secret: &SecretKey) -> Hmac<Sha256> {
        let mut mac = keyed_mac(secret);
        mac.update(self.string_to_sign().as_bytes());
        mac
    }
}

/// HMAC-SHA256 under the secret half of a key pair.
pub(super) fn keyed_mac(secret: &SecretKey) -> Hmac<Sha256> {
    // A key of 40 bytes is shorter than the block of 64 and is filled up with zeros.
    let mut key = Key::<Hmac<Sha256>>::default();
    key.iter_mut().zip(secret.reveal().bytes()).for_each(|(slot, byte)| *slot = byte);
    let mac = Hmac::<Sha256>::new(&key);
    key.as_mut_slice().zeroize();
    mac
}

/// What [`content_md5`] is of no body at all.
pub const MD5_OF_NOTHING: &str = "d41d8cd98f00b204e9800998ecf8427e";

/// What an agent writes into `Content-MD5` for this body: 32 lower-case hexadecimal digits, and
/// not base64, as RFC 1864 has it.
#[must_use]
pub fn content_md5(body: &[u8]) -> String {
    format!("{:032x}", u128::from_be_bytes(Md5::digest(body).into()))
}

impl Signature {
    /// Whether both are the same, in a time that says nothing about where they differ.
    #[must_use]
    pub fn same(self, other: Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&STANDARD.encode(self.0))
    }
}

/// Whoever holds a signature can repeat the request, so it is not printed by accident.
impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl FromStr for Signature {
    type Err = SignatureError;

    fn from_str(text: &str) -> Result<Self, SignatureError> {
        let bytes = STANDARD.decode(text).map_err(|_| SignatureError::Malformed)?;
        bytes.try_into().map(Self).map_err(|_| SignatureError::Malformed)
    }
}

/// Exactly one space and exactly one colon, as the agent's own library reads it.
impl FromStr for Authorization {
    type Err = SignatureError;

    fn from_str(text: &str) -> Result<Self, SignatureError> {
        let (scheme, rest) = text.split_once(' ').ok_or(SignatureError::Malformed)?;
        let (key, signature) = rest.split_once(':').ok_or(SignatureError::Malformed)?;
        if scheme != SCHEME {
            return Err(SignatureError::Malformed);
        }
        let key = AccessKeyId::try_from(key.to_owned()).map_err(|_| SignatureError::Malformed)?;
        Ok(Self { key, signature: signature.parse()? })
    }
}

impl fmt::Display for Authorization {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{SCHEME} {}:{}", self.key, self.signature)
    }
}

#[cfg(test)]
mod tests;
