//! The bodies of requests about credentials: how they are described, and how they are read.

use cadastre_domain::region::{LONGEST_KEY, LONGEST_TOKEN, Pem, RegionEdit};
use cadastre_domain::secret::Secret;
use chrono::TimeDelta;
use utoipa::ToSchema;

use super::super::fields::Fields;
use crate::error::Error;
use crate::service::credentials::{LONGEST_KEEP, USUAL_KEEP};

/// A change of credentials: a merge patch, what is left out stays, null takes away.
#[derive(ToSchema)]
#[schema(as = CredentialsChange)]
#[expect(dead_code, reason = "describes a body that is read field by field")]
pub(in crate::native) struct CredentialsChangeBody {
    /// The token that the region's cluster takes.
    #[schema(min_length = 1, max_length = 255)]
    token: Option<String>,
    /// The certificates of the authority that signed the cluster's, as PEM text.
    #[schema(min_length = 1, max_length = 65535)]
    ca: Option<String>,
    /// The certificate with which the register shows itself to the cluster, as PEM text.
    #[schema(min_length = 1, max_length = 65535)]
    certificate: Option<String>,
    /// The key of that certificate, as PEM text.
    #[schema(min_length = 1, max_length = 65535)]
    key: Option<String>,
    /// For how many seconds the set before is kept ready to be gone back to, if anything is
    /// replaced.
    #[schema(minimum = 0, maximum = 2_592_000, default = 86400)]
    keep_previous_seconds: Option<i64>,
}

/// Reads the body of a change: what becomes of the credentials, and for how long the set before is
/// kept ready, if at all.
pub(super) fn change(mut fields: Fields) -> Result<(RegionEdit, Option<TimeDelta>), Error> {
    let body = &mut fields;
    let edit = RegionEdit {
        token: body.change("token", |text| secret(text, LONGEST_TOKEN)),
        ca: body.change("ca", Pem::try_from),
        certificate: body.change("certificate", Pem::try_from),
        key: body.change("key", |text| secret(text, LONGEST_KEY)),
        ..RegionEdit::default()
    };
    let longest = LONGEST_KEEP.num_seconds();
    let keep = fields.number("keep_previous_seconds", 0, longest).map(TimeDelta::seconds);
    fields.finish()?;
    Ok((edit, Some(keep.unwrap_or(USUAL_KEEP)).filter(|keep| *keep > TimeDelta::zero())))
}

fn secret(text: String, most: usize) -> Result<Secret, String> {
    match text.chars().count() {
        0 => Err("must not be empty; null takes it away".to_owned()),
        count if count > most => Err(format!("at most {most} characters")),
        _ => Ok(Secret::from(text)),
    }
}
