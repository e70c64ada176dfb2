//! What is known of the pulls of nodes: at once, on every server, and after a restart.

use std::thread;

use cadastre_storage::StorageError;
use serde_json::{Value, json};

use crate::agent_fixture::{Agent, Site, pass};
use crate::support::{Register, registers};

const NOW: &str = "2026-11-22T08:06:55.298602Z";

fn liveness(site: &Site<'_>, agent: &Agent) -> Value {
    site.shown(agent)["liveness"].clone()
}

fn why_not(site: &Site<'_>, agent: &Agent) -> Value {
    let liveness = liveness(site, agent);
    assert_eq!(liveness["alive"], json!(liveness["why_not"].is_null()));
    assert_eq!(liveness["why_not"].is_null(), liveness["explanation"].is_null());
    liveness["why_not"].clone()
}

/// Whether the list with this filter holds the node.
fn is_listed(site: &Site<'_>, agent: &Agent, filter: &str) -> bool {
    let listed = site.native("GET", &format!("/nodes?{filter}"), &Value::Null).json();
    listed["items"].as_array().unwrap().iter().any(|node| node["id"] == json!(agent.node))
}

fn write_contacts(register: &Register) {
    register.app.contacts.write(&register.app.store).unwrap();
}

#[test]
fn a_node_is_alive_from_its_first_pull_until_it_is_silent_for_long() {
    for register in registers() {
        let site = Site::new(&register);
        let agent = site.node("one");
        assert_eq!(why_not(&site, &agent), json!("never_seen"));
        assert!(is_listed(&site, &agent, "alive=false") && !is_listed(&site, &agent, "alive=true"));
        assert_eq!(agent.ask(&register, 0).status(), 200);
        let first = liveness(&site, &agent);
        assert_eq!(
            first,
            json!({
                "alive": true, "seen_at": NOW, "until": "2026-11-22T08:11:55.298602Z",
                "interval_seconds": null, "why_not": null, "explanation": null, "refused": null,
                "clock": {"text": "Sun, 22 Nov 2026 08:06:55 GMT", "offset_seconds": 0},
                "reckoned_at": NOW,
            })
        );
        pass(&register, 600);
        assert_eq!(why_not(&site, &agent), json!("silent"));
        assert!(is_listed(&site, &agent, "alive=false"));
        agent.ask(&register, 0);
        // Three intervals of ten minutes.
        let again = liveness(&site, &agent);
        assert_eq!(again["interval_seconds"], json!(600));
        assert_eq!(again["until"], json!("2026-11-22T08:46:55.298602Z"));
        assert!(is_listed(&site, &agent, "alive=true"));
        let rows = site.dialing("GET", "/dialing_region/list?isAlive=true", &Value::Null);
        let heartbeat = register.app.clock.now().timestamp();
        assert_eq!(rows["content"][0]["heartbeat"], json!(heartbeat));
    }
}

#[test]
fn it_is_told_why_pulls_are_refused() {
    for register in registers() {
        let site = Site::new(&register);
        let (agent, other) = (site.node("one"), site.node("two"));
        let forged = Agent { sk: "x".repeat(40), ..agent.clone() };
        forged.ask(&register, 0);
        assert_eq!(why_not(&site, &agent), json!("wrong_signature"));
        let refused = json!({"at": NOW, "reason": "wrong_signature"});
        assert_eq!(liveness(&site, &agent)["refused"], refused);
        let astray = Agent { node: agent.node.clone(), ..other.clone() };
        pass(&register, 1);
        astray.ask(&register, 0);
        assert_eq!(why_not(&site, &agent), json!("foreign_key"));
        pass(&register, 1);
        agent.ask(&register, 0);
        assert_eq!(why_not(&site, &agent), Value::Null);
        pass(&register, 1);
        forged.ask(&register, 0);
        assert_eq!(why_not(&site, &agent), Value::Null, "another agent works");
        assert_eq!(liveness(&site, &agent)["refused"]["reason"], json!("wrong_signature"));
        let path = format!("/nodes/{}/keys", agent.node);
        site.native("POST", &path, &json!({"overlap": "0s"}));
        agent.ask(&register, 0);
        assert_eq!(liveness(&site, &agent)["refused"]["reason"], json!("key_revoked"));
        site.native("POST", &format!("/nodes/{}/disable", agent.node), &Value::Null);
        assert_eq!(why_not(&site, &agent), json!("disabled"));
        assert_eq!(why_not(&site, &other), json!("never_seen"));
    }
}

#[test]
fn the_key_of_another_enterprise_tells_nothing_about_a_node() {
    for register in registers() {
        let site = Site::new(&register);
        let agent = site.node("one");
        let elsewhere = register.add_enterprise("another");
        let admin = register.token(cadastre_domain::role::Role::Admin, elsewhere, &[]);
        let stranger = Site { register: &register, admin }.node("one");
        let astray = Agent { node: agent.node.clone(), ..stranger };
        assert_eq!(astray.ask(&register, 0).status(), 403);
        assert_eq!(liveness(&site, &agent)["refused"], Value::Null);
    }
}

#[test]
fn agents_are_told_apart_by_their_keys_and_cursors() {
    for register in registers() {
        let site = Site::new(&register);
        let old = site.node("one");
        let made =
            site.native("POST", &format!("/nodes/{}/keys", old.node), &json!({"overlap": "1h"}));
        let new = old.with_key(&made.json());
        old.ask(&register, 5);
        pass(&register, 30);
        new.ask(&register, 7);
        old.ask(&register, 6);
        let shown = site.shown(&old);
        assert_eq!((&shown["agents"], &shown["valid_keys"]), (&json!(2), &json!(2)));
        let list =
            || site.native("GET", &format!("/nodes/{}/agents", old.node), &Value::Null).json();
        let listed = list();
        let items = listed["items"].as_array().unwrap();
        let told = |agent: &Agent| {
            let found = items.iter().find(|item| item["ak"] == json!(agent.ak)).unwrap();
            (found["cursor"].clone(), found["interval_seconds"].clone(), found["address"].clone())
        };
        let address = json!("127.0.0.1");
        assert_eq!(told(&old), (json!(6), json!(30), address.clone()));
        assert_eq!(told(&new), (json!(7), Value::Null, address));
        write_contacts(&register);
        assert_eq!(list(), listed, "written or not");
        pass(&register, 3600);
        assert_eq!(site.shown(&old)["agents"], json!(0), "none pulls now");
    }
}

#[test]
fn what_was_written_is_known_on_other_servers_and_the_later_pull_counts() {
    for register in registers() {
        let site = Site::new(&register);
        let agent = site.node("one");
        let beside = register.beside();
        let there = Site { register: &beside, admin: site.admin.clone() };
        agent.ask(&register, 0);
        assert_eq!(why_not(&there, &agent), json!("never_seen"), "not written yet");
        write_contacts(&register);
        assert_eq!(liveness(&there, &agent), liveness(&site, &agent));
        pass(&register, 60);
        agent.ask(&beside, 0);
        pass(&register, 60);
        agent.ask(&register, 0);
        write_contacts(&register);
        write_contacts(&beside);
        for site in [&site, &there] {
            let seen = liveness(site, &agent);
            assert_eq!(seen["seen_at"], json!("2026-11-22T08:08:55.298602Z"));
        }
        let restarted = register.beside();
        let after = Site { register: &restarted, admin: site.admin.clone() };
        assert_eq!(liveness(&after, &agent), liveness(&site, &agent));
    }
}

#[test]
fn many_nodes_that_start_at_once_are_all_served_and_all_known() {
    const NODES: usize = 160;
    for register in registers() {
        let site = Site::new(&register);
        let agents: Vec<_> = (0..NODES).map(|number| site.node(&format!("n {number}"))).collect();
        site.task("for all", &agents.iter().take(100).collect::<Vec<_>>());
        thread::scope(|scope| {
            for some in agents.chunks(NODES / 16) {
                let register = &register;
                scope.spawn(move || {
                    for agent in some {
                        let (found, since) = agent.pull(register, 0);
                        assert!(found.len() <= 1);
                        assert_eq!(agent.names(register, since), [""; 0]);
                    }
                });
            }
        });
        let alive = |site: &Site<'_>| {
            let path = "/nodes?alive=true&total=true&limit=1";
            let listed = site.native("GET", path, &Value::Null).json();
            listed["total"].as_u64().unwrap()
        };
        assert_eq!(alive(&site), NODES as u64);
        write_contacts(&register);
        let beside = register.beside();
        let there = Site { register: &beside, admin: site.admin.clone() };
        assert_eq!(alive(&there), NODES as u64);
    }
}

#[test]
fn a_node_that_the_database_refuses_holds_up_no_other() {
    for register in registers() {
        let site = Site::new(&register);
        let agents: Vec<_> = (0..9).map(|number| site.node(&format!("n {number}"))).collect();
        for agent in &agents {
            agent.ask(&register, 0);
        }
        let bad = &agents[4].node;
        register.execute(&match register.name {
            "sqlite" => format!(
                "CREATE TRIGGER refuse BEFORE INSERT ON node_contacts WHEN NEW.node_id = '{bad}' \
                 BEGIN SELECT RAISE(ABORT, 'refused'); END"
            ),
            _ => format!("ALTER TABLE node_contacts ADD CHECK (node_id <> '{bad}')"),
        });
        write_contacts(&register);
        let beside = register.beside();
        let there = Site { register: &beside, admin: site.admin.clone() };
        for agent in &agents {
            let expected = if agent.node == *bad { json!("never_seen") } else { Value::Null };
            assert_eq!(why_not(&there, agent), expected, "{}", register.name);
        }
        assert_eq!(why_not(&site, &agents[4]), Value::Null, "it is known where it pulled");
    }
}

#[test]
fn nothing_is_lost_when_it_cannot_be_written() {
    for register in registers() {
        let site = Site::new(&register);
        let agent = site.node("one");
        agent.ask(&register, 0);
        register.execute("ALTER TABLE node_agents RENAME TO elsewhere");
        let failed: Result<(), StorageError> = register.app.contacts.write(&register.app.store);
        assert!(failed.is_err());
        register.execute("ALTER TABLE elsewhere RENAME TO node_agents");
        write_contacts(&register);
        let beside = register.beside();
        let there = Site { register: &beside, admin: site.admin.clone() };
        assert_eq!(liveness(&there, &agent), liveness(&site, &agent));
        assert_eq!(there.shown(&agent)["agents"], json!(1));
    }
}
