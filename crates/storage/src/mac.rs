//! Codes that only the holder of a key can make, and how they are compared.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use subtle::ConstantTimeEq as _;

/// HMAC-SHA-256 of some parts, each behind its length, so that `["ab", "c"]` and `["a", "bc"]`
/// give different codes. The key may have any length; 32 bytes of chance are right.
///
/// # Panics
/// Never: HMAC takes a key of any length.
#[must_use]
pub fn hmac_sha256(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    for part in parts {
        mac.update(&length(part));
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// Whether two texts are the same, in a time that says nothing of where they differ. Texts of
/// different lengths are told apart at once.
#[must_use]
pub fn same(a: &[u8], b: &[u8]) -> bool {
    a.ct_eq(b).into()
}

/// The length in bytes that stands in front of a part: 8 bytes, the highest first.
pub(crate) fn length(part: &[u8]) -> [u8; 8] {
    (part.len() as u64).to_be_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(bytes: &[u8]) -> String {
        use std::fmt::Write as _;
        bytes.iter().fold(String::new(), |mut text, byte| {
            write!(text, "{byte:02x}").expect("a text takes all");
            text
        })
    }

    #[test]
    fn the_code_is_what_another_implementation_computes() {
        let key: Vec<u8> = (0..32).collect();
        for (parts, code) in [
            (&[][..], "d38b42096d80f45f826b44a9d5607de72496a415d3f4a1a8c88e3bb9da8dc1cb"),
            (
                &[&b"ab"[..], b"", b"c"][..],
                "2602c67dbb615282c1872641a631d8f2782de761cf7c1a6181c175e4cc07b069",
            ),
        ] {
            assert_eq!(hex(&hmac_sha256(&key, parts)), code);
        }
        assert_eq!(
            hex(&hmac_sha256(&[7; 100], &[b"long key"])),
            "95848fe46d87fd43a305f30bd831913b3101a2f0a28630d5f81640c7b66df405"
        );
    }

    #[test]
    fn where_one_part_ends_and_the_next_begins_matters() {
        let codes = [
            hmac_sha256(b"k", &[b"ab", b"c"]),
            hmac_sha256(b"k", &[b"a", b"bc"]),
            hmac_sha256(b"k", &[b"abc"]),
            hmac_sha256(b"k", &[b"abc", b""]),
            hmac_sha256(b"l", &[b"abc", b""]),
        ];
        for (i, code) in codes.iter().enumerate() {
            assert!(!codes[..i].contains(code), "{i}");
        }
    }

    #[test]
    fn only_equal_texts_are_the_same() {
        assert!(same(b"", b"") && same(b"abc", b"abc"));
        assert!(!same(b"abc", b"abd") && !same(b"abc", b"ab") && !same(b"", b"a"));
    }
}
