//! Calls to the clusters of regions. Off unless `CADASTRE_CLUSTER_CALLS=on` (D16 to D18).
//!
//! The address of a cluster is one that a caller named, so calls go through the guard of
//! [`crate::outbound`], and what the other side says is never passed on: a failure is told by a
//! [`ClusterFailure`] alone (ADR 0007).

mod failure;
mod resources;
mod tls;

use std::convert::Infallible;
use std::time::Duration;

use actix_web::http::{Method, StatusCode};
use actix_web::web::Bytes;
use cadastre_domain::id::{EnterpriseId, RegionId};
use cadastre_domain::origin::Origin;
use cadastre_domain::outbound::Allowed;
use cadastre_domain::region::{ApiUrl, RegionDetail};
use cadastre_domain::secret::Secret;
use cadastre_domain::team::Team;
use serde_json::{Value, json};

use crate::fair_semaphore::FairSemaphore;
use crate::outbound::{Guard, OutboundError, Outgoing};
pub use failure::{ClusterError, ClusterFailure};
pub use resources::{Resources, Used};

/// The switch and the calls behind it.
#[derive(Clone)]
pub struct Clusters {
    on: bool,
    guard: Guard,
    enterprises: FairSemaphore<EnterpriseId>,
    regions: FairSemaphore<RegionId>,
    patience: Duration,
}

/// The most bytes of an answer that are read.
const LARGEST: usize = 64 * 1024;

/// How many clusters are called at once.
const AT_ONCE: usize = 32;

/// How many of them for one enterprise, whose clusters may be such that none ever answers.
const OF_ENTERPRISE: usize = 8;

/// How many calls to the cluster of one region.
const OF_REGION: usize = 2;

/// How long a call waits until it may be made.
const PATIENCE: Duration = Duration::from_secs(5);

/// What a cluster answered.
struct Answer {
    status: StatusCode,
    body: Value,
}

impl Clusters {
    /// Calls that are made, or not; to the public network, private networks, and what is `allowed`
    /// besides.
    #[must_use]
    pub fn new(on: bool, allowed: Allowed) -> Self {
        Self {
            on,
            guard: Guard::new(allowed.with_private()),
            enterprises: FairSemaphore::new(AT_ONCE, OF_ENTERPRISE),
            // Bounds each region alone: the whole is bounded above.
            regions: FairSemaphore::new(tokio::sync::Semaphore::MAX_PERMITS, OF_REGION),
            patience: PATIENCE,
        }
    }

    /// Whether clusters are called at all.
    #[must_use]
    pub const fn enabled(&self) -> bool {
        self.on
    }

    /// Whether the region's API answers `GET /v2/show` with a status below 400; tried twice where it
    /// cannot be reached. `check` is asked before each call.
    ///
    /// # Errors
    /// [`ClusterError::TestFailed`]; those of `check`.
    pub async fn test<E: From<ClusterError>>(
        &self,
        region: &RegionDetail,
        check: impl AsyncFn() -> Result<(), E>,
    ) -> Result<(), E> {
        let mut last = self.call(Method::GET, "/v2/show", region, None, &check).await?;
        if matches!(last, Err(ClusterFailure::Unreachable)) {
            last = self.call(Method::GET, "/v2/show", region, None, &check).await?;
        }
        let failure = match last {
            Ok(answer) if answer.status.as_u16() < 400 => return Ok(()),
            Ok(answer) => {
                log_failure(region, ClusterFailure::Status, &answer.status);
                ClusterFailure::Status
            }
            Err(failure) => failure,
        };
        Err(ClusterError::TestFailed(failure).into())
    }

    /// What the region's cluster has and uses, `GET /v2/cluster`; nothing when it does not say. It is a
    /// read, so it is not asked again whether the caller may.
    pub async fn resources(&self, detail: &RegionDetail) -> Option<Resources> {
        let check = async || Ok::<_, Infallible>(());
        let Ok(called) = self.call(Method::GET, "/v2/cluster", detail, None, check).await;
        match called {
            Ok(Answer { status: StatusCode::OK, body }) => Resources::read(&body["bean"]),
            _ => None,
        }
    }

    /// Makes the team known to the region's cluster, `POST /v2/tenants`. `check` is asked before the call.
    ///
    /// # Errors
    /// What the answer means, or that there is none; those of `check`.
    pub async fn create_tenant<E: From<ClusterError>>(
        &self,
        team: &Team,
        region: &RegionDetail,
        check: impl AsyncFnOnce() -> Result<(), E>,
    ) -> Result<(), E> {
        let body = json!({
            "tenant_id": team.id.to_string(),
            "tenant_name": team.name.as_ref(),
            "eid": team.enterprise_id.to_string(),
            "namespace": team.namespace,
            "bind_existing_namespace": false,
        });
        let called = self.call(Method::POST, "/v2/tenants", region, Some(&body), check).await?;
        let answer = called.map_err(ClusterError::Unreachable)?;
        let judged = judge(&answer, team.name.as_ref());
        if let Err(error) = &judged {
            log::warn!("the cluster of region {} was asked for a team: {error}", region.region.id);
        }
        Ok(judged?)
    }

    /// Makes the region's cluster forget the team, `DELETE /v2/tenants/{name}`. `check` is asked before the
    /// call. A cluster that does not know the team is fine.
    ///
    /// Answers why the cluster was not reached, if it was not: such a cluster is not waited for.
    ///
    /// # Errors
    /// [`ClusterError::NotForgotten`]; [`ClusterError::NotTold`] when no call was made; those of `check`.
    pub async fn delete_tenant<E: From<ClusterError>>(
        &self,
        team: &Team,
        region: &RegionDetail,
        check: impl AsyncFnOnce() -> Result<(), E>,
    ) -> Result<Option<ClusterFailure>, E> {
        let path = format!("/v2/tenants/{}", team.name.as_ref());
        match self.call(Method::DELETE, &path, region, None, check).await? {
            Ok(Answer { status, .. }) if status.is_success() || status == StatusCode::NOT_FOUND => {
                Ok(None)
            }
            Ok(_) => Err(ClusterError::NotForgotten.into()),
            Err(failure) if failure.is_before_the_call() => {
                Err(ClusterError::NotTold(failure).into())
            }
            Err(failure) => {
                log::warn!("the cluster of region {} keeps a team: {failure}", region.region.id);
                Ok(Some(failure))
            }
        }
    }

    /// Calls a path below the region's API. `check` is asked when the call has its turn, so that nothing
    /// but the call itself comes after it.
    async fn call<E>(
        &self,
        method: Method,
        path: &str,
        region: &RegionDetail,
        body: Option<&Value>,
        check: impl AsyncFnOnce() -> Result<(), E>,
    ) -> Result<Result<Answer, ClusterFailure>, E> {
        let failed = |failure, cause: &dyn std::fmt::Display| {
            log_failure(region, failure, cause);
            failure
        };
        if region.withholds_token() {
            let cause = "the token is sent over https only";
            return Ok(Err(failed(ClusterFailure::Insecure, &cause)));
        }
        let (id, enterprise) = (region.region.id, region.region.enterprise_id);
        let turns = async {
            let of_region = self.regions.acquire(id).await?;
            Some((of_region, self.enterprises.acquire(enterprise).await?))
        };
        let turns = tokio::time::timeout(self.patience, turns).await.ok().flatten();
        let Some(_turns) = turns else {
            return Ok(Err(failed(ClusterFailure::Busy, &"too many calls are under way")));
        };
        check().await?;
        let exchanged = self.exchange(method, path, region, body).await;
        Ok(exchanged.map_err(|error| failed(ClusterFailure::from(&error), &error)))
    }

    async fn exchange(
        &self,
        method: Method,
        path: &str,
        region: &RegionDetail,
        body: Option<&Value>,
    ) -> Result<Answer, OutboundError> {
        let url = endpoint(&region.region.addresses.api, path);
        let origin = Origin::of_url(&url).ok_or(OutboundError::Request)?;
        let token = region.credentials.token.as_ref().map(Secret::reveal);
        let token = token.filter(|token| !token.is_empty());
        let mut headers: Vec<_> = token.map(|token| ("Authorization", token)).into_iter().collect();
        if body.is_some() {
            headers.push(("Content-Type", "application/json"));
        }
        let request = Outgoing {
            method,
            url: &url,
            origin: &origin,
            headers: &headers,
            body: body.map(|body| Bytes::from(body.to_string())).unwrap_or_default(),
            most: LARGEST,
        };
        let tls = || tls::client_config(&region.credentials).map_err(|_| OutboundError::Request);
        let incoming = self.guard.exchange(region.region.enterprise_id, &request, tls).await?;
        let status = StatusCode::from_u16(incoming.status).map_err(|_| OutboundError::Exchange)?;
        Ok(Answer { status, body: serde_json::from_slice(&incoming.body).unwrap_or(Value::Null) })
    }
}

/// Tells of a failed call in the log, where more is told than to the caller: never what the other side
/// said.
fn log_failure(region: &RegionDetail, failure: ClusterFailure, cause: &dyn std::fmt::Display) {
    log::warn!("a call to the cluster of region {} failed ({failure}): {cause}", region.region.id);
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
    Err(ClusterError::Refused)
}

/// A path below the region's API, whatever path and query the address itself has.
fn endpoint(api: &ApiUrl, path: &str) -> String {
    let base = api.as_ref().split('?').next().unwrap_or_default();
    format!("{}{path}", base.trim_end_matches('/'))
}

#[cfg(test)]
mod tests;
