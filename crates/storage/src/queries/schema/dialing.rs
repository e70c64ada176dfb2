//! The tables of nodes and dial tasks.

use super::Moment;

diesel::table! {
    use diesel::sql_types::{BigInt, Bool, Nullable, Text};
    use super::Moment;

    nodes (id) {
        id -> Text,
        enterprise_id -> Text,
        internal -> Bool,
        isp -> Text,
        country -> Text,
        province -> Text,
        city -> Text,
        name -> Text,
        company -> Text,
        keycode -> Text,
        created_at -> Moment,
        is_enabled -> Bool,
        updated_at -> Moment,
        deleted_at -> Nullable<Moment>,
        version -> BigInt,
        last_update_time -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::{Binary, Bool, Nullable, Text};
    use super::Moment;

    node_keys (id) {
        id -> Text,
        node_id -> Text,
        created_at -> Moment,
        secret -> Nullable<Binary>,
        key_id -> Nullable<Text>,
        valid_until -> Nullable<Moment>,
        revoked_at -> Nullable<Moment>,
        ends_others -> Bool,
        first_used_at -> Nullable<Moment>,
        last_used_at -> Nullable<Moment>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use super::Moment;

    node_contacts (node_id) {
        node_id -> Text,
        accepted_at -> Nullable<Moment>,
        interval_us -> Nullable<BigInt>,
        refused_at -> Nullable<Moment>,
        refused_reason -> Nullable<Text>,
        date -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use super::Moment;

    node_agents (node_id, address, key) {
        node_id -> Text,
        address -> Text,
        key -> Text,
        first_seen_at -> Moment,
        last_seen_at -> Moment,
        interval_us -> Nullable<BigInt>,
        cursor -> Nullable<BigInt>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Binary, Nullable, Text};
    use super::Moment;

    dial_tasks (number) {
        number -> BigInt,
        id -> Text,
        enterprise_id -> Text,
        class -> Text,
        name -> Text,
        schedule -> Text,
        status -> Text,
        content -> Binary,
        key_id -> Text,
        region_id -> Nullable<Text>,
        created_by -> Nullable<BigInt>,
        updated_by -> Nullable<BigInt>,
        created_at -> Moment,
        updated_at -> Moment,
        deleted_at -> Nullable<Moment>,
        version -> BigInt,
        target_since -> Moment,
    }
}

diesel::table! {
    dial_tags (id) {
        id -> Text,
        enterprise_id -> Text,
        name -> Text,
    }
}

diesel::table! {
    dial_task_tags (task_id, tag_id) {
        task_id -> Text,
        tag_id -> Text,
    }
}

diesel::table! {
    deliveries (node_id, task_id) {
        node_id -> Text,
        task_id -> Text,
        update_time -> BigInt,
        is_tombstone -> Bool,
    }
}

diesel::table! {
    use diesel::sql_types::{Binary, Text};

    shared_result_tokens (enterprise_id) {
        enterprise_id -> Text,
        digest -> Binary,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Nullable};
    use super::Moment;

    result_access (id) {
        id -> BigInt,
        signed_since -> Nullable<Moment>,
        ended_at -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Bool, Integer, Text};
    use super::Moment;

    region_watches (region_id) {
        region_id -> Text,
        id -> Text,
        enterprise_id -> Text,
        frequency -> Text,
        down_from -> Integer,
        verifies_tls -> Bool,
        created_at -> Moment,
        updated_at -> Moment,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Binary, Bool, Nullable, Text};
    use super::Moment;

    dial_variables (id) {
        id -> Text,
        enterprise_id -> Text,
        name -> Text,
        value -> Binary,
        key_id -> Text,
        is_secure -> Bool,
        task_id -> Nullable<Text>,
        task_var_name -> Text,
        post_script -> Text,
        update_time -> BigInt,
        created_at -> Moment,
        updated_at -> Moment,
        deleted_at -> Nullable<Moment>,
        version -> BigInt,
    }
}

diesel::table! {
    region_watch_nodes (region_id, node_id) {
        region_id -> Text,
        node_id -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Text};
    use super::Moment;

    node_runs (number) {
        number -> BigInt,
        id -> Text,
        node_id -> Text,
        tasks -> Text,
        created_at -> Moment,
    }
}

diesel::joinable!(dial_task_tags -> dial_tags (tag_id));
diesel::allow_tables_to_appear_in_same_query!(
    nodes,
    node_keys,
    node_contacts,
    node_agents,
    shared_result_tokens,
    dial_tasks,
    dial_tags,
    dial_task_tags,
    deliveries,
);
