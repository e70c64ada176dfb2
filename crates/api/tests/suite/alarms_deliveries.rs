//! What becomes of what is on its way to webhooks when somebody does something else meanwhile.

use std::thread;
use std::time::Duration;

use cadastre_api::service::webhooks::sending::{due, serve};
use cadastre_domain::webhook::{GIVEN_UP_AFTER, LAST_TRY, Webhook};
use cadastre_testkit::raw::column;
use chrono::TimeDelta;
use futures_util::future::join_all;
use serde_json::json;

use crate::alarms_scene::{
    WEBHOOKS, add_node, add_webhook, deliveries, fire, judge, plant, replay, scenes, send,
};
use crate::alarms_sending::firing;
use crate::hooks::{Hook, Reply};
use crate::rainbond_fixture::Fixture;

/// Whether the webhook `{w}` is enabled from now on.
fn switch(fixture: &Fixture, on: bool) {
    let call = fixture.call("{KA}", &format!("PATCH {WEBHOOKS}/{{w}}"));
    let done = call.header("if-match", "*").json(&json!({"is_enabled": on})).send();
    assert_eq!(done.status(), 200, "{done:?}");
}

#[test]
fn one_that_is_disabled_is_told_nothing_and_what_is_on_its_way_waits() {
    let hook = Hook::start();
    for (mut fixture, _) in firing(&hook) {
        let before = hook.heard().len();
        switch(&fixture, false);
        assert_eq!(send(&fixture), 0);
        add_node(&mut fixture, "{KA}", "late");
        fire(&fixture, "{late}");
        assert_eq!(deliveries(&fixture, "{w}", "").len(), 1, "nothing new is on its way");
        switch(&fixture, true);
        assert_eq!((judge(&fixture), send(&fixture)), (0, 1));
        assert_eq!(hook.heard().len(), before + 1);
    }
}

#[test]
fn what_waits_for_one_that_is_disabled_is_given_up_at_its_time() {
    let hook = Hook::start();
    for (fixture, _) in firing(&hook) {
        let before = hook.heard().len();
        switch(&fixture, false);
        fixture.register.pass(GIVEN_UP_AFTER + LAST_TRY - TimeDelta::microseconds(1));
        send(&fixture);
        assert_eq!(deliveries(&fixture, "{w}", "?state=waiting").len(), 1);
        fixture.register.pass(TimeDelta::microseconds(1));
        send(&fixture);
        let dead = deliveries(&fixture, "{w}", "?state=dead").remove(0);
        let error = "not tried in time: the webhook was disabled, or no server was free to try it";
        assert_eq!((&dead["error"], &dead["attempts"]), (&json!(error), &json!(0)));
        assert_eq!(dead["ended_at"], json!(fixture.register.app.clock.now()));
        // It is not sent when that is over, but when somebody wants it to be.
        switch(&fixture, true);
        assert_eq!((send(&fixture), hook.heard().len()), (0, before));
        assert_eq!(replay(&fixture, "{w}", &dead).status(), 200);
        assert_eq!((send(&fixture), hook.heard().len()), (1, before + 1));
    }
}

#[test]
fn a_try_that_fails_late_does_not_undo_that_a_replay_was_taken() {
    let hook = Hook::start();
    for (fixture, _) in firing(&hook) {
        let before = hook.heard().len();
        hook.hold(true);
        hook.answer_next(Reply::Held(500));
        let fixture = &fixture;
        thread::scope(|scope| {
            let first = scope.spawn(|| send(fixture));
            hook.wait_for(before + 1);
            let waiting = deliveries(fixture, "{w}", "?state=waiting").remove(0);
            assert_eq!(replay(fixture, "{w}", &waiting).status(), 200);
            assert_eq!(send(fixture), 1);
            assert_eq!(deliveries(fixture, "{w}", "?state=sent").len(), 1);
            hook.hold(false);
            assert_eq!(first.join().unwrap(), 1);
        });
        let sent = deliveries(fixture, "{w}", "?state=sent");
        assert_eq!((sent.len(), &sent[0]["status"]), (1, &json!(204)), "{}", fixture.register.name);
        fixture.register.pass(TimeDelta::hours(2));
        assert_eq!(send(fixture), 0, "it is not sent once more");
        assert_eq!(hook.heard().len(), before + 2);
    }
}

/// Sends what is due to these webhooks; how many deliveries were tried.
fn serve_all(fixture: &Fixture, webhooks: &[Webhook]) -> usize {
    let app = &fixture.register.app;
    let served = join_all(webhooks.iter().map(|webhook| serve(app, webhook)));
    let served = actix_web::rt::System::new().block_on(served);
    served.into_iter().map(Result::unwrap).sum()
}

#[test]
fn an_enterprise_whose_webhooks_do_not_answer_holds_no_other_up() {
    for mut fixture in scenes() {
        let (dead, healthy) = (Hook::start(), Hook::start());
        dead.answer(Reply::Held(204));
        // More at once than there may be of all enterprises together.
        for webhook in 0..17 {
            let name = format!("w{webhook}");
            add_webhook(&mut fixture, "{KA}", &name, &dead.url("/"));
            for _ in 0..4 {
                plant(&mut fixture, "{E1}", &format!("{{{name}}}"), ["a", "d"]);
            }
        }
        add_webhook(&mut fixture, "{KO}", "other", &healthy.url("/"));
        plant(&mut fixture, "{E2}", "{other}", ["a", "d"]);
        let app = &fixture.register.app;
        let found = actix_web::rt::System::new().block_on(due(app, app.clock.now())).unwrap();
        let (slow, other): (Vec<_>, Vec<_>) =
            found.into_iter().partition(|webhook| webhook.enterprise_id == fixture.id("{E1}"));
        assert_eq!((slow.len(), other.len()), (17, 1));
        thread::scope(|scope| {
            let serving = scope.spawn(|| serve_all(&fixture, &slow));
            dead.wait_for(16);
            // So that all who can be are under way.
            thread::sleep(Duration::from_millis(300));
            assert_eq!(serve_all(&fixture, &other), 1);
            // None of the others has come to its end before.
            let failed = "SELECT error AS value FROM alarm_deliveries WHERE error IS NOT NULL";
            assert_eq!(column(&fixture.register.database, failed), [""; 0]);
            assert_eq!((healthy.heard().len(), serving.is_finished()), (1, false));
            dead.hold(false);
            assert_eq!(serving.join().unwrap(), 68);
        });
    }
}
