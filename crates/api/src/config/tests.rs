//! Every setting: its default, its bounds, and what a wrong value is told.

use super::*;

fn config(change: impl FnOnce(&mut ServeOptions)) -> Result<Config, String> {
    let mut options = ServeOptions::default();
    change(&mut options);
    Config::new(options).map_err(|error| error.to_string())
}

fn refused(change: impl FnOnce(&mut ServeOptions)) -> String {
    let refusal = config(change).expect_err("a wrong value");
    assert_eq!(refusal.lines().count(), 1, "{refusal}");
    refusal
}

#[test]
fn the_defaults_are_as_documented() {
    let config = config(|_| {}).expect("defaults");
    assert_eq!(config.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(config.public_url, "http://127.0.0.1:8080");
    assert_eq!(config.database.url.describe(), "SQLite, cadastre-data/cadastre.db");
    assert_eq!((config.cluster_calls, config.write_queue), (false, 1024));
    assert_eq!((config.key_limit, config.wrong_key_status), (None, 403));
}

#[test]
fn an_empty_value_is_none() {
    let config = config(|o| o.listen = Some(String::new())).expect("the default");
    assert_eq!(config.listen.to_string(), "127.0.0.1:8080");
}

#[test]
fn a_wrong_value_is_named_with_what_is_accepted() {
    assert_eq!(
        refused(|o| o.listen = Some("here".into())),
        "CADASTRE_LISTEN is \"here\", which is not accepted: \
         give an address and a port, as 127.0.0.1:8080"
    );
    assert_eq!(
        refused(|o| o.cluster_calls = Some("yes".into())),
        "CADASTRE_CLUSTER_CALLS is \"yes\", which is not accepted: give off or on"
    );
    for wrong in ["0", "-1", "x", "1000001"] {
        assert_eq!(
            refused(|o| o.write_queue = Some(wrong.into())),
            format!(
                "CADASTRE_WRITE_QUEUE is {wrong:?}, which is not accepted: \
                 give a number from 1 to 1000000"
            )
        );
    }
    assert!(refused(|o| o.public_url = Some("ftp://x".into())).starts_with("CADASTRE_PUBLIC_URL"));
    assert!(refused(|o| o.workers = Some("0".into())).starts_with("CADASTRE_WORKERS"));
    assert!(
        refused(|o| o.read_connections = Some("0".into())).starts_with("CADASTRE_READ_CONNECTIONS")
    );
    assert!(
        refused(|o| o.dialing_wrong_key_status = Some("404".into()))
            .starts_with("CADASTRE_DIALING_WRONG_KEY_STATUS")
    );
}

#[test]
fn a_secret_is_not_told_when_it_is_wrong() {
    let told = refused(|o| o.database.database_url = Some("mysql://u:hunter2@h/d".into()));
    assert!(told.starts_with("DATABASE_URL is not accepted: must begin with sqlite:"), "{told}");
    assert!(!told.contains("hunter2"));
    let told = refused(|o| o.database.admin_token = Some("hunter2".into()));
    assert!(told.starts_with("CADASTRE_ADMIN_TOKEN is not accepted: it must have 20"), "{told}");
    assert!(!told.contains("hunter2"));
}

#[test]
fn a_secret_may_come_from_a_file_but_not_from_both() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("token");
    std::fs::write(&file, "0123456789abcdefghij\n").expect("a file");
    let file = Some(file.display().to_string());
    let config = config(|o| o.database.admin_token_file.clone_from(&file)).expect("a file");
    let token = config.database.admin_token.expect("a token");
    assert_eq!(token.reveal(), "0123456789abcdefghij");
    let told = refused(|o| {
        o.database.admin_token = Some("0123456789abcdefghij".into());
        o.database.admin_token_file = file;
    });
    assert!(told.contains("both given"), "{told}");
    let told = refused(|o| o.database.admin_token_file = Some("not-there".into()));
    assert!(told.contains("cannot be read"), "{told}");
}
