//! Notices Ctrl-C and SIGTERM, so that long programs end by returning an error: only then are
//! servers stopped and folders removed by the usual drops.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock};

use signal_hook::consts::{SIGINT, SIGTERM};

static RECEIVED: LazyLock<Arc<AtomicBool>> = LazyLock::new(Arc::default);

/// From now on these signals are only noted.
///
/// # Errors
/// When the system refuses.
pub fn watch() -> io::Result<()> {
    for signal in [SIGINT, SIGTERM] {
        signal_hook::flag::register(signal, Arc::clone(&RECEIVED))?;
    }
    Ok(())
}

/// To be asked before each step.
///
/// # Errors
/// When a signal has asked us to stop.
pub fn check() -> io::Result<()> {
    if RECEIVED.load(Ordering::Relaxed) {
        return Err(io::Error::new(io::ErrorKind::Interrupted, "stopped by a signal"));
    }
    Ok(())
}
