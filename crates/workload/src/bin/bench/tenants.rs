//! What an enterprise notices while another one asks for the worst that it may ask for.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use cadastre_domain::id::EnterpriseId;
use cadastre_domain::result::DialPoint;
use cadastre_domain::result::line::parse;
use cadastre_storage::{NewPoint, SeriesKey, StorageError, Store};
use cadastre_testkit::raw;
use cadastre_testkit::server::TOKEN;
use serde_json::{Value, json};
use ureq::Agent;

use crate::region::Material;
use crate::runs::Runs;
use crate::site::{Kind, Site};
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

/// What the other enterprise does.
pub const REQUESTS: [&str; 4] = [
    "list of 20 regions",
    "single region",
    "list of 20 teams, from the database",
    "change of a region",
];

/// What the first enterprise asks for, each over as many connections: filters that fit nothing, and totals.
const HEAVY: [&str; 8] = [
    "/cadastre/v1/audit?operation=nothing&total=true",
    "/cadastre/v1/audit?address=192.0.2.77&total=true",
    "/cadastre/v1/audit?user_id=999999&total=true",
    "/cadastre/v1/audit?revealed=true&until=2020-01-01T00:00:00Z",
    "/cadastre/v1/audit?total=true&limit=1000",
    "/cadastre/v1/results?status=FAIL",
    "/cadastre/v1/users?q=nothing&total=true",
    "/cadastre/v1/nodes?q=nothing&alive=true&total=true",
];

/// How long the load runs before the other enterprise is measured.
const LEAD: Duration = Duration::from_millis(500);
/// How often it is asked whether the server is ready.
const READY_ASKED: Duration = Duration::from_millis(5);

/// The outcome.
#[derive(Default)]
pub struct Tenants {
    /// Each of [`REQUESTS`] while nothing else is asked.
    pub quiet: [Runs; 4],
    /// The same beside the load.
    pub loaded: [Runs; 4],
    /// The load: what was answered, refusals included.
    pub heavy: Runs,
    /// How often `/readyz` answered with each status beside the load.
    pub ready: BTreeMap<u16, u64>,
}

impl Tenants {
    /// How many times longer a request takes beside the load, by its p99.
    pub fn slowdown(&self, place: usize) -> f64 {
        let p99 = |runs: &Runs| runs.latencies().map_or(f64::INFINITY, |(_, p99)| p99);
        p99(&self.loaded[place]) / p99(&self.quiet[place])
    }
}

struct Scene {
    wrk: Wrk,
    site: Site,
    /// The token of the enterprise that asks for so much.
    heavy: String,
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
    fill(&site, heavy.parse()?)?;
    let site = site.restart(&options.server)?;
    let region = site.url(&format!("/cadastre/v1/regions/{region}"));
    let scene = Scene { wrk: Wrk::new(&options.wrk)?, site, heavy: token, region };
    round(&scene, 1, &mut Tenants::default())?;
    let mut tenants = Tenants::default();
    for _ in 0..options.runs {
        round(&scene, options.seconds, &mut tenants)?;
    }
    Ok(tenants)
}

fn text(value: &Value) -> Outcome<String> {
    Ok(value.as_str().ok_or_else(|| format!("{value} is no text"))?.to_owned())
}

/// Gives the enterprise its entries and results, by SQL, from one of each.
fn fill(site: &Site, enterprise: EnterpriseId) -> Outcome {
    add_point(&site.store()?, enterprise)?;
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
        "{} INSERT INTO result_points (at_ns, {columns}) SELECT at_ns - i * 100000000, {columns} \
         FROM n, result_points",
        numbers(POINTS - 1)
    );
    let end = format!("UPDATE register SET audit_sequence = audit_sequence + {ENTRIES}");
    // None is left to be rolled up beside what is measured.
    let done = "UPDATE result_shares SET rolled_up = (SELECT max(id) FROM result_points)";
    for sql in [&entries, &end, &points, done] {
        raw::execute(&site.database, sql);
    }
    Ok(())
}

fn add_point(store: &Store, enterprise: EnterpriseId) -> Outcome {
    let line = b"http_dial_testing,status=OK response_time=20000i,status_code=200i";
    let now = chrono::Utc::now();
    let lines = parse(line)?;
    let line = lines.first().ok_or("there is no line")?;
    let mut point = DialPoint::read(line, 0)?;
    point.at_ns = now.timestamp_nanos_opt().unwrap_or_default();
    let measurement = point.measurement.clone();
    store.write(move |tx| {
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
        beside_load(scene, place, seconds, tenants)?;
    }
    Ok(())
}

/// Measures one of [`REQUESTS`].
fn ask(scene: &Scene, place: usize, seconds: u32, runs: &mut Runs) -> Outcome {
    let Scene { wrk, site, region, .. } = scene;
    let load = match place {
        0 => wrk.get(&site.regions(), CONNECTIONS, seconds)?,
        1 => wrk.get(region, CONNECTIONS, seconds)?,
        2 => wrk.get(&site.url("/cadastre/v1/teams?limit=20"), CONNECTIONS, seconds)?,
        _ => wrk.patch(region, r#"{"alias":"region @N@"}"#, CONNECTIONS, seconds)?,
    };
    runs.add(&load);
    Ok(())
}

/// The same while the other enterprise asks for all it may.
fn beside_load(scene: &Scene, place: usize, seconds: u32, tenants: &mut Tenants) -> Outcome {
    let Scene { wrk, site, heavy, .. } = scene;
    let (key, done) = (format!("Authorization: {heavy}"), AtomicBool::new(false));
    let each = HEAVY_CONNECTIONS / 8;
    thread::scope(|scope| {
        let loads = HEAVY.map(|path| {
            let (url, key) = (site.url(path), key.clone());
            scope.spawn(move || wrk.get_with(&url, &[key], each, seconds + 1))
        });
        let ready = scope.spawn(|| watch_readiness(site, &done));
        thread::sleep(LEAD);
        let asked = ask(scene, place, seconds, &mut tenants.loaded[place]);
        done.store(true, Ordering::Relaxed);
        let mut rate = 0.0;
        for load in loads {
            rate += load.join().map_err(|_| "the load ended")??.rate;
        }
        tenants.heavy.add_rate(rate);
        for (status, count) in ready.join().map_err(|_| "the watch ended")? {
            *tenants.ready.entry(status).or_default() += count;
        }
        asked
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
