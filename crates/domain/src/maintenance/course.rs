//! The course of a window: what is due when, and what it does to the region.

use chrono::{DateTime, Utc};

use super::{Window, WindowState};
use crate::region::{Passage, RegionDetail, Status};

/// What is to be done about a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Step {
    /// Its time has come: the region goes into maintenance.
    Begin,
    /// Its time is over: the region comes back.
    Finish,
    /// Its time passed before anybody began it.
    Skip,
}

/// The windows about which something is to be done at `now`, in the order in which it must be.
///
/// One window may start where another ends. Then the first has to finish before the second begins,
/// or it would take the region away from it; so if a step cannot be done, no later step of the same
/// region may be.
#[must_use]
pub fn agenda(windows: &[Window], now: DateTime<Utc>) -> Vec<(&Window, Step)> {
    let mut due: Vec<_> =
        windows.iter().filter_map(|window| Some((window, window.due(now)?))).collect();
    due.sort_by_key(|(window, _)| (window.starts_at, window.id));
    due
}

impl Window {
    /// What is to be done about the window at `now`, if anything.
    #[must_use]
    pub fn due(&self, now: DateTime<Utc>) -> Option<Step> {
        match self.state {
            WindowState::Planned if now >= self.ends_at => Some(Step::Skip),
            WindowState::Planned if now >= self.starts_at => Some(Step::Begin),
            WindowState::Running if now >= self.ends_at => Some(Step::Finish),
            WindowState::Planned
            | WindowState::Running
            | WindowState::Ended
            | WindowState::Cancelled
            | WindowState::Skipped
            | WindowState::Stuck => None,
        }
    }

    /// The window after whatever is due at `now`, and the status that `region`, which is the one
    /// that it is for, is to take. When nothing is due, nothing changes, the version included.
    #[must_use]
    pub fn advance(self, region: &RegionDetail, now: DateTime<Utc>) -> (Self, Option<Status>) {
        match self.due(now) {
            Some(Step::Begin) => self.begin(region, now),
            Some(Step::Finish) => self.finish(region, now),
            Some(Step::Skip) => (self.skip(now), None),
            None => (self, None),
        }
    }

    /// The window after its start, and the status that the region is to take. Does nothing unless
    /// [`Step::Begin`] is due.
    ///
    /// A region that somebody has put into maintenance already stays there, and comes back at the
    /// end of the window. One that has no business in maintenance is left alone.
    #[must_use]
    pub fn begin(self, region: &RegionDetail, now: DateTime<Utc>) -> (Self, Option<Status>) {
        if self.due(now) != Some(Step::Begin) {
            return (self, None);
        }
        let status = region.region.status;
        match status.passage(Status::Maintenance) {
            Ok(Passage::Same) => {
                let note = "the region was in maintenance already at the start";
                (self.becomes(WindowState::Running, note, now), None)
            }
            Ok(Passage::Free | Passage::IfReady) => {
                (self.becomes(WindowState::Running, "", now), Some(Status::Maintenance))
            }
            Err(_) => {
                let note = format!("the region was {status} at the start, not enabled");
                (self.becomes(WindowState::Skipped, &note, now), None)
            }
        }
    }

    /// The window after its end, and the status that the region is to take. Does nothing unless
    /// [`Step::Finish`] is due.
    #[must_use]
    pub fn finish(self, region: &RegionDetail, now: DateTime<Utc>) -> (Self, Option<Status>) {
        if self.due(now) == Some(Step::Finish) {
            self.bring_back(region, now)
        } else {
            (self, None)
        }
    }

    /// The window after its time has passed unused. Does nothing unless [`Step::Skip`] is due.
    #[must_use]
    pub fn skip(self, now: DateTime<Utc>) -> Self {
        if self.due(now) == Some(Step::Skip) {
            let note = "its time passed before a server could begin it";
            self.becomes(WindowState::Skipped, note, now)
        } else {
            self
        }
    }

    /// Ends a running window now.
    pub(super) fn bring_back(
        self,
        region: &RegionDetail,
        now: DateTime<Utc>,
    ) -> (Self, Option<Status>) {
        let status = region.region.status;
        if status != Status::Maintenance {
            let note = format!("the region had left maintenance before and was {status}");
            return (self.becomes(WindowState::Ended, &note, now), None);
        }
        let faults = region.credentials.faults(now);
        if faults.is_empty() {
            let note = "the region was enabled again";
            return (self.becomes(WindowState::Ended, note, now), Some(Status::Enabled));
        }
        let faults: Vec<_> = faults.iter().map(ToString::to_string).collect();
        let note =
            format!("the region is not ready and was left in maintenance: {}", faults.join("; "));
        (self.becomes(WindowState::Stuck, &note, now), None)
    }

    pub(super) fn becomes(mut self, state: WindowState, note: &str, now: DateTime<Utc>) -> Self {
        self.state = state;
        note.clone_into(&mut self.note);
        self.touched(now)
    }

    pub(super) const fn touched(mut self, now: DateTime<Utc>) -> Self {
        self.updated_at = now;
        self.version += 1;
        self
    }
}
