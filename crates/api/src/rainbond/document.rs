//! The document of this face.

use utoipa::OpenApi as _;
use utoipa::openapi::OpenApi;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, SecurityScheme};

use super::shapes::{ShapeA, ShapeB, ShapeC, ShapeD};
use super::{v1, v2};
use crate::openapi::{self, Common, Failure, Of};

/// The interface of a Rainbond console, as far as the register speaks it.
#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Cadastre: the Rainbond interface",
        description = "Regions, teams, and which region is open for which team, as clients of a \
            Rainbond console ask for them. Bodies are JSON or forms; a number counts as text, \
            white space around text is cut off, and unknown fields are ignored. Texts for people \
            are Chinese, as the original's. HEAD is answered wherever GET is. `x-right` names the \
            right that an operation takes, `x-changes` tells whether it changes anything.",
    ),
    servers((url = "/", description = "This server")),
    tags(
        (name = "regions", description = "Data centres and clusters."),
        (name = "teams", description = "Groups to which regions are opened."),
        (name = "users", description = "Whom tokens act for."),
        (name = "manage", description = "Regions of every enterprise, for platform tokens only."),
    ),
    paths(
        v1::regions::list,
        v1::regions::add,
        v1::teams::list,
        v1::teams::create,
        v1::teams::read,
        v1::teams::update,
        v1::teams::delete,
        v1::teams::regions::list,
        v1::teams::regions::open,
        v1::teams::regions::close,
        v1::teams::regions::guard,
        v1::users::current,
        v1::regions::read,
        v1::regions::set_status,
        v1::grctl::set_addresses,
        v2::regions::list,
        v2::regions::add,
        v2::regions::read,
        v2::regions::update,
        v2::regions::remove,
    ),
    components(schemas(ShapeA, ShapeB, ShapeC, ShapeD)),
)]
struct Document;

/// The document of this face.
pub fn document() -> OpenApi {
    let key = "The text of a token as it is, without `Bearer` or `Token` in front.";
    let common = Common {
        scheme: "token",
        security: SecurityScheme::ApiKey(ApiKey::Header(ApiKeyValue::with_description(
            "Authorization",
            key,
        ))),
        failure_type: "application/json",
        failure_schema: "ServiceError",
        failures: FAILURES,
    };
    openapi::complete(Document::openapi(), &super::endpoints(), &common)
}

const fn failure(
    status: &'static str,
    of: Of,
    schema: &'static str,
    means: &'static str,
) -> Failure {
    Failure { status, of, schema, means }
}

const FAILURES: &[Failure] = &[
    failure("401", Of::Any, "FrameworkError", "No token was sent, or one that is not accepted."),
    failure("408", Of::Body, "FrameworkError", "The body did not arrive in time."),
    failure("413", Of::Body, "FrameworkError", "The body is too large."),
    failure("415", Of::Body, "FrameworkError", "The body has a type that is not read."),
    failure("429", Of::Any, "FrameworkError", "Too many requests."),
    failure("500", Of::Any, "ServiceError", "A fault of the register. The log tells more."),
    failure("503", Of::Any, "ServiceError", "The database is not available now."),
];
