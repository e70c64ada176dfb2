//! Enterprises.

use cadastre_domain::id::EnterpriseId;
use cadastre_storage::Taken;
use cadastre_testkit::sample::{self, hex, text};

use crate::support::{enterprise, on_both, prepared, taken};

#[test]
fn an_enterprise_is_found_by_its_identifier_and_its_name() {
    on_both(|database| {
        let store = prepared(database.url());
        store.write(|tx| tx.insert_enterprise(&sample::enterprise())).unwrap();
        let found = store.read(|tx| {
            let sample = sample::enterprise();
            Ok::<_, cadastre_storage::StorageError>([
                tx.find_enterprise(sample.id)?,
                tx.find_enterprise_named(&sample.name)?,
                tx.find_enterprise(hex(99))?,
                tx.find_enterprise_named(&text("nobody"))?,
            ])
        });
        let sample = Some(sample::enterprise());
        assert_eq!(found.unwrap(), [sample.clone(), sample, None, None]);
    });
}

#[test]
fn enterprises_are_listed_in_the_order_in_which_they_were_made() {
    on_both(|database| {
        let store = prepared(database.url());
        assert_eq!(store.read(|tx| tx.list_enterprises()).unwrap(), []);
        let (first, second, third) =
            (enterprise(1, "zeta"), enterprise(2, "alpha"), enterprise(255, "Mu"));
        for enterprise in [third.clone(), first.clone(), second.clone()] {
            store.write(move |tx| tx.insert_enterprise(&enterprise)).unwrap();
        }
        assert_eq!(store.read(|tx| tx.list_enterprises()).unwrap(), [first, second, third]);
    });
}

#[test]
fn a_taken_enterprise_name_is_a_conflict() {
    on_both(|database| {
        let store = prepared(database.url());
        let insert = |number, name| {
            let enterprise = enterprise(number, name);
            taken(&store.write(move |tx| tx.insert_enterprise(&enterprise)))
        };
        assert_eq!(insert(1, "Example"), None);
        assert_eq!(insert(2, "Example"), Some(Taken::EnterpriseName));
        assert_eq!(insert(1, "Another"), Some(Taken::Other), "an identifier is taken as well");
        let ids: Vec<EnterpriseId> =
            store.read(|tx| tx.list_enterprises()).unwrap().iter().map(|one| one.id).collect();
        assert_eq!(ids, [hex(1)]);
    });
}

#[test]
fn enterprise_names_that_differ_in_case_are_different() {
    on_both(|database| {
        let store = prepared(database.url());
        for (number, name) in [(1, "straße"), (2, "STRASSE"), (3, "Straße"), (4, "STRAßE")] {
            let enterprise = enterprise(number, name);
            store.write(move |tx| tx.insert_enterprise(&enterprise)).unwrap();
        }
        let found = store.read(|tx| tx.find_enterprise_named(&text("Straße"))).unwrap();
        assert_eq!(found, Some(enterprise(3, "Straße")));
    });
}
