//! What an enterprise notices while another one asks for the worst that it may ask for.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use cadastre_api::app::App;
use cadastre_domain::id::EnterpriseId;
use cadastre_domain::result::DialPoint;
use cadastre_domain::result::line::parse;
use cadastre_storage::{NewPoint, SeriesKey, StorageError};
use cadastre_testkit::agent::signature::{Signed, date, sign};
use cadastre_testkit::server::TOKEN;
use cadastre_testkit::{Server, raw, sample};
use serde_json::{Value, json};
use tempfile::NamedTempFile;
use ureq::Agent;

use crate::pulls;
use crate::region::Material;
use crate::runs::Runs;
use crate::site::{Kind, Site, floor};
use crate::wrk::Wrk;
use crate::{Options, Outcome};

/// How many audit entries are about the enterprise that asks for so much.
pub const ENTRIES: i64 = 2_000_000;
/// How many results it has.
pub const POINTS: i64 = 300_000;
/// How many connections it has.
pub const HEAVY_CONNECTIONS: u32 = 16;
/// How many connections the other enterprise has.
pub const CONNECTIONS: u32 = 2;
/// How many regions the other enterprise has.
pub const REGIONS: usize = 20;

/// What the other enterprise does. The floor is a process of its own, which shares nothing with the register
/// but the processors: what it suffers from a load is the machine's doing.
pub const REQUESTS: [&str; 5] = [
    "floor: 1 KiB of JSON that is always the same",
    "list of 20 regions",
    "single region",
    "list of 20 teams, from the database",
    "change of a region",
];

/// What the first enterprise does meanwhile, one of these at a time.
pub const LOADS: [&str; 3] =
    ["scans", "first pulls of large tasks", "changes of large tasks, posts and totals"];

/// The scans, each over as many connections: filters that fit nothing, and totals.
const SCANS: [&str; 8] = [
    "/cadastre/v1/audit?operation=nothing&total=true",
    "/cadastre/v1/audit?address=192.0.2.77&total=true",
    "/cadastre/v1/audit?user_id=999999&total=true",
    "/cadastre/v1/audit?revealed=true&until=2020-01-01T00:00:00Z",
    "/cadastre/v1/audit?total=true&limit=1000",
    "/cadastre/v1/results?status=FAIL",
    "/cadastre/v1/users?q=nothing&total=true",
    "/cadastre/v1/nodes?q=nothing&alive=true&total=true",
];

/// A list of dial tasks of the first enterprise, with a filter that fits nothing.
const TASK_LIST: &str = "/api/v1/dialing_task/list?search=nothing&pageSize=100";
/// A list of its teams, likewise.
const TEAM_LIST: &str = "/openapi/v1/teams?query=nothing";
/// How many dial tasks the node of the first enterprise has: as many as one pull tells.
pub const TASKS: usize = 1_000;
/// How many characters the body has that each task sends; a task has 65,536 at most.
const TASK_BODY: usize = 60_000;

/// How long the load runs before the other enterprise is measured.
const LEAD: Duration = Duration::from_millis(500);
/// How often it is asked whether the server is ready.
const READY_ASKED: Duration = Duration::from_millis(5);

/// The outcome.
#[derive(Default)]
pub struct Tenants {
    /// Each of [`REQUESTS`] while nothing else is asked.
    pub quiet: [Runs; REQUESTS.len()],
    /// The same beside each of [`LOADS`].
    pub loaded: [[Runs; REQUESTS.len()]; LOADS.len()],
    /// Each of [`LOADS`]: what was answered, refusals included.
    pub heavy: [Runs; LOADS.len()],
    /// How often `/readyz` answered with each status beside the loads.
    pub ready: BTreeMap<u16, u64>,
}

impl Tenants {
    /// How many times longer a request takes beside a load, by its p99.
    pub fn slowdown(&self, load: usize, place: usize) -> f64 {
        p99(&self.loaded[load][place]) / p99(&self.quiet[place])
    }

    /// The same, beyond what the machine takes: to the larger one of its p99 without the load and of the
    /// floor's beside it.
    pub fn own_slowdown(&self, load: usize, place: usize) -> f64 {
        let floor = p99(&self.loaded[load][FLOOR]).max(p99(&self.quiet[place]));
        p99(&self.loaded[load][place]) / floor
    }
}

/// The place of the floor in [`REQUESTS`].
pub const FLOOR: usize = 0;

fn p99(runs: &Runs) -> f64 {
    runs.latencies().map_or(f64::INFINITY, |(_, p99)| p99)
}

struct Scene {
    floor: Server,
    wrk: Wrk,
    /// Asks for the first enterprise.
    foreign: Wrk,
    site: Site,
    /// The token of the enterprise that asks for so much.
    heavy: String,
    /// Its node, and what that may ask for.
    node: HeavyNode,
    region: String,
}

/// Measures in turns.
pub fn measure(options: &Options, kind: Kind) -> Outcome<Tenants> {
    let site = Site::start(&options.server, kind)?;
    site.fill(&Material::random(), REGIONS)?;
    for number in 0..REGIONS {
        site.post("/openapi/v1/teams", &json!({"tenant_name": format!("team-{number}")}))?;
    }
    let (_, page) = site.get("/cadastre/v1/regions?limit=1")?;
    let region = text(&serde_json::from_str::<Value>(&page)?["items"][0]["id"])?;
    let heavy = text(&site.post("/cadastre/v1/enterprises", &json!({"name": "heavy"}))?["id"])?;
    let token = json!({"name": "heavy", "role": "admin", "enterprise_id": heavy});
    let token = text(&site.post("/cadastre/v1/tokens", &token)?["secret"])?;
    fill(&site, kind, heavy.parse()?)?;
    let site = site.restart_with_limits(&options.server)?;
    let node = HeavyNode::add(&site, &token)?;
    let region = site.url(&format!("/cadastre/v1/regions/{region}"));
    let (wrk, foreign) = (Wrk::new(&options.wrk)?, Wrk::elsewhere(&options.wrk)?);
    let floor = floor(1024)?;
    let scene = Scene { floor, wrk, foreign, site, heavy: token, node, region };
    round(&scene, 1, &mut Tenants::default())?;
    let mut tenants = Tenants::default();
    for _ in 0..options.runs {
        round(&scene, options.seconds, &mut tenants)?;
    }
    Ok(tenants)
}

/// A node of the first enterprise, with as many tasks as one pull tells, each as large as it may be.
struct HeavyNode {
    /// The path of a task's change, and its body.
    change: (String, String),
    /// A pull from the start, as the scripts of wrk read it.
    pull: NamedTempFile,
    signed: Signed,
    /// A post of a result, as the scripts of wrk read it.
    post: NamedTempFile,
}

impl HeavyNode {
    fn add(site: &Site, token: &str) -> Outcome<Self> {
        let ask = |path: &str, body: &Value| site.post_with(path, "DF-API-KEY", token, body);
        let profile = json!({
            "internal": false, "isp": "telecom", "country": "Afghanistan", "city": "Shahrak",
            "keycode": "heavy", "name": "heavy",
        });
        let made = ask("/api/v1/dialing_region/regist", &profile)?;
        let of_made = |pointer: &str| text(made.pointer(pointer).unwrap_or(&Value::Null));
        let node = of_made("/content/regionInfo/uuid")?;
        let (ak, sk) = (of_made("/content/ak/ak")?, of_made("/content/ak/sk")?);
        let mut change = String::new();
        for number in 0..TASKS {
            let body = task(&node, &format!("heavy {number}"));
            let added = ask("/api/v1/dialing_task/add", &body)?;
            let id = text(&added["content"]["uuid"])?;
            change = format!("/api/v1/dialing_task/{id}/modify");
        }
        let path = format!("/v1/task/pull?region_id={node}&since=0&variable_since=0");
        let signed = sign(&ak, &sk, "GET", b"", &date(sample::time()));
        let pull = line(&format!("{path}\t{}", signed.authorization))?;
        let pulled: Value = serde_json::from_str(&pulls::answer(site, &path, &signed)?)?;
        let url = text(&pulled["content"]["HTTP"][0].as_str().map_or(Value::Null, post_url))?;
        let post = url.split_once("/dial/").ok_or("a post_url of another form")?.1;
        let post = line(&format!("/dial/{post}\turl=https://example.com"))?;
        let body = task(&node, "heavy @N@").to_string();
        Ok(Self { change: (change, body), pull, signed, post })
    }
}

/// Where the results of a task go.
fn post_url(task: &str) -> Value {
    serde_json::from_str::<Value>(task).map_or(Value::Null, |task| task["post_url"].clone())
}

/// A task of this name that is as large as it may be.
fn task(node: &str, name: &str) -> Value {
    let body = json!({"body": "x".repeat(TASK_BODY), "body_type": "text/plain"});
    json!({"type": "http", "regions": [node], "task": {
        "name": name, "frequency": "1m", "method": "POST", "url": "https://example.com",
        "advance_options": {"request_body": body},
        "success_when": [{"status_code": [{"is": "200"}]}],
    }})
}

/// A file with this line.
fn line(text: &str) -> Outcome<NamedTempFile> {
    let mut file = NamedTempFile::new()?;
    writeln!(file, "{text}")?;
    file.flush()?;
    Ok(file)
}

fn text(value: &Value) -> Outcome<String> {
    Ok(value.as_str().ok_or_else(|| format!("{value} is no text"))?.to_owned())
}

/// Gives the enterprise its entries and results, by SQL, from one of each.
fn fill(site: &Site, kind: Kind, enterprise: EnterpriseId) -> Outcome {
    add_point(&site.app()?, enterprise)?;
    let numbers = |count: i64| {
        format!(
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count}) "
        )
    };
    let columns = "at, token_id, user_id, origin, address, request_id, operation, outcome, \
                   object_kind, object_id, changes, revealed, reason, hash";
    let entries = format!(
        "{} INSERT INTO audit_entries (sequence, enterprise_id, {columns}) \
         SELECT audit_sequence + i, '{enterprise}', {columns} FROM n, register, audit_entries \
         WHERE sequence = audit_sequence",
        numbers(ENTRIES)
    );
    let columns = "series_id, digest, received_us, outcome, response_us, status_code";
    let points = format!(
        "{} INSERT INTO result_points (at_ns, {columns}) SELECT at_ns - CAST(i AS BIGINT) * 100000000, {columns} \
         FROM n, result_points",
        numbers(POINTS - 1)
    );
    let end = format!("UPDATE register SET audit_sequence = audit_sequence + {ENTRIES}");
    // None is left to be rolled up beside what is measured.
    let done = "UPDATE result_shares SET rolled_up = (SELECT max(id) FROM result_points)";
    for sql in [&entries, &end, &points, done] {
        raw::execute(&site.database, sql);
    }
    if kind == Kind::Postgres {
        // What it does by itself after so many rows is not what is measured.
        for sql in ["VACUUM ANALYZE", "CHECKPOINT"] {
            raw::execute(&site.database, sql);
        }
    }
    Ok(())
}

fn add_point(app: &App, enterprise: EnterpriseId) -> Outcome {
    let line = b"http_dial_testing,status=OK response_time=20000i,status_code=200i";
    let now = app.clock.now();
    let lines = parse(line)?;
    let line = lines.first().ok_or("there is no line")?;
    let mut point = DialPoint::read(line, 0)?;
    point.at_ns = now.timestamp_nanos_opt().unwrap_or_default();
    let measurement = point.measurement.clone();
    app.store.write(move |tx| {
        let key =
            SeriesKey { enterprise, node: None, task: None, measurement: measurement.clone() };
        let series = tx.ensure_series(&key, 100)?;
        let (received_us, point) = (now.timestamp_micros(), point.clone());
        tx.add_points(&[NewPoint { series, digest: 1, received_us, tags: None, point }])?;
        Ok::<_, StorageError>(())
    })?;
    Ok(())
}

fn round(scene: &Scene, seconds: u32, tenants: &mut Tenants) -> Outcome {
    for place in 0..REQUESTS.len() {
        ask(scene, place, seconds, &mut tenants.quiet[place])?;
        for load in 0..LOADS.len() {
            beside_load(scene, load, place, seconds, tenants)?;
        }
    }
    Ok(())
}

/// Measures one of [`REQUESTS`].
fn ask(scene: &Scene, place: usize, seconds: u32, runs: &mut Runs) -> Outcome {
    let Scene { floor, wrk, site, region, .. } = scene;
    let load = match place {
        FLOOR => wrk.get(&floor.url("/"), CONNECTIONS, seconds)?,
        1 => wrk.get(&site.regions(), CONNECTIONS, seconds)?,
        2 => wrk.get(region, CONNECTIONS, seconds)?,
        3 => wrk.get(&site.url("/cadastre/v1/teams?limit=20"), CONNECTIONS, seconds)?,
        _ => wrk.patch(region, r#"{"alias":"region @N@"}"#, CONNECTIONS, seconds)?,
    };
    runs.add(&load);
    Ok(())
}

/// The same while the other enterprise does one of [`LOADS`].
fn beside_load(
    scene: &Scene,
    load: usize,
    place: usize,
    seconds: u32,
    tenants: &mut Tenants,
) -> Outcome {
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        let heavy = scope.spawn(|| do_load(scene, load, seconds + 1));
        let ready = scope.spawn(|| watch_readiness(&scene.site, &done));
        thread::sleep(LEAD);
        let asked = ask(scene, place, seconds, &mut tenants.loaded[load][place]);
        done.store(true, Ordering::Relaxed);
        tenants.heavy[load].add_rate(heavy.join().map_err(|_| "the load ended")??);
        for (status, count) in ready.join().map_err(|_| "the watch ended")? {
            *tenants.ready.entry(status).or_default() += count;
        }
        asked
    })
}

/// Does one of [`LOADS`] over [`HEAVY_CONNECTIONS`] connections; the rate of all answers.
fn do_load(scene: &Scene, load: usize, seconds: u32) -> Outcome<f64> {
    let Scene { foreign: wrk, site, heavy, node, .. } = scene;
    let native = format!("Authorization: {heavy}");
    let dialing = format!("DF-API-KEY: {heavy}");
    let list = |path: &str, header: &String| {
        let each = HEAVY_CONNECTIONS / 8;
        wrk.get_with(&site.url(path), std::slice::from_ref(header), each, seconds)
    };
    let post = || {
        let fields = "response_time=20000i,status_code=200i";
        wrk.post(&site.url("/"), HEAVY_CONNECTIONS / 4, seconds, (node.post.path(), fields))
    };
    let change = || {
        let (path, body) = &node.change;
        wrk.post_json(&site.url(path), &dialing, body, HEAVY_CONNECTIONS / 2, seconds)
    };
    let pull = || {
        let shared = (node.signed.content_md5.as_str(), node.signed.date.as_str());
        wrk.pull(&site.url("/"), HEAVY_CONNECTIONS, seconds, (node.pull.path(), shared))
    };
    thread::scope(|scope| {
        let running: Vec<_> = match load {
            0 => {
                let scan = |path| {
                    let (list, native) = (&list, &native);
                    scope.spawn(move || list(path, native))
                };
                SCANS.into_iter().map(scan).collect()
            }
            1 => vec![scope.spawn(pull)],
            _ => vec![
                scope.spawn(change),
                scope.spawn(post),
                scope.spawn(|| list(TASK_LIST, &dialing)),
                scope.spawn(|| list(TEAM_LIST, &native)),
            ],
        };
        let mut rate = 0.0;
        for load in running {
            rate += load.join().map_err(|_| "the load ended")??.rate;
        }
        Ok(rate)
    })
}

/// Asks whether the server is ready until it is done; how often it answered with each status, 0 for none.
fn watch_readiness(site: &Site, done: &AtomicBool) -> BTreeMap<u16, u64> {
    let config = Agent::config_builder().proxy(None).http_status_as_error(false);
    let agent = config.timeout_global(Some(Duration::from_secs(5))).build().new_agent();
    let mut answers = BTreeMap::new();
    while !done.load(Ordering::Relaxed) {
        let answer = agent.get(site.url("/readyz")).header("Authorization", TOKEN).call();
        let status = answer.map_or(0, |answer| answer.status().as_u16());
        *answers.entry(status).or_default() += 1;
        thread::sleep(READY_ASKED);
    }
    answers
}
