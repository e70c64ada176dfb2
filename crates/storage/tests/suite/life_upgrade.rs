//! A register of the version before this one, which kept one set of credentials for each region and
//! read no certificates.

use std::path::Path;

use cadastre_domain::opening::{Opening, Quota};
use cadastre_domain::region::{Credentials, Labels, Pem};
use cadastre_storage::{Place, RegionSets, StorageError, Store, Verification};
use cadastre_testkit::TestDatabase;
use cadastre_testkit::sample::{self, hex};
use diesel_migrations::{FileBasedMigrations, MigrationHarness as _};

use crate::support::audit::verify;
use crate::support::dump::{blob, hex_digits, rows, tables};
use crate::support::keys::{known_keys, own, own_settings, rotate};
use crate::support::{Raw, column, on_both, plain};

const TIME: &str = "'2026-11-22 08:30:15.123456+00:00'";

/// The keys of a register, which this version keeps as the one before did, as SQL that adds them.
fn keys(database: &TestDatabase) -> Vec<String> {
    let quote = if database.name() == "sqlite" { "quote" } else { "quote_literal" };
    let rows = [
        ("master_keys", &["id", "created_at"][..]),
        ("register", &["id", "key_id", "audit_sequence", "audit_hash", "audit_seal"]),
        ("register_keys", &["purpose", "version", "key_id", "sealed", "created_at"]),
    ];
    let sql = rows.into_iter().flat_map(|(table, columns)| {
        let values: Vec<_> = columns.iter().map(|name| format!("{quote}({name})")).collect();
        let values = values.join(" || ', ' || ");
        let insert = format!("'INSERT INTO {table} VALUES (' || {values} || ')'");
        column(database, &format!("SELECT {insert} AS value FROM {table}"))
    });
    sql.collect()
}

fn migrations(database: &TestDatabase) -> FileBasedMigrations {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations");
    FileBasedMigrations::from_path(folder.join(database.name())).unwrap()
}

/// Goes back to the tables of the version before those of the life of regions, from what there is.
fn go_back(database: &TestDatabase) {
    while tables(database).contains(&"region_revisions".to_owned()) {
        match Raw::open(database) {
            Raw::Sqlite(mut conn) => conn.revert_last_migration(migrations(database)).map(drop),
            Raw::Postgres(mut conn) => conn.revert_last_migration(migrations(database)).map(drop),
        }
        .unwrap();
    }
}

/// Makes the tables of the version before, and only those, where there are none.
fn make_tables(database: &TestDatabase) {
    match Raw::open(database) {
        Raw::Sqlite(mut conn) => {
            conn.revert_all_migrations(migrations(database)).unwrap();
            conn.run_next_migration(migrations(database)).unwrap();
            conn.run_next_migration(migrations(database)).map(drop)
        }
        Raw::Postgres(mut conn) => {
            conn.revert_all_migrations(migrations(database)).unwrap();
            conn.run_next_migration(migrations(database)).unwrap();
            conn.run_next_migration(migrations(database)).map(drop)
        }
    }
    .unwrap();
    assert!(tables(database).contains(&"audit_entries".to_owned()));
    assert!(!tables(database).contains(&"region_revisions".to_owned()));
}

/// SQL that adds a region, and its credentials as the version before kept them.
fn region(database: &TestDatabase, number: u64, credentials: Option<&Credentials>) -> String {
    let (id, home) = (hex::<()>(number).to_string(), hex::<()>(1));
    let region = format!(
        "INSERT INTO regions VALUES ('{id}', '{home}', 'r{number}', 'R', 'https://a.example.com', \
         'wss://w.example.com', 'h.example.com', '192.0.2.1', 'private', 'enabled', '', {TIME}, \
         {TIME}, 7)"
    );
    let Some(credentials) = credentials else { return region };
    let key = known_keys(database).remove(0);
    let seal = |column, secret: &cadastre_domain::secret::Secret| {
        let place = Place { table: "region_credentials", row: &id, column };
        let text = secret.reveal().as_bytes();
        let sealed = database.vault().seal(&key.parse().unwrap(), place, text).unwrap();
        blob(database, &hex_digits(&sealed))
    };
    let (token, secret) = (credentials.token.as_ref().unwrap(), credentials.key.as_ref().unwrap());
    let pem = |pem: &Option<Pem>| format!("'{}'", pem.as_ref().unwrap().as_ref());
    format!(
        "{region}; INSERT INTO region_credentials (region_id, ca, certificate, token, key, key_id) \
         VALUES ('{id}', {}, {}, {}, {}, '{key}')",
        pem(&credentials.ca),
        pem(&credentials.certificate),
        seal("token", token),
        seal("key", secret),
    )
}

/// Runs `test` on a register of the version before, which is in use no more: the region 20 with
/// these credentials, 21 with some that cannot be read, 22 without any; 20 open for a team.
fn on_both_of_the_version_before(test: impl Fn(&TestDatabase, &Credentials)) {
    on_both(|database| {
        drop(own(database));
        let keys = keys(database);
        make_tables(database);
        let mut raw = Raw::open(database);
        for sql in &keys {
            raw.execute(sql);
        }
        let home = hex::<()>(1);
        raw.execute(&format!(
            "INSERT INTO enterprises VALUES ('{home}', 'Ltd', 'ak_c1imts73q2c335d71cn0', {TIME}); \
             INSERT INTO users (enterprise_id, name, created_at) VALUES ('{home}', 'u', {TIME})"
        ));
        let credentials = cadastre_testkit::credentials(2031);
        raw.execute(&region(database, 20, Some(&credentials)));
        raw.execute(&region(database, 21, Some(&sample::region().credentials)));
        raw.execute(&region(database, 22, None));
        let (team, region) = (hex::<()>(3), hex::<()>(20));
        raw.execute(&format!(
            "INSERT INTO teams VALUES ('{team}', '{home}', 't', 'T', 'n', '1', 0, 1, {TIME}, {TIME}, \
             NULL); INSERT INTO openings VALUES ('{team}', '{region}', {TIME})"
        ));
        drop(raw);
        test(database, &credentials);
    });
}

fn sets(store: &Store, number: u64) -> RegionSets {
    store.read(|tx| tx.region_sets(hex(number))).unwrap().unwrap()
}

#[test]
fn certificates_are_read_at_the_first_start() {
    on_both_of_the_version_before(|database, credentials| {
        let store = own(database);
        let of = |number| store.read(|tx| tx.certificates_of(hex(number))).unwrap();
        assert_eq!(of(20), credentials.certificates());
        assert_eq!(of(20).len(), 2);
        assert_eq!([of(21), of(22)], [vec![], vec![]], "of what cannot be read, nothing is told");
        let listed = store.read(|tx| tx.list_certificates(Some(hex(1)), None, None, 9)).unwrap();
        assert!(listed.len() == 2 && listed.iter().all(|one| one.region_id == hex(20)));
        let all = store.read(|tx| tx.list_all_regions(None, 9)).unwrap();
        let expiry: Vec<_> = all.iter().map(|region| region.certificates_expire_at).collect();
        assert_eq!(expiry, [credentials.expire_at(), None, None]);
        assert!(expiry[0].is_some());
        let unread = column(database, "SELECT region_id AS value FROM unread_certificates");
        assert_eq!(unread, [""; 0]);
    });
}

#[test]
fn the_one_set_becomes_the_first_and_opens() {
    on_both_of_the_version_before(|database, credentials| {
        for _ in 0..2 {
            let store = own(database);
            for number in [20, 21] {
                let current = Some(hex(number));
                assert_eq!(sets(&store, number), RegionSets { current, previous: None });
            }
            assert_eq!(sets(&store, 22), RegionSets { current: None, previous: None });
            let found = store.read(|tx| tx.find_credentials(hex(20), hex(20))).unwrap().unwrap();
            assert!(found.same(credentials));
            let shown = store.read(|tx| tx.find_region_detail(hex(21))).unwrap().unwrap();
            assert_eq!(plain(&shown).1, plain(&sample::region()).1);
            let none = store.read(|tx| tx.find_region_named(&sample::text("r22"))).unwrap();
            assert!(none.unwrap().credentials.same(&Credentials::default()));
            // Also when everything is sealed anew.
            rotate(database);
        }
    });
}

#[test]
fn what_is_new_begins_with_nothing() {
    on_both_of_the_version_before(|database, _| {
        let store = own(database);
        let region = store.read(|tx| tx.find_region(hex(20))).unwrap().unwrap();
        assert_eq!((region.version, region.labels), (7, Labels::default()));
        let revisions = store.read(|tx| tx.list_revisions(hex(20), None, 9)).unwrap();
        let [revision] = &revisions[..] else { panic!("{revisions:?}") };
        assert_eq!((revision.region.version, revision.credentials_id), (7, Some(hex(20))));
        assert_eq!((revision.operation.as_str(), revision.user_id), ("", None));
        let opening = store.read(|tx| tx.find_opening(hex(3), hex(20))).unwrap();
        let expected = Opening::new(hex(3), hex(20), Quota::default(), sample::time());
        let at = "2026-11-22T08:30:15.123456Z".parse().unwrap();
        assert_eq!(opening, Some(Opening { created_at: at, updated_at: at, ..expected }));
        let home = store.read(|tx| tx.find_enterprise(hex(1))).unwrap().unwrap();
        assert_eq!((home.version, home.updated_at), (1, home.created_at));
        let user = store.read(|tx| tx.find_user(sample::team().creator)).unwrap().unwrap();
        assert_eq!((user.version, user.updated_at), (1, user.created_at));
        assert_eq!(store.read(|tx| tx.find_team(hex(3))).unwrap().unwrap().version, 1);
        assert_eq!(verify(&store), Verification::Sound(0));
        let mut changed = store.read(|tx| tx.find_region_detail(hex(20))).unwrap().unwrap();
        changed.region.version = 8;
        assert!(store.write(move |tx| crate::support::save(tx, &changed)).unwrap());
        let before = store.read(|tx| tx.find_revision(hex(20), 7)).unwrap();
        assert_eq!(before.as_ref(), Some(revision));
    });
}

#[test]
fn a_start_that_fails_at_its_end_keeps_its_upgrade_and_a_second_changes_nothing() {
    on_both_of_the_version_before(|database, credentials| {
        let failed = Store::new(&own_settings(database))
            .prepare(sample::time(), |_| Err::<(), _>(StorageError::Busy));
        assert!(matches!(failed, Err(StorageError::Busy)));
        let unread = column(database, "SELECT region_id AS value FROM unread_certificates");
        assert_eq!(unread, [""; 0]);
        let store = own(database);
        let found = store.read(|tx| tx.certificates_of(hex(20))).unwrap();
        assert_eq!(found, credentials.certificates());
        drop(store);
        let before = rows(database);
        drop(own(database));
        assert_eq!(rows(database), before);
    });
}

#[test]
fn the_way_back_keeps_first_sets_and_loses_those_after() {
    on_both_of_the_version_before(|database, credentials| {
        let before = rows(database);
        drop(own(database));
        go_back(database);
        assert_eq!(rows(database), before, "nothing was changed, so nothing is lost");
        let store = own(database);
        let mut changed = store.read(|tx| tx.find_region_detail(hex(21))).unwrap().unwrap();
        changed.region.version = 8;
        assert!(store.write(move |tx| crate::support::save(tx, &changed)).unwrap());
        drop(store);
        go_back(database);
        let store = own(database);
        let found = store.read(|tx| tx.find_region_detail(hex(20))).unwrap().unwrap();
        assert!(found.credentials.same(credentials));
        let found = store.read(|tx| tx.find_region_detail(hex(21))).unwrap().unwrap();
        assert_eq!(found.region.version, 8);
        let [token, ca, certificate, key] = plain(&found).1;
        let [_, its_ca, its_certificate, _] = plain(&sample::region()).1;
        assert_eq!((ca, certificate), (its_ca, its_certificate));
        assert_eq!((token, key), (None, None), "they were bound to a set that has no place");
    });
}
