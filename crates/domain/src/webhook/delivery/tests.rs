//! When deliveries are tried, and when they are given up.

use proptest::prelude::*;

use super::*;
use crate::sample::NOW;

fn new() -> WebhookDelivery {
    let (id, webhook, event) = ([1; 16], [2; 16], [3; 16]);
    WebhookDelivery::new(
        WebhookDeliveryId::from_bytes(id),
        WebhookId::from_bytes(webhook),
        AlarmEventId::from_bytes(event),
        NOW,
    )
}

/// A try at `now` that fails.
fn fail(delivery: WebhookDelivery, chance: u32, now: DateTime<Utc>) -> WebhookDelivery {
    delivery.claimed(now).failed(Some(500), "no".to_owned(), chance, now)
}

#[test]
fn the_delay_doubles_from_half_to_all_of_it_up_to_an_hour() {
    let seconds = |attempts, chance| delay(attempts, chance).num_seconds();
    for (attempts, all) in [
        (0, 10),
        (1, 10),
        (2, 20),
        (3, 40),
        (4, 80),
        (9, 2560),
        (10, 3600),
        (50, 3600),
        (i32::MAX, 3600),
    ] {
        assert_eq!(
            (seconds(attempts, 0), seconds(attempts, u32::MAX)),
            (all / 2, all),
            "{attempts}"
        );
    }
}

#[test]
fn a_delivery_that_fails_is_tried_for_a_day_and_then_given_up() {
    let (mut delivery, mut tries) = (new(), 0);
    while delivery.state == DeliveryState::Waiting {
        let now = delivery.next_at;
        assert!(delivery.is_due(now) && !delivery.is_due(now - TimeDelta::microseconds(1)));
        delivery = fail(delivery, u32::MAX, now);
        tries += 1;
    }
    assert_eq!((delivery.state, delivery.attempts), (DeliveryState::Dead, tries));
    assert_eq!(delivery.next_at, NOW + GIVEN_UP_AFTER, "the last try is at the very end");
    assert!((30..40).contains(&tries), "{tries}");
    assert!(!delivery.is_due(NOW + TimeDelta::days(9)));
    assert_eq!((delivery.status, delivery.error.as_deref()), (Some(500), Some("no")));
}

#[test]
fn each_change_of_a_delivery_counts_as_one() {
    let over = NOW + GIVEN_UP_AFTER;
    for (changed, what) in [
        (new().claimed(NOW), "claimed"),
        (new().taken(200, NOW), "taken"),
        (new().failed(None, "no".to_owned(), 0, NOW), "failed"),
        (new().failed(None, "no".to_owned(), 0, over), "failed for the last time"),
        (new().given_up("no".to_owned(), NOW), "given up"),
        (new().replayed(NOW), "replayed"),
    ] {
        assert_eq!((new().version, changed.version), (1, 2), "{what}");
    }
}

#[test]
fn a_claim_keeps_others_away_for_its_lease() {
    let claimed = new().claimed(NOW);
    assert_eq!((claimed.attempts, claimed.state), (1, DeliveryState::Waiting));
    assert!(!claimed.is_due(NOW + LEASE - TimeDelta::microseconds(1)));
    assert!(claimed.is_due(NOW + LEASE));
}

#[test]
fn what_is_taken_is_sent_and_never_due() {
    let failed = fail(new(), 0, NOW);
    let taken = failed.claimed(NOW).taken(204, NOW);
    assert_eq!(
        (taken.state, taken.status, taken.error.clone()),
        (DeliveryState::Sent, Some(204), None)
    );
    assert!(!taken.is_due(NOW + TimeDelta::days(9)));
}

#[test]
fn a_replay_begins_anew_but_one_that_waits_gets_no_more_time() {
    let later = NOW + TimeDelta::hours(20);
    let dead = WebhookDelivery { state: DeliveryState::Dead, attempts: 30, ..new() };
    let sent = new().claimed(NOW).taken(200, NOW);
    for ended in [dead, sent] {
        let again = ended.replayed(later);
        assert_eq!((again.state, again.attempts), (DeliveryState::Waiting, 0));
        assert_eq!((again.next_at, again.gives_up_at), (later, later + GIVEN_UP_AFTER));
    }
    let waiting = fail(new(), 0, NOW).replayed(later);
    assert!(waiting.is_due(later));
    assert_eq!(waiting.gives_up_at, NOW + GIVEN_UP_AFTER);
}

proptest! {
    #[test]
    fn the_next_try_is_never_in_the_past_or_behind_the_end(chance: u32, attempts in 0..100, hours in 0_i64..24) {
        let now = NOW + TimeDelta::hours(hours);
        let failed = fail(WebhookDelivery { attempts, ..new() }, chance, now);
        prop_assert!(failed.next_at > now && failed.next_at <= failed.gives_up_at);
    }
}
