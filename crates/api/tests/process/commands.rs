//! The other commands, and how all of them meet an empty register and each other.

use std::thread;

use cadastre_testkit::databases;

use crate::support::{Place, is_id, is_token, mode, on_both};

const CREATE: [&str; 6] = ["token", "create", "--role", "admin", "--name", "script"];

#[test]
fn an_enterprise_is_created_and_listed() {
    on_both(|place, _| {
        let id = place.run(&["enterprise", "create", "--name", "例 Ltd"]).line();
        assert!(is_id(&id), "{id}");
        let lines = place.run(&["enterprise", "list"]).lines();
        let lines: Vec<_> = lines.iter().map(String::as_str).collect();
        let [heading, default, created] = lines[..] else { panic!("{lines:?}") };
        assert_eq!(heading, "ID\tNAME");
        assert!(is_id(default.strip_suffix("\tdefault").unwrap()), "{default}");
        assert_eq!(created, format!("{id}\t例 Ltd"));
    });
}

#[test]
fn a_name_of_an_enterprise_that_is_not_accepted_is_told_in_one_line() {
    on_both(|place, _| {
        let long = "n".repeat(65);
        let refused = [
            ("default", "taken"),
            ("", "at least 1"),
            (long.as_str(), "at most 64"),
            ("a\tb", "must not contain '\\t'"),
        ];
        for (name, said) in refused {
            let refusal = place.run(&["enterprise", "create", "--name", name]).refusal();
            assert!(refusal.starts_with("--name "), "{refusal}");
            assert!(refusal.contains(said), "{refusal}");
        }
        assert_eq!(place.run(&["enterprise", "list"]).lines().len(), 2);
    });
}

#[test]
fn commands_may_come_before_the_first_server() {
    for database in databases() {
        let place = Place::on(&database);
        let id = place.run(&["enterprise", "create", "--name", "first"]).line();
        assert_eq!(place.run(&["token", "list"]).lines().len(), 1);
        let server = place.ready();
        assert!(server.printed().contains("The first token"), "{}", server.printed());
        assert_eq!(server.manage_status(&place.first_token()), 404);
        let enterprises = place.run(&["enterprise", "list"]).lines();
        assert_eq!(enterprises.len(), 3);
        assert!(enterprises.contains(&format!("{id}\tfirst")));
        assert_eq!(place.run(&["token", "list"]).lines().len(), 2);
    }
}

#[test]
fn a_token_that_a_command_made_is_enough_for_the_first_server() {
    for database in databases() {
        let place = Place::on(&database);
        let token = place.run(&CREATE).line();
        let server = place.ready();
        assert_eq!(server.list_status(&token), 200);
        assert!(!server.printed().contains("cad_"), "{}", server.printed());
        assert!(!place.path("cadastre-data/admin-token").exists());
        assert_eq!(place.run(&["token", "list"]).lines().len(), 2);
    }
}

#[test]
fn a_command_makes_the_chosen_token_of_an_empty_register() {
    for database in databases() {
        let place = Place::on(&database).with("CADASTRE_ADMIN_TOKEN", "chosen-by-an-operator-0123");
        assert_eq!(place.run(&["token", "list"]).lines().len(), 2);
        assert_eq!(place.ready().manage_status("chosen-by-an-operator-0123"), 404);
    }
}

#[test]
fn commands_and_requests_at_once_do_not_hinder_each_other() {
    on_both(|place, server| {
        let admin = place.first_token();
        thread::scope(|scope| {
            for n in 0..4 {
                let admin = &admin;
                scope.spawn(move || {
                    for m in 0..10 {
                        server.add_region(&format!("region-{n}-{m}"), admin);
                    }
                });
                scope.spawn(|| {
                    for _ in 0..2 {
                        assert_eq!(server.list_status(&place.run(&CREATE).line()), 200);
                    }
                });
            }
        });
        assert_eq!(server.region_names(&admin).len(), 40);
        assert_eq!(place.run(&["token", "list"]).lines().len(), 1 + 1 + 8);
    });
}

#[test]
fn a_database_may_be_given_as_a_flag_anywhere_after_the_command() {
    let place = Place::empty();
    let flag = ["--database-url", "sqlite:there.db"];
    assert!(is_token(&place.run(&[&CREATE[..], &flag].concat()).line()));
    assert_eq!(place.run(&[&["token", "list"], &flag[..]].concat()).lines().len(), 2);
    assert_eq!(place.run(&[&["token"], &flag[..], &["list"]].concat()).lines().len(), 2);
    // Only the master key is kept beside a database that is elsewhere.
    assert!(!place.path("cadastre-data/cadastre.db").exists());
    assert_eq!(mode(&place.path("cadastre-data/master.key")), 0o600);
}

#[test]
fn a_command_without_its_database_says_so_in_one_line() {
    let place = Place::empty().with("DATABASE_URL", "sqlite:folder");
    std::fs::create_dir(place.path("folder")).unwrap();
    let refusal = place.run(&["token", "list"]).refusal();
    assert!(refusal.starts_with("DATABASE_URL (SQLite, folder): "), "{refusal}");
}

#[test]
fn a_call_that_is_not_understood_is_told_how_to_call() {
    let place = Place::empty();
    for arguments in [
        vec!["frob"],
        vec!["token"],
        vec!["token", "make"],
        vec!["token", "create", "--role", "admin"],
        vec!["token", "create", "--name", "n"],
        vec!["token", "create", "--role", "admin", "--name", "n", "--nonsense"],
        vec!["token", "revoke"],
        vec!["token", "list", "more"],
        vec!["enterprise", "create"],
        vec!["enterprise", "list", "--name", "n"],
        vec!["serve", "--nonsense"],
        vec!["--nonsense"],
    ] {
        let ended = place.run(&arguments);
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""), "{arguments:?}");
        assert!(ended.stderr.contains("Usage: cadastre"), "{}", ended.stderr);
        assert!(!ended.stderr.contains("panicked"), "{}", ended.stderr);
    }
    assert_eq!(std::fs::read_dir(place.path(".")).unwrap().count(), 0);
}

#[test]
fn help_is_printed_when_it_is_asked_for() {
    let place = Place::empty();
    for arguments in [&["--help"][..], &["serve", "-h"], &["token", "create", "--help"]] {
        let ended = place.run(arguments);
        assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{arguments:?}");
        assert!(ended.stdout.contains("Usage: cadastre"), "{}", ended.stdout);
    }
}
