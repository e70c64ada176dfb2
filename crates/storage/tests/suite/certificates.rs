//! Certificates of all regions, by expiry.

use cadastre_domain::id::EnterpriseId;
use cadastre_domain::region::{Credentials, RegionDetail};
use cadastre_storage::{CertificatePlace, ListedCertificate, Store};
use cadastre_testkit::sample::{self, hex};
use chrono::{DateTime, TimeDelta, Utc};

use crate::support::{column, enterprise, on_both_seeded, region};

/// The first day of a year.
fn new_year(year: i32) -> DateTime<Utc> {
    format!("{year}-01-01T00:00:00Z").parse().unwrap()
}

/// Adds a region of this enterprise with these credentials.
fn insert(store: &Store, home: u64, number: u64, credentials: &Credentials) {
    let mut detail =
        RegionDetail { credentials: credentials.clone(), ..region(number, &format!("r{number}")) };
    detail.region.enterprise_id = hex(home);
    store.write(move |tx| tx.insert_region(&detail, sample::changed_by())).unwrap();
}

fn list(
    store: &Store,
    home: Option<u64>,
    before: Option<DateTime<Utc>>,
    after: Option<&CertificatePlace>,
    limit: i64,
) -> Vec<ListedCertificate> {
    let home: Option<EnterpriseId> = home.map(hex);
    store.read(|tx| tx.list_certificates(home, before, after.cloned(), limit)).unwrap()
}

/// Where a list goes on behind this certificate.
fn place(certificate: &ListedCertificate) -> CertificatePlace {
    let facts = &certificate.facts;
    let (part, place) = (facts.part.as_str().to_owned(), i32::from(facts.place));
    (facts.not_after, certificate.region_id, part, place)
}

/// The list in pages of so many.
fn by_pages(store: &Store, home: Option<u64>, limit: i64) -> Vec<ListedCertificate> {
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let page = list(store, home, None, after.as_ref(), limit);
        assert!(i64::try_from(page.len()).unwrap() <= limit);
        after = page.last().map(place);
        if after.is_none() {
            return all;
        }
        all.extend(page);
    }
}

/// What is told of a certificate in these tests: of which region, which part, which place in it.
fn short(certificates: &[ListedCertificate]) -> Vec<String> {
    let short = |one: &ListedCertificate| {
        let facts = &one.facts;
        format!("{} {} {}", String::from(one.region_name.clone()), facts.part.as_str(), facts.place)
    };
    certificates.iter().map(short).collect()
}

#[test]
fn a_certificate_is_listed_with_its_region_and_without_secrets() {
    on_both_seeded(|_, store| {
        let credentials = cadastre_testkit::credentials(2031);
        insert(store, 1, 10, &credentials);
        let expected = credentials.certificates();
        assert_eq!(expected.len(), 2);
        let found = store.read(|tx| tx.certificates_of(hex(10))).unwrap();
        assert_eq!(found, expected);
        let listed = list(store, None, None, None, 9);
        assert_eq!(short(&listed), ["r10 certificate 0", "r10 ca 0"]);
        for one in &listed {
            assert!(expected.contains(&one.facts));
            assert_eq!((one.region_id, one.enterprise_id), (hex(10), hex(1)));
        }
        assert_eq!(store.read(|tx| tx.certificates_of(hex(11))).unwrap(), []);
    });
}

#[test]
fn certificates_that_expire_at_the_same_time_are_listed_page_by_page_once_each() {
    on_both_seeded(|_, store| {
        store.write(|tx| tx.insert_enterprise(&enterprise(2, "Another"))).unwrap();
        // A CA and a chain that all expire at once, in several regions.
        let one = cadastre_testkit::credentials(2049);
        let text = |pem: &Option<cadastre_domain::region::Pem>| String::from(pem.clone().unwrap());
        let chain = format!("{}{}", text(&one.certificate), text(&one.ca));
        let credentials = Credentials { certificate: Some(sample::text(&chain)), ..one };
        for (home, number) in [(1, 12), (2, 11), (1, 10)] {
            insert(store, home, number, &credentials);
        }
        insert(store, 2, 13, &cadastre_testkit::credentials(2031));
        let of =
            |number| ["ca 0", "certificate 0", "certificate 1"].map(|c| format!("r{number} {c}"));
        let first = vec!["r13 certificate 0".to_owned()];
        let last = vec!["r13 ca 0".to_owned()];
        let all =
            [first.clone(), of(10).into(), of(11).into(), of(12).into(), last.clone()].concat();
        let own = [of(10), of(12)].concat();
        let foreign = [first, of(11).into(), last].concat();
        for (home, expected) in [(None, all), (Some(1), own), (Some(2), foreign), (Some(3), vec![])]
        {
            assert_eq!(short(&list(store, home, None, None, 99)), expected);
            for limit in [1, 2, 3, 4, 7] {
                assert_eq!(short(&by_pages(store, home, limit)), expected, "pages of {limit}");
            }
        }
    });
}

#[test]
fn certificates_that_expire_before_a_time_are_listed_alone() {
    on_both_seeded(|_, store| {
        for (number, year) in [(10, 2033), (11, 2031), (12, 2032)] {
            insert(store, 1, number, &cadastre_testkit::credentials(year));
        }
        let before = |time| short(&list(store, Some(1), Some(time), None, 99));
        assert_eq!(before(new_year(2031)), [""; 0], "the time itself is not before");
        let moment = TimeDelta::microseconds(1);
        assert_eq!(before(new_year(2031) + moment), ["r11 certificate 0"]);
        assert_eq!(before(new_year(2033)), ["r11 certificate 0", "r12 certificate 0"]);
        assert_eq!(before(new_year(2050)).len(), 6);
        let first = list(store, None, Some(new_year(2033)), None, 1);
        let rest = list(store, None, Some(new_year(2033)), Some(&place(&first[0])), 9);
        assert_eq!(short(&rest), ["r12 certificate 0"]);
    });
}

#[test]
fn a_new_set_brings_its_certificates_and_a_kept_one_keeps_them() {
    on_both_seeded(|database, store| {
        insert(store, 1, 10, &cadastre_testkit::credentials(2031));
        let expiry = "SELECT substr(CAST(certificates_expire_at AS TEXT), 1, 10) AS value \
                      FROM regions WHERE certificates_expire_at IS NOT NULL";
        assert_eq!(column(database, expiry), ["2031-01-01"]);
        let save = |version, credentials: Credentials| {
            let mut detail = region(10, "r10");
            detail.region.version = version;
            detail.credentials = credentials;
            assert!(store.write(move |tx| crate::support::save(tx, &detail)).unwrap());
        };
        let new = cadastre_testkit::credentials(2035);
        save(2, new.clone());
        let found = || store.read(|tx| tx.certificates_of(hex(10))).unwrap();
        assert_eq!(found(), new.certificates());
        assert_eq!(column(database, expiry), ["2035-01-01"]);
        let by = sample::changed_by();
        let kept = store.write(move |tx| {
            let mut detail = region(10, "r10");
            detail.region.version = 3;
            let set = cadastre_storage::SetChange::Keep;
            let (previous_until, by) = (None, by.clone());
            tx.save_region(&cadastre_storage::RegionSave {
                detail: &detail,
                set,
                previous_until,
                by,
            })
        });
        assert!(kept.unwrap());
        assert_eq!(found(), new.certificates());
        save(4, Credentials::default());
        assert_eq!(found(), []);
        assert_eq!(column(database, expiry), [""; 0]);
        assert_eq!(list(store, None, None, None, 9), []);
    });
}

#[test]
fn certificates_of_many_new_regions_are_all_kept() {
    on_both_seeded(|_, store| {
        let credentials = cadastre_testkit::credentials(2031);
        let text = |pem: &Option<cadastre_domain::region::Pem>| String::from(pem.clone().unwrap());
        // More values than one statement takes.
        let many = text(&credentials.ca).repeat(9);
        let credentials = Credentials { ca: Some(sample::text(&many)), ..credentials };
        let inserted = store.write(move |tx| {
            for number in 100..180 {
                let detail = RegionDetail {
                    credentials: credentials.clone(),
                    ..region(number, &format!("r{number}"))
                };
                tx.insert_region(&detail, sample::changed_by())?;
            }
            Ok::<_, cadastre_storage::StorageError>(())
        });
        inserted.unwrap();
        assert_eq!(list(store, Some(1), None, None, 9999).len(), 800);
        assert_eq!(store.read(|tx| tx.certificates_of(hex(179))).unwrap().len(), 10);
    });
}
