//! Threads that may block, apart from those of the workers.

use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinHandle;

/// Threads of one purpose, so that work of another one cannot occupy them.
pub(crate) struct Threads(Option<Runtime>);

/// What threads are given of the processors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Priority {
    /// As much as event loops are.
    Normal,
    /// What event loops and other threads leave: for work of which one request can bring very much.
    Low,
}

/// How nice threads of a low priority are, from 0 to 19.
const LOW_NICENESS: i32 = 19;

impl Threads {
    /// At most so many threads, which have this name. They start when there is work for them.
    pub(crate) fn new(name: &'static str, most: usize, priority: Priority) -> Self {
        let mut builder = Builder::new_current_thread();
        builder.max_blocking_threads(most).thread_name(name);
        if priority == Priority::Low {
            builder.on_thread_start(lower_priority);
        }
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

/// Lowers the priority of this thread alone, as Linux does it.
fn lower_priority() {
    let thread = Some(rustix::thread::gettid());
    if let Err(error) = rustix::process::setpriority_process(thread, LOW_NICENESS) {
        log::debug!("a thread keeps its priority: {error}");
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
