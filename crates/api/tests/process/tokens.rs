//! `cadastre token …`, while a server serves the same database.

use cadastre_domain::role::Role;

use crate::support::{Place, create, eventually, id_of, is_id, on_both};

/// The fields of every token that is listed: id, name, role, enterprise, expiry, state, last use.
fn listed(place: &Place) -> Vec<[String; 7]> {
    let lines = place.run(&["token", "list"]).lines();
    assert_eq!(lines[0], "ID\tNAME\tROLE\tENTERPRISE\tEXPIRES\tSTATE\tLAST USED");
    let fields = |line: &String| {
        let fields: Vec<_> = line.split('\t').map(str::to_owned).collect();
        fields.try_into().unwrap_or_else(|_| panic!("{line:?}"))
    };
    lines[1..].iter().map(fields).collect()
}

#[test]
fn a_token_is_all_that_is_printed_and_works_at_once() {
    on_both(|place, server| {
        for role in Role::ALL {
            let token = create(place, &["--role", role.as_str(), "--name", "of a script"]);
            let may_list = if role == Role::Team { 403 } else { 200 };
            assert_eq!(server.list_status(&token), may_list, "{role}");
            let may_manage = if role == Role::Platform { 404 } else { 401 };
            assert_eq!(server.manage_status(&token), may_manage, "{role}");
        }
    });
}

#[test]
fn a_token_acts_in_the_enterprise_that_was_named() {
    on_both(|place, server| {
        let enterprise = place.run(&["enterprise", "create", "--name", "Other Ltd"]).line();
        let other = create(place, &["--role", "admin", "--name", "o", "--enterprise", &enterprise]);
        server.add_region("theirs", &other);
        assert_eq!(server.region_names(&other), ["theirs"]);
        assert!(server.region_names(&place.first_token()).is_empty());
        assert_eq!(listed(place)[1][3], enterprise);
    });
}

#[test]
fn a_team_token_belongs_to_the_teams_that_were_named() {
    on_both(|place, server| {
        let admin = place.first_token();
        let teams = ["one", "two", "three"].map(|name| server.add_team(name, &admin));
        let token = create(
            place,
            &["--role", "team", "--name", "t", "--team", &teams[0], "--team", &teams[1]],
        );
        let status = |team: &str| server.get(&format!("/openapi/v1/teams/{team}"), &token).status;
        assert_eq!(teams.each_ref().map(|team| status(team)), [200, 200, 404]);
    });
}

#[test]
fn a_token_ends_when_it_expires() {
    on_both(|place, server| {
        let token = create(place, &["--role", "viewer", "--name", "short", "--expires", "1s"]);
        let kept = create(place, &["--role", "viewer", "--name", "long", "--expires", "30d"]);
        eventually("a token expires", || server.list_status(&token) == 401);
        assert_eq!(server.list_status(&kept), 200);
        let states = listed(place).into_iter().map(|[_, name, _, _, expires, state, _]| {
            assert_eq!(expires == "never", name == "admin");
            (name, state)
        });
        let expected = [("admin", "live"), ("short", "expired"), ("long", "live")];
        let expected = expected.map(|(name, state)| (name.to_owned(), state.to_owned()));
        assert_eq!(states.collect::<Vec<_>>(), expected);
    });
}

#[test]
fn the_list_has_everything_but_the_secrets() {
    on_both(|place, _| {
        let token = create(place, &["--role", "operator", "--name", "部署 script"]);
        let rows = listed(place);
        let [id, name, role, enterprise, expires, state, used] = &rows[1];
        assert_eq!(id, id_of(&token));
        assert_eq!([name, role, expires, state], ["部署 script", "operator", "never", "live"]);
        assert_eq!(used, "-");
        assert!(is_id(enterprise), "{enterprise}");
        let printed = place.run(&["token", "list"]).stdout;
        for token in [token, place.first_token()] {
            assert!(!printed.contains(token.rsplit('_').next().unwrap()), "{printed}");
        }
    });
}

#[test]
fn a_revoked_token_is_refused_at_once_and_for_good() {
    on_both(|place, server| {
        let token = create(place, &["--role", "admin", "--name", "lost"]);
        assert_eq!(server.list_status(&token), 200);
        let revoked = place.run(&["token", "revoke", id_of(&token)]);
        assert_eq!((revoked.code, revoked.stdout.as_str()), (Some(0), ""), "{revoked:?}");
        assert_eq!(server.list_status(&token), 401);
        assert_eq!(listed(place)[1][5], "revoked");
        for id in [id_of(&token), "00000000000000000000000000000000"] {
            let refusal = place.run(&["token", "revoke", id]).refusal();
            assert_eq!(refusal, format!("there is no live token {id}"));
        }
        assert_eq!(server.list_status(&place.first_token()), 200);
    });
}

#[test]
fn what_does_not_exist_is_named_in_one_line() {
    on_both(|place, server| {
        let nobody = "00000000000000000000000000000000";
        let enterprise = place.run(&["enterprise", "create", "--name", "Other"]).line();
        let team = server.add_team("one", &place.first_token());
        for (arguments, said) in [
            (vec!["--role", "admin", "--enterprise", nobody], "no such enterprise"),
            (vec!["--role", "team", "--team", nobody], "no such team"),
            (vec!["--role", "team", "--team", &team, "--enterprise", &enterprise], "no such team"),
            (vec!["--role", "admin", "--team", &team], "--team goes with --role team only"),
            (vec!["--role", "team", "--team", &team, "--team", &team], "named more than once"),
            ([vec!["--role", "team"], ["--team", &team].repeat(101)].concat(), "at most 100 teams"),
        ] {
            let command = [vec!["token", "create", "--name", "n"], arguments].concat();
            let refusal = place.run(&command).refusal();
            assert!(refusal.contains(said), "{refusal}");
        }
        assert_eq!(listed(place).len(), 1);
    });
}

#[test]
fn a_value_that_is_not_accepted_is_named_with_what_is() {
    let place = Place::empty();
    let long = "n".repeat(65);
    for (option, value, accepted) in [
        ("--role", "king", "platform, admin, operator, viewer, team"),
        ("--role", "", "platform, admin, operator, viewer, team"),
        ("--name", "", "at least 1"),
        ("--name", long.as_str(), "at most 64"),
        ("--name", "two\nlines", "must not contain '\\n'"),
        ("--enterprise", "default", "32"),
        ("--team", "x", "32"),
        ("--expires", "soon", "30d"),
        ("--expires", "30", "30d"),
        ("--expires", "999999999999d", "30d"),
    ] {
        let mut arguments = vec!["token", "create"];
        for (name, default) in [("--role", "team"), ("--name", "n"), (option, value)] {
            if name != option || default == value {
                arguments.extend([name, default]);
            }
        }
        let refusal = place.run(&arguments).refusal();
        let named = format!("{option} {value:?} is not accepted: ");
        assert!(refusal.starts_with(&named) && refusal.contains(accepted), "{refusal}");
    }
    let refusal = place.run(&["token", "revoke", "x"]).refusal();
    assert!(refusal.starts_with("ID \"x\" is not accepted: "), "{refusal}");
    assert!(listed(&place).is_empty());
}
