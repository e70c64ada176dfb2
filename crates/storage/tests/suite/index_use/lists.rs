//! Every list, with every filter on its own and all of them together.

use std::array;

use cadastre_domain::maintenance::WindowState;
use cadastre_domain::region::Status;
use cadastre_domain::user::UserId;
use cadastre_storage::{
    AuditFilter, EnterpriseFilter, OpenRegionFilter, TeamFilter, Tx, UserFilter, WindowFilter,
};
use cadastre_testkit::sample::{self, hex};

use super::walk::Result;

/// Each of these alone, none, and all.
pub fn choices<const N: usize>() -> Vec<[bool; N]> {
    let alone = (0..N).map(|one| array::from_fn(|at| at == one));
    alone.chain([[false; N], [true; N]]).collect()
}

/// The value if it is chosen.
pub fn only<T>(chosen: bool, value: T) -> Option<T> {
    chosen.then_some(value)
}

pub fn regions(tx: &mut dyn Tx) -> Result {
    tx.list_regions(hex(1))?;
    for [cursor] in choices() {
        tx.list_all_regions(only(cursor, hex(1)), 9)?;
        tx.list_revisions(hex(21), only(cursor, 2), 9)?;
        tx.openings_of_region(hex(21), only(cursor, hex(1)), 9)?;
    }
    tx.count_revisions(hex(21))?;
    tx.find_regions(&[hex(20), hex(21)])?;
    for [home, before, cursor] in choices() {
        let place = (sample::time(), hex(1), "ca".to_owned(), 0);
        let (home, before) = (only(home, hex(1)), only(before, sample::time()));
        tx.list_certificates(home, before, only(cursor, place), 9)?;
        // Those of every enterprise are counted by reading all.
        if home.is_some() || before.is_some() {
            tx.count_certificates(home, before)?;
        }
    }
    for [home, region, state, cursor] in choices() {
        let filter = WindowFilter {
            enterprise: only(home, hex(1)),
            region: only(region, hex(20)),
            state: only(state, WindowState::Planned),
            after: only(cursor, hex(1)),
        };
        tx.list_windows(&filter, 9)?;
        // And so are all windows.
        if home || region || state {
            tx.count_windows(&filter)?;
        }
    }
    Ok(())
}

pub fn teams(tx: &mut dyn Tx) -> Result {
    for [home, among, contains, cursor] in choices() {
        let filter = TeamFilter {
            enterprise: only(home, hex(1)),
            among: only(among, vec![hex(3), hex(30)]),
            contains: only(contains, "o".to_owned()),
            after: only(cursor, hex(1)),
        };
        tx.list_teams(&filter, 1, 9)?;
        tx.scan_teams(&filter, 9)?;
        tx.count_some_teams(&filter)?;
        tx.count_teams(&filter)?;
    }
    for [contains, status, cursor] in choices() {
        let (contains, after) = (only(contains, "o".to_owned()), only(cursor, hex(1)));
        let statuses = only(status, vec![Status::Editing, Status::Enabled]);
        let filter = OpenRegionFilter { team: hex(3), contains, statuses, after };
        tx.list_open_regions(&filter, 1, 9)?;
        tx.scan_open_regions(&filter, 9)?;
        tx.count_some_open_regions(&filter)?;
        tx.count_open_regions(&filter)?;
    }
    Ok(())
}

pub fn others(tx: &mut dyn Tx) -> Result {
    for [one, contains, cursor] in choices() {
        let (contains, after) = (only(contains, "o".to_owned()), only(cursor, hex(1)));
        let filter = EnterpriseFilter { only: only(one, hex(1)), contains, after };
        tx.list_some_enterprises(&filter, 9)?;
        tx.count_enterprises(&filter)?;
    }
    for [home, contains, cursor] in choices() {
        let (contains, after) = (only(contains, "o".to_owned()), only(cursor, UserId(1)));
        let filter = UserFilter { enterprise: only(home, hex(1)), contains, after };
        tx.list_users(&filter, 9)?;
        tx.count_users(&filter)?;
    }
    for [home, cursor] in choices() {
        tx.list_some_tokens(only(home, hex(1)), only(cursor, hex(1)), 9)?;
        tx.count_tokens(only(home, hex(1)))?;
    }
    tx.list_tokens().map(drop)
}

pub fn audit(tx: &mut dyn Tx) -> Result {
    for [
        home,
        token,
        user,
        operation,
        outcome,
        kind,
        id,
        address,
        revealed,
        since,
        until,
        before,
    ] in choices()
    {
        let word = |chosen| only(chosen, "x".to_owned());
        let filter = AuditFilter {
            enterprise: only(home, hex(1)),
            token: only(token, hex(4)),
            user: only(user, UserId(1)),
            operation: word(operation),
            outcome: word(outcome),
            object_kind: word(kind || id),
            object_id: word(id),
            address: word(address),
            revealed,
            since: only(since, sample::time()),
            until: only(until, sample::time()),
            before: only(before, 9),
        };
        tx.list_audit(&filter, 9)?;
        tx.scan_audit(&filter, 9)?;
        tx.count_audit(&filter)?;
    }
    tx.verify_audit()?;
    tx.last_entry()?;
    let last = tx.chain_ends()?.last;
    tx.check_link(&last)?;
    tx.entries_after(0, 9)?;
    tx.any_chosen_token()?;
    tx.chain_key()?;
    tx.changed_since(0, 9).map(drop)
}
