//! Whether a request is signed by the node that it is about (dialing contract, section 3.1).
//!
//! Path and query are not signed, so it is asked here whether the key is the node's own. In this
//! order: the signature, the body, whether it is about the node whose key it is, whether the key is
//! still valid, and last whether the node may pull: so the text that makes an agent stop everything
//! goes to nobody but the owner of a valid key, and about nothing but his node.

use std::sync::Arc;

use actix_web::HttpRequest;
use actix_web::dev::Payload;
use actix_web::http::{StatusCode, header};
use actix_web::web::{self, Bytes};
use cadastre_domain::id::NodeId;
use cadastre_domain::node::{
    AccessKeyId, Authorization, MD5_OF_NOTHING, NodeKey, PullRefusal, SignedRequest, content_md5,
};
use cadastre_storage::ModelNode;
use chrono::{DateTime, Utc};

use super::wire::{Failure, body_in_time};
use crate::app::App;
use crate::http::{body, client_address, track};
use crate::service;
use crate::service::nodes::keys::FirstUse;

/// A request that is rightly signed by a node that may pull.
pub(super) struct Signed<'a> {
    /// The node, as it was when the request came.
    pub(super) node: Arc<ModelNode>,
    /// The key.
    pub(super) key: AccessKeyId,
    /// What it says in `Date`.
    pub(super) date: &'a str,
    /// The body.
    pub(super) body: Bytes,
    /// When the request came.
    pub(super) now: DateTime<Utc>,
}

/// Lets a request about the node `asked` pass.
pub(super) async fn accept<'a>(
    app: &web::Data<App>,
    request: &'a HttpRequest,
    payload: Payload,
    asked: Option<&str>,
) -> Result<Signed<'a>, Failure> {
    let mut now = app.clock.now();
    let named = asked.filter(|id| !id.is_empty());
    let authorization = text(request, &header::AUTHORIZATION).unwrap_or_default();
    let authorization = authorization.parse::<Authorization>();
    let key = authorization.as_ref().ok().map(|authorization| &authorization.key);
    let mut nodes = InvolvedNodes::look_up(app, key, named).await?;
    let check = Check { app, now, nodes: &nodes };
    let authorization = authorization.map_err(|error| check.unsigned(&error.to_string()))?;
    let signed = signed_part(request).ok_or_else(|| check.unsigned("a header is no text"))?;
    check.signer(&authorization, signed)?;
    let has_body = !matches!(payload, Payload::None);
    let body = whole_body(request, payload, signed).await?;
    if has_body {
        // The body may have been long on its way, and the key may have ended meanwhile.
        now = app.clock.now();
        nodes = InvolvedNodes::look_up(app, Some(&authorization.key), named).await?;
    }
    if named.is_none() {
        return Err(Failure::parameter("region_id must be the identifier of the node"));
    }
    let check = Check { app, now, nodes: &nodes };
    let (node, key) = check.key(&authorization)?;
    check.may_pull(node, key)?;
    if key.ends_others && key.first_used_at.is_none() {
        first_use(app, request, node, key, now).await?;
    }
    Ok(Signed { node: Arc::clone(node), key: authorization.key, date: signed.date, body, now })
}

/// The part of a request that is signed; none when any of it is no text, as nobody says what a
/// signature over that would mean.
fn signed_part(request: &HttpRequest) -> Option<SignedRequest<'_>> {
    Some(SignedRequest {
        method: request.method().as_str(),
        content_md5: text(request, &header::HeaderName::from_static("content-md5"))?,
        content_type: text(request, &header::CONTENT_TYPE)?,
        date: text(request, &header::DATE)?,
    })
}

/// A header; empty when it was not sent, and none when it is no text.
fn text<'a>(request: &'a HttpRequest, name: &header::HeaderName) -> Option<&'a str> {
    request.headers().get(name).map_or(Some(""), |value| value.to_str().ok())
}

/// The body, which is read only now, when somebody known has signed for it.
async fn whole_body(
    request: &HttpRequest,
    payload: Payload,
    signed: SignedRequest<'_>,
) -> Result<Bytes, Failure> {
    if matches!(payload, Payload::None) && signed.content_md5 == MD5_OF_NOTHING {
        return Ok(Bytes::new());
    }
    let body = body_in_time(body::read(request, payload)).await?;
    if signed.content_md5 == content_md5(&body) {
        Ok(body)
    } else {
        Err(Failure::signature("the body does not have the MD5 that Content-MD5 says"))
    }
}

/// The nodes that a request has to do with.
struct InvolvedNodes {
    /// The node whose key it says it is signed with.
    owner: Option<Arc<ModelNode>>,
    /// The node that it is about, if there is such a node.
    asked: Option<Arc<ModelNode>>,
}

impl InvolvedNodes {
    async fn look_up(
        app: &App,
        key: Option<&AccessKeyId>,
        named: Option<&str>,
    ) -> Result<Self, Failure> {
        let model = app.regions().await?;
        let nodes = model.nodes();
        let owner = key.and_then(|key| nodes.find_by_key(key)).cloned();
        // Mostly it is the owner's own, who is found already.
        let is_own = |owner: &&Arc<ModelNode>| named == Some(owner.node.id.as_ref());
        let other = || nodes.find(&named?.parse::<NodeId>().ok()?).cloned();
        let asked = owner.as_ref().filter(is_own).cloned().or_else(other);
        Ok(Self { owner, asked })
    }
}

/// What a request is checked against.
struct Check<'a> {
    app: &'a web::Data<App>,
    now: DateTime<Utc>,
    nodes: &'a InvolvedNodes,
}

impl<'a> Check<'a> {
    /// The key that it says it is signed with, and whose it is.
    fn key(
        &self,
        authorization: &Authorization,
    ) -> Result<(&'a Arc<ModelNode>, &'a NodeKey), Failure> {
        let owner = self.nodes.owner.as_ref();
        let found = owner.and_then(|node| Some((node, node.key(&authorization.key)?)));
        found.ok_or_else(|| self.unsigned("the access key is not known"))
    }

    /// Makes sure that the signature is that of the key.
    fn signer(
        &self,
        authorization: &Authorization,
        signed: SignedRequest<'_>,
    ) -> Result<(), Failure> {
        let (node, key) = self.key(authorization)?;
        if signed.sign(&key.pair.secret).same(authorization.signature) {
            return Ok(());
        }
        self.note(node, PullRefusal::Signature);
        Err(Failure::signature("the signature is not that of the key"))
    }

    /// Whether there is another node of this identifier or none, is nobody's business.
    fn may_pull(&self, node: &ModelNode, key: &NodeKey) -> Result<(), Failure> {
        if self.nodes.asked.as_ref().is_none_or(|asked| asked.node.id != node.node.id) {
            // The owner of another enterprise's key tells nothing about this node.
            let is_ours =
                |asked: &&Arc<ModelNode>| asked.node.enterprise_id == node.node.enterprise_id;
            if let Some(asked) = self.nodes.asked.as_ref().filter(is_ours) {
                self.note(asked, PullRefusal::ForeignKey);
            }
            let text = "the access key is not one of this node";
            return Err(Failure::new(StatusCode::FORBIDDEN, "kodo.AccessDenied", text));
        }
        if !key.is_valid(self.now) {
            self.note(node, PullRefusal::RevokedKey);
            return Err(Failure::key_ended());
        }
        if node.node.may_pull() { Ok(()) } else { Err(Failure::stop()) }
    }

    /// The refusal of a request that nobody known signed. It is noted for the node that it is about.
    fn unsigned(&self, why: &str) -> Failure {
        if let Some(asked) = &self.nodes.asked {
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
