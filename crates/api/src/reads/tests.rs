use futures_util::FutureExt as _;

use super::*;

fn enterprise(number: u8) -> EnterpriseId {
    EnterpriseId::from_bytes([number; 16])
}

/// A turn, if there is one at once.
fn now(reads: &ListReads, class: ReadClass) -> Option<ListTurn> {
    reads.turn(class).now_or_never().and_then(Result::ok).flatten()
}

#[tokio::test]
async fn pages_of_one_enterprise_leave_a_turn_for_those_of_another() {
    let reads = ListReads::new(2);
    let page = |number| now(&reads, ReadClass::Page(enterprise(number)));
    let own = [page(1), page(1)];
    assert!(own.iter().all(Option::is_some) && page(1).is_none());
    let other = page(2);
    assert!(other.is_some() && page(3).is_none(), "all turns are taken");
    drop(own);
    assert!(page(3).is_some());
}

#[tokio::test]
async fn scans_of_one_enterprise_leave_turns_for_its_pages_and_for_scans_of_another() {
    let reads = ListReads::new(2);
    let scan = |number| now(&reads, ReadClass::Scan(enterprise(number)));
    let own = scan(1);
    assert!(own.is_some() && scan(1).is_none());
    assert!(now(&reads, ReadClass::Page(enterprise(1))).is_some());
    assert!(scan(2).is_some());
}

#[tokio::test]
async fn look_ups_need_no_turn() {
    let reads = ListReads::new(1);
    let _all = [1, 2].map(|number| now(&reads, ReadClass::Page(enterprise(number))));
    let look_up = reads.turn(ReadClass::LookUp).now_or_never();
    assert!(look_up.is_some_and(|turn| turn.is_ok_and(|turn| turn.is_none())));
}

#[tokio::test]
async fn one_more_than_may_wait_is_told_to_come_again_and_others_are_not() {
    let reads = ListReads::new(1);
    let class = ReadClass::Scan(enterprise(1));
    let taken = now(&reads, class);
    let mut waiting: Vec<_> = (0..MOST_WAITING).map(|_| Box::pin(reads.turn(class))).collect();
    assert!(taken.is_some() && waiting.iter_mut().all(|turn| turn.now_or_never().is_none()));
    let refused = reads.turn(class).await.err().expect("a refusal");
    assert_eq!((refused.status().as_u16(), refused.retry_after()), (429, Some(1)));
    // It was the other's turn next.
    let mut other = Box::pin(reads.turn(ReadClass::Page(enterprise(2))));
    assert!(other.as_mut().now_or_never().is_some());
}

#[tokio::test]
async fn a_turn_that_does_not_come_in_time_is_told_to_be_not_available() {
    let reads = ListReads { longest_wait: Duration::ZERO, ..ListReads::new(1) };
    let class = ReadClass::Page(enterprise(1));
    let _taken = now(&reads, class);
    let error = reads.turn(class).await.err().expect("a failure");
    assert_eq!((error.status().as_u16(), error.retry_after()), (503, Some(1)));
}

#[tokio::test]
async fn any_number_of_deliveries_waits_and_keeps_no_turn_from_others() {
    let reads = ListReads::new(2);
    let delivery = ReadClass::Delivery(enterprise(1));
    let own = [now(&reads, delivery), now(&reads, delivery)];
    assert!(own.iter().all(Option::is_some));
    let mut waiting: Vec<_> =
        (0..2 * MOST_WAITING).map(|_| Box::pin(reads.turn(delivery))).collect();
    assert!(waiting.iter_mut().all(|turn| turn.now_or_never().is_none()));
    assert!(now(&reads, ReadClass::Delivery(enterprise(2))).is_some());
    // A list of the same enterprise waits for those that have their turn, and not for all.
    let mut list = Box::pin(reads.turn(ReadClass::Page(enterprise(1))));
    assert!(list.as_mut().now_or_never().is_none());
    drop(own);
    assert!(list.now_or_never().is_some_and(|turn| turn.is_ok()));
    assert!(waiting.iter_mut().any(|turn| turn.now_or_never().is_some()));
}
