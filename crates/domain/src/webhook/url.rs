//! Where a webhook is.

use std::net::IpAddr;

use crate::outbound::{AddressKind, Allowed};
use crate::region::{AddressError, check_authority};

/// The URL of a webhook: `http` or `https`, without a user and without a fragment, in visible ASCII
/// characters, 2000 at most. Whoever knows it can often post there, so it is not printed.
#[derive(Clone, PartialEq, Eq)]
pub struct WebhookUrl(String);

/// Why a text is no such URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WebhookUrlError {
    /// Longer than that.
    #[error("must have at most {LONGEST} characters")]
    TooLong,
    /// Another scheme.
    #[error("must begin with http:// or https://")]
    Scheme,
    /// A character that no URL has, or the start of a fragment, which is not sent.
    #[error("must be of visible ASCII characters without # and \\")]
    Char,
    /// What stands between scheme and path is not a host and a port.
    #[error(transparent)]
    Authority(#[from] AddressError),
}

/// The most characters of a URL.
const LONGEST: usize = 2000;

impl TryFrom<String> for WebhookUrl {
    type Error = WebhookUrlError;

    fn try_from(text: String) -> Result<Self, WebhookUrlError> {
        if text.len() > LONGEST {
            return Err(WebhookUrlError::TooLong);
        }
        let is_plain =
            |c: u8| c.is_ascii_graphic() && !matches!(c, b'#' | b'\\' | b'"' | b'<' | b'>');
        if !text.bytes().all(is_plain) {
            return Err(WebhookUrlError::Char);
        }
        let (scheme, authority, _) = split(&text).ok_or(WebhookUrlError::Scheme)?;
        if !matches!(scheme, "http" | "https") {
            return Err(WebhookUrlError::Scheme);
        }
        if authority.contains('@') {
            return Err(AddressError::UserInfo.into());
        }
        check_authority(authority)?;
        Ok(Self(text))
    }
}

/// Scheme, host with port, and the rest.
fn split(text: &str) -> Option<(&str, &str, &str)> {
    let (scheme, rest) = text.split_once("://")?;
    let (authority, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    Some((scheme, authority, path))
}

impl WebhookUrl {
    /// The whole URL.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Scheme, host and port alone, which are no secret.
    #[must_use]
    pub fn origin(&self) -> String {
        split(&self.0)
            .map(|(scheme, authority, _)| format!("{scheme}://{authority}"))
            .unwrap_or_default()
    }

    /// Whether it is reached by TLS.
    #[must_use]
    pub fn is_tls(&self) -> bool {
        self.0.starts_with("https:")
    }

    /// The host, without the brackets of an IPv6 address.
    #[must_use]
    pub fn host(&self) -> &str {
        let (_, authority, _) = split(&self.0).unwrap_or_default();
        match authority.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            Some((address, _)) => address,
            None => authority.split(':').next().unwrap_or_default(),
        }
    }

    /// The port.
    #[must_use]
    pub fn port(&self) -> u16 {
        let (_, authority, _) = split(&self.0).unwrap_or_default();
        let behind = authority.rsplit_once(']').map_or(authority, |(_, rest)| rest);
        let given = behind.rsplit_once(':').and_then(|(_, port)| port.parse().ok());
        given.unwrap_or(if self.is_tls() { 443 } else { 80 })
    }

    /// Lets a URL pass whose host is a name, which is looked up only when something is sent, or an
    /// address that is not refused.
    ///
    /// # Errors
    /// The kind of address that is refused.
    pub fn check_host(&self, allowed: &Allowed) -> Result<(), AddressKind> {
        self.host().parse::<IpAddr>().map_or(Ok(()), |address| allowed.check(address))
    }
}

impl std::fmt::Debug for WebhookUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/***", self.origin())
    }
}

impl From<WebhookUrl> for String {
    fn from(url: WebhookUrl) -> Self {
        url.0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn url(text: &str) -> Result<WebhookUrl, WebhookUrlError> {
        WebhookUrl::try_from(text.to_owned())
    }

    #[test]
    fn a_url_tells_its_parts() {
        for (text, parts) in [
            ("http://example.com", ("http://example.com", "example.com", 80)),
            ("https://example.com/a?b=c", ("https://example.com", "example.com", 443)),
            ("https://hooks:8443?x", ("https://hooks:8443", "hooks", 8443)),
            ("http://192.0.2.7:81/", ("http://192.0.2.7:81", "192.0.2.7", 81)),
            ("https://[2001:db8::1]/x", ("https://[2001:db8::1]", "2001:db8::1", 443)),
            ("http://[::1]:8080/x:9", ("http://[::1]:8080", "::1", 8080)),
        ] {
            let url = url(text).expect(text);
            assert_eq!((url.origin().as_str(), url.host(), url.port()), parts, "{text}");
            assert_eq!(url.is_tls(), text.starts_with("https"));
        }
    }

    #[test]
    fn what_is_no_such_url_is_refused() {
        use AddressError::{Host, Port, UserInfo};
        let long = format!("http://example.com/{}", "a".repeat(LONGEST));
        for (text, error) in [
            ("", WebhookUrlError::Scheme),
            ("ftp://example.com", WebhookUrlError::Scheme),
            ("HTTP://example.com", WebhookUrlError::Scheme),
            ("//example.com", WebhookUrlError::Scheme),
            ("http://a b", WebhookUrlError::Char),
            ("http://example.com/#x", WebhookUrlError::Char),
            ("http://example.com\\@127.0.0.1", WebhookUrlError::Char),
            ("http://ex\u{e4}mple.com", WebhookUrlError::Char),
            ("http://u:p@example.com", UserInfo.into()),
            ("http://@example.com", UserInfo.into()),
            ("http://", Host.into()),
            ("http://2130706433", Host.into()),
            ("http://127.1", Host.into()),
            ("http://[::1", Host.into()),
            ("http://[fe80::1%eth0]", Host.into()),
            ("http://example.com:0", Port.into()),
            ("http://example.com:x", Port.into()),
            (&long, WebhookUrlError::TooLong),
        ] {
            assert_eq!(url(text), Err(error), "{text}");
        }
    }

    #[test]
    fn it_is_printed_without_what_stands_behind_the_host() {
        let url = url("https://hooks.example.com/T0/secret?token=x").expect("a URL");
        assert_eq!(format!("{url:?}"), "https://hooks.example.com/***");
    }

    #[test]
    fn an_address_is_judged_at_once_and_a_name_is_not() {
        let allowed = Allowed::new(["10.0.0.0/8"]).expect("a network");
        for (text, answer) in [
            ("http://127.0.0.1/", Err(AddressKind::Loopback)),
            ("http://[::ffff:169.254.169.254]/", Err(AddressKind::Metadata)),
            ("http://10.1.2.3/", Ok(())),
            ("http://localhost/", Ok(())),
            ("http://8.8.8.8/", Ok(())),
        ] {
            assert_eq!(url(text).expect(text).check_host(&allowed), answer, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "(https?://)?[!-~]{0,40}") {
            if let Ok(url) = url(&text) {
                prop_assert!(!url.host().is_empty() && url.port() > 0);
                prop_assert!(text.starts_with(&url.origin()));
            }
        }
    }
}
