//! The credential of one delivery: with it, a node posts what it found for one task.

use std::fmt;
use std::str::FromStr;

use hmac::Mac as _;
use subtle::ConstantTimeEq as _;

use super::SecretKey;
use super::signature::keyed_mac;
use crate::id::{EnterpriseId, NodeId, TaskId};
use crate::secret::Secret;

/// What every token of results begins with (dialing contract, section 1.4), followed by the version of
/// the form. Tokens of the first form have no version: they are 32 hexadecimal digits.
const PREFIX: &str = "tkn_2";
/// The number of characters of a node behind its own prefix.
const NODE: usize = 20;
/// The number of characters of a task behind its own prefix.
const TASK: usize = 32;
/// The number of characters of a code.
const CODE: usize = 32;

/// The token in the `post_url` of a delivery. It names node and task, and carries a code of 128 bits
/// that only the holder of a key of the node can make: HMAC-SHA256 of enterprise, node and task.
///
/// So it takes no row of the database, every server can check it, and it ends with the key. It has
/// letters and digits only, as agents put it into paths and queries as it is.
///
/// ```
/// use cadastre_domain::id::EnterpriseId;
/// use cadastre_domain::node::{ResultToken, SecretKey};
///
/// let secret = SecretKey::try_from("s".repeat(40)).unwrap();
/// let (home, other) = (EnterpriseId::from_bytes([1; 16]), EnterpriseId::from_bytes([2; 16]));
/// let node = "reg_cg2britepb7e977fpm8g".parse().unwrap();
/// let task = "dial_0123456789abcdef0123456789abcdef".parse().unwrap();
/// let token = ResultToken::sign(&secret, home, &node, task);
/// let read: ResultToken = token.text().reveal().parse().unwrap();
/// assert!(read.is_signed_with(&secret, home));
/// assert!(!read.is_signed_with(&secret, other));
/// ```
#[derive(Clone)]
pub struct ResultToken {
    node: NodeId,
    task: TaskId,
    code: [u8; CODE / 2],
}

/// Why a text is not the token of a delivery. The text itself is never shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the text is not a result token of a delivery")]
pub struct ResultTokenError;

impl ResultToken {
    /// The token of a delivery, made with a key of its node.
    #[must_use]
    pub fn sign(secret: &SecretKey, enterprise: EnterpriseId, node: &NodeId, task: TaskId) -> Self {
        Self { node: node.clone(), task, code: code(secret, enterprise, node, task) }
    }

    /// Whether it was made with this key, for a node of this enterprise. Takes a time that does not
    /// depend on where the codes differ.
    #[must_use]
    pub fn is_signed_with(&self, secret: &SecretKey, enterprise: EnterpriseId) -> bool {
        code(secret, enterprise, &self.node, self.task).ct_eq(&self.code).into()
    }

    /// The node that posts with it.
    #[must_use]
    pub const fn node(&self) -> &NodeId {
        &self.node
    }

    /// The task whose results are posted with it.
    #[must_use]
    pub const fn task(&self) -> TaskId {
        self.task
    }

    /// Its text, which is secret.
    #[must_use]
    pub fn text(&self) -> Secret {
        let (node, task) = (self.node.to_string(), self.task.to_string());
        let ids = [node, task].map(|id| id.rsplit('_').next().unwrap_or_default().to_owned());
        let code = u128::from_be_bytes(self.code);
        Secret::from(format!("{PREFIX}{}{}{code:032x}", ids[0], ids[1]))
    }
}

fn code(
    secret: &SecretKey,
    enterprise: EnterpriseId,
    node: &NodeId,
    task: TaskId,
) -> [u8; CODE / 2] {
    let mut mac = keyed_mac(secret);
    // Requests that are signed with the same key begin with a method, never with this.
    mac.update(format!("cadastre result token 2\n{enterprise}\n{node}\n{task}").as_bytes());
    let whole: [u8; CODE] = mac.finalize().into_bytes().into();
    std::array::from_fn(|place| whole[place])
}

impl FromStr for ResultToken {
    type Err = ResultTokenError;

    fn from_str(text: &str) -> Result<Self, ResultTokenError> {
        let rest = text.strip_prefix(PREFIX).ok_or(ResultTokenError)?;
        if !rest.is_ascii() || rest.len() != NODE + TASK + CODE {
            return Err(ResultTokenError);
        }
        let ((node, rest), wrong) = (rest.split_at(NODE), |_| ResultTokenError);
        let (task, code) = rest.split_at(TASK);
        if !code.bytes().all(|c| matches!(c, b'0'..=b'9' | b'a'..=b'f')) {
            return Err(ResultTokenError);
        }
        Ok(Self {
            node: format!("reg_{node}").parse().map_err(wrong)?,
            task: format!("dial_{task}").parse().map_err(wrong)?,
            code: u128::from_str_radix(code, 16).map_err(|_| ResultTokenError)?.to_be_bytes(),
        })
    }
}

/// Shows whose it is, and not the code.
impl fmt::Debug for ResultToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResultToken")
            .field("node", &self.node)
            .field("task", &self.task)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(letter: &str) -> SecretKey {
        SecretKey::try_from(letter.repeat(40)).expect("40 letters")
    }

    fn enterprise(byte: u8) -> EnterpriseId {
        EnterpriseId::from_bytes([byte; 16])
    }

    fn node(last: &str) -> NodeId {
        format!("reg_cg2britepb7e977fpm{last}").parse().expect("a node")
    }

    fn task(last: &str) -> TaskId {
        format!("dial_0123456789abcdef0123456789abcde{last}").parse().expect("a task")
    }

    fn token() -> ResultToken {
        ResultToken::sign(&secret("s"), enterprise(1), &node("8g"), task("f"))
    }

    #[test]
    fn a_token_is_read_as_it_was_written() {
        let text = token().text();
        assert_eq!(text.reveal().len(), 89);
        assert!(text.reveal().bytes().all(|c| c.is_ascii_alphanumeric() || c == b'_'));
        let read: ResultToken = text.reveal().parse().expect("a token");
        assert_eq!((read.node(), read.task()), (&node("8g"), task("f")));
        assert!(read.is_signed_with(&secret("s"), enterprise(1)));
        assert!(read.text().same(&text));
    }

    #[test]
    fn a_token_is_bound_to_key_enterprise_node_and_task() {
        let token = token();
        assert!(!token.is_signed_with(&secret("t"), enterprise(1)));
        assert!(!token.is_signed_with(&secret("s"), enterprise(2)));
        let (home, key) = (enterprise(1), secret("s"));
        for other in [
            ResultToken { node: node("90"), ..token.clone() },
            ResultToken { task: task("e"), ..token.clone() },
        ] {
            assert!(!other.is_signed_with(&key, home), "{other:?}");
        }
    }

    #[test]
    fn a_token_with_any_other_character_is_no_token_or_not_signed() {
        let text = token().text().reveal().to_owned();
        for place in 0..text.len() {
            for other in ['0', '1', 'a', 'A', '_', 'z', 'ä'] {
                let mut tampered: Vec<char> = text.chars().collect();
                if tampered[place] == other {
                    continue;
                }
                tampered[place] = other;
                let tampered: String = tampered.into_iter().collect();
                let read = tampered.parse::<ResultToken>();
                let is_taken = read.is_ok_and(|t| t.is_signed_with(&secret("s"), enterprise(1)));
                assert!(!is_taken, "{place} {other}");
            }
        }
        for end in 0..text.len() {
            assert!(text[..end].parse::<ResultToken>().is_err(), "{end}");
        }
        for wrong in [format!("{text}0"), format!(" {text}"), format!("tkn_{:032x}", 7)] {
            assert_eq!(wrong.parse::<ResultToken>().err(), Some(ResultTokenError), "{wrong}");
        }
    }

    #[test]
    fn a_token_is_not_printed() {
        let text = token().text();
        let code = &text.reveal()[57..];
        assert!(!format!("{:?}", token()).contains(code));
    }

    #[test]
    fn the_code_is_what_another_implementation_computes() {
        // python3: hmac.new(b"s"*40, b"cadastre result token 2\n" + ("01"*16).encode() +
        // b"\nreg_cg2britepb7e977fpm8g\ndial_0123456789abcdef0123456789abcdef", "sha256").hexdigest()[:32]
        assert_eq!(&token().text().reveal()[57..], "879229b1c7d986a99c7ab9adc70f485c");
    }
}
