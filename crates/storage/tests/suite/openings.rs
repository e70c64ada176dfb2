//! Openings.

use cadastre_domain::opening::Opening;
use cadastre_storage::StorageError;
use cadastre_testkit::sample::{self, hex};
use chrono::TimeDelta;

use crate::support::{column, on_both_seeded, region, team};

#[test]
fn a_region_is_opened_for_a_team_once() {
    on_both_seeded(|database, store| {
        let later =
            Opening { created_at: sample::time() + TimeDelta::days(1), ..sample::opening() };
        let opened = store.write(move |tx| {
            tx.insert_team(&sample::team())?;
            tx.insert_region(&sample::region(), sample::changed_by())?;
            Ok::<_, StorageError>([
                tx.insert_opening(&sample::opening())?,
                tx.insert_opening(&later)?,
                tx.insert_opening(&sample::opening())?,
            ])
        });
        assert_eq!(opened.unwrap(), [true, false, false]);
        assert!(!store.write(|tx| tx.insert_opening(&sample::opening())).unwrap());
        let years = "SELECT substr(CAST(created_at AS TEXT), 1, 10) AS value FROM openings";
        assert_eq!(column(database, years), ["2026-11-22"], "the first opening stays");
    });
}

#[test]
fn a_region_is_open_for_the_teams_it_was_opened_for() {
    on_both_seeded(|_, store| {
        let open = store.write(|tx| {
            tx.insert_team(&team(10, "in"))?;
            tx.insert_team(&team(11, "out"))?;
            tx.insert_region(&region(20, "open"), sample::changed_by())?;
            tx.insert_region(&region(21, "closed"), sample::changed_by())?;
            let opening = Opening { team_id: hex(10), region_id: hex(20), ..sample::opening() };
            tx.insert_opening(&opening)
        });
        assert!(open.unwrap());
        let is_open = |team, region| store.read(|tx| tx.is_open(hex(team), hex(region))).unwrap();
        assert_eq!(
            [(10, 20), (10, 21), (11, 20), (11, 21), (99, 20)].map(|(t, r)| is_open(t, r)),
            [true, false, false, false, false]
        );
    });
}

#[test]
fn an_opening_of_what_is_not_there_is_refused() {
    on_both_seeded(|_, store| {
        store.write(|tx| tx.insert_team(&sample::team())).unwrap();
        let refused = store.write(|tx| tx.insert_opening(&sample::opening()));
        assert!(matches!(refused, Err(StorageError::Query(_))), "{refused:?}");
    });
}
