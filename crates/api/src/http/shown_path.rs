//! Paths as the log and the audit tell them: without what might be a secret that somebody put where
//! none belongs.

use std::fmt;

use cadastre_domain::token::SHORTEST_CHOSEN_TOKEN;

/// What stands in place of a part that is not told.
const HIDDEN: &str = "***";

/// The path, without those parts that are long enough to be a token and are no identifiers.
#[derive(Debug, Clone, Copy)]
pub struct Shown<'a>(pub &'a str);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, part) in self.0.split('/').enumerate() {
            if place > 0 {
                f.write_str("/")?;
            }
            f.write_str(if may_be_secret(part) { HIDDEN } else { part })?;
        }
        Ok(())
    }
}

fn may_be_secret(part: &str) -> bool {
    part.len() >= SHORTEST_CHOSEN_TOKEN && !is_identifier(part)
}

/// Whether the part has the form of an identifier: 32 hexadecimal digits or, behind a word that says
/// of what, those or the 20 characters of an xid.
fn is_identifier(part: &str) -> bool {
    let all = |text: &str, last: char| {
        text.chars().all(|c| c.is_ascii_digit() || ('a'..=last).contains(&c))
    };
    let is_hex = |text: &str| text.len() == 32 && all(text, 'f');
    match part.split_once('_') {
        Some(("reg" | "dial" | "var" | "wksp", id)) => {
            is_hex(id) || (id.len() == 20 && all(id, 'v'))
        }
        _ => is_hex(part),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_a_secret_is_not_told() {
        let (hex, long) = ("0123456789abcdef0123456789abcdef", "chosen-by-an-operator");
        for (path, expected) in [
            ("", ""),
            ("/", "/"),
            ("/openapi/v2/manage/regions/7", "/openapi/v2/manage/regions/7"),
            ("/abcdefghijklmnopqrst/", "/***/"),
            ("/abcdefghijklmnopqrs/", "/abcdefghijklmnopqrs/"),
            (&format!("/teams/{hex}/regions"), &format!("/teams/{hex}/regions")),
            (&format!("/teams/{hex}0"), "/teams/***"),
            (&format!("/teams/{}", hex.to_uppercase()), "/teams/***"),
            (&format!("/teams/{long}/regions"), "/teams/***/regions"),
            (&format!("/tokens/cad_{hex}_{hex}"), "/tokens/***"),
            (&format!("/tokens/cad_{hex}"), "/tokens/***"),
            (&format!("/tasks/dial_{hex}"), &format!("/tasks/dial_{hex}")),
            (&format!("/dial-variables/var_{hex}"), &format!("/dial-variables/var_{hex}")),
            (&format!("/v1/check/token/tkn_{hex}"), "/v1/check/token/***"),
            ("/nodes/reg_cg2britepb7e977fpm8g", "/nodes/reg_cg2britepb7e977fpm8g"),
            ("/nodes/reg_cg2britepb7e977fpm8gg", "/nodes/***"),
            ("/nodes/x_cg2britepb7e977fpm8g", "/nodes/***"),
            ("//%2Fetc%2Fpasswd%2F%2F%2F", "//***"),
        ] {
            assert_eq!(Shown(path).to_string(), expected, "{path}");
        }
    }
}
