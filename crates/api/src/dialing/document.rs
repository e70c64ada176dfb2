//! The document of this face.

use utoipa::OpenApi as _;
use utoipa::openapi::OpenApi;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, SecurityScheme};

use super::wire::{Empty, Envelope};
use super::{nodes, tasks};
use crate::openapi::{self, Common, Failure, Of};

/// The interface for dial-testing nodes.
#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Cadastre: the dialing interface",
        description = "Self-built dial-testing nodes, as clients of the Guance OpenAPI manage \
            them. Bodies are JSON, and every answer comes in an envelope. The key selects the \
            workspace. `x-right` names the right that an operation takes, `x-changes` tells \
            whether it changes anything.",
    ),
    servers((url = "/", description = "This server")),
    tags(
        (name = "nodes", description = "Places from which regions are watched."),
        (name = "tasks", description = "What nodes dial."),
    ),
    paths(
        nodes::register,
        nodes::list,
        nodes::info,
        nodes::modify,
        nodes::delete,
        nodes::delete_by_get,
        nodes::public,
        tasks::add,
        tasks::add_multi,
        tasks::list,
        tasks::set_disable,
        tasks::delete,
        tasks::get,
        tasks::modify,
        tasks::modify_multi,
    ),
    components(schemas(Envelope<Empty>)),
)]
struct Document;

/// The document of this face.
pub fn document() -> OpenApi {
    let key = ApiKeyValue::with_description("DF-API-KEY", "The text of a token.");
    let common = Common {
        scheme: "key",
        security: SecurityScheme::ApiKey(ApiKey::Header(key)),
        failure_type: "application/json",
        failure_schema: "Envelope_Empty",
        failures: FAILURES,
    };
    openapi::complete(Document::openapi(), &super::endpoints(), &common)
}

const fn failure(status: &'static str, of: Of, means: &'static str) -> Failure {
    Failure { status, of, schema: "Envelope_Empty", means }
}

const FAILURES: &[Failure] = &[
    failure("400", Of::Input, "The body is no JSON object, or fields or parameters are wrong."),
    failure("401", Of::Any, "Too many requests; by setting, also a key that is not accepted."),
    failure("403", Of::Any, "The key is not accepted, or its role does not allow this."),
    failure("408", Of::Body, "The body did not arrive in time."),
    failure("413", Of::Body, "The body is too large."),
    failure("415", Of::Body, "The body is no JSON, or is compressed."),
    failure("500", Of::Any, "A fault of the register. The log tells more."),
    failure("503", Of::Any, "The database is not available now."),
];
