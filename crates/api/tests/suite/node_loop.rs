//! The whole loop: a node is registered and given tasks, its agent pulls, dials and posts, and what
//! it found is seen.

use cadastre_api::config::ServeOptions;
use cadastre_testkit::agent::targets::Target;
use cadastre_testkit::agent::{Agent, Run, Trust};
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::node_world::{World, http_task, worlds};
use crate::support::ITSELF;

/// What agents dial.
struct Targets {
    http: Target,
    tcp: Target,
    websocket: Target,
}

impl Targets {
    fn new() -> Self {
        let http = Target::http(|path| match path {
            "/ok" => (200, "all is well".to_owned()),
            "/moved" => (404, "nothing here".to_owned()),
            _ => (500, "broken".to_owned()),
        });
        Self { http, tcp: Target::tcp(), websocket: Target::websocket() }
    }

    /// A task of each class that can be dialled here; `multi` is HTTP twice and a wait.
    fn add(&self, world: &World, agent: &Agent) -> Vec<(&'static str, String)> {
        let fast = json!([{"is_contain_dns": true, "target": "20s"}]);
        let http = json!({
            "url": format!("http://{}/ok", self.http.address()), "method": "GET",
            "tags": {"env": "t"}, "df_label": "[\"team:net\",\"x\"]",
            "success_when": [{
                "status_code": [{"is": "200"}], "body": [{"contains": "well"}],
                "header": {"X-Target": [{"is": "here"}]}, "response_time": "20s",
            }],
        });
        let tcp = json!({
            "host": self.tcp.ip(), "port": self.tcp.port().to_string(), "message": "ping",
            "success_when": [{
                "response_time": fast, "response_message": [{"match_regex": "^p.ng$"}],
            }],
        });
        let websocket = json!({
            "url": format!("ws://{}/chat", self.websocket.address()), "message": "hello",
            "success_when": [{"response_time": fast, "response_message": [{"is": "hello"}]}],
        });
        let mut step = http_task(&self.http.address());
        step["name"] = "in a step".into();
        let multi = json!({"steps": [
            {"type": "http", "name": "first", "task": step},
            {"type": "wait", "name": "between", "value": 2},
            {"type": "http", "name": "last", "allow_failure": false, "task": step},
        ]});
        let icmp = json!({"host": "127.0.0.1", "success_when": [
            {"packet_loss_percent": [{"op": "lt", "target": 100}]},
        ]});
        let of = |kind, task: &Value| (kind, world.task(kind, &[agent], task));
        vec![
            of("http", &http),
            of("tcp", &tcp),
            of("websocket", &websocket),
            of("multi", &multi),
            of("icmp", &icmp),
        ]
    }
}

#[test]
fn an_agent_goes_on_when_the_register_begins_to_sign_tokens() {
    for world in worlds() {
        let target = Target::http(|_| (200, "ok".to_owned()));
        let mut agent = world.agent("k");
        let task = world.task("http", &[&agent], &http_task(&target.address()));
        assert_eq!(world.turn(&mut agent).0.started, [task.as_str()]);
        world.pass(60);
        assert_eq!(world.turn(&mut agent).1.len(), 1);
        // As the version before left it; another server is the first of this version.
        world.register.execute("UPDATE result_access SET signed_since = NULL");
        let itself = |options: &mut ServeOptions| options.public_url = Some(ITSELF.to_owned());
        let first = world.register.beside_with(itself);
        world.pass(60);
        // The register was stopped for the upgrade, so nothing of before is in memory.
        agent.settings.server = format!("http://{}", first.address());
        let (pulled, runs) = world.turn(&mut agent);
        assert_eq!(pulled.changed, [task.as_str()], "it is told the new URL: {}", pulled.text);
        assert!(pulled.text.contains("?token=tkn_2"), "{}", pulled.text);
        assert_eq!(runs.len(), 1);
        world.pass(60);
        let (pulled, runs) = world.turn(&mut agent);
        assert_eq!((pulled.changed.len(), runs.len()), (0, 1), "once, and no more");
        assert_eq!(world.results("").len(), 4, "{}", world.register.name);
    }
}

fn run_of<'a>(runs: &'a [Run], task: &str) -> &'a Run {
    runs.iter().find(|run| run.external_id == task).unwrap()
}

#[test]
fn what_a_node_dials_is_seen_in_the_results() {
    for world in worlds() {
        let (targets, mut agent) = (Targets::new(), world.agent("k"));
        let at = world.register.name;
        assert_eq!(world.alive(), [""; 0], "{at}");
        let tasks = targets.add(&world, &agent);
        let (pulled, runs) = world.turn(&mut agent);
        assert_eq!((pulled.started.len(), runs.len()), (5, 5), "{at}");
        assert_eq!(world.alive(), [agent.settings.region_id.clone()], "{at}");
        let found = world.results("");
        assert_eq!(found.len(), 5, "{at}");
        for (kind, task) in &tasks {
            let is_up = *kind != "icmp";
            assert_eq!(run_of(&runs, task).is_success, is_up, "{at}: {runs:?}");
            let point = found.iter().find(|point| point["task_id"] == **task).unwrap();
            assert_eq!(point["class"], **kind, "{at}");
            assert_eq!(point["status"], if is_up { "OK" } else { "FAIL" }, "{at}");
            assert_eq!(point["success"], if is_up { 1 } else { -1 }, "{at}");
            assert_eq!(point["node"]["id"], agent.settings.region_id, "{at}");
            assert_eq!(point["agent_version"], "1.84.1", "{at}");
            assert_eq!(point["tags"]["city"], "Shahrak", "{at}");
            let now = world.now().timestamp_nanos_opt().unwrap();
            assert_eq!(point["time_ns"], now, "{at}");
            assert_eq!(point["response_time_us"].is_i64(), is_up, "{at}: {point}");
        }
        let http = found.iter().find(|point| point["class"] == "http").unwrap();
        assert_eq!(http["status_code"], 200, "{at}");
        for (tag, value) in [("env", "t"), ("team", "net"), ("node_name", "test")] {
            assert_eq!(http["tags"][tag], value, "{at}: {http}");
        }
        // Nothing is due, nothing is new.
        let (pulled, runs) = world.turn(&mut agent);
        assert!(pulled.is_empty() && runs.is_empty(), "{at}: {pulled:?}");
        world.pass(60);
        assert_eq!(world.turn(&mut agent).1.len(), 5, "{at}");
        assert_eq!(world.results("").len(), 10, "{at}");
        let served = [&targets.http, &targets.tcp, &targets.websocket].map(Target::served);
        assert_eq!(served, [6, 2, 2], "{at}: steps of one task dial twice");
    }
}

#[test]
fn a_failure_is_told_with_its_reason() {
    for world in worlds() {
        let (mut targets, mut agent) = (Targets::new(), world.agent("k"));
        let broken = format!("http://{}/broken", targets.http.address());
        let rule = json!([{"status_code": [{"is": "200"}]}]);
        let http = json!({"url": broken, "method": "GET", "success_when": rule});
        let http = world.task("http", &[&agent], &http);
        let fast = json!([{"response_time": [{"is_contain_dns": false, "target": "9s"}]}]);
        let port = targets.tcp.port().to_string();
        let tcp = json!({"host": targets.tcp.ip(), "port": port, "success_when": fast});
        let tcp = world.task("tcp", &[&agent], &tcp);
        targets.tcp.die();
        world.turn(&mut agent);
        let reason = |task: &str| {
            let found = world.results(&format!("task={task}"));
            assert_eq!(found[0]["status"], "FAIL");
            found[0]["fail_reason"].as_str().unwrap().to_owned()
        };
        assert_eq!(reason(&http), "status code is \"500\", not \"200\"");
        assert!(reason(&tcp).to_lowercase().contains("refused"), "{}", reason(&tcp));
        targets.tcp.come_back();
        world.pass(60);
        world.turn(&mut agent);
        assert_eq!(world.results(&format!("task={tcp}"))[0]["status"], "OK");
    }
}

#[test]
fn every_agent_of_a_node_runs_all_and_has_a_cursor_of_its_own() {
    for world in worlds() {
        let (targets, mut first) = (Targets::new(), world.agent("k"));
        let mut second = Agent::new(first.settings.clone());
        let task = world.task("http", &[&first], &http_task(&targets.http.address()));
        world.turn(&mut first);
        // The other one starts an hour later, and gets all.
        world.pass(3600);
        let (pulled, runs) = world.turn(&mut second);
        assert_eq!((pulled.started, runs.len()), (vec![task.clone()], 1));
        assert_eq!(world.turn(&mut first).1.len(), 1);
        // Three dials, two of them at the same time: none is taken for another.
        assert_eq!(world.results(&format!("task={task}")).len(), 3, "{}", world.register.name);
        // One that is started anew gets all again.
        let mut anew = Agent::new(first.settings.clone());
        assert_eq!(world.turn(&mut anew).0.started, [task]);
    }
}

#[test]
fn variables_reach_agents_and_come_back() {
    for world in worlds() {
        let targets = Targets::new();
        let mut agent = world.agent("k");
        let made = |name: &str, value: &str, task: Value| {
            let mut body = json!({"name": name, "value": value});
            if let Value::String(task) = task {
                body["task_id"] = task.into();
                body["task_var_name"] = "x".into();
            }
            let made = world.native("POST dial-variables", &body).json();
            made["id"].as_str().unwrap().to_owned()
        };
        let path = made("path", "ok", Value::Null);
        let mut task = http_task(&targets.http.address());
        task["url"] = format!("http://{}/{{{{where}}}}", targets.http.address()).into();
        task["config_vars"] = json!([{"id": path, "type": "global", "name": "where"}]);
        let id = world.task("http", &[&agent], &task);
        let computed = made("answer", "", id.clone().into());
        world.turn(&mut agent);
        // The template was filled in, and stands as it is in the result.
        let found = world.results(&format!("task={id}"));
        assert_eq!(found[0]["status"], "OK", "{}: {found:?}", world.register.name);
        assert!(found[0]["tags"]["url"].as_str().unwrap().ends_with("/{{where}}"));
        let kept = world.native(&format!("GET dial-variables/{computed}"), &Value::Null).json();
        assert_eq!(kept["value"], "all is well", "{}", world.register.name);
        // Another value takes effect without a change of the task.
        world.pass(60);
        let changed = json!({"value": "broken"});
        world.native(&format!("PATCH dial-variables/{path}"), &changed);
        world.turn(&mut agent);
        assert_eq!(world.results(&format!("task={id}"))[0]["status_code"], 500);
        assert_eq!(agent.variable(&path), Some("broken"));
    }
}

#[test]
fn a_task_is_run_once_over_the_stream() {
    for world in worlds() {
        let targets = Targets::new();
        let mut agent = world.agent("k");
        let task = world.task("http", &[&agent], &http_task(&targets.http.address()));
        world.turn(&mut agent);
        world.dialing(
            "POST dialing_task/set_disable",
            &json!({"taskUUIDs": [task], "isDisable": true}),
        );
        world.turn(&mut agent);
        assert_eq!(agent.running(), [""; 0]);
        let mut stream = agent.open_stream(world.now()).unwrap();
        assert_eq!(stream.reply.status, 200, "{}", world.register.name);
        let node = agent.settings.region_id.clone();
        world.native(&format!("POST nodes/{node}/run"), &json!({"task_ids": [task]}));
        let event = stream.next_event().unwrap();
        assert_eq!(event["type"], "dialtesting.one_shot_run", "{event}");
        world.pass(1);
        let runs = agent.take_event(&event, world.now());
        assert_eq!((runs.len(), runs[0].status), (1, Some(204)), "{runs:?}");
        assert_eq!(world.results(&format!("task={task}")).len(), 2, "{}", world.register.name);
        assert_eq!(agent.running(), [""; 0], "it is still stopped");
        // What is said about the node reaches the agent at once.
        world.native(&format!("PATCH nodes/{node}"), &json!({"name": "another name"}));
        let event = stream.next_event().unwrap();
        assert_eq!(event["type"], "dialtesting.region_update", "{event}");
        assert_eq!(event["payload"]["name"], "another name", "{event}");
    }
}

#[test]
fn a_machine_in_another_zone_or_with_a_wrong_clock_is_a_node_all_the_same() {
    for world in worlds() {
        let targets = Targets::new();
        let (mut settings, mut wrong) = (world.node("zone"), world.node("wrong"));
        settings.zone = TimeDelta::hours(8);
        wrong.clock_error = TimeDelta::hours(8);
        wrong.trust = Trust::Anybody;
        let (mut settings, mut wrong) = (Agent::new(settings), Agent::new(wrong));
        world.task("http", &[&settings, &wrong], &http_task(&targets.http.address()));
        for (agent, ahead) in [(&mut settings, 0), (&mut wrong, 8 * 3600)] {
            assert_eq!(world.turn(agent).1.len(), 1);
            let id = &agent.settings.region_id;
            let found = world.results(&format!("node={id}"));
            let at = world.now() + TimeDelta::seconds(ahead);
            let at = at.timestamp_nanos_opt().unwrap();
            assert_eq!(found[0]["time_ns"], at, "{}", world.register.name);
            let shown = world.native(&format!("GET nodes/{id}"), &Value::Null).json();
            let liveness = &shown["liveness"];
            assert_eq!(liveness["alive"], true, "{shown}");
            let clock = &liveness["clock"];
            let told = clock.as_object().unwrap().values().any(|value| *value == 8 * 3600);
            assert!(told, "{clock}");
        }
        assert_eq!(world.alive().len(), 2);
    }
}
