//! The bodies of requests about credentials: how they are described, and how they are read.

use cadastre_domain::region::{LONGEST_KEY, LONGEST_TOKEN, Pem, RegionEdit};
use cadastre_domain::secret::Secret;
use chrono::TimeDelta;
use utoipa::ToSchema;

use super::super::fields::Fields;
use crate::error::Error;
use crate::service::credentials::{LONGEST_KEEP, USUAL_KEEP};

/// Credentials of a region, by themselves or as its member `credentials`: a merge patch, what is left out
/// stays, null takes away. What is given must be coherent with what stays.
#[derive(ToSchema)]
#[schema(as = CredentialsPatch)]
#[expect(dead_code, reason = "describes a body that is read field by field")]
pub(in crate::native) struct CredentialsPatchBody {
    /// The token that the region's API takes.
    #[schema(min_length = 1, max_length = 255)]
    token: Option<String>,
    /// The certificates of the authority that signed the region's, as PEM text.
    #[schema(min_length = 1, max_length = 65535)]
    ca: Option<String>,
    /// The certificate with which the register shows itself to the region, with intermediates, as PEM text.
    #[schema(min_length = 1, max_length = 65535)]
    certificate: Option<String>,
    /// The key of that certificate, as PEM text.
    #[schema(min_length = 1, max_length = 65535)]
    key: Option<String>,
}

/// A change of credentials.
#[derive(ToSchema)]
#[schema(as = CredentialsChange)]
#[expect(dead_code, reason = "describes a body that is read field by field")]
pub(in crate::native) struct CredentialsChangeBody {
    #[serde(flatten)]
    patch: CredentialsPatchBody,
    /// For how many seconds the set before is kept ready to be gone back to, if anything is
    /// replaced.
    #[schema(minimum = 0, maximum = 2_592_000, default = 86400)]
    keep_previous_seconds: Option<i64>,
}

/// Reads the body of a change: what becomes of the credentials, and for how long the set before is
/// kept ready, if at all.
pub(super) fn change(mut body: Fields) -> Result<(RegionEdit, Option<TimeDelta>), Error> {
    let edit = patch(&mut body, ["token", "ca", "certificate", "key"]);
    let longest = LONGEST_KEEP.num_seconds();
    let keep = body.number("keep_previous_seconds", 0, longest).map(TimeDelta::seconds);
    body.finish()?;
    Ok((edit, Some(keep.unwrap_or(USUAL_KEEP)).filter(|keep| *keep > TimeDelta::zero())))
}

/// Reads the member `credentials` of a body about a region: the part of an edit that is about them.
pub(in crate::native) fn member(body: &mut Fields) -> RegionEdit {
    let mut inner = body.open("credentials");
    let names =
        ["credentials/token", "credentials/ca", "credentials/certificate", "credentials/key"];
    let edit = patch(&mut inner, names);
    body.close("credentials", inner);
    edit
}

/// Reads a [`CredentialsPatchBody`], whose members have these whole names.
fn patch(body: &mut Fields, [token, ca, certificate, key]: [&'static str; 4]) -> RegionEdit {
    RegionEdit {
        token: body.change(token, |text| secret(text, LONGEST_TOKEN)),
        ca: body.change(ca, Pem::try_from),
        certificate: body.change(certificate, Pem::try_from),
        key: body.change(key, |text| secret(text, LONGEST_KEY)),
        ..RegionEdit::default()
    }
}

/// A secret of 1 to so many characters.
fn secret(text: String, most: usize) -> Result<Secret, String> {
    let count = text.chars().count();
    if (1..=most).contains(&count) {
        Ok(Secret::from(text))
    } else {
        Err(format!("must have 1 to {most} characters"))
    }
}
