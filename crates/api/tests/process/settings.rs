//! Every setting that is wrong stops the start with one line that helps.

use std::collections::BTreeSet;
use std::fs;

use cadastre_testkit::postgres;

use crate::support::{Ended, Place, Server};

/// Settings with values that are not accepted, and what the complaint says is.
const WRONG: &[(&str, &str, &str)] = &[
    ("CADASTRE_LISTEN", "here", "an address and a port, as 127.0.0.1:8080"),
    ("CADASTRE_LISTEN", "127.0.0.1", "an address and a port"),
    ("CADASTRE_LISTEN", "127.0.0.1:65536", "an address and a port"),
    ("CADASTRE_LISTEN", "two\nlines", "an address and a port"),
    ("CADASTRE_PUBLIC_URL", "ftp://example.com", "an http or https URL"),
    ("CADASTRE_PUBLIC_URL", "example.com", "an http or https URL"),
    ("CADASTRE_CLUSTER_CALLS", "yes", "off or on"),
    ("CADASTRE_CLUSTER_ALLOW", "localhost", "networks, as 10.20.0.0/16 or 192.0.2.7"),
    ("CADASTRE_CLUSTER_ALLOW", "127.0.0.1/8", "networks"),
    ("CADASTRE_WEBHOOK_ALLOW", "localhost", "networks, as 10.20.0.0/16 or 192.0.2.7"),
    ("CADASTRE_WEBHOOK_ALLOW", "10.20.0.1/16", "networks"),
    ("CADASTRE_WEBHOOK_ALLOW", "10.0.0.0/8,", "networks"),
    ("CADASTRE_OLDEST_AGENT", "latest", "a version, as 1.84.1"),
    ("CADASTRE_OLDEST_AGENT", "1.84.1.2.3", "a version"),
    ("CADASTRE_WORKERS", "0", "a number from 1 to 512"),
    ("CADASTRE_WORKERS", "many", "a number from 1 to 512"),
    ("CADASTRE_WORKERS", "513", "a number from 1 to 512"),
    ("CADASTRE_READ_CONNECTIONS", "0", "a number from 1 to 1024"),
    ("CADASTRE_READ_CONNECTIONS", "1.5", "a number from 1 to 1024"),
    ("CADASTRE_WRITE_QUEUE", "0", "a number from 1 to 1000000"),
    ("CADASTRE_WRITE_QUEUE", "99999999999999999999999", "a number from 1 to 1000000"),
    ("CADASTRE_DIALING_KEY_LIMIT", "-1", "a number from 0 to 1000000"),
    ("CADASTRE_DIALING_WORKSPACE_LIMIT", "1e3", "a number from 0 to 1000000"),
    ("CADASTRE_DIALING_WRONG_KEY_STATUS", "404", "403 or 401"),
    ("CADASTRE_RESULTS_KEEP", "7", "a time from 1h to 36500d, as 7d"),
    ("CADASTRE_RESULTS_KEEP", "59m", "a time from 1h to 36500d"),
    ("CADASTRE_RESULTS_KEEP", "200y", "a time from 1h to 36500d"),
    ("CADASTRE_RESULTS_KEEP_HOURS", "-1d", "a time from 1h to 36500d"),
    ("CADASTRE_RESULTS_KEEP_DAYS", "always", "a time from 1h to 36500d"),
    ("CADASTRE_RESULTS_MAX_SIZE", "4GB", "a size from 1MiB to 1024TiB, as 4GiB"),
    ("CADASTRE_RESULTS_MAX_SIZE", "1", "a size from 1MiB to 1024TiB"),
    ("CADASTRE_RESULTS_TAG_SETS", "0", "a number from 1 to 10000000"),
    ("CADASTRE_RESULTS_TAG_SETS", "1e3", "a number from 1 to 10000000"),
    ("CADASTRE_RESULTS_NODE_LIMIT", "many", "a number from 0 to 1000000000"),
    ("CADASTRE_RESULTS_ENTERPRISE_LIMIT", "-1", "a number from 0 to 1000000000"),
    ("CADASTRE_OLD_RESULT_URLS", "30", "off or a time up to 3650d, as 30d"),
    ("CADASTRE_OLD_RESULT_URLS", "3651d", "off or a time up to 3650d"),
    ("CADASTRE_TLS_CERT", "missing", "give CADASTRE_TLS_KEY as well"),
    ("CADASTRE_TLS_KEY", "missing", "give CADASTRE_TLS_CERT as well"),
    ("CADASTRE_TLS_CLIENT_CA", "missing", "give CADASTRE_TLS_CERT and CADASTRE_TLS_KEY as well"),
    ("CADASTRE_HEADER_TIMEOUT", "0", "a number from 1 to 3600"),
    ("CADASTRE_HEADER_TIMEOUT", "5s", "a number from 1 to 3600"),
    ("CADASTRE_BODY_TIMEOUT", "3601", "a number from 1 to 3600"),
    ("CADASTRE_KEEP_ALIVE", "0", "a number from 1 to 3600"),
    ("CADASTRE_MAX_CONNECTIONS", "0", "a number from 1 to 1000000"),
    ("CADASTRE_MAX_CONNECTIONS_PER_ADDRESS", "-1", "a number from 0 to 1000000"),
    ("CADASTRE_MAX_CONNECTIONS_PER_ADDRESS", "few", "a number from 0 to 1000000"),
    ("CADASTRE_CORS_ORIGINS", "*", "origins as https://console.example.com"),
    ("CADASTRE_CORS_ORIGINS", "https://a.example,*", "never *"),
    ("CADASTRE_CORS_ORIGINS", "https://a.example/", "origins as https://console.example.com"),
    ("CADASTRE_CORS_ORIGINS", "a.example", "origins as https://console.example.com"),
    ("CADASTRE_TRUSTED_PROXIES", "proxy", "addresses and networks, as 192.0.2.7 or 10.0.0.0/8"),
    ("CADASTRE_TRUSTED_PROXIES", "10.0.0.0/33", "addresses and networks"),
    ("CADASTRE_TRUSTED_PROXIES", "*", "addresses and networks"),
    ("CADASTRE_WRONG_TOKENS", "-1", "a number from 0 to 1000000"),
    ("CADASTRE_WRONG_TOKENS", "many", "a number from 0 to 1000000"),
    ("CADASTRE_REFUSAL_ENTRIES", "-1", "a number from 0 to 1000000"),
    ("CADASTRE_TOKEN_LIMIT", "1e3", "a number from 0 to 1000000"),
    ("CADASTRE_TOKEN_LIMIT", "1000001", "a number from 0 to 1000000"),
    ("CADASTRE_DATA_DIR", "file", "cannot open"),
    ("CADASTRE_MASTER_KEY_FILE", "file", "open to others than its owner"),
    ("DATABASE_URL", "mysql://user:hunter2@host/name", "sqlite:<path> or postgres://"),
    ("DATABASE_URL", "hunter2", "sqlite:<path> or postgres://"),
    ("DATABASE_URL", "sqlite:", "the path of a file"),
    ("DATABASE_URL", "sqlite::memory:", "name a file"),
    ("DATABASE_URL", "postgres://user:hunter2/x@host/name", "percent-encoded"),
    ("DATABASE_URL", "postgres://user:50%hunter2@host/name", "percent-encoded"),
    ("DATABASE_URL_FILE", "missing", "cannot be read"),
    ("CADASTRE_ADMIN_TOKEN", "hunter2", "20 or more visible ASCII characters"),
    ("CADASTRE_ADMIN_TOKEN", "hunter2 with blanks 0123456789", "20 or more visible"),
    ("CADASTRE_ADMIN_TOKEN_FILE", "missing", "cannot be read"),
];

/// A start that must not succeed, and ends by itself.
fn start(place: &Place, arguments: &[&str]) -> Ended {
    let ended = place.run(arguments);
    assert!(!ended.stderr.contains("panic") && !ended.stderr.contains("backtrace"), "{ended:?}");
    ended
}

fn refused(place: &Place) -> String {
    start(place, &[]).refusal()
}

/// A place where a file is in the way.
fn with_file() -> Place {
    let place = Place::empty();
    fs::write(place.path("file"), "not a database\n").unwrap();
    place
}

fn flag(variable: &str) -> String {
    let name = variable.strip_prefix("CADASTRE_").unwrap_or(variable);
    format!("--{}", name.to_lowercase().replace('_', "-"))
}

fn check_refusal(refusal: &str, (name, value, accepted): (&str, &str, &str)) {
    assert!(refusal.starts_with(name), "{refusal}");
    assert!(refusal.contains(accepted), "{refusal}");
    assert!(!refusal.contains("hunter2"), "{refusal}");
    let secret = name == "DATABASE_URL" || name == "CADASTRE_ADMIN_TOKEN";
    assert!(secret || refusal.contains(&format!("{value:?}")), "{refusal}");
}

#[test]
fn a_wrong_variable_is_named_with_its_value_and_what_is_accepted() {
    for wrong in WRONG {
        let place = with_file().with(wrong.0, wrong.1);
        let refusal = refused(&place);
        if wrong.0 == "CADASTRE_DATA_DIR" {
            assert!(refusal.starts_with("DATABASE_URL (SQLite, file/cadastre.db): "), "{refusal}");
        } else {
            check_refusal(&refusal, *wrong);
        }
    }
}

#[test]
fn a_wrong_flag_is_told_like_the_variable() {
    for (name, value, _) in WRONG {
        let by_variable = refused(&with_file().with(name, value));
        let option = format!("{}={value}", flag(name));
        let place = with_file();
        assert_eq!(start(&place, &[&option]).refusal(), by_variable);
        assert_eq!(start(&place, &["serve", &option]).refusal(), by_variable);
    }
}

#[test]
fn every_setting_of_the_server_is_tried_here() {
    let help = Place::empty().run(&["serve", "--help"]).stdout;
    let names = help.split("[env: ").skip(1).map(|rest| {
        let end = rest.find(['=', ']']).unwrap();
        &rest[..end]
    });
    let tried: BTreeSet<_> = WRONG.iter().map(|(name, ..)| *name).collect();
    assert_eq!(names.collect::<BTreeSet<_>>(), tried);
}

#[test]
fn a_flag_wins_over_its_variable() {
    let place = Place::empty().with("CADASTRE_LISTEN", "here").with("CADASTRE_WORKERS", "0");
    for command in [&[][..], &["serve"]] {
        let flags = ["--listen", "127.0.0.1:0", "--workers=1", "--data-dir", "there"];
        Server::start(&mut place.cadastre(&[command, &flags].concat())).until_ready().stop();
    }
    assert!(place.path("there/cadastre.db").exists());
    assert!(!place.path("cadastre-data").exists());
}

#[test]
fn an_empty_variable_is_none() {
    let mut place = Place::empty();
    for (name, ..) in WRONG.iter().filter(|(name, ..)| *name != "CADASTRE_LISTEN") {
        place = place.with(name, "");
    }
    place.ready().stop();
    assert!(place.path("cadastre-data/cadastre.db").exists());
}

#[test]
fn a_secret_comes_from_a_file_or_a_variable_but_not_from_both() {
    let place = Place::empty().with("DATABASE_URL_FILE", "url");
    fs::write(place.path("url"), "sqlite:from-a-file.db\n").unwrap();
    place.ready().stop();
    assert!(place.path("from-a-file.db").exists());
    let place = place.with("DATABASE_URL", "sqlite:x.db");
    let refusal = refused(&place);
    assert_eq!(refusal, "DATABASE_URL and DATABASE_URL_FILE are both given: give only one");
    let place = Place::empty().with("CADASTRE_ADMIN_TOKEN_FILE", "token");
    fs::write(place.path("token"), "hunter2\n").unwrap();
    check_refusal(&refused(&place), ("CADASTRE_ADMIN_TOKEN", "hunter2", "20 or more"));
}

#[test]
fn a_port_in_use_is_named() {
    let server = Place::empty().ready();
    let address = server.address.to_string();
    let place = Place::empty().with("CADASTRE_LISTEN", &address);
    let refusal = refused(&place);
    assert!(refusal.starts_with("CADASTRE_LISTEN"), "{refusal}");
    assert!(refusal.contains(&address) && refusal.contains("in use"), "{refusal}");
    assert!(!place.path("cadastre-data").exists());
    assert_eq!(server.get("/readyz", "").status, 200);
}

#[test]
fn a_file_that_is_no_database_is_named_and_left_as_it_is() {
    let place = Place::empty();
    let mut broken = b"SQLite format 3\0".to_vec();
    broken.resize(8192, b'x');
    let contents = [("text", b"not a database\n".to_vec()), ("broken", broken)];
    for (name, content) in contents {
        fs::write(place.path(name), &content).unwrap();
        let place =
            Place::empty().with("DATABASE_URL", &format!("sqlite:{}", place.path(name).display()));
        let refusal = refused(&place);
        assert!(refusal.starts_with("DATABASE_URL (SQLite, "), "{refusal}");
        assert!(refusal.contains(name) && refusal.contains("database"), "{refusal}");
        assert!(!place.path("cadastre-data").exists());
    }
    assert_eq!(fs::read(place.path("text")).unwrap(), b"not a database\n");
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let place = with_file();
    fs::create_dir(place.path("folder")).unwrap();
    for path in ["folder", "file/register.db"] {
        let place =
            Place::empty().with("DATABASE_URL", &format!("sqlite:{}", place.path(path).display()));
        let refusal = refused(&place);
        assert!(refusal.starts_with("DATABASE_URL (SQLite, "), "{refusal}");
        assert!(refusal.contains(path) && refusal.contains("os error"), "{refusal}");
    }
}

#[test]
fn a_first_token_that_cannot_be_kept_stops_the_start_and_does_not_count() {
    let database = postgres();
    for url in ["sqlite:x.db", database.url()] {
        let place = with_file()
            .with("DATABASE_URL", url)
            .with("CADASTRE_MASTER_KEY_FILE", database.master_key_file().to_str().unwrap())
            .with("CADASTRE_DATA_DIR", "file");
        let ended = start(&place, &[]);
        assert_eq!(ended.code, Some(1), "{ended:?}");
        let complaints: Vec<_> =
            ended.stderr.lines().filter(|line| line.starts_with("cadastre: ")).collect();
        assert_eq!(complaints.len(), 1, "{ended:?}");
        assert!(complaints[0].contains("file/admin-token, as CADASTRE_DATA_DIR says"));
        let place = place.with("CADASTRE_DATA_DIR", "cadastre-data");
        let server = place.ready();
        assert_eq!(server.list_status(&place.first_token()), 200);
    }
}
