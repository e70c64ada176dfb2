//! Webhooks, their secrets, and what is on its way to them.

use cadastre_domain::secret::Secret;
use cadastre_domain::webhook::{DeliveryState, LAST_TRY, LEASE, Webhook, WebhookDelivery};
use cadastre_storage::{Store, WebhookDeliveryFilter, WebhookFilter};
use cadastre_testkit::dump;
use cadastre_testkit::sample::{self, hex, text};
use chrono::{DateTime, TimeDelta, Utc};

use crate::support::{enterprise, on_both_seeded};

fn insert(store: &Store, number: u64) -> Webhook {
    let webhook = Webhook { id: hex(number), ..sample::webhook() };
    let new = webhook.clone();
    store.write(move |tx| tx.insert_webhook(&new, &sample::webhook_secret())).unwrap();
    webhook
}

fn save(store: &Store, webhook: &Webhook, secret: Option<&str>) -> bool {
    let (webhook, secret) = (webhook.clone(), secret.map(|text| Secret::from(text.to_owned())));
    store.write(move |tx| tx.save_webhook(&webhook, secret.as_ref())).unwrap()
}

fn secret(store: &Store, number: u64) -> Option<String> {
    let found = store.read(|tx| tx.webhook_secret(hex(number))).unwrap();
    found.map(|secret| secret.reveal().to_owned())
}

#[test]
fn a_webhook_reads_back_as_it_was_kept_and_its_secret_is_sealed() {
    on_both_seeded(|database, store| {
        let webhook = insert(store, 92);
        assert_eq!(store.read(|tx| tx.find_webhook(hex(92))).unwrap(), Some(webhook));
        assert_eq!(secret(store, 92).as_deref(), Some(sample::webhook_secret().reveal()));
        let places = dump::places(database, sample::webhook_secret().reveal().as_bytes());
        assert_eq!(places, Vec::<String>::new());
        assert_eq!(
            (store.read(|tx| tx.find_webhook(hex(7))).unwrap(), secret(store, 7)),
            (None, None)
        );
    });
}

#[test]
fn a_webhook_is_saved_only_over_the_version_before_and_its_secret_with_it() {
    on_both_seeded(|_, store| {
        let webhook = insert(store, 92);
        let changed = Webhook {
            name: text("other"),
            url: text("http://other.example.com"),
            is_enabled: false,
            updated_at: sample::time() + TimeDelta::hours(1),
            version: 2,
            ..webhook
        };
        assert!(save(store, &changed, None));
        assert_eq!(store.read(|tx| tx.find_webhook(hex(92))).unwrap(), Some(changed.clone()));
        assert_eq!(secret(store, 92).as_deref(), Some(sample::webhook_secret().reveal()));
        assert!(!save(store, &changed, Some("whsec_lost")));
        let rotated = Webhook { version: 3, ..changed };
        assert!(save(store, &rotated, Some("whsec_new")));
        assert_eq!(secret(store, 92).as_deref(), Some("whsec_new"));
    });
}

#[test]
fn webhooks_are_listed_by_enterprise_and_go_with_all_that_was_on_its_way() {
    on_both_seeded(|_, store| {
        store.write(|tx| tx.insert_enterprise(&enterprise(2, "other"))).unwrap();
        for number in [92, 93] {
            insert(store, number);
        }
        let other = Webhook { id: hex(94), enterprise_id: hex(2), ..sample::webhook() };
        store.write(move |tx| tx.insert_webhook(&other, &sample::webhook_secret())).unwrap();
        let list = |enterprise, after| {
            let filter = WebhookFilter { enterprise, after };
            let count = store.read(|tx| tx.count_webhooks(&filter)).unwrap().count;
            let found = store.read(|tx| tx.list_webhooks(&filter, 9)).unwrap();
            (found.iter().map(|webhook| webhook.id).collect::<Vec<_>>(), count)
        };
        assert_eq!(list(None, None), (vec![hex(92), hex(93), hex(94)], 3));
        assert_eq!(list(Some(hex(1)), None), (vec![hex(92), hex(93)], 2));
        assert_eq!(list(Some(hex(1)), Some(hex(92))), (vec![hex(93)], 2));
        let delivery = sample::webhook_delivery();
        store
            .write(move |tx| tx.insert_webhook_deliveries(std::slice::from_ref(&delivery)))
            .unwrap();
        assert!(!store.write(|tx| tx.delete_webhook(hex(92), 2)).unwrap());
        assert!(store.write(|tx| tx.delete_webhook(hex(92), 1)).unwrap());
        let found = store.read(|tx| tx.find_webhook_delivery(hex(93))).unwrap();
        assert_eq!((list(Some(hex(1)), None), found), ((vec![hex(93)], 1), None));
    });
}

/// Deliveries to the webhook 92 that are due in this order, one second apart, and one to 93.
fn add_deliveries(store: &Store) {
    insert(store, 92);
    insert(store, 93);
    let delivery = |number: u64, seconds, webhook| WebhookDelivery {
        id: hex(number),
        webhook_id: hex(webhook),
        next_at: sample::time() + TimeDelta::seconds(seconds),
        ..sample::webhook_delivery()
    };
    let all = [delivery(1, 2, 92), delivery(2, 0, 92), delivery(3, 1, 92), delivery(4, 0, 93)];
    store.write(move |tx| tx.insert_webhook_deliveries(&all)).unwrap();
}

fn find(store: &Store, number: u64) -> WebhookDelivery {
    store.read(|tx| tx.find_webhook_delivery(hex(number))).unwrap().unwrap()
}

fn change(store: &Store, delivery: &WebhookDelivery) -> bool {
    let delivery = delivery.clone();
    store.write(move |tx| tx.save_webhook_delivery(&delivery)).unwrap()
}

fn due(store: &Store, webhook: u64, now: DateTime<Utc>) -> Vec<WebhookDelivery> {
    store.read(|tx| tx.due_deliveries(hex(webhook), now, 2)).unwrap()
}

#[test]
fn what_is_due_longest_comes_first_and_only_what_waits_is_due() {
    on_both_seeded(|_, store| {
        add_deliveries(store);
        let at = |seconds| sample::time() + TimeDelta::seconds(seconds);
        let ids = |found: Vec<WebhookDelivery>| found.iter().map(|d| d.id).collect::<Vec<_>>();
        assert_eq!(due(store, 92, at(-1)), []);
        assert_eq!(ids(due(store, 92, at(0))), [hex(2)]);
        assert_eq!(ids(due(store, 92, at(9))), [hex(2), hex(3)]);
        assert_eq!(ids(due(store, 93, at(9))), [hex(4)]);
        assert!(change(store, &find(store, 2).taken(200, at(0))));
        assert!(change(store, &find(store, 3).given_up("no".to_owned(), at(0))));
        assert_eq!(ids(due(store, 92, at(9))), [hex(1)]);
    });
}

#[test]
fn the_webhooks_to_which_anything_is_due_are_named_once_and_only_if_they_are_enabled() {
    on_both_seeded(|_, store| {
        add_deliveries(store);
        let named = |now| {
            let mut found = store.read(|tx| tx.due_webhooks(now)).unwrap();
            found.sort_by_key(|webhook| webhook.id);
            found.iter().map(|webhook| webhook.id).collect::<Vec<_>>()
        };
        let now = sample::time() + TimeDelta::seconds(9);
        assert_eq!(named(sample::time() - TimeDelta::seconds(1)), []);
        assert_eq!(named(now), [hex(92), hex(93)]);
        let webhook = store.read(|tx| tx.find_webhook(hex(93))).unwrap().unwrap();
        assert!(save(store, &Webhook { is_enabled: false, version: 2, ..webhook }, None));
        assert_eq!(named(now), [hex(92)]);
        for number in [1, 2, 3] {
            assert!(change(store, &find(store, number).claimed(now)));
        }
        assert_eq!(named(now), []);
    });
}

#[test]
fn late_is_what_nobody_tries_after_the_time_of_its_last_try() {
    on_both_seeded(|_, store| {
        add_deliveries(store);
        let over = find(store, 4).gives_up_at + LAST_TRY;
        let late = |now| store.read(|tx| tx.late_deliveries(now, 9)).unwrap();
        assert_eq!(late(over - TimeDelta::microseconds(1)), []);
        for number in [1, 2, 3] {
            assert!(change(store, &find(store, number).taken(200, over)));
        }
        assert_eq!(late(over), [find(store, 4)]);
        // Somebody does try it.
        let claimed = find(store, 4).claimed(over);
        assert!(change(store, &claimed));
        assert_eq!(late(over), []);
        assert!(change(store, &claimed.given_up("no".to_owned(), over)));
        assert_eq!(late(over + LEASE), []);
    });
}

#[test]
fn a_delivery_is_claimed_once_and_is_free_again_when_the_claim_ends() {
    on_both_seeded(|_, store| {
        add_deliveries(store);
        let (now, claimed) = (sample::time(), find(store, 4).claimed(sample::time()));
        assert!(change(store, &claimed));
        assert!(!change(store, &claimed), "somebody else was first");
        assert_eq!((due(store, 93, now), find(store, 4)), (vec![], claimed.clone()));
        assert_eq!(due(store, 93, now + LEASE), [claimed]);
    });
}

#[test]
fn what_became_of_a_try_counts_only_while_nothing_else_became_of_the_delivery() {
    on_both_seeded(|_, store| {
        add_deliveries(store);
        let now = sample::time();
        let outcomes = |claimed: &WebhookDelivery| {
            let failed = claimed.clone().failed(Some(500), "no".to_owned(), 0, now);
            [failed, claimed.clone().taken(200, now)]
        };
        let first = find(store, 4).claimed(now);
        assert!(change(store, &first));
        // Somebody has it begin anew: what the first one finds out does not count any more.
        assert!(change(store, &first.clone().replayed(now)));
        assert!(outcomes(&first).iter().all(|outcome| !change(store, outcome)));
        // Nor does it when somebody else tries it at the very same moment, as often as the first,
        let second = find(store, 4).claimed(now);
        assert_eq!((second.attempts, second.next_at), (first.attempts, first.next_at));
        assert!(change(store, &second));
        assert!(outcomes(&first).iter().all(|outcome| !change(store, outcome)));
        // and is heard.
        let sent = second.taken(204, now);
        assert!(change(store, &sent));
        assert!(outcomes(&first).iter().all(|outcome| !change(store, outcome)));
        assert_eq!(find(store, 4), sent);
    });
}

#[test]
fn deliveries_are_listed_by_state_and_forgotten_when_they_ended_long_ago() {
    on_both_seeded(|_, store| {
        add_deliveries(store);
        let (now, sent) = (sample::time(), find(store, 2).claimed(sample::time()));
        assert!(change(store, &sent));
        assert!(change(store, &sent.taken(200, now)));
        let dead = find(store, 3).given_up("no".to_owned(), now);
        assert!(change(store, &dead));
        assert_eq!(find(store, 3), dead);
        let list = |state, after: Option<u64>| {
            let after = after.map(hex);
            let filter = WebhookDeliveryFilter { webhook: hex(92), state, after };
            let count = store.read(|tx| tx.count_webhook_deliveries(&filter)).unwrap().count;
            let found = store.read(|tx| tx.list_webhook_deliveries(&filter, 9)).unwrap().items;
            (found.iter().map(|d| d.id).collect::<Vec<_>>(), count)
        };
        assert_eq!(list(None, None), (vec![hex(1), hex(2), hex(3)], 3));
        assert_eq!(list(None, Some(1)), (vec![hex(2), hex(3)], 3));
        for (state, number) in DeliveryState::ALL.into_iter().zip([1, 2, 3]) {
            assert_eq!(list(Some(state), None), (vec![hex(number)], 1), "{state:?}");
        }
        let forget = |before| store.write(move |tx| tx.forget_webhook_deliveries(before)).unwrap();
        assert_eq!(forget(now), 0);
        assert_eq!(forget(now + TimeDelta::microseconds(1)), 2);
        assert_eq!(list(None, None), (vec![hex(1)], 1), "what waits is kept");
    });
}
