//! What is forgotten after a month is no news any more.

use actix_web::rt::System;
use cadastre_api::service::nodes::forgetting;
use cadastre_api::service::pulls::{Cursor, has_news};
use serde_json::json;

use crate::agent_fixture::{Agent, Site, pass};
use crate::support::{Register, registers};

fn forget(register: &Register) {
    let (app, now) = (register.app.clone(), register.app.clock.now());
    System::new().block_on(async move { forgetting::forget(&app, now).await }).unwrap();
}

/// Whether a pull with this cursor reads the database.
fn is_read_for(register: &Register, agent: &Agent, since: i64) -> bool {
    let id = agent.node.parse().unwrap();
    let node = register.app.store.regions().nodes().find(&id).cloned().unwrap();
    has_news(&register.app, &node, Cursor { since, variable_since: 0 })
}

#[test]
fn nothing_is_read_for_an_agent_that_knows_all_but_what_is_forgotten() {
    for register in registers() {
        let site = Site::new(&register);
        let agent = site.node("one");
        site.task("first", &[&agent]);
        let gone = site.task("second", &[&agent]);
        pass(&register, 1);
        site.dialing("POST", "/dialing_task/delete", &json!({"taskUUIDs": [gone]}));
        let (found, last) = agent.pull(&register, 0);
        assert_eq!(found.len(), 2);
        pass(&register, 31 * 24 * 60 * 60);
        forget(&register);
        // Also by a server that did not forget it, and by one that starts.
        for register in [&register, &register.beside()] {
            let (found, since) = agent.pull(register, 0);
            assert_eq!(found.len(), 1, "it started anew");
            assert!(since < last && is_read_for(register, &agent, since - 1));
            assert_eq!(agent.names(register, since), [""; 0]);
            assert!(!is_read_for(register, &agent, since), "{}", register.name);
            assert!(is_read_for(register, &agent, since - 1));
            assert!(!site.shown(&agent)["cursor"]["ahead"].as_bool().unwrap());
        }
        site.task("third", &[&agent]);
        assert_eq!(agent.names(&register, last), ["third ok"]);
    }
}
