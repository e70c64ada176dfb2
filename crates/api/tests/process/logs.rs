//! What the server logs of requests, and what it never does.

use std::io::{self, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use cadastre_testkit::{databases, server_config};
use rustix::process::Signal;
use rustls::{ServerConnection, StreamOwned};
use serde_json::{Value, json};

use crate::certificates::Authority;
use crate::support::{Place, Server, region};

/// The lines about requests, each from its level on.
fn access(log: &str) -> Vec<&str> {
    log.lines().filter(|line| line.contains(" access: ")).collect()
}

/// Whether the text is the time at which a line was logged.
fn is_time(text: &str) -> bool {
    text.len() == "2026-11-22T02:41:14.993Z".len() && text.starts_with("20") && text.ends_with('Z')
}

/// Sends requests of which every part that may hold a secret holds one: those begin with `hush`.
/// Answers the statuses.
fn whisper(server: &Server, key: &str, name: &str) -> Vec<u16> {
    let mut regions = ["told", "refused", "broken"].map(|kind| region(&format!("{kind}-{name}")));
    for region in &mut regions {
        region["token"] = json!("hush-token");
        region["hush-field"] = json!("hush-value");
    }
    regions[1]["key_file"] = json!("-----BEGIN PRIVATE KEY-----\nhush\n-----END PRIVATE KEY-----");
    regions[1]["status"] = json!("1");
    regions[2]["url"] = json!("https://hush-user:hush-password@example.com");
    let path = "/openapi/v1/regions?token=hush-query";
    let post = |key: &str, body: &Value| server.post(path, key, body).status;
    let mut statuses: Vec<_> = regions.iter().map(|region| post(key, region)).collect();
    statuses.push(post("hush-wrong-key", &regions[0]));
    let dialing = [("df-api-key", "hush-api-key"), ("cookie", "hush-cookie")];
    let node = server.call("POST", "/api/v1/dialing_region/regist", &dialing, Some(&regions[0]));
    statuses.push(node.status);
    let update = json!({"token": "hush-token", "key_file": "hush-key"});
    let headers = [("authorization", key)];
    let update = server.call("PUT", "/openapi/v2/manage/regions/0", &headers, Some(&update));
    statuses.push(update.status);
    for body in ["{\"token\": \"hush-broken", "[\"hush-list\"]"] {
        let length = body.len();
        let raw = format!(
            "POST {path} HTTP/1.1\r\nHost: x\r\nAuthorization: {key}\r\nContent-Type: \
             application/json\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
        );
        assert!(server.exchange(raw.as_bytes()).starts_with("HTTP/1.1 400 "));
    }
    statuses
}

/// Registers a node and answers its secret key.
fn register_node(server: &Server, key: &str) -> String {
    let node = json!({
        "internal": false, "isp": "telecom", "country": "China", "keycode": "cn-telecom",
    });
    let path = "/api/v1/dialing_region/regist";
    let answer = server.call("POST", path, &[("df-api-key", key)], Some(&node));
    answer.json()["content"]["ak"]["sk"].as_str().unwrap().to_owned()
}

/// A cluster with a certificate of this authority that answers so many requests, with secrets; what it
/// was sent.
fn cluster(requests: usize, authority: &Authority) -> (SocketAddr, JoinHandle<String>) {
    let own = authority.issue("cluster", &["127.0.0.1"]);
    let config = server_config(&own.pem, &own.key, None);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let serve = move || {
        let mut heads = String::new();
        for stream in listener.incoming().take(requests) {
            let connection = ServerConnection::new(Arc::clone(&config)).unwrap();
            let mut stream = StreamOwned::new(connection, stream.unwrap());
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                let mut byte = [0];
                stream.read_exact(&mut byte).unwrap();
                head.push(byte[0]);
            }
            heads += &String::from_utf8_lossy(&head);
            let answer = "HTTP/1.1 200 OK\r\nSet-Cookie: hush=1\r\nContent-Length: 6\r\n\
                          Connection: close\r\n\r\n\"hush\"";
            stream.write_all(answer.as_bytes()).unwrap();
            stream.flush().unwrap();
        }
        heads
    };
    (address, thread::spawn(serve))
}

#[test]
fn every_request_has_one_line_with_the_id_that_its_answer_carries() {
    for database in databases() {
        let place = Place::on(&database);
        let (server, path) = (place.ready(), "/openapi/v1/regions");
        let key = place.first_token();
        let requests = [
            ("GET", path, server.get(path, &key)),
            ("GET", path, server.get(path, "")),
            ("POST", path, server.post(path, &key, &region("r1"))),
            ("POST", path, server.post(path, &key, &json!({}))),
            ("DELETE", path, server.call("DELETE", path, &[("authorization", &key)], None)),
            ("GET", "/nowhere", server.get("/nowhere", "")),
            ("GET", "/livez", server.get("/livez", "")),
            ("POST", "/api/v1/nothing", server.post("/api/v1/nothing", &key, &json!({}))),
        ];
        let log = server.stop().stderr;
        for (method, path, answer) in &requests {
            let id = answer.header("x-request-id");
            assert_eq!(id.len(), 32, "{answer:?}");
            let lines: Vec<_> = access(&log).into_iter().filter(|line| line.contains(id)).collect();
            let expected =
                format!(" INFO {id} access: {method} {path} 127.0.0.1 {} ", answer.status);
            assert!(lines.len() == 1 && lines[0].contains(&expected), "{expected}\n{log}");
        }
        assert!(log.lines().all(|line| is_time(line.split(' ').next().unwrap())), "{log}");
    }
}

#[test]
fn the_log_is_as_chatty_as_rust_log_says() {
    let lines = |level: &str| {
        let place = Place::empty().with("RUST_LOG", level);
        let server = place.ready();
        server.list_status(&place.first_token());
        // Where the chain of the audit ends is told at every level.
        let end = " INFO - cadastre_api::server::audit_head: the last audit entry is ";
        let log = server.stop().stderr;
        let (told, log): (Vec<_>, Vec<_>) = log.lines().partition(|line| line.contains(end));
        assert!(!told.is_empty(), "with {level:?}");
        let log = log.join("\n");
        (access(&log).len(), log.lines().count(), log.contains(" DEBUG "), log)
    };
    let (off, warn, debug) = (lines("off"), lines("warn"), lines("debug"));
    assert_eq!(off.3, "");
    assert_eq!(lines("").3, "");
    assert_eq!(lines("cadastre_api::server::audit_head=off/nothing").3, "");
    assert_eq!((warn.0, warn.2), (0, false), "{}", warn.3);
    // Readiness may have been asked for before, more than once.
    assert!(debug.0 >= 2 && debug.2, "{}", debug.3);
    let access_only = lines("off,access=info");
    assert!(access_only.0 >= 2 && access_only.0 == access_only.1, "{}", access_only.3);
}

#[test]
fn no_secret_is_in_the_log_at_any_level() {
    for database in databases() {
        let place = Place::on(&database).with("RUST_LOG", "trace");
        let server = place.ready();
        let key = place.first_token();
        let made = place.run(&["token", "create", "--role", "operator", "--name", "n"]);
        let operator = made.stdout.trim_end().to_owned();
        let statuses = whisper(&server, &key, "platform");
        assert_eq!(statuses, [201, 400, 400, 401, 403, 400]);
        assert_eq!(whisper(&server, &operator, "operator"), [201, 400, 400, 401, 403, 401]);
        let secret_key = register_node(&server, &key);
        let log = server.stop().stderr + &made.stderr;
        assert!(log.contains(" TRACE "), "{log}");
        for secret in ["hush", &key, &operator, &secret_key] {
            let line = log.lines().find(|line| line.contains(secret));
            assert_eq!(line, None, "{}", database.name());
        }
    }
}

#[test]
fn what_is_said_to_a_cluster_is_not_in_the_log() {
    let authority = Authority::new("authority");
    let place = Place::empty()
        .with("RUST_LOG", "trace")
        .with("CADASTRE_CLUSTER_CALLS", "on")
        .with("CADASTRE_CLUSTER_ALLOW", "127.0.0.1");
    let server = place.ready();
    let key = place.first_token();
    let (address, cluster) = cluster(1, &authority);
    let mut region = region("with-a-cluster");
    region["token"] = json!("hush-token");
    region["url"] = json!(format!("https://{address}"));
    region["ssl_ca_cert"] = json!(authority.pem());
    let added = server.post("/openapi/v1/regions", &key, &region);
    assert_eq!(added.status, 201, "{added:?}");
    assert!(cluster.join().unwrap().contains("hush-token"));
    region["region_name"] = json!("without-a-cluster");
    let refused = server.post("/openapi/v1/regions", &key, &region);
    assert_eq!(refused.status, 400, "{refused:?}");
    let log = server.stop().stderr;
    let line = log.lines().find(|line| line.contains("hush") || line.contains(&key));
    assert_eq!(line, None);
}

#[test]
fn a_path_with_line_breaks_is_one_line() {
    let place = Place::empty();
    let server = place.ready();
    let paths = [
        "/a%0a2026%20forged",
        "/a%0dforged%1b[31m",
        "/openapi/v1/regions%0aforged",
        "/openapi/v1/teams/%0aforged",
        "/openapi/v1/teams/x%0d%0aforged/regions",
        "/api/v1/%0aforged",
        "/%E2%80%A8forged",
        "/forged%C2%85forged",
    ];
    for path in paths {
        let raw = format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        let answer = server.exchange(raw.as_bytes());
        assert!(answer.starts_with("HTTP/1.1 4"), "{path}: {answer}");
    }
    let log = server.stop().stderr;
    let requests: Vec<_> = log.lines().filter(|line| line.contains("forged")).collect();
    assert_eq!(requests.len(), paths.len(), "{log}");
    for line in log.lines() {
        assert!(is_time(line.split(' ').next().unwrap()), "{line:?}");
        assert!(!line.contains(char::is_control) && !line.contains('\u{2028}'), "{line:?}");
    }
}

#[test]
fn what_is_no_request_leaves_no_trace_of_its_content() {
    let place = Place::empty();
    let server = place.ready();
    for raw in [
        &b"hush hush hush\r\n\r\n"[..],
        b"GET / HTTP/1.1\r\nhush header\r\n\r\n",
        b"GET /\x07hush HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: hush\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nhush\r\n",
    ] {
        let answer = server.exchange(raw);
        assert!(answer.starts_with("HTTP/1.1 4"), "{answer}");
    }
    assert_eq!(server.get("/readyz", "").status, 200);
    let log = server.stop().stderr;
    assert!(!log.contains("hush"), "{log}");
    assert!(log.lines().all(|line| is_time(line.split(' ').next().unwrap())), "{log}");
}

/// Asks for this path again and again on one connection, and whether each answer begins like this.
fn ask_again(mut stream: TcpStream, path: &str, times: usize, beginning: &str) {
    let request = format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n");
    for time in 0..times {
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = Vec::new();
        while !answer.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            stream.read_exact(&mut byte).unwrap_or_else(|error| panic!("{time}: {error}"));
            answer.push(byte[0]);
        }
        let head = String::from_utf8_lossy(&answer).to_lowercase();
        let length = head.split_once("content-length: ").unwrap().1;
        let mut body = vec![0; length.lines().next().unwrap().parse().unwrap()];
        stream.read_exact(&mut body).unwrap();
        assert!(answer.starts_with(beginning.as_bytes()), "{time}");
    }
}

#[test]
fn a_log_that_is_not_read_holds_up_neither_answers_nor_the_end() {
    for database in databases() {
        let place = Place::on(&database);
        let (reader, writer) = io::pipe().unwrap();
        let server = Server::start_into(&mut place.cadastre(&[]), writer.into()).until_ready();
        let key = place.first_token();
        // A pipe holds 64 KiB, and a line has about 100 bytes.
        ask_again(server.connect(), "/livez", 2000, "HTTP/1.1 200 ");
        assert_eq!(server.list_status(&key), 200);
        server.add_region("while-the-log-hangs", &key);
        server.signal(Signal::TERM);
        let ended = server.wait(Duration::from_secs(30));
        assert_eq!(ended.code, Some(0), "{ended:?}");
        drop(reader);
    }
}

#[test]
fn a_log_that_was_not_read_goes_on_when_it_is() {
    let place = Place::empty();
    let (mut reader, writer) = io::pipe().unwrap();
    let server = Server::start_into(&mut place.cadastre(&[]), writer.into()).until_ready();
    ask_again(server.connect(), "/livez?1", 2000, "HTTP/1.1 200 ");
    let reading = thread::spawn(move || {
        let mut log = String::new();
        reader.read_to_string(&mut log).unwrap();
        log
    });
    ask_again(server.connect(), "/nowhere", 10, "HTTP/1.1 404 ");
    let ended = server.stop();
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let log = reading.join().unwrap();
    let of = |path: &str| access(&log).iter().filter(|line| line.contains(path)).count();
    assert_eq!((of(" /livez "), of(" /nowhere ")), (2000, 10), "{log}");
}

#[test]
fn at_a_normal_stop_no_line_is_lost() {
    let place = Place::empty();
    let server = place.ready();
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| ask_again(server.connect(), "/nowhere", 1000, "HTTP/1.1 404 "));
        }
    });
    let log = server.stop().stderr;
    let lines = access(&log).iter().filter(|line| line.contains(" /nowhere ")).count();
    assert_eq!(lines, 4000);
    assert!(log.trim_end().ends_with("cadastre_api::start: stopped"), "{log}");
}

#[test]
fn a_log_that_cannot_be_written_is_told() {
    // No machine has that much room for the stack of a thread.
    let place = Place::empty()
        .with("RUST_MIN_STACK", &(1_u64 << 60).to_string())
        .with("DATABASE_URL", "nowhere:");
    let ended = place.run(&["token", "list"]);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    let lines: Vec<_> = ended.stderr.lines().collect();
    let [told, refusal] = lines[..] else { panic!("{ended:?}") };
    let beginning =
        "cadastre: nothing is logged, because the thread that writes the log cannot be made: ";
    assert!(told.starts_with(beginning), "{told}");
    assert!(refusal.contains("DATABASE_URL"), "{refusal}");
}
