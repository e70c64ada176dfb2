//! How a receiver knows that a message comes from the register.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use crate::secret::Secret;

/// What stands in the header of a message: `t=<seconds>,v1=<signature>`, in which the signature is
/// the HMAC-SHA-256, in lower-case hexadecimal digits, of the Unix time in seconds, a dot and the
/// body, under the text of the secret. The time is signed so that a message that somebody recorded
/// can be told from a new one.
///
/// # Panics
/// Never: HMAC takes a key of any length.
#[must_use]
pub fn sign(secret: &Secret, seconds: i64, body: &[u8]) -> String {
    let mac = Hmac::<Sha256>::new_from_slice(secret.reveal().as_bytes());
    let mut mac = mac.expect("HMAC takes a key of any length");
    mac.update(seconds.to_string().as_bytes());
    mac.update(b".");
    mac.update(body);
    let code: [u8; 32] = mac.finalize().into_bytes().into();
    let high = u128::from_be_bytes(std::array::from_fn(|i| code[i]));
    let low = u128::from_be_bytes(std::array::from_fn(|i| code[16 + i]));
    format!("t={seconds},v1={high:032x}{low:032x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `printf '1795336215.{"a":1}' | openssl dgst -sha256 -hmac whsec_test`
    #[test]
    fn the_signature_is_what_another_implementation_computes() {
        let secret = Secret::from("whsec_test".to_owned());
        assert_eq!(
            sign(&secret, 1_795_336_215, br#"{"a":1}"#),
            "t=1795336215,v1=89462567f4ac22e215809bb8f1b7771d3778fa7427ae145c7b2e48c42ba46ddd"
        );
    }

    #[test]
    fn time_body_and_secret_all_count() {
        let secret = |text: &str| Secret::from(text.to_owned());
        let all = [
            sign(&secret("a"), 1, b"x"),
            sign(&secret("b"), 1, b"x"),
            sign(&secret("a"), 2, b"x"),
            sign(&secret("a"), 1, b"y"),
        ];
        for (place, one) in all.iter().enumerate() {
            assert!(!all[..place].contains(one), "{place}");
        }
    }
}
