//! What the register does by itself: it begins and ends windows of maintenance when their time has
//! come, also those whose time came while no server ran, rolls results up and forgets those that need
//! not be kept, and forgets what is too old: first answers, tombstones of dial tasks, keys of deleted nodes.

use std::time::{Duration, Instant};

use cadastre_domain::maintenance::SteadyClock;
use chrono::{DateTime, TimeDelta, Utc};

use crate::app::{App, Changed, Writer};
use crate::error::Error;
use crate::native::once::KEPT;
use crate::service::maintenance::run_due;
use crate::service::nodes::forgetting;
use crate::service::results::{forget, roll_up};

/// How often first answers that are too old are forgotten.
const FORGOTTEN: TimeDelta = TimeDelta::hours(1);

/// Tells the time, which does not jump when that of the machine does.
struct Watch {
    clock: SteadyClock,
    start: Instant,
}

impl Watch {
    fn start(app: &App) -> Self {
        Self { clock: SteadyClock::new(app.clock.now(), Duration::ZERO), start: Instant::now() }
    }

    fn now(&mut self, app: &App) -> DateTime<Utc> {
        self.clock.read(app.clock.now(), self.start.elapsed())
    }
}

/// Looks at once, and then again and again.
pub(super) async fn run(app: App) {
    let (mut watch, mut well, mut forgotten) = (Watch::start(&app), true, None);
    loop {
        let now = watch.now(&app);
        match round(&app, now, &mut forgotten).await {
            Ok(()) => well = true,
            // Told once, not every few seconds: the database may be away for long.
            Err(error) if well => {
                log::warn!("windows of maintenance wait: {error}");
                well = false;
            }
            Err(_) => {}
        }
        tokio::time::sleep(app.ticks).await;
        // Not in the first round: a server that starts has better things to write.
        forgotten.get_or_insert(now - FORGOTTEN);
    }
}

async fn round(
    app: &App,
    now: DateTime<Utc>,
    forgotten: &mut Option<DateTime<Utc>>,
) -> Result<(), Error> {
    let done = run_due(app, now).await?;
    if done > 0 {
        log::info!("{done} windows of maintenance began or ended");
    }
    if forgotten.is_some_and(|last| now - last >= FORGOTTEN) {
        app.write(Writer::Register, move |tx| Ok(Changed::nothing(tx.forget_answers(now - KEPT)?)))
            .await?;
        forgetting::forget(app, now).await?;
        *forgotten = Some(now);
    }
    Ok(())
}

/// How long points are collected before they are rolled up. The longer, the more points there are of
/// each series, and the fewer rows are written for each.
const ROLLED_UP: Duration = Duration::from_secs(30);

/// How long others write undisturbed before more is done of what could not be done at one go.
const BREATH: Duration = Duration::from_millis(100);

/// Rolls results up and forgets them, again and again, beside everything else. As long as there is
/// more to do than at one go, it goes on: or it would fall behind for ever.
pub(super) async fn tend_results(app: App) {
    let (mut watch, mut well, mut is_all) = (Watch::start(&app), true, true);
    loop {
        let usual = app.ticks.max(ROLLED_UP.min(app.ticks * 6));
        let pause = if is_all { usual } else { BREATH };
        tokio::time::sleep(pause).await;
        match results_round(&app, watch.now(&app)).await {
            Ok(all) => (well, is_all) = (true, all),
            Err(error) => {
                if well {
                    log::warn!("results wait to be rolled up: {error}");
                }
                (well, is_all) = (false, true);
            }
        }
    }
}

/// Does a part of what there is to do; whether it was all.
async fn results_round(app: &App, now: DateTime<Utc>) -> Result<bool, Error> {
    let (rolled_up, forgotten) = (roll_up(app, now).await?, forget(app, now).await?);
    if rolled_up.count + forgotten.count > 0 {
        log::debug!("{} results were rolled up, {} forgotten", rolled_up.count, forgotten.count);
    }
    Ok(rolled_up.is_all && forgotten.is_all)
}
