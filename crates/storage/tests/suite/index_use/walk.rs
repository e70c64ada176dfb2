//! A walk through everything that a transaction can do, in every way that makes another statement.

use cadastre_domain::audit::Object;
use cadastre_domain::enterprise::Enterprise;
use cadastre_domain::maintenance::{Window, WindowState};
use cadastre_domain::opening::{Opening, Quota};
use cadastre_domain::role::Role;
use cadastre_domain::secret::Secret;
use cadastre_domain::team::Team;
use cadastre_domain::token::{Caller, Token};
use cadastre_domain::user::User;
use cadastre_storage::{
    Answer, AuditFilter, Identified, RegionSave, SetChange, StorageError, Store, TokenProof,
    TokenUse, Tx,
};
use cadastre_testkit::TestDatabase;
use cadastre_testkit::sample::{self, hex, text};
use chrono::TimeDelta;

use super::{alarms, dialing, lists, results};
use crate::support::audit::entry;
use crate::support::{enterprise, region, team};

pub type Result = std::result::Result<(), StorageError>;

/// Does everything that can be done, on a store that is empty.
pub fn everything(store: &Store) {
    let before = [enterprises_and_users, teams_and_tokens, dialing::nodes, dialing::tasks];
    let before = before.into_iter().chain([regions, sets, windows]);
    let before = before.chain([dialing::watches, dialing::variables, results::points]);
    for work in before.chain([openings, answers, audit, alarms::writes]) {
        store.write(work).unwrap();
    }
    store.refresh_regions().unwrap();
    store.write(change_a_region).unwrap();
    store.refresh_regions().unwrap();
    let lists = [lists::regions, lists::teams, lists::others, lists::audit];
    for read in lists.into_iter().chain([dialing::lists, results::lists, alarms::lists]) {
        store.read(read).unwrap();
    }
    store.write(deletions).unwrap();
    store.write(dialing::deletions).unwrap();
    store.write(results::deletions).unwrap();
    store.write(alarms::deletions).unwrap();
    store.write(archive_entries).unwrap();
}

fn archive_entries(tx: &mut dyn Tx) -> Result {
    let ends = tx.chain_ends()?;
    tx.begin_chain_after(&ends.archived, &ends.last)?;
    tx.delete_archived(9).map(drop)
}

fn enterprises_and_users(tx: &mut dyn Tx) -> Result {
    tx.check_keys()?;
    tx.insert_enterprise(&sample::enterprise())?;
    tx.insert_enterprise(&enterprise(2, "Another"))?;
    let renamed = enterprise(2, "Renamed");
    let renamed = Enterprise { version: 2, ..renamed };
    assert!(tx.save_enterprise(&renamed)?);
    tx.find_enterprise(hex(1))?;
    tx.find_enterprise_named(&text("Renamed"))?;
    tx.list_enterprises()?;
    let admin = tx.ensure_user(hex(1), &text("admin"), sample::time())?;
    assert_eq!(tx.ensure_user(hex(1), &text("admin"), sample::time())?, admin);
    tx.insert_user(hex(1), &text("ann"), sample::time())?;
    let user = tx.find_user(admin)?.unwrap();
    assert!(tx.save_user(&User { version: 2, ..user })?);
    tx.find_user_name(admin).map(drop)
}

fn teams_and_tokens(tx: &mut dyn Tx) -> Result {
    tx.insert_team(&sample::team())?;
    tx.insert_team(&team(30, "ops"))?;
    assert!(tx.save_team(&Team { version: 2, ..team(30, "ops") })?);
    tx.find_team(hex(30))?;
    tx.find_teams(&[hex(3), hex(30)])?;
    tx.find_team_named(hex(1), &text("ops"))?;
    assert!(!tx.any_token()?);
    tx.insert_token(&sample::token(), &"chosen".to_owned().into())?;
    let caller =
        Caller { role: Role::Team, teams: vec![hex(3), hex(30)], ..sample::token().caller };
    let token = Token { id: hex(5), caller, ..sample::token() };
    let secret = |word: &str| Secret::from(format!("cad_{}_{word}", token.id));
    tx.insert_token(&token, &secret("first"))?;
    for text in [secret("first"), secret("wrong"), "chosen".to_owned().into()] {
        tx.identify(&text)?;
    }
    tx.check_token(&TokenProof::new(hex(5), secret("first").reveal()), sample::time())?.unwrap();
    tx.find_token(hex(5))?;
    tx.rotate_token(&token, &secret("second"))?;
    let renewed = None;
    tx.note_token_uses(&[TokenUse { id: hex(5), at: sample::time(), renewed }])?;
    tx.revoke_token(hex(5), sample::time()).map(drop)
}

/// What is done with a token that is used under a new pepper.
pub fn renew(store: &Store) {
    let found = store.read(|tx| tx.identify(&"chosen".to_owned().into())).unwrap();
    let Identified::Token { renewed, .. } = found else { panic!("nobody's") };
    assert!(renewed.is_some());
    let at = sample::time() + TimeDelta::days(1);
    let uses = [TokenUse { id: hex(4), at, renewed }];
    store.write(move |tx| tx.note_token_uses(&uses)).unwrap();
}

fn regions(tx: &mut dyn Tx) -> Result {
    let mut two = [region(20, "one"), region(21, "two")];
    for detail in &mut two {
        detail.credentials = cadastre_testkit::credentials(2040);
    }
    tx.insert_region(&two[0], sample::changed_by())?;
    assert!(tx.has_regions(hex(1))?, "what is not written yet is there");
    assert!(tx.find_region(hex(20))?.is_some());
    // Several at once make another statement than one.
    tx.insert_region(&two[1], sample::changed_by())?;
    tx.insert_region(&region(22, "three"), sample::changed_by())?;
    tx.find_region_detail(hex(21))?;
    tx.find_region_named(&text("two"))?;
    tx.region_name_taken(&text("two"))?;
    tx.has_regions(hex(1)).map(drop)
}

/// Saves the next version of a region with what is asked of its set.
fn save(tx: &mut dyn Tx, number: u64, set: SetChange) -> Result {
    let mut detail = tx.find_region_detail(hex(number))?.unwrap();
    detail.region.version += 1;
    let until = Some(sample::time() + TimeDelta::days(1)).filter(|_| set != SetChange::Keep);
    let by = sample::changed_by();
    let save = RegionSave { detail: &detail, set, previous_until: until, by };
    assert!(tx.save_region(&save)?);
    Ok(())
}

fn sets(tx: &mut dyn Tx) -> Result {
    save(tx, 20, SetChange::Keep)?;
    save(tx, 20, SetChange::New(hex(900)))?;
    save(tx, 20, SetChange::Back(Some(hex(20))))?;
    tx.region_sets(hex(20))?;
    tx.find_credentials(hex(20), hex(900))?;
    tx.certificates_of(hex(20))?;
    assert!(tx.find_revision(hex(20), 1)?.is_some());
    tx.api_urls_of_set(hex(20), hex(20))?;
    tx.list_revisions(hex(20), None, 9).map(drop)
}

fn windows(tx: &mut dyn Tx) -> Result {
    let window = sample::window();
    let window = Window { region_id: hex(20), ..window };
    tx.insert_window(&window)?;
    tx.find_window(window.id)?;
    let state = WindowState::Running;
    let window = Window { state, version: 2, ..window };
    assert!(tx.save_window(&window)?);
    tx.open_windows(hex(20))?;
    tx.due_windows(sample::time(), 9).map(drop)
}

fn openings(tx: &mut dyn Tx) -> Result {
    let opening = |region| Opening { region_id: hex(region), ..sample::opening() };
    assert!(tx.insert_opening(&opening(20))? && tx.insert_opening(&opening(21))?);
    assert!(tx.is_open(hex(3), hex(20))?);
    let opening = tx.find_opening(hex(3), hex(20))?.unwrap();
    let changed = opening.with_quota(Quota::default(), sample::time());
    assert!(tx.save_opening(&changed)?);
    tx.count_openings_of_region(hex(20))?;
    tx.openings_of_team(hex(3))?;
    tx.openings_of_region(hex(20), None, 9).map(drop)
}

fn answers(tx: &mut dyn Tx) -> Result {
    let answer = Answer { digest: [1; 32], status: 200, content: b"x".to_vec().into() };
    tx.insert_answer(hex(4), "key", &answer, sample::time())?;
    tx.find_answer(hex(4), "key").map(drop)
}

fn audit(tx: &mut dyn Tx) -> Result {
    // Several at once make another statement than one.
    tx.record(entry("first"));
    tx.record(entry("second"));
    tx.tell(&Object { kind: "region".into(), id: String::new() }, &[])?;
    tx.list_audit(&AuditFilter::default(), 9).map(drop)
}

fn change_a_region(tx: &mut dyn Tx) -> Result {
    save(tx, 21, SetChange::Keep)?;
    let mut entry = entry("change_region");
    entry.object = Some(Object { kind: "region".into(), id: hex::<()>(21).into() });
    tx.record(entry);
    Ok(())
}

fn deletions(tx: &mut dyn Tx) -> Result {
    tx.forget_answers(sample::time())?;
    for opening in tx.openings_of_team(hex(3))? {
        assert!(tx.delete_opening(&opening)?);
    }
    let version = tx.find_region(hex(20))?.unwrap().version;
    assert!(tx.delete_region(hex(20), version)? && tx.delete_team(hex(30), 2)?);
    Ok(())
}

/// Has the register do again what it does at the first start of a version, and change its keys.
pub fn keys(database: &TestDatabase) {
    let region = hex::<()>(21);
    crate::support::execute(
        database,
        &format!(
            "INSERT INTO unsealed_secrets VALUES ('region_token', '{region}', 'a'); \
             INSERT INTO unsealed_secrets VALUES ('region_key', '{region}', 'a'); \
             INSERT INTO unsealed_secrets SELECT 'node_key', id, 'a' FROM node_keys; \
             INSERT INTO unread_certificates VALUES ('{region}'); \
             UPDATE tokens SET pepper_version = 0"
        ),
    );
    crate::support::keys::forget_token_macs(database);
}
