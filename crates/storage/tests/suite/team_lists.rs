//! Lists of teams and of what is open for them, and changes of teams and openings.

use cadastre_domain::opening::{Opening, Quota};
use cadastre_domain::region::Status;
use cadastre_domain::team::Team;
use cadastre_storage::{Found, OpenRegionFilter, StorageError, Store, Taken, TeamFilter, Total};
use cadastre_testkit::sample::{self, hex, text};
use chrono::TimeDelta;

use crate::support::{enterprise, on_both_seeded, region, taken, team};

/// Names and aliases that tell a wildcard from the character itself.
const ODD: [(&str, &str); 8] = [
    ("a_b", "Eins"),
    ("axb", "Zwei"),
    ("p-100", "100%"),
    ("p-1000", "1000"),
    ("back", r"a\b"),
    ("cjk", "上海团队"),
    ("cjk-2", "上海"),
    ("Upper", "MiXed"),
];

/// What each text finds among them, by their places.
const FOUND: [(&str, &[u64]); 15] = [
    ("_", &[10]),
    ("a_b", &[10]),
    ("%", &[12]),
    ("0%", &[12]),
    ("100", &[12, 13]),
    (r"\", &[14]),
    (r"a\b", &[14]),
    (r"\%", &[]),
    ("海团", &[15]),
    ("上海", &[15, 16]),
    ("mixed", &[17]),
    ("UPPER", &[17]),
    ("EINS", &[10]),
    ("'", &[]),
    ("", &[10, 11, 12, 13, 14, 15, 16, 17]),
];

fn number<K>(id: &cadastre_domain::id::HexId<K>) -> u64 {
    u64::from_str_radix(&id.to_string(), 16).unwrap()
}

fn numbers(teams: &[Team]) -> Vec<u64> {
    teams.iter().map(|team| number(&team.id)).collect()
}

fn add_odd_teams(store: &Store) {
    for (place, (name, alias)) in (10..).zip(ODD) {
        let team = Team { alias: text(alias), ..team(place, name) };
        store.write(move |tx| tx.insert_team(&team)).unwrap();
    }
}

/// The teams that a filter finds, and how many it counts.
fn list(store: &Store, filter: &TeamFilter, offset: i64, limit: i64) -> (Vec<u64>, i64) {
    let both = store.read(|tx| {
        let teams = tx.list_teams(filter, offset, limit)?;
        let count = tx.count_teams(filter)?;
        // The list that looks at a bounded number of them finds the same.
        if offset == 0 {
            assert_eq!(tx.scan_teams(filter, limit)?.items, teams);
        }
        let all = TeamFilter { after: None, ..filter.clone() };
        assert_eq!(tx.count_some_teams(&all)?, Total::exact(tx.count_teams(&all)?));
        Ok::<_, StorageError>((numbers(&teams), count))
    });
    both.unwrap()
}

#[test]
fn teams_are_found_by_a_part_of_their_name_or_alias() {
    on_both_seeded(|_, store| {
        add_odd_teams(store);
        for (part, expected) in FOUND {
            let filter = TeamFilter { contains: Some(part.to_owned()), ..TeamFilter::default() };
            let found = list(store, &filter, 0, 99);
            let count = i64::try_from(expected.len()).unwrap();
            assert_eq!(found, (expected.to_vec(), count), "{part:?}");
        }
    });
}

#[test]
fn teams_are_listed_by_enterprise_and_page() {
    on_both_seeded(|_, store| {
        store.write(|tx| tx.insert_enterprise(&enterprise(2, "Another"))).unwrap();
        for place in [13, 10, 12, 11] {
            let enterprise_id = hex(if place == 11 { 2 } else { 1 });
            let team = Team { enterprise_id, ..team(place, &format!("t{place}")) };
            store.write(move |tx| tx.insert_team(&team)).unwrap();
        }
        let own = TeamFilter { enterprise: Some(hex(1)), ..TeamFilter::default() };
        assert_eq!(list(store, &TeamFilter::default(), 0, 9), (vec![10, 11, 12, 13], 4));
        assert_eq!(list(store, &own, 0, 9), (vec![10, 12, 13], 3));
        assert_eq!(list(store, &own, 1, 1), (vec![12], 3));
        assert_eq!(list(store, &own, 3, 9), (vec![], 3));
        let behind = TeamFilter { after: Some(hex(10)), ..own.clone() };
        assert_eq!(list(store, &behind, 0, 1), (vec![12], 2));
        let among = TeamFilter { among: Some(vec![hex(13), hex(11), hex(99)]), ..own.clone() };
        assert_eq!(list(store, &among, 0, 9), (vec![13], 1));
        let nobody = TeamFilter { among: Some(vec![]), ..own.clone() };
        assert_eq!(list(store, &nobody, 0, 9), (vec![], 0));
        let all = TeamFilter { contains: Some("T1".to_owned()), ..behind };
        assert_eq!(list(store, &all, 0, 9), (vec![12, 13], 2));
    });
}

#[test]
fn a_changed_team_is_saved_unless_it_is_stale() {
    on_both_seeded(|_, store| {
        store.write(|tx| tx.insert_team(&sample::team())).unwrap();
        store.write(|tx| tx.insert_team(&team(10, "beside"))).unwrap();
        let changed = Team {
            name: text("renamed"),
            alias: text("上海"),
            is_active: false,
            limit_memory: 0,
            expires_at: Some(sample::time()),
            updated_at: sample::time() + TimeDelta::days(1),
            version: 2,
            ..sample::team()
        };
        let save = |team: Team| store.write(move |tx| tx.save_team(&team));
        assert!(save(changed.clone()).unwrap());
        for version in [0, 1, 2, 4] {
            let stale = Team { version, alias: text("stale"), ..changed.clone() };
            assert!(!save(stale).unwrap(), "{version}");
        }
        assert_eq!(store.read(|tx| tx.find_team(hex(3))).unwrap(), Some(changed.clone()));
        let again = Team { expires_at: None, version: 3, ..changed };
        assert!(save(again.clone()).unwrap());
        assert_eq!(store.read(|tx| tx.find_team(hex(3))).unwrap(), Some(again.clone()));
        let same_name = Team { name: text("beside"), version: 4, ..again };
        assert_eq!(taken(&save(same_name)), Some(Taken::TeamName));
        assert_eq!(store.read(|tx| tx.find_team(hex(10))).unwrap(), Some(team(10, "beside")));
    });
}

/// Opens the regions 10 to 17, which are named like the odd teams, for the sample's team.
fn open_odd_regions(store: &Store) {
    store.write(|tx| tx.insert_team(&sample::team())).unwrap();
    store.write(|tx| tx.insert_team(&team(4, "other-team"))).unwrap();
    for (place, (name, alias)) in (10..).zip(ODD) {
        let mut detail = region(place, name);
        detail.region.alias = text(alias);
        let opened = store.write(move |tx| {
            tx.insert_region(&detail, sample::changed_by())?;
            tx.insert_opening(&opening(3, place))
        });
        assert!(opened.unwrap());
    }
}

fn opening(team: u64, region: u64) -> Opening {
    Opening { team_id: hex(team), region_id: hex(region), ..sample::opening() }
}

fn open_regions(
    store: &Store,
    filter: &OpenRegionFilter,
    offset: i64,
    limit: i64,
) -> (Vec<u64>, i64) {
    let both = store.read(|tx| {
        let found = tx.list_open_regions(filter, offset, limit)?;
        if offset == 0 {
            assert_eq!(tx.scan_open_regions(filter, limit)?, Found::whole(found.clone()));
        }
        let all = OpenRegionFilter { after: None, ..filter.clone() };
        let total = Total::exact(tx.count_open_regions(&all)?);
        assert_eq!(tx.count_some_open_regions(&all)?, total);
        assert!(found.iter().all(|(opening, region)| opening.region_id == region.id));
        let regions = found.into_iter().map(|(_, region)| number(&region.id)).collect();
        Ok::<_, StorageError>((regions, tx.count_open_regions(filter)?))
    });
    both.unwrap()
}

#[test]
fn open_regions_are_found_by_a_part_of_their_name_or_alias() {
    on_both_seeded(|_, store| {
        open_odd_regions(store);
        store
            .write(|tx| tx.insert_region(&region(30, "a_b-closed"), sample::changed_by()))
            .unwrap();
        for (part, expected) in FOUND {
            let contains = Some(part.to_owned());
            let filter = OpenRegionFilter { team: hex(3), contains, statuses: None, after: None };
            let count = i64::try_from(expected.len()).unwrap();
            assert_eq!(open_regions(store, &filter, 0, 99), (expected.to_vec(), count), "{part:?}");
            let other = OpenRegionFilter { team: hex(4), ..filter };
            assert_eq!(open_regions(store, &other, 0, 99), (vec![], 0));
        }
    });
}

#[test]
fn open_regions_and_openings_are_listed_page_by_page() {
    on_both_seeded(|_, store| {
        open_odd_regions(store);
        assert!(store.write(|tx| tx.insert_opening(&opening(4, 12))).unwrap());
        let filter = OpenRegionFilter { team: hex(3), contains: None, statuses: None, after: None };
        assert_eq!(open_regions(store, &filter, 0, 3), (vec![10, 11, 12], 8));
        assert_eq!(open_regions(store, &filter, 6, 3), (vec![16, 17], 8));
        let enabled = Some(vec![Status::Enabled, Status::Maintenance]);
        let filter = OpenRegionFilter { statuses: enabled, ..filter };
        assert_eq!(open_regions(store, &filter, 0, 9), (vec![], 0), "all of them are edited");
        let edited = Some(vec![Status::Enabled, Status::Editing]);
        let filter = OpenRegionFilter { statuses: edited, ..filter };
        assert_eq!(open_regions(store, &filter, 7, 9), (vec![17], 8));
        let behind = OpenRegionFilter { after: Some(hex(12)), ..filter };
        assert_eq!(open_regions(store, &behind, 1, 2), (vec![14, 15], 5));
        let of_region = |after: Option<u64>, limit| {
            let after = after.map(hex);
            let found = store.read(|tx| tx.openings_of_region(hex(12), after, limit)).unwrap();
            found.into_iter().map(|opening| number(&opening.team_id)).collect::<Vec<_>>()
        };
        assert_eq!([of_region(None, 9), of_region(None, 1)], [vec![3, 4], vec![3]]);
        assert_eq!([of_region(Some(3), 9), of_region(Some(4), 9)], [vec![4], vec![]]);
        let count =
            |region| store.read(|tx| tx.count_openings_of_region(hex(region))).unwrap().count;
        assert_eq!([12, 13, 99].map(count), [2, 1, 0]);
        let of_team = |team| store.read(|tx| tx.openings_of_team(hex(team))).unwrap();
        assert_eq!(of_team(4), [opening(4, 12)]);
        assert_eq!(of_team(3), (10..18).map(|place| opening(3, place)).collect::<Vec<_>>());
    });
}

#[test]
fn a_quota_is_kept_and_changed_unless_it_is_stale() {
    on_both_seeded(|_, store| {
        open_odd_regions(store);
        let find = || store.read(|tx| tx.find_opening(hex(3), hex(10))).unwrap();
        assert_eq!(find(), Some(opening(3, 10)));
        let quota = |memory, cpu| Quota::new(memory, cpu).unwrap();
        let later = sample::time() + TimeDelta::days(1);
        let changed = opening(3, 10).with_quota(quota(2048, 1500), later);
        let save = |opening: &Opening| {
            let opening = opening.clone();
            store.write(move |tx| tx.save_opening(&opening)).unwrap()
        };
        assert!(save(&changed));
        assert_eq!(find(), Some(changed.clone()));
        for version in [0, 1, 2, 4] {
            assert!(
                !save(&Opening { version, quota: quota(1, 1), ..changed.clone() }),
                "{version}"
            );
        }
        assert!(!save(&Opening { team_id: hex(4), version: 3, ..changed.clone() }));
        assert_eq!(find(), Some(changed.clone()));
        assert_eq!(
            store.read(|tx| tx.find_opening(hex(3), hex(11))).unwrap(),
            Some(opening(3, 11))
        );
        assert!(store.write(move |tx| tx.delete_opening(&changed)).unwrap());
        assert_eq!(find(), None);
        assert!(store.write(|tx| tx.insert_opening(&opening(3, 10))).unwrap());
        assert_eq!(find(), Some(opening(3, 10)), "nothing is left of the opening before");
    });
}
