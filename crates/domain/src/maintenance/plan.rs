//! What people decide about a window: to plan it, to move its end, to call it off.

use chrono::{DateTime, Months, TimeDelta, Utc};

use super::{Edge, Window, WindowOwner, WindowReason, WindowRefusal, WindowState};
use crate::id::WindowId;
use crate::region::{Region, RegionDetail, Status};

/// The longest time that a window lasts.
pub const LONGEST: TimeDelta = TimeDelta::days(30);

/// How many years ahead a window may lie.
pub const YEARS_AHEAD: u32 = 5;

/// How long ago the start may be and still be taken for now: whoever asks for a window that starts
/// at once needs some time to ask, and his clock may be a little behind.
pub const START_GRACE: TimeDelta = TimeDelta::seconds(60);

/// What is said about a window when it is planned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WindowDraft {
    /// From when on.
    pub starts_at: DateTime<Utc>,
    /// Until when.
    pub ends_at: DateTime<Utc>,
    /// Who answers for it.
    pub owner: WindowOwner,
    /// What it is for.
    pub reason: WindowReason,
}

impl WindowDraft {
    /// The window of this draft for `region`. Times are kept in whole microseconds, and a start
    /// that has only just passed becomes `now`.
    ///
    /// Of `others`, the open windows of the same region count; it does no harm if there are more.
    ///
    /// # Errors
    /// The first reason against it, in the order in which [`WindowRefusal`] lists them for the
    /// start, then for the end.
    pub fn plan(
        self,
        id: WindowId,
        region: &Region,
        others: &[Window],
        now: DateTime<Utc>,
    ) -> Result<Window, WindowRefusal> {
        let (starts_at, ends_at) = (whole(self.starts_at), whole(self.ends_at));
        let window = Window {
            id,
            region_id: region.id,
            enterprise_id: region.enterprise_id,
            starts_at: start(starts_at, ends_at, now)?,
            ends_at,
            owner: self.owner,
            reason: self.reason,
            state: WindowState::Planned,
            note: String::new(),
            created_at: now,
            updated_at: now,
            version: 1,
        };
        window.end_is_fine(now)?;
        window.keeps_clear_of(others)?;
        Ok(window)
    }
}

impl Window {
    /// The window with another end, later or earlier. Planned and running ones can be extended or
    /// shortened in this way, as long as the new end is still to come.
    ///
    /// # Errors
    /// When the window is over, or could not be planned with this end either.
    pub fn extend(
        mut self,
        ends_at: DateTime<Utc>,
        others: &[Self],
        now: DateTime<Utc>,
    ) -> Result<Self, WindowRefusal> {
        if !self.state.is_open() {
            return Err(WindowRefusal::Closed(self.state));
        }
        self.ends_at = whole(ends_at);
        self.end_is_fine(now)?;
        self.keeps_clear_of(others)?;
        Ok(self.touched(now))
    }

    /// The window after it was called off, and the status that `region`, which is the one that it
    /// is for, is to take.
    ///
    /// One that is planned is cancelled. One that is running ends now instead of later: the region
    /// comes back under the same rules as at a regular end, and may get stuck.
    ///
    /// # Errors
    /// When the window is over.
    pub fn cancel(
        mut self,
        region: &RegionDetail,
        now: DateTime<Utc>,
    ) -> Result<(Self, Option<Status>), WindowRefusal> {
        match self.state {
            WindowState::Planned => Ok((self.becomes(WindowState::Cancelled, "", now), None)),
            WindowState::Running => {
                if self.starts_at < now && now < self.ends_at {
                    self.ends_at = now;
                }
                let (mut window, status) = self.bring_back(region, now);
                window.note.insert_str(0, "ended early by cancellation; ");
                Ok((window, status))
            }
            closed => Err(WindowRefusal::Closed(closed)),
        }
    }

    fn end_is_fine(&self, now: DateTime<Utc>) -> Result<(), WindowRefusal> {
        let (starts_at, ends_at) = (self.starts_at, self.ends_at);
        if ends_at <= now {
            return Err(WindowRefusal::Past { edge: Edge::End, at: ends_at, now });
        }
        if ends_at <= starts_at {
            return Err(WindowRefusal::NotAfterStart { starts_at, ends_at });
        }
        near_enough(Edge::End, ends_at, now)?;
        if ends_at - starts_at > LONGEST {
            return Err(WindowRefusal::TooLong { latest: starts_at + LONGEST });
        }
        Ok(())
    }

    /// Windows reach up to their end, but do not include it, so one may start where another ends.
    fn keeps_clear_of(&self, others: &[Self]) -> Result<(), WindowRefusal> {
        let mut rivals = others.iter().filter(|other| {
            other.id != self.id && other.region_id == self.region_id && other.state.is_open()
        });
        let overlap =
            rivals.find(|other| other.starts_at < self.ends_at && self.starts_at < other.ends_at);
        overlap.map_or(Ok(()), |other| {
            let Self { id, starts_at, ends_at, .. } = *other;
            Err(WindowRefusal::Overlap { id, starts_at, ends_at })
        })
    }
}

/// The start that a window gets, which is never before `now`.
fn start(
    starts_at: DateTime<Utc>,
    ends_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<DateTime<Utc>, WindowRefusal> {
    if ends_at <= starts_at {
        return Err(WindowRefusal::NotAfterStart { starts_at, ends_at });
    }
    if now - starts_at > START_GRACE {
        return Err(WindowRefusal::Past { edge: Edge::Start, at: starts_at, now });
    }
    near_enough(Edge::Start, starts_at, now)?;
    Ok(starts_at.max(now))
}

fn near_enough(edge: Edge, at: DateTime<Utc>, now: DateTime<Utc>) -> Result<(), WindowRefusal> {
    match now.checked_add_months(Months::new(12 * YEARS_AHEAD)) {
        Some(latest) if at > latest => Err(WindowRefusal::TooFar { edge, at, latest }),
        _ => Ok(()),
    }
}

/// The time in whole microseconds, as databases keep it; a leap second becomes the next one.
fn whole(time: DateTime<Utc>) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(time.timestamp_micros()).unwrap_or(time)
}
