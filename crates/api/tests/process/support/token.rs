//! Tokens, made by a command, and what is seen in their texts.

use super::Place;

/// Creates a token with these arguments.
pub fn create(place: &Place, arguments: &[&str]) -> String {
    let token = place.run(&[&["token", "create"], arguments].concat()).line();
    assert!(is_token(&token), "{token}");
    token
}

/// The id in the text of a token, by which it is listed and revoked.
pub fn id_of(token: &str) -> &str {
    token.split('_').nth(1).unwrap()
}

/// Whether the text has the form of a token that the register makes.
pub fn is_token(text: &str) -> bool {
    let parts = text.strip_prefix("cad_").and_then(|rest| rest.split_once('_'));
    parts.is_some_and(|(id, chance)| {
        is_id(id) && chance.len() == 32 && chance.bytes().all(|c| c.is_ascii_alphanumeric())
    })
}

/// Whether the text has the form of an identifier.
pub fn is_id(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|c| matches!(c, b'0'..=b'9' | b'a'..=b'f'))
}
