//! The first start: what is made, what is printed, and which token lets its owner in.

use std::fs;
use std::path::Path;

use cadastre_testkit::{databases, postgres};
use sha2::{Digest as _, Sha256};

use crate::support::{Place, Server, is_token, mode, require};

const CHOSEN: &str = "chosen-by-an-operator-0123456789";

/// The one line of what was printed that is a token and nothing else.
fn printed_token(server: &Server) -> String {
    let printed = server.printed();
    let mut tokens = printed.lines().map(str::trim).filter(|line| is_token(line));
    let token = tokens.next().unwrap_or_else(|| panic!("no token: {printed}")).to_owned();
    assert_eq!(tokens.next(), None, "{printed}");
    token
}

/// Pastes the line that was printed into a shell; there are no regions yet.
fn paste_curl_line(place: &Place, server: &Server) {
    require(&["sh", "curl"]);
    let line = server.curl_line();
    let ended = place.shell(&line);
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(0), "[]"), "{line}: {}", ended.stderr);
}

fn bytes_of(folder: &Path) -> Vec<u8> {
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let is_database = |file: &Path| file.file_name().unwrap().to_str().unwrap().contains(".db");
    files.filter(|file| is_database(file)).flat_map(|file| fs::read(file).unwrap()).collect()
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

#[test]
fn the_first_start_in_an_empty_folder_makes_what_is_missing() {
    let place = Place::empty();
    let server = place.ready();
    assert_eq!(mode(&place.path("cadastre-data")), 0o700);
    for file in ["cadastre.db", "cadastre.db-wal", "admin-token"] {
        assert_eq!(mode(&place.path("cadastre-data").join(file)), 0o600, "{file}");
    }
    let kept = fs::read_to_string(place.path("cadastre-data/admin-token")).unwrap();
    assert_eq!(kept.lines().count(), 1);
    assert!(kept.ends_with('\n') && is_token(kept.trim_end()), "{kept:?}");
    let listens = format!("http://{} (SQLite, cadastre-data/cadastre.db)", server.address);
    assert!(server.printed().lines().next().unwrap().ends_with(&listens), "{}", server.printed());
    assert_eq!(server.manage_status(&place.first_token()), 404);
    assert_eq!(fs::read_dir(place.path(".")).unwrap().count(), 1);
}

#[test]
fn the_first_token_is_printed_once_and_in_a_line_that_works() {
    let place = Place::empty();
    let server = place.ready();
    let token = printed_token(&server);
    assert_eq!(token, place.first_token());
    assert_eq!(server.printed().matches(&token).count(), 2);
    assert_eq!(server.curl_line().matches(&token).count(), 1);
    paste_curl_line(&place, &server);
    assert!(!server.stop().stderr.contains(&token));
}

#[test]
fn the_second_start_prints_a_line_that_works_and_no_token() {
    for database in databases() {
        let place = Place::on(&database);
        place.ready().stop();
        let token = place.first_token();
        let server = place.ready();
        assert!(!server.printed().contains("cad_"), "{}", server.printed());
        paste_curl_line(&place, &server);
        assert_eq!(server.list_status(&token), 200);
        assert_eq!(place.first_token(), token);
    }
}

#[test]
fn a_data_folder_may_have_any_name() {
    let place = Place::empty().with("CADASTRE_DATA_DIR", "its own/folder's $HOME");
    let server = place.ready();
    paste_curl_line(&place, &server);
    server.stop();
    paste_curl_line(&place, &place.ready());
    assert_eq!(mode(&place.path("its own/folder's $HOME/cadastre.db")), 0o600);
}

#[test]
fn a_relative_path_in_folders_that_do_not_exist_is_made() {
    let place = Place::empty().with("DATABASE_URL", "sqlite:one/two/register.db");
    let server = place.ready();
    assert_eq!(mode(&place.path("one")), 0o700);
    assert_eq!(mode(&place.path("one/two/register.db")), 0o600);
    assert_eq!(server.list_status(&place.first_token()), 200);
    assert!(!place.path("cadastre-data/cadastre.db").exists());
}

#[test]
fn a_chosen_token_becomes_a_platform_token_and_is_not_printed() {
    for database in databases() {
        let place = Place::on(&database).with("CADASTRE_ADMIN_TOKEN", CHOSEN);
        let server = place.ready();
        assert_eq!(server.manage_status(CHOSEN), 404, "{}", database.name());
        assert_eq!(server.manage_status("another-0123456789012345"), 401);
        assert!(!place.path("cadastre-data/admin-token").exists());
        paste_curl_line(&place, &server);
        let ended = server.stop();
        assert!(!ended.stdout.contains(CHOSEN) && !ended.stderr.contains(CHOSEN));
        let (tokens, enterprises) =
            (place.run(&["token", "list"]).lines(), place.run(&["enterprise", "list"]).lines());
        let enterprise = enterprises[1].strip_suffix("\tdefault").unwrap();
        let expected = format!("\tadmin\tplatform\t{enterprise}\tnever\tlive\t");
        assert!(tokens[1].contains(&expected), "{tokens:?}");
        assert_eq!((tokens.len(), enterprises.len()), (2, 2));
    }
}

#[test]
fn a_chosen_token_may_come_in_a_file() {
    let place = Place::empty().with("CADASTRE_ADMIN_TOKEN_FILE", "chosen token");
    fs::write(place.path("chosen token"), format!("{CHOSEN}\n")).unwrap();
    let server = place.ready();
    assert_eq!(server.manage_status(CHOSEN), 404);
    paste_curl_line(&place, &server);
    let ended = server.stop();
    assert!(!ended.stdout.contains(CHOSEN) && !ended.stderr.contains(CHOSEN));
}

#[test]
fn a_token_that_is_chosen_later_is_ignored() {
    for database in databases() {
        let place = Place::on(&database);
        place.ready().stop();
        let place = place.with("CADASTRE_ADMIN_TOKEN", CHOSEN);
        let server = place.ready();
        assert_eq!(server.list_status(CHOSEN), 401, "{}", database.name());
        assert_eq!(server.list_status(&place.first_token()), 200);
        assert!(!server.printed().contains("CADASTRE_ADMIN_TOKEN"));
    }
}

#[test]
fn where_no_file_keeps_a_token_the_line_does_not_name_one() {
    let database = postgres();
    Place::on(&database).with("CADASTRE_ADMIN_TOKEN", CHOSEN).ready().stop();
    let elsewhere = Place::on(&database);
    let server = elsewhere.ready();
    assert!(!server.curl_line().contains("admin-token"), "{}", server.printed());
    assert!(server.printed().contains("cadastre token create"), "{}", server.printed());
    paste_curl_line(&elsewhere.with("CADASTRE_TOKEN", CHOSEN), &server);
}

#[test]
fn no_token_is_in_the_database_and_no_digest_of_one() {
    let made = Place::empty();
    let chosen = Place::empty().with("CADASTRE_ADMIN_TOKEN", CHOSEN);
    let servers = [made.ready(), chosen.ready()];
    let create = ["token", "create", "--role", "admin", "--name", "n"];
    let tokens = [
        made.first_token(),
        CHOSEN.to_owned(),
        made.run(&create).line(),
        chosen.run(&create).line(),
    ];
    let check = || {
        for (place, tokens) in
            [(&made, [&tokens[0], &tokens[2]]), (&chosen, [&tokens[1], &tokens[3]])]
        {
            let bytes = bytes_of(&place.path("cadastre-data"));
            for token in tokens {
                // The first part is the id, which is no secret.
                let secret = token.rsplit('_').next().unwrap();
                assert!(!contains(&bytes, secret.as_bytes()), "{token}");
                // Nor what could be made of it without a key.
                let digest: [u8; 32] = Sha256::digest(token.as_bytes()).into();
                assert!(!contains(&bytes, &digest), "{token}");
            }
        }
    };
    check();
    for server in servers {
        server.stop();
    }
    check();
}
