//! `/api/v1/dialing_region`.

use actix_web::HttpResponse;
use cadastre_domain::node::NodeProfile;
use serde::Serialize;
use utoipa::ToSchema;

use super::call::Call;
use super::fields::Fields;
use super::wire::{Envelope, Failure};
use crate::error::Error;
use crate::operation::RegisterNode;
use crate::service;
use crate::service::nodes::Registered;

/// A node to be registered.
#[derive(ToSchema)]
#[schema(as = NewNode)]
#[expect(dead_code, reason = "describes a body that is read field by field")]
pub(super) struct NewNodeBody {
    /// Whether it stands inside China.
    internal: bool,
    /// Its carrier.
    #[schema(min_length = 1, max_length = 256)]
    isp: String,
    /// Its country.
    #[schema(min_length = 1, max_length = 256)]
    country: String,
    /// Its province.
    #[schema(max_length = 256)]
    province: Option<String>,
    /// Its city.
    #[schema(max_length = 256)]
    city: Option<String>,
    /// What people call it.
    #[schema(max_length = 256)]
    name: Option<String>,
    /// Whose it is.
    #[schema(max_length = 256)]
    company: Option<String>,
    /// Its code, unique in the workspace.
    #[schema(min_length = 1, max_length = 128)]
    keycode: String,
}

/// Registers a node and answers its key pair.
///
/// The secret part `sk` is needed to set the node up.
#[utoipa::path(
    post,
    path = "/api/v1/dialing_region/regist",
    tag = "nodes",
    request_body = NewNodeBody,
    responses(
        (
            status = 200,
            description = "The node and its key pair.",
            body = Envelope<RegistrationView>,
        ),
        (status = 409, description = "The workspace has a node with this keycode."),
    ),
)]
pub(super) async fn register(mut call: Call<RegisterNode>) -> Result<HttpResponse, Failure> {
    let profile = profile(call.fields().await?).map_err(|error| call.failure(error))?;
    let registered = service::nodes::register(&call.app, &call.session, profile).await;
    let server = call.app.public_url.to_string();
    call.answer(registered.map(|registered| RegistrationView::new(registered, server)))
}

fn profile(mut fields: Fields) -> Result<NodeProfile, Error> {
    let body = &mut fields;
    let internal = body.boolean("internal");
    let words = (body.required("isp"), body.required("country"));
    let place = (body.optional("province"), body.optional("city"));
    let owner = (body.optional("name"), body.optional("company"));
    let keycode = body.required("keycode");
    match (internal, words, place, owner, keycode) {
        (
            Some(internal),
            (Some(isp), Some(country)),
            (Some(province), Some(city)),
            (Some(name), Some(company)),
            Some(keycode),
        ) => Ok(NodeProfile { internal, isp, country, province, city, name, company, keycode }),
        _ => Err(Error::Fields(fields.into_errors())),
    }
}

/// The content of the answer to a registration.
#[derive(Serialize, ToSchema)]
#[schema(as = Registration)]
struct RegistrationView {
    ak: AccessKeyView,
    #[serde(rename = "regionInfo")]
    region_info: NodeView,
    server: String,
}

/// The key pair, as a registration shows it.
#[derive(Serialize, ToSchema)]
#[schema(as = AccessKey)]
struct AccessKeyView {
    ak: String,
    external_id: String,
    owner: &'static str,
    parent_ak: String,
    sk: String,
    status: &'static str,
    update_at: i64,
}

// Several fields are empty or 0 here, although other answers know better (contract 1.3).
/// The node, as a registration shows it.
#[derive(Serialize, ToSchema)]
#[schema(as = Node)]
struct NodeView {
    city: String,
    company: String,
    country: String,
    create_at: i64,
    external_id: String,
    heartbeat: i64,
    internal: bool,
    isp: String,
    keycode: String,
    name: String,
    owner: &'static str,
    parent_ak: &'static str,
    province: String,
    region: &'static str,
    status: &'static str,
    uuid: String,
}

impl RegistrationView {
    fn new(registered: Registered, server: String) -> Self {
        let Registered { node, key, enterprise } = registered;
        let workspace = enterprise.workspace();
        let external_id = format!("{}-{workspace}", enterprise.parent_key_id);
        let ak = AccessKeyView {
            ak: key.id.to_string(),
            external_id: workspace,
            owner: "",
            parent_ak: enterprise.parent_key_id.to_string(),
            sk: key.secret.reveal().to_owned(),
            status: "",
            update_at: 0,
        };
        let NodeProfile { internal, isp, country, province, city, name, company, keycode } =
            node.profile;
        let region_info = NodeView {
            city: city.into(),
            company: company.into(),
            country: country.into(),
            create_at: 0,
            external_id,
            heartbeat: 0,
            internal,
            isp: isp.into(),
            keycode: keycode.into(),
            name: name.into(),
            owner: "custom",
            parent_ak: "",
            province: province.into(),
            region: "",
            status: "",
            uuid: node.id.into(),
        };
        Self { ak, region_info, server }
    }
}
