//! The vectors of the dialing contract, section 3.1, and what must not pass.

#![expect(clippy::unwrap_used, reason = "a broken sample should stop the test")]

use proptest::prelude::*;

use super::*;

const KEY: &str = "4jwIcxedYwSdTsn9rZ0f";
const SECRET: &str = "utiGZCqZkEe6ZzKyW30xczv96joMrmvGAfxuJ7Fr";
const DATE: &str = "Sun, 05 Mar 2023 16:05:31 GMT";
const EMPTY: &str = "d41d8cd98f00b204e9800998ecf8427e";
const PULL: SignedRequest<'_> =
    SignedRequest { method: "GET", content_md5: EMPTY, content_type: "", date: DATE };
const SIGNATURE: &str = "ULEdAPR+Cqsf9s1gI4GkYzT0+8YVmzla8j1AN8hKGWc=";

fn secret() -> SecretKey {
    SecretKey::try_from(SECRET.to_owned()).unwrap()
}

#[test]
fn the_string_to_sign_is_that_of_the_contract() {
    let hex = "4745540a\
               64343164386364393866303062323034653938303039393865636638343237650a\
               0a\
               53756e2c203035204d617220323032332031363a30353a333120474d54";
    let text = PULL.string_to_sign();
    assert_eq!(text.len(), 67);
    let digit = |c: u8| char::from_digit(c.into(), 16).unwrap();
    let digits = text.bytes().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]);
    assert_eq!(digits.collect::<String>(), hex);
}

#[test]
fn the_pull_of_the_contract_is_signed_as_there() {
    let header = format!("DIAL_TESTING {KEY}:{SIGNATURE}");
    let authorization: Authorization = header.parse().unwrap();
    assert_eq!(authorization.key.to_string(), KEY);
    assert_eq!(PULL.sign(&secret()).to_string(), SIGNATURE);
    assert_eq!(PULL.verify(authorization.signature, &secret(), b""), Ok(()));
    assert_eq!(authorization.to_string(), header);
}

#[test]
fn the_digest_of_nothing_is_that_of_an_empty_body() {
    assert_eq!(content_md5(b""), EMPTY);
    assert_eq!(MD5_OF_NOTHING, EMPTY);
}

#[test]
fn the_variable_update_of_the_contract_is_signed_as_there() {
    let body = br#"[{"uuid":"var_1","value":"42","updated_at":1678032331,"owner_external_id":"ak_c1imts73q2c335d71cn0-wksp_ed134a6485c8484dbd0e58ce9a9c6115"}]"#;
    assert_eq!(body.len(), 139);
    let digest = content_md5(body);
    assert_eq!(digest, "121a6a8176f2c5ac6dc6b972052b2ca2");
    let request = SignedRequest { method: "POST", content_md5: &digest, ..PULL };
    let signature: Signature = "pQNH4/WtAbtHQ+Rs7VXe0FOEs8sObT0Vci6tRN8J6BI=".parse().unwrap();
    assert_eq!(request.verify(signature, &secret(), body), Ok(()));
    assert_eq!(request.verify(signature, &secret(), b"[]"), Err(SignatureError::Body));
}

#[test]
fn the_pull_captured_from_the_agent_is_accepted() {
    let request = SignedRequest { date: "Sun, 22 Nov 2026 08:08:59 GMT", ..PULL };
    let signature: Signature = "YtwKcPy2BpuilwMSP7euFaDYyWl6AJgPjjgAvmWo00s=".parse().unwrap();
    assert_eq!(request.verify(signature, &secret(), b""), Ok(()));
}

#[test]
fn every_signed_part_counts() {
    let signature: Signature = SIGNATURE.parse().unwrap();
    let others = [
        SignedRequest { method: "POST", ..PULL },
        SignedRequest { method: "get", ..PULL },
        SignedRequest { content_md5: "", ..PULL },
        SignedRequest { content_type: "application/json", ..PULL },
        SignedRequest { date: "Sun, 05 Mar 2023 16:05:32 GMT", ..PULL },
    ];
    for other in others {
        assert_eq!(other.verify(signature, &secret(), b""), Err(SignatureError::Wrong));
    }
    let other = SecretKey::try_from(SECRET.replace('u', "v")).unwrap();
    assert_eq!(PULL.verify(signature, &other, b""), Err(SignatureError::Wrong));
}

#[test]
fn a_body_without_a_digest_is_not_signed() {
    let request = SignedRequest { content_md5: "", ..PULL };
    let signature = request.sign(&secret());
    assert_eq!(request.verify(signature, &secret(), b""), Err(SignatureError::Body));
    let upper = SignedRequest { content_md5: &EMPTY.to_uppercase(), ..PULL }.sign(&secret());
    assert_eq!(PULL.verify(upper, &secret(), b""), Err(SignatureError::Wrong));
}

#[test]
fn no_single_bit_may_differ() {
    let right = PULL.sign(&secret());
    for bit in 0..256 {
        let mut wrong = right;
        wrong.0[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(PULL.verify(wrong, &secret(), b""), Err(SignatureError::Wrong));
    }
}

#[test]
fn other_headers_are_malformed() {
    let other = [
        String::new(),
        "DIAL_TESTING".to_owned(),
        format!("dial_testing {KEY}:{SIGNATURE}"),
        format!("DIAL_TESTING  {KEY}:{SIGNATURE}"),
        format!("DIAL_TESTING {KEY}: {SIGNATURE}"),
        format!("DIAL_TESTING {KEY}:{SIGNATURE} "),
        format!("DIAL_TESTING {KEY}:{SIGNATURE}:"),
        format!("DIAL_TESTING {KEY}{SIGNATURE}"),
        format!("DIAL_TESTING {}:{SIGNATURE}", &KEY[1..]),
        format!("DIAL_TESTING {KEY}:{}", SIGNATURE.trim_end_matches('=')),
        format!("DIAL_TESTING {KEY}:{}", SIGNATURE.replace('+', "-")),
        // The last digit carries two bits that belong to no byte.
        format!("DIAL_TESTING {KEY}:{}", SIGNATURE.replace("Wc=", "Wd=")),
        format!("DIAL_TESTING {KEY}:"),
        format!("Basic {KEY}:{SIGNATURE}"),
    ];
    for header in other {
        assert_eq!(
            header.parse::<Authorization>().err(),
            Some(SignatureError::Malformed),
            "{header}"
        );
    }
}

#[test]
fn a_signature_is_not_printed_by_accident() {
    let signature: Signature = SIGNATURE.parse().unwrap();
    assert_eq!(format!("{signature:?}"), "***");
}

proptest! {
    #[test]
    fn what_parses_prints_back_the_same(text in "DIAL_TESTING [0-9A-Za-z]{20}:[0-9A-Za-z+/]{43}=|.{0,90}") {
        if let Ok(authorization) = text.parse::<Authorization>() {
            prop_assert_eq!(authorization.to_string(), text);
        }
    }

    #[test]
    fn what_is_signed_verifies(method in "[A-Z]{1,7}", kind in "[ -~]{0,20}", date in "[ -~]{0,40}", body in ".{0,60}") {
        let digest = content_md5(body.as_bytes());
        let request = SignedRequest { method: &method, content_md5: &digest, content_type: &kind, date: &date };
        prop_assert_eq!(request.verify(request.sign(&secret()), &secret(), body.as_bytes()), Ok(()));
    }
}
