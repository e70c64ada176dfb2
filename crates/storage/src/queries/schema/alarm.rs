//! The tables of alarms and of who is told of them.

use super::Moment;

diesel::table! {
    use diesel::sql_types::{BigInt, Bool, Nullable, Text};
    use super::Moment;

    alarms (id) {
        id -> Text,
        enterprise_id -> Text,
        kind -> Text,
        subject_id -> Text,
        state -> Text,
        reason -> Text,
        value -> Text,
        since -> Moment,
        good_since -> Nullable<Moment>,
        stale_since -> Nullable<Moment>,
        is_muted -> Bool,
        is_announced -> Bool,
        created_at -> Moment,
        updated_at -> Moment,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::{Bool, Text};
    use super::Moment;

    alarm_events (id) {
        id -> Text,
        alarm_id -> Text,
        at -> Moment,
        state -> Text,
        reason -> Text,
        value -> Text,
        is_muted -> Bool,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Binary, Bool, Text};
    use super::Moment;

    webhooks (id) {
        id -> Text,
        enterprise_id -> Text,
        name -> Text,
        url -> Text,
        secret -> Binary,
        key_id -> Text,
        is_enabled -> Bool,
        created_at -> Moment,
        updated_at -> Moment,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Integer, Nullable, Text};
    use super::Moment;

    alarm_deliveries (id) {
        id -> Text,
        webhook_id -> Text,
        event_id -> Text,
        state -> Text,
        attempts -> Integer,
        next_at -> Moment,
        gives_up_at -> Moment,
        status -> Nullable<Integer>,
        error -> Nullable<Text>,
        created_at -> Moment,
        version -> BigInt,
    }
}

diesel::table! {
    listening (since_us) {
        since_us -> BigInt,
        until_us -> BigInt,
    }
}
