//! Rows of tokens that others than the register have written (ADR 0022).

use cadastre_domain::role::Role;
use cadastre_domain::secret::Secret;
use cadastre_domain::token::{Caller, Presented, Token, TokenRefusal};
use cadastre_storage::{
    Identified, StorageError, Store, TokenProof, TokenUse, Upgrade, VaultError,
};
use cadastre_testkit::TestDatabase;
use cadastre_testkit::sample::{self, hex};
use chrono::TimeDelta;
use sha2::Digest as _;

use crate::support::dump::{blob, hex_digits};
use crate::support::keys::{
    forget_token_macs, identify, insert_token, on_both_with_own_keys, own, own_settings, prepare,
    rotate,
};
use crate::support::{column, enterprise, execute, team};

/// The text of a token with this number.
fn text(number: u64) -> String {
    format!("cad_{}_a", hex::<()>(number))
}

/// What the register makes of this text: whether the row is intact, as every way of asking tells it.
fn is_intact(store: &Store, number: u64) -> bool {
    let found = match identify(store, &text(number)) {
        Identified::Token { token, .. } => token,
        Identified::Nobody(_) => panic!("nobody's"),
    };
    let accepted = found.accept(Presented::Current, sample::time());
    let proof = TokenProof::new(hex(number), &text(number));
    let checked = store.write(move |tx| tx.check_token(&proof, sample::time())).unwrap();
    let shown = store.read(|tx| tx.find_token(hex(number))).unwrap().unwrap();
    let listed = store.read(|tx| tx.list_tokens()).unwrap();
    let listed = listed.iter().find(|token| token.id == found.id).unwrap();
    assert_eq!((&shown, listed), (&found, &found));
    match (found.is_intact, checked) {
        (false, checked) => {
            assert_eq!(accepted, Err(TokenRefusal::Altered));
            // The teams are asked about when the token is identified; nothing is written for another caller.
            assert!(checked == Err(TokenRefusal::Altered) || found.caller.role == Role::Team);
        }
        (true, checked) => assert_eq!(checked, accepted),
    }
    found.is_intact
}

/// Two tokens of viewers, one of two teams, and what they could be moved to.
fn fill(store: &Store) {
    store
        .write(|tx| {
            tx.insert_enterprise(&enterprise(2, "other"))?;
            tx.ensure_user(hex(2), &sample::text("other"), sample::time())?;
            (30..33).try_for_each(|number| tx.insert_team(&team(number, &number.to_string())))
        })
        .unwrap();
    let caller = |role, teams| Caller { role, teams, ..sample::token().caller };
    let end = Some(sample::time() + TimeDelta::days(1));
    for (number, caller) in [
        (5, caller(Role::Viewer, Vec::new())),
        (6, caller(Role::Viewer, Vec::new())),
        (7, caller(Role::Team, vec![hex(30), hex(31)])),
    ] {
        let token = Token { id: hex(number), caller, expires_at: end, ..sample::token() };
        insert_token(store, &token, &text(number)).unwrap();
    }
}

/// What somebody could write into the row of a token to make more of it, each as SQL behind `SET`.
fn edits(database: &TestDatabase) -> Vec<String> {
    let time = "'2030-01-01 00:00:00.000000+00:00'";
    let code = blob(database, &hex_digits(&[7; 32]));
    vec![
        "role = 'platform'".to_owned(),
        "user_id = 2".to_owned(),
        format!("enterprise_id = '{}'", hex::<()>(2)),
        "expires_at = NULL".to_owned(),
        format!("expires_at = {time}"),
        format!("revoked_at = {time}"),
        format!("overlap_ends_at = {time}"),
        "is_chosen = NOT is_chosen".to_owned(),
        format!("previous_code = {code}"),
        "previous_pepper_version = 1".to_owned(),
        "mac = NULL".to_owned(),
        format!("mac = {code}"),
        format!("mac = (SELECT mac FROM tokens WHERE id = '{}')", hex::<()>(6)),
    ]
}

#[test]
fn a_token_whose_row_was_edited_is_told_from_one_that_is_intact() {
    on_both_with_own_keys(|database, store| {
        fill(store);
        let id = hex::<()>(5);
        let columns = "role, user_id, enterprise_id, expires_at, revoked_at, overlap_ends_at, \
                       is_chosen, previous_code, previous_pepper_version, mac";
        execute(database, &format!("CREATE TABLE kept AS SELECT * FROM tokens WHERE id = '{id}'"));
        for edit in edits(database) {
            assert!(is_intact(store, 5), "before {edit}");
            execute(database, &format!("UPDATE tokens SET {edit} WHERE id = '{id}'"));
            assert!(!is_intact(store, 5), "{edit}");
            assert!(is_intact(store, 6) && is_intact(store, 7), "{edit}");
            let back = format!("({columns}) = (SELECT {columns} FROM kept) WHERE id = '{id}'");
            execute(database, &format!("UPDATE tokens SET {back}"));
        }
        // Neither is any of what people may call it.
        execute(database, "UPDATE tokens SET name = 'x', note = 'x', last_used_at = created_at");
        assert!(is_intact(store, 5));
    });
}

#[test]
fn the_code_of_another_text_in_a_row_lets_nobody_in() {
    on_both_with_own_keys(|database, store| {
        fill(store);
        let [own, other] = [5, 6].map(hex::<()>);
        // Somebody has the text of 6 and wants to be 5: by its row alone, or as a text that was chosen.
        let code = format!("(SELECT code FROM tokens WHERE id = '{other}')");
        execute(database, &format!("CREATE TABLE stolen AS SELECT {code} AS code"));
        execute(database, &format!("DELETE FROM tokens WHERE id = '{other}'"));
        execute(
            database,
            &format!(
                "UPDATE tokens SET code = (SELECT code FROM stolen), is_chosen = (1 = 1) WHERE id = '{own}'"
            ),
        );
        let Identified::Token { token, presented, .. } = identify(store, &text(6)) else {
            panic!("it is not looked for")
        };
        assert_eq!(token.accept(presented, sample::time()), Err(TokenRefusal::Altered));
    });
}

#[test]
fn a_team_that_was_put_beside_a_token_makes_it_altered_and_one_that_is_gone_does_not() {
    on_both_with_own_keys(|database, store| {
        fill(store);
        let (token, other) = (hex::<()>(7), hex::<()>(32));
        let mac = format!("(SELECT mac FROM token_teams WHERE team_id = '{}')", hex::<()>(30));
        for mac in ["NULL", &mac] {
            assert!(is_intact(store, 7));
            let row = format!("('{token}', '{other}', {mac})");
            execute(
                database,
                &format!("INSERT INTO token_teams (token_id, team_id, mac) VALUES {row}"),
            );
            assert!(!is_intact(store, 7), "{mac}");
            execute(database, &format!("DELETE FROM token_teams WHERE team_id = '{other}'"));
        }
        assert!(store.write(|tx| tx.delete_team(hex(30), 1)).unwrap());
        let token = store.read(|tx| tx.find_token(hex(7))).unwrap().unwrap();
        assert_eq!((token.is_intact, token.caller.teams), (true, vec![hex(31)]));
    });
}

#[test]
fn what_the_register_changes_stays_intact() {
    on_both_with_own_keys(|database, store| {
        fill(store);
        let renew = |number| {
            let Identified::Token { renewed, .. } = identify(store, &text(number)) else {
                panic!("nobody's")
            };
            let uses = vec![TokenUse { id: hex(number), at: sample::time(), renewed }];
            store.write(move |tx| tx.note_token_uses(&uses)).unwrap();
        };
        for number in [5, 6, 7] {
            renew(number);
        }
        rotate(database);
        for number in [5, 6, 7] {
            assert!(is_intact(store, number));
            renew(number);
            assert!(is_intact(store, number) && is_intact(&own(database), number));
        }
        let end = Some(sample::time() + TimeDelta::hours(1));
        let token = Token {
            overlap_ends_at: end,
            ..store.read(|tx| tx.find_token(hex(5))).unwrap().unwrap()
        };
        let other = Secret::from(format!("cad_{}_b", hex::<()>(5)));
        store.write(move |tx| tx.rotate_token(&token, &other)).unwrap();
        assert!(store.write(|tx| tx.revoke_token(hex(6), sample::time())).unwrap());
        assert!(is_intact(store, 5) && is_intact(store, 6));
    });
}

#[test]
fn no_change_makes_an_altered_row_good_again() {
    on_both_with_own_keys(|database, store| {
        fill(store);
        execute(database, "UPDATE tokens SET role = 'admin', pepper_version = pepper_version");
        let before = column(database, "SELECT id AS value FROM tokens WHERE mac IS NOT NULL");
        assert_eq!(before.len(), 3);
        let renewed = match identify(store, &text(5)) {
            Identified::Token { renewed, .. } => renewed,
            Identified::Nobody(_) => panic!("nobody's"),
        };
        assert_eq!(renewed, None);
        rotate(database);
        // One that has read the keys since.
        let store = &own(database);
        let Identified::Token { renewed, .. } = identify(store, &text(5)) else {
            panic!("nobody's")
        };
        assert!(renewed.is_some(), "there is a newer pepper");
        let uses = vec![TokenUse { id: hex(5), at: sample::time(), renewed }];
        store.write(move |tx| tx.note_token_uses(&uses)).unwrap();
        assert!(!is_intact(store, 5));
        let (token, other) = (Token { id: hex(5), ..sample::token() }, Secret::from(text(5)));
        let refused = store.write(move |tx| tx.rotate_token(&token, &other));
        assert!(matches!(refused, Err(StorageError::Unusable(_))), "{refused:?}");
        // It can be revoked, and then giving that back is of no use, either.
        assert!(store.write(|tx| tx.revoke_token(hex(5), sample::time())).unwrap());
        let token = store.read(|tx| tx.find_token(hex(5))).unwrap().unwrap();
        assert_eq!((token.is_intact, token.revoked_at), (false, Some(sample::time())));
        execute(database, "UPDATE tokens SET revoked_at = NULL");
        assert!(!is_intact(store, 5));
    });
}

#[test]
fn the_tokens_of_an_earlier_version_get_their_codes_at_the_first_start_and_never_again() {
    on_both_with_own_keys(|database, store| {
        fill(store);
        forget_token_macs(database);
        let started = own(database);
        assert!([5, 6, 7].iter().all(|&number| is_intact(&started, number)));
        let again = own(database);
        assert!([5, 6, 7].iter().all(|&number| is_intact(&again, number)));
        // Whoever takes the codes away afterwards gets no others.
        execute(database, "UPDATE tokens SET mac = NULL, role = 'platform'");
        let started = own(database);
        assert!([5, 6, 7].iter().all(|&number| !is_intact(&started, number)));
    });
}

/// Makes the database refuse changes of this token, or takes that back.
fn refuse_changes(database: &TestDatabase, of: Option<u64>) {
    let id = of.map(hex::<()>).map(String::from);
    execute(
        database,
        &match (database.name(), id) {
            ("sqlite", Some(id)) => format!(
                "CREATE TRIGGER fixed BEFORE UPDATE ON tokens WHEN OLD.id = '{id}' \
                 BEGIN SELECT RAISE(ABORT, 'fixed'); END"
            ),
            ("sqlite", None) => "DROP TRIGGER fixed".to_owned(),
            (_, Some(id)) => format!(
                "CREATE FUNCTION fixed() RETURNS trigger LANGUAGE plpgsql AS \
                 $$ BEGIN RAISE EXCEPTION 'fixed'; END $$; CREATE TRIGGER fixed BEFORE UPDATE \
                 ON tokens FOR EACH ROW WHEN (OLD.id = '{id}') EXECUTE FUNCTION fixed()"
            ),
            (_, None) => "DROP FUNCTION fixed CASCADE".to_owned(),
        },
    );
}

#[test]
fn an_upgrade_of_many_tokens_takes_several_transactions_and_goes_on_after_a_kill() {
    on_both_with_own_keys(|database, store| {
        fill(store);
        let all = 5..180;
        for number in all.clone().skip(3) {
            let token = Token { id: hex(number), ..sample::token() };
            insert_token(store, &token, &text(number)).unwrap();
        }
        forget_token_macs(database);
        let signed = |of: &str| {
            column(database, &format!("SELECT '' AS value FROM {of} WHERE mac IS NOT NULL")).len()
        };
        let version = "SELECT version || '' AS value FROM register_keys WHERE purpose = 'audit'";
        refuse_changes(database, Some(179));
        assert!(prepare(&Store::new(&own_settings(database))).is_err());
        let before = signed("tokens");
        assert!((100..175).contains(&before), "whole parts are kept: {before}");
        assert_eq!(column(database, version), ["1"]);
        refuse_changes(database, None);
        // The version before may serve again meanwhile, and change rows that have codes.
        let changed = hex::<()>(6);
        execute(database, &format!("UPDATE tokens SET role = 'operator' WHERE id = '{changed}'"));
        let started = own(database);
        assert!(all.clone().all(|number| is_intact(&started, number)));
        assert_eq!(column(database, version), ["2"]);
        assert_eq!((signed("tokens"), signed("token_teams")), (all.count(), 2));
        // A start that is still at it when another one has ended signs nothing more.
        execute(database, "UPDATE tokens SET mac = NULL, role = 'platform'");
        let done = started.write(|tx| tx.upgrade(Upgrade::default(), 50)).unwrap();
        assert!(done.is_done && signed("tokens") == 0);
    });
}

#[test]
fn an_upgrade_leaves_none_of_many_secrets_in_clear() {
    on_both_with_own_keys(|database, store| {
        fill(store);
        let chance = hex::<()>(20);
        let nodes = "INSERT INTO unsealed_secrets VALUES";
        let rows: Vec<_> =
            (0..120).map(|n| format!("('node_key', '{chance}{n}', 'mine')")).collect();
        forget_token_macs(database);
        execute(database, &format!("{nodes} {}", rows.join(", ")));
        drop(own(database));
        let left = column(database, "SELECT row_id AS value FROM unsealed_secrets");
        assert_eq!(left, [""; 0]);
    });
}

#[test]
fn a_register_cannot_be_taken_for_one_of_an_earlier_version() {
    type Told = fn(&StorageError) -> bool;
    let unusable: Told = |error| matches!(error, StorageError::Unusable(_));
    let closed: Told = |error| matches!(error, StorageError::Vault(VaultError::DoesNotOpen));
    for (sql, told) in [
        ("UPDATE register_keys SET version = 1 WHERE purpose = 'audit'", closed),
        ("DELETE FROM register_keys WHERE purpose = 'audit'", unusable),
        ("DELETE FROM register", unusable),
        ("DELETE FROM register; DELETE FROM register_keys", unusable),
    ] {
        on_both_with_own_keys(|database, store| {
            fill(store);
            execute(database, "UPDATE tokens SET mac = NULL, role = 'platform'");
            execute(database, sql);
            let error = prepare(&Store::new(&own_settings(database))).unwrap_err();
            assert!(told(&error), "{sql}: {error:?}");
        });
    }
}

#[test]
fn digests_are_turned_into_codes_and_secrets_in_clear_are_sealed_at_the_first_start_only() {
    on_both_with_own_keys(|database, store| {
        fill(store);
        let (id, digest) = (hex::<()>(5), hex_digits(&sha2::Sha256::digest(b"mine")));
        let digest = blob(database, &digest);
        execute(
            database,
            &format!(
                "UPDATE tokens SET code = {digest}, pepper_version = 0, is_chosen = (1 = 1), \
                 role = 'platform' WHERE id = '{id}'"
            ),
        );
        execute(database, "INSERT INTO unsealed_secrets VALUES ('node_key', 'x', 'mine')");
        let started = own(database);
        assert!(matches!(identify(&started, "mine"), Identified::Nobody(None)));
        let left = column(database, "SELECT value FROM unsealed_secrets");
        assert_eq!(left, ["mine"], "it was taken");
    });
}
