//! What becomes of what is on its way to webhooks when somebody does something else meanwhile.

use std::thread;

use chrono::TimeDelta;
use serde_json::json;

use crate::alarms_scene::{deliveries, replay, send};
use crate::alarms_sending::firing;
use crate::hooks::{Hook, Reply};

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
