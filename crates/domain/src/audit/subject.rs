//! What entries tell of each kind of thing. Secrets are told by their fingerprint only.

mod archive;
mod dialing;
mod webhooks;

pub use archive::AuditArchive;

use super::Value;
use crate::enterprise::Enterprise;
use crate::id::EnterpriseId;
use crate::maintenance::Window;
use crate::opening::Opening;
use crate::region::RegionDetail;
use crate::team::Team;
use crate::token::Token;
use crate::user::User;

/// A thing that entries can be about.
pub trait Subject {
    /// What kind of thing.
    const KIND: &'static str;

    /// Its identifier.
    fn object_id(&self) -> String;

    /// The enterprise to which it belongs.
    fn enterprise(&self) -> Option<EnterpriseId>;

    /// What is told of it; always the same fields in the same order.
    fn fields(&self) -> Vec<(&'static str, Option<Value>)>;
}

/// A value that is told.
#[expect(clippy::unnecessary_wraps, reason = "stands beside values that may be missing")]
fn text<T: ToString + ?Sized>(value: &T) -> Option<Value> {
    Some(Value::Text(value.to_string()))
}

/// A time that is told, if there is one.
fn time(value: Option<chrono::DateTime<chrono::Utc>>) -> Option<Value> {
    value.and_then(|time| text(&time.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true)))
}

impl Subject for RegionDetail {
    const KIND: &'static str = "region";

    fn object_id(&self) -> String {
        self.region.id.to_string()
    }

    fn enterprise(&self) -> Option<EnterpriseId> {
        Some(self.region.enterprise_id)
    }

    fn fields(&self) -> Vec<(&'static str, Option<Value>)> {
        let (region, credentials) = (&self.region, &self.credentials);
        let addresses = &region.addresses;
        // Certificates are public, but long: their fingerprint says enough.
        let pem = |pem: &Option<crate::region::Pem>| {
            pem.as_ref().map(|pem| Value::Secret(pem.as_ref().to_owned().into()))
        };
        let labels = (!region.labels.is_empty()).then(|| String::from(region.labels.clone()));
        vec![
            ("name", text(region.name.as_ref())),
            ("alias", text(region.alias.as_ref())),
            ("api_url", text(addresses.api.as_ref())),
            ("websocket_url", text(addresses.websocket.as_ref())),
            ("http_domain", text(addresses.http_domain.as_ref())),
            ("tcp_address", text(addresses.tcp.as_ref())),
            ("scope", text(region.scope.as_str())),
            ("status", text(region.status.as_str())),
            ("description", text(region.description.as_ref())),
            ("labels", labels.map(Value::Text)),
            ("token", credentials.token.clone().map(Value::Secret)),
            ("ca", pem(&credentials.ca)),
            ("certificate", pem(&credentials.certificate)),
            ("key", credentials.key.clone().map(Value::Secret)),
        ]
    }
}

impl Subject for Team {
    const KIND: &'static str = "team";

    fn object_id(&self) -> String {
        self.id.to_string()
    }

    fn enterprise(&self) -> Option<EnterpriseId> {
        Some(self.enterprise_id)
    }

    fn fields(&self) -> Vec<(&'static str, Option<Value>)> {
        vec![
            ("name", text(self.name.as_ref())),
            ("alias", text(self.alias.as_ref())),
            ("namespace", text(&self.namespace)),
            ("is_active", text(&self.is_active)),
            ("limit_memory", text(&self.limit_memory)),
            ("creator", text(&self.creator.0)),
            ("expires_at", time(self.expires_at)),
        ]
    }
}

/// An opening together with the enterprise of its team.
impl Subject for (Opening, EnterpriseId) {
    const KIND: &'static str = "opening";

    fn object_id(&self) -> String {
        format!("{}/{}", self.0.team_id, self.0.region_id)
    }

    fn enterprise(&self) -> Option<EnterpriseId> {
        Some(self.1)
    }

    fn fields(&self) -> Vec<(&'static str, Option<Value>)> {
        let opening = &self.0;
        vec![
            ("team_id", text(&opening.team_id)),
            ("region_id", text(&opening.region_id)),
            ("quota_memory_mb", text(&opening.quota.memory_mb())),
            ("quota_cpu_millicores", text(&opening.quota.cpu_millicores())),
        ]
    }
}

impl Subject for Token {
    const KIND: &'static str = "token";

    fn object_id(&self) -> String {
        self.id.to_string()
    }

    fn enterprise(&self) -> Option<EnterpriseId> {
        Some(self.caller.enterprise_id)
    }

    fn fields(&self) -> Vec<(&'static str, Option<Value>)> {
        let teams: Vec<_> = self.caller.teams.iter().map(ToString::to_string).collect();
        vec![
            ("name", text(self.name.as_ref())),
            ("note", text(self.note.as_ref())),
            ("role", text(&self.caller.role)),
            ("user_id", text(&self.caller.user_id.0)),
            ("enterprise_id", text(&self.caller.enterprise_id)),
            ("teams", text(&teams.join(","))),
            ("expires_at", time(self.expires_at)),
            ("revoked_at", time(self.revoked_at)),
            ("overlap_ends_at", time(self.overlap_ends_at)),
        ]
    }
}

impl Subject for Enterprise {
    const KIND: &'static str = "enterprise";

    fn object_id(&self) -> String {
        self.id.to_string()
    }

    fn enterprise(&self) -> Option<EnterpriseId> {
        Some(self.id)
    }

    fn fields(&self) -> Vec<(&'static str, Option<Value>)> {
        vec![("name", text(self.name.as_ref()))]
    }
}

impl Subject for User {
    const KIND: &'static str = "user";

    fn object_id(&self) -> String {
        self.id.0.to_string()
    }

    fn enterprise(&self) -> Option<EnterpriseId> {
        Some(self.enterprise_id)
    }

    fn fields(&self) -> Vec<(&'static str, Option<Value>)> {
        vec![("name", text(self.name.as_ref()))]
    }
}

impl Subject for Window {
    const KIND: &'static str = "maintenance_window";

    fn object_id(&self) -> String {
        self.id.to_string()
    }

    fn enterprise(&self) -> Option<EnterpriseId> {
        Some(self.enterprise_id)
    }

    fn fields(&self) -> Vec<(&'static str, Option<Value>)> {
        vec![
            ("region_id", text(&self.region_id)),
            ("starts_at", time(Some(self.starts_at))),
            ("ends_at", time(Some(self.ends_at))),
            ("owner", text(self.owner.as_ref())),
            ("reason", text(self.reason.as_ref())),
            ("state", text(self.state.as_str())),
            ("note", text(&self.note)),
        ]
    }
}
