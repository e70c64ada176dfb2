//! Several threads and processes at once.

use std::collections::HashSet;
use std::process::{Child, Stdio};

use super::*;

/// Says to a process that it is one of several, and which file they share.
const FILE: &str = "CADASTRE_TEST_KEY_FILE";

/// The work of one process, which the tests below start.
#[test]
fn one_of_several_processes() {
    let Some(path) = std::env::var_os(FILE) else { return };
    let keyring = Keyring::new(PathBuf::from(path));
    println!("first={}", keyring.first_key().expect("a key"));
    println!("added={}", keyring.add().expect("a key"));
}

fn start(path: &Path) -> Child {
    Command::new("sh")
        .args(["-c", "umask 0; exec \"$0\" \"$@\""])
        .arg(std::env::current_exe().expect("this program"))
        .args(["one_of_several_processes", "--nocapture", "--test-threads=1"])
        .env(FILE, path)
        .stdout(Stdio::piped())
        .spawn()
        .expect("a process")
}

/// What each process said behind this word.
fn said(texts: &[String], word: &str) -> Vec<KeyId> {
    let lines = texts.iter().flat_map(|text| text.lines());
    let ids = lines.filter_map(|line| line.split_once(word));
    ids.map(|(_, id)| id.trim().parse().expect("a key")).collect()
}

#[test]
fn processes_that_start_at_once_get_one_key_and_lose_none() {
    let folder = folder();
    let path = folder.path().join("made/keys");
    let processes: Vec<Child> = (0..8).map(|_| start(&path)).collect();
    let texts: Vec<String> = processes
        .into_iter()
        .map(|process| {
            let output = process.wait_with_output().expect("an end");
            assert!(output.status.success(), "{output:?}");
            String::from_utf8(output.stdout).expect("a text")
        })
        .collect();
    let (first, added) = (said(&texts, "first="), said(&texts, "added="));
    assert_eq!((first.len(), added.len()), (8, 8));
    let keys: HashSet<KeyId> = keyring_of(&path).keys().expect("keys").into_iter().collect();
    assert_eq!(keys.len(), 9);
    assert!(first.iter().chain(&added).all(|key| keys.contains(key)));
    // Made with umask 0.
    let lock = folder.path().join("made/keys.lock");
    assert_eq!((mode(&path), mode(&lock)), (0o600, 0o600));
    assert_eq!(mode(&folder.path().join("made")), 0o700);
    assert_eq!(names(&folder.path().join("made")), ["keys"]);
}

#[test]
fn threads_that_start_at_once_get_one_key() {
    for _ in 0..20 {
        let folder = folder();
        let path = folder.path().join("keys");
        let threads: Vec<_> = (0..8)
            .map(|_| {
                let keyring = keyring_of(&path);
                thread::spawn(move || keyring.first_key().expect("a key"))
            })
            .collect();
        let keys: HashSet<KeyId> =
            threads.into_iter().map(|thread| thread.join().expect("an end")).collect();
        assert_eq!(keys.len(), 1);
        assert_eq!(names(folder.path()), ["keys"]);
    }
}

#[test]
fn rotations_at_once_lose_no_key_and_bring_none_back() {
    let folder = folder();
    let path = folder.path().join("keys");
    let first = keyring_of(&path).first_key().expect("a key");
    let kept: HashSet<KeyId> = thread::scope(|scope| {
        let threads: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(|| {
                    let keyring = keyring_of(&path);
                    let rotate = |_| {
                        let (kept, gone) = (keyring.add()?, keyring.add()?);
                        keyring.remove(&gone)?;
                        Ok::<_, VaultError>(kept)
                    };
                    (0..10).map(rotate).collect::<Result<Vec<_>, _>>().expect("rotations")
                })
            })
            .collect();
        threads.into_iter().flat_map(|thread| thread.join().expect("an end")).collect()
    });
    assert_eq!(kept.len(), 40);
    let keys: HashSet<KeyId> = keyring_of(&path).keys().expect("keys").into_iter().collect();
    assert_eq!(keys, kept.into_iter().chain([first]).collect());
    assert_eq!(names(folder.path()), ["keys"]);
}

#[test]
fn what_a_killed_process_left_is_no_hindrance() {
    let folder = folder();
    let path = folder.path().join("keys");
    fs::write(folder.path().join("keys.draft"), "half a k").expect("a draft");
    let first = keyring_of(&path).first_key().expect("a key");
    fs::write(folder.path().join("keys.draft"), "half a k").expect("a draft");
    let added = keyring_of(&path).add().expect("a key");
    assert_eq!(keyring_of(&path).keys().expect("keys"), [first, added]);
    assert_eq!(names(folder.path()), ["keys"]);
}
