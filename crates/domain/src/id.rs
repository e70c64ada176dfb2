//! Identifiers: opaque, made by the caller, never reused, one type for each kind of thing.

use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

mod named;

pub use named::{
    NamedId, RunId, RunKind, TagId, TagKind, TaskId, TaskKind, VariableId, VariableKind,
};

/// An identifier of 16 bytes, written as 32 lower-case hexadecimal digits.
///
/// `K` says what is identified, so that a team cannot be looked up as a region.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HexId<K> {
    bytes: [u8; 16],
    kind: PhantomData<K>,
}

/// Marks the identifier of an enterprise.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EnterpriseKind {}
/// Marks the identifier of a region.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RegionKind {}
/// Marks the identifier of a team.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TeamKind {}
/// Marks the identifier of a token.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TokenKind {}
/// Marks the identifier of a set of credentials.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CredentialsKind {}

/// Marks the identifier of a maintenance window.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum WindowKind {}

/// Marks the identifier of an alarm.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AlarmIdKind {}
/// Marks the identifier of something that happened to an alarm.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AlarmEventKind {}
/// Marks the identifier of a webhook.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum WebhookKind {}
/// Marks the identifier of a delivery to a webhook.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum WebhookDeliveryKind {}

/// Identifies an enterprise.
pub type EnterpriseId = HexId<EnterpriseKind>;
/// Identifies a region.
pub type RegionId = HexId<RegionKind>;
/// Identifies a team.
pub type TeamId = HexId<TeamKind>;
/// Identifies a token; it is no secret.
pub type TokenId = HexId<TokenKind>;
/// Identifies a set of credentials that a region has or had; it is no secret.
pub type CredentialsId = HexId<CredentialsKind>;
/// Identifies a maintenance window.
pub type WindowId = HexId<WindowKind>;

/// Identifies an alarm.
pub type AlarmId = HexId<AlarmIdKind>;
/// Identifies something that happened to an alarm.
pub type AlarmEventId = HexId<AlarmEventKind>;
/// Identifies a webhook.
pub type WebhookId = HexId<WebhookKind>;
/// Identifies a delivery to a webhook.
pub type WebhookDeliveryId = HexId<WebhookDeliveryKind>;

/// Why a text is no identifier.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// Not 32 lower-case hexadecimal digits.
    #[error("an identifier has 32 digits of 0-9 and a-f")]
    Hex,
    /// Not the prefix of its kind followed by 20 characters of base32hex.
    #[error("an identifier of this kind is {0:?} and 20 characters of 0-9 and a-v")]
    Prefixed(&'static str),
    /// Not the prefix of its kind followed by 32 lower-case hexadecimal digits.
    #[error("an identifier of this kind is {0:?} and 32 digits of 0-9 and a-f")]
    Named(&'static str),
}

impl<K> HexId<K> {
    /// The identifier made of these bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self { bytes, kind: PhantomData }
    }

    /// The bytes that it is made of.
    #[must_use]
    pub const fn to_bytes(self) -> [u8; 16] {
        self.bytes
    }
}

impl<K> fmt::Display for HexId<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl<K> fmt::Debug for HexId<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<K> FromStr for HexId<K> {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let digits = text.as_bytes();
        if digits.len() != 32 {
            return Err(IdError::Hex);
        }
        let mut bytes = [0; 16];
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            *byte = (hex_digit(pair[0])? << 4) | hex_digit(pair[1])?;
        }
        Ok(Self::from_bytes(bytes))
    }
}

impl<K> TryFrom<String> for HexId<K> {
    type Error = IdError;

    fn try_from(text: String) -> Result<Self, IdError> {
        text.parse()
    }
}

impl<K> From<HexId<K>> for String {
    fn from(id: HexId<K>) -> Self {
        id.to_string()
    }
}

fn hex_digit(digit: u8) -> Result<u8, IdError> {
    match digit {
        b'0'..=b'9' => Ok(digit - b'0'),
        b'a'..=b'f' => Ok(digit - b'a' + 10),
        _ => Err(IdError::Hex),
    }
}

/// What a [`PrefixedId`] identifies, and the prefix by which it is recognised.
pub trait Prefix {
    /// The text in front, its underscore included.
    const PREFIX: &'static str;
}

/// An identifier in the form of the dialing interface: a prefix and an *xid* of 20 characters.
///
/// An xid is 12 bytes in base32hex: 4 bytes of Unix seconds, then 8 that make it unique. Twenty
/// characters carry 100 bits, so the last one has only its highest bit in use.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PrefixedId<K> {
    text: String,
    kind: PhantomData<K>,
}

/// Marks the identifier of a node.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NodeKind {}
impl Prefix for NodeKind {
    const PREFIX: &'static str = "reg_";
}
/// Marks the identifier of a key row: the constant parent of all node keys of an enterprise.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ParentKeyKind {}
impl Prefix for ParentKeyKind {
    const PREFIX: &'static str = "ak_";
}

/// Identifies a node.
pub type NodeId = PrefixedId<NodeKind>;
/// Identifies the constant parent of all node keys of an enterprise.
pub type ParentKeyId = PrefixedId<ParentKeyKind>;

impl<K> AsRef<str> for PrefixedId<K> {
    fn as_ref(&self) -> &str {
        &self.text
    }
}

impl<K> fmt::Display for PrefixedId<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl<K> fmt::Debug for PrefixedId<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl<K: Prefix> FromStr for PrefixedId<K> {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let xid = text.strip_prefix(K::PREFIX).unwrap_or_default();
        let alphabet = xid.bytes().all(|c| matches!(c, b'0'..=b'9' | b'a'..=b'v'));
        if xid.len() == 20 && alphabet && xid.ends_with(['0', 'g']) {
            Ok(Self { text: text.to_owned(), kind: PhantomData })
        } else {
            Err(IdError::Prefixed(K::PREFIX))
        }
    }
}

impl<K: Prefix> TryFrom<String> for PrefixedId<K> {
    type Error = IdError;

    fn try_from(text: String) -> Result<Self, IdError> {
        text.parse()
    }
}

impl<K> From<PrefixedId<K>> for String {
    fn from(id: PrefixedId<K>) -> Self {
        id.text
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn other_spellings_are_refused() {
        for text in ["", "x", "0123456789abcdef0123456789abcdeF", "0123456789abcdef0123456789abcde"]
        {
            assert_eq!(text.parse::<RegionId>(), Err(IdError::Hex), "{text}");
        }
        for text in [
            "",
            "reg_",
            "reg_cg2britepb7e977fpm8G",
            "ak_c1imts73q2c335d71cn0",
            "reg_cg2britepb7e977fpm81",
        ] {
            assert_eq!(text.parse::<NodeId>(), Err(IdError::Prefixed("reg_")), "{text}");
        }
        assert!("reg_cg2britepb7e977fpm8g".parse::<NodeId>().is_ok());
        assert!("ak_c1imts73q2c335d71cn0".parse::<ParentKeyId>().is_ok());
    }

    proptest! {
        #[test]
        fn a_hex_id_prints_back_the_same(bytes: [u8; 16]) {
            let id = RegionId::from_bytes(bytes);
            prop_assert_eq!(id.to_string().parse(), Ok(id));
        }

        #[test]
        fn a_node_id_prints_back_the_same(text in "reg_[0-9a-v]{19}[0g]") {
            prop_assert_eq!(text.parse::<NodeId>().map(String::from), Ok(text));
        }

        #[test]
        fn no_text_panics(text in ".*") {
            let _ = text.parse::<TeamId>();
            let _ = text.parse::<NodeId>();
        }
    }
}
