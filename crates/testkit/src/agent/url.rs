//! URLs, as far as an agent takes them apart.

/// A URL in its parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Url {
    /// `http`, `https`, `ws` or `wss`.
    pub scheme: String,
    /// The host, without the brackets of an IPv6 address.
    pub host: String,
    /// The port, given or that of the scheme.
    pub port: u16,
    /// Host and port as they were written.
    pub authority: String,
    /// The path, at least `/`.
    pub path: String,
    /// The query, without its question mark.
    pub query: String,
}

impl Url {
    /// The URL in this text, if it is one that an agent can call.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (scheme, rest) = text.split_once("://")?;
        let rest = rest.split('#').next().unwrap_or_default();
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, rest) = rest.split_at(end);
        let authority = authority.rsplit('@').next().unwrap_or_default();
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        let usual = match scheme {
            "http" | "ws" => 80,
            "https" | "wss" => 443,
            _ => return None,
        };
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => (host, port.parse().ok()?),
            _ => (authority, usual),
        };
        let host = host.trim_start_matches('[').trim_end_matches(']');
        Some(Self {
            scheme: scheme.to_owned(),
            host: Some(host.to_owned()).filter(|host| !host.is_empty())?,
            port,
            authority: authority.to_owned(),
            path: if path.is_empty() { "/".to_owned() } else { path.to_owned() },
            query: query.to_owned(),
        })
    }

    /// Whether TLS is spoken there.
    #[must_use]
    pub fn is_tls(&self) -> bool {
        matches!(self.scheme.as_str(), "https" | "wss")
    }

    /// What stands in the first line of a request.
    #[must_use]
    pub fn target(&self) -> String {
        if self.query.is_empty() {
            self.path.clone()
        } else {
            format!("{}?{}", self.path, self.query)
        }
    }

    /// The value of a parameter of the query, as it stands there.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        let pairs = self.query.split('&').filter_map(|pair| pair.split_once('='));
        pairs.into_iter().find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    /// The same host with this path and query.
    #[must_use]
    pub fn at(&self, path: &str, query: &str) -> Self {
        Self { path: path.to_owned(), query: query.to_owned(), ..self.clone() }
    }

    /// Where a `Location` leads from here.
    #[must_use]
    pub fn join(&self, location: &str) -> Option<Self> {
        if location.contains("://") {
            return Self::parse(location);
        }
        let (path, query) = location.split_once('?').unwrap_or((location, ""));
        path.starts_with('/').then(|| self.at(path, query))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_taken_apart() {
        let url = Url::parse("http://127.0.0.1:8080/dial/a?token=tkn_1&x=y").expect("a URL");
        assert_eq!((url.host.as_str(), url.port), ("127.0.0.1", 8080));
        assert_eq!(url.target(), "/dial/a?token=tkn_1&x=y");
        assert_eq!((url.parameter("token"), url.parameter("t")), (Some("tkn_1"), None));
        let url = Url::parse("wss://[::1]").expect("a URL");
        assert_eq!((url.host.as_str(), url.port, url.target().as_str()), ("::1", 443, "/"));
        assert_eq!(url.join("/x?y=1").map(|url| url.target()).as_deref(), Some("/x?y=1"));
        for text in ["", "x", "ftp://x", "http://", "http://a:b"] {
            assert_eq!(Url::parse(text), None, "{text}");
        }
    }
}
