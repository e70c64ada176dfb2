//! Changes of enterprises and users, and what the audit tells of changes.

use cadastre_domain::audit::{Object, Outcome};
use cadastre_domain::enterprise::Enterprise;
use cadastre_domain::user::{User, UserId};
use cadastre_storage::{EnterpriseFilter, StorageError, Taken, UserFilter};
use cadastre_testkit::sample::{self, hex, text};
use chrono::TimeDelta;

use crate::support::audit::{entry, record};
use crate::support::{enterprise, on_both_seeded, taken};

#[test]
fn a_changed_enterprise_is_saved_unless_it_is_stale() {
    on_both_seeded(|_, store| {
        store.write(|tx| tx.insert_enterprise(&enterprise(2, "Another"))).unwrap();
        let updated_at = sample::time() + TimeDelta::days(1);
        let renamed = Enterprise { updated_at, version: 2, ..enterprise(1, "Renamed") };
        let save = |enterprise: Enterprise| store.write(move |tx| tx.save_enterprise(&enterprise));
        assert!(save(renamed.clone()).unwrap());
        for version in [0, 1, 2, 4] {
            let stale = Enterprise { version, ..enterprise(1, "Stale") };
            assert!(!save(stale).unwrap(), "{version}");
        }
        assert!(!save(Enterprise { version: 2, ..enterprise(9, "Nobody") }).unwrap());
        let same_name = Enterprise { version: 3, ..enterprise(1, "Another") };
        assert_eq!(taken(&save(same_name)), Some(Taken::EnterpriseName));
        let all = store.read(|tx| tx.list_enterprises()).unwrap();
        assert_eq!(all, [renamed, enterprise(2, "Another")]);
    });
}

#[test]
fn enterprises_are_listed_page_by_page() {
    on_both_seeded(|_, store| {
        for (number, name) in [(3, "c"), (2, "z")] {
            store.write(move |tx| tx.insert_enterprise(&enterprise(number, name))).unwrap();
        }
        let page = |after: Option<u64>, limit| {
            let filter = EnterpriseFilter { after: after.map(hex), ..EnterpriseFilter::default() };
            let page = store.read(|tx| tx.list_some_enterprises(&filter, limit)).unwrap().items;
            page.into_iter().map(|one| String::from(one.name)).collect::<Vec<_>>()
        };
        assert_eq!(page(None, 9), ["Example Ltd", "z", "c"]);
        assert_eq!(page(None, 1), ["Example Ltd"]);
        assert_eq!(page(Some(1), 1), ["z"]);
        assert_eq!(page(Some(3), 9), [""; 0]);
    });
}

#[test]
fn enterprises_and_users_are_found_and_counted_by_a_part_of_their_name() {
    on_both_seeded(|_, store| {
        for (number, name) in [(2, "a_b 100%"), (3, "axb 1000"), (4, r"back\上海公司")] {
            let seeded = store.write(move |tx| {
                tx.insert_enterprise(&enterprise(number, name))?;
                tx.insert_user(hex(2), &text(name), sample::time())
            });
            seeded.unwrap();
        }
        let found = |part: &str| {
            let contains = Some(part.to_owned());
            let homes =
                EnterpriseFilter { contains: contains.clone(), ..EnterpriseFilter::default() };
            let users = UserFilter { contains, enterprise: Some(hex(2)), after: None };
            let both = store.read(|tx| {
                let homes = (
                    tx.list_some_enterprises(&homes, 9)?.items,
                    tx.count_enterprises(&homes)?.count,
                );
                let users = (tx.list_users(&users, 9)?.items, tx.count_users(&users)?.count);
                let homes = (homes.0.into_iter().map(|one| String::from(one.name)), homes.1);
                let users = (users.0.into_iter().map(|one| String::from(one.name)), users.1);
                Ok::<_, StorageError>((homes.0.collect(), homes.1, users.0.collect(), users.1))
            });
            let (homes, count, users, users_count): (Vec<_>, i64, Vec<_>, i64) = both.unwrap();
            assert_eq!(
                (homes.len(), users.len()),
                (count.try_into().unwrap(), users_count.try_into().unwrap())
            );
            assert_eq!(homes, users, "{part:?}");
            homes
        };
        assert_eq!(found("_"), ["a_b 100%"]);
        assert_eq!(found("A_B"), ["a_b 100%"]);
        assert_eq!(found("0%"), ["a_b 100%"]);
        assert_eq!(found("100"), ["a_b 100%", "axb 1000"]);
        assert_eq!(found(r"\"), [r"back\上海公司"]);
        assert_eq!(found("海公"), [r"back\上海公司"]);
        assert_eq!(found("nowhere"), [""; 0]);
        assert_eq!(found("\0"), [""; 0]);
    });
}

#[test]
fn a_changed_user_is_saved_unless_it_is_stale() {
    on_both_seeded(|_, store| {
        store.write(|tx| tx.insert_user(hex(1), &text("ann"), sample::time())).unwrap();
        let before = store.read(|tx| tx.find_user(UserId(1))).unwrap().unwrap();
        let updated_at = sample::time() + TimeDelta::days(1);
        let renamed = User { name: text("root"), updated_at, version: 2, ..before };
        let save = |user: User| store.write(move |tx| tx.save_user(&user));
        assert!(save(renamed.clone()).unwrap());
        for version in [0, 1, 2, 4] {
            let stale = User { version, name: text("stale"), ..renamed.clone() };
            assert!(!save(stale).unwrap(), "{version}");
        }
        assert!(!save(User { id: UserId(9), ..renamed.clone() }).unwrap());
        let same_name = User { name: text("ann"), version: 3, ..renamed.clone() };
        assert_eq!(taken(&save(same_name)), Some(Taken::UserName));
        assert_eq!(store.read(|tx| tx.find_user(UserId(1))).unwrap(), Some(renamed));
        let name = store.read(|tx| tx.find_user_name(UserId(2))).unwrap();
        assert_eq!(name, Some(text("ann")));
    });
}

#[test]
fn the_last_entry_is_told_as_soon_as_it_is_there() {
    on_both_seeded(|database, store| {
        let other = crate::support::prepared(database.url());
        let last = || store.read(|tx| tx.last_entry()).unwrap();
        assert_eq!(last(), 0);
        record(&other, vec![entry("one"), entry("two")]);
        assert_eq!(last(), 2);
        let undone = other.write(|tx| {
            tx.record(entry("three"));
            Err::<(), _>(StorageError::Busy)
        });
        assert!(undone.is_err());
        assert_eq!(last(), 2);
    });
}

#[test]
fn what_changed_since_an_entry_is_told_without_what_was_refused() {
    on_both_seeded(|_, store| {
        let told = |kind: &'static str, id: &str, outcome| {
            let object = Some(Object { kind: kind.into(), id: id.to_owned() });
            cadastre_domain::audit::Entry { object, outcome, ..entry("change") }
        };
        let nothing = cadastre_domain::audit::Entry { object: None, ..entry("rotate_keys") };
        record(
            store,
            vec![
                told("region", "a", Outcome::Done),
                told("region", "b", Outcome::Refused),
                told("team", "c", Outcome::Done),
                nothing,
                told("region", "a", Outcome::SignInFailed),
                told("region", "d", Outcome::Done),
            ],
        );
        let since =
            |sequence, limit| store.read(|tx| tx.changed_since(sequence, limit)).unwrap().unwrap();
        let expected = |all: &[(i64, &str, &str)]| {
            let own = |&(at, kind, id): &(i64, &str, &str)| (at, kind.to_owned(), id.to_owned());
            all.iter().map(own).collect::<Vec<_>>()
        };
        let all = [(1, "region", "a"), (3, "team", "c"), (6, "region", "d")];
        assert_eq!(since(0, 9), expected(&all));
        assert_eq!(since(0, 2), expected(&all[..2]));
        assert_eq!(since(1, 9), expected(&all[1..]));
        assert_eq!(since(5, 9), expected(&all[2..]));
        assert_eq!(since(6, 9), []);
    });
}
