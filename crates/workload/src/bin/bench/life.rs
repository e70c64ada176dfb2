//! What a register is asked for all day: single regions, pages of many, copies that are still good, the
//! regions of a team, and changes.

use cadastre_testkit::Server;
use cadastre_testkit::server::TOKEN;
use serde_json::{Value, json};

use crate::footprint::Memory;
use crate::region::Material;
use crate::runs::Runs;
use crate::site::{Kind, Site, floor};
use crate::wrk::Wrk;
use crate::{Options, Outcome};

/// How many connections ask.
pub const CONNECTIONS: u32 = 64;
/// How many regions the small register has, and how many the large one.
pub const SIZES: [usize; 2] = [100, 10_000];
/// How many regions are listed in one answer, and compared with as many bytes from memory.
pub const LIST: usize = 500;
/// How many regions are open for the team.
pub const OPENINGS: usize = 1000;

/// The outcome.
#[derive(Default)]
pub struct Life {
    /// The floor: 1 KiB that is always the same.
    pub floor: Runs,
    /// The floor of as many bytes as the list has.
    pub long_floor: Runs,
    /// A single region by its identifier, on the native face.
    pub by_id: Runs,
    /// A single region by its name, on the rainbond face, by a viewer.
    pub by_name: Runs,
    /// A single region that the caller has a good copy of.
    pub same_region: Runs,
    /// Lists of 20 and of [`LIST`] that the caller has a good copy of.
    pub same_lists: [Runs; 2],
    /// A list of [`LIST`].
    pub list: Runs,
    /// A page of 100 in the middle, by place in [`SIZES`].
    pub pages: [Runs; 2],
    /// A page of 100 of the regions that are open for a team.
    pub open: Runs,
    /// Changes of one region by one client.
    pub changes: Runs,
    /// Memory of a server with the larger of [`SIZES`], after all that, in KiB.
    pub memory: u64,
}

struct Servers {
    wrk: Wrk,
    floor: Server,
    long_floor: Server,
    /// With 20 regions, with [`LIST`], and with each of [`SIZES`].
    lists: [Site; 2],
    sizes: [Site; 2],
}

/// What is asked for, put together before.
struct Questions {
    viewer: String,
    by_id: String,
    by_name: String,
    region_copy: String,
    list_copies: [String; 2],
    pages: [String; 2],
    open: String,
}

/// Measures everything in turns.
pub fn measure(options: &Options, kind: Kind) -> Outcome<Life> {
    let material = Material::random();
    let start = |count| {
        let site = Site::start(&options.server, kind)?;
        site.fill(&material, count)?;
        Ok::<_, Box<dyn std::error::Error + Send + Sync>>(site)
    };
    let lists = [start(20)?, start(LIST)?];
    let sizes = [start(SIZES[0])?, start(SIZES[1])?];
    let (_, list) = lists[1].get("/openapi/v1/regions")?;
    let (floor, long_floor) = (floor(1024)?, floor(list.len())?);
    let servers = Servers { wrk: Wrk::new(&options.wrk)?, floor, long_floor, lists, sizes };
    let questions = questions(&servers)?;
    round(&servers, &questions, 1, &mut Life::default())?;
    let mut life = Life::default();
    for _ in 0..options.runs {
        round(&servers, &questions, options.seconds, &mut life)?;
    }
    life.memory = Memory::of(&servers.sizes[1].server)?.now;
    Ok(life)
}

fn questions(servers: &Servers) -> Outcome<Questions> {
    let site = &servers.lists[1];
    let viewer = json!({"name": "reader", "role": "viewer"});
    let viewer = text(&site.post("/cadastre/v1/tokens", &viewer)?["secret"])?;
    let (_, page) = site.get("/cadastre/v1/regions?limit=1")?;
    let region = &serde_json::from_str::<Value>(&page)?["items"][0];
    let (id, name) = (text(&region["id"])?, text(&region["name"])?);
    let by_id = format!("/cadastre/v1/regions/{id}");
    let copy =
        |site: &Site, path| Ok::<_, Box<dyn std::error::Error + Send + Sync>>(site.get(path)?.0);
    let list = "/openapi/v1/regions";
    Ok(Questions {
        viewer,
        region_copy: copy(site, &by_id)?,
        list_copies: [copy(&servers.lists[0], list)?, copy(site, list)?],
        by_id: site.url(&by_id),
        by_name: site.url(&format!("{list}/{name}")),
        pages: [middle(&servers.sizes[0])?, middle(&servers.sizes[1])?],
        open: team(&servers.sizes[1])?,
    })
}

fn text(value: &Value) -> Outcome<String> {
    Ok(value.as_str().ok_or_else(|| format!("{value} is no text"))?.to_owned())
}

/// Where a page of 100 begins that stands in the middle of the list; in a short one, at its start.
fn middle(site: &Site) -> Outcome<String> {
    let mut cursor = String::new();
    for _ in 0..5 {
        let (_, page) = site.get(&format!("/cadastre/v1/regions?limit=1000{cursor}"))?;
        let Some(next) = serde_json::from_str::<Value>(&page)?["next"].as_str().map(str::to_owned)
        else {
            break;
        };
        cursor = format!("&cursor={next}");
    }
    Ok(site.url(&format!("/cadastre/v1/regions?limit=100{cursor}")))
}

/// Opens regions for a new team, and answers where a page of them is.
fn team(site: &Site) -> Outcome<String> {
    let team = site.post("/openapi/v1/teams", &json!({"tenant_name": "measured"}))?;
    let id = text(&team["tenant_id"])?;
    let (_, page) = site.get(&format!("/cadastre/v1/regions?limit={OPENINGS}"))?;
    let regions = serde_json::from_str::<Value>(&page)?;
    for region in regions["items"].as_array().into_iter().flatten() {
        // Only what is enabled can be opened.
        let path = format!("/cadastre/v1/regions/{}", text(&region["id"])?);
        site.post_with(&format!("{path}/status"), "If-Match", "*", &json!({"status": "enabled"}))?;
        let body = json!({"region": region["name"]});
        site.post(&format!("/openapi/v1/teams/{id}/regions"), &body)?;
    }
    Ok(site.url(&format!("/openapi/v1/teams/{id}/regions?page=5&page_size=100")))
}

fn round(servers: &Servers, questions: &Questions, seconds: u32, life: &mut Life) -> Outcome {
    let Servers { wrk, floor, long_floor, lists, sizes: _ } = servers;
    let key = |token: &str| format!("Authorization: {token}");
    let admin = || vec![key(TOKEN)];
    let copy = |etag: &str| vec![key(TOKEN), format!("If-None-Match: {etag}")];
    let ask = |runs: &mut Runs, url: &str, headers: Vec<String>| -> Outcome {
        runs.add(&wrk.get_with(url, &headers, CONNECTIONS, seconds)?);
        Ok(())
    };
    ask(&mut life.floor, &floor.url("/"), admin())?;
    ask(&mut life.by_id, &questions.by_id, admin())?;
    ask(&mut life.by_name, &questions.by_name, vec![key(&questions.viewer)])?;
    ask(&mut life.same_region, &questions.by_id, copy(&questions.region_copy))?;
    for (place, site) in lists.iter().enumerate() {
        let headers = copy(&questions.list_copies[place]);
        ask(&mut life.same_lists[place], &site.regions(), headers)?;
    }
    ask(&mut life.long_floor, &long_floor.url("/"), admin())?;
    ask(&mut life.list, &lists[1].regions(), admin())?;
    for place in [0, 1] {
        ask(&mut life.pages[place], &questions.pages[place], admin())?;
    }
    ask(&mut life.open, &questions.open, admin())?;
    // Of another register: what is changed here must not disturb the copies above.
    let page = servers.sizes[0].get("/cadastre/v1/regions?limit=1")?.1;
    let id = text(&serde_json::from_str::<Value>(&page)?["items"][0]["id"])?;
    let url = servers.sizes[0].url(&format!("/cadastre/v1/regions/{id}"));
    life.changes.add(&wrk.patch(&url, r#"{"alias":"region @N@"}"#, 1, seconds)?);
    Ok(())
}
