//! What the server prints for people, on standard output; the log goes to standard error.

use std::io::{Write as _, stdout};

use super::first_token::{self, FirstToken};
use crate::config::{Config, reachable};

/// Says where the server listens.
pub(super) fn listening(config: &Config) {
    let (address, database) = (config.listen, config.database.url.describe());
    print(&format!("Cadastre listens on http://{address} ({database})\n"));
}

/// Says that the server is ready, and how to call it. The only time that a new token is shown.
pub(super) fn ready(config: &Config, token: &FirstToken) {
    let file = first_token::file(&config.database.data_dir);
    let (news, key) = match token {
        FirstToken::Made(token) => (
            format!(
                "The first token, shown only now and kept in {}:\n\n  {}\n\n",
                file.display(),
                token.reveal()
            ),
            token.reveal().to_owned(),
        ),
        FirstToken::Chosen => (
            "The first token is that of CADASTRE_ADMIN_TOKEN.\n".to_owned(),
            "$CADASTRE_ADMIN_TOKEN".to_owned(),
        ),
        FirstToken::Present => (String::new(), format!("$(cat {})", file.display())),
    };
    let address = reachable(config.listen);
    print(&format!(
        "{news}Ready. Try:\n\n  curl -H \"Authorization: {key}\" http://{address}/openapi/v1/regions\n\n"
    ));
}

/// A standard output that is closed is no reason to stop serving.
fn print(text: &str) {
    let mut out = stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}
