//! What the server prints for people, on standard output; the log goes to standard error.

use std::io::{Write as _, stdout};
use std::path::Path;
use std::sync::mpsc::{Sender, channel};
use std::thread;

use super::first_token::{self, FirstToken};
use crate::config::{Config, DatabaseConfig, reachable};

/// Prints on a thread of its own: a standard output that is not read must not keep the database from
/// being prepared.
pub(super) struct Greeter(Sender<String>);

impl Greeter {
    /// Starts the thread, which ends with the greeter.
    pub(super) fn start() -> Self {
        let (say, said) = channel::<String>();
        thread::spawn(move || said.iter().for_each(|text| print(&text)));
        Self(say)
    }

    /// Says where the server listens.
    pub(super) fn listening(&self, config: &Config) {
        let (scheme, address) = (config.door.scheme(), config.listen);
        let database = config.database.url.describe();
        self.say(format!("Cadastre listens on {scheme}://{address} ({database})\n"));
    }

    /// Says that the server is ready, and how to call it: with a line that works when it is pasted
    /// into a shell. The only time that a new token is shown.
    pub(super) fn ready(&self, config: &Config, token: &FirstToken) {
        let (news, key) = news(&config.database, token);
        let (scheme, address) = (config.door.scheme(), reachable(config.listen));
        self.say(format!(
            "{news}Ready. Try:\n\n  curl -H \"Authorization: {key}\" {scheme}://{address}/openapi/v1/regions\n\n"
        ));
    }

    fn say(&self, text: String) {
        // The thread takes everything.
        let _ = self.0.send(text);
    }
}

/// What there is to say about the first token, and where a shell finds it.
fn news(database: &DatabaseConfig, token: &FirstToken) -> (String, String) {
    let file = first_token::file(&database.data_dir);
    match (token, &database.admin_token_file) {
        (FirstToken::Made(token), _) => (
            format!(
                "The first token, shown only now and kept in {}:\n\n  {}\n\n",
                file.display(),
                token.reveal()
            ),
            token.reveal().to_owned(),
        ),
        (FirstToken::Chosen, Some(file)) => {
            ("The first token is that of CADASTRE_ADMIN_TOKEN_FILE.\n".to_owned(), content(file))
        }
        (FirstToken::Chosen, None) => (
            "The first token is that of CADASTRE_ADMIN_TOKEN.\n".to_owned(),
            "$CADASTRE_ADMIN_TOKEN".to_owned(),
        ),
        (FirstToken::Present, _) if file.exists() => (String::new(), content(&file)),
        (FirstToken::Present, _) => (
            "The register has tokens; `cadastre token create` makes another.\n".to_owned(),
            "$CADASTRE_TOKEN".to_owned(),
        ),
    }
}

/// The content of a file, for a shell.
fn content(file: &Path) -> String {
    let path = file.display().to_string();
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-".contains(c);
    if path.chars().all(plain) {
        format!("$(cat {path})")
    } else {
        format!("$(cat '{}')", path.replace('\'', "'\\''"))
    }
}

/// A standard output that is closed is no reason to stop serving.
fn print(text: &str) {
    let mut out = stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}
