//! How an agent signs (dialing contract, section 3.1): written anew, so that it does not agree with
//! the register by being the same code.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit as _, Mac as _};
use md5::{Digest as _, Md5};
use sha2::Sha256;

use crate::dump::hex_digits;

/// What an agent says of a request and its body.
#[derive(Debug, Clone)]
pub struct Signed {
    /// `Authorization`.
    pub authorization: String,
    /// `Content-MD5`, in lower-case hexadecimal digits.
    pub content_md5: String,
    /// `Date`.
    pub date: String,
}

/// Signs a request with this body. Agents send no `Content-Type` with what they sign.
///
/// # Panics
/// Never: HMAC takes keys of any length.
#[must_use]
pub fn sign(ak: &str, sk: &str, method: &str, body: &[u8], date: &str) -> Signed {
    let content_md5 = hex_digits(&Md5::digest(body));
    let text = format!("{method}\n{content_md5}\n\n{date}");
    let mut mac = Hmac::<Sha256>::new_from_slice(sk.as_bytes()).expect("a key of any length");
    mac.update(text.as_bytes());
    let signature = STANDARD.encode(mac.finalize().into_bytes());
    Signed {
        authorization: format!("DIAL_TESTING {ak}:{signature}"),
        content_md5,
        date: date.to_owned(),
    }
}

/// A wall time as agents write it: whatever the zone is, `GMT` is glued on.
#[must_use]
pub fn date(wall: DateTime<Utc>) -> String {
    wall.format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    const AK: &str = "4jwIcxedYwSdTsn9rZ0f";
    const SK: &str = "utiGZCqZkEe6ZzKyW30xczv96joMrmvGAfxuJ7Fr";

    #[test]
    fn it_signs_as_the_vectors_say() {
        let at = DateTime::from_timestamp(1_678_032_331, 0).expect("a time");
        assert_eq!(date(at), "Sun, 05 Mar 2023 16:05:31 GMT");
        let body = concat!(
            r#"[{"uuid":"var_1","value":"42","updated_at":1678032331,"owner_external_id":"#,
            r#""ak_c1imts73q2c335d71cn0-wksp_ed134a6485c8484dbd0e58ce9a9c6115"}]"#,
        );
        let captured = "Sun, 22 Nov 2026 08:08:59 GMT";
        for (method, body, date, md5, signature) in [
            (
                "GET",
                "",
                &*date(at),
                "d41d8cd98f00b204e9800998ecf8427e",
                "ULEdAPR+Cqsf9s1gI4GkYzT0+8YVmzla8j1AN8hKGWc=",
            ),
            (
                "POST",
                body,
                &*date(at),
                "121a6a8176f2c5ac6dc6b972052b2ca2",
                "pQNH4/WtAbtHQ+Rs7VXe0FOEs8sObT0Vci6tRN8J6BI=",
            ),
            (
                "GET",
                "",
                captured,
                "d41d8cd98f00b204e9800998ecf8427e",
                "YtwKcPy2BpuilwMSP7euFaDYyWl6AJgPjjgAvmWo00s=",
            ),
        ] {
            let signed = sign(AK, SK, method, body.as_bytes(), date);
            assert_eq!(signed.content_md5, md5);
            assert_eq!(signed.authorization, format!("DIAL_TESTING {AK}:{signature}"));
        }
    }
}
