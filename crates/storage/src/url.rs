//! Which database to use.

mod server_check;

use std::path::PathBuf;
use std::str::FromStr;

use cadastre_domain::secret::Secret;

pub use server_check::UncheckedServer;

/// A parsed `DATABASE_URL`.
#[derive(Debug, Clone)]
pub enum DatabaseUrl {
    /// An SQLite database in this file.
    Sqlite(PathBuf),
    /// A PostgreSQL database; the URL may hold a password and is never shown.
    Postgres(Secret),
}

/// Why a text is no database URL. The text itself may hold a password and is not repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DatabaseUrlError {
    /// Begins with none of the accepted schemes.
    #[error("must begin with sqlite: or postgres://")]
    Scheme,
    /// Names no file.
    #[error("sqlite: must be followed by the path of a file")]
    NoFile,
    /// A part is not as a URL has it. PostgreSQL's client would take it for another part and quote
    /// it in its complaint, be it the password.
    #[error(
        "user, password and database name must be percent-encoded (@ is %40, / is %2F, ? is %3F, % is %25), a port a number, and each parameter name=value"
    )]
    Part,
    /// An SQLite database in memory is gone with the process and not shared by connections.
    #[error("a register in memory would be lost: name a file after sqlite:")]
    Memory,
}

impl FromStr for DatabaseUrl {
    type Err = DatabaseUrlError;

    fn from_str(text: &str) -> Result<Self, DatabaseUrlError> {
        let server = text.strip_prefix("postgres://").or(text.strip_prefix("postgresql://"));
        if let Some(rest) = server {
            let url = Self::Postgres(Secret::from(text.to_owned()));
            return if is_well_formed(rest) { Ok(url) } else { Err(DatabaseUrlError::Part) };
        }
        let path = text.strip_prefix("sqlite:").ok_or(DatabaseUrlError::Scheme)?;
        // sqlite:///file, as some tools write it, is the absolute path /file.
        let path = path.strip_prefix("//").unwrap_or(path);
        match path {
            "" => Err(DatabaseUrlError::NoFile),
            ":memory:" => Err(DatabaseUrlError::Memory),
            path if path.starts_with("file:") || path.contains('\0') => {
                Err(DatabaseUrlError::NoFile)
            }
            path => Ok(Self::Sqlite(PathBuf::from(path))),
        }
    }
}

/// Whether what follows `postgres://` is `user:password@host:port,host:port/name?word=value&…`, of
/// which every part may be missing.
fn is_well_formed(rest: &str) -> bool {
    let (place, parameters) = rest.split_once('?').unwrap_or((rest, ""));
    let (authority, name) = place.split_once('/').unwrap_or((place, ""));
    let (user, hosts) = authority.split_once('@').unwrap_or(("", authority));
    let texts = [user, name, hosts, parameters];
    texts.into_iter().all(is_encoded)
        && !name.contains('@')
        && hosts.split(',').all(is_host)
        && (parameters.is_empty() || parameters.split('&').all(is_parameter))
}

/// Whether every `%` begins the code of a byte that may stand in a text.
fn is_encoded(text: &str) -> bool {
    text.split('%').skip(1).all(|rest| {
        let code = rest.get(..2).filter(|code| code.bytes().all(|c| c.is_ascii_hexdigit()));
        code.is_some_and(|code| code != "00")
    })
}

/// Whether the text is the name or address of a host, or the folder of a socket, with or without
/// a port.
fn is_host(text: &str) -> bool {
    let (name, port) = match text.strip_prefix('[').map(|rest| rest.split_once(']')) {
        Some(None) => return false,
        Some(Some((name, ""))) => (name, ""),
        Some(Some((name, rest))) => match rest.strip_prefix(':') {
            Some(port) => (name, port),
            None => return false,
        },
        None => text.split_once(':').unwrap_or((text, "")),
    };
    let is_part = |c: u8| c.is_ascii_alphanumeric() || b".-_%:".contains(&c);
    name.bytes().all(is_part) && (port.is_empty() || port.parse::<u16>().is_ok())
}

fn is_parameter(text: &str) -> bool {
    text.split_once('=').is_some_and(|(word, value)| {
        word.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'_') && !value.contains('=')
    })
}

impl DatabaseUrl {
    /// The database in a few words, without user and password.
    #[must_use]
    pub fn describe(&self) -> String {
        match self {
            Self::Sqlite(path) => format!("SQLite, {}", path.display()),
            Self::Postgres(url) => {
                let rest = url.reveal().split_once("://").map_or("", |(_, rest)| rest);
                let place = rest.rsplit_once('@').map_or(rest, |(_, place)| place);
                format!("PostgreSQL, {}", place.split('?').next().unwrap_or_default())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn describe(text: &str) -> Result<String, DatabaseUrlError> {
        text.parse().map(|url: DatabaseUrl| url.describe())
    }

    #[test]
    fn the_scheme_decides() {
        assert_eq!(describe("sqlite:a/b.db").as_deref(), Ok("SQLite, a/b.db"));
        assert_eq!(describe("sqlite:/a/b.db").as_deref(), Ok("SQLite, /a/b.db"));
        assert_eq!(describe("sqlite:///a/b.db").as_deref(), Ok("SQLite, /a/b.db"));
        assert_eq!(describe("postgres://h/d").as_deref(), Ok("PostgreSQL, h/d"));
        for (text, error) in [
            ("", DatabaseUrlError::Scheme),
            ("postgres:nobody", DatabaseUrlError::Scheme),
            ("mysql://h/d", DatabaseUrlError::Scheme),
            ("sqlite:", DatabaseUrlError::NoFile),
            ("sqlite::memory:", DatabaseUrlError::Memory),
            ("sqlite:file:x?mode=memory", DatabaseUrlError::NoFile),
        ] {
            assert_eq!(describe(text), Err(error), "{text}");
        }
    }

    #[test]
    fn every_part_of_a_server_may_be_given_or_missing() {
        for url in [
            "postgres://",
            "postgresql:///d",
            "postgres://u@h",
            "postgres://u:a:b%40c%2Fd@h.example:5432/d",
            "postgres://u:p@[::1]:5432,[fe80::1%25eth0]/d",
            "postgres://%2Fvar%2Frun/d",
            "postgres://h-1:1,h_2:2/d?target_session_attrs=read-write&connect_timeout=3",
            "postgres:///d?host=/run&application_name=a@b",
        ] {
            assert!(describe(url).is_ok(), "{url}");
        }
    }

    #[test]
    fn a_password_that_is_not_encoded_is_refused_before_a_complaint_can_quote_it() {
        for password in ["p@ss", "p/ss", "1/ss", "p?ss", "1?ss", "p%ss", "p%", "p%00ss", "p[ss/"] {
            for rest in ["h/d", "h:5432,g:5432/d?connect_timeout=3", "[::1]/d"] {
                let url = format!("postgres://u:{password}@{rest}");
                assert_eq!(describe(&url), Err(DatabaseUrlError::Part), "{url}");
            }
        }
        for url in ["postgres://[::1", "postgres://[::1]x", "postgres://h:99999", "postgres://h?p"]
        {
            assert_eq!(describe(url), Err(DatabaseUrlError::Part), "{url}");
        }
    }

    #[test]
    fn a_password_is_not_described() {
        let url: DatabaseUrl = "postgres://u:p%40ss@h:1,g:2/d?password=x".parse().expect("a URL");
        assert_eq!(url.describe(), "PostgreSQL, h:1,g:2/d");
        assert!(!format!("{url:?}").contains("p%40ss"));
    }
}
