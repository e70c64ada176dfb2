//! What happens at start, also when several processes start at once.

use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::Path;
use std::sync::Barrier;
use std::thread;

use cadastre_domain::enterprise::DEFAULT_ENTERPRISE;
use cadastre_storage::{StorageError, Store, Tx};
use cadastre_testkit::sample::{self, hex, text};

use crate::support::keys::{own, own_settings, prepare};
use crate::support::{
    column, enterprise, execute, on_both, on_both_seeded, one_line, prepared, settings, soon,
    unavailable,
};

/// Adds the default enterprise when there is none, as the service does at start.
fn first(number: u64) -> impl FnMut(&mut dyn Tx) -> Result<(), StorageError> + Send + 'static {
    move |tx| match tx.find_enterprise_named(&text(DEFAULT_ENTERPRISE))? {
        Some(_) => Ok(()),
        None => tx.insert_enterprise(&enterprise(number, DEFAULT_ENTERPRISE)),
    }
}

#[test]
fn nothing_is_answered_before_the_store_is_prepared() {
    on_both(|database| {
        let store = Store::new(&settings(database.url()));
        let read = store.read(|tx| tx.list_enterprises());
        let written = store.write(|tx| tx.insert_enterprise(&sample::enterprise()));
        let submitted = store.submit(None, |tx| tx.list_enterprises()).map(drop);
        assert!(unavailable(&read), "{read:?}");
        assert!(unavailable(&written), "{written:?}");
        assert!(unavailable(&submitted), "{submitted:?}");
        store.prepare(sample::time(), |_| Ok::<_, StorageError>(())).unwrap();
        assert_eq!(store.read(|tx| tx.list_enterprises()).unwrap(), []);
    });
}

#[test]
fn stores_that_start_at_once_all_succeed_and_begin_the_register_once() {
    on_both(|database| {
        let begin = Barrier::new(8);
        let stores = thread::scope(|scope| {
            let start = |number| {
                let (begin, database) = (&begin, database);
                scope.spawn(move || {
                    let store = Store::new(&settings(database.url()));
                    begin.wait();
                    store.prepare(sample::time(), first(number)).map(|()| store)
                })
            };
            let starting: Vec<_> = (1..=8).map(start).collect();
            let join = |one: thread::ScopedJoinHandle<'_, _>| one.join().unwrap();
            starting.into_iter().map(join).collect::<Result<Vec<_>, _>>().unwrap()
        });
        let found: Vec<_> =
            stores.iter().map(|store| store.read(|tx| tx.list_enterprises()).unwrap()).collect();
        assert_eq!(found[0].len(), 1);
        assert_eq!(found, vec![found[0].clone(); 8]);
    });
}

#[test]
fn a_register_that_is_prepared_again_keeps_what_it_holds() {
    on_both_seeded(|database, store| {
        store.prepare(sample::time(), first(9)).unwrap();
        let names = |store: &Store| {
            let enterprises = store.read(|tx| tx.list_enterprises()).unwrap();
            enterprises.into_iter().map(|one| String::from(one.name)).collect::<Vec<_>>()
        };
        assert_eq!(names(store), ["Example Ltd", DEFAULT_ENTERPRISE]);
        assert_eq!(names(&prepared(database.url())), ["Example Ltd", DEFAULT_ENTERPRISE]);
    });
}

#[test]
fn a_store_whose_first_work_fails_is_not_prepared() {
    on_both(|database| {
        let store = Store::new(&settings(database.url()));
        let failed = store.prepare(sample::time(), |tx| {
            tx.insert_enterprise(&sample::enterprise())?;
            Err::<(), _>(StorageError::Busy)
        });
        assert!(matches!(failed, Err(StorageError::Busy)), "{failed:?}");
        let read = store.read(|tx| tx.list_enterprises());
        assert!(unavailable(&read), "{read:?}");
        store.prepare(sample::time(), first(7)).unwrap();
        let ids = column(database, "SELECT id AS value FROM enterprises");
        assert_eq!(ids, [hex::<()>(7).to_string()], "what failed was undone");
    });
}

fn mode(path: &Path) -> u32 {
    path.metadata().unwrap().permissions().mode() & 0o777
}

#[test]
fn folders_and_files_that_are_made_are_for_their_owner_only() {
    let folder = tempfile::tempdir().unwrap();
    let inner = folder.path().join("new/inner");
    let path = inner.join("register.db");
    let store = prepared(&format!("sqlite:{}", path.display()));
    store.write(|tx| tx.insert_enterprise(&sample::enterprise())).unwrap();
    assert_eq!([mode(&folder.path().join("new")), mode(&inner)], [0o700, 0o700]);
    let mut files: Vec<_> =
        inner.read_dir().unwrap().map(|entry| entry.unwrap().file_name()).collect();
    files.sort();
    let expected = ["register.db", "register.db-shm", "register.db-wal", "register.db.lock"];
    assert_eq!(files, expected);
    assert_eq!(expected.map(|name| mode(&inner.join(name))), [0o600; 4]);
}

/// How many locks there are on the file, which all belong to this process.
#[cfg(target_os = "linux")]
fn locks(path: &Path) -> usize {
    let inode = format!(":{} ", path.metadata().unwrap().ino());
    let all = std::fs::read_to_string("/proc/locks").unwrap();
    all.lines().filter(|line| line.contains(" POSIX ") && line.contains(&inode)).count()
}

/// By its lock, another process sees that this one has the register open, and leaves the
/// write-ahead log to it.
#[cfg(target_os = "linux")]
#[test]
fn sqlite_keeps_its_lock_when_the_store_is_prepared_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("register.db");
    let store = prepared(&format!("sqlite:{}", path.display()));
    assert_eq!(locks(&path), 1);
    store.prepare(sample::time(), first(1)).unwrap();
    assert_eq!(locks(&path), 1);
    drop(store);
    assert_eq!(locks(&path), 0);
}

/// How preparing a store at this path fails.
fn refusal(path: &Path) -> StorageError {
    let store = Store::new(&settings(&format!("sqlite:{}", path.display())));
    soon(|| store.prepare(sample::time(), |_| Ok::<_, StorageError>(()))).unwrap_err()
}

fn is_unusable(error: &StorageError) -> bool {
    matches!(error, StorageError::Unusable(reason) if one_line(reason))
}

#[test]
fn a_file_that_is_no_database_is_refused_and_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notes.txt");
    let like_a_database = format!("SQLite format 3\0{}", "no database after all\n".repeat(1000));
    for garbage in ["no database at all\n".repeat(1000), "short".to_owned(), like_a_database] {
        std::fs::write(&path, &garbage).unwrap();
        let error = refusal(&path);
        assert!(is_unusable(&error), "{error:?}");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), garbage);
    }
}

#[test]
fn a_place_where_nothing_can_be_made_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    for path in [file.join("register.db"), file.join("a/b/register.db"), folder.path().to_owned()] {
        let error = refusal(&path);
        assert!(is_unusable(&error), "{error:?}");
    }
}

#[test]
fn a_database_with_foreign_tables_of_our_names_is_refused() {
    on_both(|database| {
        execute(database, "CREATE TABLE teams (id INTEGER)");
        let store = Store::new(&settings(database.url()));
        let error = store.prepare(sample::time(), |_| Ok::<_, StorageError>(())).unwrap_err();
        assert!(is_unusable(&error), "{error:?}");
        let tables = match database.name() {
            "sqlite" => "SELECT name AS value FROM sqlite_master WHERE name = 'regions'",
            _ => "SELECT tablename::text AS value FROM pg_tables WHERE tablename = 'regions'",
        };
        assert!(column(database, tables).is_empty(), "half of a migration");
        execute(database, "DROP TABLE teams");
        store.prepare(sample::time(), first(1)).unwrap();
    });
}

#[test]
fn a_database_that_a_newer_version_migrated_is_refused_and_left_as_it_is() {
    on_both_seeded(|database, store| {
        let newest = "20991231000000";
        for version in ["20991230000000", newest] {
            let sql = "INSERT INTO __diesel_schema_migrations (version) VALUES";
            execute(database, &format!("{sql} ('{version}')"));
        }
        // What a newer version may have changed: nothing of it may be read before the refusal.
        execute(database, "ALTER TABLE register_keys RENAME COLUMN sealed TO renamed");
        let refused = Store::new(&settings(database.url()))
            .prepare(sample::time(), |_| Ok::<_, StorageError>(()));
        let Err(StorageError::Unusable(reason)) = refused else { panic!("{refused:?}") };
        assert!(reason.contains(newest), "{reason}");
        assert_eq!(store.read(|tx| tx.list_enterprises()).unwrap().len(), 1);
    });
}

#[test]
fn an_empty_file_is_a_new_register_unless_keys_exist() {
    let database = cadastre_testkit::sqlite();
    let path = Path::new(database.url().strip_prefix("sqlite:").unwrap());
    std::fs::write(path, "").unwrap();
    own(&database);
    for file in ["", "-wal", "-shm"] {
        std::fs::write(format!("{}{file}", path.display()), "").unwrap();
    }
    let refused = prepare(&Store::new(&own_settings(&database)));
    let Err(StorageError::Unusable(reason)) = refused else { panic!("{refused:?}") };
    assert!(reason.contains("empty"), "{reason}");
    assert_eq!(std::fs::metadata(path).unwrap().len(), 0, "nothing was written");
    // Without the file, the register is new, with the keys that exist.
    std::fs::remove_file(path).unwrap();
    own(&database);
}
