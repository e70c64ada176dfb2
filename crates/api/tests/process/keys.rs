//! The file of the master keys: how it is made, and that nothing begins without the right one.

mod rotation;

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use cadastre_testkit::raw::execute;
use cadastre_testkit::{TestDatabase, databases, dump, sqlite};
use serde_json::json;

use crate::support::{Ended, Place, Server, mode, region};

/// Adds a region with a secret token.
fn add_region(server: &Server, name: &str, key: &str) -> String {
    let mut region = region(name);
    region["token"] = json!(format!("token-of-{name}"));
    let answer = server.post("/openapi/v1/regions", key, &region);
    assert_eq!(answer.status, 201, "{answer:?}");
    answer.json()["region_id"].as_str().unwrap().to_owned()
}

/// The token of a region, opened.
fn token_of(server: &Server, id: &str, key: &str) -> String {
    let path = format!("/regions/{id}/credentials");
    let answer = server.native("GET", &path, key, &json!(null));
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()["token"].as_str().unwrap().to_owned()
}

#[test]
fn the_first_start_makes_the_key_file_for_its_owner_alone() {
    for database in databases() {
        let place = Place::empty().with("DATABASE_URL", database.url());
        let line = format!("umask 0; exec {}", env!("CARGO_BIN_EXE_cadastre"));
        let server = Server::start(place.command("sh").args(["-c", &line])).until_ready();
        let file = place.master_key_file();
        assert_eq!((mode(&file), mode(file.parent().unwrap())), (0o600, 0o700));
        let keys = place.master_keys();
        assert!(keys.len() == 1 && keys[0].len() == 64, "{} keys", keys.len());
        let said = server.stop();
        assert!(!(said.stdout + &said.stderr).contains(&keys[0]));
        // The second start finds it and leaves it as it is.
        let before = fs::read(&file).unwrap();
        place.ready().stop();
        assert_eq!((fs::read(&file).unwrap(), mode(&file)), (before, 0o600));
    }
}

/// What can be wrong with a key file.
enum Wrong {
    /// It has these rights.
    Mode(u32),
    /// It is not there.
    Missing,
    /// It is a folder.
    Folder,
    /// It holds this instead.
    Text(fn(&str) -> String),
}

/// What can be wrong, and what is said of it.
const WRONG: [(Wrong, &str); 17] = [
    (Wrong::Mode(0o640), "open to others than its owner (mode 0640); chmod 600 closes it"),
    (Wrong::Mode(0o604), "open to others than its owner (mode 0604)"),
    (Wrong::Mode(0o620), "open to others than its owner (mode 0620)"),
    (Wrong::Mode(0o602), "open to others than its owner (mode 0602)"),
    (Wrong::Mode(0o610), "open to others than its owner (mode 0610)"),
    (Wrong::Mode(0o601), "open to others than its owner (mode 0601)"),
    (Wrong::Mode(0o644), "open to others than its owner (mode 0644)"),
    (Wrong::Mode(0o777), "open to others than its owner (mode 0777)"),
    (Wrong::Missing, "there is no key file "),
    (Wrong::Folder, "cannot be the key file: it is not a regular file"),
    (Wrong::Text(|_| "ab".repeat(32)), "the key file holds no key "),
    (Wrong::Text(other_digits), "the key file holds no key "),
    (Wrong::Text(|text| text[..text.len() - 33].to_owned()), "is neither a comment nor 64"),
    (Wrong::Text(|text| text[..text.len() - 2].to_owned()), "is neither a comment nor 64"),
    (Wrong::Text(|text| text[..text.len() / 2].to_owned()), "holds no key"),
    (Wrong::Text(|_| String::new()), "holds no key"),
    (Wrong::Text(|text| format!("{text}\u{0}\u{1}garbage")), "is neither a comment nor 64"),
];

/// The text with another digit in place of each.
fn other_digits(text: &str) -> String {
    let other = |letter: char| letter.to_digit(16).and_then(|n| char::from_digit(15 - n, 16));
    text.chars().map(|letter| other(letter).unwrap_or(letter)).collect()
}

impl Wrong {
    /// Makes it so.
    fn make(&self, file: &Path, text: &str) {
        match self {
            Self::Mode(mode) => fs::set_permissions(file, Permissions::from_mode(*mode)).unwrap(),
            Self::Missing => fs::remove_file(file).unwrap(),
            Self::Folder => {
                fs::remove_file(file).unwrap();
                fs::create_dir(file).unwrap();
            }
            Self::Text(other) => fs::write(file, other(text)).unwrap(),
        }
    }
}

/// Puts the key file back.
fn restore(file: &Path, text: &str) {
    if file.is_dir() {
        fs::remove_dir(file).unwrap();
    }
    fs::write(file, text).unwrap();
    fs::set_permissions(file, Permissions::from_mode(0o600)).unwrap();
}

/// The one line in which a start or a command says why it does not go on.
fn complaint(ended: &Ended) -> String {
    assert_eq!(ended.code, Some(1), "{ended:?}");
    let said = ended.stderr.lines().filter(|line| line.starts_with("cadastre: "));
    let said: Vec<_> = said.collect();
    assert_eq!(said.len(), 1, "{ended:?}");
    assert!(!ended.stderr.contains("ERROR") && !ended.stderr.contains("panic"), "{ended:?}");
    said[0].to_owned()
}

/// All that there is: the files of the database, its rows, and the key file.
fn all_there_is(database: &TestDatabase, file: &Path) -> impl PartialEq + std::fmt::Debug {
    let key = (file.exists().then(|| mode(file)), fs::read(file).ok());
    // Whoever looks at the rows may tidy the files up.
    (dump::rows(database), dump::files(database), key)
}

#[test]
fn a_database_that_a_newer_version_migrated_is_not_served() {
    for database in databases() {
        println!("on {}", database.name());
        let place = Place::on(&database);
        place.ready().stop();
        let newer = "INSERT INTO __diesel_schema_migrations (version) VALUES ('20991231000000')";
        execute(&database, newer);
        for arguments in [&[][..], &["serve"], &["token", "list"], &["key", "rotate"]] {
            let complaint = complaint(&place.run(arguments));
            assert!(complaint.contains("20991231000000"), "{complaint}");
        }
    }
}

#[test]
fn a_lost_database_beside_keys_is_refused_or_told() {
    let database = sqlite();
    let place = Place::on(&database);
    let first = place.ready();
    assert!(!first.log().contains("WARN"), "{}", first.log());
    first.stop();
    let file = database.url().strip_prefix("sqlite:").unwrap();
    fs::write(file, "").unwrap();
    let complaint = complaint(&place.run(&[]));
    assert!(complaint.contains("it is empty"), "{complaint}");
    fs::remove_file(file).unwrap();
    let server = place.ready();
    let told = "beginning an empty register with the key file";
    assert!(server.log().contains(told), "{}", server.log());
}

#[test]
fn without_the_right_key_file_nothing_starts_and_nothing_changes() {
    for database in databases() {
        println!("on {}", database.name());
        let place = Place::on(&database);
        let server = place.ready();
        let id = add_region(&server, "one", &place.first_token());
        server.stop();
        let file = place.master_key_file();
        let good = fs::read_to_string(&file).unwrap();
        for (wrong, said) in &WRONG {
            wrong.make(&file, &good);
            let before = all_there_is(&database, &file);
            for arguments in [&[][..], &["serve"], &["token", "list"], &["key", "rotate"]] {
                let complaint = complaint(&place.run(arguments));
                let named = format!(
                    "cadastre: CADASTRE_MASTER_KEY_FILE is {file:?}, which is not accepted: "
                );
                assert!(complaint.starts_with(&named) && complaint.contains(said), "{complaint}");
                assert_eq!(all_there_is(&database, &file), before, "{arguments:?}: {said}");
            }
            restore(&file, &good);
        }
        let server = place.ready();
        assert_eq!(token_of(&server, &id, &place.first_token()), "token-of-one");
    }
}
