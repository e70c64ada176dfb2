//! The tables of regions, as diesel sees them.

use super::Moment;

diesel::table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use super::Moment;

    regions (id) {
        id -> Text,
        enterprise_id -> Text,
        name -> Text,
        alias -> Text,
        api_url -> Text,
        websocket_url -> Text,
        http_domain -> Text,
        tcp_address -> Text,
        scope -> Text,
        status -> Text,
        description -> Text,
        created_at -> Moment,
        updated_at -> Moment,
        version -> BigInt,
        labels -> Text,
        credentials_id -> Nullable<Text>,
        previous_credentials_id -> Nullable<Text>,
        previous_until -> Nullable<Moment>,
        certificates_expire_at -> Nullable<Moment>,
        changed_by_operation -> Text,
        changed_by_user_id -> Nullable<BigInt>,
        changed_by_token_id -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use super::Moment;

    region_revisions (region_id, version) {
        region_id -> Text,
        version -> BigInt,
        updated_at -> Moment,
        alias -> Text,
        api_url -> Text,
        websocket_url -> Text,
        http_domain -> Text,
        tcp_address -> Text,
        scope -> Text,
        status -> Text,
        description -> Text,
        labels -> Text,
        credentials_id -> Nullable<Text>,
        changed_by_operation -> Text,
        changed_by_user_id -> Nullable<BigInt>,
        changed_by_token_id -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::{Binary, Nullable, Text};
    use super::Moment;

    region_credentials (id) {
        id -> Text,
        region_id -> Text,
        ca -> Nullable<Text>,
        certificate -> Nullable<Text>,
        token -> Nullable<Binary>,
        key -> Nullable<Binary>,
        key_id -> Nullable<Text>,
        created_at -> Moment,
    }
}

diesel::table! {
    use diesel::sql_types::{Integer, Text};
    use super::Moment;

    region_certificates (region_id, part, place) {
        region_id -> Text,
        part -> Text,
        place -> Integer,
        enterprise_id -> Text,
        subject -> Text,
        issuer -> Text,
        serial -> Text,
        sha256 -> Text,
        key_type -> Text,
        not_before -> Moment,
        not_after -> Moment,
    }
}

diesel::table! {
    unread_certificates (region_id) {
        region_id -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Text};
    use super::Moment;

    maintenance_windows (id) {
        id -> Text,
        region_id -> Text,
        enterprise_id -> Text,
        starts_at -> Moment,
        ends_at -> Moment,
        owner -> Text,
        reason -> Text,
        state -> Text,
        note -> Text,
        created_at -> Moment,
        updated_at -> Moment,
        version -> BigInt,
    }
}
