//! Teams.

use cadastre_domain::team::Team;
use cadastre_storage::{StorageError, Store, Taken};
use cadastre_testkit::sample::{self, hex, text};
use chrono::TimeDelta;

use crate::support::{enterprise, on_both_seeded, taken, team, team_names};

fn insert(store: &Store, team: Team) -> Result<(), StorageError> {
    store.write(move |tx| tx.insert_team(&team))
}

#[test]
fn a_team_is_found_by_its_identifier_and_its_name() {
    on_both_seeded(|_, store| {
        insert(store, sample::team()).unwrap();
        let found = store.read(|tx| {
            let Team { id, enterprise_id, name, .. } = sample::team();
            Ok::<_, StorageError>([
                tx.find_team(id)?,
                tx.find_team_named(enterprise_id, &name)?,
                tx.find_team(hex(99))?,
                tx.find_team_named(enterprise_id, &text("nobody"))?,
                tx.find_team_named(hex(99), &name)?,
            ])
        });
        let sample = Some(sample::team());
        assert_eq!(found.unwrap(), [sample.clone(), sample, None, None, None]);
    });
}

#[test]
fn a_few_teams_are_found_at_once_and_those_that_there_are_not_left_out() {
    on_both_seeded(|_, store| {
        let teams = [30, 31].map(|number| Team {
            id: hex(number),
            name: text(&number.to_string()),
            ..sample::team()
        });
        for team in &teams {
            insert(store, team.clone()).unwrap();
        }
        let find = |ids: &[u64]| {
            let ids: Vec<_> = ids.iter().copied().map(hex).collect();
            store.read(|tx| tx.find_teams(&ids)).unwrap()
        };
        assert_eq!(find(&[31, 99, 30]), teams);
        assert_eq!((find(&[]), find(&[99])), (Vec::new(), Vec::new()));
    });
}

#[test]
fn every_part_of_a_team_is_kept() {
    on_both_seeded(|_, store| {
        let team = Team {
            alias: text("Über alles\nand on a second line"),
            namespace: String::new(),
            is_active: false,
            limit_memory: i32::MAX,
            updated_at: sample::time() + TimeDelta::microseconds(1),
            expires_at: Some(sample::time() + TimeDelta::days(365)),
            ..sample::team()
        };
        insert(store, team.clone()).unwrap();
        assert_eq!(store.read(|tx| tx.find_team(team.id)).unwrap(), Some(team.clone()));
    });
}

#[test]
fn a_taken_team_name_is_a_conflict_in_its_enterprise_only() {
    on_both_seeded(|database, store| {
        store.write(|tx| tx.insert_enterprise(&enterprise(2, "Another"))).unwrap();
        insert(store, team(10, "ops")).unwrap();
        assert_eq!(taken(&insert(store, team(11, "ops"))), Some(Taken::TeamName));
        assert_eq!(taken(&insert(store, team(10, "dev"))), Some(Taken::Other));
        insert(store, Team { enterprise_id: hex(2), ..team(12, "ops") }).unwrap();
        insert(store, team(13, "Ops")).unwrap();
        assert_eq!(team_names(database), ["Ops", "ops", "ops"]);
    });
}

#[test]
fn a_team_of_nobody_or_nowhere_is_refused() {
    on_both_seeded(|database, store| {
        for team in [
            Team { enterprise_id: hex(99), ..sample::team() },
            Team { creator: cadastre_domain::user::UserId(99), ..sample::team() },
            Team { limit_memory: -1, ..sample::team() },
        ] {
            let refused = insert(store, team);
            assert!(matches!(refused, Err(StorageError::Query(_))), "{refused:?}");
        }
        assert!(team_names(database).is_empty());
    });
}
