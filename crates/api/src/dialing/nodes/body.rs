//! Bodies that say what there is about a node.

use cadastre_domain::node::{Keycode, NodeEdit, NodeProfile};
use utoipa::ToSchema;

use super::super::fields::Fields;
use crate::error::Error;

/// A node to be registered.
#[derive(ToSchema)]
#[schema(as = NewNode)]
#[expect(dead_code, reason = "describes a body that is read field by field")]
pub(in super::super) struct NewNodeBody {
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

/// A change of a node; what is left out stays.
#[derive(ToSchema)]
#[schema(as = NodeChange)]
#[expect(dead_code, reason = "describes a body that is read field by field")]
pub(in super::super) struct NodeChangeBody {
    /// Whether it stands inside China.
    #[schema(nullable = false)]
    internal: Option<bool>,
    /// Its carrier.
    #[schema(min_length = 1, max_length = 256, nullable = false)]
    isp: Option<String>,
    /// Its country.
    #[schema(min_length = 1, max_length = 256, nullable = false)]
    country: Option<String>,
    /// Its province; null is the empty text.
    #[schema(max_length = 256)]
    province: Option<String>,
    /// Its city; null is the empty text.
    #[schema(max_length = 256)]
    city: Option<String>,
    /// What people call it; null is the empty text.
    #[schema(max_length = 256)]
    name: Option<String>,
    /// Whose it is; null is the empty text.
    #[schema(max_length = 256)]
    company: Option<String>,
    /// Its code, which must be the one that it has.
    #[schema(min_length = 1, max_length = 128, nullable = false)]
    keycode: Option<String>,
}

pub(super) fn profile(mut fields: Fields) -> Result<NodeProfile, Error> {
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

/// What is to change, and the keycode that the node must have.
pub(super) fn change(mut fields: Fields) -> Result<(Option<String>, NodeEdit), Error> {
    let edit = NodeEdit {
        internal: fields.given_boolean("internal"),
        isp: fields.given("isp"),
        country: fields.given("country"),
        province: fields.given_or_null("province"),
        city: fields.given_or_null("city"),
        name: fields.given_or_null("name"),
        company: fields.given_or_null("company"),
    };
    let keycode = fields.given::<Keycode>("keycode").map(String::from);
    fields.finish()?;
    Ok((keycode, edit))
}
