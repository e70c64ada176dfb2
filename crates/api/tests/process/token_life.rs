//! The life of a token, from its making to its end, and where one is of no use.

mod end;
mod urls;

use cadastre_testkit::databases;
use chrono::{DateTime, Timelike as _, Utc};
use serde_json::{Value, json};

use crate::support::{Answer, Place, Server, create, eventually, id_of, is_token, now, on_both};

/// What is printed about a token, by the names of the fields.
fn shown(place: &Place, id: &str) -> Vec<(String, String)> {
    let lines = place.run(&["token", "show", id]).lines();
    let field = |line: &String| {
        let (name, value) = line.split_once(": ").unwrap();
        (name.to_owned(), value.to_owned())
    };
    lines.iter().map(field).collect()
}

/// What is printed in this field.
fn field(place: &Place, id: &str, name: &str) -> String {
    let fields = shown(place, id);
    let found = fields.iter().find(|(field, _)| field == name);
    found.unwrap_or_else(|| panic!("{name} in {fields:?}")).1.clone()
}

fn ask(server: &Server, path: &str, key: &str) -> Answer {
    server.native("GET", path, key, &Value::Null)
}

#[test]
fn a_token_is_shown_with_everything_but_its_secret() {
    on_both(|place, server| {
        let admin = place.first_token();
        let team = server.add_team("one", &admin);
        let who = ["--role", "team", "--name", "a script", "--user", "ann", "--team", &team];
        let more = ["--note", "by night", "--expires", "30d"];
        let token = create(place, &[&who[..], &more].concat());
        let (id, secret) = (id_of(&token), token.rsplit('_').next().unwrap());
        let fields = shown(place, id);
        let names: Vec<_> = fields.iter().map(|(name, _)| name.as_str()).collect();
        let all = "id,name,note,role,enterprise,user,teams,state,created,expires,revoked,\
                   last used,overlap until";
        assert_eq!(names.join(","), all);
        let values = |names: &[&str]| names.iter().map(|n| field(place, id, n)).collect::<Vec<_>>();
        let told =
            values(&["id", "name", "note", "role", "teams", "state", "revoked", "last used"]);
        assert_eq!(told, [id, "a script", "by night", "team", &team, "live", "-", "-"]);
        assert!(field(place, id, "user").ends_with(" (ann)"), "{fields:?}");
        let created: DateTime<Utc> = field(place, id, "created").parse().unwrap();
        let expires: DateTime<Utc> = field(place, id, "expires").parse().unwrap();
        assert_eq!((expires - created).num_days(), 30);
        assert!(!format!("{fields:?}").contains(secret));
    });
}

#[test]
fn a_token_that_the_native_face_makes_shows_its_secret_once() {
    on_both(|place, server| {
        let admin = place.first_token();
        let body =
            json!({"name": "a script", "note": "by night", "user": "ann", "role": "operator"});
        let made = server.native("POST", "/tokens", &admin, &body);
        assert_eq!(made.status, 201, "{made:?}");
        let told = made.json();
        let text = told["secret"].as_str().unwrap().to_owned();
        let (id, secret) = (id_of(&text).to_owned(), text.rsplit('_').next().unwrap());
        assert!(is_token(&text) && told["id"] == id, "{told}");
        assert_eq!(made.header("location"), format!("/cadastre/v1/tokens/{id}"));
        assert_eq!(server.list_status(&text), 200);
        let one = ask(server, &format!("/tokens/{id}"), &admin);
        let mut expected = told.clone();
        expected.as_object_mut().unwrap().remove("secret");
        assert_eq!(one.json(), expected);
        let list = ask(server, "/tokens", &admin);
        assert!(list.json()["items"].as_array().unwrap().contains(&expected), "{list:?}");
        let audit = ask(server, "/audit", &admin);
        assert!(audit.text.contains(&id), "{audit:?}");
        let printed = place.run(&["token", "list"]).stdout + &format!("{:?}", shown(place, &id));
        for said in [one.text, list.text, audit.text, printed] {
            assert!(!said.contains(secret), "{said}");
        }
        assert_eq!(field(place, &id, "note"), "by night");
    });
}

#[test]
fn when_a_token_was_used_last_is_told_to_the_minute() {
    on_both(|place, server| {
        let used = create(place, &["--role", "viewer", "--name", "used"]);
        let minute = || now().with_second(0).unwrap().with_nanosecond(0).unwrap();
        let begin = minute();
        for _ in 0..20 {
            assert_eq!(server.list_status(&used), 200);
        }
        let end = minute();
        // It is written in groups, while the server serves.
        eventually("the use is written", || field(place, id_of(&used), "last used") != "-");
        let last: DateTime<Utc> = field(place, id_of(&used), "last used").parse().unwrap();
        assert!((begin..=end).contains(&last), "{last}, not {begin} to {end}");
        let told = ask(server, &format!("/tokens/{}", id_of(&used)), &place.first_token()).json();
        assert_eq!(told["last_used_at"].as_str().unwrap().parse::<DateTime<Utc>>().unwrap(), last);
    });
}

#[test]
fn what_was_used_before_a_stop_is_written_by_the_stop_and_an_attempt_is_no_use() {
    for database in databases() {
        let place = Place::on(&database);
        let server = place.ready();
        let [used, tried] =
            ["used", "tried"].map(|name| create(&place, &["--role", "viewer", "--name", name]));
        assert_eq!(server.list_status(&used), 200);
        let wrong = format!("cad_{}_{}", id_of(&tried), "x".repeat(32));
        assert_eq!(server.list_status(&wrong), 401);
        server.stop();
        assert_ne!(field(&place, id_of(&used), "last used"), "-");
        assert_eq!(field(&place, id_of(&tried), "last used"), "-");
    }
}

/// Tokens of any form, all of which have 20 characters at least.
fn chosen_forms() -> Vec<String> {
    let id = "0123456789abcdef0123456789abcdef";
    [
        "exactly-20-character",
        "00000000000000000000",
        "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~",
        "{\"token\":[\"0123456789\"]}",
        "Bearer:0123456789:0123456789",
        "dG9rZW4gb2YgYW4gb3BlcmF0b3I=",
        "cad_of-an-operator-0123456789",
        &format!("cad_{id}"),
        &format!("cad_{id}_"),
        &format!("cad_{id}_of-an-operator"),
        &format!("CAD_{id}_of-an-operator"),
        &"long".repeat(500),
    ]
    .map(str::to_owned)
    .into()
}

#[test]
fn a_chosen_token_may_have_any_form_of_20_characters_and_opens_every_face() {
    for token in chosen_forms() {
        let place = Place::empty().with("CADASTRE_ADMIN_TOKEN", &token);
        let server = place.ready();
        assert_eq!(server.manage_status(&token), 404, "{token}");
        assert_eq!(ask(&server, "/tokens", &token).status, 200, "{token}");
        let node = json!({"internal": true, "isp": "i", "country": "c", "keycode": "k"});
        let path = "/api/v1/dialing_region/regist";
        let node = server.call("POST", path, &[("df-api-key", &token)], Some(&node));
        assert_eq!(node.status, 200, "{token}");
        let (shorter, longer) = (&token[..token.len() - 1], format!("{token}x"));
        assert_eq!([server.list_status(shorter), server.list_status(&longer)], [401, 401]);
    }
}
