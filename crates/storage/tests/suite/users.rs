//! Users.

use cadastre_domain::user::{User, UserId};
use cadastre_storage::{StorageError, Taken, UserFilter};
use cadastre_testkit::sample::{self, hex, text};

use crate::support::{column, enterprise, on_both_seeded, taken};

#[test]
fn a_user_is_made_once_in_each_enterprise() {
    on_both_seeded(|_, store| {
        let numbers = store.write(|tx| {
            tx.insert_enterprise(&enterprise(2, "Another"))?;
            let mut ensure =
                |number, name| tx.ensure_user(hex(number), &text(name), sample::time());
            Ok::<_, StorageError>([
                ensure(1, "admin")?,
                ensure(1, "Admin")?,
                ensure(2, "admin")?,
                ensure(1, "admin")?,
            ])
        });
        assert_eq!(numbers.unwrap(), [1, 2, 3, 1].map(UserId));
    });
}

#[test]
fn a_user_has_a_name() {
    on_both_seeded(|_, store| {
        let names = store.read(|tx| {
            Ok::<_, StorageError>([tx.find_user_name(UserId(1))?, tx.find_user_name(UserId(2))?])
        });
        assert_eq!(names.unwrap(), [Some(text("admin")), None]);
    });
}

#[test]
fn the_number_of_a_user_who_was_not_kept_harms_nobody() {
    on_both_seeded(|database, store| {
        let ensure = |name: &'static str, keep: bool| {
            store.write(move |tx| {
                let id = tx.ensure_user(hex(1), &text(name), sample::time())?;
                if keep { Ok(id) } else { Err(StorageError::Busy) }
            })
        };
        assert!(ensure("gone", false).is_err());
        let kept = ensure("kept", true).unwrap();
        assert_eq!(store.read(|tx| tx.find_user_name(kept)).unwrap(), Some(text("kept")));
        let names = column(database, "SELECT name AS value FROM users ORDER BY id");
        assert_eq!(names, ["admin", "kept"]);
    });
}

#[test]
fn a_user_is_added_and_found() {
    on_both_seeded(|_, store| {
        let add = || store.write(|tx| tx.insert_user(hex(1), &text("ann"), sample::time()));
        let id = add().unwrap();
        let (created_at, updated_at) = (sample::time(), sample::time());
        let name = text("ann");
        let ann = User { id, enterprise_id: hex(1), name, created_at, updated_at, version: 1 };
        assert_eq!(store.read(|tx| tx.find_user(id)).unwrap(), Some(ann));
        assert_eq!(store.read(|tx| tx.find_user(UserId(99))).unwrap(), None);
        let found = store.write(|tx| tx.ensure_user(hex(1), &text("ann"), sample::time()));
        assert_eq!(found.unwrap(), id);
    });
}

#[test]
fn a_taken_name_is_a_conflict_in_its_enterprise_only() {
    on_both_seeded(|_, store| {
        store.write(|tx| tx.insert_enterprise(&enterprise(2, "Another"))).unwrap();
        let add = |home, name: &'static str| {
            store.write(move |tx| tx.insert_user(hex(home), &text(name), sample::time()))
        };
        assert_eq!(taken(&add(1, "admin")), Some(Taken::UserName));
        assert!(add(2, "admin").is_ok() && add(1, "Admin").is_ok());
        assert!(matches!(add(9, "admin"), Err(StorageError::Query(_))), "of no enterprise");
        let filter = UserFilter { enterprise: Some(hex(1)), ..UserFilter::default() };
        let names = store.read(|tx| tx.list_users(&filter, 9)).unwrap().items;
        assert_eq!(
            names.iter().map(|user| user.name.as_ref()).collect::<Vec<_>>(),
            ["admin", "Admin"]
        );
    });
}

#[test]
fn users_are_listed_page_by_page() {
    on_both_seeded(|_, store| {
        store.write(|tx| tx.insert_enterprise(&enterprise(2, "Another"))).unwrap();
        for (home, name) in [(1, "zoe"), (2, "bob"), (1, "ann")] {
            store.write(move |tx| tx.insert_user(hex(home), &text(name), sample::time())).unwrap();
        }
        let page = |home: Option<u64>, after: Option<i64>, limit| {
            let (enterprise, after) = (home.map(hex), after.map(UserId));
            let filter = UserFilter { enterprise, contains: None, after };
            let users = store.read(|tx| tx.list_users(&filter, limit)).unwrap().items;
            users.into_iter().map(|user| user.id.0).collect::<Vec<_>>()
        };
        assert_eq!(page(None, None, 3), [1, 2, 3]);
        assert_eq!(page(None, Some(3), 3), [4]);
        assert_eq!(page(Some(1), None, 2), [1, 2]);
        assert_eq!(page(Some(1), Some(2), 2), [4]);
        assert_eq!(page(Some(2), Some(1), 9), [3]);
        assert_eq!(page(Some(3), None, 9), Vec::<i64>::new());
    });
}

#[test]
fn users_are_found_by_a_part_of_their_name_in_any_case_and_counted() {
    on_both_seeded(|_, store| {
        for name in ["Zoe", "zo%e", "ann"] {
            store.write(move |tx| tx.insert_user(hex(1), &text(name), sample::time())).unwrap();
        }
        let found = |part: &str| {
            let filter = UserFilter { contains: Some(part.to_owned()), ..UserFilter::default() };
            let users = store.read(|tx| tx.list_users(&filter, 9)).unwrap().items;
            let count = store.read(|tx| tx.count_users(&filter)).unwrap().count;
            assert_eq!(count, i64::try_from(users.len()).unwrap(), "{part}");
            users.into_iter().map(|user| user.name.into()).collect::<Vec<String>>()
        };
        assert_eq!(found("ZO"), ["Zoe", "zo%e"]);
        assert_eq!(found("%"), ["zo%e"]);
        assert_eq!(found("nobody"), Vec::<String>::new());
    });
}
