//! The bodies of requests about webhooks: how they are described, and how they are read.

use cadastre_domain::id::EnterpriseId;
use cadastre_domain::outbound::Allowed;
use cadastre_domain::token::Caller;
use cadastre_domain::webhook::{WebhookChange, WebhookName, WebhookUrl};
use utoipa::ToSchema;

use super::super::fields::Fields;
use crate::error::{Error, Thing};
use crate::service::webhooks::NewWebhook;

/// A webhook to be made.
#[derive(ToSchema)]
#[schema(as = NewWebhook)]
#[expect(dead_code, reason = "describes a body that is read field by field")]
pub(in crate::native) struct NewWebhookBody {
    /// What people will call it; one line.
    #[schema(min_length = 1, max_length = 64)]
    name: String,
    /// Where it is: `http` or `https`, without a user. Addresses that are not public are refused
    /// unless the operator of the register allows them; a name is looked up when something is sent.
    #[schema(max_length = 2000, example = "https://hooks.example.com/cadastre")]
    url: String,
    /// Whether it is told of anything.
    #[schema(default = true)]
    is_enabled: Option<bool>,
    /// The enterprise whose alarms it is told of; the caller's own if it is left out.
    enterprise_id: Option<String>,
}

/// Reads the body of a request for a webhook by this caller.
pub(super) fn new_webhook(
    mut fields: Fields,
    caller: &Caller,
    allowed: &Allowed,
) -> Result<NewWebhook, Error> {
    let name = fields.required("name", WebhookName::try_from);
    let url = fields.required("url", |text| url(text, allowed));
    let is_enabled = fields.flag("is_enabled").unwrap_or(true);
    let enterprise = fields.optional("enterprise_id", |id| id.parse::<EnterpriseId>());
    fields.finish()?;
    let enterprise = enterprise.unwrap_or(caller.enterprise_id);
    if !caller.reaches(enterprise) {
        return Err(Error::NotFound(Thing::Enterprise));
    }
    let (Some(name), Some(url)) = (name, url) else {
        return Err(Error::Internal("a field was lost".into()));
    };
    Ok(NewWebhook { enterprise, name, url, is_enabled })
}

/// A URL that is not told at once to lead nowhere.
fn url(text: String, allowed: &Allowed) -> Result<WebhookUrl, String> {
    let url = WebhookUrl::try_from(text).map_err(|error| error.to_string())?;
    let refused = |kind| format!("must not have a {kind} address as its host");
    url.check_host(allowed).map_err(refused)?;
    Ok(url)
}

/// A change of a webhook: a merge patch, what is left out stays.
#[derive(ToSchema)]
#[schema(as = WebhookChange)]
#[expect(dead_code, reason = "describes a body that is read field by field")]
pub(in crate::native) struct WebhookChangeBody {
    /// Another name.
    #[schema(min_length = 1, max_length = 64, nullable = false)]
    name: Option<String>,
    /// Another place.
    #[schema(max_length = 2000, nullable = false)]
    url: Option<String>,
    /// Whether it is told of anything. What is on its way to one that is not waits, and is given up
    /// when its time is over.
    #[schema(nullable = false)]
    is_enabled: Option<bool>,
}

/// Reads the body of a change of a webhook.
pub(super) fn change(mut fields: Fields, allowed: &Allowed) -> Result<WebhookChange, Error> {
    let name = fields.replaced("name", WebhookName::try_from);
    let url = fields.replaced("url", |text| url(text, allowed));
    fields.not_null("is_enabled");
    let is_enabled = fields.flag("is_enabled");
    fields.finish()?;
    Ok(WebhookChange { name, url, is_enabled })
}
