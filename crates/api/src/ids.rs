//! New identifiers and secrets, from the system's generator of random numbers.

use cadastre_domain::id::{HexId, NamedId, NodeId, ParentKeyId, TokenId};
use cadastre_domain::node::{AccessKey, AccessKeyId, SecretKey};
use cadastre_domain::secret::Secret;
use rand::distr::{Alphanumeric, SampleString as _};
use rand::seq::IndexedRandom as _;
use uuid::Uuid;

/// An identifier that sorts by the time it was made.
#[must_use]
pub fn hex_id<K>() -> HexId<K> {
    HexId::from_bytes(*Uuid::now_v7().as_bytes())
}

/// An identifier of a dial task or of a tag. The dialing interface knows them as 32 digits of chance,
/// but these sort by the time they were made, too.
#[must_use]
pub fn named_id<K>() -> NamedId<K> {
    NamedId::from(hex_id())
}

/// An identifier of a node.
///
/// # Panics
/// Never: an xid has the form that an identifier asks for.
#[must_use]
pub fn node_id() -> NodeId {
    format!("reg_{}", xid::new()).parse().expect("an xid has 20 characters of base32hex")
}

/// An identifier of the parent of an enterprise's node keys.
///
/// # Panics
/// Never, as [`node_id`].
#[must_use]
pub fn parent_key_id() -> ParentKeyId {
    format!("ak_{}", xid::new()).parse().expect("an xid has 20 characters of base32hex")
}

/// A key pair of a node.
///
/// # Panics
/// Never: the characters are those that a key pair asks for.
#[must_use]
pub fn access_key() -> AccessKey {
    let id = Alphanumeric.sample_string(&mut rand::rng(), 20);
    let secret = Alphanumeric.sample_string(&mut rand::rng(), 40);
    AccessKey {
        id: AccessKeyId::try_from(id).expect("20 letters and digits"),
        secret: SecretKey::try_from(secret).expect("40 letters and digits"),
    }
}

/// The text of a new token: recognisable, and with 32 letters and digits (190 bits) of chance.
#[must_use]
pub fn token_text(id: TokenId) -> Secret {
    let chance = Alphanumeric.sample_string(&mut rand::rng(), 32);
    Secret::from(format!("cad_{id}_{chance}"))
}

/// The secret of a new webhook: recognisable, and with 40 letters and digits (238 bits) of chance.
#[must_use]
pub fn webhook_secret() -> Secret {
    Secret::from(format!("whsec_{}", Alphanumeric.sample_string(&mut rand::rng(), 40)))
}

/// The technical name of a new team: 8 characters of `a-z0-9`.
///
/// # Panics
/// Never: the alphabet is not empty.
#[must_use]
pub fn team_name() -> String {
    const ALPHABET: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789";
    let mut random = rand::rng();
    let letter = |_| char::from(*ALPHABET.choose(&mut random).expect("an alphabet"));
    (0..8).map(letter).collect()
}
