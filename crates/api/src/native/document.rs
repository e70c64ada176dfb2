//! The document of this face.

use utoipa::OpenApi as _;
use utoipa::openapi::OpenApi;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};

use super::problem::{ProblemView, WrongFieldView};
use super::{
    alarms, audit, availability, certificates, credentials, enterprises, explain, maintenance,
    nodes, openings, regions, results, revisions, teams, tokens, users, variables, watches,
    webhooks,
};
use crate::openapi::{self, Common, Failure, Of};

/// The native interface of the register.
#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Cadastre: the native interface",
        description = "Regions, tokens, users and audit entries: everything \
            that the published interfaces cannot say. Bodies are JSON, names are in snake case, \
            times are in UTC. An unknown field or parameter is refused. Things of other \
            enterprises do not exist for a caller, unless the token is one of the platform. \
            `x-right` names the right that an operation takes, `x-changes` tells whether it \
            changes anything.",
    ),
    servers((url = "/", description = "This server")),
    tags(
        (name = "tokens", description = "Credentials of users and programs."),
        (name = "enterprises", description = "The tenants of the register."),
        (name = "users", description = "Those for whom tokens act."),
        (name = "teams", description = "Groups to which regions are opened."),
        (name = "openings", description = "Which region is open for which team, and how much of it."),
        (name = "audit", description = "Who did what, when, and what it was before and after."),
        (name = "certificates", description = "Which certificates regions show and trust, and when they expire."),
        (name = "history", description = "What regions were, and going back to it."),
        (name = "maintenance", description = "Planned times of maintenance, which the register begins and ends by itself."),
        (name = "watches", description = "From where regions are watched, and how they stand."),
        (name = "results", description = "What dial nodes found, and what that came to."),
        (name = "alarms", description = "What is wrong with nodes and watched regions, and what was."),
        (name = "webhooks", description = "Who is told of alarms, and what is on its way there."),
        (name = "dial variables", description = "Values that dial tasks use by name."),
        (name = "nodes", description = "Places from which regions are watched: whether they are alive, and their keys."),
        (name = "regions", description = "Data centres and clusters, and what is secret about them."),
    ),
    paths(
        tokens::list,
        tokens::create,
        tokens::read,
        tokens::rotate,
        tokens::revoke,
        users::list,
        users::create,
        users::read,
        users::rename,
        enterprises::list,
        enterprises::create,
        enterprises::read,
        enterprises::rename,
        teams::list,
        teams::create,
        teams::read,
        teams::change,
        teams::delete,
        openings::of_team,
        openings::create,
        openings::read,
        openings::change,
        openings::close,
        openings::of_region,
        explain::explain,
        audit::list,
        regions::list,
        regions::writing::create,
        regions::read,
        regions::writing::edit,
        regions::writing::remove,
        regions::writing::set_status,
        credentials::read,
        credentials::change,
        credentials::roll_back,
        certificates::list,
        certificates::list_of_region,
        revisions::list,
        revisions::read,
        revisions::compare,
        revisions::revert,
        watches::create,
        watches::read,
        watches::change,
        watches::remove,
        availability::read,
        maintenance::list,
        maintenance::plan,
        maintenance::read,
        maintenance::change,
        maintenance::cancel,
        nodes::list,
        nodes::read,
        nodes::change,
        nodes::delete,
        nodes::switching::enable,
        nodes::switching::disable,
        nodes::keys::list,
        nodes::keys::add,
        nodes::keys::revoke,
        nodes::agents,
        nodes::run::ask,
        variables::list,
        variables::create,
        variables::read,
        variables::change,
        variables::delete,
        results::list,
        results::rollups,
        alarms::list,
        alarms::read,
        webhooks::list,
        webhooks::create,
        webhooks::read,
        webhooks::change,
        webhooks::delete,
        webhooks::rotate,
        webhooks::trial::test,
        webhooks::deliveries::list,
        webhooks::deliveries::replay,
    ),
    components(schemas(ProblemView, WrongFieldView)),
)]
struct Document;

/// The document of this face.
pub fn document() -> OpenApi {
    let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer);
    let common = Common {
        scheme: "token",
        security: SecurityScheme::Http(
            bearer.description(Some("The text of a token. `Bearer` may be left out.")).build(),
        ),
        failure_type: "application/problem+json",
        failure_schema: "Problem",
        failures: FAILURES,
    };
    openapi::complete(Document::openapi(), &super::endpoints(), &common)
}

const fn failure(status: &'static str, of: Of, means: &'static str) -> Failure {
    Failure { status, of, schema: "Problem", means }
}

const FAILURES: &[Failure] = &[
    failure("400", Of::Input, "The body does not parse, or fields or parameters are wrong."),
    failure("401", Of::Any, "No token was sent, or one that is not accepted."),
    failure("403", Of::Any, "The role of the token does not allow this."),
    failure("408", Of::Body, "The body did not arrive in time."),
    failure("413", Of::Body, "The body is too large."),
    failure("415", Of::Body, "The body is no JSON, or is compressed."),
    failure("429", Of::Any, "Too many requests."),
    failure("500", Of::Any, "A fault of the register. The log tells more."),
    failure("503", Of::Any, "The database is not available now."),
];
