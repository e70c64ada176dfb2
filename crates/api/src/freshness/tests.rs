use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use actix_web::rt::System;

use super::*;

/// A question that counts, and that waits while the gate is shut.
fn counting(
    asked: &Arc<AtomicUsize>,
    gate: &Arc<Mutex<()>>,
) -> impl Fn() -> Outcome + Send + use<> {
    let (asked, gate) = (Arc::clone(asked), Arc::clone(gate));
    move || {
        asked.fetch_add(1, Ordering::SeqCst);
        drop(gate.lock());
        Ok(())
    }
}

#[test]
fn readers_that_come_together_share_few_questions() {
    let (freshness, asked) = (Arc::new(Freshness::default()), Arc::new(AtomicUsize::new(0)));
    let gate = Arc::new(Mutex::new(()));
    let shut = gate.lock().expect("a gate");
    System::new().block_on(async {
        let readers = (0..64).map(|_| freshness.wait(counting(&asked, &gate)));
        let readers = futures_util::future::join_all(readers);
        // All have come before the gate opens: futures are begun in this order.
        let (outcomes, ()) = futures_util::future::join(readers, async move { drop(shut) }).await;
        assert!(outcomes.iter().all(Result::is_ok));
    });
    // The first, and the one for whoever came while it was put.
    assert!((1..=2).contains(&asked.load(Ordering::SeqCst)), "{asked:?}");
}

#[test]
fn a_question_that_was_put_before_a_reader_came_is_not_enough_for_him() {
    let (freshness, asked) = (Arc::new(Freshness::default()), Arc::new(AtomicUsize::new(0)));
    let gate = Arc::new(Mutex::new(()));
    let shut = gate.lock().expect("a gate");
    System::new().block_on(async {
        let early = freshness.wait(counting(&asked, &gate));
        let late = async {
            while asked.load(Ordering::SeqCst) == 0 {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            let late = freshness.wait(counting(&asked, &gate));
            // The reader comes before the gate opens.
            let (outcome, ()) = futures_util::future::join(late, async move { drop(shut) }).await;
            outcome
        };
        let (early, late) = futures_util::future::join(early, late).await;
        assert!(early.is_ok() && late.is_ok());
    });
    assert_eq!(asked.load(Ordering::SeqCst), 2);
}

#[test]
fn readers_are_told_when_the_database_does_not_answer_and_the_next_one_asks_anew() {
    let (freshness, asked) = (Arc::new(Freshness::default()), Arc::new(AtomicUsize::new(0)));
    // Whoever asks may still be there when the next reader comes.
    let ask = || {
        let asked = Arc::clone(&asked);
        move || match asked.fetch_add(1, Ordering::SeqCst) {
            0 => Err(StorageError::Unavailable("gone".into())),
            1 => panic!("a fault"),
            _ => Ok(()),
        }
    };
    System::new().block_on(async {
        assert!(matches!(freshness.wait(ask()).await, Err(StorageError::Unavailable(_))));
        assert!(matches!(freshness.wait(ask()).await, Err(StorageError::Panicked)));
        assert!(freshness.wait(ask()).await.is_ok());
    });
}

#[test]
fn a_question_that_is_never_put_lets_nobody_wait_for_ever() {
    let freshness = Arc::new(Freshness::default());
    let (reader, mut told) = oneshot::channel();
    assert!(freshness.join(reader));
    drop(Driver { freshness: Arc::clone(&freshness), done: false });
    assert!(matches!(told.try_recv(), Err(oneshot::error::TryRecvError::Closed)));
    let (reader, _told) = oneshot::channel();
    assert!(freshness.join(reader));
}
