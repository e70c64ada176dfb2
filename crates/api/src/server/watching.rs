//! What the register does by itself about alarms: it judges what is known, tells of what changed,
//! and forgets what is too old. Apart from windows of maintenance, which must not wait for webhooks.

use std::time::Duration;

use cadastre_storage::Tx;
use chrono::{DateTime, TimeDelta, Utc};

use crate::app::{App, Changed, Writer};
use crate::error::Error;
use crate::service::alarms::judge::judge;
use crate::service::webhooks::sending::{self, Served};

/// After how many ticks everything is judged again.
const JUDGED: u32 = 3;

/// How often what is too old is forgotten.
const FORGOTTEN: TimeDelta = TimeDelta::hours(1);

/// For how long the history of alarms is kept.
const EVENTS_KEPT: TimeDelta = TimeDelta::days(400);

/// For how long deliveries are kept that were sent or given up.
const DELIVERIES_KEPT: TimeDelta = TimeDelta::days(30);

/// Judges again and again. Not at once: a server that starts has better things to do, and nodes that
/// waited for it pull first.
pub(super) async fn watch(app: App) {
    let (mut well, mut forgotten) = (true, app.clock.now());
    loop {
        tokio::time::sleep(app.ticks.saturating_mul(JUDGED)).await;
        let now = app.clock.now();
        let judged = judge(&app, now).await.map(drop);
        note(&mut well, "alarms are not judged", judged);
        if now - forgotten >= FORGOTTEN {
            forgotten = now;
            note(&mut well, "what is old of alarms is not forgotten", forget(&app, now).await);
        }
    }
}

/// Sends again and again what is on its way to webhooks.
pub(super) async fn send(app: App) {
    let (mut well, mut tidy, served) = (true, true, Served::default());
    loop {
        tokio::time::sleep(app.ticks.max(Duration::from_millis(1))).await;
        let now = app.clock.now();
        let late = sending::give_up(&app, now).await.map(drop);
        note(&mut tidy, "what is late for webhooks is not given up", late);
        let due = sending::due(&app, now).await;
        let sent = due.map(|due| due.into_iter().for_each(|webhook| served.serve(&app, webhook)));
        note(&mut well, "webhooks are not told of alarms", sent);
    }
}

/// Logs a failure once, not every few seconds: the database may be away for long.
fn note(well: &mut bool, what: &str, outcome: Result<(), Error>) {
    match outcome {
        Ok(()) => *well = true,
        Err(error) => {
            if *well {
                log::warn!("{what}: {error}");
            }
            *well = false;
        }
    }
}

async fn forget(app: &App, now: DateTime<Utc>) -> Result<(), Error> {
    let work = move |tx: &mut dyn Tx| {
        let deliveries = tx.forget_webhook_deliveries(now - DELIVERIES_KEPT)?;
        let events = tx.forget_alarm_events(now - EVENTS_KEPT)?;
        Ok(Changed::nothing(deliveries + events))
    };
    app.write(Writer::Register, work).await.map(drop)
}
