//! A watched region goes down and up with its listener, seen by agents that dial it.

use cadastre_testkit::agent::Agent;
use cadastre_testkit::agent::targets::Target;
use cadastre_testkit::own_loopback;
use serde_json::{Value, json};

use crate::node_world::{World, worlds};
use crate::rainbond_fixture::{full, with};

/// Registers an enabled region at these listeners; its identifier. Its root domain, of which no name
/// server is asked, is dialled on port 443, where nobody is.
fn region(world: &World, [api, websocket, tcp]: [&Target; 3]) -> String {
    let body = with(
        full(),
        &json!({
            "url": format!("http://{}", api.address()),
            "wsurl": format!("ws://{}", websocket.address()),
            "tcpdomain": tcp.address(),
            "httpdomain": own_loopback().to_string(),
            "enterprise_id": world.register.enterprise.to_string(),
        }),
    );
    let call = world.register.request("POST", "/openapi/v1/regions").key(&world.admin);
    let added = call.json(&body).send();
    assert_eq!(added.status(), 201, "{added:?}");
    added.json()["region_id"].as_str().unwrap().to_owned()
}

/// How a part stands, as the availability of the region tells it.
fn state(world: &World, region: &str, part: &str) -> String {
    let told = world.native(&format!("GET regions/{region}/availability"), &Value::Null).json();
    let parts = told["parts"].as_array().unwrap();
    let found = parts.iter().find(|found| found["part"] == part).unwrap();
    found["figures"]["state"].as_str().unwrap().to_owned()
}

fn turn_all(world: &World, agents: &mut [Agent]) {
    for agent in agents {
        world.turn(agent);
    }
}

#[test]
fn a_watched_region_goes_down_and_up_with_its_listener() {
    for world in worlds() {
        let (mut api, tcp, websocket) = (Target::tcp(), Target::tcp(), Target::websocket());
        let region = region(&world, [&api, &websocket, &tcp]);
        let mut agents = ["a", "b"].map(|keycode| world.agent(keycode));
        let nodes = agents.each_ref().map(|agent| &agent.settings.region_id);
        world.native(&format!("POST regions/{region}/watch"), &json!({"nodes": nodes}));
        let at = world.register.name;
        assert_eq!(state(&world, &region, "api"), "unknown", "{at}");
        turn_all(&world, &mut agents);
        for part in ["api", "websocket", "tcp"] {
            assert_eq!(state(&world, &region, part), "up", "{at} {part}");
        }
        assert_eq!(state(&world, &region, "http"), "down", "{at}");
        api.die();
        world.pass(60);
        turn_all(&world, &mut agents);
        assert_eq!(state(&world, &region, "api"), "down", "{at}");
        assert_eq!(state(&world, &region, "tcp"), "up", "{at}");
        api.come_back();
        world.pass(60);
        // One of them has seen it so far.
        turn_all(&world, &mut agents[..1]);
        assert_eq!(state(&world, &region, "api"), "partial", "{at}");
        turn_all(&world, &mut agents[1..]);
        assert_eq!(state(&world, &region, "api"), "up", "{at}");
        // Nobody dials: what was seen grows old, and is not taken for the truth.
        world.pass(3600);
        assert_eq!(state(&world, &region, "api"), "stale", "{at}");
    }
}

#[test]
fn a_region_that_is_disabled_or_no_longer_watched_is_not_dialled() {
    for world in worlds() {
        let (api, tcp, websocket) = (Target::tcp(), Target::tcp(), Target::websocket());
        let region = region(&world, [&api, &websocket, &tcp]);
        let mut agent = world.agent("a");
        let nodes = json!({"nodes": [agent.settings.region_id]});
        world.native(&format!("POST regions/{region}/watch"), &nodes);
        world.turn(&mut agent);
        assert_eq!(agent.running().len(), 4);
        let path = format!("/openapi/v1/regions/{region}/status");
        for (status, running) in [("OFFLINE", 0), ("ONLINE", 4)] {
            let call = world.register.request("PUT", &path).key(&world.admin);
            let put = call.json(&json!({"status": status})).send();
            assert_eq!(put.status(), 200, "{put:?}");
            world.turn(&mut agent);
            assert_eq!(agent.running().len(), running, "{} {status}", world.register.name);
        }
        let call =
            world.register.request("DELETE", &format!("/cadastre/v1/regions/{region}/watch"));
        let deleted = call.key(&world.admin).header("if-match", "*").send();
        assert_eq!(deleted.status(), 204, "{deleted:?}");
        world.turn(&mut agent);
        assert_eq!(agent.running().len(), 0, "{}", world.register.name);
    }
}
