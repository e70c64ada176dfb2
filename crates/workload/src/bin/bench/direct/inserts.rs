//! The rows of a region; mounted once per database.

use cadastre_domain::region::tls::CertificateFacts;
use cadastre_domain::region::{Region, RegionDetail};
use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::{Conn, Moment, Sealed};

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
        credentials_id -> Nullable<Text>,
        labels -> Text,
        certificates_expire_at -> Nullable<Moment>,
        changed_by_operation -> Text,
        changed_by_user_id -> Nullable<BigInt>,
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

#[derive(Insertable)]
#[diesel(table_name = region_certificates)]
struct CertificateRow {
    region_id: String,
    part: &'static str,
    place: i32,
    enterprise_id: String,
    subject: String,
    issuer: String,
    serial: String,
    sha256: String,
    key_type: String,
    not_before: DateTime<Utc>,
    not_after: DateTime<Utc>,
}

impl CertificateRow {
    fn new(region: &Region, facts: CertificateFacts) -> Self {
        Self {
            region_id: region.id.to_string(),
            part: facts.part.as_str(),
            place: facts.place.into(),
            enterprise_id: region.enterprise_id.to_string(),
            subject: facts.subject,
            issuer: facts.issuer,
            serial: facts.serial,
            sha256: facts.sha256,
            key_type: facts.key_type,
            not_before: facts.not_before,
            not_after: facts.not_after,
        }
    }
}

/// Inserts everything.
pub fn insert(conn: &mut Conn, detail: &RegionDetail, sealed: &Sealed) -> QueryResult<()> {
    let RegionDetail { region, credentials } = detail;
    insert_region(conn, detail)?;
    insert_credentials(conn, detail, sealed)?;
    let certificates = credentials.certificates().into_iter();
    let rows: Vec<_> = certificates.map(|facts| CertificateRow::new(region, facts)).collect();
    diesel::insert_into(region_certificates::table).values(rows).execute(conn)?;
    Ok(())
}

fn insert_region(conn: &mut Conn, detail: &RegionDetail) -> QueryResult<usize> {
    let RegionDetail { region, credentials } = detail;
    diesel::insert_into(regions::table)
        .values((
            regions::id.eq(region.id.to_string()),
            regions::enterprise_id.eq(region.enterprise_id.to_string()),
            regions::name.eq(region.name.as_ref()),
            regions::alias.eq(region.alias.as_ref()),
            regions::api_url.eq(region.addresses.api.as_ref()),
            regions::websocket_url.eq(region.addresses.websocket.as_ref()),
            regions::http_domain.eq(region.addresses.http_domain.as_ref()),
            regions::tcp_address.eq(region.addresses.tcp.as_ref()),
            regions::scope.eq(region.scope.as_str()),
            regions::status.eq(region.status.as_str()),
            regions::description.eq(region.description.as_ref()),
            regions::created_at.eq(region.created_at),
            regions::updated_at.eq(region.updated_at),
            regions::version.eq(region.version),
            regions::credentials_id.eq(region.id.to_string()),
            (
                regions::labels.eq(String::from(region.labels.clone())),
                regions::certificates_expire_at.eq(credentials.expire_at()),
                regions::changed_by_operation.eq("create_region"),
                regions::changed_by_user_id.eq(1),
            ),
        ))
        .execute(conn)
}

fn insert_credentials(
    conn: &mut Conn,
    detail: &RegionDetail,
    sealed: &Sealed,
) -> QueryResult<usize> {
    let RegionDetail { region, credentials } = detail;
    diesel::insert_into(region_credentials::table)
        .values((
            region_credentials::id.eq(region.id.to_string()),
            region_credentials::region_id.eq(region.id.to_string()),
            region_credentials::created_at.eq(region.created_at),
            region_credentials::token.eq(&sealed.token),
            region_credentials::ca.eq(credentials.ca.as_ref().map(AsRef::as_ref)),
            region_credentials::certificate.eq(credentials.certificate.as_ref().map(AsRef::as_ref)),
            region_credentials::key.eq(&sealed.key),
        ))
        .execute(conn)
}
