//! `cadastre audit archive` while a server serves, and broken off anywhere.

use std::process::Stdio;
use std::sync::Arc;
use std::thread::sleep;
use std::time::Duration;

use cadastre_domain::audit::{Actor, Entry, Origin, Outcome};
use cadastre_storage::{Keyring, Settings, StorageError, Store};
use cadastre_testkit::raw::execute;
use cadastre_testkit::{TestDatabase, databases};
use chrono::{SecondsFormat, TimeDelta};

use super::listed;
use crate::support::{Place, eventually, mode, now};

/// A register whose first entries, so many, are from a day ago on, a second after each other.
fn aged(database: &TestDatabase, count: usize) -> Place {
    let place = Place::on(database);
    let keyring = Keyring::new(place.master_key_file());
    let store = Store::new(&Settings {
        url: database.url().parse().unwrap(),
        readers: 1,
        write_queue: 8,
        vault: Arc::new(keyring),
    });
    let at = now() - TimeDelta::days(1);
    let actor = Actor {
        origin: Origin::Server,
        operation: "prepare_test",
        token_id: None,
        user_id: None,
        enterprise_id: None,
    };
    let prepared = store.prepare(at, move |tx| {
        for number in 0..count {
            let (reason, seconds) = (number.to_string(), i64::try_from(number).unwrap());
            let at = at + TimeDelta::seconds(seconds);
            tx.record(Entry::refused(&actor, at, Outcome::Refused, reason));
        }
        Ok::<_, StorageError>(())
    });
    prepared.unwrap();
    place
}

/// The text of a time so long ago.
fn ago(time: TimeDelta) -> String {
    (now() - time).to_rfc3339_opts(SecondsFormat::Secs, true)
}

#[test]
fn old_entries_are_archived_while_a_server_serves_and_every_check_goes_on() {
    for database in databases() {
        println!("on {}", database.name());
        let place = aged(&database, 450);
        let server = place.ready();
        let key = place.first_token();
        server.add_region("before", &key);
        let verify = |options: &[&str]| place.run(&[&["audit", "verify"], options].concat());
        let noted = verify(&[]).line().rsplit(' ').next().unwrap().to_owned();
        let count = listed(&place, &[]).len();

        let file = place.path("old.jsonl");
        let file = file.to_str().unwrap();
        for early in [TimeDelta::zero(), TimeDelta::minutes(59), TimeDelta::hours(-1)] {
            let refused = place.run(&["audit", "archive", "--before", &ago(early), file]).refusal();
            assert!(refused.ends_with("give a time at least an hour ago"), "{refused}");
        }
        let before = ago(TimeDelta::hours(2));
        let archive = ["audit", "archive", "--before", &before, file];
        let line = place.run(&archive).line();
        let expected = format!("archived: 450 entries in {file}, the last is 450:");
        assert!(line.starts_with(&expected), "{line}");
        let last = line.rsplit(' ').next().unwrap();
        assert_eq!(mode(file.as_ref()), 0o600);
        assert_eq!(place.run(&archive).line(), line, "once more does nothing");

        let left = listed(&place, &[]);
        assert_eq!(left.len(), count - 450 + 1, "and the entry of the archive");
        assert_eq!(left[0]["operation"], "archive_audit");
        server.add_region("after", &key);
        assert!(server.region_names(&key).contains(&"after".to_owned()));
        let sound = verify(&[]).line();
        let expected = format!("sound: {} entries after 450 archived ones, ", left.len() + 1);
        assert!(sound.starts_with(&expected), "{sound}");
        for (place_noted, options) in
            [(noted.as_str(), &[][..]), (last, &[]), (last, &["--file", file])]
        {
            let lines = verify(&[&["--contains", place_noted], options].concat()).lines();
            assert_eq!(lines.last(), Some(&format!("contained: {place_noted}")));
        }
        let text = std::fs::read_to_string(file).unwrap();
        let third: serde_json::Value = serde_json::from_str(text.lines().nth(3).unwrap()).unwrap();
        let third = format!("3:{}", third["hash"].as_str().unwrap());
        let refusal = verify(&["--contains", &third]).refusal();
        assert_eq!(refusal, "entry 3 was archived: name the archive that holds it with --file");
        let lines = verify(&["--contains", &third, "--file", file]).lines();
        assert_eq!(lines[0], format!("sound: 450 entries in {file}, the last is {last}"));
        assert_eq!(lines[2], format!("contained: {third}"));

        std::fs::write(file, text.replacen("prepare_test", "prepare_tess", 1)).unwrap();
        let refusal = verify(&["--file", file]).refusal();
        assert!(
            refusal.contains("is not a sound archive of this register: entry 1: "),
            "{refusal}"
        );
        let refusal = place.run(&archive).refusal();
        assert!(refusal.contains("is there already, and is not overwritten"), "{refusal}");
    }
}

#[test]
fn archives_join_and_one_that_does_not_is_told() {
    for database in databases() {
        println!("on {}", database.name());
        let place = aged(&database, 300);
        let files = ["a", "b", "c"].map(|name| place.path(name));
        let [a, b, c] = files.each_ref().map(|file| file.to_str().unwrap());
        let day = TimeDelta::days(1);
        let before = [100, 200, 1000].map(|seconds| ago(day - TimeDelta::seconds(seconds)));
        let archive = |number: usize, file: &str| {
            place.run(&["audit", "archive", "--before", &before[number], file])
        };
        place.run(&["audit", "verify"]).line();
        execute(&database, "CREATE TABLE kept AS SELECT * FROM audit_entries");
        execute(&database, "CREATE TABLE kept_register AS SELECT * FROM register");
        archive(0, a).line();
        // As after a kill between the file and the removal.
        execute(
            &database,
            "DELETE FROM audit_entries; INSERT INTO audit_entries SELECT * FROM kept; \
             DELETE FROM register; INSERT INTO register SELECT * FROM kept_register",
        );
        archive(1, b).line();
        archive(2, c).line();
        let refusal = archive(0, a).refusal();
        let end = ", and those of the register begin after 300; give another file";
        assert!(
            refusal.contains(" holds the entries 1 to ") && refusal.ends_with(end),
            "{refusal}"
        );
        let verify = |files: &[&str]| {
            let files = files.iter().flat_map(|file| ["--file", *file]);
            place.run(&["audit", "verify"].into_iter().chain(files).collect::<Vec<_>>())
        };
        let lines = verify(&[c, b]).lines();
        assert_eq!(lines.len(), 3, "{lines:?}");
        let refused = [
            (verify(&[a, b]), format!("{b} does not go on from {a}")),
            (verify(&[a, c]), format!("{c} does not go on from {a}")),
            (
                verify(&[b]),
                format!(
                    "entries after {b} were archived, too: name that archive with --file as well"
                ),
            ),
        ];
        for (ended, expected) in refused {
            assert_eq!(ended.refusal(), expected);
        }
    }
}

#[test]
fn an_archive_that_is_killed_anywhere_can_be_made_again() {
    for database in databases() {
        println!("on {}", database.name());
        let place = aged(&database, 3000);
        let server = place.ready();
        let key = place.first_token();
        server.add_region("before", &key);
        let file = place.path("old.jsonl");
        let before = ago(TimeDelta::hours(2));
        let archive = ["audit", "archive", "--before", &before, file.to_str().unwrap()];
        for round in 0..12 {
            let mut command = place.cadastre(&archive);
            let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
            // Wherever that finds it, what is left must be sound.
            sleep(Duration::from_millis(20 * round));
            child.kill().unwrap();
            child.wait().unwrap();
            // The session of a command that was killed may hold its lock a little longer.
            eventually("the chain is sound", || {
                place.run(&["audit", "verify"]).stdout.starts_with("sound: ")
            });
            server.add_region(&format!("round-{round}"), &key);
        }
        // The session of the last one that was killed may hold the lock of archives a little longer.
        let mut ended = place.run(&archive);
        eventually("entries are archived", || {
            let is_locked =
                ended.stderr.contains("another command archives entries of this register");
            if is_locked {
                ended = place.run(&archive);
            }
            !is_locked
        });
        let line = ended.line();
        assert!(line.starts_with("archived: 3000 entries in "), "{line}");
        let folder = file.parent().unwrap().read_dir().unwrap();
        let names: Vec<_> = folder.map(|entry| entry.unwrap().file_name()).collect();
        let is_draft = |name: &std::ffi::OsString| name.to_string_lossy().ends_with(".draft");
        assert!(!names.iter().any(is_draft), "{names:?}");
        let verified = place.run(&["audit", "verify", "--file", file.to_str().unwrap()]).lines();
        assert!(verified[1].contains(" entries after 3000 archived ones, "), "{verified:?}");
        let told = listed(&place, &["--operation", "archive_audit"]);
        assert_eq!(told.len(), 1, "it is told once: {told:?}");
    }
}
