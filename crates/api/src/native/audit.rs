//! `/cadastre/v1/audit`.

use std::fmt::Write as _;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use cadastre_domain::audit::Outcome;
use cadastre_domain::user::UserId;
use cadastre_storage::{AuditFilter, AuditRecord};
use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};

use super::call::Call;
use super::page::Place;
use super::problem::Problem;
use super::query::Query;
use crate::operation::ListAuditEntries;

/// Lists the audit entries about the caller's enterprise, or all for a platform token; the latest
/// first.
pub(super) async fn list(call: Call<ListAuditEntries>) -> Result<HttpResponse, Problem> {
    let mut query = call.query()?;
    let place = Place::read(&mut query, str::parse::<i64>);
    let mut filter = filter(&mut query);
    query.finish().map_err(|error| call.failure(error))?;
    filter.before = place.cursor;
    if let Some(own) = super::own_enterprise(&call.session.caller) {
        // Somebody else's entries are as if there were none.
        if filter.enterprise.is_some_and(|asked| asked != own) {
            return call
                .answer(StatusCode::OK, Ok(place.page(Vec::<Value>::new(), Value::to_string)));
        }
        filter.enterprise = Some(own);
    }
    let limit = place.one_more();
    let entries = call.app.read(move |tx| Ok(tx.list_audit(&filter, limit)?)).await;
    let page = entries.map(|entries| {
        let views = entries.iter().map(audit_entry).collect();
        place.page(views, |view: &Value| view["sequence"].to_string())
    });
    call.answer(StatusCode::OK, page)
}

fn filter(query: &mut Query) -> AuditFilter {
    let outcome = |text: &str| {
        let found = Outcome::ALL.into_iter().find(|outcome| outcome.as_str() == text);
        found.ok_or("must be done, refused or sign_in_failed")
    };
    let yes = |text: &str| match text {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err("must be true or false"),
    };
    AuditFilter {
        enterprise: query.take("enterprise_id", str::parse),
        token: query.take("token_id", str::parse),
        user: query.take("user_id", |text| text.parse().map(UserId)),
        operation: query.text("operation"),
        outcome: query.take("outcome", outcome).map(|outcome| outcome.as_str().to_owned()),
        object_kind: query.text("object_kind"),
        object_id: query.text("object_id"),
        address: query.text("address"),
        revealed: query.take("revealed", yes).unwrap_or_default(),
        since: query.take("since", time),
        until: query.take("until", time),
        before: None,
    }
}

fn time(text: &str) -> Result<DateTime<Utc>, &'static str> {
    let time = DateTime::parse_from_rfc3339(text);
    time.map(|time| time.with_timezone(&Utc)).map_err(|_| "must be a time as 2026-11-24T08:00:00Z")
}

/// An entry, as this face and the command line show it.
pub(crate) fn audit_entry(record: &AuditRecord) -> Value {
    let hash = record.hash.iter().fold(String::new(), |mut text, byte| {
        // Writing to a text does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    });
    let revealed: Vec<_> = record.revealed.split(',').filter(|name| !name.is_empty()).collect();
    json!({
        "sequence": record.sequence,
        "at": record.at.to_rfc3339_opts(SecondsFormat::Micros, true),
        "enterprise_id": record.enterprise_id,
        "token_id": record.token_id,
        "user_id": record.user_id,
        "origin": record.origin,
        "address": record.address,
        "request_id": record.request_id,
        "operation": record.operation,
        "outcome": record.outcome,
        "object_kind": record.object_kind,
        "object_id": record.object_id,
        "changes": serde_json::from_str::<Value>(&record.changes).unwrap_or_default(),
        "revealed": revealed,
        "reason": record.reason,
        "hash": hash,
    })
}
