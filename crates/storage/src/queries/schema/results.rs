//! The tables of results.

diesel::table! {
    use diesel::sql_types::{BigInt, Nullable, Text};

    result_series (id) {
        id -> BigInt,
        enterprise_id -> Text,
        node_id -> Text,
        task_id -> Text,
        measurement -> Text,
        region_id -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Integer, Nullable, Text};

    result_seen (series_id) {
        series_id -> BigInt,
        at_ns -> BigInt,
        received_us -> BigInt,
        outcome -> Integer,
        response_us -> Nullable<BigInt>,
        since_ns -> BigInt,
        certificate_expires -> Nullable<BigInt>,
        agent_version -> Nullable<Text>,
        certificate_at_ns -> Nullable<BigInt>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Binary, Integer, Nullable, Text};

    result_tags (id) {
        id -> BigInt,
        enterprise_id -> Text,
        digest -> Binary,
        tags -> Text,
        agent_version -> Nullable<Text>,
        used_on -> Integer,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Integer, Nullable, Text};

    result_points (id) {
        id -> BigInt,
        at_ns -> BigInt,
        series_id -> BigInt,
        digest -> BigInt,
        received_us -> BigInt,
        outcome -> Integer,
        response_us -> Nullable<BigInt>,
        dns_us -> Nullable<BigInt>,
        connect_us -> Nullable<BigInt>,
        tls_us -> Nullable<BigInt>,
        first_byte_us -> Nullable<BigInt>,
        download_us -> Nullable<BigInt>,
        status_code -> Nullable<Integer>,
        packet_loss -> Nullable<Integer>,
        certificate_expires -> Nullable<BigInt>,
        fail_reason -> Nullable<Text>,
        tags_id -> Nullable<BigInt>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Binary, Integer};

    result_rollups (step, number, series_id) {
        step -> Integer,
        number -> BigInt,
        series_id -> BigInt,
        count -> BigInt,
        failures -> BigInt,
        sketch -> Binary,
        written_us -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Text};

    result_usage (enterprise_id) {
        enterprise_id -> Text,
        kept -> BigInt,
        kept_bytes -> BigInt,
        trimmed_upto -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::BigInt;

    result_shares (share) {
        share -> BigInt,
        rolled_up -> BigInt,
    }
}

diesel::joinable!(result_points -> result_tags (tags_id));
diesel::joinable!(result_seen -> result_series (series_id));
diesel::allow_tables_to_appear_in_same_query!(
    result_series,
    result_seen,
    result_tags,
    result_points,
    result_rollups,
    result_usage,
);
