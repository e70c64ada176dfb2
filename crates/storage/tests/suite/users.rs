//! Users.

use cadastre_domain::user::UserId;
use cadastre_storage::StorageError;
use cadastre_testkit::sample::{self, hex, text};

use crate::support::{column, enterprise, on_both_seeded};

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
