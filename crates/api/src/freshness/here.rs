//! Readers on one thread that ask together whether the regions in memory are fresh.

use std::cell::RefCell;
use std::sync::Arc;

use actix_web::rt;
use cadastre_storage::Store;
use tokio::sync::oneshot;

/// Whoever can tell whether the regions in its memory are fresh.
pub(super) trait Memory: 'static {
    /// Whether they are, now. Does not wait.
    fn is_fresh(&self) -> bool;
}

impl Memory for Store {
    fn is_fresh(&self) -> bool {
        self.regions_are_fresh()
    }
}

/// A reader, and what he reads.
struct Reader {
    memory: Arc<dyn Memory>,
    told: oneshot::Sender<bool>,
}

thread_local! {
    static READERS: RefCell<Vec<Reader>> = const { RefCell::new(Vec::new()) };
}

/// Whether what is in this memory is fresh; when nobody can tell, `false`. The question is put after
/// this call, when all who are ready to run on this thread have run, for those of them who ask, too.
pub(super) async fn is_fresh<M: Memory>(memory: &Arc<M>) -> bool {
    let (told, answer) = oneshot::channel();
    let memory: Arc<dyn Memory> = Arc::clone(memory) as _;
    let first = READERS.with_borrow_mut(|readers| {
        readers.push(Reader { memory, told });
        readers.len() == 1
    });
    if first {
        let guard = LetGo;
        rt::spawn(async move {
            ask();
            drop(guard);
        });
    }
    answer.await.unwrap_or(false)
}

/// Puts the question for those who wait.
fn ask() {
    let mut known: Option<(Arc<dyn Memory>, bool)> = None;
    for Reader { memory, told } in READERS.take() {
        let fresh = match &known {
            Some((asked, fresh)) if Arc::ptr_eq(asked, &memory) => *fresh,
            _ => memory.is_fresh(),
        };
        known = Some((memory, fresh));
        // Some have gone away.
        let _ = told.send(fresh);
    }
}

/// Lets those go who wait for a question that is never put.
struct LetGo;

impl Drop for LetGo {
    fn drop(&mut self) {
        // After the question, there is nobody; when the thread ends, there is nobody anyway.
        let _ = READERS.try_with(RefCell::take);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

    use actix_web::rt::System;
    use futures_util::FutureExt as _;
    use futures_util::future::join_all;

    use super::*;

    #[derive(Default)]
    struct Counting {
        asked: AtomicUsize,
        fresh: AtomicBool,
    }

    impl Memory for Counting {
        fn is_fresh(&self) -> bool {
            self.asked.fetch_add(1, Ordering::SeqCst);
            self.fresh.load(Ordering::SeqCst)
        }
    }

    #[test]
    fn readers_of_one_thread_share_a_question_and_later_ones_ask_again() {
        let memory = Arc::new(Counting::default());
        System::new().block_on(async {
            let told = join_all((0..64).map(|_| is_fresh(&memory))).await;
            assert!(!told.contains(&true));
            memory.fresh.store(true, Ordering::SeqCst);
            let told = join_all((0..64).map(|_| is_fresh(&memory))).await;
            assert!(!told.contains(&false));
        });
        assert_eq!(memory.asked.load(Ordering::SeqCst), 2);
    }

    #[test]
    fn each_memory_is_asked_for_itself() {
        let (fresh, stale) = (Arc::new(Counting::default()), Arc::new(Counting::default()));
        fresh.fresh.store(true, Ordering::SeqCst);
        System::new().block_on(async {
            let told = join_all([&fresh, &stale, &fresh, &fresh].map(is_fresh)).await;
            assert_eq!(told, [true, false, true, true]);
        });
    }

    #[test]
    fn a_question_that_is_never_put_lets_nobody_wait_for_ever() {
        let memory = Arc::new(Counting::default());
        memory.fresh.store(true, Ordering::SeqCst);
        System::new().block_on(async {
            // Asks, and leaves before anything else runs.
            assert_eq!(is_fresh(&memory).now_or_never(), None);
        });
        System::new().block_on(async { assert!(is_fresh(&memory).await) });
        assert_eq!(memory.asked.load(Ordering::SeqCst), 1);
    }
}
