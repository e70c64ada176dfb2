//! Calls to the clusters of regions. Off unless `CADASTRE_CLUSTER_CALLS=on` (D16 to D18).

mod resources;
mod tls;

use std::time::Duration;

use actix_web::http::{Method, StatusCode};
use awc::error::SendRequestError;
use awc::{Client, Connector};
use cadastre_domain::region::{ApiUrl, Credentials, RegionDetail};
use cadastre_domain::secret::Secret;
use cadastre_domain::team::Team;
use serde_json::{Value, json};

pub use resources::{Resources, Used};

/// Why a cluster did not do its part.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ClusterError {
    /// The connectivity test failed, for this reason.
    #[error("the cluster does not pass the connectivity test: {0}")]
    TestFailed(String),
    /// The cluster cannot be reached, for this reason.
    #[error("the cluster cannot be reached: {0}")]
    Unreachable(String),
    /// The cluster of the region of this name cannot be reached, so it is not enabled.
    #[error("the cluster of {0} cannot be reached")]
    NotReached(String),
    /// The namespace of the team is in use in the cluster.
    #[error("the namespace exists in the cluster")]
    NamespaceExists,
    /// The cluster refused without a reason of its own.
    #[error("the cluster refused")]
    Refused,
    /// The cluster does not forget the team.
    #[error("the cluster does not forget the team")]
    NotForgotten,
    /// The cluster refused with a reason that is passed on.
    #[error("the cluster refused: {msg}")]
    Answered {
        /// The HTTP status.
        status: u16,
        /// The code in the body.
        code: i64,
        /// The reason, in English.
        msg: String,
        /// The reason, for people.
        msg_show: String,
    },
}

impl ClusterError {
    /// The status with which the failure is answered.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self {
            // Success and redirects of the cluster are no status for a failure.
            Self::Answered { status: 400.., .. } => {
                let Self::Answered { status, .. } = self else { return StatusCode::BAD_REQUEST };
                StatusCode::from_u16(*status).unwrap_or(StatusCode::BAD_REQUEST)
            }
            _ => StatusCode::BAD_REQUEST,
        }
    }
}

/// The switch and the calls behind it.
#[derive(Debug, Clone, Copy)]
pub struct Clusters {
    on: bool,
}

/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(5);
/// How long an answer may take.
const ANSWER: Duration = Duration::from_secs(5);
/// The most bytes of an answer that are read.
const LARGEST: usize = 64 * 1024;

/// What a cluster answered.
struct Answer {
    status: StatusCode,
    body: Value,
}

impl Clusters {
    /// Calls that are made, or not.
    #[must_use]
    pub const fn new(on: bool) -> Self {
        Self { on }
    }

    /// Whether clusters are called at all.
    #[must_use]
    pub const fn enabled(self) -> bool {
        self.on
    }

    /// Whether the region's API answers `GET /v2/show` with a status below 400; tried twice.
    ///
    /// # Errors
    /// [`ClusterError::TestFailed`].
    pub async fn test(self, api: &ApiUrl, credentials: &Credentials) -> Result<(), ClusterError> {
        let url = endpoint(api, "/v2/show");
        let mut last = call(Method::GET, &url, credentials, None).await;
        if last.is_err() {
            last = call(Method::GET, &url, credentials, None).await;
        }
        match last {
            Ok(answer) if answer.status.as_u16() < 400 => Ok(()),
            Ok(answer) => Err(ClusterError::TestFailed(format!("status {}", answer.status))),
            Err(reason) => Err(ClusterError::TestFailed(reason)),
        }
    }

    /// What the region's cluster has and uses, `GET /v2/cluster`; nothing when it does not say.
    pub async fn resources(self, detail: &RegionDetail) -> Option<Resources> {
        let url = endpoint(&detail.region.addresses.api, "/v2/cluster");
        let answer = call(Method::GET, &url, &detail.credentials, None).await;
        match answer {
            Ok(Answer { status: StatusCode::OK, body }) => Resources::read(&body["bean"]),
            _ => None,
        }
    }

    /// Makes the team known to the region's cluster, `POST /v2/tenants`.
    ///
    /// # Errors
    /// What the cluster says, or that it cannot be reached.
    pub async fn create_tenant(
        self,
        team: &Team,
        region: &RegionDetail,
    ) -> Result<(), ClusterError> {
        let body = json!({
            "tenant_id": team.id.to_string(),
            "tenant_name": team.name.as_ref(),
            "eid": team.enterprise_id.to_string(),
            "namespace": team.namespace,
            "bind_existing_namespace": false,
        });
        let url = endpoint(&region.region.addresses.api, "/v2/tenants");
        let answer = call(Method::POST, &url, &region.credentials, Some(&body)).await;
        judge(&answer.map_err(ClusterError::Unreachable)?, team.name.as_ref())
    }

    /// Makes the region's cluster forget the team, `DELETE /v2/tenants/{name}`. One that does not
    /// know it, or that cannot be reached, is not waited for.
    ///
    /// # Errors
    /// [`ClusterError::NotForgotten`].
    pub async fn delete_tenant(
        self,
        team: &Team,
        region: &RegionDetail,
    ) -> Result<(), ClusterError> {
        let path = format!("/v2/tenants/{}", team.name.as_ref());
        let url = endpoint(&region.region.addresses.api, &path);
        match call(Method::DELETE, &url, &region.credentials, None).await {
            Ok(Answer { status, .. }) if status.is_success() || status == StatusCode::NOT_FOUND => {
                Ok(())
            }
            Ok(_) => Err(ClusterError::NotForgotten),
            Err(reason) => {
                log::warn!("the cluster of region {} keeps a team: {reason}", region.region.id);
                Ok(())
            }
        }
    }
}

/// What the answer to the creation of a tenant means (contract 5, steps 11 to 14).
fn judge(answer: &Answer, tenant: &str) -> Result<(), ClusterError> {
    let msg = answer.body["msg"].as_str().unwrap_or_default();
    if answer.status == StatusCode::OK || msg == format!("tenant name {tenant} is exist") {
        return Ok(());
    }
    if msg.contains("namespace exists") {
        return Err(ClusterError::NamespaceExists);
    }
    match answer.body["code"].as_i64() {
        Some(code) => Err(ClusterError::Answered {
            status: answer.status.as_u16(),
            code,
            msg: msg.to_owned(),
            msg_show: answer.body["msg_show"].as_str().unwrap_or(msg).to_owned(),
        }),
        None => Err(ClusterError::Refused),
    }
}

/// A path below the region's API, whatever path and query the address itself has.
fn endpoint(api: &ApiUrl, path: &str) -> String {
    let base = api.as_ref().split('?').next().unwrap_or_default();
    format!("{}{path}", base.trim_end_matches('/'))
}

async fn call(
    method: Method,
    url: &str,
    credentials: &Credentials,
    body: Option<&Value>,
) -> Result<Answer, String> {
    let config = tls::client_config(credentials)?;
    let connector = Connector::new().timeout(CONNECT).rustls_0_23(config);
    let client =
        Client::builder().connector(connector).disable_redirects().timeout(ANSWER).finish();
    let request = client.request(method, url);
    let token = credentials.token.as_ref().map(Secret::reveal).filter(|token| !token.is_empty());
    let request = match token {
        Some(token) => request.insert_header(("Authorization", token)),
        None => request,
    };
    let sent = match body {
        Some(body) => request.send_json(body).await,
        None => request.send().await,
    };
    let mut response = sent.map_err(reason)?;
    let status = StatusCode::from_u16(response.status().as_u16()).map_err(|e| e.to_string())?;
    let bytes = response.body().limit(LARGEST).await.unwrap_or_default();
    Ok(Answer { status, body: serde_json::from_slice(&bytes).unwrap_or(Value::Null) })
}

/// Why a request could not be sent; never what was in it.
fn reason(error: SendRequestError) -> String {
    match error {
        SendRequestError::Connect(error) => format!("connection failed: {error}"),
        SendRequestError::Timeout => "no answer in time".to_owned(),
        _ => "the exchange failed".to_owned(),
    }
}

#[cfg(test)]
mod tests;
