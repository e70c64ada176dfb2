//! Credentials, certificates and versions of regions on the native face.

use super::{NO, NONE, Row, STRANGER, Whose, row};
use Whose::{Foreign, Nobodys, Own, Unknown};

/// Those who read regions.
const READERS: [&str; 6] = ["200", "200", "200", "200", NO, NO];
/// Those who change regions.
const MANAGERS: [&str; 6] = ["200", "200", "200", NO, NO, NO];

/// The region has no set of credentials before the present one.
const NOTHING: &str = "409 nothing_before";

/// The rows of credentials, certificates and versions.
pub fn rows() -> Vec<Row> {
    [certificates(), reading(), changing()].into_iter().flatten().collect()
}

/// The same for a region of the callers, of others and of nobody, where `of_roles` is what comes of
/// the first.
fn of_each(
    operation: &'static str,
    requests: [&'static str; 3],
    body: &'static str,
    of_roles: [&'static str; 6],
) -> Vec<Row> {
    let hidden = |found: &'static str| if found == NO { NO } else { NONE };
    let nobody = of_roles.map(hidden);
    let mut foreign = nobody;
    foreign[0] = of_roles[0];
    let rows = [(Own, of_roles), (Foreign, foreign), (Unknown, nobody)].into_iter().zip(requests);
    rows.map(|((whose, of_roles), request)| {
        row((operation, "region", whose), request, body, of_roles, STRANGER)
    })
    .collect()
}

fn certificates() -> Vec<Row> {
    let list = "GET /cadastre/v1/certificates";
    let mut rows = of_each(
        "list_region_certificates",
        [
            "GET /cadastre/v1/regions/{r1}/certificates",
            "GET /cadastre/v1/regions/{foreign}/certificates",
            "GET /cadastre/v1/regions/{unknown}/certificates",
        ],
        "",
        READERS,
    );
    rows.push(row(("list_certificates", "", Nobodys), list, "", READERS, STRANGER));
    rows
}

fn reading() -> Vec<Row> {
    let lists = of_each(
        "list_revisions",
        [
            "GET /cadastre/v1/regions/{r1}/revisions",
            "GET /cadastre/v1/regions/{foreign}/revisions",
            "GET /cadastre/v1/regions/{unknown}/revisions",
        ],
        "",
        READERS,
    );
    let single = of_each(
        "get_revision",
        [
            "GET /cadastre/v1/regions/{r1}/revisions/1",
            "GET /cadastre/v1/regions/{foreign}/revisions/1",
            "GET /cadastre/v1/regions/{unknown}/revisions/1",
        ],
        "",
        READERS,
    );
    let compared = of_each(
        "compare_revisions",
        [
            "GET /cadastre/v1/regions/{r1}/revisions/compare?from=1&to=1",
            "GET /cadastre/v1/regions/{foreign}/revisions/compare?from=1&to=1",
            "GET /cadastre/v1/regions/{unknown}/revisions/compare?from=1&to=1",
        ],
        "",
        READERS,
    );
    [lists, single, compared].into_iter().flatten().collect()
}

fn changing() -> Vec<Row> {
    let patch = of_each(
        "change_region_credentials",
        [
            "PATCH /cadastre/v1/regions/{r1}/credentials",
            "PATCH /cadastre/v1/regions/{foreign}/credentials",
            "PATCH /cadastre/v1/regions/{unknown}/credentials",
        ],
        r#"{"token": "of {caller}"}"#,
        MANAGERS,
    );
    let revert = of_each(
        "revert_region",
        [
            "POST /cadastre/v1/regions/{r1}/revisions/1/revert",
            "POST /cadastre/v1/regions/{foreign}/revisions/1/revert",
            "POST /cadastre/v1/regions/{unknown}/revisions/1/revert",
        ],
        "",
        MANAGERS,
    );
    let back = of_each(
        "roll_back_region_credentials",
        [
            "POST /cadastre/v1/regions/{np}/credentials/rollback",
            "POST /cadastre/v1/regions/{nf}/credentials/rollback",
            "POST /cadastre/v1/regions/{unknown}/credentials/rollback",
        ],
        "",
        [NOTHING, NOTHING, NOTHING, NO, NO, NO],
    );
    [patch, revert, back].into_iter().flatten().collect()
}
