//! `/api/v1/dialing_region`.

use actix_web::HttpResponse;
use cadastre_domain::node::NodeProfile;
use serde::Serialize;

use super::call::Call;
use super::fields::Fields;
use super::wire::Failure;
use crate::error::Error;
use crate::operation::RegisterNode;
use crate::service;
use crate::service::nodes::Registered;

/// Registers a node and answers its key pair.
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
#[derive(Serialize)]
struct RegistrationView {
    ak: AccessKeyView,
    #[serde(rename = "regionInfo")]
    region_info: NodeView,
    server: String,
}

/// The key pair, as a registration shows it.
#[derive(Serialize)]
struct AccessKeyView {
    ak: String,
    external_id: String,
    owner: &'static str,
    parent_ak: String,
    sk: String,
    status: &'static str,
    update_at: i64,
}

/// The node, as a registration shows it: several fields are empty or 0 here, although other
/// answers know better (contract 1.3).
#[derive(Serialize)]
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
