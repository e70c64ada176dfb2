//! The tables, as diesel sees them; a test compares them with both databases.

mod alarm;
mod dialing;
mod region;
mod results;

use super::Moment;
pub(super) use alarm::*;
pub(super) use dialing::*;
pub(super) use region::*;
pub(super) use results::*;

diesel::table! {
    use diesel::sql_types::{BigInt, Text};
    use super::Moment;

    enterprises (id) {
        id -> Text,
        name -> Text,
        parent_key_id -> Text,
        created_at -> Moment,
        updated_at -> Moment,
        version -> BigInt,
        last_variable_time -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Text};
    use super::Moment;

    users (id) {
        id -> BigInt,
        enterprise_id -> Text,
        name -> Text,
        created_at -> Moment,
        updated_at -> Moment,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Binary, Bool, Integer, Nullable, Text};
    use super::Moment;

    tokens (id) {
        id -> Text,
        code -> Binary,
        name -> Text,
        role -> Text,
        user_id -> BigInt,
        enterprise_id -> Text,
        created_at -> Moment,
        expires_at -> Nullable<Moment>,
        revoked_at -> Nullable<Moment>,
        pepper_version -> Integer,
        is_chosen -> Bool,
        note -> Text,
        last_used_at -> Nullable<Moment>,
        previous_code -> Nullable<Binary>,
        previous_pepper_version -> Nullable<Integer>,
        overlap_ends_at -> Nullable<Moment>,
        mac -> Nullable<Binary>,
    }
}

diesel::table! {
    use diesel::sql_types::{Binary, Nullable, Text};

    token_teams (token_id, team_id) {
        token_id -> Text,
        team_id -> Text,
        mac -> Nullable<Binary>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Bool, Integer, Nullable, Text};
    use super::Moment;

    teams (id) {
        id -> Text,
        enterprise_id -> Text,
        name -> Text,
        alias -> Text,
        namespace -> Text,
        is_active -> Bool,
        limit_memory -> Integer,
        creator_id -> BigInt,
        created_at -> Moment,
        updated_at -> Moment,
        expires_at -> Nullable<Moment>,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Text};
    use super::Moment;

    openings (team_id, region_id) {
        team_id -> Text,
        region_id -> Text,
        created_at -> Moment,
        memory_mb -> BigInt,
        cpu_millicores -> BigInt,
        updated_at -> Moment,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::{Binary, Integer, Text};
    use super::Moment;

    idempotent_answers (token_id, key) {
        token_id -> Text,
        key -> Text,
        digest -> Binary,
        status -> Integer,
        sealed -> Binary,
        key_id -> Text,
        created_at -> Moment,
    }
}

diesel::table! {
    use diesel::sql_types::Text;
    use super::Moment;

    master_keys (id) {
        id -> Text,
        created_at -> Moment,
    }
}

diesel::table! {
    register (id) {
        id -> Integer,
        key_id -> Text,
        audit_sequence -> BigInt,
        audit_hash -> Binary,
        audit_seal -> Binary,
        archived_sequence -> BigInt,
        archived_hash -> Binary,
    }
}

diesel::table! {
    use diesel::sql_types::{Binary, Integer, Text};
    use super::Moment;

    register_keys (purpose, version) {
        purpose -> Text,
        version -> Integer,
        key_id -> Text,
        sealed -> Binary,
        created_at -> Moment,
    }
}

diesel::table! {
    unsealed_secrets (kind, row_id) {
        kind -> Text,
        row_id -> Text,
        value -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Binary, Nullable, Text};
    use super::Moment;

    audit_entries (sequence) {
        sequence -> BigInt,
        at -> Moment,
        enterprise_id -> Nullable<Text>,
        token_id -> Nullable<Text>,
        user_id -> Nullable<BigInt>,
        origin -> Text,
        address -> Nullable<Text>,
        request_id -> Nullable<Text>,
        operation -> Text,
        outcome -> Text,
        object_kind -> Nullable<Text>,
        object_id -> Nullable<Text>,
        changes -> Text,
        revealed -> Text,
        reason -> Nullable<Text>,
        hash -> Binary,
    }
}

diesel::joinable!(region_certificates -> regions (region_id));
diesel::joinable!(openings -> regions (region_id));
diesel::joinable!(openings -> teams (team_id));
diesel::joinable!(alarm_events -> alarms (alarm_id));
diesel::allow_tables_to_appear_in_same_query!(alarms, alarm_events);
diesel::allow_tables_to_appear_in_same_query!(webhooks, alarm_deliveries);
diesel::allow_tables_to_appear_in_same_query!(
    regions,
    region_certificates,
    region_credentials,
    openings,
    teams,
);
