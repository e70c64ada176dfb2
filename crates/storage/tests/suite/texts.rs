//! Text that is easily damaged on its way.

use std::sync::atomic::{AtomicI64, Ordering};

use cadastre_domain::region::{LONGEST_KEY, RegionDetail};
use cadastre_domain::secret::Secret;
use cadastre_domain::team::Team;
use cadastre_storage::Store;
use cadastre_testkit::Seed;
use cadastre_testkit::sample::{self, hex, text};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed, TestRunner};

use crate::support::{on_both_seeded, plain, team};

const AWKWARD: [&str; 15] = [
    "'",
    "''; DROP TABLE teams; --",
    "\"quoted\"",
    "`backquoted`",
    "a\\b\\\\c\\n",
    "100 %",
    "_",
    "$1",
    "?1",
    "上海 — straße",
    "👩🏽‍💻",
    "\u{202e}turned",
    "e\u{301} is not é",
    " around ",
    "NULL",
];

fn find(store: &Store) -> RegionDetail {
    store.read(|tx| tx.find_region_detail(sample::region().region.id)).unwrap().unwrap()
}

#[test]
fn awkward_names_are_kept_and_found() {
    on_both_seeded(|_, store| {
        for (number, name) in (10..).zip(AWKWARD) {
            let team = Team { alias: text(name), ..team(number, name) };
            let (id, kept) = (team.id, team.clone());
            store.write(move |tx| tx.insert_team(&team)).unwrap();
            assert_eq!(store.read(|tx| tx.find_team(id)).unwrap(), Some(kept.clone()));
            let named = store.read(|tx| tx.find_team_named(hex(1), &kept.name)).unwrap();
            assert_eq!(named, Some(kept));
        }
        for pattern in ["%", "___", "100_%", "null"] {
            let named = store.read(|tx| tx.find_team_named(hex(1), &text(pattern))).unwrap();
            assert_eq!(named, None, "{pattern}");
        }
    });
}

#[test]
fn long_credentials_are_kept() {
    on_both_seeded(|_, store| {
        let pem: String =
            "MIIBIjANBgkqhkiG9w0BAQEFAAOC/+='\"\\%\r\n".chars().cycle().take(LONGEST_KEY).collect();
        let wide = "证".repeat(LONGEST_KEY);
        let mut detail = sample::region();
        detail.credentials.ca = Some(text(&pem));
        detail.credentials.certificate = Some(text(&wide));
        detail.credentials.key = Some(Secret::from(pem));
        detail.credentials.token = Some(Secret::from("🔑".repeat(255)));
        let inserted = detail.clone();
        store.write(move |tx| tx.insert_region(&inserted, sample::changed_by())).unwrap();
        assert_eq!(plain(&find(store)), plain(&detail));
    });
}

#[test]
fn any_text_that_the_domain_accepts_is_kept() {
    let seed = Seed::obtain();
    on_both_seeded(|_, store| {
        store.write(|tx| tx.insert_region(&sample::region(), sample::changed_by())).unwrap();
        let version = AtomicI64::new(1);
        let words = ("[^\0]{1,64}", "[^\0]{0,200}", "[^\0]{1,300}", "[^\0]{1,300}");
        let rng_seed = RngSeed::Fixed(seed.value());
        let config = Config { cases: 64, failure_persistence: None, rng_seed, ..Config::default() };
        TestRunner::new(config)
            .run(&words, |(alias, description, ca, token)| {
                let mut detail = sample::region();
                detail.region.version = version.fetch_add(1, Ordering::Relaxed) + 1;
                detail.region.alias = text(&alias);
                detail.region.description = text(&description);
                detail.credentials.ca = Some(text(&ca));
                detail.credentials.token = Some(Secret::from(token));
                let changed = detail.clone();
                prop_assert!(store.write(move |tx| crate::support::save(tx, &changed)).unwrap());
                prop_assert_eq!(plain(&find(store)), plain(&detail));
                Ok(())
            })
            .unwrap();
    });
}
