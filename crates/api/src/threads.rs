//! Threads that may block, apart from those of the workers.

use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinHandle;

/// Threads of one purpose, so that work of another one cannot occupy them.
pub(crate) struct Threads(Option<Runtime>);

impl Threads {
    /// At most so many threads, which have this name. They start when there is work for them.
    pub(crate) fn new(name: &'static str, most: usize) -> Self {
        let mut builder = Builder::new_current_thread();
        builder.max_blocking_threads(most).thread_name(name);
        let log =
            |error: &std::io::Error| log::warn!("no threads of their own for {name}: {error}");
        Self(builder.build().inspect_err(log).ok())
    }

    /// Runs `work` when a thread is free. It runs to its end, also when its caller goes away.
    pub(crate) fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> JoinHandle<T> {
        match &self.0 {
            Some(runtime) => runtime.spawn_blocking(work),
            // The system refused it, or it is being dropped.
            None => tokio::task::spawn_blocking(work),
        }
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        // To wait for them is not allowed where nothing may block.
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}
