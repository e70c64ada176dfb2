//! `/cadastre/v1/regions/{region_id}/explain`.

use actix_web::HttpResponse;
use cadastre_domain::region::OpeningUse;
use cadastre_domain::visibility::{Finding, Rule, Verdict};
use cadastre_storage::Tx;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::{RefOr, Schema};

use super::call::Call;
use super::closing::opening_use;
use super::headers::IfNoneMatch;
use super::problem::Problem;
use crate::openapi::one_of;
use crate::operation::ExplainRegion;
use crate::reads::ReadClass;
use crate::service::explanations::{self, Explained};
use crate::service::regions::change::Named as NamedRegion;
use crate::service::teams::Named as NamedTeam;

/// Who sees a region and who may open it, and why.
#[derive(Serialize, ToSchema)]
#[schema(as = Explanation)]
pub(super) struct ExplanationView {
    region_id: String,
    team_id: String,
    /// Whether the caller sees the region. Who does not is told that there is none.
    caller_sees: VerdictView,
    /// Whether the team sees the region.
    team_sees: VerdictView,
    /// Whether the caller may open the region for the team.
    may_open: VerdictView,
    /// Whether the region is open for the team.
    open: bool,
    /// What the opening is worth to the team now; null when there is none.
    #[schema(required, schema_with = worth)]
    r#use: Option<&'static str>,
}

/// The answer to a question, and how it came about: yes when all rules hold.
#[derive(Serialize, ToSchema)]
#[schema(as = Verdict)]
pub(super) struct VerdictView {
    granted: bool,
    /// Every rule that was asked, in the order in which refusals are told.
    rules: Vec<FindingView>,
}

/// What came of asking one rule.
#[derive(Serialize, ToSchema)]
#[schema(as = Finding)]
pub(super) struct FindingView {
    /// The rule: a word that does not change.
    #[schema(schema_with = rule)]
    rule: &'static str,
    holds: bool,
    /// Why, for people.
    why: String,
}

fn rule() -> RefOr<Schema> {
    one_of(Rule::ALL.map(Rule::as_str))
}

/// What an opening is worth, or null.
fn worth() -> RefOr<Schema> {
    let RefOr::T(Schema::Object(mut object)) = opening_use() else { return opening_use() };
    object.schema_type =
        [utoipa::openapi::Type::String, utoipa::openapi::Type::Null].into_iter().collect();
    if let Some(values) = &mut object.enum_values {
        values.push(serde_json::Value::Null);
    }
    RefOr::T(Schema::Object(object))
}

impl From<Verdict> for VerdictView {
    fn from(verdict: Verdict) -> Self {
        let rules = verdict.findings.into_iter().map(|Finding { rule, holds, why }| FindingView {
            rule: rule.as_str(),
            holds,
            why,
        });
        Self { granted: verdict.granted, rules: rules.collect() }
    }
}

impl From<Explained> for ExplanationView {
    fn from(explained: Explained) -> Self {
        let Explained { region, team, caller_sees, explanation } = explained;
        Self {
            region_id: region.id.to_string(),
            team_id: team.id.to_string(),
            caller_sees: caller_sees.into(),
            team_sees: explanation.sees.into(),
            may_open: explanation.may_open.into(),
            open: explanation.opening_use.is_some(),
            r#use: explanation.opening_use.map(OpeningUse::as_str),
        }
    }
}

/// The team that an explanation is about.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes a parameter that is read elsewhere")]
pub(super) struct TeamQuery {
    /// The identifier of the team.
    team: String,
}

/// Explains who sees a region and who may open it, rule by rule.
///
/// The rules are those that decide. A team token asks about its own teams, and about regions that
/// it sees.
#[utoipa::path(
    get,
    path = "/cadastre/v1/regions/{region_id}/explain",
    tag = "openings",
    params(
        ("region_id" = String, Path, description = "The identifier of the region."),
        TeamQuery,
        IfNoneMatch,
    ),
    responses(
        (status = 200, description = "The explanation.", body = ExplanationView),
        (status = 304, description = "The caller's copy is still good."),
        (status = 404, description = "There is no such region or team for the caller."),
    ),
)]
pub(super) async fn explain(call: Call<ExplainRegion>) -> Result<HttpResponse, Problem> {
    let mut query = call.query()?;
    let team = query.required("team");
    query.finish().map_err(|error| call.failure(error))?;
    let team = NamedTeam::Id(team.unwrap_or_default());
    let (region, caller) = (NamedRegion::id(&call.path("region_id")), call.session.caller.clone());
    // Each team of the caller's token is asked about.
    let class = ReadClass::Page(caller.enterprise_id);
    let work = move |tx: &mut dyn Tx| explanations::explain(tx, &caller, &region, &team);
    let found = call.app.read_as(class, work).await;
    call.content(found.map(ExplanationView::from))
}
