//! How many connections the system lets the process have. A process that can open no more files
//! can neither accept nor reach its database, so the bound on connections must come first.

use crate::server::connections::beyond;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Files that are open beside connections of clients: databases, signals, event loops. Workers,
/// of which each has some of its own, are counted generously.
const OTHERS: u64 = 256;

/// Lets the process open as many files as this many connections need, and answers how many
/// connections there can be.
pub(super) fn make_room(connections: usize, workers: usize) -> usize {
    let beyond = beyond(workers);
    let limits = getrlimit(Resource::Nofile);
    let (soft, hard) = (limits.current.unwrap_or(u64::MAX), limits.maximum.unwrap_or(u64::MAX));
    let wanted = u64::try_from(connections.saturating_add(beyond)).unwrap_or(u64::MAX);
    let (mut files, mut possible) = plan(wanted.saturating_add(OTHERS), soft, hard);
    let raised = Rlimit { current: Some(files), maximum: limits.maximum };
    if files > soft && setrlimit(Resource::Nofile, raised).is_err() {
        log::warn!("the system allows {soft} open files, and no more could be had");
        (files, possible) = (soft, room(soft));
    }
    let possible = possible.saturating_sub(beyond).max(1);
    if possible < connections {
        log::warn!(
            "CADASTRE_MAX_CONNECTIONS is {connections}, but the system allows {files} open files: \
             there will be at most {possible} connections"
        );
    }
    possible.min(connections)
}

/// The files to be allowed, and the connections for which they are enough.
fn plan(wanted: u64, soft: u64, hard: u64) -> (u64, usize) {
    let files = soft.max(wanted.min(hard));
    (files, room(files))
}

/// The connections for which so many files are enough. Where there are very few, others have to
/// make do with half of them.
fn room(files: u64) -> usize {
    let others = OTHERS.min(files / 2);
    usize::try_from(files - others).unwrap_or(usize::MAX).max(1)
}

#[cfg(test)]
mod tests {
    use super::plan;

    #[test]
    fn as_many_files_are_allowed_as_are_wanted_and_may_be_had() {
        assert_eq!(plan(10_256, 1024, 524_288), (10_256, 10_000));
        assert_eq!(plan(10_256, 20_000, 524_288), (20_000, 19_744));
        assert_eq!(plan(10_256, 1024, 4096), (4096, 3840));
        assert_eq!(plan(10_256, 64, 64), (64, 32));
        assert_eq!(plan(u64::MAX, 1024, u64::MAX).0, u64::MAX);
    }
}
