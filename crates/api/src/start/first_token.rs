//! The first token of an empty register.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use cadastre_domain::audit::{Actor, Origin};
use cadastre_domain::role::Role;
use cadastre_domain::secret::Secret;
use cadastre_domain::token::{TokenName, TokenNote, TokenTeams};
use cadastre_storage::Tx;
use chrono::{DateTime, Utc};

use crate::config::DatabaseConfig;
use crate::error::Error;
use crate::service::enterprises::ensure_default;
use crate::service::tokens::{self, NewToken};

/// Where the first token of a register came from.
#[derive(Debug, Clone)]
pub(crate) enum FirstToken {
    /// The register had tokens already.
    Present,
    /// The operator chose it.
    Chosen,
    /// It was made now, and is kept in a file.
    Made(Secret),
}

/// Makes sure that the register has a token: the first one is a `platform` token of the enterprise
/// named `default`.
pub(crate) fn ensure(
    tx: &mut dyn Tx,
    config: &DatabaseConfig,
    now: DateTime<Utc>,
) -> Result<FirstToken, Error> {
    if tx.any_token()? {
        return Ok(FirstToken::Present);
    }
    let internal = |error: String| Error::Internal(error.into());
    let actor = actor();
    let request = NewToken {
        name: TokenName::try_from("admin".to_owned()).map_err(|e| internal(e.to_string()))?,
        note: TokenNote::default(),
        user: None,
        role: Role::Platform,
        enterprise: ensure_default(tx, &actor, now)?.recorded_in(tx).id,
        teams: TokenTeams::default(),
        expires_at: None,
        text: config.admin_token.clone(),
    };
    let text = tokens::create(tx, &actor, &request, now)?.recorded_in(tx).text;
    if config.admin_token.is_some() {
        return Ok(FirstToken::Chosen);
    }
    // Kept before the commit: a token that counts but was never seen would lock everybody out.
    keep(&config.data_dir, &text).map_err(|error| {
        internal(format!(
            "cannot keep the first token in {}, as CADASTRE_DATA_DIR says: {error}",
            file(&config.data_dir).display()
        ))
    })?;
    Ok(FirstToken::Made(text))
}

/// The server itself, at its first start.
fn actor() -> Actor {
    Actor {
        origin: Origin::Server,
        operation: "create_first_token",
        token_id: None,
        user_id: None,
        enterprise_id: None,
    }
}

/// The file that keeps the first token.
pub(crate) fn file(data_dir: &Path) -> PathBuf {
    data_dir.join("admin-token")
}

fn keep(data_dir: &Path, token: &Secret) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(data_dir)?;
    let draft = data_dir.join("admin-token.new");
    // A draft that was left behind may have other rights.
    let _ = fs::remove_file(&draft);
    let mut out = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?;
    writeln!(out, "{}", token.reveal())?;
    out.sync_all()?;
    fs::rename(&draft, file(data_dir))
}
