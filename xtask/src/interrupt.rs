//! Notices Ctrl-C and SIGTERM.
//!
//! The signal is only noted. Whoever waits for something looks here now and then and returns an
//! error, so that everything on the way out is cleaned up by the usual drops.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};

use signal_hook::consts::{SIGINT, SIGTERM};

use crate::failure::Failure;

/// The number of the last signal, or 0.
static RECEIVED: LazyLock<Arc<AtomicUsize>> = LazyLock::new(Arc::default);

/// Starts to take note of signals instead of dying by them.
///
/// SIGHUP is left alone: catching it would defeat `nohup`.
pub fn watch() -> Result<(), Failure> {
    for (signal, number) in [(SIGINT, 2), (SIGTERM, 15)] {
        signal_hook::flag::register_usize(signal, Arc::clone(&RECEIVED), number)
            .map_err(Failure::cannot("watch for signals"))?;
    }
    Ok(())
}

/// The number of the signal that asked us to stop, if one did.
pub fn received() -> Option<u8> {
    u8::try_from(RECEIVED.load(Ordering::Relaxed)).ok().filter(|number| *number != 0)
}

/// An error if a signal asked us to stop.
pub fn check() -> Result<(), Failure> {
    received().map_or(Ok(()), |signal| Err(Failure::Interrupted(signal)))
}
