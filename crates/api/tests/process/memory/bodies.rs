//! Bodies of up to 1 MiB that are made to cost much.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Map, Value, json};

use super::world::{Request, World, new_region};

/// The largest body.
const LARGEST: usize = 1024 * 1024;

/// The most values that one body of JSON may have.
const MOST_VALUES: usize = 20_000;

/// A request that is made to cost much.
pub struct Hostile {
    pub name: String,
    pub request: Request,
}

/// All of them.
pub fn all(world: &World) -> Vec<Hostile> {
    [json_of_all_apis(world), tasks(world), regions(world), lists(world), points(world)]
        .into_iter()
        .flatten()
        .map(|(name, request)| Hostile { name, request })
        .collect()
}

type Named = (String, Request);

/// `{"x": [element, element, …]}`, with at most so many elements, and of at most 1 MiB.
fn list(element: &str, most: usize) -> String {
    let room = (LARGEST - 16) / (element.len() + 1);
    format!("{{\"x\":[{}]}}", vec![element; most.min(room)].join(","))
}

/// An object of so many members with names of this length, of at most 1 MiB.
fn members(length: usize, most: usize) -> String {
    let count = most.min((LARGEST - 16) / (length + 5));
    let member = |n: usize| {
        let digits = n.to_string();
        format!("\"{}{digits}\":0", "x".repeat(length.saturating_sub(digits.len())))
    };
    format!("{{{}}}", (0..count).map(member).collect::<Vec<_>>().join(","))
}

/// So many levels of objects around a text.
fn nested(levels: usize, text: &str) -> Value {
    (0..levels).fold(json!(text), |inner, _| json!({ "x": inner }))
}

/// JSON that means nothing to any API.
fn json_bodies() -> Vec<(&'static str, String)> {
    let all = usize::MAX;
    let (half, third) = (MOST_VALUES / 2 - 10, MOST_VALUES / 3 - 10);
    vec![
        ("empty arrays", list("[]", all)),
        ("empty objects", list("{}", all)),
        ("numbers", list("0", all)),
        ("texts", list("\"\"", all)),
        ("small objects", list("{\"\":0}", all)),
        ("as many numbers as may be", list("0", MOST_VALUES - 10)),
        ("as many small objects as may be", list("{\"\":0}", half)),
        ("as many objects of two as may be", list("{\"a\":0,\"b\":0}", third)),
        ("as many objects in arrays as may be", list("[{\"a\":0}]", third)),
        ("very many fields", members(6, all)),
        ("as many fields as may be", members(6, MOST_VALUES - 10)),
        ("fields with names as long as there is room", members(45, MOST_VALUES - 10)),
        ("some fields with long names", members(10_000, all)),
        ("one field with a very long name", members(LARGEST - 100, 1)),
        ("a key twice", "{\"a\":0,".to_owned() + &"\"a\":0,".repeat(100_000) + "\"b\":0}"),
        ("levels that do not end", "[".repeat(LARGEST)),
        ("levels as deep as may be", list(&format!("{}{}", "[".repeat(60), "]".repeat(60)), all)),
        ("a long text, deep down", nested(60, &"x".repeat(LARGEST - 1000)).to_string()),
        ("escapes", format!("{{\"name\":\"{}\"}}", "\\u0000".repeat(170_000))),
    ]
}

fn json_of_all_apis(world: &World) -> Vec<Named> {
    let mut all = Vec::new();
    for (name, body) in json_bodies() {
        // The body of a team's change is the only one on the Rainbond API that refuses fields.
        let apis = [
            ("rainbond", world.rainbond("PUT", "/openapi/v1/teams/none", &body)),
            ("rainbond region", world.rainbond("POST", "/openapi/v1/regions", &body)),
            ("native", world.native("POST", "/teams", &body)),
            ("native patch", world.native("PATCH", &format!("/regions/{}", world.region), &body)),
            ("dialing", world.dialing("add", &body)),
            ("dialing task", world.dialing("add", &in_a_task(world, &body))),
            ("agent", world.variables(&body)),
            ("agent list", world.variables(&body["{\"x\":".len().min(body.len())..body.len() - 1])),
        ];
        all.extend(apis.map(|(api, request)| (format!("{api}: {name}"), request)));
    }
    let many = format!("[{}]", vec!["{\"\":0}"; 24_990].join(","));
    all.push(("agent: as many small objects as may be".to_owned(), world.variables(&many)));
    all
}

/// The same as a member of a task.
fn in_a_task(world: &World, body: &str) -> String {
    world.task(&json!({"x": "HERE"})).to_string().replace("\"HERE\"", body)
}

/// Tasks that are within all bounds, or just beyond one.
fn task_members() -> Vec<(&'static str, Value)> {
    let long = "\u{1f5fa}".repeat(30_000);
    let headers = |value: &Value, count: usize| {
        let headers: Map<_, _> =
            (0..count).map(|n| (format!("x-token-{n}"), value.clone())).collect();
        json!({"request_options": {"headers": headers}})
    };
    let certificate =
        |text: String| json!({"certificate": {"ca": text, "certificate": "x", "private_key": "x"}});
    let block = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    let pattern = |text: String| json!([{"body": [{"match_regex": text}]}]);
    vec![
        ("a long name over many faults", json!({ long: vec!["{{"; 6_500] })),
        (
            "names as long as may be over faults",
            json!({ "x": { "y".repeat(256): vec!["{{"; 6_500] } }),
        ),
        ("faults in all labels", json!({"labels": vec![1; 19_000]})),
        ("faults in all conditions", json!({"success_when": vec![json!({"body": [0]}); 6_000]})),
        ("masks in all headers", json!({"advance_options": headers(&json!("***"), 3_000)})),
        ("no texts in headers", json!({"advance_options": headers(&json!([]), 3_000)})),
        (
            "variables that are not declared",
            json!({"url": "https://x/".to_owned() + &"{{a}}".repeat(12_000)}),
        ),
        (
            "templates with many parts",
            json!({"url": format!("https://x/{{{{a{}}}}}", "|a".repeat(30_000))}),
        ),
        (
            "blocks without certificates",
            json!({"advance_options": certificate(block.repeat(1_000))}),
        ),
        (
            "blocks without an end",
            json!({"advance_options": certificate("-----BEGIN CERTIFICATE-----\n".repeat(2_000))}),
        ),
        ("a pattern of characters", json!({"success_when": pattern("a".repeat(65_000))})),
        ("a pattern of groups", json!({"success_when": pattern("()".repeat(32_000))})),
        ("a pattern of classes", json!({"success_when": pattern("[a]".repeat(21_000))})),
        ("a pattern of alternatives", json!({"success_when": pattern("a|".repeat(32_000))})),
        ("a pattern of repetitions", json!({"success_when": pattern("a?".repeat(32_000))})),
        ("a pattern of braces", json!({"success_when": pattern("{".repeat(65_000))})),
        ("a pattern of quotes", json!({"success_when": pattern("\\Q.".repeat(21_000))})),
        ("a pattern of properties", json!({"success_when": pattern("\\pL".repeat(21_000))})),
        ("a long text, deep down", json!({"x": nested(60, &"x".repeat(500_000))})),
        ("a text of four bytes a character", json!({"x": "\u{1f5fa}".repeat(49_000)})),
        ("as many elements as characters allow", json!({"x": vec![0; 19_000]})),
    ]
}

fn tasks(world: &World) -> Vec<Named> {
    let mut all = Vec::new();
    let modify = format!("{}/modify", world.task);
    for (name, members) in task_members() {
        let body = world.task(&members).to_string();
        assert!(body.len() <= LARGEST, "{name}");
        all.push((format!("task: {name}"), world.dialing("add", &body)));
        all.push((format!("change of a task: {name}"), world.dialing(&modify, &body)));
    }
    let steps = |text: String, count: usize| {
        let step = json!({"type": "http", "task": text});
        json!({"regions": [], "type": "multi", "task": {
            "name": "n", "frequency": "1m", "steps": vec![step; count],
        }})
    };
    for (name, body) in [
        ("steps with many values", steps(list("0", 5_000), 40)),
        ("steps with small objects", steps(list("{\"\":0}", 1_000), 40)),
        ("steps that are no JSON", steps("[".repeat(1_000), 900)),
        ("very many steps", steps("{}".to_owned(), 6_000)),
    ] {
        all.push((format!("task: {name}"), world.dialing("multi_task_add", &body.to_string())));
    }
    all
}

/// Regions, with labels and with TLS material.
fn regions(world: &World) -> Vec<Named> {
    let native = |members: &Value| {
        let mut body = json!({"name": "second", "addresses": {
            "api_url": "https://a:1", "websocket_url": "ws://a:1", "http_domain": "a.b",
            "tcp_address": "a.b",
        }});
        for (name, member) in members.as_object().unwrap() {
            body[name] = member.clone();
        }
        world.native("POST", "/regions", &body.to_string())
    };
    let labels =
        |count: usize| (0..count).map(|n| (format!("a{n}"), json!("b"))).collect::<Map<_, _>>();
    let block = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    let mut all = vec![
        ("labels: very many".to_owned(), native(&json!({"labels": labels(19_000)}))),
        ("labels: one too many".to_owned(), native(&json!({"labels": labels(65)}))),
        (
            "labels: faults".to_owned(),
            native(
                &json!({"labels": labels(19_000).into_iter().map(|(key, _)| (key, json!(1))).collect::<Map<_, _>>()}),
            ),
        ),
    ];
    for (name, text) in [
        ("blocks", block.repeat(1_000)),
        ("very many blocks", block.repeat(10_000)),
        ("blocks without an end", "-----BEGIN CERTIFICATE-----\n".repeat(2_300)),
        ("lines", "\n".repeat(65_000)),
        ("a very long text", "x".repeat(1_000_000)),
    ] {
        let credentials = json!({"credentials": {"ca": text, "certificate": text, "key": text}});
        let short = |most: usize| text.chars().take(most).collect::<String>();
        let tls =
            json!({"ssl_ca_cert": short(500_000), "cert_file": short(300_000), "key_file": "x"});
        if credentials.to_string().len() < LARGEST - 1_000 {
            all.push((format!("native TLS: {name}"), native(&credentials)));
        }
        all.push((
            format!("rainbond TLS: {name}"),
            world.rainbond("POST", "/openapi/v1/regions", &new_region(&tls)),
        ));
    }
    all.extend(forms(world));
    all
}

fn forms(world: &World) -> Vec<Named> {
    let urlencoded = "application/x-www-form-urlencoded";
    let fields = (0..100_000).map(|n| format!("{n:x}=1")).collect::<Vec<_>>().join("&");
    let some = (0..1_000).map(|n| format!("{n:x}=1")).collect::<Vec<_>>().join("&");
    let part =
        |n: usize| format!("--b\r\nContent-Disposition: form-data; name=\"{n}\"\r\n\r\n1\r\n");
    let parts = |count: usize| (0..count).map(part).collect::<String>() + "--b--\r\n";
    let multipart = "multipart/form-data; boundary=b";
    let headers = "X-A: b\r\n".repeat(100_000);
    let head =
        format!("--b\r\nContent-Disposition: form-data; name=\"a\"\r\n{headers}\r\n1\r\n--b--\r\n");
    let long = format!(
        "--b\r\nContent-Disposition: form-data; name=\"{}\"\r\n\r\n1\r\n--b--\r\n",
        "x".repeat(1_000_000)
    );
    [
        ("form: 100,000 fields", world.form(urlencoded, fields.as_bytes())),
        ("form: nothing but separators", world.form(urlencoded, "&".repeat(LARGEST).as_bytes())),
        ("form: as many fields as may be", world.form(urlencoded, some.as_bytes())),
        ("form: escapes", world.form(urlencoded, "%00".repeat(340_000).as_bytes())),
        ("multipart: very many parts", world.form(multipart, parts(16_000).as_bytes())),
        ("multipart: as many parts as may be", world.form(multipart, parts(1_000).as_bytes())),
        ("multipart: very many headers", world.form(multipart, head.as_bytes())),
        ("multipart: a very long name", world.form(multipart, long.as_bytes())),
        ("multipart: no part", world.form(multipart, "\r\n".repeat(500_000).as_bytes())),
        ("a type with a very long name", world.form(&"x".repeat(60_000), b"{}")),
    ]
    .map(|(name, request)| (name.to_owned(), request))
    .into()
}

/// Lists of what they do not hold.
fn lists(world: &World) -> Vec<Named> {
    let of = |field: &str, element: &str, more: &str| {
        let room = (LARGEST - 500) / (element.len() + 1);
        let elements = vec![element; room.min(MOST_VALUES - 100)].join(",");
        format!("{{\"{field}\":[{elements}]{more}}}")
    };
    let (run, watch) =
        (format!("/nodes/{}/run", world.node), format!("/regions/{}/watch", world.region));
    let token = r#","name":"n","role":"team""#;
    let dialled = r#","type":"http","task":{}"#;
    let mut all = vec![(
        "native: task_ids of 1 MiB".to_owned(),
        world.native("POST", &run, &list("1", usize::MAX).replace("\"x\"", "\"task_ids\"")),
    )];
    for (name, element) in
        [("numbers", "1"), ("texts", "\"x\""), ("long texts", &*format!("\"{}\"", "x".repeat(900)))]
    {
        for (list, request) in [
            ("task_ids", world.native("POST", &run, &of("task_ids", element, ""))),
            ("nodes", world.native("POST", &watch, &of("nodes", element, ""))),
            ("teams", world.native("POST", "/tokens", &of("teams", element, token))),
            ("taskUUIDs", world.dialing("delete", &of("taskUUIDs", element, ""))),
            ("regions", world.dialing("add", &of("regions", element, dialled))),
            ("tags", world.dialing("add", &of("tags", element, dialled))),
        ] {
            all.push((format!("{list}: {name}"), request));
        }
    }
    let few = |count: usize| vec![format!("\"{}\"", "\\u0001".repeat(150)); count].join(",");
    let body = format!("{{\"regions\":[{}]{dialled}}}", few(1_000));
    all.push(("regions: as many as may be".to_owned(), world.dialing("add", &body)));
    let query = format!("/regions?{}", "a&".repeat(30_000));
    all.push(("a query of very many parameters".to_owned(), world.native("GET", &query, "")));
    let query = format!("/regions?{}", "label=a&".repeat(8_000));
    all.push(("a query of very many labels".to_owned(), world.native("GET", &query, "")));
    all
}

fn gzip(parts: &[&[u8]]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    for part in parts {
        encoder.write_all(part).unwrap();
    }
    encoder.finish().unwrap()
}

/// What agents post.
fn points(world: &World) -> Vec<Named> {
    let line = |tags: usize, fields: usize, n: usize| {
        let tags = (0..tags).map(|n| format!(",{n:x}={n:x}")).collect::<Vec<_>>().concat();
        let fields = (0..fields).map(|n| format!("{n:x}=1")).collect::<Vec<_>>().join(",");
        format!("http_dial_testing,n={n}{tags} {fields} {n}\n")
    };
    let lines = |count: usize, tags: usize, fields: usize| {
        let mut text: String = (0..count).map(|n| line(tags, fields, n)).collect();
        text.truncate(4 * LARGEST);
        text
    };
    let plain = |text: &str| world.points(text.as_bytes(), &[]);
    let packed = |text: &[u8]| {
        let body = gzip(&[text]);
        assert!(body.len() <= LARGEST);
        world.points(&body, &[("Content-Encoding", "gzip")])
    };
    let zeros = vec![0_u8; LARGEST];
    let bomb = gzip(&vec![&*zeros; 64]);
    let reason = format!("m fail_reason=\"{}\" 1\n", "\\\"".repeat(500_000));
    [
        ("points: 1,000 lines", plain(&lines(1_000, 1, 1))),
        ("points: too many lines", plain(&"m a=1 1\n".repeat(100_000))),
        ("points: many tags", plain(&lines(400, 256, 1))),
        ("points: too many tags", plain(&line(60_000, 1, 1))),
        ("points: many fields", plain(&lines(500, 1, 256))),
        ("points: one long text", plain(&reason)),
        ("points: comments", plain(&"#\n".repeat(500_000))),
        ("points: gzip of many tags", packed(lines(1_000, 255, 100).as_bytes())),
        ("points: gzip of 60 tags in each line", packed(lines(1_000, 60, 200).as_bytes())),
        ("points: gzip of many fields", packed(lines(1_000, 1, 256).as_bytes())),
        ("points: gzip of 4 MiB of spaces", packed(&vec![b' '; 4 * LARGEST])),
        ("points: a bomb", world.points(&bomb, &[("Content-Encoding", "gzip")])),
        (
            "points: 50,000 empty members",
            world.points(&gzip(&[]).repeat(50_000), &[("Content-Encoding", "gzip")]),
        ),
    ]
    .map(|(name, request)| (name.to_owned(), request))
    .into()
}
