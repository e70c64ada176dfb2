//! Whether a request is signed by the node that it is about (dialing contract, section 3.1).
//!
//! Path and query are not signed, so it is asked here whether the key is the node's own. In this
//! order: the signature, the body, whose key it is, whether it is still valid, and last whether the
//! node may pull: so the text that makes an agent stop everything goes to nobody but the owner of a
//! valid key, and about nothing but his node.

use std::sync::Arc;

use actix_web::HttpRequest;
use actix_web::dev::Payload;
use actix_web::http::{StatusCode, header};
use actix_web::web::{self, Bytes};
use cadastre_domain::id::NodeId;
use cadastre_domain::node::{
    AccessKeyId, Authorization, NodeKey, PullRefusal, SignedRequest, content_md5,
};
use cadastre_storage::ModelNode;
use chrono::{DateTime, Utc};

use super::wire::Failure;
use crate::app::App;
use crate::http::{body, client_address, track};
use crate::service;
use crate::service::nodes::keys::FirstUse;

/// A request that is rightly signed by a node that may pull.
pub(super) struct Signed {
    /// The node, as it was when the request came.
    pub(super) node: Arc<ModelNode>,
    /// The key.
    pub(super) key: AccessKeyId,
    /// The body.
    pub(super) body: Bytes,
    /// When the request came.
    pub(super) now: DateTime<Utc>,
}

/// Lets a request about the node `asked` pass.
pub(super) async fn accept(
    app: &web::Data<App>,
    request: &HttpRequest,
    payload: Payload,
    asked: Option<&str>,
) -> Result<Signed, Failure> {
    let now = app.clock.now();
    let asked = asked.and_then(|id| id.parse::<NodeId>().ok());
    let authorization = text(request, &header::AUTHORIZATION).parse::<Authorization>();
    let (owner, asked) = {
        let model = app.regions().await?;
        let nodes = model.nodes();
        let key = authorization.as_ref().ok().map(|authorization| &authorization.key);
        let owner = key.and_then(|key| nodes.find_by_key(key)).cloned();
        (owner, asked.and_then(|id| nodes.find(&id)).cloned())
    };
    let check = Check { app, request, now, owner: owner.as_ref(), asked: asked.as_ref() };
    let authorization = authorization.map_err(|error| check.unsigned(&error.to_string()))?;
    let (node, key) = check.signer(&authorization)?;
    let body = check.body(payload).await?;
    check.may_pull(node, key)?;
    if key.ends_others && key.first_used_at.is_none() {
        first_use(app, request, node, key, now).await?;
    }
    Ok(Signed { node: Arc::clone(node), key: authorization.key, body, now })
}

/// What a request is checked against.
struct Check<'a> {
    app: &'a web::Data<App>,
    request: &'a HttpRequest,
    now: DateTime<Utc>,
    /// The node whose key it says it is signed with.
    owner: Option<&'a Arc<ModelNode>>,
    /// The node that it is about.
    asked: Option<&'a Arc<ModelNode>>,
}

impl<'a> Check<'a> {
    /// Whose signature it is.
    fn signer(
        &self,
        authorization: &Authorization,
    ) -> Result<(&'a Arc<ModelNode>, &'a NodeKey), Failure> {
        let found = self.owner.and_then(|node| Some((node, node.key(&authorization.key)?)));
        let (node, key) = found.ok_or_else(|| self.unsigned("the access key is not known"))?;
        if self.signed().sign(&key.pair.secret).same(authorization.signature) {
            return Ok((node, key));
        }
        self.note(node, PullRefusal::Signature);
        Err(Failure::signature("the signature is not that of the key"))
    }

    /// The part of the request that is signed.
    fn signed(&self) -> SignedRequest<'a> {
        SignedRequest {
            method: self.request.method().as_str(),
            content_md5: text(self.request, &header::HeaderName::from_static("content-md5")),
            content_type: text(self.request, &header::CONTENT_TYPE),
            date: text(self.request, &header::DATE),
        }
    }

    /// The body, which is read only now, when somebody known has signed for it.
    async fn body(&self, payload: Payload) -> Result<Bytes, Failure> {
        let body = body::read(self.request, payload).await?;
        if self.signed().content_md5 == content_md5(&body) {
            Ok(body)
        } else {
            Err(Failure::signature("the body does not have the MD5 that Content-MD5 says"))
        }
    }

    fn may_pull(&self, node: &ModelNode, key: &NodeKey) -> Result<(), Failure> {
        let asked = self.asked.ok_or_else(|| Failure::signature("no node has this region_id"))?;
        if asked.node.id != node.node.id {
            // The owner of another enterprise's key tells nothing about this node.
            if asked.node.enterprise_id == node.node.enterprise_id {
                self.note(asked, PullRefusal::ForeignKey);
            }
            let text = "the access key is not one of this node";
            return Err(Failure::new(StatusCode::FORBIDDEN, "kodo.AccessDenied", text));
        }
        if !key.is_valid(self.now) {
            self.note(node, PullRefusal::RevokedKey);
            return Err(Failure::signature("the access key was revoked or has ended"));
        }
        if node.node.may_pull() { Ok(()) } else { Err(Failure::stop()) }
    }

    /// The refusal of a request that nobody known signed. It is noted for the node that it is about.
    fn unsigned(&self, why: &str) -> Failure {
        if let Some(asked) = self.asked {
            self.note(asked, PullRefusal::Signature);
        }
        Failure::signature(why)
    }

    fn note(&self, node: &ModelNode, reason: PullRefusal) {
        self.app.contacts.refused(&node.node.id, self.now, reason);
    }
}

/// Ends the other keys of a node, when this one was made to do so when it is used first.
async fn first_use(
    app: &web::Data<App>,
    request: &HttpRequest,
    node: &ModelNode,
    key: &NodeKey,
    now: DateTime<Utc>,
) -> Result<(), Failure> {
    let used = FirstUse {
        node: node.node.id.clone(),
        enterprise: node.node.enterprise_id,
        key: key.pair.id.clone(),
        address: client_address::of(request),
        request: track::id_of(request).simple().to_string(),
        now,
    };
    Ok(service::nodes::keys::first_use(app, used).await?)
}

/// A header; empty when it was not sent, and the text of nothing signed when it is no text.
fn text<'a>(request: &'a HttpRequest, name: &header::HeaderName) -> &'a str {
    request.headers().get(name).map_or("", |value| value.to_str().unwrap_or("\0"))
}

/// What a request says in `Date`.
pub(super) fn date(request: &HttpRequest) -> &str {
    text(request, &header::DATE)
}
