use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;

use tempfile::TempDir;

use super::*;

const PLACE: Place<'_> = Place { table: "regions", row: "r-1", column: "key" };

fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

fn keyring_of(path: &Path) -> Keyring {
    Keyring::new(path.to_owned())
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).expect("it is there").mode() & 0o7777
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).expect("a mode");
}

/// A key file with this text.
fn file(folder: &TempDir, text: &str) -> PathBuf {
    let path = folder.path().join("keys");
    fs::write(&path, text).expect("a file");
    set_mode(&path, 0o600);
    path
}

/// What is in the folder, but for the lock.
fn names(folder: &Path) -> Vec<String> {
    let names = fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").file_name().into_string().expect("a name of ASCII"));
    names.filter(|name| name != "keys.lock").collect()
}

#[test]
fn a_key_id_is_16_lower_case_digits() {
    let id: KeyId = "0123456789abcdef".parse().expect("16 digits");
    assert_eq!((id.to_string().as_str(), id.as_ref()), ("0123456789abcdef", "0123456789abcdef"));
    assert_eq!(KeyId::try_from(String::from(id.clone())), Ok(id));
    for text in ["", "0123456789abcde", "0123456789abcdef0", "0123456789ABCDEF", "0123456789abcdeg"]
    {
        assert_eq!(text.parse::<KeyId>(), Err(KeyIdError), "{text}");
    }
}

#[test]
fn a_new_file_is_made_once_with_its_folder_for_the_owner_only() {
    let folder = folder();
    let path = folder.path().join("a/b/keys");
    let keyring = keyring_of(&path);
    let unknown: KeyId = "0123456789abcdef".parse().expect("16 digits");
    assert!(matches!(keyring.check(&unknown), Err(VaultError::Missing(at)) if at == path));
    assert!(matches!(keyring.add(), Err(VaultError::Missing(_))));
    assert!(!folder.path().join("a").exists());
    let key = keyring.first_key().expect("a key");
    assert_eq!(keyring.first_key().expect("a key"), key);
    assert_eq!(keyring_of(&path).first_key().expect("a key"), key);
    assert_eq!((mode(&path), mode(&folder.path().join("a/b"))), (0o600, 0o700));
    assert_eq!(mode(&folder.path().join("a")), 0o700);
    assert_eq!(names(&folder.path().join("a/b")), ["keys"]);
    assert_eq!(keyring.path(), path);
}

#[test]
fn the_last_line_is_the_first_key() {
    let folder = folder();
    let path = file(&folder, &format!("{}\n{}\n# end\n", "a".repeat(64), "b".repeat(64)));
    let keyring = keyring_of(&path);
    let keys = keyring.keys().expect("keys");
    assert_eq!(keys.len(), 2);
    assert_eq!(keyring.first_key().expect("a key"), keys[1]);
}

#[test]
fn a_file_that_is_open_to_others_is_refused() {
    let folder = folder();
    let path = file(&folder, &"a".repeat(64));
    let key = keyring_of(&path).first_key().expect("a key");
    for refused in [0o640, 0o604, 0o644, 0o620, 0o602, 0o610, 0o601, 0o660, 0o777] {
        set_mode(&path, refused);
        let keyring = keyring_of(&path);
        for result in [
            keyring.check(&key),
            keyring.first_key().map(drop),
            keyring.add().map(drop),
            keyring.remove(&key),
        ] {
            let error = result.expect_err("too open");
            assert!(matches!(error, VaultError::TooOpen { mode, .. } if mode == refused));
            let message = error.to_string();
            assert!(message.contains(&format!("{refused:04o}")), "{message}");
            assert!(message.contains(&path.display().to_string()), "{message}");
        }
    }
    set_mode(&path, 0o400);
    assert!(keyring_of(&path).check(&key).is_ok());
    keyring_of(&path).add().expect("a key");
    assert_eq!(mode(&path), 0o400);
}

#[test]
fn only_a_regular_file_is_a_key_file() {
    let folder = folder();
    let pipe = folder.path().join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().expect("mkfifo").success());
    for path in [folder.path(), &pipe, Path::new("/dev/null")] {
        let result = keyring_of(path).first_key();
        assert!(matches!(result, Err(VaultError::NotAFile(_))), "{result:?}");
    }
}

#[test]
fn what_a_link_points_to_counts_and_is_written() {
    let folder = folder();
    let target = file(&folder, &"a".repeat(64));
    let link = folder.path().join("link");
    symlink(&target, &link).expect("a link");
    let keyring = keyring_of(&link);
    let key = keyring.first_key().expect("a key");
    let added = keyring.add().expect("a key");
    assert_eq!(keyring_of(&target).keys().expect("keys"), [key, added]);
    assert!(fs::symlink_metadata(&link).expect("it is there").is_symlink());
    set_mode(&target, 0o644);
    assert!(matches!(keyring.keys(), Err(VaultError::TooOpen { .. })));
    fs::remove_file(&target).expect("removed");
    assert!(matches!(keyring.first_key(), Err(VaultError::Missing(_))));
}

#[test]
fn what_is_wrong_is_told_without_the_content() {
    let folder = folder();
    let secret = "5ec4e7".repeat(10);
    let path = file(&folder, &format!("# keys\n{}\n{secret}\n", "a".repeat(64)));
    let error = keyring_of(&path).first_key().expect_err("malformed");
    assert!(matches!(error, VaultError::Malformed { line: 3, .. }));
    let shown = format!("{error} {error:?}");
    assert!(shown.contains("line 3") && shown.contains(&path.display().to_string()), "{shown}");
    assert!(!shown.contains("5ec4e7"), "{shown}");
    for (text, part) in [("# none\n".to_owned(), "holds no key"), ("#".repeat(2 << 20), "1048576")]
    {
        let error = keyring_of(&file(&folder, &text)).first_key().expect_err("no keys");
        assert!(error.to_string().contains(part), "{error}");
    }
    let nowhere = Path::new("/dev/null/keys");
    let error = keyring_of(nowhere).first_key().expect_err("no folder");
    assert!(matches!(&error, VaultError::Io(text) if text.contains("/dev/null/keys")), "{error}");
}

#[test]
fn a_vault_opens_what_it_sealed_and_shows_nothing() {
    let folder = folder();
    let path = file(&folder, &"5e".repeat(32));
    let keyring = keyring_of(&path);
    let key = keyring.first_key().expect("a key");
    let sealed = keyring.seal(&key, PLACE, b"secret").expect("seals");
    assert!(!sealed.windows(6).any(|part| part == b"secret"));
    assert_eq!(&**keyring.open(&key, PLACE, &sealed).expect("opens"), b"secret");
    let other = keyring.add().expect("a key");
    assert!(matches!(keyring.open(&other, PLACE, &sealed), Err(VaultError::DoesNotOpen)));
    let shown = format!("{keyring:?} {keyring:#?}");
    assert!(
        shown.contains("keys") && !shown.contains("5e5e") && !shown.contains("94, 94"),
        "{shown}"
    );
}

#[test]
fn a_key_that_another_added_is_found() {
    let folder = folder();
    let path = folder.path().join("keys");
    let (one, other) = (keyring_of(&path), keyring_of(&path));
    let first = one.first_key().expect("a key");
    other.check(&first).expect("there");
    let second = one.add().expect("a key");
    let sealed = one.seal(&second, PLACE, b"secret").expect("seals");
    assert_eq!(&**other.open(&second, PLACE, &sealed).expect("opens"), b"secret");
    other.remove(&first).expect("removed");
    let gone = other.seal(&first, PLACE, b"secret");
    assert!(matches!(gone, Err(VaultError::UnknownKey(key)) if key == first));
}

#[test]
fn the_last_key_is_not_removed() {
    let folder = folder();
    let path = file(&folder, &format!("# top\n{}\n{}\n", "a".repeat(64), "A".repeat(64)));
    let keyring = keyring_of(&path);
    let key = keyring.first_key().expect("a key");
    assert!(matches!(keyring.remove(&key), Err(VaultError::LastKey(_))));
    let added = keyring.add().expect("a key");
    keyring.remove(&key).expect("removed");
    assert!(matches!(keyring.remove(&key), Err(VaultError::UnknownKey(_))));
    assert_eq!(keyring.keys().expect("keys"), [added]);
    assert!(fs::read_to_string(&path).expect("a text").starts_with("# top\n"));
    assert_eq!(names(folder.path()), ["keys"]);
}

#[test]
fn what_root_rewrites_still_belongs_to_its_owner() {
    let folder = folder();
    let path = file(&folder, &"a".repeat(64));
    if chown(&path, Some(65_534), None).is_err() {
        // Only root can try this.
        return;
    }
    keyring_of(&path).add().expect("a key");
    for path in [path, folder.path().join("keys.lock")] {
        assert_eq!(fs::metadata(&path).expect("it is there").uid(), 65_534, "{}", path.display());
        assert_eq!(mode(&path), 0o600);
    }
}

mod races;
