//! Replacing a dial task while somebody else writes.

use std::sync::Mutex;
use std::sync::mpsc::{Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use cadastre_api::app::Writer;
use cadastre_api::auth::Session;
use cadastre_api::error::Error;
use cadastre_api::service::tasks::{Submission, add, modify};
use cadastre_domain::audit::{Actor, Origin};
use cadastre_domain::task::{DialTask, Task, TaskClass};
use cadastre_domain::token::id_in;
use cadastre_storage::Tx;
use cadastre_testkit::sample::text;
use serde_json::{Value, json};

use crate::dialing_fixture::{Desk, TASKS, desks, http};
use crate::support::LIMIT;

/// Lets nobody else write until it is told to, then does `work`; whether it was told in time.
fn write_slowly(
    desk: &Desk,
    work: impl Fn(&mut dyn Tx) -> Result<(), Error> + Send + 'static,
) -> (Sender<()>, JoinHandle<bool>) {
    let (begun, begins) = channel();
    let (end, ends) = channel();
    let (app, ends) = (desk.register.app.clone(), Mutex::new(ends));
    let writer = thread::spawn(move || {
        let slow = app.store.write(move |tx| {
            begun.send(()).unwrap();
            let in_time = ends.lock().unwrap().recv_timeout(LIMIT).is_ok();
            work(tx).map(|()| in_time)
        });
        slow.unwrap()
    });
    begins.recv().unwrap();
    (end, writer)
}

/// The admin of the desk, as services know him.
fn session(desk: &Desk) -> Session {
    let token = id_in(&desk.admin).unwrap();
    let caller = desk.read(|tx| Ok(tx.find_token(token)?)).unwrap().caller;
    let actor = Actor {
        origin: Origin::Command,
        operation: "modify_dial_task",
        token_id: Some(token),
        user_id: Some(caller.user_id),
        enterprise_id: Some(caller.enterprise_id),
    };
    Session { caller, actor, writer: Writer::Register }
}

#[test]
fn what_is_wrong_with_a_task_is_found_without_keeping_others_from_writing() {
    for desk in desks() {
        let (task, session) = (text(&desk.task("t", &[])), session(&desk));
        let mut sent = http("t", &[])["task"].clone();
        sent["success_when"] = json!([{"body": [{"match_regex": "(["}]}]);
        let nodes = vec![text("reg_cg2britepb7e977fpm80")];
        let (class, sent) = (Some(TaskClass::Http), Some(sent.into()));
        let submission = Submission { class, nodes, task: sent, ..Submission::default() };
        let (end, writer) = write_slowly(&desk, |_| Ok(()));
        let app = desk.register.app.clone();
        let refused = actix_web::rt::System::new().block_on(async move {
            let modified = modify(&app, &session, task, submission.clone()).await;
            [modified, add(&app, &session, submission).await].map(Result::unwrap_err)
        });
        // The writer has gone if it waited for too long.
        let _ = end.send(());
        assert!(writer.join().unwrap(), "{}: it had to wait", desk.register.name);
        for refused in refused {
            let Error::Fields(faults) = refused else { panic!("{refused:?}") };
            assert_eq!(faults.len(), 2, "{faults:?}");
        }
    }
}

#[test]
fn a_secret_that_changes_meanwhile_is_not_undone_by_its_mask() {
    for desk in desks() {
        let secure = |value: &str| {
            let mut body = http("t", &[]);
            body["task"]["config_vars"] = json!([{"name": "key", "value": value, "secure": true}]);
            body
        };
        let added = desk.done(&format!("POST {TASKS}/add"), &secure("first"));
        let uuid = added["uuid"].as_str().unwrap();
        let id = text(uuid);
        let (end, writer) = write_slowly(&desk, move |tx| {
            let before = tx.find_task(id)?.unwrap();
            let dial = DialTask::parse(TaskClass::Http, secure("second")["task"].clone()).unwrap();
            assert!(tx.save_task(&Task { dial, version: before.version + 1, ..before })?);
            Ok(())
        });
        let row: Value = thread::scope(|scope| {
            let (desk, path) = (&desk, format!("POST {TASKS}/{uuid}/modify"));
            let mut masked = secure("***");
            masked["task"]["name"] = json!("renamed");
            let change = scope.spawn(move || desk.done(&path, &masked));
            // Long enough for it to be read and to wait for the writer.
            thread::sleep(Duration::from_millis(500));
            end.send(()).unwrap();
            change.join().unwrap()
        });
        assert!(writer.join().unwrap());
        assert_eq!(row["task"]["name"], "renamed", "{}", desk.register.name);
        assert_eq!(row["task"]["config_vars"][0]["value"], "second", "{}", desk.register.name);
    }
}
