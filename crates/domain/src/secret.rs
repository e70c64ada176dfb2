//! Text that must not be seen by accident.

use std::fmt;

use secrecy::zeroize::Zeroize as _;
use secrecy::{ExposeSecret as _, SecretString};
use subtle::ConstantTimeEq as _;

/// A secret: printed as `***`, not comparable with `==`, not serialisable, wiped from memory when dropped.
///
/// Whoever needs the value asks for it by name, with [`Secret::reveal`].
///
/// ```
/// use cadastre_domain::secret::Secret;
///
/// let secret = Secret::from("hunter2".to_owned());
/// assert_eq!(format!("{secret:?}"), "***");
/// assert!(secret.same(&secret.clone()));
/// ```
///
/// It has no text of its own:
///
/// ```compile_fail,E0277
/// # use cadastre_domain::secret::Secret;
/// let secret = Secret::from("hunter2".to_owned());
/// format!("{secret}");
/// ```
///
/// It is not compared in a time that tells something:
///
/// ```compile_fail,E0369
/// # use cadastre_domain::secret::Secret;
/// let secret = Secret::from("hunter2".to_owned());
/// assert!(secret == secret.clone());
/// ```
///
/// And it does not get into an answer by being part of something that is serialised:
///
/// ```compile_fail,E0277
/// # use cadastre_domain::secret::Secret;
/// #[derive(serde::Serialize)]
/// struct View {
///     secret: Secret,
/// }
/// ```
///
/// Whoever shows one has to say so:
///
/// ```
/// # use cadastre_domain::secret::Secret;
/// #[derive(serde::Serialize)]
/// struct View {
///     secret: String,
/// }
///
/// let secret = Secret::from("hunter2".to_owned());
/// let view = View { secret: secret.reveal().to_owned() };
/// # let _ = view.secret;
/// ```
#[derive(Clone)]
pub struct Secret(SecretString);

impl Secret {
    /// The value in clear.
    #[must_use]
    pub fn reveal(&self) -> &str {
        self.0.expose_secret()
    }

    /// Whether both are the same, in a time that says nothing about where they differ.
    #[must_use]
    pub fn same(&self, other: &Self) -> bool {
        self.reveal().as_bytes().ct_eq(other.reveal().as_bytes()).into()
    }
}

impl From<String> for Secret {
    fn from(mut text: String) -> Self {
        let secret = SecretString::from(text.as_str());
        // To make it fit, a longer buffer would be given back as it is.
        text.zeroize();
        Self(secret)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

#[cfg(test)]
mod tests {
    use secrecy::zeroize::ZeroizeOnDrop;

    use super::*;

    /// Compiles only for what wipes itself when it is dropped.
    fn is_wiped_when_dropped<T: ZeroizeOnDrop>(_: &T) {}

    #[test]
    fn a_secret_is_wiped_when_dropped() {
        is_wiped_when_dropped(&Secret::from("hunter2".to_owned()).0);
    }

    #[test]
    fn a_secret_is_shown_only_when_asked_for() {
        let secret = Secret::from("hunter2".to_owned());
        assert_eq!(format!("{secret:?} {secret:#?}"), "*** ***");
        assert_eq!(secret.reveal(), "hunter2");
    }
}
