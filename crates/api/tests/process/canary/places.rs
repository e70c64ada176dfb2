//! Where secrets are looked for beside the answers to the usual requests.

use std::fs;
use std::path::{Path, PathBuf};

use cadastre_testkit::{TestDatabase, dump};

use super::world::World;
use crate::support::{Ended, Place, Server};

/// What is there for everybody, and what is not there.
pub fn look_around(world: &mut World, server: &Server) {
    let secret = world.secrets.plant();
    let in_url = serde_urlencoded::to_string([("", &secret)]).unwrap();
    let in_url = &in_url[1..];
    for path in ["/", "/livez", "/readyz", "/metrics", "/v1/task/pull", "/openapi/native.json"] {
        for path in [path.to_owned(), format!("{path}?token={in_url}"), format!("{path}/{in_url}")]
        {
            for method in ["GET", "POST"] {
                let answer = world.send("wrong", method, &path, &[], "");
                let said = format!("{}\n{}", answer.head(), answer.text);
                world.said.push((format!("{method} {path}"), said.into_bytes()));
            }
        }
    }
    for line in [
        format!("GET http://user:{in_url}@127.0.0.1/openapi/v1/regions HTTP/1.1"),
        format!("GET /openapi/v1/regions?{in_url} HTTP/1.1\r\n{in_url}"),
        format!("GET /openapi/v1/regions#{in_url} HTTP/1.1"),
        format!("GET /openapi/v1/regions HTTP/{in_url}"),
        secret,
    ] {
        let raw = format!("{line}\r\nHost: x\r\nConnection: close\r\n\r\n");
        world.said.push((line, server.exchange(raw.as_bytes()).into_bytes()));
    }
}

/// All pages of the audit, as each of its readers is shown them.
pub fn read_audit(world: &mut World) {
    let mut all = String::new();
    for caller in ["platform", "admin"] {
        let mut path = "/cadastre/v1/audit?limit=1000".to_owned();
        loop {
            let answer = world.send(caller, "GET", &path, &[], "");
            all += &answer.text;
            let page = answer.json();
            assert!(!page["items"].as_array().unwrap().is_empty());
            let Some(next) = page["next"].as_str() else { break };
            path = format!("/cadastre/v1/audit?limit=1000&cursor={next}");
        }
    }
    for word in ["sign_in_failed", "refused", "\"fingerprint\":", "\"revealed\":[\"sk\"]"] {
        assert!(all.contains(word), "nothing of {word} in {all}");
    }
    world.said.push(("the audit".to_owned(), all.into_bytes()));
}

/// The files below this folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let below = |path: PathBuf| if path.is_dir() { files(&path) } else { vec![path] };
    entries.flat_map(below).collect()
}

/// What the database holds and what files there are, but for those that are there for secrets.
pub fn keep_what_is_stored(world: &mut World, database: &TestDatabase, place: &Place) {
    for row in dump::rows(database) {
        world.said.push(("the database".to_owned(), row.into_bytes()));
    }
    world.said.extend(dump::files(database));
    let own = [place.path("cadastre-data/admin-token"), place.master_key_file()];
    for file in files(&place.path(".")).into_iter().filter(|file| !own.contains(file)) {
        world.said.push((file.display().to_string(), fs::read(file).unwrap()));
    }
}

/// What a server printed and logged until its end. The first token is printed once and in the line
/// to be pasted, unless it was chosen.
pub fn keep_what_was_logged(world: &mut World, ended: Ended, first: &str, chosen: bool) {
    for text in [" TRACE ", " access: GET ", "a secret is lost: "] {
        assert!(ended.stderr.contains(text), "{}", ended.stderr);
    }
    assert_eq!(ended.stdout.matches(first).count(), if chosen { 0 } else { 2 });
    let printed = ended.stdout.replace(first, "");
    world.said.push(("what was printed".to_owned(), printed.into_bytes()));
    world.said.push(("the log".to_owned(), ended.stderr.into_bytes()));
}
