//! Judging again and again, and leaving a sign of it: nodes that nobody could hear are not taken for
//! silent.

use cadastre_domain::node::{Listening, Span};
use cadastre_storage::Tx;
use chrono::{DateTime, TimeDelta, Utc};

use super::evaluation::evaluate;
use crate::app::{App, Changed, Writer};
use crate::error::Error;

/// For how long it is kept when nodes could be heard: for much longer than any may be silent.
const KEPT: TimeDelta = TimeDelta::days(7);

/// Judges everything once; how many alarms changed.
///
/// # Errors
/// Those of [`evaluate`].
pub async fn judge(app: &App, now: DateTime<Utc>) -> Result<usize, Error> {
    let listening = listen(app, now).await?;
    evaluate(app, listening, now).await
}

/// Leaves the sign that at `now` a server runs and reaches the database; when that was so until now.
async fn listen(app: &App, now: DateTime<Utc>) -> Result<Listening, Error> {
    // No audit entry tells of it: nobody did anything.
    let work = move |tx: &mut dyn Tx| {
        let mut spans = tx.listening()?;
        let last = spans.last().copied();
        let span = Span::at(last, now);
        if last.is_some_and(|last| last.since == span.since) {
            spans.pop();
        } else {
            tx.forget_listening(now - KEPT)?;
        }
        tx.save_listening(span)?;
        spans.push(span);
        Ok(Changed::nothing(Listening::new(spans)))
    };
    app.write(Writer::Register, work).await
}
