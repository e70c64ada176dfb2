//! Results: how many agents can post them, and what keeping them for a month takes.

mod agents;
mod plan;

use std::io::Write as _;

use cadastre_testkit::raw;
use tempfile::NamedTempFile;

use crate::runs::Runs;
use crate::site::{Kind, Site};
use crate::wrk::Wrk;
use crate::{Options, Outcome};
pub use agents::{NODES, TASKS};
pub use plan::{Plan, measure as measure_plan};

/// How many connections post.
pub const CONNECTIONS: u32 = 64;
/// How long the posts before those that are measured last, in seconds: by then each series and its
/// tags are known.
const WARM_UP: u32 = 8;

/// The fields of a result, as an agent writes those of an HTTP dial; 900 bytes of them are not kept.
const FIELDS: &str = concat!(
    r#"config_vars="[]",message="@LONG@",response_body_size=11i,response_connection=161.796,"#,
    "response_dns=0,response_download=284.323,response_ssl=0,response_time=1848i,",
    r#"response_ttfb=1564.186,seq_number=1i,status_code=200i,success=1i,task="{\"url\":\"x\"}""#,
);

/// Measures posts, each of one result, of [`NODES`] nodes that dial [`TASKS`] tasks each. Whether
/// every result that was acknowledged is kept is checked at the end.
pub fn measure(options: &Options, kind: Kind) -> Outcome<Runs> {
    let site = Site::start(&options.server, kind)?;
    let mut file = NamedTempFile::new()?;
    for agent in agents::populate(&site.store()?)? {
        writeln!(file, "{}\t{}", agent.path, agent.tags)?;
    }
    file.flush()?;
    // Nodes were added without audit entries, so a server that runs may not know of them.
    let site = site.restart(&options.server)?;
    let (wrk, fields) = (Wrk::new(&options.wrk)?, FIELDS.replace("@LONG@", &"x".repeat(900)));
    let post = |seconds| wrk.post(&site.url("/"), CONNECTIONS, seconds, (file.path(), &fields));
    let mut acknowledged = post(WARM_UP)?.requests;
    let mut runs = Runs::default();
    for _ in 0..options.runs {
        let load = post(options.seconds)?;
        acknowledged += load.requests;
        runs.add(&load);
    }
    let count = "SELECT CAST(count(*) AS TEXT) AS value FROM result_points";
    let kept: u64 = raw::column(&site.database, count).concat().parse()?;
    if kept < acknowledged && runs.failures() == 0 {
        return Err(format!("{acknowledged} results were acknowledged, {kept} are kept").into());
    }
    Ok(runs)
}
