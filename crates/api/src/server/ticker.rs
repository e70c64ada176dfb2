//! What the register does by itself: it begins and ends windows of maintenance when their time has
//! come, also those whose time came while no server ran, and forgets first answers that are too old.

use std::time::{Duration, Instant};

use cadastre_domain::maintenance::SteadyClock;
use chrono::{DateTime, TimeDelta, Utc};

use crate::app::{App, Changed};
use crate::error::Error;
use crate::native::once::KEPT;
use crate::service::maintenance::run_due;

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
        app.write(move |tx| Ok(Changed::nothing(tx.forget_answers(now - KEPT)?))).await?;
        *forgotten = Some(now);
    }
    Ok(())
}
