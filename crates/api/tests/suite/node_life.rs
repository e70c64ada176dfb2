//! What an agent does when tasks, nodes and keys change under it.

use cadastre_testkit::agent::targets::Target;
use cadastre_testkit::agent::{Agent, Settings};
use serde_json::{Value, json};

use crate::node_world::{World, http_task, worlds};

/// A world with a target and an agent that runs a task on it.
struct Scene {
    world: World,
    target: Target,
    agent: Agent,
    task: String,
}

fn scenes() -> impl Iterator<Item = Scene> {
    worlds().map(|world| {
        let target = Target::http(|_| (200, "ok".to_owned()));
        let mut agent = world.agent("k");
        let task = world.task("http", &[&agent], &http_task(&target.address()));
        let (pulled, runs) = world.turn(&mut agent);
        assert_eq!((&*pulled.started, runs.len()), (std::slice::from_ref(&task), 1));
        world.pass(10);
        Scene { world, target, agent, task }
    })
}

impl Scene {
    /// How many results there are.
    fn results(&self) -> usize {
        self.world.results("").len()
    }

    fn node(&self) -> String {
        self.agent.settings.region_id.clone()
    }

    /// Asks for something about the node, which has no body.
    fn ask_node(&self, what: &str) {
        let path = format!("POST nodes/{}/{what}", self.node());
        self.world.native(&path, &Value::Null);
    }
}

#[test]
fn a_changed_task_comes_once_and_runs_at_once() {
    for mut scene in scenes() {
        let mut content = http_task(&scene.target.address());
        content["name"] = "renamed".into();
        scene.world.change(&scene.task, &[&scene.agent], &content);
        let (pulled, runs) = scene.world.turn(&mut scene.agent);
        assert_eq!(pulled.changed, [scene.task.clone()], "{pulled:?}");
        assert_eq!(runs.len(), 1, "ten seconds after the last dial");
        assert!(runs[0].line.contains(",name=renamed,"), "{runs:?}");
        for _ in 0..3 {
            let (pulled, runs) = scene.world.turn(&mut scene.agent);
            assert!(pulled.is_empty() && runs.is_empty(), "{pulled:?}");
        }
        // The same again is no change.
        scene.world.change(&scene.task, &[&scene.agent], &content);
        assert!(scene.world.turn(&mut scene.agent).0.is_empty());
        assert_eq!(scene.results(), 2, "{}", scene.world.register.name);
    }
}

#[test]
fn a_task_stops_when_it_is_disabled_deleted_or_taken_from_the_node() {
    for mut scene in scenes() {
        let other = scene.world.agent("other");
        let (task, content) = (scene.task.clone(), http_task(&scene.target.address()));
        let switch = |world: &World, off: bool| {
            let body = json!({"taskUUIDs": [task], "isDisable": off});
            world.dialing("POST dialing_task/set_disable", &body);
        };
        let delete = json!({"taskUUIDs": [task]});
        let ends: [&dyn Fn(&Scene); 3] = [
            &|scene| switch(&scene.world, true),
            &|scene| scene.world.change(&task, &[&other], &content),
            &|scene| drop(scene.world.dialing("POST dialing_task/delete", &delete)),
        ];
        let begins: [&dyn Fn(&Scene); 2] = [&|scene| switch(&scene.world, false), &|scene| {
            scene.world.change(&task, &[&other, &scene.agent], &content);
        }];
        for (place, end) in ends.iter().enumerate() {
            end(&scene);
            let (pulled, runs) = scene.world.turn(&mut scene.agent);
            assert_eq!(pulled.stopped, std::slice::from_ref(&task), "{place}: {pulled:?}");
            assert!(runs.is_empty() && scene.agent.running().is_empty(), "{place}");
            assert!(scene.world.turn(&mut scene.agent).0.is_empty(), "told once");
            if let Some(begin) = begins.get(place) {
                begin(&scene);
                let (pulled, runs) = scene.world.turn(&mut scene.agent);
                assert_eq!((pulled.started, runs.len()), (vec![task.clone()], 1), "{place}");
            }
        }
        // What was found stays, and an agent that starts now is told nothing that it would run.
        assert_eq!(scene.results(), 3);
        let mut anew = Agent::new(scene.agent.settings.clone());
        assert_eq!(scene.world.turn(&mut anew).0.started, [""; 0]);
    }
}

#[test]
fn a_disabled_node_stops_all_and_an_enabled_one_runs_all_again() {
    for mut scene in scenes() {
        let second = scene.world.task("http", &[&scene.agent], &http_task(&scene.target.address()));
        scene.world.turn(&mut scene.agent);
        let mut tasks = vec![scene.task.clone(), second];
        tasks.sort();
        assert_eq!(scene.agent.running(), tasks);
        scene.ask_node("disable");
        let (pulled, runs) = scene.agent.turn(scene.world.now());
        assert_eq!((pulled.status, runs.len()), (403, 0), "{pulled:?}");
        let mut stopped = pulled.stopped;
        stopped.sort();
        assert_eq!(stopped, tasks);
        assert_eq!(scene.world.alive(), [""; 0]);
        // The agent's cursor stands behind both, and yet it gets both.
        let cursor = scene.agent.cursor();
        scene.ask_node("enable");
        let (mut pulled, runs) = scene.world.turn(&mut scene.agent);
        pulled.started.sort();
        assert_eq!((pulled.started, runs.len()), (tasks, 2), "{}", scene.world.register.name);
        assert!(scene.agent.cursor() > cursor);
        assert_eq!(scene.world.alive(), [scene.node()]);
    }
}

#[test]
fn a_deleted_node_stops_for_good() {
    for mut scene in scenes() {
        let path = format!("POST dialing_region/{}/delete", scene.node());
        scene.world.dialing(&path, &Value::Null);
        for _ in 0..2 {
            let (pulled, _) = scene.agent.turn(scene.world.now());
            assert_eq!(pulled.status, 403);
            assert!(pulled.text.contains("kodo.RegionNotFoundOrDisabled"), "{pulled:?}");
            assert_eq!(scene.agent.running(), [""; 0]);
            scene.world.pass(60);
        }
        assert_eq!(scene.results(), 1, "what it found stays");
    }
}

#[test]
fn other_refusals_leave_tasks_running() {
    for mut scene in scenes() {
        let right = scene.agent.settings.clone();
        let stranger = scene.world.node("stranger");
        for (wrong, status) in [
            (Settings { sk: "x".repeat(40), ..right.clone() }, 401),
            (Settings { ak: "x".repeat(20), ..right.clone() }, 401),
            (Settings { ak: stranger.ak, sk: stranger.sk, ..right.clone() }, 403),
            (Settings { region_id: "reg_cg2britepb7e977fpm80".to_owned(), ..right.clone() }, 403),
        ] {
            scene.agent.settings = wrong;
            let pulled = scene.agent.pull(scene.world.now());
            assert_eq!((pulled.status, pulled.stopped.len()), (status, 0), "{pulled:?}");
        }
        scene.agent.settings = right;
        scene.world.pass(60);
        assert_eq!(scene.world.turn(&mut scene.agent).1.len(), 1, "{}", scene.world.register.name);
    }
}

#[test]
fn keys_rotate_under_a_running_agent() {
    for mut scene in scenes() {
        let node = scene.node();
        let keys = format!("POST nodes/{node}/keys");
        let made = scene.world.native(&keys, &json!({"until": "first_use"})).json();
        // The agent goes on with the key that it has, until the new one is used first.
        assert!(scene.world.turn(&mut scene.agent).0.is_empty());
        let before = scene.agent.settings.clone();
        let text = |name: &str| made[name].as_str().unwrap().to_owned();
        let settings = Settings { ak: text("ak"), sk: text("sk"), ..before.clone() };
        // Keys are read at a start, after which all tasks are told again.
        let mut old = std::mem::replace(&mut scene.agent, Agent::new(settings));
        scene.world.pass(60);
        let (pulled, runs) = scene.world.turn(&mut scene.agent);
        assert_eq!(pulled.started, [scene.task.as_str()], "{pulled:?}");
        assert_eq!((scene.agent.running(), runs.len()), (vec![scene.task.clone()], 1));
        let refused = old.run_due(scene.world.now());
        assert_eq!((refused.len(), refused[0].status), (1, Some(403)), "its URLs ended, too");
        let pulled = Agent::new(before).pull(scene.world.now());
        assert_eq!(pulled.status, 401, "the key before has ended: {pulled:?}");
        assert!(!pulled.text.contains("kodo.RegionNotFoundOrDisabled"));
        let shown = scene.world.native(&format!("GET nodes/{node}"), &Value::Null).json();
        assert_eq!(shown["valid_keys"], 1, "{shown}");
    }
}

#[test]
fn what_an_agent_still_finds_of_a_task_that_is_gone_is_kept() {
    for mut scene in scenes() {
        let body = json!({"taskUUIDs": [scene.task]});
        scene.world.dialing("POST dialing_task/delete", &body);
        scene.world.pass(60);
        // It is due, and the agent has not pulled since.
        let runs = scene.agent.run_due(scene.world.now());
        assert_eq!((runs.len(), runs[0].status), (1, Some(204)), "{runs:?}");
        assert_eq!(scene.results(), 2, "{}", scene.world.register.name);
        // Nothing but the token of a delivery is let in, and agents are told so before they dial.
        let wrong = format!("/v1/check/token/tkn_{}", "0".repeat(32));
        let answer = scene.world.register.request("GET", &wrong).send();
        assert_eq!(answer.status(), 403, "{answer:?}");
        assert_eq!(answer.json()["errorCode"], "kodo.InvalidToken");
    }
}
