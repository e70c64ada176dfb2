//! Which database to use.

use std::path::PathBuf;
use std::str::FromStr;

use cadastre_domain::secret::Secret;

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
    /// An SQLite database in memory is gone with the process and not shared by connections.
    #[error("a register in memory would be lost: name a file after sqlite:")]
    Memory,
}

impl FromStr for DatabaseUrl {
    type Err = DatabaseUrlError;

    fn from_str(text: &str) -> Result<Self, DatabaseUrlError> {
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Ok(Self::Postgres(Secret::from(text.to_owned())));
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
    fn a_password_is_not_described() {
        let url: DatabaseUrl = "postgres://u:p@ss@h:1,g:2/d?password=x".parse().expect("a URL");
        assert_eq!(url.describe(), "PostgreSQL, h:1,g:2/d");
        assert!(!format!("{url:?}").contains("p@ss"));
    }
}
