//! Nodes of the real program: what `cadastre node …` prints, and an agent that lives by it.

use cadastre_testkit::agent::targets::Target;
use cadastre_testkit::agent::{Agent, Settings, Trust};
use cadastre_testkit::databases;
use serde_json::{Value, json};

use crate::certificates::Authority;
use crate::support::{Place, Server, now, on_both};

/// Calls the dialing face, which must agree, by whatever connection the agent of a server uses.
fn dialing(server: &Server, key: &str, request: &str, body: &Value) -> Value {
    let (method, path) = request.split_once(' ').unwrap();
    let body = (!body.is_null()).then_some(body);
    let answer = server.call(method, &format!("/api/v1/{path}"), &[("df-api-key", key)], body);
    assert_eq!(answer.status, 200, "{request}: {answer:?}");
    answer.json()["content"].clone()
}

const NODE: &str = r#"{"internal": false, "isp": "telecom", "country": "Afghanistan",
    "city": "Shahrak", "keycode": "af-shahrak", "name": "test"}"#;

/// Registers a node; its identifier, and its first access key.
fn node(server: &Server, key: &str) -> (String, String) {
    let body = serde_json::from_str(NODE).unwrap();
    let made = dialing(server, key, "POST dialing_region/regist", &body);
    let text = |pointer: &str| made.pointer(pointer).unwrap().as_str().unwrap().to_owned();
    (text("/regionInfo/uuid"), text("/ak/ak"))
}

fn task(node: &str, target: &Target) -> Value {
    json!({"type": "http", "regions": [node], "task": {
        "name": "a task", "frequency": "1m", "status": "ok", "method": "GET",
        "url": format!("http://{}/", target.address()),
        "success_when": [{"status_code": [{"is": "200"}]}],
    }})
}

/// The agent that is configured by what was printed.
fn agent(printed: &str) -> Agent {
    let table: toml::Table = printed.parse().unwrap();
    let inputs = table["inputs"]["dialtesting"].as_array().unwrap();
    assert_eq!((table.len(), inputs.len()), (1, 1), "{printed}");
    let text = |name: &str| inputs[0][name].as_str().unwrap();
    assert_eq!(text("pull_interval"), "1m");
    Agent::new(Settings::new(text("server"), text("region_id"), text("ak"), text("sk")))
}

/// What `node config` prints of this node, for this server.
fn printed(place: &Place, server: &str, arguments: &[&str]) -> String {
    let command = [&["node", "config", "--public-url", server], arguments].concat();
    place.run(&command).lines().join("\n")
}

fn results(server: &Server, key: &str) -> Vec<Value> {
    server.get("/cadastre/v1/results", key).json()["items"].as_array().unwrap().clone()
}

#[test]
fn an_agent_lives_by_what_is_printed() {
    on_both(|place, server| {
        let (key, url) = (place.first_token(), format!("http://{}", server.address));
        let (id, _) = node(server, &key);
        let target = Target::http(|_| (200, "ok".to_owned()));
        dialing(server, &key, "POST dialing_task/add", &task(&id, &target));
        let mut agent = agent(&printed(place, &url, &[&id]));
        let (pulled, runs) = agent.turn(now());
        assert_eq!((pulled.status, runs.len()), (200, 1), "{pulled:?}");
        assert_eq!((runs[0].is_success, runs[0].status), (true, Some(204)), "{runs:?}");
        let found = results(server, &key);
        assert_eq!((found.len(), &found[0]["node"]["id"]), (1, &json!(id)), "{found:?}");
        let alive = dialing(server, &key, "GET dialing_region/list?isAlive=true", &Value::Null);
        assert_eq!(alive[0]["uuid"], json!(id), "{alive}");
        assert!(!server.log().contains(&agent.settings.sk));
    });
}

#[test]
fn an_agent_dials_through_tls() {
    for database in databases() {
        let authority = Authority::new("authority");
        let certificate = authority.issue("server", &["127.0.0.1"]);
        let plain = Place::on(&database);
        let (server, key) = (plain.ready(), plain.first_token());
        let (id, _) = node(&server, &key);
        let target = Target::http(|_| (200, "ok".to_owned()));
        dialing(&server, &key, "POST dialing_task/add", &task(&id, &target));
        server.stop();
        let place = plain.with_tls(&certificate);
        let server = place.ready_with_tls();
        let url = format!("https://{}", server.address);
        let mut agent = agent(&printed(&place, &url, &[&id]));
        // The task server's certificate is not looked at, that of the place of results is.
        let (pulled, runs) = agent.turn(now());
        assert_eq!((pulled.status, runs.len()), (200, 1), "{pulled:?}");
        assert_eq!((runs[0].is_success, runs[0].status), (true, None), "{runs:?}");
        agent.settings.trust = Trust::Authorities(authority.pem());
        let runs = agent.run_due(now() + chrono::TimeDelta::minutes(2));
        assert_eq!(runs[0].status, Some(204), "{}: {runs:?}", database.name());
        server.stop();
        let server = place.with("CADASTRE_TLS_CERT", "").with("CADASTRE_TLS_KEY", "").ready();
        assert_eq!(results(&server, &key).len(), 1, "{}", database.name());
    }
}

#[test]
fn the_newest_valid_key_is_printed_or_the_one_that_is_named() {
    on_both(|place, server| {
        let (key, url) = (place.first_token(), format!("http://{}", server.address));
        let (id, first) = node(server, &key);
        let path = format!("/nodes/{id}/keys");
        let made = server.native("POST", &path, &key, &json!({"overlap": "1h"}));
        assert_eq!(made.status, 201, "{made:?}");
        let second = made.json()["ak"].as_str().unwrap().to_owned();
        let newest = agent(&printed(place, &url, &[&id]));
        assert_eq!(newest.settings.ak, second);
        let mut named = agent(&printed(place, &url, &[&id, "--key", &first]));
        assert_eq!(named.settings.ak, first);
        assert_eq!(named.pull(now()).status, 200);
        let revoked = server.native("DELETE", &format!("{path}/{first}"), &key, &Value::Null);
        assert_eq!(revoked.status, 204, "{revoked:?}");
        let refusal =
            place.run(&["node", "config", &id, "--key", &first, "--public-url", &url]).refusal();
        assert_eq!(refusal, format!("the node has no valid key {first}"));
    });
}

#[test]
fn what_was_shown_is_in_the_audit_and_nothing_else_is() {
    on_both(|place, server| {
        let key = place.first_token();
        let (id, ak) = node(server, &key);
        let shown = agent(&printed(place, "https://c.example.com", &[&id]));
        assert_eq!(shown.settings.server, "https://c.example.com");
        let entries = place.run(&["audit", "list", "--operation", "print_node_config"]).lines();
        assert_eq!(entries.len(), 1, "{entries:?}");
        let entry: Value = serde_json::from_str(&entries[0]).unwrap();
        assert_eq!((&entry["revealed"], &entry["origin"]), (&json!(["sk"]), &json!("command")));
        assert_eq!((&entry["object_id"], &shown.settings.ak), (&json!(id), &ak));
        assert!(!entries[0].contains(&shown.settings.sk), "{entry}");
        let listed = place.run(&["node", "list"]).lines();
        assert_eq!(listed[0], "ID\tKEYCODE\tNAME\tCOUNTRY\tCITY\tISP\tENTERPRISE\tSTATE");
        let start = format!("{id}\taf-shahrak\ttest\tAfghanistan\tShahrak\ttelecom\t");
        assert!(listed[1].starts_with(&start) && listed[1].ends_with("\tenabled"), "{listed:?}");
        let disabled = server.native("POST", &format!("/nodes/{id}/disable"), &key, &Value::Null);
        assert!((200..300).contains(&disabled.status), "{disabled:?}");
        assert!(printed(place, "http://x", &[&id]).contains("# The node is disabled"));
        assert!(place.run(&["node", "list"]).lines()[1].ends_with("\tdisabled"));
    });
}

#[test]
fn a_node_that_is_not_there_is_refused_in_one_line() {
    on_both(|place, server| {
        let key = place.first_token();
        let (id, _) = node(server, &key);
        dialing(server, &key, &format!("POST dialing_region/{id}/delete"), &Value::Null);
        let gone =
            |id: &str| format!("there is no such node as {id}; `cadastre node list` shows them");
        for id in [&*id, "reg_cg2britepb7e977fpm8g"] {
            let refusal = place.run(&["node", "config", "--public-url", "http://x", id]).refusal();
            assert_eq!(refusal, gone(id));
        }
        assert_eq!(place.run(&["node", "list"]).lines().len(), 1);
        let url = ["--public-url", "http://x"];
        for (arguments, told) in [
            (&[&["x"], &url[..]].concat(), "ID \"x\" is not accepted: "),
            (&[&[&*id, "--key", "x y"], &url[..]].concat(), "--key \"x y\" is not accepted: "),
            (&[&[&*id, "--pull-interval", "5s"], &url[..]].concat(), "--pull-interval \"5s\" "),
            (&vec![&*id, "--public-url", "x"], "CADASTRE_PUBLIC_URL is \"x\", "),
            // The port that the system will choose is not known.
            (&vec![&*id], "CADASTRE_PUBLIC_URL is not given, and CADASTRE_LISTEN "),
        ] {
            let refusal = place.run(&[&["node", "config"], &arguments[..]].concat()).refusal();
            assert!(refusal.starts_with(told), "{refusal}");
        }
        let entries = place.run(&["audit", "list", "--operation", "print_node_config"]).lines();
        assert_eq!(entries, [""; 0]);
    });
}
