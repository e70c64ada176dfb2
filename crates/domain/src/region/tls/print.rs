//! What stands in certificates, as text to show: bounded, and nothing in it that acts on a screen.

use std::fmt::Write as _;

use x509_parser::asn1_rs::{Any, Oid, Tag, ToDer as _};
use x509_parser::public_key::PublicKey;
use x509_parser::x509::{AttributeTypeAndValue, SubjectPublicKeyInfo, X509Name};

/// The most characters that anything has here.
const LONGEST: usize = 512;

/// The kinds of names that RFC 4514 has words for, and the one that certificates often have besides.
const KINDS: [(&str, &str); 10] = [
    ("2.5.4.3", "CN"),
    ("2.5.4.6", "C"),
    ("2.5.4.7", "L"),
    ("2.5.4.8", "ST"),
    ("2.5.4.9", "STREET"),
    ("2.5.4.10", "O"),
    ("2.5.4.11", "OU"),
    ("0.9.2342.19200300.100.1.25", "DC"),
    ("0.9.2342.19200300.100.1.1", "UID"),
    ("1.2.840.113549.1.9.1", "emailAddress"),
];

/// The curves of ECDSA keys that have a common name.
const CURVES: [(&str, &str); 3] = [
    ("1.2.840.10045.3.1.7", "ECDSA P-256"),
    ("1.3.132.0.34", "ECDSA P-384"),
    ("1.3.132.0.35", "ECDSA P-521"),
];

/// A name in the manner of RFC 4514: the most particular part first, as `CN=client,O=example`.
pub(super) fn name(name: &X509Name<'_>) -> String {
    let parts: Vec<_> = name.iter_rdn().collect();
    let parts = parts.into_iter().rev().map(|part| {
        let attributes: Vec<_> = part.iter().map(attribute).collect();
        attributes.join("+")
    });
    cut(parts.collect::<Vec<_>>().join(","))
}

fn attribute(attribute: &AttributeTypeAndValue<'_>) -> String {
    let kind = number(attribute.attr_type());
    let kind = word(&KINDS, &kind).unwrap_or(&kind);
    match text(attribute.attr_value()) {
        Some(value) => format!("{kind}={}", escaped(&value)),
        None => {
            format!("{kind}=#{}", hex(&attribute.attr_value().to_der_vec().unwrap_or_default()))
        }
    }
}

/// The value, if it is of a kind of text that is read here.
fn text(value: &Any<'_>) -> Option<String> {
    match value.tag() {
        Tag::Utf8String
        | Tag::PrintableString
        | Tag::Ia5String
        | Tag::NumericString
        | Tag::VisibleString
        | Tag::T61String => str::from_utf8(value.data).ok().map(str::to_owned),
        Tag::BmpString => {
            let units = value.data.chunks_exact(2);
            let whole = units.remainder().is_empty();
            let units: Vec<_> = units.map(|unit| u16::from_be_bytes([unit[0], unit[1]])).collect();
            whole.then(|| String::from_utf16(&units).ok()).flatten()
        }
        _ => None,
    }
}

fn escaped(value: &str) -> String {
    let mut escaped = String::new();
    let last = value.chars().count().saturating_sub(1);
    for (place, c) in value.chars().enumerate() {
        let special = match c {
            '"' | '+' | ',' | ';' | '<' | '>' | '\\' => true,
            ' ' => place == 0 || place == last,
            '#' => place == 0,
            _ => false,
        };
        if special {
            escaped.push('\\');
        }
        if acts(c) {
            let mut buffer = [0; 4];
            for byte in c.encode_utf8(&mut buffer).bytes() {
                let _ = write!(escaped, "\\{byte:02X}");
            }
        } else {
            escaped.push(c);
        }
    }
    escaped
}

/// Whether a character does something on a screen rather than stand there: control characters,
/// those that turn the direction of writing, and those without a width.
fn acts(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
        || matches!(c, '\u{61c}' | '\u{feff}')
}

/// The number that an issuer gave, without zeros in front.
pub(super) fn serial(bytes: &[u8]) -> String {
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    let digits = &bytes[zeros.min(bytes.len().saturating_sub(1))..];
    cut(hex(digits))
}

/// The kind of a public key.
pub(super) fn key_type(key: &SubjectPublicKeyInfo<'_>) -> String {
    let algorithm = number(&key.algorithm.algorithm);
    match (&*algorithm, key.parsed()) {
        ("1.3.101.112", _) => "Ed25519".to_owned(),
        (_, Ok(PublicKey::RSA(rsa))) => format!("RSA {}", bits(rsa.modulus)),
        (_, Ok(PublicKey::EC(_))) => {
            let curve = key.algorithm.parameters.as_ref();
            let curve = curve.filter(|any| any.tag() == Tag::Oid).and_then(|any| any.as_oid().ok());
            // A curve that is not named, but described, is no curve that anything here can use.
            let curve = curve.map_or(algorithm, |curve| number(&curve));
            word(&CURVES, &curve).map_or(curve, str::to_owned)
        }
        _ => algorithm,
    }
}

fn bits(number: &[u8]) -> usize {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    let digits = &number[zeros..];
    let unused = digits.first().map_or(0, |first| first.leading_zeros() as usize);
    digits.len() * 8 - unused
}

/// The number in the usual form with dots, or if a part of it has more than 64 bits, its bytes.
fn number(oid: &Oid<'_>) -> String {
    let arcs = oid.iter().map(|arcs| arcs.map(|arc| arc.to_string()).collect::<Vec<_>>());
    match arcs {
        Some(arcs) if !arcs.is_empty() => cut(arcs.join(".")),
        _ => cut(format!("#{}", hex(oid.as_bytes()))),
    }
}

fn word(words: &[(&str, &'static str)], number: &str) -> Option<&'static str> {
    words.iter().find(|(known, _)| *known == number).map(|(_, word)| *word)
}

/// Two lower-case hexadecimal digits for each byte.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The text, or if it is too long, its beginning and `…`.
fn cut(text: String) -> String {
    match text.char_indices().nth(LONGEST - 1) {
        Some((end, _)) if text.chars().count() > LONGEST => format!("{}…", &text[..end]),
        _ => text,
    }
}

#[cfg(test)]
mod tests;
