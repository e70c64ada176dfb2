//! The bodies of requests about regions: how they are described, and how they are read.

use std::collections::BTreeMap;

use cadastre_domain::region::{
    Addresses, AddressesEdit, Change, Credentials, Description, Labels, RegionAlias, RegionDraft,
    RegionEdit, RegionName, Scope, Status,
};
use serde_json::Value;
use utoipa::ToSchema;

use super::super::fields::Fields;
use super::view;
use crate::error::{Error, FieldError, Problem};
use crate::native::credentials::{self, CredentialsPatchBody};

/// The most labels that one request names: as many as there may be may go, and as many come.
const MOST_LABEL_CHANGES: usize = 2 * Labels::MOST;

/// A region to be registered.
#[derive(ToSchema)]
#[schema(as = NewRegion)]
#[expect(dead_code, reason = "describes a body that is read field by field")]
pub(in crate::native) struct NewRegionBody {
    /// Unique in the register; never changes.
    #[schema(min_length = 1, max_length = 64)]
    name: String,
    /// What people will call it; as its name if it is left out.
    #[schema(min_length = 1, max_length = 64)]
    alias: Option<String>,
    addresses: NewAddressesBody,
    /// Who may open it for a team; `private` if it is left out.
    #[schema(schema_with = view::scope)]
    scope: Option<String>,
    /// Any status; `editing` if it is left out.
    #[schema(schema_with = view::status)]
    status: Option<String>,
    /// A remark.
    #[schema(max_length = 200)]
    description: Option<String>,
    /// What people sort it by.
    labels: Option<BTreeMap<String, String>>,
    /// With what the register shows itself to it.
    credentials: Option<CredentialsPatchBody>,
    /// The enterprise to which it belongs; the caller's own if it is left out.
    enterprise_id: Option<String>,
}

/// Where a region is reached.
#[derive(ToSchema)]
#[schema(as = NewAddresses)]
#[expect(dead_code, reason = "describes a body that is read field by field")]
pub(in crate::native) struct NewAddressesBody {
    api_url: String,
    websocket_url: String,
    http_domain: String,
    tcp_address: String,
}

/// Reads a region to be registered, and the enterprise if it is named.
pub(super) fn new_region(mut body: Fields) -> Result<(RegionDraft, Option<String>), Error> {
    let name = body.required("name", RegionName::try_from);
    let alias = body.optional("alias", RegionAlias::try_from);
    let addresses = new_addresses(&mut body);
    let scope = body.optional("scope", Scope::try_from).unwrap_or_default();
    let status = body.optional("status", |text| text.parse()).unwrap_or(Status::Editing);
    let description = body.optional("description", Description::try_from).unwrap_or_default();
    let labels = Labels::default().changed(labels(&mut body));
    let labels = labels.map_err(|error| body.complain("labels", &error.to_string()));
    let credentials = new_credentials(&mut body);
    let enterprise = body.optional("enterprise_id", Ok::<_, std::convert::Infallible>);
    body.finish()?;
    let (Some(name), Some(addresses), Ok(labels)) = (name, addresses, labels) else {
        return Err(Error::Internal("a field was lost".into()));
    };
    let alias = match alias {
        Some(alias) => alias,
        None => RegionAlias::try_from(String::from(name.clone()))
            .map_err(|error| FieldError::new("alias", error.into()))?,
    };
    let draft =
        RegionDraft { name, alias, addresses, scope, status, description, labels, credentials };
    Ok((draft, enterprise))
}

fn new_addresses(body: &mut Fields) -> Option<Addresses> {
    let mut inner = body.open("addresses");
    let api = inner.required("addresses/api_url", TryFrom::try_from);
    let websocket = inner.required("addresses/websocket_url", TryFrom::try_from);
    let http_domain = inner.required("addresses/http_domain", TryFrom::try_from);
    let tcp = inner.required("addresses/tcp_address", TryFrom::try_from);
    body.close("addresses", inner);
    Some(Addresses { api: api?, websocket: websocket?, http_domain: http_domain?, tcp: tcp? })
}

/// The credentials of a region that has none yet.
fn new_credentials(body: &mut Fields) -> Credentials {
    let edit = credentials::member(body);
    Credentials {
        token: edit.token.into_option(),
        ca: edit.ca.into_option(),
        certificate: edit.certificate.into_option(),
        key: edit.key.into_option(),
    }
}

/// A refusal of a region to be registered or changed: its TLS material and its secrets stand within
/// `credentials`.
pub(super) fn placed(error: Error) -> Error {
    let Error::Fields(mut errors) = error else { return error };
    for error in errors.iter_mut() {
        if let Problem::Tls(_) | Problem::OtherOrigin = &error.problem {
            error.field = format!("credentials/{}", error.field).into();
        }
    }
    Error::Fields(errors)
}

/// A change of a region, as a merge patch. Its name and its status are not changed so.
#[derive(ToSchema)]
#[schema(as = RegionPatch)]
#[expect(dead_code, reason = "describes a body that is read field by field")]
pub(in crate::native) struct RegionPatchBody {
    #[schema(min_length = 1, max_length = 64, nullable = false)]
    alias: Option<String>,
    #[schema(nullable = false)]
    addresses: Option<AddressesPatchBody>,
    #[schema(schema_with = view::scope)]
    scope: Option<String>,
    /// Null takes it away.
    #[schema(max_length = 200)]
    description: Option<String>,
    /// Each label gets the value that is given; null takes it away. Null in the place of the
    /// object takes all away.
    labels: Option<BTreeMap<String, Option<String>>>,
    /// A change of its credentials, as of `PATCH …/credentials`; null drops all of them. When `api_url`
    /// changes to another origin (scheme, host or port), the secrets that are stored, `token` and `key`,
    /// must be given here again or be dropped. The set before is kept ready for a day to be gone back to, at the
    /// origin where it was in use.
    credentials: Option<CredentialsPatchBody>,
}

/// A change of where a region is reached.
#[derive(ToSchema)]
#[schema(as = AddressesPatch)]
#[expect(dead_code, reason = "describes a body that is read field by field")]
pub(in crate::native) struct AddressesPatchBody {
    #[schema(nullable = false)]
    api_url: Option<String>,
    #[schema(nullable = false)]
    websocket_url: Option<String>,
    #[schema(nullable = false)]
    http_domain: Option<String>,
    #[schema(nullable = false)]
    tcp_address: Option<String>,
}

/// A change, whose labels follow from those that there are.
#[derive(Debug, Clone)]
pub(super) struct Patch {
    edit: RegionEdit,
    all_labels: bool,
    labels: BTreeMap<String, Option<String>>,
}

impl Patch {
    /// Reads it.
    pub(super) fn read(mut body: Fields) -> Result<Self, Error> {
        let alias = body.replaced("alias", RegionAlias::try_from);
        let addresses = patched_addresses(&mut body);
        let scope = body.replaced("scope", Scope::try_from);
        let description = match body.change("description", Description::try_from) {
            Change::Keep => None,
            Change::Set(text) => Some(text),
            Change::Clear => Some(Description::default()),
        };
        let dropped = body.cleared("credentials");
        let credentials = patched_credentials(&mut body, dropped);
        let all_labels = body.is_null("labels");
        let labels = labels(&mut body);
        if let Err(error) = Labels::default().changed(labels.clone()) {
            body.complain("labels", &error.to_string());
        }
        body.finish()?;
        let edit = RegionEdit { alias, addresses, scope, description, ..credentials };
        Ok(Self { edit, all_labels, labels })
    }

    /// What is to be changed of a region with these labels.
    pub(super) fn edit(&self, present: &Labels) -> Result<RegionEdit, Error> {
        let none = Labels::default();
        let before = if self.all_labels { &none } else { present };
        let labels = before
            .changed(self.labels.clone())
            .map_err(|error| FieldError::new("labels", Problem::Other(error.to_string())))?;
        Ok(RegionEdit { labels: Some(labels), ..self.edit.clone() })
    }
}

/// The part of an edit that is about credentials; `dropped` takes all of them away.
fn patched_credentials(body: &mut Fields, dropped: bool) -> RegionEdit {
    if dropped {
        let (ca, certificate) = (Change::Clear, Change::Clear);
        let (token, key) = (Change::Clear, Change::Clear);
        return RegionEdit { token, ca, certificate, key, ..RegionEdit::default() };
    }
    credentials::member(body)
}

fn patched_addresses(body: &mut Fields) -> AddressesEdit {
    body.not_null("addresses");
    let mut inner = body.open("addresses");
    let edit = AddressesEdit {
        api: inner.replaced("addresses/api_url", TryFrom::try_from),
        websocket: inner.replaced("addresses/websocket_url", TryFrom::try_from),
        http_domain: inner.replaced("addresses/http_domain", TryFrom::try_from),
        tcp: inner.replaced("addresses/tcp_address", TryFrom::try_from),
    };
    body.close("addresses", inner);
    edit
}

/// Labels by their keys; null where one is taken away.
fn labels(body: &mut Fields) -> BTreeMap<String, Option<String>> {
    let mut labels = BTreeMap::new();
    let Some(value) = body.value("labels") else { return labels };
    let Value::Object(pairs) = value else {
        body.complain("labels", "must be an object");
        return labels;
    };
    if pairs.len() > MOST_LABEL_CHANGES {
        body.complain("labels", &format!("must have at most {MOST_LABEL_CHANGES} members"));
        return labels;
    }
    for (key, value) in pairs {
        match value {
            Value::String(value) => drop(labels.insert(key, Some(value))),
            Value::Null => drop(labels.insert(key, None)),
            _ => body.complain("labels", "the value of a label must be a string"),
        }
    }
    labels
}

/// The status that a region is to take.
#[derive(ToSchema)]
#[schema(as = StatusChange)]
#[expect(dead_code, reason = "describes a body that is read field by field")]
pub(in crate::native) struct StatusBody {
    #[schema(schema_with = view::status)]
    status: String,
}

/// Reads the status.
pub(super) fn status(mut body: Fields) -> Result<Status, Error> {
    let status = body.required("status", |text| text.parse::<Status>());
    body.finish()?;
    status.ok_or_else(|| Error::Internal("a field was lost".into()))
}
