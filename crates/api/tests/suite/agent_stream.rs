//! Streams that agents keep open.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpStream;

use cadastre_api::ids::hex_id;
use cadastre_domain::node::NodeRun;
use cadastre_storage::StorageError;
use serde_json::{Value, json};

use crate::agent_fixture::{Agent, STOP, Site, check_refused, task};
use crate::support::{LIMIT, Register, registers};

/// An open stream.
pub struct Stream(BufReader<TcpStream>);

fn path(agent: &Agent) -> String {
    format!("/v1/stream/watch?region_id={}", agent.node)
}

impl Stream {
    /// Opens a stream of this agent.
    pub fn open(register: &Register, agent: &Agent) -> Self {
        let [md5, date, authorization] = agent.headers(register, "GET", b"");
        let mut socket = TcpStream::connect(register.address()).unwrap();
        socket.set_read_timeout(Some(LIMIT)).unwrap();
        let head = format!(
            "GET {} HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\nContent-MD5: {md5}\r\n\
             Date: {date}\r\nAuthorization: {authorization}\r\n\r\n",
            path(agent)
        );
        socket.write_all(head.as_bytes()).unwrap();
        let mut stream = Self(BufReader::new(socket));
        let mut lines = Vec::new();
        while let Some(line) = stream.line() {
            if line.is_empty() {
                break;
            }
            lines.push(line.to_lowercase());
        }
        assert!(lines[0].contains(" 200 "), "{lines:?}");
        assert!(lines.iter().any(|line| line == "content-type: text/event-stream"), "{lines:?}");
        stream
    }

    fn line(&mut self) -> Option<String> {
        let mut line = String::new();
        match self.0.read_line(&mut line) {
            Ok(0) | Err(_) => None,
            Ok(_) => Some(line.trim_end().to_owned()),
        }
    }

    /// The next event; none when the stream ends.
    pub fn event(&mut self) -> Option<Value> {
        loop {
            let line = self.line()?;
            if line == "0" {
                return None;
            }
            if let Some(data) = line.strip_prefix("data: ") {
                return Some(serde_json::from_str(data).unwrap());
            }
        }
    }
}

#[test]
fn a_change_of_a_node_and_a_run_are_told_on_every_server() {
    for register in registers() {
        let site = Site::new(&register);
        let (agent, other) = (site.node("one"), site.node("two"));
        let task = site.task("first", &[&agent]);
        let beside = register.beside();
        let mut streams = [Stream::open(&register, &agent), Stream::open(&beside, &agent)];
        let place = format!("/cadastre/v1/nodes/{}", agent.node);
        let changed = register.request("PATCH", &place).key(&site.admin).header("if-match", "*");
        assert_eq!(changed.json(&json!({"city": "Herat"})).send().status(), 200);
        for stream in &mut streams {
            let event = stream.event().unwrap();
            assert_eq!(event["type"], json!("dialtesting.region_update"));
            assert_eq!(event["payload"]["city"], json!("Herat"));
            assert_eq!(event["payload"]["uuid"], json!(agent.node));
        }
        let run = |node: &Agent, tasks: Value| {
            site.native("POST", &format!("/nodes/{}/run", node.node), &json!({"task_ids": tasks}))
        };
        let asked = run(&agent, json!([task]));
        assert_eq!(asked.status(), 202, "{asked:?}");
        for stream in &mut streams {
            let event = stream.event().unwrap();
            assert_eq!(event["type"], json!("dialtesting.one_shot_run"));
            assert_eq!(event["payload"]["run_batch_id"], asked.json()["id"]);
            let tasks = event["payload"]["tasks"]["HTTP"].as_array().unwrap();
            let told: Value = serde_json::from_str(tasks[0].as_str().unwrap()).unwrap();
            assert_eq!((tasks.len(), &told["external_id"]), (1, &json!(task)));
            assert!(told["post_url"].as_str().unwrap().contains(&agent.node));
        }
        for (node, tasks) in [
            (&other, json!([task])),
            (&agent, json!([])),
            (&agent, json!(["x"])),
            (&agent, json!(["dial_00000000000000000000000000000000"])),
        ] {
            let refused = run(node, tasks.clone());
            assert_eq!(refused.status(), 400, "{tasks}: {refused:?}");
            assert_eq!(refused.json()["errors"][0]["pointer"], json!("/task_ids"), "{tasks}");
        }
    }
}

#[test]
fn an_agent_that_reads_slowly_is_told_of_every_run_in_order() {
    for register in registers() {
        let site = Site::new(&register);
        let agent = site.node("one");
        let mut large = task("large", &[&agent]);
        large["task"]["advance_options"] = json!({
            "request_body": {"body_type": "text/plain", "body": "x".repeat(60_000)},
        });
        let tasks: Vec<_> = (0..2)
            .map(|_| site.dialing("POST", "/dialing_task/add", &large)["content"]["uuid"].clone())
            .collect();
        let [mut quick, mut slow] = [(); 2].map(|()| Stream::open(&register, &agent));
        let run = || {
            let path = format!("/nodes/{}/run", agent.node);
            let asked = site.native("POST", &path, &json!({"task_ids": tasks}));
            assert_eq!(asked.status(), 202, "{asked:?}");
            asked.json()["id"].clone()
        };
        // Far more than what fits between the two.
        let runs: Vec<_> = (0..90).map(|_| run()).collect();
        for (stream, name) in [(&mut quick, "quick"), (&mut slow, "slow")] {
            for (number, run) in runs.iter().enumerate() {
                let event = stream.event().unwrap_or_default();
                let told = &event["payload"]["run_batch_id"];
                assert_eq!(told, run, "{name}, run {number} on {}", register.name);
            }
        }
    }
}

#[test]
fn a_node_with_a_task_that_cannot_be_read_holds_up_no_other() {
    for register in registers() {
        let site = Site::new(&register);
        let agent = site.node("good");
        let good = site.task("good", &[&agent]);
        let bad: Vec<_> = (0..4).map(|number| site.node(&format!("bad {number}"))).collect();
        let broken = site.task("broken", &bad.iter().collect::<Vec<_>>());
        let _open: Vec<_> = bad.iter().map(|bad| Stream::open(&register, bad)).collect();
        let mut stream = Stream::open(&register, &agent);
        register.execute(&format!("UPDATE dial_tasks SET name = '' WHERE id = '{broken}'"));
        for bad in &bad {
            let run = NodeRun {
                id: hex_id().into(),
                number: None,
                node_id: bad.node.parse().unwrap(),
                tasks: vec![broken.parse().unwrap()],
                created_at: register.app.clock.now(),
            };
            let added: Result<_, StorageError> =
                register.app.store.write(move |tx| tx.insert_run(&run));
            added.unwrap();
            let path = format!("/cadastre/v1/nodes/{}", bad.node);
            let changed = register.request("PATCH", &path).key(&site.admin);
            let changed = changed.header("if-match", "*").json(&json!({"city": "Herat"})).send();
            assert_eq!(changed.status(), 200, "{changed:?}");
        }
        let path = format!("/nodes/{}/run", agent.node);
        let asked = site.native("POST", &path, &json!({"task_ids": [good]}));
        let event = stream.event().unwrap();
        assert_eq!(event["payload"]["run_batch_id"], asked.json()["id"], "{}", register.name);
    }
}

#[test]
fn a_stream_ends_with_the_node_and_with_the_key() {
    for register in registers() {
        let site = Site::new(&register);
        let agent = site.node("one");
        let mut stream = Stream::open(&register, &agent);
        let made =
            site.native("POST", &format!("/nodes/{}/keys", agent.node), &json!({"overlap": "0s"}));
        assert_eq!(stream.event(), None, "the key has ended");
        let new = agent.with_key(&made.json());
        let mut stream = Stream::open(&register, &new);
        site.native("POST", &format!("/nodes/{}/disable", agent.node), &Value::Null);
        assert_eq!(stream.event(), None, "the node is disabled");
        let refused = new.signed(&register, "GET", &path(&new), b"").send();
        check_refused(&refused, 403, STOP, register.name);
    }
}

#[test]
fn a_node_has_some_streams_and_not_more() {
    for register in registers() {
        let site = Site::new(&register);
        let (agent, other) = (site.node("one"), site.node("two"));
        let open: Vec<_> = (0..8).map(|_| Stream::open(&register, &agent)).collect();
        let refused = agent.signed(&register, "GET", &path(&agent), b"").send();
        check_refused(&refused, 503, "kodo.TooManyStreams", register.name);
        drop(Stream::open(&register, &other));
        drop(open);
        let mut forged = agent.clone();
        forged.sk = "x".repeat(40);
        let refused = forged.signed(&register, "GET", &path(&agent), b"").send();
        check_refused(&refused, 401, "kodo.InvalidSignature", register.name);
    }
}
